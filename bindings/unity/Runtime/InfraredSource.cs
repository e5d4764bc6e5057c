// InfraredSource.cs - the infrared stream as a texture.
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>Infrared: how much of the sensor's light came back, 0 to 65535 without a unit.</summary>
    [AddComponentMenu("Stream Kinect 2/Infrared Source")]
    public sealed class InfraredSource : ImageSource
    {
        /// <inheritdoc/>
        public override Streams Stream => Streams.Infrared;
    }
}
