// PushDevice.cs - a device that the program feeds.
using System;
using System.Runtime.InteropServices;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>
    /// A device whose frames the program supplies. Pushing never waits for the network: the newest frame wins.
    /// </summary>
    public sealed unsafe class PushDevice : Device
    {
        /// <summary>Makes a device, not started. It offers 512x424 depth from now on, and any other stream from its first frame on.</summary>
        /// <param name="id">1 to 255 bytes; null: one is made up, the same when the same program runs again on this machine.</param>
        public PushDevice(string id = null) : base(Create(id)) { }

        /// <summary>Says what a stream is before its first frame.</summary>
        public void DeclareStream(StreamInfo info)
        {
            if (info == null) throw new ArgumentNullException(nameof(info));
            StreamInfoNative native = info.ToNative();
            Errors.Check(NativeMethods.kinect2_device_declare_stream(Handle, &native));
        }

        /// <summary>Gives the next depth or infrared frame, which is copied.</summary>
        /// <param name="stream">Depth or Infrared.</param>
        /// <param name="pixels">Tight rows, the top one first. Depth: millimetres, 0 is invalid.</param>
        /// <param name="width">Pixels in a row.</param>
        /// <param name="height">Rows.</param>
        /// <param name="captureTimeNs">When it was captured, in <see cref="KinectLibrary.ClockNs"/>; 0: now.</param>
        /// <exception cref="KinectException">BadState: not started; InvalidArgument: the sizes do not fit together.</exception>
        public void Push(Streams stream, ReadOnlySpan<ushort> pixels, int width, int height, long captureTimeNs = 0) =>
            Push(stream, Frame.Format16(stream), MemoryMarshal.AsBytes(pixels), width, height, 0, captureTimeNs);

        /// <summary>Gives the next frame of any format, which is copied.</summary>
        /// <param name="stream">One stream.</param>
        /// <param name="format">One of the stream's formats.</param>
        /// <param name="bytes">At least what stride and height need.</param>
        /// <param name="width">Pixels in a row.</param>
        /// <param name="height">Rows.</param>
        /// <param name="strideBytes">Bytes from one row to the next; 0: rows are tight.</param>
        /// <param name="captureTimeNs">When it was captured, in <see cref="KinectLibrary.ClockNs"/>; 0: now.</param>
        public void Push(
            Streams stream, PixelFormat format, ReadOnlySpan<byte> bytes, int width, int height, int strideBytes = 0, long captureTimeNs = 0)
        {
            fixed (byte* data = &MemoryMarshal.GetReference(bytes))
                Errors.Check(NativeMethods.kinect2_device_push(
                    Handle, (uint)stream, (uint)format, (uint)width, (uint)height, (uint)strideBytes, data, (UIntPtr)bytes.Length,
                    (ulong)captureTimeNs));
        }

        /// <summary>Gives the next frame without a copy; it stays as it is and the caller's.</summary>
        public void Push(Frame frame)
        {
            if (frame == null) throw new ArgumentNullException(nameof(frame));
            Errors.Check(NativeMethods.kinect2_device_push_frame(Handle, frame.Held()));
            GC.KeepAlive(frame);
        }

        private static DeviceHandle Create(string id)
        {
            KinectLibrary.Use();
            Errors.Check(NativeMethods.kinect2_device_create_push(Utf8.Bytes(id), out DeviceHandle device));
            return device;
        }
    }
}
