// FirstProgramTests.cs - the check program, in a process of its own, gets what the server sends.
using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using NUnit.Framework;
using StreamKinect2.Unity.Tests;
using Unity.Collections;

namespace StreamKinect2.Headless
{
    public sealed class FirstProgramTests
    {
        [Test]
        public void TheChecksumIsZlibs() => Assert.AreEqual(0x9ae0daafu, Crc32.Of(new NativeArray<ushort>(new ushort[] { 0x3231, 0x3433, 0x3635, 0x3837 })));

        [Test]
        public void ItPrintsAPongAndTheChecksumsOfFrames()
        {
            string name = "Unity " + Guid.NewGuid().ToString("N").Substring(0, 8);
            using (var server = new LoopbackServer(name))
            {
                server.Add("kinect", 512, 424, 30);
                string[] lines = Run("\"" + name + "\" 10");
                Assert.AreEqual(11, lines.Length);
                Assert.AreEqual("pong", lines[0]);
                foreach (string[] words in lines.Skip(1).Select(line => line.Split(' ')))
                {
                    ushort[] pixels = server.Produced("kinect", Streams.Depth, long.Parse(words[1]));
                    Assert.AreEqual("depth", words[0]);
                    Assert.AreEqual(Crc32.Of(new NativeArray<ushort>(pixels)).ToString("x8"), words[2]);
                }
            }
        }

        private static string[] Run(string arguments)
        {
            string program = Path.Combine(AppDomain.CurrentDomain.BaseDirectory, "FirstProgram.exe");
            var start = new ProcessStartInfo("mono", "\"" + program + "\" " + arguments) { UseShellExecute = false, RedirectStandardOutput = true };
            using (Process process = Process.Start(start))
            {
                string output = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.AreEqual(0, process.ExitCode, output);
                return output.Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
            }
        }
    }
}
