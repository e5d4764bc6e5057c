// CodecTests.cs - compression of single images, and compressors.
using System;
using StreamKinect2;

internal static class CodecTests
{
    private const int Width = 64, Height = 48;

    private static ushort[] Image()
    {
        var pixels = new ushort[Width * Height];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (ushort)(i % 7 == 0 ? 0 : 500 + i % Width * 3 + i / Width);
        return pixels;
    }

    [Test]
    public static void Every_codec_for_depth_gives_back_what_it_got()
    {
        ushort[] image = Image(), back = new ushort[image.Length];
        foreach (Codec codec in new[] { Codec.Raw, Codec.Lz4Packed, Codec.Rvl, Codec.K2d })
        {
            var data = new byte[DepthCodec.MaxCompressedSize(codec, Width, Height)];
            int size = DepthCodec.Compress(codec, image, Width, Height, data);
            DepthCodec.Decompress(codec, data.AsSpan(0, size), Width, Height, back);
            Check.True(back.AsSpan().SequenceEqual(image), codec + " is lossless");
        }
    }

    [Test]
    public static void Options_bound_the_error()
    {
        ushort[] image = Image(), back = new ushort[image.Length];
        uint noise = 1;
        for (int i = 0; i < image.Length; i++)
        {
            noise = noise * 1664525 + 1013904223;
            image[i] = (ushort)(1000 + (noise >> 28));
        }
        var data = new byte[DepthCodec.MaxCompressedSize(Codec.K2d, Width, Height)];
        int lossless = DepthCodec.Compress(new EncodeOptions(), image, Width, Height, data);
        var options = new EncodeOptions { Codec = Codec.K2d, Profile = CodecProfile.Ratio, MaxErrorMm = 4 };
        int lossy = DepthCodec.Compress(options, image, Width, Height, data);
        Check.True(lossy < lossless, lossy + " bytes are fewer than " + lossless);
        DepthCodec.Decompress(Codec.K2d, data.AsSpan(0, lossy), Width, Height, back);
        for (int i = 0; i < image.Length; i++) Check.True(Math.Abs(image[i] - back[i]) <= 4, "error of pixel " + i);
    }

    [Test]
    public static void Wrong_sizes_and_wrong_data_are_refused()
    {
        var data = new byte[100000];
        Check.Throws<ArgumentException>(() => DepthCodec.Compress(Codec.Rvl, Image(), Width, Height + 1, data), "more rows than pixels");
        Check.Throws<ArgumentException>(() => DepthCodec.Compress(Codec.Rvl, Image(), -Width, -Height, data), "a negative size");
        Check.Refused(ResultCode.BufferTooSmall, () => DepthCodec.Compress(Codec.Raw, Image(), Width, Height, new byte[9]), "a small buffer");
        Check.Refused(ResultCode.Corrupt, () => DepthCodec.Decompress(Codec.K2d, new byte[] { 1, 2, 3 }, Width, Height, Image()), "nonsense");
        Check.Refused(
            ResultCode.BufferTooSmall, () => DepthCodec.Decompress(Codec.Raw, data.AsSpan(0, 2 * Width * Height), Width, Height, new ushort[5]),
            "a small output");
    }

    [Test]
    public static void A_compressor_gives_what_decompresses_to_the_devices_frames()
    {
        ushort[] image = Image(), back = null;
        using (var device = new PushDevice("compressed"))
        using (var compressor = new Compressor(device, Streams.Depth, new EncodeOptions { Codec = Codec.Rvl }))
        {
            compressor.FrameCompressed += (sender, frame) =>
            {
                var pixels = new ushort[frame.Width * frame.Height];
                DepthCodec.Decompress(frame.Codec, frame.Data, frame.Width, frame.Height, pixels);
                if (sender == compressor) back = pixels;
            };
            device.Start();
            device.Push(Streams.Depth, image, Width, Height);
            Check.Soon(() => back != null, "a compressed frame");
            Check.True(back.AsSpan().SequenceEqual(image), "pixels");
            Check.Equal(0L, compressor.Dropped, "dropped");
        }
    }
}
