// NativeMethods.Browser.cs - browsers.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_browser_options_init(BrowserOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_create(BrowserOptionsNative* options, out BrowserHandle browser);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_on_add_server(BrowserHandle browser, BrowserCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_on_remove_server(BrowserHandle browser, BrowserCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_start(BrowserHandle browser);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_stop(BrowserHandle browser);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_next_event(BrowserHandle browser, uint timeoutMs, EventNative* @event);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_poll_fd(BrowserHandle browser, uint what, out IntPtr fd);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern uint kinect2_browser_server_count(BrowserHandle browser);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_server_name(
            BrowserHandle browser, uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_server_endpoint(
            BrowserHandle browser, byte[] name, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_browser_destroy(IntPtr browser);
    }
}
