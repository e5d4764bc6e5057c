// DomainTests.cs - domains with playing components are unloaded without a word before, as if the editor forgot to tell: the worst case.
using System;
using System.Diagnostics;
using NUnit.Framework;
using StreamKinect2.Unity;
using StreamKinect2.Unity.Tests;
using UnityEngine;

namespace StreamKinect2.Headless
{
    public sealed class DomainTests
    {
        private const int Cycles = 10;

        [Test]
        public void UnloadingWhilePlayingNeitherHangsNorLeavesAnything()
        {
            for (int i = 0; i < Cycles; i++)
            {
                AppDomain domain = AppDomain.CreateDomain("play " + i, null, AppDomain.CurrentDomain.SetupInformation);
                Type type = typeof(Game);
                var game = (Game)domain.CreateInstanceAndUnwrap(type.Assembly.FullName, type.FullName);
                game.Play();
                Assert.Greater(KinectLibrary.LiveObjects, 0);
                var clock = Stopwatch.StartNew();
                AppDomain.Unload(domain);
                Assert.AreEqual(0, KinectLibrary.LiveObjects);
                Assert.Greater(5000L, clock.ElapsedMilliseconds, "ms for unloading");
            }
        }

        /// <summary>Lives in the other domain, with its own stub of UnityEngine and its own binding; the native library is one.</summary>
        private sealed class Game : MarshalByRefObject
        {
            public void Play()
            {
                var server = new LoopbackServer();
                server.Add("kinect");
                var holder = new GameObject("Kinect");
                holder.AddComponent<KinectClient>().Endpoint = server.Endpoint;
                var depth = holder.AddComponent<DepthSource>();
                for (var patience = new Patience(); depth.FrameCount < 5 && patience.Lasts;) Player.FrameAndPause();
                if (depth.FrameCount < 5) throw new TimeoutException("no frames in the domain");
            }
        }
    }
}
