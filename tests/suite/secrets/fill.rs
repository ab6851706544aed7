//! A template of a value in, a value that looks like it out: put together at run time, so that none stands in a file.

/// A small generator: the same numbers for the same seed, on every machine.
pub(crate) struct Numbers(u64);

impl Numbers {
    /// Numbers that depend on the seed alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xff51_afd7_ed55_8ccd) ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    /// One of several.
    pub(crate) fn pick<'t, T>(&mut self, choices: &'t [T]) -> &'t T {
        &choices[self.below(choices.len())]
    }

    fn letters(&mut self, alphabet: &str, count: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..count).map(|_| char::from(letters[self.below(letters.len())])).collect()
    }
}

/// `~CLASS:N` stands for N characters of a class, `~~` for a tilde; a `|` behind N keeps it from a digit that follows.
pub(crate) fn fill(template: &str, numbers: &mut Numbers) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('~') {
        filled.push_str(before);
        if let Some(behind) = behind.strip_prefix('~') {
            filled.push('~');
            rest = behind;
            continue;
        }
        let (class, behind) = behind.split_once(':').expect("a class and a colon");
        if let Some(kind) = class.strip_prefix("iban") {
            let (country, behind) = behind.split_at(2);
            filled.push_str(&iban(country, kind == "s", numbers));
            rest = behind.trim_start_matches(|letter: char| letter == ':' || letter.is_ascii_digit());
            continue;
        }
        let (count, behind) = number(behind);
        if let Some(form) = class.strip_prefix("card") {
            let (length, behind) = behind.strip_prefix(':').map_or((16, behind), number);
            filled.push_str(&card(count, length, form, numbers));
            rest = behind;
            continue;
        }
        filled.push_str(&varied(class, count, numbers));
        rest = behind.strip_prefix('|').unwrap_or(behind);
    }
    filled + rest
}

fn number(text: &str) -> (usize, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    (number.parse().unwrap(), rest)
}

/// Characters of a class; what issuers make holds letters and digits, and so does this if it is long enough.
fn varied(class: &str, count: usize, numbers: &mut Numbers) -> String {
    let (upper, lower, digits) = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789");
    let alphabet = match class {
        "b62" => format!("{upper}{lower}{digits}"),
        "b64" => format!("{upper}{lower}{digits}+/"),
        "url" => format!("{upper}{lower}{digits}-_"),
        "hex" => format!("{digits}abcdef"),
        "HEX" => format!("{digits}ABCDEF"),
        "low" => format!("{lower}{digits}"),
        "UP" => format!("{upper}{digits}"),
        "B32" => format!("{upper}234567"),
        "dig" => digits.trim_start_matches('0').to_owned(),
        other => panic!("no class is called {other}"),
    };
    numbers.letters(&alphabet, count)
}

fn card(prefix: usize, length: usize, form: &str, numbers: &mut Numbers) -> String {
    let mut digits = prefix.to_string();
    let missing = length - 1 - digits.len();
    digits.push_str(&numbers.letters("0123456789", missing));
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            if place % 2 == 0 { (digit * 2) / 10 + (digit * 2) % 10 } else { digit }
        })
        .sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    let separator = match form {
        "s" => " ",
        "d" => "-",
        _ => return digits,
    };
    digits.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(separator)
}

fn iban(country: &str, spaced: bool, numbers: &mut Numbers) -> String {
    let body = match country {
        "NL" => format!("{}{}", numbers.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4), numbers.letters("0123456789", 10)),
        "GB" => format!("{}{}", numbers.letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 4), numbers.letters("0123456789", 14)),
        "FR" => numbers.letters("0123456789", 23),
        "ES" => numbers.letters("0123456789", 20),
        _ => numbers.letters("0123456789", 18),
    };
    let rest = format!("{body}{country}00").chars().fold(0_u32, |rest, letter| {
        let value = letter.to_digit(36).unwrap();
        if value > 9 { (rest * 100 + value) % 97 } else { (rest * 10 + value) % 97 }
    });
    let compact = format!("{country}{:02}{body}", 98 - rest);
    if !spaced {
        return compact;
    }
    compact.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect::<Vec<_>>().join(" ")
}
