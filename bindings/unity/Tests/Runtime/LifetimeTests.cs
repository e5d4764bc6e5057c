// LifetimeTests.cs - nothing stays behind: not when playing stops, not when the domain is about to be reloaded.
using System.Collections;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace StreamKinect2.Unity.Tests
{
    public sealed class LifetimeTests
    {
        [UnityTest]
        public IEnumerator PlayingAndStoppingTwentyTimesLeavesNothing()
        {
            using (var server = new LoopbackServer())
            {
                server.Add("kinect");
                int before = KinectLibrary.LiveObjects;
                for (int i = 0; i < 20; i++)
                {
                    GameObject holder = Kinect(server);
                    var depth = holder.GetComponent<DepthSource>();
                    for (var patience = new Patience(); depth.FrameCount < 2 && patience.Lasts;) yield return null;
                    Assert.Greater(depth.FrameCount, 1L);
                    Assert.Greater(KinectLibrary.LiveObjects, before);
                    Object.DestroyImmediate(holder);
                    Assert.AreEqual(before, KinectLibrary.LiveObjects);
                }
            }
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
        }

        // Before a reload Unity tells the package first, and disables components afterwards.
        [UnityTest]
        public IEnumerator TheEndOfTheDomainEndsEverythingWhileFramesFlow()
        {
            using (var server = new LoopbackServer())
            {
                server.Add("kinect");
                GameObject holder = Kinect(server);
                var depth = holder.GetComponent<DepthSource>();
                for (var patience = new Patience(); depth.FrameCount < 2 && patience.Lasts;) yield return null;
                KinectLifetime.End();
                Assert.AreEqual(0, KinectLibrary.LiveObjects);
                yield return null;
                Assert.IsNull(depth.Texture);
                Object.DestroyImmediate(holder);
            }
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
        }

        private static GameObject Kinect(LoopbackServer server)
        {
            var holder = new GameObject("Kinect");
            holder.SetActive(false);
            holder.AddComponent<KinectBrowser>().Address = "127.0.0.1";
            holder.AddComponent<KinectClient>().Endpoint = server.Endpoint;
            holder.AddComponent<DepthSource>();
            holder.AddComponent<InfraredSource>();
            holder.AddComponent<StreamStatistics>();
            holder.SetActive(true);
            return holder;
        }
    }
}
