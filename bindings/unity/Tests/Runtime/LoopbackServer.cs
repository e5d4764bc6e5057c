// LoopbackServer.cs - a server of this process on 127.0.0.1, with simulated kinects whose pixels the tests know.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using Unity.Collections;

namespace StreamKinect2.Unity.Tests
{
    /// <summary>Serves realistic mocks, and keeps what they last produced.</summary>
    public sealed class LoopbackServer : IDisposable
    {
        private readonly List<MockDevice> kinects = new List<MockDevice>();
        private readonly ConcurrentDictionary<string, ushort[]> produced = new ConcurrentDictionary<string, ushort[]>();
        private readonly ConcurrentDictionary<string, long> newest = new ConcurrentDictionary<string, long>();
        private readonly Server server;

        public LoopbackServer(string name = "", int port = 0)
        {
            Name = name;
            server = new Server(new ServerOptions { Name = name == "" ? null : name, Address = "127.0.0.1", Port = port, Announce = name != "" });
            server.Start();
        }

        public string Name { get; }

        public string Endpoint => server.GetEndpoint();

        public int Port => int.Parse(Endpoint.Substring(Endpoint.LastIndexOf(':') + 1));

        /// <summary>Adds a kinect with depth and infrared, and starts it.</summary>
        public void Add(string id, int width = 128, int height = 106, double framesPerSecond = 100)
        {
            // The handler shall run on the library's thread, at once: not in Unity's main loop, which is the one that is tested.
            SynchronizationContext context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            var kinect = new MockDevice(new MockOptions
            {
                Id = id, Mode = MockMode.Realistic, Streams = Streams.Depth | Streams.Infrared,
                Width = width, Height = height, FrameRate = framesPerSecond
            });
            SynchronizationContext.SetSynchronizationContext(context);
            kinect.FrameProduced += Keep;
            kinects.Add(kinect);
            server.AddKinect(kinect);
            kinect.Start();
        }

        /// <summary>
        /// Compares a texture with the frame of this number, pixel for pixel: one of the last 200. Null: this process was too busy to keep it.
        /// </summary>
        public bool? Produced(string id, Streams stream, long sequence, NativeArray<ushort> pixels)
        {
            ushort[] right = Produced(id, stream, sequence);
            if (right == null) return null;
            if (right.Length != pixels.Length) return false;
            for (int i = 0; i < right.Length; i++)
                if (right[i] != pixels[i]) return false;
            return true;
        }

        /// <summary>The pixels of the frame with this number. Null as above: of frames that wait for a handler only the newest stays.</summary>
        public ushort[] Produced(string id, Streams stream, long sequence)
        {
            var patience = new Patience();
            long kept;
            while (!newest.TryGetValue(Key(id, stream), out kept) || kept < sequence)
            {
                if (!patience.Lasts) throw new TimeoutException(id + " has not produced " + stream + " frame " + sequence);
                Thread.Sleep(1);
            }
            produced.TryGetValue(Key(id, stream) + sequence, out ushort[] pixels);
            return pixels;
        }

        public void Dispose()
        {
            server.Dispose();
            foreach (MockDevice kinect in kinects) kinect.Dispose();
        }

        private void Keep(object kinect, Frame frame)
        {
            const int count = 200;
            string key = Key(frame.KinectId, frame.Stream);
            produced[key + frame.Sequence] = frame.ToArray();
            newest[key] = frame.Sequence;
            produced.TryRemove(key + (frame.Sequence - count), out ushort[] old);
        }

        private static string Key(string id, Streams stream) => id + " " + stream + " ";
    }
}
