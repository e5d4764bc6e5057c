// Device.cs - a kinect on the producer's side, whatever its frames come from.
using System;
using System.Runtime.CompilerServices;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>A source of frames: a <see cref="MockDevice"/>, or a <see cref="PushDevice"/> that the program feeds.</summary>
    /// <remarks>
    /// Every member may be used from every thread. The program starts, stops and disposes its devices; servers and compressors only take
    /// frames from them.
    /// </remarks>
    public abstract class Device : IDisposable
    {
        private static readonly DeviceFrameCallback FrameCallback = OnFrame;

        private readonly Dispatcher dispatcher;
        private readonly FrameEvent frames;

        internal Device(DeviceHandle handle)
        {
            Handle = handle;
            Alive = new StrongBox<Device>(this);
            dispatcher = new Dispatcher(this);
            handle.SetOwner(this);
            IntPtr userData = handle.UserData;
            frames = new FrameEvent(dispatcher, () => NativeMethods.kinect2_device_on_frame(Handle, FrameCallback, userData));
        }

        internal DeviceHandle Handle { get; }

        /// <summary>What servers hold, so that the device is not collected while they offer it; empty once it is disposed.</summary>
        internal StrongBox<Device> Alive { get; }

        /// <summary>The id by which clients know it.</summary>
        public string Id => Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
            NativeMethods.kinect2_device_id(Handle, buffer, capacity, out length));

        /// <summary>
        /// A frame leaves the device, of any stream. It is lent until the handler returns: <see cref="Frame.Retain"/> keeps it. At most one
        /// a stream waits, the newest.
        /// </summary>
        public event EventHandler<Frame> FrameProduced { add => frames.Event.Add(value); remove => frames.Event.Remove(value); }

        /// <summary>Starts the device. Servers do not do it.</summary>
        public void Start() => Errors.Check(NativeMethods.kinect2_device_start(Handle));

        /// <summary>Stops the device and waits for a handler that runs, except inside of it. Sequence numbers begin anew at the next start.</summary>
        public void Stop() => Errors.Check(NativeMethods.kinect2_device_stop(Handle));

        /// <summary>Ends the device and takes it out of every server and compressor, which stay.</summary>
        public void Dispose()
        {
            dispatcher.End();
            Handle.End();
            Alive.Value = null;
            frames.Clear();
        }

        [MonoPInvokeCallback(typeof(DeviceFrameCallback))]
        private static void OnFrame(IntPtr handle, IntPtr frame, IntPtr userData) =>
            LibraryHandle.Owner<Device>(userData)?.frames.Deliver(frame);
    }
}
