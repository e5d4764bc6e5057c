// NativeMethods.Client.cs - clients.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_client_options_init(ClientOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_create(byte[] controlEndpoint, ClientOptionsNative* options, out ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_connect(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_disconnect(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_is_connected(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_server_name(ClientHandle client, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_endpoint(
            ClientHandle client, byte[] kinectId, uint endpoint, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_take_frame(
            ClientHandle client, byte[] kinectId, uint streams, uint timeoutMs, out IntPtr frame);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_next_event(ClientHandle client, uint timeoutMs, EventNative* @event);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_poll_fd(ClientHandle client, uint what, out IntPtr fd);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_destroy(IntPtr client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_connect(ClientHandle client, ClientCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_disconnect(ClientHandle client, ClientLostCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_add_kinect(ClientHandle client, ClientKinectCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_remove_kinect(ClientHandle client, ClientKinectCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_depth_frame(ClientHandle client, ClientFrameCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_frame(ClientHandle client, ClientFrameCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_on_event(ClientHandle client, EventCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_ping(ClientHandle client, ClientPongCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_stream_options_init(StreamOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint kinect2_client_kinect_count(ClientHandle client);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_kinect_id(
            ClientHandle client, uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint kinect2_client_streams(ClientHandle client, byte[] kinectId);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_stream_info(ClientHandle client, byte[] kinectId, uint stream, ref StreamInfoNative info);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_enable_depth_frames(ClientHandle client, byte[] kinectId);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_disable_depth_frames(ClientHandle client, byte[] kinectId);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_enable_stream(
            ClientHandle client, byte[] kinectId, uint streams, StreamOptionsNative* options);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_disable_stream(ClientHandle client, byte[] kinectId, uint streams);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_client_stats(ClientHandle client, byte[] kinectId, uint stream, ref ClientStatsNative stats);
    }
}
