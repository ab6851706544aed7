//! The head of an input in, its shape out: where its records stand on their lines.

use memchr::memmem::Finder;

/// How records are cut out of an input.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Every record starts on a line of its own with this run (newline, indentation, brace), and nothing else does.
    Lines {
        /// Finds the run.
        finder: Box<Finder<'static>>,
    },
    /// Records stand anywhere.
    Stream,
}

/// Judges an input by its first bytes.
pub(super) fn sniff(head: &[u8]) -> (Shape, &'static str) {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let Some(brace) = head.iter().position(|byte| *byte == b'{') else { return (Shape::Stream, "unknown") };
    let before = head.get(..brace).unwrap_or_default();
    let line = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let indent = before.get(line..).unwrap_or_default();
    let after = head.get(brace + 1..).unwrap_or_default();
    let array = before.contains(&b'[');
    let format = if array { "json array" } else { "json objects" };
    let own_line = indent.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    let multi_line = after.trim_ascii_start().as_ptr() != after.as_ptr()
        && after.iter().take_while(|b| **b != b'"').any(|b| *b == b'\n');
    let deeper = after.iter().skip_while(|b| **b != b'\n').skip(1).take_while(|b| matches!(b, b' ' | b'\t')).count()
        > indent.len();
    if !own_line || (multi_line && !deeper) {
        return (Shape::Stream, format);
    }
    let mut run = vec![b'\n'];
    run.extend_from_slice(indent);
    run.push(b'{');
    let format = if array {
        format
    } else if multi_line {
        "json objects"
    } else {
        "ndjson"
    };
    (Shape::Lines { finder: Finder::new(&run).into_owned().into() }, format)
}
