// PingClient.cs - pings each server as it is discovered, and says how long the answer took: events and await.
using System;
using System.Threading;
using System.Threading.Tasks;
using StreamKinect2;

internal sealed class PingClient : Program
{
    private int pongs;

    private static int Main(string[] arguments) => new PingClient().Execute(arguments);

    protected override string Describe()
    {
        Option("--seconds", "S", "end after S seconds (0: on Ctrl-C)", "0");
        Option("--count", "N", "end after N pongs (0: on Ctrl-C)", "0");
        Option("--address", "A", "listen on the interface with this address (all)", null);
        return "Pings each Kinect server as it is discovered.";
    }

    protected override int Run()
    {
        using (var browser = new Browser(new BrowserOptions { Address = Text("--address") }))
        {
            // Handlers run on a thread of the library's, one at a time for each object.
            browser.ServerAdded += async (sender, server) =>
            {
                Print($"Discovered server \"{server.Name}\" at \"{server.Endpoint}\"");
                await Ping(server);
            };
            browser.ServerRemoved += (sender, server) => Print($"Server \"{server.Name}\" at \"{server.Endpoint}\" went away");
            browser.Start();
            double count = Number("--count");
            while (Running(Number("--seconds")) && (count == 0 || Volatile.Read(ref pongs) < count)) Thread.Sleep(TickMs);
        }
        return pongs > 0 || Stopped ? Fine : Nothing;
    }

    private async Task Ping(ServerInfo server)
    {
        using (var client = new Client(server.Endpoint))
        {
            try
            {
                client.Connect();
                TimeSpan roundTrip = await client.PingAsync();
                Print($"Got pong from \"{server.Name}\" after {roundTrip.TotalMilliseconds:F2} ms");
                Interlocked.Increment(ref pongs);
            }
            catch (KinectException exception)
            {
                Console.Error.WriteLine("No pong from \"" + server.Name + "\": " + exception.Message);
            }
        }
    }
}
