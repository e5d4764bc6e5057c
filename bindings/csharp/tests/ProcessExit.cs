// ProcessExit.cs - a program that ends while frames flow into its handlers, and has disposed nothing. Its exit status is 0.
//
//     ProcessExit [handler]      handler: it is ended by Environment.Exit in a handler
using System;
using System.Threading;
using StreamKinect2;

internal static class ProcessExit
{
    private static Server server;
    private static MockDevice device;
    private static Client client;
    private static int produced, received;

    private static void Main(string[] arguments)
    {
        bool inHandler = arguments.Length > 0;
        device = new MockDevice(new MockOptions { Id = "exit", FrameRate = 500 });
        device.FrameProduced += (sender, frame) => produced++;
        server = new Server(new ServerOptions { Address = "127.0.0.1", Announce = false });
        server.AddKinect(device);
        server.Start();
        device.Start();
        client = new Client(server.GetEndpoint());
        client.DepthFrameReceived += (sender, frame) =>
        {
            received++;
            if (inHandler && produced >= 50 && received >= 50) Environment.Exit(0);
        };
        client.EnableDepthFrames();
        client.Connect();
        while (inHandler || produced < 50 || received < 50) Thread.Sleep(1);
    }
}
