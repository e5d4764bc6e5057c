// NativeMethods.Device.cs - devices.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_mock_options_init(MockOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_create_mock(MockOptionsNative* options, out DeviceHandle device);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_create_push(byte[] id, out DeviceHandle device);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_declare_stream(DeviceHandle device, StreamInfoNative* info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_push(
            DeviceHandle device, uint stream, uint format, uint width, uint height, uint strideBytes, void* data, UIntPtr size,
            ulong captureTimeNs);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_push_frame(DeviceHandle device, IntPtr frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_start(DeviceHandle device);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_stop(DeviceHandle device);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_id(DeviceHandle device, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_on_frame(DeviceHandle device, DeviceFrameCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_device_destroy(IntPtr device);
    }
}
