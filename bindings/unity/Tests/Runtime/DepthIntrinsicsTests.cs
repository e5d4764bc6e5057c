// DepthIntrinsicsTests.cs - pixels become points.
using NUnit.Framework;
using UnityEngine;

namespace StreamKinect2.Unity.Tests
{
    public sealed class DepthIntrinsicsTests
    {
        private const float Tolerance = 1e-4f;

        [Test]
        public void TheMiddleLooksStraightAheadAndUpIsUp()
        {
            DepthIntrinsics camera = DepthIntrinsics.NominalKinect2;
            Near(new Vector3(0, 0, 2), camera.Unproject(camera.CentreX, camera.CentreY, 2000));
            Near(new Vector3(2, 0, 2), camera.Unproject(camera.CentreX + camera.FocalX, camera.CentreY, 2000));
            Near(new Vector3(0, 2, 2), camera.Unproject(camera.CentreX, camera.CentreY - camera.FocalY, 2000));
        }

        [Test]
        public void AnotherSizeSeesTheSameFieldOfView()
        {
            DepthIntrinsics whole = DepthIntrinsics.NominalKinect2, half = whole.ResampledTo(256, 212);
            // The edges of the image: half a pixel outside of the middles of the outermost ones.
            Near(whole.Unproject(-0.5f, -0.5f, 1000), half.Unproject(-0.5f, -0.5f, 1000));
            Near(whole.Unproject(511.5f, 423.5f, 1000), half.Unproject(255.5f, 211.5f, 1000));
        }

        private static void Near(Vector3 expected, Vector3 actual)
        {
            bool near = System.Math.Abs(expected.x - actual.x) < Tolerance && System.Math.Abs(expected.y - actual.y) < Tolerance &&
                        System.Math.Abs(expected.z - actual.z) < Tolerance;
            Assert.IsTrue(near, Text(actual) + " is not " + Text(expected));
        }

        private static string Text(Vector3 point) => "(" + point.x + ", " + point.y + ", " + point.z + ")";
    }
}
