// ClientTests.cs - servers, browsers and clients by polling.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using StreamKinect2;

internal static class ClientTests
{
    [Test]
    public static void Pixels_arrive_as_they_were_pushed()
    {
        using (var rig = new Rig())
        using (var frame = new Frame())
        {
            rig.Receive();
            var pixels = new ushort[512 * 424];
            for (int number = 0; number < 5; number++)
            {
                for (int i = 0; i < pixels.Length; i++) pixels[i] = (ushort)(i % 8000 + number);
                rig.Push.Push(Streams.Depth, pixels, 512, 424);
                Check.True(rig.Client.TakeFrame(frame, 15000), "a frame comes");
                Check.True(frame.Pixels.SequenceEqual(pixels), "pixels of frame " + number);
                Check.Equal((long)number, frame.Sequence, "sequence");
                Check.Equal(Rig.Id, frame.KinectId, "kinect");
                Check.True(frame.ReceiveTimeNs > 0 && frame.CaptureTimeLocalNs > 0 && frame.ReceiveTimeNs <= KinectLibrary.ClockNs, "times");
            }
            Check.True(!rig.Client.TryTakeFrame(frame) && !frame.IsEmpty, "without a new frame the last one stays");
            Check.True(!rig.Client.TakeFrame(frame, 20), "waiting ends");
            ClientStatistics statistics = rig.Client.GetStatistics(Rig.Id, Streams.Depth);
            Check.True(statistics.Received == 5 && statistics.Taken == 5 && statistics.Lost == 0 && statistics.Bytes > 0, "figures");
            Check.True(rig.Server.GetStatistics(Rig.Id, Streams.Depth).FramesIn == 5, "the server's figures");
        }
    }

    [Test]
    public static void Frames_are_pushed_without_a_copy_and_in_any_format()
    {
        using (var rig = new Rig())
        using (Frame made = Frame.Create(Streams.Depth, new ushort[] { 1, 2, 3, 4, 5, 6 }, 3, 2))
        using (var frame = new Frame())
        {
            rig.Receive(Streams.Depth);
            rig.Push.Push(made);
            Check.True(rig.Client.TakeFrame(frame, 15000) && frame.Pixels.SequenceEqual(made.Pixels) && frame.Width == 3, "a frame object");
            rig.Push.Push(Streams.Depth, PixelFormat.Depth16Mm, new byte[] { 7, 0, 99, 99, 8, 0, 99, 99 }, 1, 2, 4);
            Check.True(rig.Client.TakeFrame(frame, 15000) && frame.Pixels.SequenceEqual(new ushort[] { 7, 8 }), "bytes with a stride");
        }
    }

    [Test]
    public static void A_client_tells_of_the_server()
    {
        using (var rig = new Rig())
        {
            rig.Push.DeclareStream(new StreamInfo
            {
                Stream = Streams.Infrared, Format = PixelFormat.Infrared16, Width = 10, Height = 20, FrameRate = 15
            });
            Check.Refused(ResultCode.NotFound, () => rig.Client.ServerName.ToString(), "a name before the first answer");
            rig.Client.Connect();
            Check.Soon(() => rig.Client.GetKinectIds().SequenceEqual(new[] { Rig.Id }), "the kinect is seen");
            Check.True(rig.Client.IsConnected && rig.Client.ServerName == "C# rig", "server");
            Check.Equal(rig.Server.GetEndpoint(), rig.Client.GetEndpoint(EndpointType.Control), "endpoint");
            string endpoint = rig.Server.GetEndpoint(EndpointType.Depth, Rig.Id);
            Check.Equal(endpoint, rig.Client.GetEndpoint(EndpointType.Depth, Rig.Id), "endpoint of the kinect");
            Check.Soon(() => rig.Client.GetStreams(Rig.Id) == (Streams.Depth | Streams.Infrared), "streams");
            StreamInfo info = rig.Client.GetStreamInfo(Rig.Id, Streams.Infrared);
            Check.True(info.Width == 10 && info.Height == 20 && info.FrameRate == 15 && info.Format == PixelFormat.Infrared16, "what was declared");
            Check.Equal(Streams.None, rig.Client.GetStreams("another"), "streams of nobody");
            Check.Refused(ResultCode.NotFound, () => rig.Client.EnableDepthFrames("another"), "frames of nobody");
            rig.Client.Disconnect();
            Check.True(!rig.Client.IsConnected, "disconnected");
        }
    }

