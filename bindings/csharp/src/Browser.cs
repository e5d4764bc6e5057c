// Browser.cs - finds servers on the network.
using System;
using System.Collections.Generic;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>A server that was found.</summary>
    public struct ServerInfo
    {
        /// <summary>Its name for people, unique among the servers listed.</summary>
        public string Name { get; }

        /// <summary>Where it answers: for <see cref="Client"/>.</summary>
        public string Endpoint { get; }

        internal ServerInfo(string name, string endpoint)
        {
            Name = name;
            Endpoint = endpoint;
        }

        /// <summary>For logs.</summary>
        public override string ToString() => "\"" + Name + "\" at " + Endpoint;
    }

    /// <summary>How to make a browser. A new object has the library's defaults.</summary>
    public sealed unsafe class BrowserOptions
    {
        private BrowserOptionsNative native;

        /// <summary>Makes options with their defaults.</summary>
        public BrowserOptions()
        {
            KinectLibrary.Use();
            fixed (BrowserOptionsNative* options = &native)
                NativeMethods.kinect2_browser_options_init(options, (UIntPtr)sizeof(BrowserOptionsNative));
        }

        /// <summary>Who does Zeroconf; default Auto.</summary>
        public Discovery Discovery { get => (Discovery)native.discovery; set => native.discovery = (uint)value; }

        /// <summary>Numeric address of the interface to listen on; default null: all interfaces.</summary>
        public string Address { get; set; }

        internal int Create(out BrowserHandle browser)
        {
            BrowserOptionsNative options = native;
            fixed (byte* address = Utf8.Bytes(Address))
            {
                options.address = (IntPtr)address;
                return NativeMethods.kinect2_browser_create(&options, out browser);
            }
        }
    }

    /// <summary>Finds servers on the network by Zeroconf and keeps a list of those that answer.</summary>
    /// <remarks>Every member may be used from every thread. Keep a reference as long as it is wanted, and dispose it.</remarks>
    public sealed unsafe class Browser : IDisposable
    {
        private static readonly BrowserCallback AddServerCallback = OnAddServer;
        private static readonly BrowserCallback RemoveServerCallback = OnRemoveServer;

        private readonly BrowserHandle handle;
        private readonly Dispatcher dispatcher;
        private readonly NativeEvent<ServerInfo> serverAdded, serverRemoved;

        /// <summary>Makes a browser, not started.</summary>
        /// <param name="options">null: defaults.</param>
        public Browser(BrowserOptions options = null)
        {
            dispatcher = new Dispatcher(this);
            Errors.Check((options ?? new BrowserOptions()).Create(out handle));
            handle.SetOwner(this);
            IntPtr userData = handle.UserData;
            serverAdded = new NativeEvent<ServerInfo>(() => NativeMethods.kinect2_browser_on_add_server(handle, AddServerCallback, userData));
            serverRemoved = new NativeEvent<ServerInfo>(() => NativeMethods.kinect2_browser_on_remove_server(handle, RemoveServerCallback, userData));
        }

        /// <summary>A server came. The first handler, but not one after all were removed, hears of those that are listed already.</summary>
        public event EventHandler<ServerInfo> ServerAdded { add => serverAdded.Add(value); remove => serverAdded.Remove(value); }

        /// <summary>A server went. One whose endpoint changes is removed and added.</summary>
        public event EventHandler<ServerInfo> ServerRemoved { add => serverRemoved.Add(value); remove => serverRemoved.Remove(value); }

        /// <summary>Starts looking for servers.</summary>
        /// <exception cref="KinectException">InvalidArgument: no interface has the address; Io: the network cannot be asked.</exception>
        public void Start() => Errors.Check(NativeMethods.kinect2_browser_start(handle));

        /// <summary>Stops looking for servers. All are forgotten, without events.</summary>
        public void Stop() => Errors.Check(NativeMethods.kinect2_browser_stop(handle));

        /// <summary>Ends the browser: returns when its last handler has; inside of it, and while another thread ends it already, at once.</summary>
        public void Dispose()
        {
            dispatcher.End();
            handle.End();
        }

        /// <summary>The names of the servers that are listed now, in the order of their coming.</summary>
        public string[] GetServerNames() => Lists.Read(
            () => NativeMethods.kinect2_browser_server_count(handle),
            (uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
                NativeMethods.kinect2_browser_server_name(handle, index, buffer, capacity, out length));

        /// <summary>The endpoint of a server that is listed now.</summary>
        /// <exception cref="KinectException">NotFound: no such server is listed.</exception>
        public string GetServerEndpoint(string name)
        {
            byte[] bytes = Utf8.Bytes(name);
            return Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
                NativeMethods.kinect2_browser_server_endpoint(handle, bytes, buffer, capacity, out length));
        }

        /// <summary>The servers that are listed now, in the order of their coming.</summary>
        public ServerInfo[] GetServers()
        {
            var servers = new List<ServerInfo>();
            foreach (string name in GetServerNames())
            {
                try
                {
                    servers.Add(new ServerInfo(name, GetServerEndpoint(name)));
                }
                catch (KinectException gone) when (gone.Code == ResultCode.NotFound)
                {
                    // It went after its name was read.
                }
            }
            return servers.ToArray();
        }

        /// <summary>Takes the next event if there is one, and never waits; null: there is none. AddServer, RemoveServer, Error, Overflow.</summary>
        public KinectEvent TryNextEvent()
        {
            EventNative native;
            return Next(&native, 0) == (int)ResultCode.Ok ? new KinectEvent(&native) : null;
        }

        /// <summary>Waits for the next event and takes it; null: none came in time.</summary>
        /// <param name="timeoutMs">How long to wait; Timeout.Infinite.</param>
        /// <exception cref="KinectException">Closed: not started and none left, or disposed meanwhile.</exception>
        public KinectEvent NextEvent(int timeoutMs)
        {
            EventNative native;
            return Errors.Waited(Next(&native, Errors.Timeout(timeoutMs))) ? new KinectEvent(&native) : null;
        }

        /// <summary>Something for the program's own loop to wait on: see <see cref="Client.GetPollDescriptor"/>.</summary>
        public IntPtr GetPollDescriptor()
        {
            Errors.Check(NativeMethods.kinect2_browser_poll_fd(handle, (uint)PollKind.Events, out IntPtr descriptor));
            return descriptor;
        }

        private int Next(EventNative* native, uint timeoutMs)
        {
            native->struct_size = (uint)sizeof(EventNative);
            return Errors.Check(NativeMethods.kinect2_browser_next_event(handle, timeoutMs, native));
        }

        [MonoPInvokeCallback(typeof(BrowserCallback))]
        private static void OnAddServer(IntPtr handle, IntPtr server, IntPtr userData)
        {
            var browser = LibraryHandle.Owner<Browser>(userData);
            browser?.dispatcher.Raise(browser.serverAdded, Info(server));
        }

        [MonoPInvokeCallback(typeof(BrowserCallback))]
        private static void OnRemoveServer(IntPtr handle, IntPtr server, IntPtr userData)
        {
            var browser = LibraryHandle.Owner<Browser>(userData);
            browser?.dispatcher.Raise(browser.serverRemoved, Info(server));
        }

        private static ServerInfo Info(IntPtr server)
        {
            var native = (ServerInfoNative*)server;
            return new ServerInfo(Utf8.FromPointer(native->name), Utf8.FromPointer(native->endpoint));
        }
    }
}
