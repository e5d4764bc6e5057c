// GameLoop.cs - a loop of fixed steps, as games have them, that never waits for the library and makes no garbage for frames.
//
// Each step takes all events and the newest frame. Frames that came between two steps cost nothing: only the newest waits. Steps without
// a new frame go on with the last one, which the Frame object still holds.
using System;
using System.Threading;
using StreamKinect2;

internal sealed class GameLoop : Program
{
    private readonly Frame frame = new Frame();
    private long frames, steps, late, longestNs;
    private int nearestMm;

    private static int Main(string[] arguments) => new GameLoop().Execute(arguments);

    protected override string Describe()
    {
        Option("--server", "NAME", "name of the server (the first that is found)", "*");
        Option("--rate", "HZ", "steps per second (60)", "60");
        Option("--frames", "N", "end after N frames (0: on Ctrl-C)", "0");
        Option("--seconds", "S", "end after S seconds (0: on Ctrl-C)", "0");
        return "usage: GameLoop [options] [ENDPOINT]\n\n" +
            "Shows the nearest distance in the depth frames of a server, twice a second, in a loop of fixed steps.";
    }

    protected override int Run()
    {
        long period = (long)(1e9 / Number("--rate"));
        double wanted = Number("--frames"), seconds = Number("--seconds");
        using (frame)
        using (Client client = Operand != null ? new Client(Operand) : Client.ForServer(Text("--server")))
        {
            client.EnableDepthFrames();
            client.Connect();
            long due = KinectLibrary.ClockNs;
            while (Running(seconds) && (wanted == 0 || frames < wanted))
            {
                for (long wait = due - KinectLibrary.ClockNs; wait > 0; wait = due - KinectLibrary.ClockNs) Thread.Sleep((int)(wait / 1000000) + 1);
                if (KinectLibrary.ClockNs > due + period / 2) late++;
                Step(client, Math.Max(1, (long)(Number("--rate") / 2)));
                due += period;
            }
        }
        Print($"steps {steps}  late {late}  frames {frames}  longest in the library {Milliseconds(longestNs)}");
        return frames > 0 || Stopped ? Fine : Nothing;
    }

    private void Step(Client client, long stepsForAPicture)
    {
        long before = KinectLibrary.ClockNs;
        for (KinectEvent next = client.TryNextEvent(); next != null; next = client.TryNextEvent()) Report(next);
        bool isNew = client.TryTakeFrame(frame, Streams.Depth);
        longestNs = Math.Max(longestNs, KinectLibrary.ClockNs - before);
        if (isNew)
        {
            frames++;
            nearestMm = Nearest(frame.Pixels);
        }
        if (++steps % stepsForAPicture == 0) Render();
    }

    private static int Nearest(ReadOnlySpan<ushort> depth)
    {
        int nearest = 0;
        foreach (ushort mm in depth)
            if (mm != 0 && (nearest == 0 || mm < nearest)) nearest = mm;
        return nearest;
    }

    private void Render()
    {
        if (frame.IsEmpty)
        {
            Print($"step {steps}  no frame yet");
            return;
        }
        // Peers of version 1 send no times.
        string age = frame.CaptureTimeLocalNs == 0 ? "unknown" : Milliseconds(KinectLibrary.ClockNs - frame.CaptureTimeLocalNs);
        Print($"step {steps}  nearest {nearestMm} mm  sequence {frame.Sequence}  age {age}");
    }

    private static void Report(KinectEvent next)
    {
        switch (next.Type)
        {
            case KinectEventType.Connect:
                Console.WriteLine("connected");
                break;
            case KinectEventType.Disconnect:
                Console.Error.WriteLine("server lost (" + KinectLibrary.ResultName(next.Result) + "), trying again");
                break;
            case KinectEventType.Error:
                Console.Error.WriteLine(next);
                break;
        }
    }
}
