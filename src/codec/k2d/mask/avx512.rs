//! AVX2.
pub fn loops() -> Option<super::Loops> {
    None
}
