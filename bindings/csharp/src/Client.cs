// Client.cs - a connection to one server: its kinects, their streams, and what comes of them by polling. Client.Events.cs has the events.
using System;
using System.Threading;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>
    /// A connection to one server, which it keeps over the server's absence: tells its kinects and receives their frames.
    /// </summary>
    /// <remarks>
    /// <para>Every member may be used from every thread. Polling (TryTakeFrame, TryNextEvent) never runs code on another thread; events do,
    /// or come through the SynchronizationContext that was current when the client was made. Both may be used side by side.</para>
    /// <para>Keep a reference to a client as long as it is wanted, and dispose it: one that is dropped ends when it is collected.</para>
    /// </remarks>
    public sealed unsafe partial class Client : IDisposable
    {
        private readonly ClientHandle handle;
        private readonly Dispatcher dispatcher;

        /// <summary>Makes a client of the server at an endpoint. Nothing is sent before <see cref="Connect"/>.</summary>
        /// <param name="endpoint">Where the server answers, such as "tcp://192.168.1.4:40001"; may be null if the options name a server.</param>
        /// <param name="options">null: defaults.</param>
        /// <exception cref="KinectException">The endpoint is not tcp://host:port, or neither endpoint nor name is given.</exception>
        public Client(string endpoint, ClientOptions options = null)
        {
            dispatcher = new Dispatcher(this);
            Errors.Check((options ?? new ClientOptions()).Create(endpoint, out handle));
            handle.SetOwner(this);
            MakeEvents();
        }

        /// <summary>Makes a client that finds its server by name, wherever it is.</summary>
        /// <param name="name">The server's name; "*": the first server that is found.</param>
        public static Client ForServer(string name) => new Client(null, new ClientOptions { ServerName = name });

        /// <summary>Begins to connect and returns at once. What comes of it is told by events.</summary>
        public void Connect() => Errors.Check(NativeMethods.kinect2_client_connect(handle));

        /// <summary>Disconnects, or ends trying to connect. Enabled streams stay enabled for the next Connect.</summary>
        /// <remarks>Events that wait in a SynchronizationContext still come; after Dispose none does.</remarks>
        public void Disconnect() => Errors.Check(NativeMethods.kinect2_client_disconnect(handle));

        /// <summary>Ends the client: returns when its last handler has; inside of it, and while another thread ends it already, at once.</summary>
        /// <remarks>Frames that are held stay.</remarks>
        public void Dispose()
        {
            dispatcher.End();
            handle.End();
            EndEvents();
        }

        /// <summary>Whether the server answers.</summary>
        public bool IsConnected => NativeMethods.kinect2_client_is_connected(handle) != 0;

        /// <summary>The name of the server, as its last answer said.</summary>
        /// <exception cref="KinectException">NotFound before the first answer.</exception>
        public string ServerName => Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
            NativeMethods.kinect2_client_server_name(handle, buffer, capacity, out length));

        /// <summary>An endpoint of the server, as its last answer said.</summary>
        /// <param name="type">Which.</param>
        /// <param name="kinectId">null: the server's own endpoints; else that kinect's.</param>
        public string GetEndpoint(EndpointType type, string kinectId = null)
        {
            byte[] id = TextCache.Bytes(kinectId);
            return Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
                NativeMethods.kinect2_client_endpoint(handle, id, (uint)type, buffer, capacity, out length));
        }

        /// <summary>The ids of the kinects that the client sees now, in the order of their coming.</summary>
        public string[] GetKinectIds() => Lists.Read(
            () => NativeMethods.kinect2_client_kinect_count(handle),
            (uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length) =>
                NativeMethods.kinect2_client_kinect_id(handle, index, buffer, capacity, out length));

        /// <summary>The streams that a kinect offers; None if there is no such kinect.</summary>
        public Streams GetStreams(string kinectId) => (Streams)NativeMethods.kinect2_client_streams(handle, TextCache.Bytes(kinectId));

        /// <summary>What a stream of a kinect is.</summary>
        public StreamInfo GetStreamInfo(string kinectId, Streams stream)
        {
            var info = new StreamInfoNative { struct_size = (uint)sizeof(StreamInfoNative) };
            Errors.Check(NativeMethods.kinect2_client_stream_info(handle, TextCache.Bytes(kinectId), (uint)stream, ref info));
            return new StreamInfo(info);
        }

        /// <summary>Figures of one stream of one kinect, since it was enabled.</summary>
        public ClientStatistics GetStatistics(string kinectId, Streams stream)
        {
            var stats = new ClientStatsNative { struct_size = (uint)sizeof(ClientStatsNative) };
            Errors.Check(NativeMethods.kinect2_client_stats(handle, TextCache.Bytes(kinectId), (uint)stream, ref stats));
            return new ClientStatistics(stats);
        }

        /// <summary>Enables depth frames.</summary>
        /// <param name="kinectId">null: of every kinect, now and later, allowed before Connect too; else of one that the client sees.</param>
        public void EnableDepthFrames(string kinectId = null) =>
            Errors.Check(NativeMethods.kinect2_client_enable_depth_frames(handle, TextCache.Bytes(kinectId)));

        /// <summary>Disables depth frames; see <see cref="EnableDepthFrames"/>.</summary>
        public void DisableDepthFrames(string kinectId = null) =>
            Errors.Check(NativeMethods.kinect2_client_disable_depth_frames(handle, TextCache.Bytes(kinectId)));

        /// <summary>
        /// Enables streams, until they are disabled: also over the loss and return of kinect or server, and over Disconnect and Connect.
        /// </summary>
        /// <param name="streams">One or several.</param>
        /// <param name="kinectId">null: of every kinect, now and later, allowed before Connect too; else of one that the client sees.</param>
        /// <param name="format">What to make of the frames.</param>
        public void EnableStreams(Streams streams, string kinectId = null, PixelFormat format = PixelFormat.AsItComes)
        {
            StreamOptionsNative options;
            NativeMethods.kinect2_stream_options_init(&options, (UIntPtr)sizeof(StreamOptionsNative));
            options.format = (uint)format;
            Errors.Check(NativeMethods.kinect2_client_enable_stream(handle, TextCache.Bytes(kinectId), (uint)streams, &options));
        }

        /// <summary>Disables streams. Frames of them that wait are dropped.</summary>
        public void DisableStreams(Streams streams, string kinectId = null) =>
            Errors.Check(NativeMethods.kinect2_client_disable_stream(handle, TextCache.Bytes(kinectId), (uint)streams));

        /// <summary>Takes the newest frame if there is one, and never waits: for loops that have their own pace, as games have.</summary>
        /// <param name="frame">Is filled, and loses what it held, if there is one; stays as it is if there is none.</param>
        /// <param name="streams">Any of these.</param>
        /// <param name="kinectId">null: of any kinect.</param>
        /// <returns>Whether there was one. For each kinect and stream the newest waits and is given out once.</returns>
        public bool TryTakeFrame(Frame frame, Streams streams = Streams.All, string kinectId = null) =>
            Take(frame, streams, kinectId, 0) == (int)ResultCode.Ok;

        /// <summary>Waits for a frame and takes it.</summary>
        /// <param name="frame">Is filled, and loses what it held; stays as it is if none comes.</param>
        /// <param name="timeoutMs">How long to wait; Timeout.Infinite.</param>
        /// <param name="streams">Any of these.</param>
        /// <param name="kinectId">null: of any kinect.</param>
        /// <returns>False: none came in time.</returns>
        /// <exception cref="KinectException">
        /// Closed: none can come, as the client is not connected and not trying, or was disposed meanwhile.
        /// </exception>
        public bool TakeFrame(Frame frame, int timeoutMs, Streams streams = Streams.All, string kinectId = null) =>
            Errors.Waited(Take(frame, streams, kinectId, Errors.Timeout(timeoutMs)));

        /// <summary>Takes the next event if there is one, and never waits; null: there is none. Each is given out once, whoever asks.</summary>
        public KinectEvent TryNextEvent()
        {
            EventNative native;
            return Next(&native, 0) == (int)ResultCode.Ok ? new KinectEvent(&native) : null;
        }

        /// <summary>Waits for the next event and takes it; null: none came in time.</summary>
        /// <param name="timeoutMs">How long to wait; Timeout.Infinite.</param>
        /// <exception cref="KinectException">
        /// Closed: none can come, as the client is not connected and not trying, or was disposed meanwhile.
        /// </exception>
        public KinectEvent NextEvent(int timeoutMs)
        {
            EventNative native;
            return Errors.Waited(Next(&native, Errors.Timeout(timeoutMs))) ? new KinectEvent(&native) : null;
        }

        /// <summary>
        /// Something for the program's own loop to wait on: a file descriptor for poll() and the like, on Windows an event HANDLE. It is
        /// readable exactly while something waits, and the library's: do not read, write or close it.
        /// </summary>
        public IntPtr GetPollDescriptor(PollKind kind)
        {
            Errors.Check(NativeMethods.kinect2_client_poll_fd(handle, (uint)kind, out IntPtr descriptor));
            return descriptor;
        }

        private int Take(Frame frame, Streams streams, string kinectId, uint timeoutMs)
        {
            if (frame == null) throw new ArgumentNullException(nameof(frame));
            int result = NativeMethods.kinect2_client_take_frame(
                handle, TextCache.Bytes(kinectId), (uint)streams, timeoutMs, out IntPtr taken);
            if (Errors.Check(result) == (int)ResultCode.Ok) frame.Fill(taken);
            return result;
        }

        private int Next(EventNative* native, uint timeoutMs)
        {
            native->struct_size = (uint)sizeof(EventNative);
            return Errors.Check(NativeMethods.kinect2_client_next_event(handle, timeoutMs, native));
        }
    }
}
