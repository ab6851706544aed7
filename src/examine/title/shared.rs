//! The messages of one exception in, the one without what is of a single entry out.

use std::borrow::Cow;

/// A message without the figures and ids in it that others of as many words have not: which order it was is no
/// title of many.
pub(super) fn shared<'m>(message: &str, others: impl Iterator<Item = Cow<'m, str>>) -> String {
    let mut words: Vec<String> = message.split(' ').map(str::to_owned).collect();
    for other in others {
        let other: Vec<&str> = other.split(' ').collect();
        if other.len() == words.len() {
            for (word, other) in words.iter_mut().zip(other) {
                let alike = [without_figures, without_id].map(|bare| (bare(word), bare(other)));
                let bare = alike.into_iter().find(|(own, other)| own == other).map(|(own, _)| own);
                if let Some(bare) = bare.filter(|_| word != other) {
                    *word = bare;
                }
            }
        }
    }
    words.join(" ")
}

/// `/data/shard-3:` as `/data/shard-…:`.
fn without_figures(word: &str) -> String {
    let mut bare = String::new();
    for letter in word.chars() {
        match letter {
            '0'..='9' | '…' if bare.ends_with('…') => {}
            '0'..='9' => bare.push('…'),
            letter => bare.push(letter),
        }
    }
    bare
}

/// `9f2c1a")` as `…")`.
fn without_id(word: &str) -> String {
    let id = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    let is_id = id.contains(|letter: char| letter.is_ascii_digit()) && id.chars().all(char::is_alphanumeric);
    if is_id { word.replacen(id, "…", 1) } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_one_entry_are_no_part_of_a_title() {
        let told = |message: &str, others: &[&str]| shared(message, others.iter().copied().map(Cow::Borrowed));
        assert_eq!(
            told("order 17: declined (code 51)", &["order 17: declined (code 51)"]),
            "order 17: declined (code 51)"
        );
        assert_eq!(
            told(
                "order 17: declined (code 51)",
                &["order 18: declined (code 51)", "order 19: declined (code 51)", "x"]
            ),
            "order …: declined (code 51)"
        );
        assert_eq!(told("/data/shard-3: No space", &["/data/shard-14: No space"]), "/data/shard-…: No space");
        let busy = ["503: \"busy a62b\"", "503: \"busy 17f\"", "503: \"busy 9\""];
        assert_eq!(told("503: \"busy 962522\"", &busy), "503: \"busy …\"");
        assert_eq!(told("no such key: 'a'", &["no such key: 'b'"]), "no such key: 'a'");
    }
}
