// DomainReload.cs - application domains that are unloaded while frames flow, with callbacks and polling: what Unity's editor does at
// each Play and at each change of a script. Mono only: CoreCLR has one domain.
//
//     DomainReload CYCLES
//
// Nothing is disposed in the domains. After each cycle nothing of the library may be left, and file descriptors and threads may not grow.
using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO;
using System.Threading;
using StreamKinect2;

internal static class DomainReload
{
    private static int Main(string[] arguments)
    {
        int cycles = int.Parse(arguments[0]), filesAtFirst = 0, threadsAtFirst = 0;
        for (int cycle = 1; cycle <= cycles; cycle++)
        {
            Stopwatch clock = Stopwatch.StartNew();
            AppDomain domain = AppDomain.CreateDomain("cycle " + cycle);
            var inside = (Inside)domain.CreateInstanceAndUnwrap(typeof(Inside).Assembly.FullName, typeof(Inside).FullName);
            inside.Start(cycle);
            for (int i = 0; !inside.Flows; i++)
            {
                if (i > 15000) return Fail(cycle, "no frames flow: " + inside.Counts);
                Thread.Sleep(1);
            }
            Unload(domain, cycle);
            if (KinectLibrary.LiveObjects != 0) return Fail(cycle, KinectLibrary.LiveObjects + " objects of the library are left");
            int files = Entries("/proc/self/fd"), threads = Entries("/proc/self/task");
            if (cycle == Math.Min(5, cycles)) // the runtime's own threads and files are there by now
            {
                filesAtFirst = files;
                threadsAtFirst = threads;
            }
            if (cycle > 5 && (files > filesAtFirst + 2 || threads > threadsAtFirst + 3))
                return Fail(cycle, files + " files and " + threads + " threads; after the fifth cycle: " + filesAtFirst + " and " + threadsAtFirst);
            if (Environment.GetEnvironmentVariable("VERBOSE") != null)
                Console.WriteLine("cycle " + cycle + ": " + files + " files, " + threads + " threads, " + clock.ElapsedMilliseconds + " ms");
        }
        Console.WriteLine(cycles + " domains were unloaded while frames flowed");
        return 0;
    }

    private static void Unload(AppDomain domain, int cycle)
    {
        var unloading = new Thread(() => AppDomain.Unload(domain));
        unloading.Start();
        if (!unloading.Join(30000)) Environment.Exit(Fail(cycle, "AppDomain.Unload hangs"));
    }

    private static int Fail(int cycle, string what)
    {
        Console.Error.WriteLine("cycle " + cycle + ": " + what);
        return 1;
    }

    // Threads that have ended are in /proc for a moment longer.
    private static int Entries(string folder)
    {
        int least = int.MaxValue;
        for (int i = 0; i < 20; i++)
        {
            least = Math.Min(least, Directory.GetFileSystemEntries(folder).Length);
            Thread.Sleep(1);
        }
        return least;
    }

    /// <summary>
    /// What runs in the domain: a server with a mock device, one client with handlers, one with handlers on a SynchronizationContext, and
    /// one that a thread polls.
    /// </summary>
    private sealed class Inside : MarshalByRefObject
    {
        private Server server;
        private MockDevice device;
        private Client handled, posted, polled;
        private Browser browser;
        private Compressor compressor;
        private Frame kept; // held when the domain goes
        private int produced, received, raised, taken, compressed;

        public bool Flows => produced > 10 && received > 10 && raised > 10 && taken > 10 && compressed > 10;

        public string Counts =>
            produced + " produced, " + received + " received, " + raised + " raised, " + taken + " taken, " + compressed + " compressed";

        public void Start(int cycle)
        {
            KinectLibrary.SetLog(LogLevel.Debug, (level, message) => { });
            device = new MockDevice(new MockOptions { Id = "reload", FrameRate = 300 });
            device.FrameProduced += (sender, frame) => produced++;
            compressor = new Compressor(device, Streams.Depth);
            compressor.FrameCompressed += (sender, frame) => compressed++;
            server = new Server(new ServerOptions { Address = "127.0.0.1", Announce = false });
            server.AddKinect(device);
            server.Happened += (sender, e) => { };
            server.Start();
            device.Start();
            handled = new Client(server.GetEndpoint());
            handled.KinectAdded += (sender, id) => { };
            handled.DepthFrameReceived += (sender, frame) => received++;
            handled.EnableDepthFrames();
            handled.Connect();
            handled.PingAsync();
            var loop = new Loop();
            SynchronizationContext.SetSynchronizationContext(loop);
            posted = new Client(server.GetEndpoint());
            SynchronizationContext.SetSynchronizationContext(null);
            posted.Connected += (sender, e) => { };
            posted.KinectAdded += (sender, id) => { };
            posted.DepthFrameReceived += (sender, frame) => raised++;
            posted.EnableDepthFrames();
            posted.Connect();
            new Thread(loop.Run) { IsBackground = true }.Start();
            polled = new Client(server.GetEndpoint());
            polled.EnableDepthFrames();
            polled.Connect();
            if (cycle % 5 == 0)
            {
                browser = new Browser(new BrowserOptions { Address = "127.0.0.1" });
                browser.ServerAdded += (sender, found) => { };
                browser.Start();
            }
            new Thread(Poll) { IsBackground = true }.Start();
        }

        public override object InitializeLifetimeService() => null;

        private void Poll()
        {
            var frame = new Frame();
            try
            {
                while (true)
                {
                    if (!polled.TakeFrame(frame, 1000)) continue;
                    taken++;
                    kept = kept ?? frame.Retain();
                }
            }
            catch (KinectException)
            {
                // Shutdown has ended the client.
            }
        }
    }

    /// <summary>A program's main loop.</summary>
    private sealed class Loop : SynchronizationContext
    {
        private readonly BlockingCollection<Action> posts = new BlockingCollection<Action>();

        public override void Post(SendOrPostCallback callback, object state) => posts.Add(() => callback(state));

        public void Run()
        {
            foreach (Action post in posts.GetConsumingEnumerable()) post();
        }
    }
}
