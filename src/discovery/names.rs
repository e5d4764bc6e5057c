//! Names in DNS-SD: instance names as labels, what they become on a conflict, and full names of records.

/// The service type of RFC 6763, with the domain of multicast DNS.
pub const SERVICE_TYPE: &str = "_kinect2._tcp.local.";

/// Longest DNS label in bytes (RFC 1035).
const LONGEST_LABEL: usize = 63;

/// `name` cut to `bytes`, at a character's border.
fn cut(name: &str, bytes: usize) -> &str {
    let mut end = bytes.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// The instance name for a server called `name`.
pub fn instance_name(name: &str) -> &str {
    cut(name, LONGEST_LABEL)
}

/// What an instance is called when another one has its name: `NAME (2)`, and after `NAME (2)` comes `NAME (3)`.
pub fn next_instance_name(name: &str) -> String {
    let counted = name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")).and_then(|(base, number)| Some((base, count(number)?)));
    let (base, number) = counted.unwrap_or((name, 1));
    numbered(base, &format!(" ({})", number + 1))
}

/// What a host is called when another one has its name: `HOST-2`, and after `HOST-2` comes `HOST-3`.
pub fn next_host_label(label: &str) -> String {
    let counted = label.rsplit_once('-').and_then(|(base, number)| Some((base, count(number)?)));
    let (base, number) = counted.unwrap_or((label, 1));
    numbered(base, &format!("-{}", number + 1))
}

/// A counter as these functions write it: from 2 on, few digits, none of them a leading zero.
fn count(digits: &str) -> Option<u32> {
    let written = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    digits.parse().ok().filter(|number| written && *number >= 2)
}

fn numbered(base: &str, suffix: &str) -> String {
    format!("{}{suffix}", cut(base, LONGEST_LABEL - suffix.len()))
}

/// The full name of this host's address records.
pub fn host_record(label: &str) -> String {
    format!("{}.local.", cut(label, LONGEST_LABEL))
}

/// The instance name in the full name of a record, as it is read from the network: dots of the label are not marked there. None: the
/// record is of another type, or its name has control characters and cannot be shown or passed on.
pub fn instance_of(full_name: &str) -> Option<&str> {
    let at = full_name.len().checked_sub(SERVICE_TYPE.len() + 1)?;
    let (instance, rest) = full_name.split_at_checked(at)?;
    let ours = rest.strip_prefix('.').is_some_and(|rest| rest.eq_ignore_ascii_case(SERVICE_TYPE));
    (ours && !instance.is_empty() && !instance.contains(char::is_control)).then_some(instance)
}

/// Names are compared as DNS does: upper and lower case are one, in ASCII only.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether the name has characters that mdns-sd 0.21 confuses with its own notation: it sends such a name as one label, but when it
/// reads one it takes the dots for borders of labels. So it neither answers nor asks questions about such an instance; see `Hub`.
pub fn confuses_mdns(instance: &str) -> bool {
    instance.contains(['.', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_name_is_cut_at_a_character() {
        assert_eq!(instance_name("Lab"), "Lab");
        assert_eq!(instance_name(&"x".repeat(64)), "x".repeat(63));
        assert_eq!(instance_name(&"\u{20ac}".repeat(30)), "\u{20ac}".repeat(21));
        assert_eq!(instance_name(&format!("x{}", "\u{20ac}".repeat(30))), format!("x{}", "\u{20ac}".repeat(20)));
    }

    #[test]
    fn conflicts_count_from_two_and_stay_within_a_label() {
        assert_eq!(next_instance_name("Lab"), "Lab (2)");
        assert_eq!(next_instance_name("Lab (2)"), "Lab (3)");
        assert_eq!(next_instance_name("Lab (9)"), "Lab (10)");
        assert_eq!(next_instance_name("Lab (x)"), "Lab (x) (2)");
        assert_eq!(next_instance_name("Lab (1)"), "Lab (1) (2)");
        assert_eq!(next_instance_name("Lab (02)"), "Lab (02) (2)");
        assert_eq!(next_instance_name("a.b (2)"), "a.b (3)");
        let long = next_instance_name(&"\u{20ac}".repeat(21));
        assert_eq!(long, format!("{} (2)", "\u{20ac}".repeat(19)));
        assert!(next_instance_name(&"x".repeat(63)).len() == 63);
        assert_eq!(next_host_label("vm"), "vm-2");
        assert_eq!(next_host_label("vm-2"), "vm-3");
        assert_eq!(next_host_label("vm-x"), "vm-x-2");
        assert_eq!(next_host_label("rack-01"), "rack-01-2");
    }

    #[test]
    fn the_instance_is_what_precedes_the_type() {
        assert_eq!(instance_of("Lab._kinect2._tcp.local."), Some("Lab"));
        assert_eq!(instance_of("a.b \"c\"\\._Kinect2._TCP.local."), Some("a.b \"c\"\\"));
        assert_eq!(instance_of("K\u{fc}che._kinect2._tcp.local."), Some("K\u{fc}che"));
        for other in ["_kinect2._tcp.local.", "._kinect2._tcp.local.", "Lab._http._tcp.local.", "x", "", "a\0._kinect2._tcp.local."] {
            assert_eq!(instance_of(other), None, "{other}");
        }
    }
}
