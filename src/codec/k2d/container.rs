//! The first bytes of K2D data: the profile, and the quantiser where there is one.
//!
//! ```text
//! byte 0        bits 0-3: profile (0 raw, 1 S, 2 R); bit 4: quantised; bits 5-7: 0
//! if quantised  u16 largest error in millimetres, u32 largest error in millionths of the distance; little-endian
//! ```

/// How the pixels are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Little-endian values as they are, without a mask.
    Raw,
    /// Mask and profile S.
    Speed,
    /// Mask and profile R.
    Ratio,
}

/// Largest errors, as they travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorBound {
    /// In units of the image: millimetres.
    pub mm: u16,
    /// In millionths of the value, at most a million.
    pub ppm: u32,
}

impl ErrorBound {
    /// As large as a bound can be of use.
    pub const MOST_PPM: u32 = 1_000_000;

    /// The bound for what a sender allows; none where every value has to stay as it is.
    pub fn new(mm: u32, ppm: u32) -> Option<Self> {
        let bound = Self { mm: u16::try_from(mm).unwrap_or(u16::MAX), ppm: ppm.min(Self::MOST_PPM) };
        (bound.largest_error(u16::MAX) > 0).then_some(bound)
    }

    /// By how much `value` may differ after decoding. Never falls with rising values, and never rises faster than they do.
    pub fn largest_error(self, value: u16) -> u16 {
        let relative = u64::from(value) * u64::from(self.ppm) / u64::from(Self::MOST_PPM);
        self.mm.max(u16::try_from(relative).unwrap_or(u16::MAX))
    }
}

/// The header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// How the pixels are coded.
    pub coding: Coding,
    /// Set where the coded values are indices of a quantiser; never with [`Coding::Raw`].
    pub bound: Option<ErrorBound>,
}

const QUANTISED: u8 = 0x10;

impl Header {
    /// The header of raw pixels.
    pub const RAW: Self = Self { coding: Coding::Raw, bound: None };

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        if self.bound.is_some() { 7 } else { 1 }
    }

    /// Writes it to the start of `out`; what is behind it, or nothing where there is no room.
    pub fn write<'a>(&self, out: &'a mut [u8]) -> Option<&'a mut [u8]> {
        let (header, rest) = out.split_at_mut_checked(self.size())?;
        let coding = match self.coding {
            Coding::Raw => 0,
            Coding::Speed => 1,
            Coding::Ratio => 2,
        };
        match (header, self.bound) {
            ([first, m0, m1, p0, p1, p2, p3], Some(bound)) => {
                *first = coding | QUANTISED;
                [*m0, *m1] = bound.mm.to_le_bytes();
                [*p0, *p1, *p2, *p3] = bound.ppm.to_le_bytes();
            }
            (header, _) => header.fill(coding),
        }
        Some(rest)
    }

    /// Reads it from the start of `data`, with what is behind it; nothing where no encoder writes such a header.
    pub fn read(data: &[u8]) -> Option<(Self, &[u8])> {
        let (&first, rest) = data.split_first()?;
        let coding = match first & !QUANTISED {
            0 => Coding::Raw,
            1 => Coding::Speed,
            2 => Coding::Ratio,
            _ => return None,
        };
        if first & QUANTISED == 0 {
            return Some((Self { coding, bound: None }, rest));
        }
        let (&[m0, m1, p0, p1, p2, p3], rest) = rest.split_first_chunk()?;
        let (mm, ppm) = (u16::from_le_bytes([m0, m1]), u32::from_le_bytes([p0, p1, p2, p3]));
        let bound = ErrorBound::new(u32::from(mm), ppm).filter(|bound| bound.ppm == ppm && coding != Coding::Raw)?;
        Some((Self { coding, bound: Some(bound) }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_have_these_bytes_and_come_back() {
        let bound = ErrorBound::new(0x0102, 0x30405);
        for (header, bytes) in [
            (Header::RAW, &[0][..]),
            (Header { coding: Coding::Speed, bound: None }, &[1]),
            (Header { coding: Coding::Ratio, bound: None }, &[2]),
            (Header { coding: Coding::Speed, bound }, &[0x11, 2, 1, 5, 4, 3, 0]),
            (Header { coding: Coding::Ratio, bound }, &[0x12, 2, 1, 5, 4, 3, 0]),
        ] {
            let mut out = [0xaa; 9];
            assert_eq!(header.write(&mut out).unwrap().len(), 9 - bytes.len());
            assert_eq!(&out[..bytes.len()], bytes);
            assert_eq!(Header::read(&out), Some((header, &out[bytes.len()..])));
            for room in 0..bytes.len() {
                assert!(header.write(&mut out[..room]).is_none());
                assert_eq!(Header::read(&bytes[..room]), None);
            }
        }
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        for first in (3..=0xff).filter(|first| ![0x11, 0x12].contains(first)) {
            assert_eq!(Header::read(&[first, 1, 0, 0, 0, 0, 0]), None, "{first:#x}");
        }
        assert_eq!(Header::read(&[0x11, 0, 0, 0, 0, 0, 0]), None, "a quantiser that changes nothing");
        assert_eq!(Header::read(&[0x11, 0, 0, 15, 0, 0, 0]), None, "nor does this one: 65535 * 15 < 1000000");
        assert!(Header::read(&[0x11, 0, 0, 16, 0, 0, 0]).is_some());
        assert_eq!(Header::read(&[0x11, 1, 0, 0x41, 0x42, 0x0f, 0]), None, "more than a million");
        assert!(Header::read(&[0x11, 1, 0, 0x40, 0x42, 0x0f, 0]).is_some());
    }
}
