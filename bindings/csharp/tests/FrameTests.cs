// FrameTests.cs - frames: pixels, references, and what is told of the misuse of them.
using System;
using System.Runtime.InteropServices;
using StreamKinect2;

internal static class FrameTests
{
    private const int Width = 6, Height = 2;

    private static ushort[] Ramp()
    {
        var pixels = new ushort[Width * Height];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (ushort)(1000 + i);
        return pixels;
    }

    [Test]
    public static void A_frame_has_what_it_was_made_of()
    {
        using (Frame frame = Frame.Create(Streams.Infrared, Ramp(), Width, Height, 77, 88))
        {
            Check.True(frame.Stream == Streams.Infrared && frame.Format == PixelFormat.Infrared16 && frame.Codec == Codec.Raw, "format");
            Check.True(frame.Width == Width && frame.Height == Height && frame.StrideBytes == 2 * Width, "sizes");
            Check.True(!frame.IsEmpty && frame.ByteCount == 2 * Width * Height, "bytes");
            Check.True(frame.CaptureTimeNs == 77 && frame.DeviceTimeNs == 88 && frame.ReceiveTimeNs == 0 && frame.Flags == FrameFlags.None, "times");
            Check.Equal(null, frame.KinectId, "kinect of a frame that was made here");
            Check.True(frame.Pixels.SequenceEqual(Ramp()), "pixels");
            Check.True(frame.Bytes[0] == (1000 & 0xff) && frame.Bytes[1] == 1000 >> 8, "bytes");
            Check.True(frame.Data != IntPtr.Zero, "data");
        }
    }

    [Test]
    public static void Copies_outlive_the_frame()
    {
        ushort[] array, copy = new ushort[Width * Height + 1];
        using (Frame frame = Frame.Create(Streams.Depth, Ramp(), Width, Height))
        {
            array = frame.ToArray();
            frame.CopyTo(copy);
            Check.Throws<ArgumentException>(() => frame.CopyTo(new ushort[Width]), "a destination that is too short");
        }
        Check.True(array.AsSpan().SequenceEqual(Ramp()) && copy.AsSpan(0, array.Length).SequenceEqual(Ramp()), "pixels");
    }

    [Test]
    public static void Nothing_can_be_read_after_Dispose()
    {
        Frame frame = Frame.Create(Streams.Depth, Ramp(), Width, Height);
        frame.Dispose();
        frame.Dispose();
        Check.True(frame.IsEmpty, "it is empty");
        foreach (Action read in new Action[]
        {
            () => frame.Pixels.ToArray(), () => frame.Bytes.ToArray(), () => frame.ToArray(), () => frame.CopyTo(new ushort[99]),
            () => Use(frame.Width), () => Use(frame.Sequence), () => Use(frame.KinectId), () => Use(frame.Data), () => frame.Retain(),
            () => Use(new Frame().Height)
        }) Check.Throws<ObjectDisposedException>(read, "reading");
    }

    [Test]
    public static void References_are_counted()
    {
        Frame first = Frame.Create(Streams.Depth, Ramp(), Width, Height), second = first.Retain(), third = new Frame();
        second.RetainInto(third);
        third.RetainInto(third);
        first.Dispose();
        second.Dispose();
        Check.True(third.Pixels.SequenceEqual(Ramp()), "pixels of the last reference");
        Check.Equal(1, KinectLibrary.LiveObjects, "references");
        third.Dispose();
    }

    [Test]
    public static void A_frame_that_is_dropped_is_given_back_by_the_garbage_collector()
    {
        Drop();
        Check.Soon(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            // A conservative collector may take old words on the stack for references.
            return KinectLibrary.LiveObjects < 10;
        }, "frames are finalized");
        KinectLibrary.Shutdown();
        Check.Soon(() =>
        {
            Drop(0);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return KinectLibrary.LiveObjects == 0;
        }, "all of them");
    }

    [Test]
    public static void Native_memory_is_copied_or_used_where_it_lies()
    {
        const int stride = 16;
        IntPtr memory = Marshal.AllocHGlobal(stride * Height), semaphore = Marshal.AllocHGlobal(64);
        for (int i = 0; i < stride * Height / 2; i++) Marshal.WriteInt16(memory, 2 * i, (short)i);
        using (Frame copied = Frame.FromNative(
            Streams.Depth, PixelFormat.Depth16Mm, Width, Height, stride, memory, stride * Height, IntPtr.Zero, IntPtr.Zero))
        {
            Check.True(copied.Data != memory && copied.StrideBytes == 2 * Width, "a copy has tight rows");
            Check.Equal(stride / 2, (int)copied.Pixels[Width], "first pixel of the second row");
        }
        // A native function that takes a pointer, and of which one can see that it was called.
        Check.Equal(0, sem_init(semaphore, 0, 0), "sem_init");
        Check.Throws<KinectException>(
            () => Frame.FromNative(Streams.Depth, PixelFormat.Depth16Mm, Width, Height, stride, memory, 1, dlsym(IntPtr.Zero, "sem_post"), semaphore),
            "one byte");
        Check.Equal(-1, sem_trywait(semaphore), "what was refused is not released");
        Frame lent = Frame.FromNative(
            Streams.Depth, PixelFormat.Depth16Mm, Width, Height, stride, memory, stride * Height, dlsym(IntPtr.Zero, "sem_post"), semaphore);
        Frame second = lent.Retain();
        Check.True(lent.Data == memory && lent.StrideBytes == stride, "the memory itself");
        Check.Throws<InvalidOperationException>(() => lent.ToArray(), "pixels of rows that are not tight");
        lent.Dispose();
        Check.Equal(-1, sem_trywait(semaphore), "it is not released before the last reference goes");
        second.Dispose();
        Check.Equal(0, sem_trywait(semaphore), "it is released then");
        Check.Equal(-1, sem_trywait(semaphore), "once");
        Marshal.FreeHGlobal(memory);
        Marshal.FreeHGlobal(semaphore);
    }

    [Test]
    public static void What_does_not_fit_together_is_refused_with_the_librarys_words()
    {
        var exception = Check.Throws<KinectException>(() => Frame.Create(Streams.Depth, Ramp(), Width, Height + 1), "more rows than pixels");
        Check.Equal(ResultCode.InvalidArgument, exception.Code, "code");
        Check.True(exception.Message.Contains("KINECT2_ERROR_INVALID_ARGUMENT") && exception.Message.Length > 40, "text: " + exception.Message);
        Check.Throws<ArgumentException>(() => Frame.Create(Streams.Color, Ramp(), Width, Height), "16 bits of colour");
        Check.Throws<KinectException>(() => Frame.Create(Streams.Depth, ReadOnlySpan<ushort>.Empty, Width, Height), "no pixels");
    }

    private static void Drop(int count = 100)
    {
        for (int i = 0; i < count; i++) Frame.Create(Streams.Depth, Ramp(), Width, Height);
    }

    private static void Use(object value) { }

    [DllImport("libc.so.6")]
    private static extern int sem_init(IntPtr semaphore, int shared, uint value);

    [DllImport("libc.so.6")]
    private static extern int sem_trywait(IntPtr semaphore);

    [DllImport("libc.so.6")]
    private static extern IntPtr dlsym(IntPtr handle, string symbol);
}
