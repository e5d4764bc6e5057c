// StreamInfo.cs - what a stream is, and figures of it at both of its ends.
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>What a stream is.</summary>
    public sealed class StreamInfo
    {
        /// <summary>One stream.</summary>
        public Streams Stream { get; set; }

        /// <summary>What the bytes of its frames are.</summary>
        public PixelFormat Format { get; set; }

        /// <summary>How it travels; Raw in a declaration.</summary>
        public Codec Codec { get; set; } = Codec.Raw;

        /// <summary>Pixels in a row.</summary>
        public int Width { get; set; }

        /// <summary>Rows.</summary>
        public int Height { get; set; }

        /// <summary>Frames a second, nominal; 0: not known.</summary>
        public double FrameRate { get; set; }

        /// <summary>Makes one to be declared by <see cref="PushDevice.DeclareStream"/>.</summary>
        public StreamInfo() { }

        internal StreamInfo(StreamInfoNative from)
        {
            Stream = (Streams)from.stream;
            Format = (PixelFormat)from.format;
            Codec = (Codec)from.codec;
            Width = (int)from.width;
            Height = (int)from.height;
            FrameRate = from.frame_rate;
        }

        internal StreamInfoNative ToNative()
        {
            StreamInfoNative native = default(StreamInfoNative);
            unsafe { native.struct_size = (uint)sizeof(StreamInfoNative); }
            native.stream = (uint)Stream;
            native.format = (uint)Format;
            native.codec = (uint)Codec;
            native.width = Errors.NotNegative(Width, nameof(Width));
            native.height = Errors.NotNegative(Height, nameof(Height));
            native.frame_rate = FrameRate;
            return native;
        }
    }

    /// <summary>Figures of one stream of one kinect at a client, since it was enabled.</summary>
    public struct ClientStatistics
    {
        /// <summary>Frames that came and decoded: delivered, dropped and those that wait.</summary>
        public long Received { get; }

        /// <summary>Frames that did not come, by gaps in the sequence.</summary>
        public long Lost { get; }

        /// <summary>Frames that were replaced by a newer one before anyone got them.</summary>
        public long Dropped { get; }

        /// <summary>Messages that did not decode.</summary>
        public long Corrupt { get; }

        /// <summary>Bytes of all messages that came, their headers included.</summary>
        public long Bytes { get; }

        /// <summary>Median time from capture to delivery, of the last few seconds; 0: unknown.</summary>
        public long LatencyP50Ns { get; }

        /// <summary>The same, of which one frame in a hundred takes longer.</summary>
        public long LatencyP99Ns { get; }

        /// <summary>Frames that reached a callback or a poller.</summary>
        public long Delivered { get; }

        /// <summary>Of these, by TakeFrame and TryTakeFrame.</summary>
        public long Taken { get; }

        /// <summary>Time spent decoding.</summary>
        public long DecodeTimeNs { get; }

        internal ClientStatistics(ClientStatsNative from)
        {
            Received = (long)from.received;
            Lost = (long)from.lost;
            Dropped = (long)from.dropped;
            Corrupt = (long)from.corrupt;
            Bytes = (long)from.bytes;
            LatencyP50Ns = (long)from.latency_p50_ns;
            LatencyP99Ns = (long)from.latency_p99_ns;
            Delivered = (long)from.delivered;
            Taken = (long)from.taken;
            DecodeTimeNs = (long)from.decode_time_ns;
        }
    }

    /// <summary>Figures of one stream of one kinect at a server, since it was added.</summary>
    public struct ServerStatistics
    {
        /// <summary>How many there are now; of depth: at both its endpoints.</summary>
        public int Subscribers { get; }

        /// <summary>Frames that came from the device.</summary>
        public long FramesIn { get; }

        /// <summary>Frames that were encoded, in however many codecs.</summary>
        public long Encoded { get; }

        /// <summary>Frames that were sent: once each, however many subscribers there are.</summary>
        public long Sent { get; }

        /// <summary>Frames that were wanted, but a newer one came first.</summary>
        public long Dropped { get; }

        /// <summary>Encoded bytes in all.</summary>
        public long Bytes { get; }

        /// <summary>Time spent on encoding in all.</summary>
        public long EncodeTimeNs { get; }

        internal ServerStatistics(ServerStatsNative from)
        {
            Subscribers = (int)from.subscribers;
            FramesIn = (long)from.frames_in;
            Encoded = (long)from.encoded;
            Sent = (long)from.sent;
            Dropped = (long)from.dropped;
            Bytes = (long)from.bytes;
            EncodeTimeNs = (long)from.encode_time_ns;
        }
    }
}
