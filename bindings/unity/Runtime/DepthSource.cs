// DepthSource.cs - the depth stream as a texture.
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>Depth, in millimetres along the optical axis; 0 is invalid.</summary>
    [AddComponentMenu("Stream Kinect 2/Depth Source")]
    public sealed class DepthSource : ImageSource
    {
        /// <inheritdoc/>
        public override Streams Stream => Streams.Depth;
    }
}
