// Server.cs - offers devices to the network.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>How to make a server. A new object has the library's defaults.</summary>
    public sealed unsafe class ServerOptions
    {
        private ServerOptionsNative native;

        /// <summary>Makes options with their defaults.</summary>
        public ServerOptions()
        {
            KinectLibrary.Use();
            fixed (ServerOptionsNative* options = &native)
                NativeMethods.kinect2_server_options_init(options, (UIntPtr)sizeof(ServerOptionsNative));
        }

        /// <summary>Name for people; default null: one is made up.</summary>
        public string Name { get; set; }

        /// <summary>Numeric IPv4 or IPv6 address to bind; default null: all interfaces.</summary>
        public string Address { get; set; }

        /// <summary>Whether to advertise over Zeroconf; default true.</summary>
        public bool Announce { get => native.announce != 0; set => native.announce = value ? 1u : 0u; }

        /// <summary>Who does Zeroconf; default Auto.</summary>
        public Discovery Discovery { get => (Discovery)native.discovery; set => native.discovery = (uint)value; }

        /// <summary>Control port; default 0: any free one.</summary>
        public int Port { get => (int)native.port; set => native.port = Errors.NotNegative(value); }

        /// <summary>First port for frames; default 0: any free ones. Each kinect takes four.</summary>
        public int DataPort { get => (int)native.data_port; set => native.data_port = Errors.NotNegative(value); }

        internal int Create(out ServerHandle server)
        {
            ServerOptionsNative options = native;
            fixed (byte* name = Utf8.Bytes(Name), address = Utf8.Bytes(Address))
            {
                options.name = (IntPtr)name;
                options.address = (IntPtr)address;
                return NativeMethods.kinect2_server_create(&options, out server);
            }
        }
    }

    /// <summary>Offers kinects to the network: answers clients, sends them frames, and announces itself over Zeroconf.</summary>
    /// <remarks>Every member may be used from every thread. Keep a reference as long as it is wanted, and dispose it.</remarks>
    public sealed unsafe class Server : IDisposable
    {
        private static readonly EventCallback HappenedCallback = OnHappened;

        private readonly ServerHandle handle;
        private readonly Dispatcher dispatcher;
        private readonly NativeEvent<KinectEvent> happened;
        private readonly HashSet<StrongBox<Device>> devices = new HashSet<StrongBox<Device>>(); // what is offered must not be collected

        /// <summary>Makes a server, not started.</summary>
        /// <param name="options">null: defaults.</param>
        public Server(ServerOptions options = null)
        {
            dispatcher = new Dispatcher(this);
            Errors.Check((options ?? new ServerOptions()).Create(out handle));
            handle.SetOwner(this);
            IntPtr userData = handle.UserData;
            happened = new NativeEvent<KinectEvent>(() => NativeMethods.kinect2_server_on_event(handle, HappenedCallback, userData));
        }

        /// <summary>Something happened: what <see cref="NextEvent"/> gives.</summary>
        public event EventHandler<KinectEvent> Happened { add => happened.Add(value); remove => happened.Remove(value); }

        /// <summary>Starts the server: it is bound and answers when this returns. Announcing goes on by itself and fails as an event.</summary>
        /// <exception cref="KinectException">InUse: a port is taken; Io.</exception>
        public void Start() => Errors.Check(NativeMethods.kinect2_server_start(handle));

        /// <summary>Stops the server: its ports are free when this returns. Its kinects and settings stay.</summary>
        public void Stop() => Errors.Check(NativeMethods.kinect2_server_stop(handle));

        /// <summary>Ends the server: returns when its last handler has; inside of it, and while another thread ends it already, at once.</summary>
        /// <remarks>Its kinects go on.</remarks>
        public void Dispose()
        {
            dispatcher.End();
            handle.End();
            lock (devices) devices.Clear();
        }

        /// <summary>Whether it runs.</summary>
        public bool IsRunning => NativeMethods.kinect2_server_is_running(handle) != 0;

        /// <summary>Its name, as it is announced now.</summary>
        public string Name => Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
            NativeMethods.kinect2_server_name(handle, buffer, capacity, out length));

        /// <summary>Its address, as it is bound.</summary>
        /// <exception cref="KinectException">BadState: it does not run.</exception>
        public string Address => Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
            NativeMethods.kinect2_server_address(handle, buffer, capacity, out length));

        /// <summary>An endpoint, such as "tcp://192.168.1.4:40001", as a client on another host would use it.</summary>
        /// <param name="type">Which.</param>
        /// <param name="kinectId">null: the server's own endpoints; else that kinect's.</param>
        /// <exception cref="KinectException">BadState: it does not run; NotFound.</exception>
        public string GetEndpoint(EndpointType type = EndpointType.Control, string kinectId = null)
        {
            byte[] id = Utf8.Bytes(kinectId);
            return Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
                NativeMethods.kinect2_server_endpoint(handle, id, (uint)type, buffer, capacity, out length));
        }

        /// <summary>Adds a kinect, before or after the start. A device may be in several servers; the program starts it.</summary>
        /// <exception cref="KinectException">InUse: this device or one with its id is there already; Limit.</exception>
        public void AddKinect(Device device)
        {
            if (device == null) throw new ArgumentNullException(nameof(device));
            Errors.Check(NativeMethods.kinect2_server_add_kinect(handle, device.Handle));
            lock (devices) devices.Add(device.Alive);
        }

        /// <summary>Takes a kinect out. The device goes on.</summary>
        /// <exception cref="KinectException">NotFound: it is not there.</exception>
        public void RemoveKinect(Device device)
        {
            if (device == null) throw new ArgumentNullException(nameof(device));
            Errors.Check(NativeMethods.kinect2_server_remove_kinect(handle, device.Handle));
            lock (devices) devices.Remove(device.Alive);
        }

        /// <summary>The ids of its kinects, in the order of their coming.</summary>
        public string[] GetKinectIds() => Lists.Read(
            () => NativeMethods.kinect2_server_kinect_count(handle),
            (uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
                NativeMethods.kinect2_server_kinect_id(handle, index, buffer, capacity, out length));

        /// <summary>Says how the server compresses, from the next frame on.</summary>
        /// <param name="streams">One or several.</param>
        /// <param name="options">null: back to the default.</param>
        /// <param name="device">null: all that have no setting of their own, now and later; else this one.</param>
        public void SetEncoding(Streams streams, EncodeOptions options, Device device = null)
        {
            DeviceHandle which = device?.Handle ?? DeviceHandle.None;
            EncodeOptionsNative native = options?.Native ?? default(EncodeOptionsNative);
            Errors.Check(NativeMethods.kinect2_server_set_encoding(handle, which, (uint)streams, options == null ? null : &native));
        }

        /// <summary>Figures of one stream of one kinect, since it was added.</summary>
        public ServerStatistics GetStatistics(string kinectId, Streams stream)
        {
            var stats = new ServerStatsNative { struct_size = (uint)sizeof(ServerStatsNative) };
            Errors.Check(NativeMethods.kinect2_server_stats(handle, TextCache.Bytes(kinectId), (uint)stream, ref stats));
            return new ServerStatistics(stats);
        }

        /// <summary>Takes the next event if there is one, and never waits; null: there is none.</summary>
        public KinectEvent TryNextEvent()
        {
            EventNative native;
            return Next(&native, 0) == (int)ResultCode.Ok ? new KinectEvent(&native) : null;
        }

        /// <summary>Waits for the next event and takes it; null: none came in time.</summary>
        /// <param name="timeoutMs">How long to wait; Timeout.Infinite.</param>
        /// <exception cref="KinectException">Closed: disposed meanwhile.</exception>
        public KinectEvent NextEvent(int timeoutMs)
        {
            EventNative native;
            return Errors.Waited(Next(&native, Errors.Timeout(timeoutMs))) ? new KinectEvent(&native) : null;
        }

        /// <summary>Something for the program's own loop to wait on: see <see cref="Client.GetPollDescriptor"/>.</summary>
        public IntPtr GetPollDescriptor()
        {
            Errors.Check(NativeMethods.kinect2_server_poll_fd(handle, (uint)PollKind.Events, out IntPtr descriptor));
            return descriptor;
        }

        private int Next(EventNative* native, uint timeoutMs)
        {
            native->struct_size = (uint)sizeof(EventNative);
            return Errors.Check(NativeMethods.kinect2_server_next_event(handle, timeoutMs, native));
        }

        [MonoPInvokeCallback(typeof(EventCallback))]
        private static void OnHappened(IntPtr handle, IntPtr @event, IntPtr userData)
        {
            var server = LibraryHandle.Owner<Server>(userData);
            server?.dispatcher.Raise(server.happened, new KinectEvent((EventNative*)@event));
        }
    }
}
