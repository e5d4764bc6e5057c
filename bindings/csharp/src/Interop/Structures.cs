// Structures.cs - the structures of streamkinect2.h, member for member: blittable, in order, checked against the C compiler by
// tests/InterfaceTests.cs and tests/layout.awk.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    [StructLayout(LayoutKind.Sequential)]
    internal struct FrameOptionsNative
    {
        public uint struct_size;
        public uint stream;
        public uint format;
        public uint width;
        public uint height;
        public uint stride_bytes;
        public ulong capture_time_ns;
        public ulong device_time_ns;
        public IntPtr data;
        public UIntPtr size;
        public IntPtr release;
        public IntPtr user_data;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct FrameInfoNative
    {
        public uint struct_size;
        public uint stream;
        public uint format;
        public uint width;
        public uint height;
        public uint stride_bytes;
        public uint codec;
        public uint flags;
        public ulong sequence;
        public ulong capture_time_ns;
        public ulong capture_time_local_ns;
        public ulong clock_error_ns;
        public ulong capture_unix_ns;
        public ulong device_time_ns;
        public ulong receive_time_ns;
        public UIntPtr size;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MockOptionsNative
    {
        public uint struct_size;
        public uint mode;
        public uint width;
        public uint height;
        public uint streams;
        public uint seed;
        public double frame_rate;
        public IntPtr id;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct StreamInfoNative
    {
        public uint struct_size;
        public uint stream;
        public uint format;
        public uint codec;
        public uint width;
        public uint height;
        public double frame_rate;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ServerOptionsNative
    {
        public uint struct_size;
        public uint announce;
        public uint discovery;
        public uint port;
        public IntPtr name;
        public IntPtr address;
        public uint data_port;
        public uint reserved;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct EventNative
    {
        public uint struct_size;
        public uint type;
        public int result;
        public uint stream;
        public ulong time_ns;
        public ulong value;
        public fixed byte id[256];
        public fixed byte text[512];
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct EncodeOptionsNative
    {
        public uint struct_size;
        public uint codec;
        public uint profile;
        public uint max_error_mm;
        public uint max_error_ppm;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ServerStatsNative
    {
        public uint struct_size;
        public uint subscribers;
        public ulong frames_in;
        public ulong encoded;
        public ulong sent;
        public ulong dropped;
        public ulong bytes;
        public ulong encode_time_ns;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct BrowserOptionsNative
    {
        public uint struct_size;
        public uint discovery;
        public IntPtr address;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ServerInfoNative
    {
        public uint struct_size;
        public uint reserved;
        public IntPtr name;
        public IntPtr endpoint;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ClientOptionsNative
    {
        public uint struct_size;
        public uint heartbeat_period_ms;
        public uint response_timeout_ms;
        public uint reconnect;
        public uint discovery;
        public uint reserved;
        public IntPtr server_name;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct StreamOptionsNative
    {
        public uint struct_size;
        public uint format;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct ClientStatsNative
    {
        public uint struct_size;
        public uint reserved;
        public ulong received;
        public ulong lost;
        public ulong dropped;
        public ulong corrupt;
        public ulong bytes;
        public ulong latency_p50_ns;
        public ulong latency_p99_ns;
        public ulong delivered;
        public ulong taken;
        public ulong decode_time_ns;
    }
}
