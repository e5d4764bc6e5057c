// MockServer.cs - serves a simulated sensor.
using System;
using StreamKinect2;

internal sealed class MockServer : Program
{
    private static int Main(string[] arguments) => new MockServer().Execute(arguments);

    protected override string Describe()
    {
        Option("--name", "NAME", "name of the server (one is made up)", null);
        Option("--address", "A", "numeric address to bind (all interfaces)", null);
        Option("--id", "ID", "id of the kinect (one is made up)", null);
        Option("--rate", "HZ", "frames per second (30)", "30");
        Option("--seed", "N", "seed of the realistic noise (0)", "0");
        Option("--seconds", "S", "end after S seconds (0: on Ctrl-C)", "0");
        Flag("--realistic", "depth and infrared of a room with a person, and a sensor's noise");
        return "Serves a simulated Kinect.";
    }

    protected override int Run()
    {
        var options = new MockOptions { Id = Text("--id"), FrameRate = Number("--rate"), Seed = (uint)Number("--seed") };
        if (IsSet("--realistic"))
        {
            options.Mode = MockMode.Realistic;
            options.Streams = Streams.Depth | Streams.Infrared;
        }
        using (var kinect = new MockDevice(options))
        using (var server = new Server(new ServerOptions { Name = Text("--name"), Address = Text("--address") }))
        {
            server.AddKinect(kinect);
            server.Start();
            kinect.Start();
            Print($"serving \"{server.Name}\" at {server.GetEndpoint()}");
            Print($"kinect {kinect.Id}");
            PrintEndpoint(server, kinect, EndpointType.Depth, "depth");
            PrintEndpoint(server, kinect, EndpointType.FramesDepth, "frames.depth");
            PrintEndpoint(server, kinect, EndpointType.FramesInfrared, "frames.infrared");
            while (Running(Number("--seconds"))) Report(server.NextEvent(TickMs));
        }
        return Fine;
    }

    private static void PrintEndpoint(Server server, Device kinect, EndpointType type, string name)
    {
        try
        {
            Print($"{name} {server.GetEndpoint(type, kinect.Id)}");
        }
        catch (KinectException exception) when (exception.Code == ResultCode.NotFound)
        {
            // A kinect has the endpoints of its streams only.
        }
    }

    private static void Report(KinectEvent next)
    {
        if (next == null) return;
        switch (next.Type)
        {
            case KinectEventType.Subscribers:
                Print($"subscribers {next.Value} (kinect {next.Id}, stream {(uint)next.Stream})");
                break;
            case KinectEventType.Name:
                Print($"renamed \"{next.Id}\": another server has the old name");
                break;
            case KinectEventType.Error:
                Console.Error.WriteLine(next);
                break;
        }
    }
}
