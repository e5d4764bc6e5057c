// NativeMethods.Frame.cs - frames. Handles are plain numbers here: a SafeHandle for each frame would be garbage for each frame.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_frame_options_init(FrameOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_frame_create(FrameOptionsNative* options, out IntPtr frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern IntPtr kinect2_frame_retain(IntPtr frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_frame_release(IntPtr frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_frame_info(IntPtr frame, ref FrameInfoNative info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern IntPtr kinect2_frame_data(IntPtr frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_frame_kinect_id(IntPtr frame, byte* buffer, UIntPtr capacity, out UIntPtr length);
    }
}
