// MockDevice.cs - a device that shows a simulated scene.
using System;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>How to make a mock device. A new object has the library's defaults.</summary>
    public sealed unsafe class MockOptions
    {
        private MockOptionsNative native;

        /// <summary>Makes options with their defaults.</summary>
        public MockOptions()
        {
            KinectLibrary.Use();
            fixed (MockOptionsNative* options = &native)
                NativeMethods.kinect2_mock_options_init(options, (UIntPtr)sizeof(MockOptionsNative));
        }

        /// <summary>The device's id, 1 to 255 bytes; default null: one is made up.</summary>
        public string Id { get; set; }

        /// <summary>What it shows; default Scene.</summary>
        public MockMode Mode { get => (MockMode)native.mode; set => native.mode = (uint)value; }

        /// <summary>Pixels in a row; default 512.</summary>
        public int Width { get => (int)native.width; set => native.width = Errors.NotNegative(value); }

        /// <summary>Rows; default 424.</summary>
        public int Height { get => (int)native.height; set => native.height = Errors.NotNegative(value); }

        /// <summary>Default Depth. The realistic mode has Infrared too.</summary>
        public Streams Streams { get => (Streams)native.streams; set => native.streams = (uint)value; }

        /// <summary>Seed of the realistic mode's noise; default 0.</summary>
        public uint Seed { get => native.seed; set => native.seed = value; }

        /// <summary>Frames a second; default 30.</summary>
        public double FrameRate { get => native.frame_rate; set => native.frame_rate = value; }

        internal DeviceHandle Create()
        {
            MockOptionsNative options = native;
            fixed (byte* id = Utf8.Bytes(Id))
            {
                options.id = (IntPtr)id;
                Errors.Check(NativeMethods.kinect2_device_create_mock(&options, out DeviceHandle device));
                return device;
            }
        }
    }

    /// <summary>A device that shows a simulated scene.</summary>
    public sealed class MockDevice : Device
    {
        /// <summary>Makes a device, not started.</summary>
        /// <param name="options">null: defaults.</param>
        public MockDevice(MockOptions options = null) : base((options ?? new MockOptions()).Create()) { }
    }
}
