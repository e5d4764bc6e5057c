//! The identity of a host, so that a client knows when it reads the same clock as its server.

/// The number of the running system: FNV-1a of its boot id (Linux: `/proc/sys/kernel/random/boot_id`) without white space around it.
/// Equal numbers mean one monotonic clock. `None` for an empty text.
pub fn host_id(boot_id: &str) -> Option<u64> {
    let boot_id = boot_id.trim();
    (!boot_id.is_empty()).then(|| fnv1a_64(boot_id.as_bytes()))
}

/// The 64-bit FNV-1a hash (Fowler, Noll, Vo; <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
pub fn fnv1a_64(bytes: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_test_vectors_hold() {
        assert_eq!(fnv1a_64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a_64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a_64(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn white_space_around_a_boot_id_does_not_count() {
        assert_eq!(host_id(" foobar\n"), Some(0x8594_4171_f739_67e8));
        assert_eq!(host_id("\n"), None);
    }
}
