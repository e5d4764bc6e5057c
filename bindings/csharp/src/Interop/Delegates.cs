// Delegates.cs - the types of the library's callbacks. Only static methods are ever passed, as IL2CPP wants it.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void LogCallback(uint level, IntPtr message, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void DeviceFrameCallback(IntPtr device, IntPtr frame, IntPtr userData);

    /// <summary>kinect2_server_event_fn and kinect2_client_event_fn.</summary>
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void EventCallback(IntPtr handle, IntPtr @event, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void BrowserCallback(IntPtr browser, IntPtr server, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ClientCallback(IntPtr client, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ClientLostCallback(IntPtr client, int reason, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ClientKinectCallback(IntPtr client, IntPtr kinectId, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ClientFrameCallback(IntPtr client, IntPtr kinectId, IntPtr frame, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void ClientPongCallback(IntPtr client, int result, ulong roundTripNs, IntPtr userData);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    internal delegate void CompressedCallback(IntPtr compressor, IntPtr data, UIntPtr size, IntPtr frame, IntPtr userData);

    /// <summary>
    /// Tells IL2CPP that a method is called from native code. It looks at the attribute's name alone, so that this library needs none of
    /// Unity's.
    /// </summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class MonoPInvokeCallbackAttribute : Attribute
    {
        public MonoPInvokeCallbackAttribute(Type type) { }
    }
}
