// CreateMenuTests.cs - the menu makes objects that have all they need.
using NUnit.Framework;
using UnityEditor;
using UnityEngine;

namespace StreamKinect2.Unity.Editor.Tests
{
    public sealed class CreateMenuTests
    {
        [Test]
        public void ADepthSourceComesWithAConnection()
        {
            CreateMenu.Create<DepthSource>("Kinect Depth", new MenuCommand(null));
            var created = (GameObject)Selection.activeObject;
            Assert.AreEqual("Kinect Depth", created.name);
            Assert.IsNotNull(created.GetComponent<DepthSource>());
            Assert.AreEqual("*", created.GetComponent<KinectClient>().ServerName);
            Object.DestroyImmediate(created);
        }
    }
}
