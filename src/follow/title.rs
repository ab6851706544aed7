//! A cluster in, the title of its issue out: one line, short, harmless.

use super::words::framed;
use crate::model::Cluster;

/// GitHub's limit for titles.
const TITLE_LIMIT: usize = 256;

/// `GCP-{category} | {priority} | {name}`, on one line and within GitHub's limit.
pub(super) fn draft_title(cluster: &Cluster) -> String {
    frame(cluster, &cluster.title)
}

/// The title of an issue that is there: its frame as it is to be now, its name as people left it.
pub(super) fn moved_title(cluster: &Cluster, held: &str) -> String {
    frame(cluster, framed(held).map_or(cluster.title.as_str(), |frame| frame.name))
}

fn frame(cluster: &Cluster, name: &str) -> String {
    let category = if cluster.category.is_empty() { "new".into() } else { plain(&cluster.category) };
    shorten(&format!("GCP-{category} | {} | {}", cluster.priority, plain(name)), TITLE_LIMIT)
}

/// One line without control characters.
pub(super) fn plain(text: &str) -> String {
    let visible: String = text.chars().map(|letter| if invisible(letter) { ' ' } else { letter }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Controls, and what turns the direction of text or hides in it.
fn invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// Cut to `limit` UTF-16 units with an ellipsis at the end.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_string();
    }
    let mut units = 0;
    let mut short: String = text
        .chars()
        .take_while(|letter| {
            units += letter.len_utf16();
            units < limit
        })
        .collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::super::testing::cluster;
    use super::*;

    #[test]
    fn titles_are_one_short_line() {
        let cluster = cluster("a\nb \u{202e}c \u{1b}[31m", 1).done();
        assert_eq!(draft_title(&cluster), "GCP-new | P2 | a b c [31m");
        let long = Cluster { title: "😀".repeat(300), ..cluster };
        assert!(draft_title(&long).encode_utf16().count() <= 256);
    }

    #[test]
    fn a_moved_title_keeps_the_name_that_people_gave() {
        let cluster = cluster("Session access failed", 1).done();
        assert_eq!(moved_title(&cluster, "GCP-old | P4 | Sessions are lost"), "GCP-new | P2 | Sessions are lost");
        assert_eq!(moved_title(&cluster, "Sessions are lost"), "GCP-new | P2 | Session access failed");
    }
}
