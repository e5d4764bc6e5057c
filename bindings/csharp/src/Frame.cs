// Frame.cs - one image: a place that holds a reference to a frame of the library's, filled again and again without garbage.
using System;
using System.Runtime.InteropServices;
using System.Threading;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>
    /// An image with its times and numbers. The object holds one reference to it, from when it is filled until Dispose or the next filling.
    /// </summary>
    /// <remarks>
    /// <para>Make one and let <see cref="Client.TryTakeFrame"/> fill it again and again: that makes no garbage. Dispose gives the pixels
    /// back; the object may be filled again afterwards. An object that holds nothing throws ObjectDisposedException.</para>
    /// <para>Pixels are not copied: <see cref="Pixels"/> and <see cref="Bytes"/> look at the library's memory and are valid while this
    /// object holds the frame. Do not keep the spans longer. <see cref="ToArray"/> and <see cref="CopyTo"/> are for those who do not want
    /// to think of that. Times are in nanoseconds, 0 is unknown.</para>
    /// <para>One thread at a time fills, disposes and reads an object. Different objects may hold the same frame.</para>
    /// </remarks>
    public sealed unsafe class Frame : IDisposable
    {
        private IntPtr handle;
        private IntPtr data;
        private FrameInfoNative info;
        private string kinectId; // asked for once

        /// <summary>Makes an object that holds nothing yet.</summary>
        public Frame()
        {
            KinectLibrary.Use();
        }

        /// <summary>Gives the reference back if nobody did. A frame that is used up in time needs Dispose: pixels are many.</summary>
        ~Frame()
        {
            Release();
        }

        /// <summary>Makes a frame of 16-bit pixels, which are copied, to push it into one or several devices.</summary>
        /// <param name="stream">Depth or infrared.</param>
        /// <param name="pixels">Tight rows, the top one first.</param>
        /// <param name="width">Pixels in a row.</param>
        /// <param name="height">Rows.</param>
        /// <param name="captureTimeNs">When it was captured, in <see cref="KinectLibrary.ClockNs"/>; 0: now.</param>
        /// <param name="deviceTimeNs">The same instant on the sensor's own clock; 0: none.</param>
        public static Frame Create(
            Streams stream, ReadOnlySpan<ushort> pixels, int width, int height, long captureTimeNs = 0, long deviceTimeNs = 0)
        {
            fixed (ushort* first = &MemoryMarshal.GetReference(pixels))
            {
                FrameOptionsNative options = Options(stream, Format16(stream), width, height, 0, captureTimeNs, deviceTimeNs);
                options.data = (IntPtr)first;
                options.size = (UIntPtr)((ulong)pixels.Length * sizeof(ushort));
                return Create(&options);
            }
        }

        /// <summary>Makes a frame of native memory, which is used where it lies and must not change.</summary>
        /// <param name="stream">One stream.</param>
        /// <param name="format">One of the stream's formats.</param>
        /// <param name="width">Pixels in a row.</param>
        /// <param name="height">Rows.</param>
        /// <param name="strideBytes">Bytes from one row to the next; 0: rows are tight.</param>
        /// <param name="data">The bytes, aligned for their values.</param>
        /// <param name="size">How many bytes.</param>
        /// <param name="release">A native function <c>void release(void *userData)</c>, called once, on any thread, when the last reference
        /// has gone. IntPtr.Zero: the bytes are copied instead. Not a delegate's: frames may outlive its application domain.</param>
        /// <param name="userData">What release gets.</param>
        /// <param name="captureTimeNs">When it was captured, in <see cref="KinectLibrary.ClockNs"/>; 0: now.</param>
        /// <param name="deviceTimeNs">The same instant on the sensor's own clock; 0: none.</param>
        /// <exception cref="KinectException">No frame was made: release is not called, and the data stays the caller's to free.</exception>
        public static Frame FromNative(
            Streams stream, PixelFormat format, int width, int height, int strideBytes, IntPtr data, long size,
            IntPtr release, IntPtr userData, long captureTimeNs = 0, long deviceTimeNs = 0)
        {
            FrameOptionsNative options = Options(stream, format, width, height, strideBytes, captureTimeNs, deviceTimeNs);
            options.data = data;
            options.size = (UIntPtr)(ulong)size;
            options.release = release;
            options.user_data = userData;
            return Create(&options);
        }

        /// <summary>Whether there is nothing in this object.</summary>
        public bool IsEmpty => handle == IntPtr.Zero;

        /// <summary>The stream that it is of.</summary>
        public Streams Stream => (Streams)Info.stream;

        /// <summary>What the bytes are.</summary>
        public PixelFormat Format => (PixelFormat)Info.format;

        /// <summary>Pixels in a row.</summary>
        public int Width => (int)Info.width;

        /// <summary>Rows.</summary>
        public int Height => (int)Info.height;

        /// <summary>Bytes from one row to the next; 0 of compressed formats. Received frames have tight rows.</summary>
        public int StrideBytes => (int)Info.stride_bytes;

        /// <summary>How it travelled; Raw where it did not.</summary>
        public Codec Codec => (Codec)Info.codec;

        /// <summary>What else is to be said.</summary>
        public FrameFlags Flags => (FrameFlags)Info.flags;

        /// <summary>The device's number of the frame: per stream, from 0 at its start. A gap is a frame that was dropped or lost.</summary>
        public long Sequence => (long)Info.sequence;

        /// <summary>When it was captured, on the producer's monotonic clock.</summary>
        public long CaptureTimeNs => (long)Info.capture_time_ns;

        /// <summary>The same instant in <see cref="KinectLibrary.ClockNs"/>.</summary>
        public long CaptureTimeLocalNs => (long)Info.capture_time_local_ns;

        /// <summary>Bound on the error of that conversion.</summary>
        public long ClockErrorNs => (long)Info.clock_error_ns;

        /// <summary>The same instant on the producer's wall clock, since 1970.</summary>
        public long CaptureUnixNs => (long)Info.capture_unix_ns;

        /// <summary>The same instant on the sensor's own clock.</summary>
        public long DeviceTimeNs => (long)Info.device_time_ns;

        /// <summary>When it was received, in <see cref="KinectLibrary.ClockNs"/>; 0: it was not.</summary>
        public long ReceiveTimeNs => (long)Info.receive_time_ns;

        /// <summary>The id of the kinect that it came from; null for a frame that was made here.</summary>
        public string KinectId
        {
            get
            {
                Held();
                if (kinectId != null) return kinectId;
                const int capacity = 256; // KINECT2_ID_CAPACITY
                byte* id = stackalloc byte[capacity];
                int result = NativeMethods.kinect2_frame_kinect_id(Held(), id, (UIntPtr)capacity, out UIntPtr length);
                GC.KeepAlive(this);
                if (result == (int)ResultCode.NotFound) return null;
                Errors.Check(result);
                return kinectId = TextCache.Text(id, (int)length);
            }
        }

        /// <summary>
        /// The pixels of a 16-bit image with tight rows, the top one first: Width * Height values. Valid while this object holds the frame.
        /// </summary>
        /// <exception cref="InvalidOperationException">The format has other pixels, or rows are not tight: see Bytes.</exception>
        public ReadOnlySpan<ushort> Pixels => new ReadOnlySpan<ushort>(Pixels16(), PixelCount);

        /// <summary>All bytes, rows StrideBytes apart. Valid while this object holds the frame.</summary>
        public ReadOnlySpan<byte> Bytes => new ReadOnlySpan<byte>((void*)Data, checked((int)info.size));

        /// <summary>
        /// Where the bytes lie, for graphics and native libraries. They must not be changed, and are there while this object holds the frame.
        /// </summary>
        public IntPtr Data
        {
            get
            {
                Held();
                return data;
            }
        }

        /// <summary>The size of what is at Data.</summary>
        public int ByteCount => checked((int)Info.size);

        /// <summary>Copies the pixels of a 16-bit image.</summary>
        /// <param name="destination">Receives Width * Height values.</param>
        public void CopyTo(Span<ushort> destination)
        {
            Pixels.CopyTo(destination);
            GC.KeepAlive(this);
        }

        /// <summary>A copy of the pixels of a 16-bit image.</summary>
        public ushort[] ToArray()
        {
            ushort[] copy = Pixels.ToArray();
            GC.KeepAlive(this);
            return copy;
        }

        /// <summary>A second object that holds the same frame: how to keep one that an event gave.</summary>
        public Frame Retain()
        {
            var another = new Frame();
            RetainInto(another);
            return another;
        }

        /// <summary>Likewise, into an object that is there already and loses what it held.</summary>
        public void RetainInto(Frame another)
        {
            if (another == null) throw new ArgumentNullException(nameof(another));
            if (another == this) return;
            another.Fill(NativeMethods.kinect2_frame_retain(Held()));
            GC.KeepAlive(this);
        }

        /// <summary>Gives the reference back; nothing if there is none.</summary>
        public void Dispose()
        {
            Release();
        }

        /// <summary>Takes over a reference.</summary>
        internal void Fill(IntPtr reference)
        {
            Release();
            handle = reference;
            kinectId = null;
            info = new FrameInfoNative { struct_size = (uint)sizeof(FrameInfoNative) };
            Errors.Check(NativeMethods.kinect2_frame_info(reference, ref info));
            data = NativeMethods.kinect2_frame_data(reference);
        }

        /// <summary>The handle, if there is one.</summary>
        internal IntPtr Held()
        {
            if (handle == IntPtr.Zero)
                throw new ObjectDisposedException(nameof(Frame), "There is no frame in this object: it was not filled, or was disposed.");
            return handle;
        }

        private ref FrameInfoNative Info
        {
            get
            {
                Held();
                return ref info;
            }
        }

        private int PixelCount => checked((int)(info.width * info.height));

        private void* Pixels16()
        {
            Held();
            bool sixteenBits = info.format == (uint)PixelFormat.Depth16Mm || info.format == (uint)PixelFormat.Infrared16;
            if (!sixteenBits || info.stride_bytes != info.width * sizeof(ushort))
            {
                throw new InvalidOperationException(
                    "Frame.Pixels is for 16-bit images with tight rows; this one is " + Format + " with rows of " + info.stride_bytes +
                    " bytes: use Bytes.");
            }
            return (void*)data;
        }

        private void Release()
        {
            // Other objects may hold the same frame: their reference must not be given back by a second Dispose at the same time.
            IntPtr held = Interlocked.Exchange(ref handle, IntPtr.Zero);
            data = IntPtr.Zero;
            if (held != IntPtr.Zero) NativeMethods.kinect2_frame_release(held);
        }

        internal static PixelFormat Format16(Streams stream)
        {
            switch (stream)
            {
                case Streams.Depth: return PixelFormat.Depth16Mm;
                case Streams.Infrared: return PixelFormat.Infrared16;
                default: throw new ArgumentException("16-bit pixels are Depth or Infrared, not " + stream + ".", nameof(stream));
            }
        }

        private static FrameOptionsNative Options(
            Streams stream, PixelFormat format, int width, int height, int strideBytes, long captureTimeNs, long deviceTimeNs)
        {
            FrameOptionsNative options;
            NativeMethods.kinect2_frame_options_init(&options, (UIntPtr)sizeof(FrameOptionsNative));
            options.stream = (uint)stream;
            options.format = (uint)format;
            options.width = (uint)width;
            options.height = (uint)height;
            options.stride_bytes = (uint)strideBytes;
            options.capture_time_ns = (ulong)captureTimeNs;
            options.device_time_ns = (ulong)deviceTimeNs;
            return options;
        }

        private static Frame Create(FrameOptionsNative* options)
        {
            Errors.Check(NativeMethods.kinect2_frame_create(options, out IntPtr created));
            var frame = new Frame();
            frame.Fill(created);
            return frame;
        }
    }
}
