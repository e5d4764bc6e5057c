//! Bounded error: values become indices of intervals, and indices become a value that is near enough to all of its interval.
//!
//! The error e(v) that a value v may have never falls with rising v, and v - e(v) never falls either. So intervals are laid from 1
//! upwards without a gap, each as long as it can be: the one that begins at `first` decodes to first + e(first), the largest value
//! that is near enough to `first`, and ends at the last v with v - e(v) <= that. No division of the values by fewer intervals keeps the
//! bound. Where e is the same for all values they are 2e + 1 long and decode to their middle.
//!
//! Index 0 is the invalid value, so valid pixels stay valid and invalid ones stay invalid.

use super::container::ErrorBound;

/// Index of each value and the value of each index, for one error bound.
pub struct Quantiser {
    bound: ErrorBound,
    /// By value: index in the lower half, what it decodes to in the upper one.
    forward: Vec<u32>,
    /// By index; 0 for those that are none, and for index 0.
    backward: Vec<u16>,
}

/// Number of 16-bit values.
const VALUES: usize = 1 << 16;

impl Quantiser {
    /// The tables for `bound`. They depend on nothing else.
    pub fn new(bound: ErrorBound) -> Self {
        let mut quantiser = Self { bound, forward: vec![0; VALUES], backward: vec![0; VALUES] };
        let (mut index, mut centre) = (0u16, 0u16);
        for value in 1..=u16::MAX {
            let error = bound.largest_error(value);
            if value - error.min(value) > centre || value == 1 {
                index += 1;
                centre = value.saturating_add(error);
                quantiser.backward[usize::from(index)] = centre;
            }
            quantiser.forward[usize::from(value)] = u32::from(centre) << 16 | u32::from(index);
        }
        quantiser
    }

    /// What it was made for.
    pub fn bound(&self) -> ErrorBound {
        self.bound
    }

    /// Writes the indices of `pixels`; whether decoding gives other pixels than these.
    pub fn quantise(&self, pixels: &[u16], indices: &mut [u16]) -> bool {
        let mut difference = 0;
        for (index, &pixel) in indices.iter_mut().zip(pixels) {
            let entry = self.forward[usize::from(pixel)];
            *index = (entry & 0xffff) as u16;
            difference |= (entry >> 16) as u16 ^ pixel;
        }
        difference != 0
    }

    /// Turns indices into values; nothing where one of them is none.
    pub fn restore(&self, pixels: &mut [u16]) -> Option<()> {
        let mut wrong = false;
        for pixel in pixels {
            let value = self.backward[usize::from(*pixel)];
            wrong |= value == 0 && *pixel != 0;
            *pixel = value;
        }
        (!wrong).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restored(quantiser: &Quantiser, pixels: &[u16]) -> Vec<u16> {
        let mut indices = vec![0; pixels.len()];
        let lossy = quantiser.quantise(pixels, &mut indices);
        quantiser.restore(&mut indices).unwrap();
        assert_eq!(lossy, indices != pixels);
        indices
    }

    #[test]
    fn every_value_stays_within_the_larger_bound_and_valid() {
        let all: Vec<u16> = (0..=u16::MAX).collect();
        for (mm, ppm) in
            [(1, 0), (2, 0), (4, 0), (0, 1000), (0, 5000), (3, 2500), (0, 16), (0, 1_000_000), (65535, 0), (40000, 7), (u32::MAX, u32::MAX)]
        {
            let bound = ErrorBound::new(mm, ppm).unwrap();
            let restored = restored(&Quantiser::new(bound), &all);
            assert_eq!(restored[0], 0);
            assert!(restored.is_sorted());
            for (value, back) in all.iter().zip(&restored).skip(1) {
                assert_ne!(*back, 0);
                let allowed = u64::from(mm).max(u64::from(*value) * u64::from(ppm) / 1_000_000);
                assert!(u64::from(value.abs_diff(*back)) <= allowed, "{value} became {back} under {bound:?}");
            }
        }
    }

    #[test]
    fn a_constant_error_gives_equal_steps_and_their_middle() {
        let quantiser = Quantiser::new(ErrorBound::new(2, 0).unwrap());
        assert_eq!(restored(&quantiser, &[0, 1, 3, 5, 6, 8, 10, 11]), [0, 3, 3, 3, 8, 8, 8, 13]);
    }

    #[test]
    fn indices_beyond_the_last_interval_are_refused() {
        let quantiser = Quantiser::new(ErrorBound::new(100, 0).unwrap());
        assert!(quantiser.restore(&mut [0, 1, 327]).is_some());
        assert!(quantiser.restore(&mut [0, 1, 328]).is_none());
    }

    #[test]
    fn what_need_not_change_is_told() {
        let quantiser = Quantiser::new(ErrorBound::new(1, 0).unwrap());
        assert!(!quantiser.quantise(&[0, 2, 5, 8], &mut [0; 4]));
        assert!(quantiser.quantise(&[0, 2, 5, 7], &mut [0; 4]));
    }
}
