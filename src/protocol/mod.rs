//! The wire, pure: no socket, no thread, no clock. What comes in is bytes from anyone; what goes out is bytes.
//!
//! `docs/protocol.md` describes it whole. Version 1 is that of the 2014 implementation; the extension adds members to its `me` message
//! and endpoints of its own, which peers of version 1 never notice.

pub mod control;
pub mod endpoint;
pub mod header;
pub mod host;
pub mod me;

/// The start of a text that a peer sent, for messages to people: short, and control characters made visible.
fn excerpt(text: &str) -> String {
    const CHARACTERS: usize = 160;
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(CHARACTERS).flat_map(char::escape_debug).collect();
    if characters.next().is_some() { start + "..." } else { start }
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_is_short_and_printable() {
        assert_eq!(excerpt("Bob's \u{e9}\n\0"), "Bob\\'s \u{e9}\\n\\0");
        assert_eq!(excerpt(&"\u{20ac}".repeat(1000)), "\u{20ac}".repeat(160) + "...");
    }
}
