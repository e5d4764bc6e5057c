// FirstProgram.cs - what a first scene does, without Unity: components of the package on the stub of UnityEngine.
//
//     mono FirstProgram.exe SERVER_NAME FRAMES
//
// Discovers the server, connects to it, pings it (prints "pong"), takes depth of its first kinect and prints a line for each frame:
// "depth SEQUENCE CRC32", the CRC-32 of zlib over the pixels in the texture as little-endian bytes. Exit status 0 after FRAMES of them, 1 with
// a message on stderr if they do not come within 30 s, or a component logs an error.
using System;
using System.Diagnostics;
using System.Linq;
using StreamKinect2.Unity;
using UnityEngine;

namespace StreamKinect2.Headless
{
    internal static class FirstProgram
    {
        private const double Seconds = 30;
        private static readonly Stopwatch Clock = Stopwatch.StartNew();

        private static int Main(string[] arguments)
        {
            if (arguments.Length != 2 || !int.TryParse(arguments[1], out int frames) || frames < 1)
            {
                Console.Error.WriteLine("usage: FirstProgram SERVER_NAME FRAMES");
                return 2;
            }
            Player.Load(typeof(KinectClient).Assembly);
            bool seen = Run(arguments[0], frames, out string trouble);
            Player.Stop();
            if (!seen) Console.Error.WriteLine(string.Join("\n", Player.Problems().DefaultIfEmpty(trouble)));
            return seen ? 0 : 1;
        }

        private static bool Run(string name, int frames, out string trouble)
        {
            var holder = new GameObject("Kinect");
            var browser = holder.AddComponent<KinectBrowser>();
            trouble = "no server called \"" + name + "\" was found in " + Seconds + " s";
            while (browser.Servers.All(server => server.Name != name))
                if (!Play()) return false;

            KinectClient client = holder.AddComponent<KinectClient>();
            client.Endpoint = browser.Servers.First(server => server.Name == name).Endpoint;
            trouble = "no answer from \"" + name + "\" in " + Seconds + " s";
            while (!client.IsConnected)
                if (!Play()) return false;
            bool answered = false;
            client.Happened += (from, what) => answered |= what.Type == KinectEventType.Pong && what.Result == ResultCode.Ok;
            client.Client.Ping();
            while (!answered)
                if (!Play()) return false;
            Console.WriteLine("pong");

            int taken = 0;
            holder.AddComponent<DepthSource>().Updated += source =>
            {
                if (taken++ >= frames) return;
                Console.WriteLine("depth {0} {1:x8}", source.Frame.Sequence, Crc32.Of(source.Texture.GetRawTextureData<ushort>()));
            };
            trouble = "too few depth frames from \"" + name + "\" in " + Seconds + " s";
            while (taken < frames)
                if (!Play()) return false;
            return true;
        }

        private static bool Play()
        {
            Player.FrameAndPause();
            return Clock.Elapsed.TotalSeconds < Seconds && !Player.Problems().Any();
        }
    }
}
