//! A second opinion on what is JSON: the grammar of RFC 8259, without recursion and without building anything.

/// Whether `text` is one JSON value with white space around it.
pub fn is_json(text: &[u8]) -> bool {
    let mut reader = Reader { rest: text };
    reader.value().is_some() && reader.rest.is_empty()
}

struct Reader<'a> {
    rest: &'a [u8],
}

/// What is open around a value.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Array,
    Object,
}

impl Reader<'_> {
    /// One value with all that is in it, and the white space around it.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            self.space();
            let opened = match self.next()? {
                b'[' => Some(Within::Array),
                b'{' => Some(Within::Object),
                first => {
                    self.scalar(first)?;
                    None
                }
            };
            self.space();
            if let Some(within) = opened {
                if self.take(closing(within)) {
                    self.space();
                } else {
                    open.push(within);
                    self.member(within)?;
                    continue;
                }
            }
            loop {
                let Some(&within) = open.last() else { return Some(()) };
                if self.take(b',') {
                    self.space();
                    self.member(within)?;
                    break;
                }
                self.take(closing(within)).then_some(())?;
                self.space();
                open.pop();
            }
        }
    }

    /// What stands before a value: in an object its name.
    fn member(&mut self, within: Within) -> Option<()> {
        if within == Within::Object {
            self.take(b'"').then_some(())?;
            self.string()?;
            self.space();
            self.take(b':').then_some(())?;
        }
        Some(())
    }

    fn scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.string(),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            b'-' => {
                let first = self.next()?;
                self.number(first)
            }
            _ => self.number(first),
        }
    }

    /// Behind the opening quotation mark.
    fn string(&mut self) -> Option<()> {
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => (0..4).try_for_each(|_| self.next()?.is_ascii_hexdigit().then_some(()))?,
                    _ => return None,
                },
                0..0x20 => return None,
                _ => {}
            }
        }
    }

    fn number(&mut self, first: u8) -> Option<()> {
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.take(b'.') {
            self.next()?.is_ascii_digit().then_some(())?;
            self.digits();
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.next()?.is_ascii_digit().then_some(())?;
            self.digits();
        }
        Some(())
    }

    fn digits(&mut self) {
        while self.rest.first().is_some_and(u8::is_ascii_digit) {
            self.rest = &self.rest[1..];
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.rest.first() == Some(&byte);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }
}

fn closing(within: Within) -> u8 {
    match within {
        Within::Array => b']',
        Within::Object => b'}',
    }
}
