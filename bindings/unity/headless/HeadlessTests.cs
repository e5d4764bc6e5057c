// HeadlessTests.cs - tests that need the stub: they look where Unity lets nobody look, or play the editor.
using System;
using System.Collections;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using NUnit.Framework;
using StreamKinect2.Samples;
using StreamKinect2.Unity;
using StreamKinect2.Unity.Tests;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.TestTools;
using Object = UnityEngine.Object;

namespace StreamKinect2.Headless
{
    public sealed class HeadlessTests
    {
        private LoopbackServer server;
        private GameObject holder;

        [SetUp]
        public void Serve()
        {
            server = new LoopbackServer();
            server.Add("kinect", 128, 106, 250);
            holder = new GameObject("Kinect");
            holder.AddComponent<KinectClient>().Endpoint = server.Endpoint;
        }

        [TearDown]
        public void End()
        {
            Object.DestroyImmediate(holder);
            server.Dispose();
            Player.Frame(); // what is doomed goes at a frame's end
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
            Assert.AreEqual(0, Player.GraphicsAlive, "textures, meshes and materials stay behind");
        }

        [UnityTest]
        public IEnumerator AThousandFramesMakeNoGarbage()
        {
            var depth = holder.AddComponent<DepthSource>();
            var infrared = holder.AddComponent<InfraredSource>();
            long pictures = 0;
            depth.Updated += source => pictures++;
            while (depth.FrameCount < 20 || infrared.FrameCount < 20) yield return null; // by then all is there that stays

            long before = pictures, garbage = 0;
            while (pictures - before < 1000)
            {
                long allocated = Player.AllocatedBytes();
                Player.Frame();
                garbage += Player.AllocatedBytes() - allocated;
                yield return null;
            }
            Assert.AreEqual(0, garbage);
        }

        [UnityTest]
        public IEnumerator StatisticsMakeNoGarbageBetweenTexts()
        {
            holder.AddComponent<DepthSource>();
            var statistics = holder.AddComponent<StreamStatistics>();
            while (!statistics.Text.Contains("frames/s")) yield return null;
            for (int frame = 0; frame < 200; frame++)
            {
                string text = statistics.Text;
                long allocated = Player.AllocatedBytes();
                Player.Frame();
                allocated = Player.AllocatedBytes() - allocated;
                if (ReferenceEquals(text, statistics.Text)) Assert.AreEqual(0, allocated);
                Assert.AreEqual(statistics.Text, GUI.Shown[0]);
            }
        }

        // What runs callbacks of clients, browsers and servers are threads of these names, which begin with the first callback.
        [UnityTest]
        public IEnumerator NoThreadOfTheLibraryCallsManagedCode()
        {
            holder.SetActive(false);
            holder.AddComponent<KinectBrowser>().Address = "127.0.0.1";
            holder.SetActive(true);
            holder.AddComponent<StreamStatistics>();
            var depth = holder.AddComponent<DepthSource>();
            while (depth.FrameCount < 20) yield return null;
            string[] threads = Directory.GetDirectories("/proc/self/task").Select(task => File.ReadAllText(task + "/comm").Trim()).ToArray();
            Assert.IsTrue(threads.Contains("kinect2-client") && threads.Contains("kinect2-browse"), string.Join(" ", threads));
            Assert.AreEqual("", string.Join(" ", threads.Intersect(new[] { "kinect2-calls", "kinect2-browser", "kinect2-events" })));
        }

        [UnityTest]
        public IEnumerator ThePointCloudHasAVertexForEachPixelAndTheTexture()
        {
            holder.AddComponent<PointCloud>();
            Texture2D texture;
            while ((texture = holder.GetComponent<DepthSource>().Texture) == null) yield return null;
            yield return null;

            Mesh mesh = holder.GetComponent<MeshFilter>().sharedMesh;
            Assert.AreEqual(128 * 106, mesh.vertices.Length);
            Assert.AreEqual(MeshTopology.Points, mesh.Topology);
            Assert.AreEqual(IndexFormat.UInt32, mesh.indexFormat);
            Vector3 last = mesh.vertices[mesh.Indices[128 * 106 - 1]];
            Assert.AreEqual(127f, last.x);
            Assert.AreEqual(105f, last.y);

            Material material = holder.GetComponent<MeshRenderer>().sharedMaterial;
            Assert.IsTrue(ReferenceEquals(texture, material.Values[Shader.PropertyToID("_Depth")]));
            DepthIntrinsics camera = DepthIntrinsics.NominalKinect2.ResampledTo(128, 106);
            var intrinsics = new Vector4(camera.FocalX, camera.FocalY, camera.CentreX, camera.CentreY);
            Assert.AreEqual(intrinsics, material.Values[Shader.PropertyToID("_Intrinsics")]);
        }