    [Test]
    public static void A_server_tells_of_itself()
    {
        using (var device = new MockDevice(new MockOptions { Id = "äöü-私" }))
        using (var server = new Server(new ServerOptions { Name = "Überwachung 東", Address = "127.0.0.1", Announce = false }))
        {
            server.AddKinect(device);
            Check.True(!server.IsRunning && server.Name == "Überwachung 東" && device.Id == "äöü-私", "names beyond ASCII");
            Check.Refused(ResultCode.BadState, () => server.GetEndpoint(), "an endpoint before the start");
            Check.Refused(ResultCode.InUse, () => server.AddKinect(device), "a kinect twice");
            server.Start();
            Check.True(server.IsRunning && server.Address == "127.0.0.1" && server.GetEndpoint().StartsWith("tcp://127.0.0.1:"), "endpoint");
            Check.True(server.GetKinectIds().SequenceEqual(new[] { "äöü-私" }), "kinects");
            server.SetEncoding(Streams.Depth, new EncodeOptions { Codec = Codec.Rvl });
            server.SetEncoding(Streams.Depth, new EncodeOptions { Codec = Codec.K2d }, device);
            server.SetEncoding(Streams.Depth, null, device);
            server.RemoveKinect(device);
            Check.Equal(0, server.GetKinectIds().Length, "kinects after removal");
            Check.Refused(ResultCode.NotFound, () => server.SetEncoding(Streams.Depth, null, device), "encoding of a kinect that is not there");
            server.Stop();
            Check.True(!server.IsRunning, "stopped");
        }
    }

    [Test]
    public static void A_browser_finds_a_server_and_a_client_follows_its_name()
    {
        string name = "C# browsed " + Process.GetCurrentProcess().Id;
        using (var browser = new Browser(new BrowserOptions { Address = "127.0.0.1" }))
        using (var server = new Server(new ServerOptions { Name = name, Address = "127.0.0.1" }))
        using (Client client = Client.ForServer(name))
        {
            browser.Start();
            server.Start();
            KinectEvent found;
            do found = browser.NextEvent(15000);
            while (found != null && !(found.Type == KinectEventType.AddServer && found.Id == name));
            Check.True(found != null && found.Text == server.GetEndpoint(), "the event: " + found);
            Check.True(browser.GetServerNames().Contains(name), "the list");
            Check.Equal(server.GetEndpoint(), browser.GetServerEndpoint(name), "the endpoint");
            Check.Refused(ResultCode.NotFound, () => browser.GetServerEndpoint("nobody's " + name), "another");
            client.Connect();
            Check.Soon(() => client.IsConnected, "the client finds it");
            Check.Equal(name, client.ServerName, "name");
            browser.Stop();
            while (browser.TryNextEvent() != null) { }
            Check.Refused(ResultCode.Closed, () => browser.NextEvent(15000), "an event after Stop");
        }
    }

    [Test]
    public static void Events_can_be_polled()
    {
        using (var rig = new Rig())
        {
            Check.Refused(ResultCode.Closed, () => rig.Client.NextEvent(Timeout.Infinite), "an event before Connect");
            Check.Equal(null, rig.Client.TryNextEvent(), "no event");
            rig.Client.Connect();
            rig.Client.Ping();
            var types = new List<KinectEventType>();
            while (!(types.Contains(KinectEventType.AddKinect) && types.Contains(KinectEventType.Pong)))
            {
                KinectEvent next = rig.Client.NextEvent(15000);
                Check.True(next != null, "an event comes after " + string.Join(" ", types));
                types.Add(next.Type);
                if (next.Type == KinectEventType.AddKinect) Check.Equal("AddKinect " + Rig.Id, next.ToString(), "as text");
                if (next.Type == KinectEventType.Pong) Check.True(next.Result == ResultCode.Ok && next.Value > 0 && next.TimeNs > 0, "pong");
            }
            Check.Equal(KinectEventType.Connect, types[0], "first");
            Check.Equal(null, rig.Client.NextEvent(10), "no more");
            rig.Client.EnableDepthFrames();
            KinectEvent subscribed = rig.Server.NextEvent(15000);
            Check.True(subscribed.Type == KinectEventType.Subscribers && subscribed.Id == Rig.Id, "subscribers of the kinect");
            Check.True(subscribed.Stream == Streams.Depth && subscribed.Value == 1, "one of its depth");
            Check.Equal(null, rig.Server.TryNextEvent(), "no more of the server");
        }
    }

