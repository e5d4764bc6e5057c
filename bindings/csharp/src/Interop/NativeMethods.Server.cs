// NativeMethods.Server.cs - servers.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_server_options_init(ServerOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_create(ServerOptionsNative* options, out ServerHandle server);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_start(ServerHandle server);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_stop(ServerHandle server);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_is_running(ServerHandle server);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_name(ServerHandle server, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_address(ServerHandle server, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_endpoint(
            ServerHandle server, byte[] kinectId, uint endpoint, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_on_event(ServerHandle server, EventCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_next_event(ServerHandle server, uint timeoutMs, EventNative* @event);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_poll_fd(ServerHandle server, uint what, out IntPtr fd);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_destroy(IntPtr server);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_add_kinect(ServerHandle server, DeviceHandle device);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_remove_kinect(ServerHandle server, DeviceHandle device);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_set_encoding(
            ServerHandle server, DeviceHandle device, uint streams, EncodeOptionsNative* options);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint kinect2_server_kinect_count(ServerHandle server);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_kinect_id(
            ServerHandle server, uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_server_stats(ServerHandle server, byte[] kinectId, uint stream, ref ServerStatsNative stats);
    }
}
