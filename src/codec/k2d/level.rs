//! The instruction sets that K2D has code for.

/// A set of instructions. Every level writes the same bytes and reads the same pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Any processor.
    Portable,
    /// x86-64 with AVX2, BMI2 and the like (x86-64-v3).
    Avx2,
    /// x86-64 with AVX-512 F, BW, CD, DQ, VL, VBMI and VBMI2.
    Avx512,
}

impl Level {
    /// All that this processor has, the slowest first.
    pub fn available() -> &'static [Level] {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            let avx512 = avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512cd")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2");
            if avx512 {
                return &[Level::Portable, Level::Avx2, Level::Avx512];
            }
            if avx2 {
                return &[Level::Portable, Level::Avx2];
            }
        }
        &[Level::Portable]
    }

    /// The fastest that this processor has.
    pub fn best() -> Level {
        Self::available().last().copied().unwrap_or(Level::Portable)
    }
}
