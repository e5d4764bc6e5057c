// NativeMethods.Codec.cs - compression and compressors.
using System;
using System.Runtime.InteropServices;

namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern void kinect2_encode_options_init(EncodeOptionsNative* options, UIntPtr structSize);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern UIntPtr kinect2_compress_bound(uint codec, uint width, uint height);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_compress_depth(
            uint codec, ushort* depth, uint width, uint height, void* output, UIntPtr capacity, out UIntPtr size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_compress_depth_with(
            EncodeOptionsNative* options, ushort* depth, uint width, uint height, void* output, UIntPtr capacity, out UIntPtr size);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_decompress_depth(
            uint codec, void* data, UIntPtr size, uint width, uint height, ushort* output, UIntPtr capacityValues);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_compressor_create(
            DeviceHandle device, uint stream, EncodeOptionsNative* options, out CompressorHandle compressor);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_compressor_on_compressed_frame(
            CompressorHandle compressor, CompressedCallback callback, IntPtr userData);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern ulong kinect2_compressor_dropped(CompressorHandle compressor);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]
        public static extern int kinect2_compressor_destroy(IntPtr compressor);
    }
}
