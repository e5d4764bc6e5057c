using System;
using StreamKinect2;

internal static class First
{
    private static void Main()
    {
        using (Client client = Client.ForServer("*")) // the first server that is found
        using (var frame = new Frame())
        {
            client.EnableDepthFrames();
            client.Connect();
            if (!client.TakeFrame(frame, 10000)) throw new TimeoutException("no frame came");
            ReadOnlySpan<ushort> depth = frame.Pixels; // millimetres, 0: invalid
            Console.WriteLine(frame.Width + "x" + frame.Height + " pixels, " + depth[frame.Height / 2 * frame.Width + frame.Width / 2] + " mm in the middle");
        }
    }
}
