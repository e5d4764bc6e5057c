// ConnectionTests.cs - finding servers, losing them, and what is said about it.
using System.Collections;
using System.Linq;
using System.Text.RegularExpressions;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace StreamKinect2.Unity.Tests
{
    public sealed class ConnectionTests
    {
        private GameObject holder;

        [SetUp]
        public void Begin() => holder = new GameObject("Kinect");

        [TearDown]
        public void End()
        {
            Object.DestroyImmediate(holder);
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
        }

        [UnityTest]
        public IEnumerator FramesComeAgainWhenTheServerDoes()
        {
            var client = holder.AddComponent<KinectClient>();
            var source = holder.AddComponent<DepthSource>();
            int port;
            using (var server = new LoopbackServer())
            {
                server.Add("kinect");
                port = server.Port;
                client.Endpoint = server.Endpoint;
                for (var patience = new Patience(); source.FrameCount == 0 && patience.Lasts;) yield return null;
                Assert.IsTrue(client.IsConnected);
                Assert.AreEqual("kinect", client.Kinects.Single());
            }
            for (var patience = new Patience(); client.IsConnected && patience.Lasts;) yield return null;
            Assert.IsFalse(client.IsConnected);
            Assert.AreEqual(0, client.Kinects.Count);
            Assert.IsTrue(client.Status.StartsWith("no answer"), client.Status);

            long before = source.FrameCount;
            using (var server = new LoopbackServer("", port))
            {
                server.Add("kinect");
                for (var patience = new Patience(); source.FrameCount == before && patience.Lasts;) yield return null;
                Assert.Greater(source.FrameCount, before);
                holder.SetActive(false);
            }
        }

        [UnityTest]
        public IEnumerator AServerIsFoundByItsName()
        {
            string name = "Unity " + System.Guid.NewGuid().ToString("N").Substring(0, 8);
            using (var server = new LoopbackServer(name))
            {
                server.Add("kinect");
                var client = holder.AddComponent<KinectClient>();
                var source = holder.AddComponent<DepthSource>();
                client.ServerName = name;
                yield return null;
                Assert.AreEqual("looking for \"" + name + "\"", client.Status);
                for (var patience = new Patience(); source.FrameCount == 0 && patience.Lasts;) yield return null;
                Assert.Greater(source.FrameCount, 0L);
                Assert.AreEqual("connected to " + name, client.Status);
                holder.SetActive(false);
            }
        }

        [UnityTest]
        public IEnumerator AnotherEndpointIsAnotherConnection()
        {
            using (var one = new LoopbackServer())
            using (var other = new LoopbackServer())
            {
                one.Add("one");
                other.Add("other");
                var client = holder.AddComponent<KinectClient>();
                var source = holder.AddComponent<DepthSource>();
                client.Endpoint = one.Endpoint;
                for (var patience = new Patience(); source.CurrentKinect != "one" && patience.Lasts;) yield return null;
                client.Endpoint = other.Endpoint;
                for (var patience = new Patience(); source.CurrentKinect != "other" && patience.Lasts;) yield return null;
                Assert.AreEqual("other", source.CurrentKinect);
                holder.SetActive(false);
                Assert.IsNull(client.Client);
            }
        }

        [UnityTest]
        public IEnumerator AWrongEndpointIsLoggedOnceWithTheLibrarysWords()
        {
            LogAssert.Expect(LogType.Error, new Regex("Kinect Client: .*nonsense"));
            var client = holder.AddComponent<KinectClient>();
            client.Endpoint = "nonsense";
            for (int frame = 0; frame < 3; frame++) yield return null;
            Assert.IsNull(client.Client);
            Assert.IsTrue(client.Status.Contains("nonsense"), client.Status);
        }

        [UnityTest]
        public IEnumerator TheBrowserListsServersAsTheyComeAndGo()
        {
            string stem = "Unity " + System.Guid.NewGuid().ToString("N").Substring(0, 8);
            holder.SetActive(false);
            var browser = holder.AddComponent<KinectBrowser>();
            browser.Address = "127.0.0.1";
            System.Func<ServerInfo[]> ours = () => browser.Servers.Where(found => found.Name.StartsWith(stem)).ToArray();
            int changes = 0;
            browser.Changed += changed => changes++;
            holder.SetActive(true);
            using (var stays = new LoopbackServer(stem + " stays"))
            {
                using (var goes = new LoopbackServer(stem + " goes"))
                {
                    for (var patience = new Patience(); ours().Length < 2 && patience.Lasts;) yield return null;
                    Assert.AreEqual(goes.Endpoint, ours().Single(found => found.Name == goes.Name).Endpoint);
                    Assert.AreEqual(stays.Endpoint, ours().Single(found => found.Name == stays.Name).Endpoint);
                }
                for (var patience = new Patience(); ours().Length > 1 && patience.Lasts;) yield return null;
                Assert.AreEqual(stays.Name, ours().Single().Name);
            }
            Assert.Greater(changes, 1);
        }

        [UnityTest]
        public IEnumerator StatisticsTellFramesAndLatency()
        {
            using (var server = new LoopbackServer())
            {
                server.Add("kinect");
                holder.AddComponent<KinectClient>().Endpoint = server.Endpoint;
                var source = holder.AddComponent<DepthSource>();
                var statistics = holder.AddComponent<StreamStatistics>();
                Assert.IsNotNull(source);
                for (var patience = new Patience(); !statistics.Text.Contains("frames/s") && patience.Lasts;) yield return null;
                var expected = new Regex(
                    @"^connected to .*\nDepth: kinect  128x106  [0-9.]+ frames/s  [0-9.]+ Mbit/s  lost \d+  dropped \d+  corrupt 0");
                Assert.IsTrue(expected.IsMatch(statistics.Text), statistics.Text);
                holder.SetActive(false);
            }
        }
    }
}
