// EventTests.cs - events: on the library's thread, on a SynchronizationContext, with handlers that throw, dispose and keep.
using System;
using System.Collections.Generic;
using System.Threading;
using StreamKinect2;

internal static class EventTests
{
    /// <summary>Runs what is posted when it is told to, as a program with a main loop does.</summary>
    private sealed class Loop : SynchronizationContext
    {
        private readonly Queue<Action> posts = new Queue<Action>();

        public int Count
        {
            get { lock (posts) return posts.Count; }
        }

        public bool Refuses { get; set; }

        public override void Post(SendOrPostCallback callback, object state)
        {
            if (Refuses) throw new InvalidOperationException("the program ends");
            lock (posts) posts.Enqueue(() => callback(state));
        }

        public void RunAll()
        {
            while (Count > 0)
            {
                Action post;
                lock (posts) post = posts.Dequeue();
                post();
            }
        }

        /// <summary>What an action makes has this loop for its events.</summary>
        public T Make<T>(Func<T> action)
        {
            SynchronizationContext before = Current;
            SetSynchronizationContext(this);
            try
            {
                return action();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }

    [Test]
    public static void Events_come_in_order_on_a_thread_of_the_library()
    {
        var heard = new List<string>();
        int here = Thread.CurrentThread.ManagedThreadId;
        using (var rig = new Rig(Rig.Mock(100)))
        {
            Action<string> hear = what =>
            {
                lock (heard) heard.Add(Thread.CurrentThread.ManagedThreadId == here ? "in the wrong thread" : what);
            };
            Client client = rig.Client;
            client.Connected += (sender, e) => hear(sender == client ? "connected" : "another sender");
            client.KinectAdded += (sender, id) => hear("added " + id);
            client.DepthFrameReceived += (sender, frame) => hear(frame.KinectId);
            client.KinectRemoved += (sender, id) => hear("removed " + id);
            client.Disconnected += (sender, reason) => hear("disconnected " + reason);
            client.EnableDepthFrames();
            client.Connect();
            Check.Soon(() => { lock (heard) return heard.Contains(Rig.Id); }, "frames come");
            client.Disconnect();
            int count;
            lock (heard)
            {
                heard.RemoveAll(what => what == Rig.Id);
                count = heard.Count;
            }
            Check.Equal("connected, added rig, removed rig, disconnected Ok", string.Join(", ", heard), "what was heard");
            Thread.Sleep(50);
            Check.Equal(4, count, "nothing is heard after Disconnect");
        }
    }

    [Test]
    public static void A_handler_that_comes_late_hears_of_what_is_there()
    {
        using (var rig = new Rig())
        {
            string added = null;
            rig.Client.Connect();
            Check.Soon(() => rig.Client.GetKinectIds().Length == 1, "the kinect is there");
            rig.Client.KinectAdded += (sender, id) => added = id;
            Check.Soon(() => added == Rig.Id, "the handler hears of it");
        }
    }

    [Test]
    public static void A_handler_that_was_removed_hears_nothing_more()
    {
        using (var rig = new Rig(Rig.Mock(200)))
        {
            int first = 0, second = 0;
            EventHandler<Frame> handler = (sender, frame) => Interlocked.Increment(ref first);
            rig.Device.FrameProduced += handler;
            rig.Device.FrameProduced += (sender, frame) => Interlocked.Increment(ref second);
            Check.Soon(() => first > 0 && second > 0, "both hear");
            rig.Device.FrameProduced -= handler;
            Thread.Sleep(30);
            int before = first, then = second;
            Check.Soon(() => second > then + 5, "the other one goes on");
            Check.Equal(before, first, "calls of the removed one");
        }
    }

    [Test]
    public static void A_frame_is_lent_to_a_handler_and_kept_by_Retain()
    {
        using (var rig = new Rig(Rig.Mock(100)))
        {
            Frame lent = null, kept = null;
            rig.Client.FrameReceived += (sender, frame) =>
            {
                if (kept != null) return;
                lent = frame;
                kept = frame.Retain();
            };
            rig.Receive();
            Check.Soon(() => kept != null, "a frame comes");
            rig.Client.Dispose();
            Check.Throws<ObjectDisposedException>(() => lent.ToArray(), "the lent object");
            Check.Equal(512 * 424, kept.ToArray().Length, "pixels of the kept one");
            kept.Dispose();
        }
    }

    [Test]
    public static void Events_come_through_the_context_of_the_constructor()
    {
        var loop = new Loop();
        using (var rig = new Rig(Rig.Mock(300)))
        using (Client client = loop.Make(() => new Client(rig.Server.GetEndpoint())))
        {
            var heard = new List<string>();
            var sequences = new List<long>();
            int threads = 0, here = Thread.CurrentThread.ManagedThreadId;
            client.Connected += (sender, e) => heard.Add("connected");
            client.KinectAdded += (sender, id) => heard.Add(id);
            client.DepthFrameReceived += (sender, frame) =>
            {
                sequences.Add(frame.Sequence);
                if (Thread.CurrentThread.ManagedThreadId != here) threads++;
            };
            client.EnableDepthFrames();
            client.Connect();
            Check.Soon(() => client.GetKinectIds().Length == 1 && client.GetStatistics(Rig.Id, Streams.Depth).Delivered > 30, "frames wait");
            Check.Equal(0, heard.Count + sequences.Count, "nothing is raised before the loop runs");
            Check.True(loop.Count <= 3, "only the newest frame waits, not " + loop.Count + " posts");
            loop.RunAll();
            Check.Equal("connected rig", string.Join(" ", heard), "in order");
            Check.True(sequences.Count == 1 && sequences[0] > 5, "one frame, which is the newest");
            Check.Soon(() => { loop.RunAll(); return sequences.Count > 20; }, "frames go on");
            Check.Equal(0, threads, "calls in another thread");
            for (int i = 1; i < sequences.Count; i++) Check.True(sequences[i] > sequences[i - 1], "in order");
            Check.Soon(() => loop.Count > 0, "another frame waits");
            client.Dispose();
            int count = sequences.Count;
            loop.RunAll();
            Check.Equal(count, sequences.Count, "frames after Dispose");
        }
    }

    [Test]
    public static void A_context_that_refuses_is_reported()
    {
        Exception what = null;
        Action<object, Exception> report = (sender, exception) => what = exception;
        KinectLibrary.HandlerFailed += report;
        var loop = new Loop { Refuses = true };
        using (var rig = new Rig(Rig.Mock(200)))
        using (Client client = loop.Make(() => new Client(rig.Server.GetEndpoint())))
        {
            int frames = 0;
            client.DepthFrameReceived += (sender, frame) => frames++;
            client.EnableDepthFrames();
            client.Connect();
            Check.Soon(() => what is InvalidOperationException, "the report");
            loop.Refuses = false;
            Check.Soon(() => { loop.RunAll(); return frames > 5; }, "frames come when it does not any more");
        }
        KinectLibrary.HandlerFailed -= report;
    }

    [Test]
    public static void A_context_gets_compressed_frames_too()
    {
        var loop = new Loop();
        using (MockDevice device = Rig.Mock(300))
        using (Compressor compressor = loop.Make(() => new Compressor(device, Streams.Depth)))
        {
            long last = -1;
            compressor.FrameCompressed += (sender, frame) => last = frame.Length > 0 ? frame.Sequence : -1;
            device.Start();
            Check.Soon(() => { loop.RunAll(); return last > 10; }, "frames come");
        }
    }

    [Test]
    public static void An_exception_in_a_handler_is_reported_and_frames_go_on()
    {
        object who = null;
        Exception what = null;
        Action<object, Exception> report = (sender, exception) => { who = sender; what = exception; };
        KinectLibrary.HandlerFailed += report;
        using (var rig = new Rig(Rig.Mock(200)))
        {
            int calls = 0;
            rig.Client.DepthFrameReceived += (sender, frame) =>
            {
                calls++;
                throw new InvalidOperationException("a defect of the program");
            };
            rig.Receive();
            Check.Soon(() => calls > 5, "further frames");
            Check.True(who == rig.Client && what.Message == "a defect of the program", "report");
        }
        KinectLibrary.HandlerFailed -= report;
    }

    [Test]
    public static void A_handler_may_dispose_its_own_object()
    {
        using (var rig = new Rig(Rig.Mock(200)))
        {
            bool disposed = false;
            int after = 0;
            rig.Client.DepthFrameReceived += (sender, frame) =>
            {
                if (disposed) after++;
                rig.Client.Dispose();
                disposed = true;
            };
            rig.Receive();
            Check.Soon(() => disposed, "the handler returns");
            Thread.Sleep(50);
            Check.Equal(0, after, "calls after that");
        }
    }

    [Test]
    public static void Dispose_waits_for_a_handler_that_runs()
    {
        using (var rig = new Rig(Rig.Mock(200)))
        {
            bool runs = false, ended = false;
            rig.Client.DepthFrameReceived += (sender, frame) =>
            {
                runs = true;
                Thread.Sleep(100);
                ended = true;
            };
            rig.Receive();
            Check.Soon(() => runs, "the handler runs");
            rig.Client.Dispose();
            Check.True(ended, "it has ended when Dispose returns");
        }
    }

    [Test]
    public static void Objects_may_be_disposed_at_any_moment_by_several_threads()
    {
        var loop = new Loop();
        var random = new Random(1);
        using (var rig = new Rig(Rig.Mock(500)))
        {
            for (int i = 0; i < 100; i++)
            {
                Client client = i % 2 == 0 ? new Client(rig.Server.GetEndpoint()) : loop.Make(() => new Client(rig.Server.GetEndpoint()));
                client.Connected += (sender, e) => { };
                client.KinectAdded += (sender, id) => client.EnableDepthFrames(id);
                client.DepthFrameReceived += (sender, frame) => frame.Retain().Dispose();
                client.FrameReceived += (sender, frame) => frame.ToArray();
                client.Connect();
                Thread.Sleep(random.Next(20));
                loop.RunAll();
                var threads = new[] { new Thread(client.Dispose), new Thread(client.Dispose) };
                foreach (Thread thread in threads) thread.Start();
                foreach (Thread thread in threads) thread.Join();
            }
            loop.RunAll();
        }
    }

    [Test]
    public static void Browsers_and_servers_have_events()
    {
        string name = "C# events " + System.Diagnostics.Process.GetCurrentProcess().Id;
        using (var browser = new Browser(new BrowserOptions { Address = "127.0.0.1" }))
        using (var server = new Server(new ServerOptions { Name = name, Address = "127.0.0.1" }))
        using (var device = new PushDevice(Rig.Id))
        {
            string endpoint = null;
            bool removed = false;
            long subscribers = 0;
            browser.ServerAdded += (sender, found) => { if (found.Name == name) endpoint = found.Endpoint; };
            browser.ServerRemoved += (sender, lost) => { if (lost.Name == name) removed = true; };
            server.Happened += (sender, e) => { if (e.Type == KinectEventType.Subscribers) subscribers = e.Value; };
            browser.Start();
            server.AddKinect(device);
            server.Start();
            Check.Soon(() => endpoint == server.GetEndpoint(), "the server is found");
            using (var client = new Client(endpoint))
            {
                bool happened = false;
                client.Happened += (sender, e) => happened |= e.Type == KinectEventType.AddKinect;
                client.EnableDepthFrames();
                client.Connect();
                Check.Soon(() => subscribers == 1 && happened, "a subscriber");
            }
            server.Stop();
            Check.Soon(() => removed, "the server is gone");
        }
    }

    [Test]
    public static void An_object_that_is_dropped_ends()
    {
        using (var device = Rig.Mock(200))
        {
            device.Start();
            int before = KinectLibrary.LiveObjects;
            for (int i = 0; i < 20; i++) Drop(device);
            Check.Soon(() =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return KinectLibrary.LiveObjects < before + 10; // a conservative collector may keep some
            }, "clients and compressors are collected though they have handlers");
        }
        KinectLibrary.Shutdown();
    }

    private static void Drop(Device device)
    {
        var client = new Client("tcp://127.0.0.1:1");
        client.Disconnected += (sender, reason) => { };
        client.Connect();
        new Compressor(device, Streams.Depth).FrameCompressed += (sender, frame) => { };
    }
}