    [Test]
    public static void Descriptors_are_for_the_programs_own_loop()
    {
        using (var rig = new Rig())
        using (var browser = new Browser())
        {
            IntPtr events = rig.Client.GetPollDescriptor(PollKind.Events), frames = rig.Client.GetPollDescriptor(PollKind.Frames);
            Check.True(events != frames && events.ToInt64() > 2 && frames.ToInt64() > 2, "two of them");
            Check.Equal(events, rig.Client.GetPollDescriptor(PollKind.Events), "the same each time");
            Check.True(rig.Server.GetPollDescriptor() != browser.GetPollDescriptor(), "of servers and browsers");
        }
    }

    [Test]
    public static void Ping_is_awaited()
    {
        using (var rig = new Rig())
        {
            Check.Equal(ResultCode.BadState, ((KinectException)Fails(rig.Client.PingAsync)).Code, "before Connect");
            rig.Client.Connect();
            Task<TimeSpan> pong = rig.Client.PingAsync();
            Check.True(pong.Wait(15000) && pong.Result > TimeSpan.Zero && pong.Result < TimeSpan.FromSeconds(10), "round trip");
            rig.Server.Dispose();
            Task<TimeSpan> disconnected = rig.Client.PingAsync();
            rig.Client.Disconnect();
            Check.Equal(ResultCode.Closed, ((KinectException)Fails(() => disconnected)).Code, "disconnected first");
            rig.Client.Connect();
            Task<TimeSpan> disposed = rig.Client.PingAsync();
            rig.Client.Dispose();
            Check.True(Fails(() => disposed) is ObjectDisposedException, "disposed first");
        }
        using (var client = new Client("tcp://127.0.0.1:1"))
        {
            client.Connect();
            Task<TimeSpan> ended = client.PingAsync();
            KinectLibrary.Shutdown();
            Check.Equal(ResultCode.Closed, ((KinectException)Fails(() => ended)).Code, "Shutdown first");
        }
    }

    [Test]
    public static void Dispose_ends_a_wait_in_another_thread()
    {
        using (var rig = new Rig())
        {
            rig.Receive();
            Exception thrown = null;
            var waiting = new Thread(() =>
            {
                using (var frame = new Frame())
                {
                    try
                    {
                        rig.Client.TakeFrame(frame, Timeout.Infinite);
                    }
                    catch (Exception exception)
                    {
                        thrown = exception;
                    }
                }
            });
            waiting.Start();
            Thread.Sleep(50);
            rig.Client.Dispose();
            Check.True(waiting.Join(15000), "the wait ends");
            Check.Equal(ResultCode.Closed, ((KinectException)thrown).Code, "code");
        }
    }

    [Test]
    public static void Disposed_objects_say_so()
    {
        var rig = new Rig();
        rig.Dispose();
        rig.Dispose();
        foreach (Action use in new Action[]
        {
            () => rig.Client.Connect(), () => rig.Client.TryTakeFrame(new Frame()), () => rig.Client.Connected += (sender, e) => { },
            () => rig.Server.Start(), () => rig.Server.Name.ToString(), () => rig.Device.Start(), () => rig.Client.PingAsync()
        }) Check.Throws<ObjectDisposedException>(use, "use after Dispose");
    }

    [Test]
    public static void Two_threads_may_end_what_calls_back()
    {
        // Who comes second does not wait, and what it frees may be asked for by a callback that just begins.
        foreach (Action second in new Action[] { null, KinectLibrary.Shutdown })
        {
            for (int round = 0; round < 60; round++)
            {
                var rig = new Rig(Rig.Mock(1000));
                rig.Device.FrameProduced += (sender, frame) => { };
                rig.Client.Happened += (sender, e) => { };
                rig.Client.DepthFrameReceived += (sender, frame) => { };
                rig.Client.EnableDepthFrames();
                rig.Client.Connect();
                for (int ping = 0; ping < 20; ping++) rig.Client.PingAsync().ContinueWith(ended => ended.Exception);
                Thread.Sleep(round % 7);
                var other = new Thread(() => (second ?? rig.Dispose)());
                other.Start();
                rig.Dispose();
                other.Join();
            }
        }
        Check.Equal(0, KinectLibrary.LiveObjects, "objects that are left");
    }

