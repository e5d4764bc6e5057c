// Rig.cs - a server with one device and a client of it, on the loopback interface, without discovery.
using System;
using StreamKinect2;

internal sealed class Rig : IDisposable
{
    public const string Id = "rig";

    public readonly Device Device;
    public readonly Server Server;
    public readonly Client Client;

    public Rig(Device device = null)
    {
        Device = device ?? new PushDevice(Id);
        Server = new Server(new ServerOptions { Name = "C# rig", Address = "127.0.0.1", Announce = false });
        Server.AddKinect(Device);
        Server.Start();
        Device.Start();
        Client = new Client(Server.GetEndpoint());
    }

    public static MockDevice Mock(double frameRate) => new MockDevice(new MockOptions { Id = Id, FrameRate = frameRate });

    public PushDevice Push => (PushDevice)Device;

    /// <summary>Connects, enables a stream and waits until it has been subscribed to.</summary>
    public void Receive(Streams stream = Streams.Depth)
    {
        Client.EnableStreams(stream);
        Client.Connect();
        Check.Soon(() => Server.GetStatistics(Device.Id, stream).Subscribers > 0, "the client subscribes");
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Device.Dispose();
    }
}
