// StreamStatistics.cs - figures of the streams beside it, on the screen.
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>Shows what the connection does, and of each source beside it: frames and bits a second, losses, latency.</summary>
    /// <remarks>The text is made anew once a second; between, it is drawn as it is, without garbage.</remarks>
    [AddComponentMenu("Stream Kinect 2/Stream Statistics")]
    [RequireComponent(typeof(KinectClient))]
    public sealed class StreamStatistics : MonoBehaviour
    {
        private const double SecondsBetweenTexts = 1;

        [Tooltip("Where the text begins, in pixels from the left upper corner of the screen.")]
        [SerializeField] private Vector2 position = new Vector2(10, 10);

        private readonly List<ImageSource> sources = new List<ImageSource>();
        private readonly List<Counters> before = new List<Counters>();
        private readonly StringBuilder text = new StringBuilder();
        private readonly GUIContent content = new GUIContent();
        private KinectClient client;
        private GUIStyle style;
        private Rect area;
        private double lastTime;

        /// <summary>What is shown: a line about the connection, and one for each source.</summary>
        public string Text => content.text;

        private void OnEnable()
        {
            client = GetComponent<KinectClient>();
            style = null; // both may be left of before a domain reload, which makes an empty style of none
            area = new Rect();
            useGUILayout = false; // OnGUI places things itself, which spares a call and garbage in each frame
            before.Clear();
            lastTime = 0;
        }

        private void LateUpdate()
        {
            double now = Time.realtimeSinceStartupAsDouble;
            if (lastTime != 0 && now - lastTime < SecondsBetweenTexts) return;
            Write(now - lastTime);
            lastTime = now;
        }

        private void OnGUI()
        {
            if (area.width == 0)
            {
                if (style == null) style = new GUIStyle(GUI.skin.box) { alignment = TextAnchor.UpperLeft };
                Vector2 size = style.CalcSize(content);
                area = new Rect(position.x, position.y, size.x, size.y);
            }
            GUI.Box(area, content, style);
        }

        private void Write(double seconds)
        {
            text.Length = 0;
            text.Append(client.Status);
            GetComponents(sources);
            for (int i = 0; i < sources.Count; i++)
            {
                if (before.Count == i) before.Add(new Counters());
                before[i] = Line(sources[i], before[i], seconds);
            }
            content.text = text.ToString();
            area = new Rect(); // as large as the text will be, which only OnGUI can say
        }

        private Counters Line(ImageSource source, Counters then, double seconds)
        {
            text.Append('\n').Append(source.Stream).Append(": ");
            try
            {
                if (source.CurrentKinect != null && client.Client != null)
                    return Figures(source, client.Client.GetStatistics(source.CurrentKinect, source.Stream), then, seconds);
            }
            catch (KinectException error) when (error.Code == ResultCode.NotFound || error.Code == ResultCode.Unsupported)
            {
                // It went since the source looked.
            }
            text.Append("no kinect");
            return new Counters();
        }

        private Counters Figures(ImageSource source, ClientStatistics figures, Counters then, double seconds)
        {
            var now = new Counters { Kinect = source.CurrentKinect, Received = figures.Received, Bytes = figures.Bytes };
            text.Append(now.Kinect);
            if (source.Texture != null) Add("  {0}x{1}", source.Texture.width, source.Texture.height);
            // Rates are of the time since the last text, if that was of this kinect and the same connection.
            if (then.Kinect == now.Kinect && then.Received <= now.Received)
                Add("  {0:0.0} frames/s  {1:0.0} Mbit/s", (now.Received - then.Received) / seconds, (now.Bytes - then.Bytes) * 8e-6 / seconds);
            Add("  lost {0}  dropped {1}  corrupt {2}", figures.Lost, figures.Dropped, figures.Corrupt);
            if (figures.LatencyP50Ns != 0) Add("  latency p50 {0:0.0} ms  p99 {1:0.0} ms", figures.LatencyP50Ns * 1e-6, figures.LatencyP99Ns * 1e-6);
            return now;
        }

        private void Add(string format, params object[] values) => text.AppendFormat(CultureInfo.InvariantCulture, format, values);

        private struct Counters
        {
            public string Kinect;
            public long Received;
            public long Bytes;
        }
    }
}