        [UnityTest]
        public IEnumerator APointCloudThatIsDisabledLeavesNothingToShow()
        {
            var cloud = holder.AddComponent<PointCloud>();
            var filter = holder.GetComponent<MeshFilter>();
            var renderer = holder.GetComponent<MeshRenderer>();
            for (int time = 0; time < 2; time++)
            {
                while (filter.sharedMesh == null) yield return null;
                Assert.IsFalse(renderer.sharedMaterial == null);
                cloud.enabled = false;
                Assert.IsTrue(ReferenceEquals(filter.sharedMesh, null) && ReferenceEquals(renderer.sharedMaterial, null));
                yield return null;
                cloud.enabled = true;
            }
        }

        [UnityTest]
        public IEnumerator APointCloudWithoutItsShaderSaysWhatToDo()
        {
            LogAssert.Expect(LogType.Error, new Regex("Point Cloud: .*Always Included Shaders"));
            Shader.IsStripped = true;
            var cloud = holder.AddComponent<PointCloud>();
            Shader.IsStripped = false;
            Assert.IsFalse(cloud.enabled);
            while (holder.GetComponent<DepthSource>().FrameCount == 0) yield return null;
        }

        // The editor says that playing ends before it destroys anything.
        [UnityTest]
        public IEnumerator WhenTheApplicationQuitsEverythingEnds()
        {
            var depth = holder.AddComponent<DepthSource>();
            while (depth.FrameCount == 0) yield return null;
            Application.Quit();
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
            Player.Frame();
            Assert.IsNull(depth.Texture);
        }

        [UnityTest]
        public IEnumerator WhenTheEditorStopsPlayingItsOwnObjectsGoOn()
        {
            var depth = holder.AddComponent<DepthSource>();
            while (depth.FrameCount == 0) yield return null;
            Application.isEditor = true;
            Application.Quit();
            Application.isEditor = false;
            Assert.AreEqual(2, KinectLibrary.LiveObjects, "server and device");
        }

        [UnityTest]
        public IEnumerator BeforeTheEditorReloadsItsDomainEverythingEnds()
        {
            var depth = holder.AddComponent<DepthSource>();
            while (depth.FrameCount == 0) yield return null;
            AssemblyReloadEvents.Reload();
            Assert.AreEqual(0, KinectLibrary.LiveObjects);
        }

        [UnityTest]
        public IEnumerator TheInspectorsShowServersAndKinects()
        {
            string name = "Unity " + Guid.NewGuid().ToString("N").Substring(0, 8);
            using (new LoopbackServer(name))
            {
                var client = holder.GetComponent<KinectClient>();
                while (!client.IsConnected) yield return null;
                Assert.IsTrue(Inspect(client).Contains("Status: connected to"), Inspect(client));
                Assert.IsTrue(Inspect(client).Contains("kinect"), Inspect(client));

                // Without playing: the inspector looks itself.
                Application.isPlaying = false;
                var idle = new GameObject("Browser", typeof(KinectClient));
                idle.SetActive(false);
                var browser = idle.AddComponent<KinectBrowser>();
                browser.Address = "127.0.0.1";
                Editor inspector = Editor.CreateEditor(browser);
                GUILayout.Pressed = "Look for servers";
                inspector.OnInspectorGUI();
                GUILayout.Pressed = null;
                for (var patience = new Patience(); !Inspect(inspector).Contains(name) && patience.Lasts;)
                {
                    EditorApplication.update();
                    yield return null;
                }
                Assert.IsTrue(Inspect(inspector).Contains(name + ": tcp://127.0.0.1:"), Inspect(inspector));
                GUILayout.Pressed = "Use"; // of whichever servers there are
                inspector.OnInspectorGUI();
                GUILayout.Pressed = null;
                Assert.IsTrue(browser.Servers.Count == 0 && idle.GetComponent<KinectClient>().ServerName != "*");
                Object.DestroyImmediate(inspector);
                Object.DestroyImmediate(idle);
                Application.isPlaying = true;
            }
        }

        private static string Inspect(Object target)
        {
            Editor inspector = Editor.CreateEditor(target);
            string shown = Inspect(inspector);
            Object.DestroyImmediate(inspector);
            return shown;
        }

        private static string Inspect(Editor inspector)
        {
            EditorGUILayout.Shown.Clear();
            inspector.OnInspectorGUI();
            return string.Join("\n", EditorGUILayout.Shown);
        }
    }
}
