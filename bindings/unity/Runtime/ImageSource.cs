// ImageSource.cs - what depth and infrared have in common: the newest frame of a stream, in a texture.
using System;
using System.Collections.Generic;
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>Takes the newest frame of one stream of one kinect in each LateUpdate, and has it in a 16-bit texture.</summary>
    /// <remarks>
    /// <para>Nothing waits, and a frame makes no garbage. Frames that came between two LateUpdates cost nothing: only the newest waits.</para>
    /// <para>Depth and infrared of one connection are two sources beside one Kinect Client. Two sources of the same stream take two kinects:
    /// each frame is given out once.</para>
    /// <para>The texture is TextureFormat.R16: a shader reads 0 to 1 for 0 to 65535, so <c>round(value * 65535)</c> is the pixel. Its row 0 is
    /// the frame's row 0, the top one, where Unity's own pictures have the bottom one: shown on a quad it stands on its head unless
    /// v is turned (scale (1, -1), offset (0, 1)).</para>
    /// </remarks>
    [RequireComponent(typeof(KinectClient))]
    public abstract class ImageSource : MonoBehaviour
    {
        private const double SecondsBetweenTries = 1;

        private readonly List<ImageSource> neighbours = new List<ImageSource>();

        [Tooltip("The kinect's id. Empty: the server's first one that has the stream.")]
        [SerializeField, Delayed] private string kinectId = "";

        private KinectClient client;
        private Frame frame;
        private int seenRevision = -1;
        private double nextTry;

        /// <summary>The stream that this source shows.</summary>
        public abstract Streams Stream { get; }

        /// <summary>The kinect that is wanted; empty: the server's first one that has the stream.</summary>
        public string KinectId
        {
            get => kinectId;
            set
            {
                kinectId = value ?? "";
                seenRevision = -1;
            }
        }

        /// <summary>The kinect whose frames are taken now; null: none, for it is not there.</summary>
        public string CurrentKinect { get; private set; }

        /// <summary>
        /// The newest picture; null until the first frame came, and while the component is disabled. Another object when the size changes.
        /// </summary>
        public Texture2D Texture { get; private set; }

        /// <summary>
        /// The frame that is in the texture, with its numbers, times and pixels; null if there is none. It is this component's: read it on the main
        /// thread, do not dispose it, and keep it by <see cref="StreamKinect2.Frame.Retain"/> only.
        /// </summary>
        public Frame Frame => Texture == null ? null : frame;

        /// <summary>How many frames were taken since the component was enabled.</summary>
        public long FrameCount { get; private set; }

        /// <summary>Raised in LateUpdate after each new frame, when the texture has it.</summary>
        public event Action<ImageSource> Updated;

        private void OnEnable()
        {
            client = GetComponent<KinectClient>();
            frame = new Frame();
            CurrentKinect = null; // a domain reload keeps private fields too, and makes empty texts of those that are null
            seenRevision = -1;
            FrameCount = 0;
            KinectLifetime.Ending += Close;
        }

        // The inspector has changed a setting.
        private void OnValidate() => seenRevision = -1;

        private void LateUpdate()
        {
            if (frame == null) return;
            if (client.Revision != seenRevision || (CurrentKinect == null && Time.realtimeSinceStartupAsDouble >= nextTry)) Choose();
            if (CurrentKinect == null || !client.Client.TryTakeFrame(frame, Stream, CurrentKinect)) return;
            Show();
            FrameCount++;
            Updated?.Invoke(this);
        }

        private void OnDisable()
        {
            KinectLifetime.Ending -= Close;
            string left = CurrentKinect;
            Close();
            Leave(left);
        }

        /// <summary>Gives back what is held: frame and texture.</summary>
        private void Close()
        {
            CurrentKinect = null;
            frame?.Dispose();
            frame = null;
            if (Texture != null) Destroy(Texture);
            Texture = null;
        }

        /// <summary>Decides which kinect's frames to take, and enables the stream of it.</summary>
        private void Choose()
        {
            seenRevision = client.Revision;
            nextTry = Time.realtimeSinceStartupAsDouble + SecondsBetweenTries;
            string chosen = Wanted();
            if (chosen != CurrentKinect) Leave(CurrentKinect);
            CurrentKinect = null;
            if (chosen == null) return;
            try
            {
                // Also of the one that it was before: the connection may be a new one.
                client.Client.EnableStreams(Stream, chosen);
                CurrentKinect = chosen;
            }
            catch (KinectException error) when (error.Code == ResultCode.NotFound || error.Code == ResultCode.Unsupported)
            {
                // It went meanwhile, or does not have the stream yet: the next try may find it.
            }
        }

        private string Wanted()
        {
            GetComponents(neighbours);
            foreach (string id in client.Kinects)
            {
                bool wanted = kinectId == "" ? (client.Client.GetStreams(id) & Stream) != 0 : id == kinectId;
                if (wanted && !IsTaken(id)) return id;
            }
            return null;
        }

        /// <summary>Whether another source takes these frames already: each frame is given out once.</summary>
        private bool IsTaken(string id)
        {
            foreach (ImageSource other in neighbours)
                if (other != this && other.Stream == Stream && other.CurrentKinect == id) return true;
            return false;
        }

        private void Leave(string kinect)
        {
            if (kinect != null && client.Client != null) client.Client.DisableStreams(Stream, kinect);
        }

        private void Show()
        {
            if (Texture == null || Texture.width != frame.Width || Texture.height != frame.Height)
            {
                if (Texture != null) Destroy(Texture);
                Texture = new Texture2D(frame.Width, frame.Height, TextureFormat.R16, false, true)
                {
                    name = "Kinect " + Stream,
                    filterMode = FilterMode.Point, // between two depths there is no surface
                    wrapMode = TextureWrapMode.Clamp,
                    hideFlags = HideFlags.DontSave
                };
            }
            Texture.LoadRawTextureData(frame.Data, frame.ByteCount);
            Texture.Apply(false, false);
        }
    }
}
