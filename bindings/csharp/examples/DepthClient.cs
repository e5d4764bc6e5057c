// DepthClient.cs - receives depth frames and says once a second how: a client, polled; frames, figures.
using System;
using System.IO;
using System.Text;
using StreamKinect2;

internal sealed class DepthClient : Program
{
    private readonly Frame frame = new Frame(); // filled again and again
    private Client client;
    private string kinect;
    private long frames;

    private static int Main(string[] arguments) => new DepthClient().Execute(arguments);

    protected override string Describe()
    {
        Option("--server", "NAME", "name of the server (the first that is found)", "*");
        Option("--address", "A", "look for it on the interface with this address (all)", null);
        Option("--kinect", "ID", "which of the server's kinects (the first)", null);
        Option("--frames", "N", "end after N frames (0: on Ctrl-C)", "0");
        Option("--seconds", "S", "end after S seconds (0: on Ctrl-C)", "0");
        Option("--timeout", "S", "give up when there is no frame for S seconds (10)", "10");
        Option("--save", "FILE", "write the last frame to FILE: a PGM picture of 16 bits", null);
        return "usage: DepthClient [options] [ENDPOINT]\n\n" +
            "Receives depth frames from the server at ENDPOINT (tcp://HOST:PORT), or else from the one of that name.";
    }

    protected override int Run()
    {
        string endpoint = Operand ?? (IsSet("--address") ? Find() : null);
        using (frame)
        using (client = endpoint != null ? new Client(endpoint) : Client.ForServer(Text("--server")))
        {
            client.Connect();
            WaitForKinect();
            client.EnableDepthFrames(kinect);
            Receive();
            Print($"received {frames} frames");
            if (IsSet("--save")) Save(Text("--save"));
        }
        return Fine;
    }

    private string Find()
    {
        using (var browser = new Browser(new BrowserOptions { Address = Text("--address") }))
        {
            browser.Start();
            while (Running(Number("--timeout")))
            {
                KinectEvent next = browser.NextEvent(TickMs);
                if (next == null || next.Type != KinectEventType.AddServer || (Text("--server") != "*" && Text("--server") != next.Id)) continue;
                Print($"found \"{next.Id}\" at {next.Text}");
                return next.Text;
            }
        }
        throw new ExitException(Nothing, "no server found");
    }

    private void WaitForKinect()
    {
        while (Running(Number("--timeout")))
        {
            Report(client.NextEvent(TickMs));
            foreach (string id in client.GetKinectIds())
            {
                if (IsSet("--kinect") && id != Text("--kinect") || (client.GetStreams(id) & Streams.Depth) == 0) continue;
                kinect = id;
                return;
            }
        }
        throw new ExitException(Nothing, "no kinect with a depth stream found");
    }

    private void Receive()
    {
        const long second = 1000000000;
        long reported = KinectLibrary.ClockNs, came = reported;
        double wanted = Number("--frames"), seconds = Number("--seconds"), timeout = Number("--timeout");
        var before = new ClientStatistics();
        while (Running(seconds) && (wanted == 0 || frames < wanted))
        {
            if (client.TakeFrame(frame, TickMs, Streams.Depth, kinect))
            {
                came = KinectLibrary.ClockNs;
                if (frames++ == 0) PrintFirst();
            }
            Report(client.TryNextEvent());
            long now = KinectLibrary.ClockNs;
            if (now - came > timeout * second) throw new ExitException(Nothing, "no frame for " + Text("--timeout") + " seconds");
            if (now - reported < second) continue;
            before = PrintFigures(before, (double)(now - reported) / second);
            reported = now;
        }
        if (frames == 0) throw new ExitException(Nothing, "no frame came");
    }

    private void PrintFirst()
    {
        // Peers of version 1 send no times: 0 is "unknown".
        string latency = frame.CaptureTimeLocalNs == 0 ? "unknown" : Milliseconds(frame.ReceiveTimeNs - frame.CaptureTimeLocalNs);
        Print($"kinect {kinect}: depth {frame.Width}x{frame.Height}, sequence {frame.Sequence}, codec {frame.Codec}, latency {latency}");
    }

    /// <summary>Rates of the time since before, totals for the rest.</summary>
    private ClientStatistics PrintFigures(ClientStatistics before, double seconds)
    {
        ClientStatistics now;
        try
        {
            now = client.GetStatistics(kinect, Streams.Depth);
        }
        catch (KinectException exception) when (exception.Code == ResultCode.NotFound)
        {
            return before; // the kinect is away
        }
        string latency = now.LatencyP50Ns == 0 ? "unknown" : "p50 " + Milliseconds(now.LatencyP50Ns) + "  p99 " + Milliseconds(now.LatencyP99Ns);
        double rate = (now.Received - before.Received) / seconds, megabits = (now.Bytes - before.Bytes) * 8e-6 / seconds;
        Print($"fps {rate:F1}  Mbit/s {megabits:F1}  lost {now.Lost}  dropped {now.Dropped}  corrupt {now.Corrupt}  latency {latency}");
        return now;
    }

    private void Report(KinectEvent next)
    {
        if (next == null) return;
        switch (next.Type)
        {
            case KinectEventType.Connect:
                Print($"connected to \"{client.ServerName}\"");
                break;
            case KinectEventType.Disconnect:
                Console.Error.WriteLine("server lost (" + KinectLibrary.ResultName(next.Result) + "), trying again");
                break;
            case KinectEventType.RemoveKinect:
                Console.Error.WriteLine("kinect " + next.Id + " went away");
                break;
            case KinectEventType.Error:
                Console.Error.WriteLine(next);
                break;
        }
    }

    private void Save(string path)
    {
        ushort[] depth = frame.ToArray();
        var bytes = new byte[2 * depth.Length];
        for (int i = 0; i < depth.Length; i++)
        {
            bytes[2 * i] = (byte)(depth[i] >> 8); // PGM has the high byte first
            bytes[2 * i + 1] = (byte)depth[i];
        }
        using (FileStream file = File.Create(path))
        {
            byte[] header = Encoding.ASCII.GetBytes("P5 " + frame.Width + " " + frame.Height + " 65535\n");
            file.Write(header, 0, header.Length);
            file.Write(bytes, 0, bytes.Length);
        }
        Print($"saved {path}: depth in millimetres");
    }
}
