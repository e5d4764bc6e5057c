// Compressor.cs - one stream of a device, compressed for other uses.
using System;
using System.Runtime.InteropServices;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>
    /// A compressed frame, lent until the handler returns: the object is used again for later ones, so copy what is to be kept.
    /// </summary>
    public sealed unsafe class CompressedFrame
    {
        private byte[] bytes = new byte[0];

        /// <summary>The data, as <see cref="DepthCodec"/> makes and takes it.</summary>
        public ReadOnlySpan<byte> Data => new ReadOnlySpan<byte>(bytes, 0, Length);

        /// <summary>How many bytes.</summary>
        public int Length { get; private set; }

        /// <summary>How they are compressed.</summary>
        public Codec Codec { get; private set; }

        /// <summary>Whether pixels may differ from the sensor's.</summary>
        public FrameFlags Flags { get; private set; }

        /// <summary>Pixels in a row.</summary>
        public int Width { get; private set; }

        /// <summary>Rows.</summary>
        public int Height { get; private set; }

        /// <summary>The device's number of the frame.</summary>
        public long Sequence { get; private set; }

        /// <summary>When it was captured, in <see cref="KinectLibrary.ClockNs"/>.</summary>
        public long CaptureTimeNs { get; private set; }

        internal void Fill(IntPtr data, int length, FrameInfoNative* info)
        {
            if (bytes.Length < length) bytes = new byte[length];
            Marshal.Copy(data, bytes, 0, length);
            Length = length;
            Codec = (Codec)info->codec;
            Flags = (FrameFlags)info->flags;
            Width = (int)info->width;
            Height = (int)info->height;
            Sequence = (long)info->sequence;
            CaptureTimeNs = (long)info->capture_time_ns;
        }
    }

    /// <summary>Compresses one stream of a device from its first handler on, until Dispose; drops frames when it is overloaded.</summary>
    /// <remarks>Every member may be used from every thread. Keep a reference as long as it is wanted, and dispose it.</remarks>
    public sealed unsafe class Compressor : IDisposable
    {
        private static readonly CompressedCallback FrameCallback = OnCompressed;

        private readonly CompressorHandle handle;
        private readonly Dispatcher dispatcher;
        private readonly CompressedFrameEvent compressed;

        /// <summary>Makes a compressor for one stream of a device. When the device is disposed, it stays and has no more frames.</summary>
        /// <param name="device">Started or not.</param>
        /// <param name="stream">One stream.</param>
        /// <param name="options">null: defaults.</param>
        public Compressor(Device device, Streams stream, EncodeOptions options = null)
        {
            if (device == null) throw new ArgumentNullException(nameof(device));
            dispatcher = new Dispatcher(this);
            EncodeOptionsNative native = (options ?? new EncodeOptions()).Native;
            Errors.Check(NativeMethods.kinect2_compressor_create(device.Handle, (uint)stream, &native, out handle));
            handle.SetOwner(this);
            Device = device;
            IntPtr userData = handle.UserData;
            compressed = new CompressedFrameEvent(
                dispatcher, () => NativeMethods.kinect2_compressor_on_compressed_frame(handle, FrameCallback, userData));
        }

        /// <summary>The device that it compresses.</summary>
        public Device Device { get; }

        /// <summary>A frame was compressed. At most one waits, the newest.</summary>
        public event EventHandler<CompressedFrame> FrameCompressed { add => compressed.Event.Add(value); remove => compressed.Event.Remove(value); }

        /// <summary>How many frames were dropped because newer ones came first.</summary>
        public long Dropped => (long)NativeMethods.kinect2_compressor_dropped(handle);

        /// <summary>Ends the compressor: returns when its last handler has; inside of it, and while another thread ends it already, at once.</summary>
        /// <remarks>The device goes on.</remarks>
        public void Dispose()
        {
            dispatcher.End();
            handle.End();
            compressed.Clear();
        }

        [MonoPInvokeCallback(typeof(CompressedCallback))]
        private static void OnCompressed(IntPtr handle, IntPtr data, UIntPtr size, IntPtr frame, IntPtr userData) =>
            LibraryHandle.Owner<Compressor>(userData)?.compressed.Deliver(data, (int)size, (FrameInfoNative*)frame);
    }
}
