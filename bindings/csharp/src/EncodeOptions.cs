// EncodeOptions.cs - how to compress.
using System;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>How to compress: chosen by who sends. A new object has the library's defaults: lossless.</summary>
    public sealed unsafe class EncodeOptions
    {
        /// <summary>Makes options with their defaults.</summary>
        public EncodeOptions()
        {
            KinectLibrary.Use();
            fixed (EncodeOptionsNative* options = &Native)
                NativeMethods.kinect2_encode_options_init(options, (UIntPtr)sizeof(EncodeOptionsNative));
        }

        /// <summary>Default Auto.</summary>
        public Codec Codec { get => (Codec)Native.codec; set => Native.codec = (uint)value; }

        /// <summary>Of K2D only; default Auto.</summary>
        public CodecProfile Profile { get => (CodecProfile)Native.profile; set => Native.profile = (uint)value; }

        /// <summary>Largest error of a pixel in millimetres (infrared: in units), of K2D only; default 0.</summary>
        public int MaxErrorMm { get => (int)Native.max_error_mm; set => Native.max_error_mm = Errors.NotNegative(value); }

        /// <summary>Largest error of a pixel in millionths of its distance, of K2D only; default 0. With both set, the larger is allowed.</summary>
        public int MaxErrorPpm { get => (int)Native.max_error_ppm; set => Native.max_error_ppm = Errors.NotNegative(value); }

        internal EncodeOptionsNative Native;
    }
}
