// ImageSourceTests.cs - what is in the textures, and whose it is.
using System.Collections;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace StreamKinect2.Unity.Tests
{
    public sealed class ImageSourceTests
    {
        private LoopbackServer server;
        private GameObject holder;

        [SetUp]
        public void Serve()
        {
            server = new LoopbackServer();
            server.Add("first");
            holder = new GameObject("Kinect");
            holder.AddComponent<KinectClient>().Endpoint = server.Endpoint;
        }

        [TearDown]
        public void End()
        {
            Object.DestroyImmediate(holder);
            server.Dispose();
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
        }

        [UnityTest]
        public IEnumerator TheTextureHasExactlyThePixelsOfItsFrame()
        {
            server.Add("sensor", 512, 424, 60);
            var source = holder.AddComponent<DepthSource>();
            source.KinectId = "sensor";
            int compared = 0;
            source.Updated += updated =>
            {
                bool? same = server.Produced("sensor", Streams.Depth, updated.Frame.Sequence, updated.Texture.GetRawTextureData<ushort>());
                Assert.IsTrue(same != false, "depth frame " + updated.Frame.Sequence + " has other pixels");
                if (same == true) compared++;
            };
            for (var patience = new Patience(); compared < 60 && patience.Lasts;) yield return null;
            Assert.Greater(compared, 59);
            Assert.AreEqual("sensor", source.CurrentKinect);
            Assert.AreEqual(TextureFormat.R16, source.Texture.format);
            Assert.AreEqual(512, source.Texture.width);
            Assert.AreEqual(424, source.Texture.height);
        }

        [UnityTest]
        public IEnumerator DepthAndInfraredComeOverOneConnection()
        {
            var depth = holder.AddComponent<DepthSource>();
            var infrared = holder.AddComponent<InfraredSource>();
            int compared = 0;
            infrared.Updated += updated =>
            {
                bool? same = server.Produced("first", Streams.Infrared, updated.Frame.Sequence, updated.Texture.GetRawTextureData<ushort>());
                Assert.IsTrue(same != false, "infrared frame " + updated.Frame.Sequence + " has other pixels");
                if (same == true) compared++;
            };
            for (var patience = new Patience(); (compared < 20 || depth.FrameCount < 20) && patience.Lasts;) yield return null;
            Assert.Greater(compared, 19);
            Assert.Greater(depth.FrameCount, 19L);
        }

        [UnityTest]
        public IEnumerator ASourceTakesTheKinectThatItIsToldAndTheTextureGetsItsSize()
        {
            server.Add("second", 64, 53);
            var source = holder.AddComponent<DepthSource>();
            source.KinectId = "second";
            for (var patience = new Patience(); source.Texture == null && patience.Lasts;) yield return null;
            Assert.AreEqual("second", source.CurrentKinect);
            Assert.AreEqual(64, source.Texture.width);

            Texture2D small = source.Texture;
            source.KinectId = "first";
            for (var patience = new Patience(); source.Texture == small && patience.Lasts;) yield return null;
            Assert.AreEqual("first", source.CurrentKinect);
            Assert.AreEqual(128, source.Texture.width);
            yield return null;
            Assert.IsTrue(small == null, "the texture of the other size is still there");
        }

        [UnityTest]
        public IEnumerator TwoSourcesOfOneStreamTakeTwoKinects()
        {
            server.Add("second");
            var one = holder.AddComponent<DepthSource>();
            var other = holder.AddComponent<DepthSource>();
            for (var patience = new Patience(); (one.FrameCount == 0 || other.FrameCount == 0) && patience.Lasts;) yield return null;
            Assert.IsTrue(one.CurrentKinect != other.CurrentKinect && one.CurrentKinect != null && other.CurrentKinect != null);
        }

        [UnityTest]
        public IEnumerator ADisabledSourceHoldsNothingAndGoesOnWhenItIsEnabled()
        {
            var source = holder.AddComponent<DepthSource>();
            for (var patience = new Patience(); source.FrameCount == 0 && patience.Lasts;) yield return null;
            int objects = KinectLibrary.LiveObjects;
            source.enabled = false;
            Assert.IsNull(source.Texture);
            Assert.IsNull(source.Frame);
            Assert.IsNull(source.CurrentKinect);
            Assert.AreEqual(objects - 1, KinectLibrary.LiveObjects, "it held its frame");
            source.enabled = true;
            for (var patience = new Patience(); source.FrameCount == 0 && patience.Lasts;) yield return null;
            Assert.Greater(source.FrameCount, 0L);
        }
    }
}