    [Test]
    public static void A_ping_that_is_refused_keeps_nothing()
    {
        WeakReference client = null;
        var pinging = new Thread(() => client = PingDisposed()); // a thread of its own leaves no reference on a stack
        pinging.Start();
        pinging.Join();
        CheckCollected(client, "the client");
    }

    private static WeakReference PingDisposed()
    {
        var client = new Client("tcp://127.0.0.1:1");
        client.Dispose();
        Check.Throws<ObjectDisposedException>(() => client.PingAsync(), "a ping after Dispose");
        return new WeakReference(client);
    }

    [Test]
    public static void Wrong_arguments_are_told_before_they_reach_the_library_or_by_it()
    {
        Check.Refused(ResultCode.InvalidArgument, () => new Client("nonsense"), "an endpoint");
        Check.Refused(ResultCode.InvalidArgument, () => new Client(null), "neither endpoint nor name");
        Check.Throws<ArgumentException>(() => new Client("tcp://127.0.0.1:1\0"), "a NUL");
        using (var client = new Client("tcp://127.0.0.1:1"))
        {
            Check.Throws<ArgumentNullException>(() => client.TryTakeFrame(null), "no frame");
            Check.Throws<ArgumentOutOfRangeException>(() => client.NextEvent(-2), "a negative timeout");
        }
    }

    [Test]
    public static void Negative_options_are_refused_by_their_names()
    {
        var options = new Dictionary<string, Action>
        {
            { "HeartbeatPeriodMs", () => new ClientOptions { HeartbeatPeriodMs = -1 } },
            { "ResponseTimeoutMs", () => new ClientOptions { ResponseTimeoutMs = -1 } },
            { "Port", () => new ServerOptions { Port = -1 } },
            { "DataPort", () => new ServerOptions { DataPort = int.MinValue } },
            { "Width", () => new MockOptions { Width = -1 } },
            { "Height", () => new MockOptions { Height = -1 } },
            { "MaxErrorMm", () => new EncodeOptions { MaxErrorMm = -1 } },
            { "MaxErrorPpm", () => new EncodeOptions { MaxErrorPpm = -1 } }
        };
        foreach (KeyValuePair<string, Action> option in options)
            Check.Equal(option.Key, Check.Throws<ArgumentOutOfRangeException>(option.Value, option.Key).ParamName, "the name");
        using (var device = new PushDevice())
        {
            var stream = new StreamInfo { Stream = Streams.Depth, Format = PixelFormat.Depth16Mm, Width = 1, Height = -1 };
            Check.Equal("Height", Check.Throws<ArgumentOutOfRangeException>(() => device.DeclareStream(stream), "a stream").ParamName, "the name");
        }
        Check.Equal(1, new ClientOptions { HeartbeatPeriodMs = 1 }.HeartbeatPeriodMs, "what is set");
    }

    [Test]
    public static void A_device_lives_as_long_as_a_server_offers_it()
    {
        using (var server = new Server(new ServerOptions { Address = "127.0.0.1", Announce = false }))
        {
            AddAndForget(server);
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
            Check.True(server.GetKinectIds().SequenceEqual(new[] { "forgotten" }), "it is there");
            Check.Equal(2, KinectLibrary.LiveObjects, "server and device");
        }
        KinectLibrary.Shutdown();
    }

    [Test]
    public static void A_device_that_was_disposed_is_not_kept_by_its_server()
    {
        using (var server = new Server(new ServerOptions { Address = "127.0.0.1", Announce = false }))
        {
            WeakReference device = null;
            var adding = new Thread(() => device = AddAndDispose(server)); // as in the test of pings
            adding.Start();
            adding.Join();
            CheckCollected(device, "the device");
            Check.Equal(0, server.GetKinectIds().Length, "kinects");
        }
    }

    private static WeakReference AddAndDispose(Server server)
    {
        using (var device = new PushDevice("disposed"))
        {
            server.AddKinect(device);
            return new WeakReference(device);
        }
    }

    private static void CheckCollected(WeakReference reference, string what)
    {
        Check.Soon(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return !reference.IsAlive;
            },
            what + " is collected");
    }

    private static void AddAndForget(Server server) => server.AddKinect(new PushDevice("forgotten"));

    private static Exception Fails(Func<Task<TimeSpan>> ping)
    {
        try
        {
            Check.True(ping().Wait(15000), "the task ends");
        }
        catch (Exception exception)
        {
            return exception.GetBaseException();
        }
        throw new CheckFailed("the ping did not fail");
    }
}
