// NativeMethods.Library.cs - what concerns the library as a whole.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern IntPtr kinect2_result_name(int result);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_last_error(byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint kinect2_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern IntPtr kinect2_version_string();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint kinect2_live_objects();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern ulong kinect2_clock_ns();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_shutdown();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_set_log_callback(uint maxLevel, LogCallback callback, IntPtr userData);
    }
}
