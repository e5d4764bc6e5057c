// GarbageTests.cs - 2000 frames of 512x424, by polling and by events: no collection, and nothing that grows.
using System;
using System.Threading;
using StreamKinect2;

internal static class GarbageTests
{
    private const int Frames = 2000;

    // Faster than a sensor, so that the test is short; the code is the same at 30.
    private const double FrameRate = 400;

    // What the runtime itself may allocate meanwhile. A single object for each frame would be 48000 bytes at least.
    private const long Slack = 24000;

    [Test]
    public static void Polling_makes_no_garbage()
    {
        using (var rig = new Rig(Rig.Mock(FrameRate)))
        using (var frame = new Frame())
        {
            rig.Receive();
            long sum = 0;
            Measure("polling", () =>
            {
                Check.True(rig.Client.TakeFrame(frame, 15000, Streams.Depth, Rig.Id), "a frame comes");
                sum += frame.Pixels.Length + frame.Sequence + frame.KinectId.Length;
                rig.Client.TryTakeFrame(frame);
                rig.Client.TryNextEvent();
            });
            Check.True(sum > Frames * 512L * 424, "frames were read");
        }
    }

    [Test]
    public static void Events_make_no_garbage()
    {
        using (var rig = new Rig(Rig.Mock(FrameRate)))
        using (var came = new AutoResetEvent(false))
        {
            long sum = 0;
            rig.Client.DepthFrameReceived += (sender, frame) =>
            {
                sum += frame.Pixels.Length + frame.Sequence + frame.KinectId.Length;
                came.Set();
            };
            rig.Receive();
            Measure("events", () => Check.True(came.WaitOne(15000), "a frame comes"));
            Check.True(sum > Frames * 512L * 424, "frames were read");
        }
    }

    private static void Measure(string what, Action frame)
    {
        for (int i = 0; i < 100; i++) frame(); // everything has been compiled and every pool filled
        long before = GC.GetTotalMemory(true);
        int collections = Collections();
        for (int i = 0; i < Frames; i++) frame();
        long grown = GC.GetTotalMemory(false) - before;
        Check.Equal(collections, Collections(), "collections while " + what);
        Check.True(grown < Slack, grown + " bytes more after " + Frames + " frames by " + what);
    }

    private static int Collections()
    {
        int count = 0;
        for (int generation = 0; generation <= GC.MaxGeneration; generation++) count += GC.CollectionCount(generation);
        return count;
    }
}
