//! The name of a field in, the words it is made of out, whichever way they are joined.

/// The longest name looked at, in bytes.
pub(super) const LONGEST: usize = 128;

/// The letters of a name in lower case, and where its words start: `DB_password`, `dbPassword`, `db-password` alike.
pub(super) struct Words {
    letters: [u8; LONGEST],
    length: usize,
    starts: u128,
}

impl Words {
    pub(super) fn of(name: &str) -> Self {
        let mut words = Self { letters: [0; LONGEST], length: 0, starts: 0 };
        let mut before = ' ';
        let mut letters = name.chars().peekable();
        while let Some(letter) = letters.next() {
            let humps = letter.is_uppercase()
                && (before.is_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_uppercase() && letters.peek().is_some_and(|next| next.is_lowercase())));
            if letter.is_alphanumeric() {
                let starts = humps || !before.is_alphanumeric();
                if !letter.to_lowercase().enumerate().all(|(place, lower)| words.push(lower, starts && place == 0)) {
                    break;
                }
            }
            before = letter;
        }
        words
    }

    /// Adds a letter, if there is room for it.
    fn push(&mut self, letter: char, starts: bool) -> bool {
        let mut bytes = [0; 4];
        let bytes = letter.encode_utf8(&mut bytes).as_bytes();
        let Some(room) = self.letters.get_mut(self.length..self.length + bytes.len()) else { return false };
        room.copy_from_slice(bytes);
        self.starts |= u128::from(starts) << self.length;
        self.length += bytes.len();
        true
    }

    pub(super) fn letters(&self) -> &[u8] {
        self.letters.get(..self.length).unwrap_or_default()
    }

    pub(super) fn starts_at(&self, at: usize) -> bool {
        at < LONGEST && self.starts >> at & 1 == 1
    }

    /// The last word.
    pub(super) fn last(&self) -> &[u8] {
        let start = 127 - self.starts.leading_zeros().min(127) as usize;
        self.letters().get(start..).unwrap_or_default()
    }

    /// Whether a word is as asked.
    pub(super) fn any(&self, asked: impl Fn(&[u8]) -> bool) -> bool {
        let mut left = self.starts;
        while left != 0 {
            let start = left.trailing_zeros() as usize;
            left &= left - 1;
            let end = if left == 0 { self.length } else { left.trailing_zeros() as usize };
            if self.letters().get(start..end).is_some_and(&asked) {
                return true;
            }
        }
        false
    }

    /// Takes off the number that a name ends in: `password2` is a password.
    pub(super) fn without_number(mut self) -> Option<Self> {
        let digits = self.letters().iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        (1..=2).contains(&digits).then(|| {
            self.length -= digits;
            self.starts &= (1 << self.length) - 1;
            self
        })
    }

    /// Takes off the words behind the telling ones, as long as others are left.
    pub(super) fn without(mut self, neutral: &[&str]) -> Self {
        while self.starts.count_ones() > 1 && has(neutral, self.last()) {
            self.length -= self.last().len();
            self.starts &= !(1 << self.length);
        }
        self
    }
}

/// Whether a sorted list holds a word.
pub(super) fn has(list: &[&str], word: &[u8]) -> bool {
    list.binary_search_by(|known| known.as_bytes().cmp(word)).is_ok()
}
