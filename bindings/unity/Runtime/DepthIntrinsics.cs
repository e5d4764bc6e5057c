// DepthIntrinsics.cs - how the pixels of a depth camera become points in space.
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>Focal lengths and principal point of a pinhole camera, in pixels; the middle of the first pixel is at (0, 0).</summary>
    /// <remarks>The lens of a Kinect v2 distorts radially besides (k1 about 0.09), which this leaves out: some pixels in the corners.</remarks>
    public readonly struct DepthIntrinsics
    {
        /// <summary>Columns and rows of the sensor's depth image.</summary>
        public const int SensorWidth = 512, SensorHeight = 424;

        /// <summary>Focal length along the rows and along the columns.</summary>
        public readonly float FocalX, FocalY;

        /// <summary>Where the optical axis meets the image: column and row.</summary>
        public readonly float CentreX, CentreY;

        /// <summary>All in pixels.</summary>
        public DepthIntrinsics(float focalX, float focalY, float centreX, float centreY)
        {
            FocalX = focalX;
            FocalY = focalY;
            CentreX = centreX;
            CentreY = centreY;
        }

        /// <summary>
        /// Nominal intrinsics of a Kinect v2 at 512 x 424, for as long as servers send no calibration: those that Open3D has as
        /// PinholeCameraIntrinsicParameters::Kinect2DepthCameraDefault (PinholeCameraIntrinsic.cpp). Sensors differ: two that
        /// are described in OpenKinect/libfreenect2 issue 41 have focal lengths of 365.4 and 368.1, and centres at (260.9, 205.6) and (261.7, 202.5).
        /// </summary>
        public static DepthIntrinsics NominalKinect2 => new DepthIntrinsics(365.456f, 365.456f, 254.878f, 205.395f);

        /// <summary>The same camera with its image resampled from 512 x 424 to another size.</summary>
        /// <param name="width">Columns, 1 or more.</param>
        /// <param name="height">Rows, 1 or more.</param>
        public DepthIntrinsics ResampledTo(int width, int height)
        {
            float x = (float)width / SensorWidth, y = (float)height / SensorHeight;
            return new DepthIntrinsics(FocalX * x, FocalY * y, (CentreX + 0.5f) * x - 0.5f, (CentreY + 0.5f) * y - 0.5f);
        }

        /// <summary>The point that a pixel shows, in metres: x to the right, y up, z along the optical axis, as Unity has cameras.</summary>
        /// <param name="column">0 is the left one.</param>
        /// <param name="row">0 is the top one.</param>
        /// <param name="millimetres">The pixel's value; 0 is invalid and gives the origin.</param>
        public Vector3 Unproject(float column, float row, float millimetres)
        {
            float z = millimetres * 0.001f;
            return new Vector3((column - CentreX) / FocalX * z, (CentreY - row) / FocalY * z, z);
        }
    }
}
