//! Text that begins with a JSON object or array in, its shape (sorted keys, no values) and length out.
#![expect(clippy::indexing_slicing, reason = "every index is compared with the length by `peek`")]

/// How deep shapes go; what lies deeper makes the text no JSON for this purpose.
const DEPTH: usize = 12;
/// How many keys of an object show.
const KEYS: usize = 40;

/// The shape of the JSON (or Python literal) at the start of `text`, such as `{a,b{c}}`, and how long it is.
pub(super) fn shape(text: &str) -> Option<(String, usize)> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    let shape = match scan.peek()? {
        b'{' => scan.object(0)?,
        b'[' => {
            let next = text.get(1..)?.trim_start().as_bytes().first().copied()?;
            if !matches!(next, b'{' | b'"' | b'\'' | b'[') {
                return None;
            }
            scan.array(0)?
        }
        _ => return None,
    };
    Some((shape, scan.at))
}

struct Scan<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: u8) -> Option<()> {
        self.skip_blanks();
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn object(&mut self, depth: usize) -> Option<String> {
        self.take(b'{')?;
        let mut members = std::collections::BTreeSet::new();
        self.skip_blanks();
        if self.peek()? == b'}' {
            self.at += 1;
            return Some("{}".to_owned());
        }
        loop {
            self.skip_blanks();
            let key = self.string()?;
            self.take(b':')?;
            let value = self.value(depth + 1)?;
            members.insert(key + &value);
            self.skip_blanks();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return None,
            }
        }
        self.at += 1;
        let shown: Vec<String> = members.into_iter().take(KEYS).collect();
        Some(format!("{{{}}}", shown.join(",")))
    }

    fn array(&mut self, depth: usize) -> Option<String> {
        self.take(b'[')?;
        let mut shapes = std::collections::BTreeSet::new();
        loop {
            self.skip_blanks();
            match self.peek()? {
                b']' => break,
                b',' => self.at += 1,
                _ => {
                    shapes.insert(self.value(depth + 1)?);
                }
            }
        }
        self.at += 1;
        let inner = shapes.into_iter().find(|shape| !shape.is_empty()).unwrap_or_default();
        Some(format!("[{inner}]"))
    }

    /// The shape of any value: empty for texts, numbers and words.
    fn value(&mut self, depth: usize) -> Option<String> {
        if depth > DEPTH {
            return None;
        }
        self.skip_blanks();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' | b'\'' => self.string().map(|_| String::new()),
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-._\x01".contains(&byte)) {
                    self.at += 1;
                }
                (self.at > start).then(String::new)
            }
        }
    }

    /// Steps over a quoted text and gives it as a key: without digits and punctuation, else `*`.
    fn string(&mut self) -> Option<String> {
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''))?;
        self.at += 1;
        let start = self.at;
        while self.peek()? != quote {
            self.at += if self.peek()? == b'\\' { 2 } else { 1 };
        }
        let key = &self.bytes[start..self.at];
        self.at += 1;
        let plain = !key.is_empty() && key.iter().all(|byte| byte.is_ascii_alphabetic() || b"_-.".contains(byte));
        Some(if plain { key.iter().map(|byte| char::from(*byte)).collect() } else { "*".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        for (text, expected) in [
            (r#"{"b": 0, "a": {"c": [0, 0]}} tail"#, Some(("{a{c[]},b}", 28))),
            (r"{'a': None, 'Id0': True}", Some(("{*,a}", 24))),
            (r#"[{"a":"x\"}"},{"a":0.0}]"#, Some(("[{a}]", 24))),
            (r#"{"a": "never closed"#, None),
            ("{a, b}", None),
            ("[0, 0]", None),
            ("{}", Some(("{}", 2))),
        ] {
            assert_eq!(shape(text), expected.map(|(shape, length)| (shape.to_owned(), length)), "{text}");
        }
    }
}
