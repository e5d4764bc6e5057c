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
        public void TheChecksumIsZlibs()
        {
            var pixels = new NativeArray<ushort>(new ushort[] { 0x3231, 0x3433, 0x3635, 0x3837 }); // "12345678"
            Assert.AreEqual(0x9ae0daafu, Crc32.Of(pixels));
        }

        [Test]
        public void ItPrintsAPongAndTheChecksumsOfFrames()
        {
            string name = "Unity " + Guid.NewGuid().ToString("N").Substring(0, 8);
            using (var server = new LoopbackServer(name))
            {
                server.Add("kinect", 512, 424, 30);
                Assert.AreEqual(0, Run("\"" + name + "\" 10", null, out string output, out string errors), errors);
                string[] lines = output.Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
                Assert.AreEqual(11, lines.Length);
                Assert.AreEqual("pong", lines[0]);
                int compared = 0;
                foreach (string[] words in lines.Skip(1).Select(line => line.Split(' ')))
                {
                    Assert.AreEqual("depth", words[0]);
                    ushort[] pixels = server.Produced("kinect", Streams.Depth, long.Parse(words[1]));
                    if (pixels == null) continue;
                    compared++;
                    Assert.AreEqual(Crc32.Of(new NativeArray<ushort>(pixels)).ToString("x8"), words[2]);
                }
                Assert.Greater(compared, 0);
            }
        }

        [Test]
        public void WithoutTheNativeLibraryItSaysSo()
        {
            Assert.AreEqual(1, Run("nobody 1", Path.GetTempPath(), out string output, out string errors));
            Assert.IsTrue(errors.StartsWith("Kinect Browser: the native library \"streamkinect2\" was not found"), errors);
        }

        // libraries: where the loader looks; null: where it does for the tests.
        private static int Run(string arguments, string libraries, out string output, out string errors)
        {
            string program = Path.Combine(AppDomain.CurrentDomain.BaseDirectory, "FirstProgram.exe");
            var start = new ProcessStartInfo("mono", "\"" + program + "\" " + arguments)
            {
                UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true
            };
            if (libraries != null) start.EnvironmentVariables["LD_LIBRARY_PATH"] = libraries;
            using (Process process = Process.Start(start))
            {
                output = process.StandardOutput.ReadToEnd();
                errors = process.StandardError.ReadToEnd();
                process.WaitForExit();
                return process.ExitCode;
            }
        }
    }
}
