// Handles.cs - one SafeHandle for each kind of handle of the library.
using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace StreamKinect2.Interop
{
    /// <summary>
    /// A handle that is destroyed once: by End, or by the garbage collector if nobody called it.
    /// </summary>
    /// <remarks>
    /// SafeHandle.Dispose alone would wait for calls in progress, and a call that waits for frames ends only when its handle is
    /// destroyed. So End destroys first: the library answers stale handles with an error.
    /// </remarks>
    internal abstract class LibraryHandle : SafeHandle
    {
        private int ended;

        protected LibraryHandle() : base(IntPtr.Zero, true) { }

        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>What the library's callbacks get as user_data; Owner finds the object by it.</summary>
        public IntPtr UserData { get; private set; }

        /// <summary>Says whose handle this is. The reference is weak: who wants events keeps the object.</summary>
        public void SetOwner(object value) => UserData = CallbackTargets.Add(new WeakReference(value));

        /// <summary>The object whose handle has this user_data; null if it is being collected, or was ended.</summary>
        public static T Owner<T>(IntPtr userData) where T : class => (CallbackTargets.Find(userData) as WeakReference)?.Target as T;

        /// <summary>
        /// Destroys the handle and returns when its last callback has (inside a callback of its own, and while another thread does the same:
        /// at once).
        /// </summary>
        public void End()
        {
            DestroyOnce();
            Dispose();
        }

        protected abstract int Destroy(IntPtr value);

        protected override bool ReleaseHandle() => DestroyOnce();

        private bool DestroyOnce()
        {
            if (Interlocked.Exchange(ref ended, 1) != 0) return true;
            bool good = IsInvalid || Destroy(handle) >= 0;
            CallbackTargets.Remove(UserData);
            return good;
        }
    }

    internal sealed class DeviceHandle : LibraryHandle
    {
        /// <summary>NULL.</summary>
        public static readonly DeviceHandle None = new DeviceHandle();

        protected override int Destroy(IntPtr value) => NativeMethods.kinect2_device_destroy(value);
    }

    internal sealed class ServerHandle : LibraryHandle
    {
        protected override int Destroy(IntPtr value) => NativeMethods.kinect2_server_destroy(value);
    }

    internal sealed class BrowserHandle : LibraryHandle
    {
        protected override int Destroy(IntPtr value) => NativeMethods.kinect2_browser_destroy(value);
    }

    internal sealed class ClientHandle : LibraryHandle
    {
        protected override int Destroy(IntPtr value) => NativeMethods.kinect2_client_destroy(value);
    }

    internal sealed class CompressorHandle : LibraryHandle
    {
        protected override int Destroy(IntPtr value) => NativeMethods.kinect2_compressor_destroy(value);
    }
}
