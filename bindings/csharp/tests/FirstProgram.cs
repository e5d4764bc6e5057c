// FirstProgram.cs - finds a server by name, pings it, and prints a checksum of each depth frame of its first kinect.
//
//     FirstProgram SERVER_NAME FRAMES
//
// Uses nothing but the public interface, so it shows of an installed package that it works. Ends with 1 after 30 s.
using System;
using System.Diagnostics;
using System.Threading.Tasks;
using StreamKinect2;

internal static class FirstProgram
{
    private static readonly Stopwatch Clock = Stopwatch.StartNew();

    private static int LeftMs => (int)Math.Max(0, 30000 - Clock.ElapsedMilliseconds);

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 2 || !int.TryParse(arguments[1], out int count))
        {
            Console.Error.WriteLine("usage: FirstProgram SERVER_NAME FRAMES");
            return 2;
        }
        try
        {
            using (var client = new Client(Find(arguments[0])))
            {
                client.Connect();
                Task<TimeSpan> pong = client.PingAsync();
                if (!pong.Wait(LeftMs)) throw new TimeoutException("no pong came");
                Console.WriteLine("pong");
                string kinect = FirstKinect(client);
                client.EnableDepthFrames(kinect);
                PrintFrames(client, kinect, count);
            }
            return 0;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine("FirstProgram: " + exception.GetBaseException().Message);
            return 1;
        }
    }

    private static string Find(string name)
    {
        using (var browser = new Browser())
        {
            browser.Start();
            while (LeftMs > 0)
            {
                KinectEvent found = browser.NextEvent(LeftMs);
                if (found != null && found.Type == KinectEventType.AddServer && found.Id == name) return found.Text;
            }
        }
        throw new TimeoutException("no server \"" + name + "\" was found");
    }

    private static string FirstKinect(Client client)
    {
        while (LeftMs > 0)
        {
            string[] ids = client.GetKinectIds();
            if (ids.Length > 0) return ids[0];
            client.NextEvent(LeftMs);
        }
        throw new TimeoutException("the server has no kinect");
    }

    private static void PrintFrames(Client client, string kinect, int count)
    {
        using (var frame = new Frame())
        {
            for (int i = 0; i < count; i++)
            {
                if (!client.TakeFrame(frame, LeftMs, Streams.Depth, kinect)) throw new TimeoutException("no frame came");
                Console.WriteLine("depth " + frame.Sequence + " " + Crc32(frame.Bytes).ToString("x8"));
            }
        }
    }

    // zlib's CRC-32, of bytes that are little-endian on every machine that .NET runs on.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xffffffff;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
        return ~crc;
    }
}
