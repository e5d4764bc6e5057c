//! Streams, formats, codecs and flags. Their numbers are those of the C header, which are also those on the wire.

use std::fmt;

/// Declares an enumeration whose numbers are part of the ABI and of the protocol.
macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $number:literal $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u32)]
        pub enum $name { $($(#[$vmeta])* $variant = $number),* }

        impl $name {
            /// All that this library knows, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number in the C header and on the wire.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The one with this number, if it is known.
            pub fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name in texts and in the protocol.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

numbered! {
    /// A stream of one device.
    Stream {
        /// Distance along the optical axis.
        Depth = 1 "depth",
        /// Brightness in the sensor's infrared light.
        Infrared = 2 "infrared",
        /// The colour camera.
        Color = 4 "color",
    }
}

numbered! {
    /// What the bytes of a frame mean.
    PixelFormat {
        /// u16 in the host's order: millimetres, 0 is invalid.
        DepthMm16 = 1 "depth16",
        /// u16 in the host's order.
        Infrared16 = 2 "infrared16",
        /// A JPEG file.
        Jpeg = 3 "jpeg",
        /// Four bytes a pixel: red, green, blue, alpha.
        Rgba8 = 4 "rgba8",
        /// Four bytes a pixel: blue, green, red, alpha.
        Bgra8 = 5 "bgra8",
        /// Two bytes a pixel: Y0 U Y1 V.
        Yuy2 = 6 "yuy2",
    }
}

numbered! {
    /// How the pixels travel.
    Codec {
        /// The library's choice.
        Auto = 0 "auto",
        /// Little-endian values as they are.
        Raw = 1 "raw",
        /// The message of protocol version 1: 12 bits a pixel, LZ4.
        Lz4Packed = 2 "lz4-packed",
        /// Run length, variable length (Wilson 2017).
        Rvl = 3 "rvl",
        /// The project's own depth codec.
        K2d = 4 "k2d",
        /// JPEG, for colour.
        Jpeg = 5 "jpeg",
    }
}

bitflags::bitflags! {
    /// Remarks on one frame.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct FrameFlags: u32 {
        /// Pixels may differ from the sensor's.
        const LOSSY = 1;
        /// Sequence or clocks begin anew with this frame.
        const RESTARTED = 2;
    }
}

bitflags::bitflags! {
    /// A set of streams; bits that this library does not know are kept and mean nothing.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Streams: u32 {
        /// [`Stream::Depth`].
        const DEPTH = 1;
        /// [`Stream::Infrared`].
        const INFRARED = 2;
        /// [`Stream::Color`].
        const COLOR = 4;
        const _ = !0;
    }
}

impl Streams {
    /// Whether `stream` is in the set.
    pub fn has(self, stream: Stream) -> bool {
        self.bits() & stream.number() != 0
    }

    /// The known streams of the set.
    pub fn known(self) -> impl Iterator<Item = Stream> {
        Stream::ALL.iter().copied().filter(move |s| self.has(*s))
    }
}

impl From<Stream> for Streams {
    fn from(stream: Stream) -> Self {
        Self::from_bits_retain(stream.number())
    }
}

impl Stream {
    /// The 16-bit format of this stream, if it is one of single 16-bit values.
    pub fn format16(self) -> Option<PixelFormat> {
        match self {
            Stream::Depth => Some(PixelFormat::DepthMm16),
            Stream::Infrared => Some(PixelFormat::Infrared16),
            Stream::Color => None,
        }
    }
}
