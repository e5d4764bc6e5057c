// DepthCodec.cs - compresses and decompresses single 16-bit images.
using System;
using System.Runtime.InteropServices;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>Compresses and decompresses single 16-bit images, into memory of the caller's. From any thread.</summary>
    public static unsafe class DepthCodec
    {
        /// <summary>How many bytes Compress may need for an image; 0 for an unknown codec or an image that is not to its liking.</summary>
        public static long MaxCompressedSize(Codec codec, int width, int height) =>
            (long)NativeMethods.kinect2_compress_bound((uint)codec, (uint)width, (uint)height);

        /// <summary>Compresses one image, lossless as far as the codec can.</summary>
        /// <param name="codec">One for 16-bit images.</param>
        /// <param name="pixels">width x height values, tight rows, the top one first.</param>
        /// <param name="width">Pixels in a row.</param>
        /// <param name="height">Rows.</param>
        /// <param name="output">Receives the data; MaxCompressedSize bytes always suffice.</param>
        /// <returns>The bytes written.</returns>
        public static int Compress(Codec codec, ReadOnlySpan<ushort> pixels, int width, int height, Span<byte> output)
        {
            CheckSize(pixels.Length, width, height, nameof(pixels));
            fixed (ushort* input = &MemoryMarshal.GetReference(pixels))
            fixed (byte* to = &MemoryMarshal.GetReference(output))
            {
                Errors.Check(NativeMethods.kinect2_compress_depth(
                    (uint)codec, input, (uint)width, (uint)height, to, (UIntPtr)output.Length, out UIntPtr size));
                return (int)size;
            }
        }

        /// <summary>Likewise, with profile and error bound. The codec Auto is K2D.</summary>
        public static int Compress(EncodeOptions options, ReadOnlySpan<ushort> pixels, int width, int height, Span<byte> output)
        {
            if (options == null) throw new ArgumentNullException(nameof(options));
            CheckSize(pixels.Length, width, height, nameof(pixels));
            EncodeOptionsNative native = options.Native;
            fixed (ushort* input = &MemoryMarshal.GetReference(pixels))
            fixed (byte* to = &MemoryMarshal.GetReference(output))
            {
                Errors.Check(NativeMethods.kinect2_compress_depth_with(
                    &native, input, (uint)width, (uint)height, to, (UIntPtr)output.Length, out UIntPtr size));
                return (int)size;
            }
        }

        /// <summary>Decompresses one image. What does not decode to exactly width x height values is refused.</summary>
        /// <param name="codec">One for 16-bit images.</param>
        /// <param name="data">The compressed bytes.</param>
        /// <param name="width">Pixels in a row.</param>
        /// <param name="height">Rows.</param>
        /// <param name="output">Receives width x height values, tight rows; after an exception it may hold anything.</param>
        public static void Decompress(Codec codec, ReadOnlySpan<byte> data, int width, int height, Span<ushort> output)
        {
            fixed (byte* input = &MemoryMarshal.GetReference(data))
            fixed (ushort* to = &MemoryMarshal.GetReference(output))
                Errors.Check(NativeMethods.kinect2_decompress_depth(
                    (uint)codec, input, (UIntPtr)data.Length, (uint)width, (uint)height, to, (UIntPtr)output.Length));
        }

        // The library reads width x height values: it is not told how many there are.
        private static void CheckSize(int length, int width, int height, string name)
        {
            if (width < 0 || height < 0 || (long)width * height != length)
                throw new ArgumentException(width + "x" + height + " pixels are not " + length + " values.", name);
        }
    }
}
