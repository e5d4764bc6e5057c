// Client.Events.cs - the events of a client, and pings.
using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    public sealed unsafe partial class Client
    {
        // Static, so that the garbage collector never takes what the library calls, and IL2CPP can make native functions of them.
        private static readonly ClientCallback ConnectCallback = OnConnect;
        private static readonly ClientLostCallback DisconnectCallback = OnDisconnect;
        private static readonly ClientKinectCallback AddKinectCallback = OnAddKinect;
        private static readonly ClientKinectCallback RemoveKinectCallback = OnRemoveKinect;
        private static readonly ClientFrameCallback DepthFrameCallback = OnDepthFrame;
        private static readonly ClientFrameCallback FrameCallback = OnFrame;
        private static readonly EventCallback HappenedCallback = OnHappened;
        private static readonly ClientPongCallback PongCallback = OnPong;

        private readonly HashSet<PingCall> pings = new HashSet<PingCall>();
        private NativeEvent<EventArgs> connected;
        private NativeEvent<ResultCode> disconnected;
        private NativeEvent<string> kinectAdded, kinectRemoved;
        private FrameEvent depthFrames, frames;
        private NativeEvent<KinectEvent> happened;

        /// <summary>The server answers. The first handler, but not one after all were removed, hears of it also if it answers already.</summary>
        public event EventHandler<EventArgs> Connected { add => connected.Add(value); remove => connected.Remove(value); }

        /// <summary>
        /// The server is gone, or did not answer in the first place: Ok after Disconnect, Timeout: no answer, else an error. Raised once,
        /// however often it is tried again.
        /// </summary>
        public event EventHandler<ResultCode> Disconnected { add => disconnected.Add(value); remove => disconnected.Remove(value); }

        /// <summary>A kinect came; its id. The first handler, but not one after all were removed, hears of those that are there.</summary>
        public event EventHandler<string> KinectAdded { add => kinectAdded.Add(value); remove => kinectAdded.Remove(value); }

        /// <summary>A kinect went; its id.</summary>
        public event EventHandler<string> KinectRemoved { add => kinectRemoved.Add(value); remove => kinectRemoved.Remove(value); }

        /// <summary>
        /// A depth frame came, of a stream that is enabled. It is lent until the handler returns: <see cref="Frame.Retain"/> keeps it. At
        /// most one a kinect waits, the newest. Without a handler, too, frames are received and decoded until the stream is disabled.
        /// </summary>
        public event EventHandler<Frame> DepthFrameReceived { add => depthFrames.Event.Add(value); remove => depthFrames.Event.Remove(value); }

        /// <summary>Likewise, a frame of any stream.</summary>
        public event EventHandler<Frame> FrameReceived { add => frames.Event.Add(value); remove => frames.Event.Remove(value); }

        /// <summary>Something happened: what <see cref="NextEvent"/> gives, errors too.</summary>
        public event EventHandler<KinectEvent> Happened { add => happened.Add(value); remove => happened.Remove(value); }

        /// <summary>Asks the server for a sign of life, once; the answer is the event <see cref="KinectEventType.Pong"/>.</summary>
        public void Ping() => Errors.Check(NativeMethods.kinect2_client_ping(handle, null, IntPtr.Zero));

        /// <summary>Asks the server for a sign of life: the time from question to answer.</summary>
        /// <returns>A task that fails with KinectException (Timeout: no answer; Closed: disconnected first, or ended by
        /// <see cref="KinectLibrary.Shutdown"/>), or with ObjectDisposedException.</returns>
        public Task<TimeSpan> PingAsync()
        {
            var ping = new PingCall(this);
            lock (pings) pings.Add(ping);
            try
            {
                Errors.Check(NativeMethods.kinect2_client_ping(handle, PongCallback, ping.UserData));
            }
            catch
            {
                Forget(ping);
                throw;
            }
            return ping.Task;
        }

        private void MakeEvents()
        {
            IntPtr userData = handle.UserData;
            connected = new NativeEvent<EventArgs>(() => NativeMethods.kinect2_client_on_connect(handle, ConnectCallback, userData));
            disconnected = new NativeEvent<ResultCode>(() => NativeMethods.kinect2_client_on_disconnect(handle, DisconnectCallback, userData));
            kinectAdded = new NativeEvent<string>(() => NativeMethods.kinect2_client_on_add_kinect(handle, AddKinectCallback, userData));
            kinectRemoved = new NativeEvent<string>(() => NativeMethods.kinect2_client_on_remove_kinect(handle, RemoveKinectCallback, userData));
            depthFrames = new FrameEvent(dispatcher, () => NativeMethods.kinect2_client_on_depth_frame(handle, DepthFrameCallback, userData));
            frames = new FrameEvent(dispatcher, () => NativeMethods.kinect2_client_on_frame(handle, FrameCallback, userData));
            happened = new NativeEvent<KinectEvent>(() => NativeMethods.kinect2_client_on_event(handle, HappenedCallback, userData));
        }

        private void EndEvents()
        {
            depthFrames.Clear();
            frames.Clear();
            PingCall[] unanswered;
            lock (pings)
            {
                unanswered = new PingCall[pings.Count];
                pings.CopyTo(unanswered);
            }
            foreach (PingCall ping in unanswered)
            {
                Forget(ping);
                ping.Fail(new ObjectDisposedException(nameof(Client)));
            }
        }

        /// <summary>After Shutdown: fails the pings of what it ended, which nobody answers any more.</summary>
        internal static void FailPings()
        {
            foreach (object target in CallbackTargets.All())
            {
                if (target is PingCall ping && ping.Client.IsGone)
                {
                    ping.Client.Forget(ping);
                    ping.Fail(new KinectException(ResultCode.Closed, "No pong: KinectLibrary.Shutdown ended the client first."));
                }
            }
        }

        // Not so: a client that was made after the Shutdown.
        private bool IsGone
        {
            get
            {
                try
                {
                    return NativeMethods.kinect2_client_server_name(handle, null, UIntPtr.Zero, out UIntPtr length) == (int)ResultCode.BadHandle;
                }
                catch (ObjectDisposedException)
                {
                    return false; // Dispose sees to its pings
                }
            }
        }

        private void Forget(PingCall ping)
        {
            lock (pings)
                if (pings.Remove(ping)) CallbackTargets.Remove(ping.UserData);
        }

        [MonoPInvokeCallback(typeof(ClientCallback))]
        private static void OnConnect(IntPtr handle, IntPtr userData)
        {
            var client = LibraryHandle.Owner<Client>(userData);
            client?.dispatcher.Raise(client.connected, EventArgs.Empty);
        }

        [MonoPInvokeCallback(typeof(ClientLostCallback))]
        private static void OnDisconnect(IntPtr handle, int reason, IntPtr userData)
        {
            var client = LibraryHandle.Owner<Client>(userData);
            client?.dispatcher.Raise(client.disconnected, (ResultCode)reason);
        }

        [MonoPInvokeCallback(typeof(ClientKinectCallback))]
        private static void OnAddKinect(IntPtr handle, IntPtr kinectId, IntPtr userData)
        {
            var client = LibraryHandle.Owner<Client>(userData);
            client?.dispatcher.Raise(client.kinectAdded, Utf8.FromPointer(kinectId));
        }

        [MonoPInvokeCallback(typeof(ClientKinectCallback))]
        private static void OnRemoveKinect(IntPtr handle, IntPtr kinectId, IntPtr userData)
        {
            var client = LibraryHandle.Owner<Client>(userData);
            client?.dispatcher.Raise(client.kinectRemoved, Utf8.FromPointer(kinectId));
        }

        [MonoPInvokeCallback(typeof(ClientFrameCallback))]
        private static void OnDepthFrame(IntPtr handle, IntPtr kinectId, IntPtr frame, IntPtr userData) =>
            LibraryHandle.Owner<Client>(userData)?.depthFrames.Deliver(frame);

        [MonoPInvokeCallback(typeof(ClientFrameCallback))]
        private static void OnFrame(IntPtr handle, IntPtr kinectId, IntPtr frame, IntPtr userData) =>
            LibraryHandle.Owner<Client>(userData)?.frames.Deliver(frame);

        [MonoPInvokeCallback(typeof(EventCallback))]
        private static void OnHappened(IntPtr handle, IntPtr @event, IntPtr userData)
        {
            var client = LibraryHandle.Owner<Client>(userData);
            client?.dispatcher.Raise(client.happened, new KinectEvent((EventNative*)@event));
        }

        [MonoPInvokeCallback(typeof(ClientPongCallback))]
        private static void OnPong(IntPtr handle, int result, ulong roundTripNs, IntPtr userData)
        {
            var ping = CallbackTargets.Find(userData) as PingCall;
            if (ping == null) return; // its client was disposed meanwhile
            ping.Client.Forget(ping);
            ping.Complete((ResultCode)result, roundTripNs);
        }

        /// <summary>A ping on its way. It keeps its client, which the caller waits for.</summary>
        private sealed class PingCall
        {
            // What awaits must not run inside the library's callback.
            private readonly TaskCompletionSource<TimeSpan> source =
                new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);

            public PingCall(Client client)
            {
                Client = client;
                UserData = CallbackTargets.Add(this);
            }

            public Client Client { get; }

            public IntPtr UserData { get; }

            public Task<TimeSpan> Task => source.Task;

            public void Fail(Exception exception) => source.TrySetException(exception);

            public void Complete(ResultCode result, ulong roundTripNs)
            {
                const ulong nsPerTick = 100;
                if (result == ResultCode.Ok) source.TrySetResult(TimeSpan.FromTicks((long)(roundTripNs / nsPerTick)));
                else Fail(new KinectException(result, result == ResultCode.Timeout ? "The server did not answer the ping." : "No pong."));
            }
        }
    }
}
