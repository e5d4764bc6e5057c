// LibraryTests.cs - the log, the names of results, and the end of everything.
using System;
using System.Collections.Generic;
using System.Linq;
using StreamKinect2;

internal static class LibraryTests
{
    [Test]
    public static void The_log_goes_to_a_handler_until_it_is_taken_away()
    {
        var messages = new List<string>();
        KinectLibrary.SetLog(LogLevel.Debug, (level, message) => { lock (messages) messages.Add(level + " " + message); });
        using (var device = new PushDevice("logged"))
        {
            device.Start();
            device.Start(); // a warning
        }
        KinectLibrary.SetLog(LogLevel.Off, null);
        int count;
        lock (messages) count = messages.Count;
        Check.True(messages.Any(message => message.StartsWith("Warn ")), "a warning: " + string.Join("; ", messages));
        using (var device = new PushDevice("silent"))
        {
            device.Start();
            device.Start();
        }
        Check.Equal(count, messages.Count, "messages after that");
    }

    [Test]
    public static void Results_have_names_and_the_clock_runs()
    {
        Check.Equal("KINECT2_ERROR_BAD_HANDLE", KinectLibrary.ResultName(ResultCode.BadHandle), "name");
        long before = KinectLibrary.ClockNs;
        Check.True(before > 0 && KinectLibrary.ClockNs >= before, "clock");
        int version = KinectLibrary.VersionNumber;
        Check.Equal(KinectLibrary.Version, (version >> 16) + "." + (version >> 8 & 255) + "." + (version & 255), "version");
    }

    [Test]
    public static void Shutdown_ends_everything_and_the_library_can_be_used_again()
    {
        var rig = new Rig(Rig.Mock(200));
        int frames = 0;
        rig.Client.DepthFrameReceived += (sender, frame) => frames++;
        rig.Receive();
        Check.Soon(() => frames > 0, "frames come");
        KinectLibrary.Shutdown();
        int count = frames;
        Check.Equal(0, KinectLibrary.LiveObjects, "what is out");
        Check.Refused(ResultCode.BadHandle, () => rig.Client.Connect(), "an object of before");
        rig.Dispose();
        using (var another = new Rig()) another.Receive();
        Check.Equal(count, frames, "frames after Shutdown");
    }

    [Test]
    public static void Shutdown_is_refused_inside_a_handler()
    {
        using (var rig = new Rig(Rig.Mock(200)))
        {
            ResultCode? code = null;
            rig.Device.FrameProduced += (sender, frame) =>
            {
                if (code == null) code = Check.Throws<KinectException>(KinectLibrary.Shutdown, "Shutdown").Code;
            };
            Check.Soon(() => code == ResultCode.BadState, "the refusal");
        }
    }
}
