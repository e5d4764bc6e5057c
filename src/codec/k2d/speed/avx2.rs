//! x
pub fn loops() -> Option<super::Loops> {
    None
}
