// GarbageTests.cs - 2000 frames of 512x424, by polling and by events: no collection, and nothing that grows.
using System;
using System.Threading;
using StreamKinect2;

internal static class GarbageTests
{
    private const int WarmUp = 100; // everything has been compiled and every pool filled by then
    private const int Frames = 2000;

    // Faster than a sensor, so that the test is short; the code is the same at 30.
    private const double FrameRate = 400;

    // What the runtimes may allocate for themselves, and count in blocks. One empty object for each frame would be 32000 bytes.
    private const long SlackBytes = 16384;

    // Both runtimes have it, .NET Standard 2.0 does not.
    private static readonly Func<long> AllocatedHere =
        (Func<long>)Delegate.CreateDelegate(typeof(Func<long>), typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread"));

    [Test]
    public static void Polling_makes_no_garbage()
    {
        using (var rig = new Rig(Rig.Mock(FrameRate)))
        using (var frame = new Frame())
        {
            rig.Receive();
            var figures = new Figures("polling");
            while (!figures.Complete)
            {
                Check.True(rig.Client.TakeFrame(frame, 15000, Streams.Depth, Rig.Id), "a frame comes");
                Read(frame);
                rig.Client.TryTakeFrame(frame);
                rig.Client.TryNextEvent();
                figures.Count();
            }
            figures.Verify();
        }
    }

    [Test]
    public static void Events_make_no_garbage()
    {
        using (var rig = new Rig(Rig.Mock(FrameRate)))
        {
            var figures = new Figures("events");
            EventHandler<Frame> handler = (sender, frame) =>
            {
                Read(frame);
                figures.Count();
            };
            rig.Client.DepthFrameReceived += handler;
            rig.Receive();
            Check.Soon(() => figures.Complete, "the frames come", 50);
            rig.Client.DepthFrameReceived -= handler;
            figures.Verify();
        }
    }

    [Test]
    public static void An_object_for_each_frame_would_be_noticed()
    {
        var figures = new Figures("making garbage");
        while (!figures.Complete)
        {
            GC.KeepAlive(new object());
            figures.Count();
        }
        Check.Throws<CheckFailed>(figures.Verify, "garbage");
    }

    private static void Read(Frame frame)
    {
        ReadOnlySpan<ushort> pixels = frame.Pixels;
        Check.True(pixels.Length == 512 * 424 && pixels[0] != 1 && frame.Sequence >= 0 && frame.KinectId == Rig.Id, "a frame of the mock");
    }

    /// <summary>Counts frames in one thread, and what is allocated between the end of the warm-up and the last one.</summary>
    private sealed class Figures
    {
        private readonly string what;
        private int count, collections;
        private long total, here, grown, allocated;

        public Figures(string what)
        {
            this.what = what;
        }

        public bool Complete => Volatile.Read(ref count) >= WarmUp + Frames;

        public void Count()
        {
            if (count == WarmUp)
            {
                total = GC.GetTotalMemory(true);
                collections = Collections();
                here = AllocatedHere();
            }
            else if (count == WarmUp + Frames - 1)
            {
                allocated = AllocatedHere() - here;
                collections = Collections() - collections;
                grown = GC.GetTotalMemory(true) - total;
            }
            Volatile.Write(ref count, count + 1);
        }

        public void Verify()
        {
            Check.True(allocated < SlackBytes, allocated + " bytes were allocated for " + Frames + " frames by " + what);
            Check.Equal(0, collections, "collections while " + what);
            Check.True(grown < SlackBytes, grown + " bytes more are used after " + Frames + " frames by " + what);
        }

        private static int Collections()
        {
            int count = 0;
            for (int generation = 0; generation <= GC.MaxGeneration; generation++) count += GC.CollectionCount(generation);
            return count;
        }
    }
}
