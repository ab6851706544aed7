//! The head of an input in, its shape out: what it is, and where its records stand on their lines.
#![expect(clippy::indexing_slicing, reason = "every index is compared with the length of the slice just before")]

use memchr::{memchr, memmem::Finder, memrchr};

use super::{
    foreign,
    scan::{Scan, Scanner, scalar_end, skip_blank, string_end},
    walk::may_start,
};
use crate::model::Severity;

/// How much of an input its shape is judged by at first, and how much if that does not tell. What begins with something
/// else may hold entries further on, so the last one is long.
pub(super) const HEADS: [usize; 3] = [64 << 10, 1 << 20, LONGEST_HEAD];
/// The last of them.
pub(super) const LONGEST_HEAD: usize = 16 << 20;

/// How records are cut out of an input.
#[derive(Debug)]
pub(super) struct Shape {
    /// Finds the run (newline, indentation, brace) that every record starts with and nothing else does. Without it,
    /// records may stand anywhere.
    pub lines: Option<Box<Finder<'static>>>,
    /// The records stand inside an object.
    pub envelope: bool,
    /// The records stand in an array.
    pub array: bool,
}

impl Shape {
    /// The shape of what was judged so.
    pub(super) fn of(told: &Told) -> Self {
        let lines = told.run.as_ref().map(|run| Box::new(Finder::new(run).into_owned()));
        Self { lines, envelope: told.envelope, array: told.array }
    }

    /// Whether this is the shape of what was judged so.
    pub(super) fn is(&self, told: &Told) -> bool {
        self.lines.as_ref().map(|finder| finder.needle()) == told.run.as_deref()
            && (self.envelope, self.array) == (told.envelope, told.array)
    }
}

/// What a head tells of a shape; by default, that records may stand anywhere.
#[derive(Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The run that every record starts with.
    run: Option<Vec<u8>>,
    envelope: bool,
    array: bool,
}

/// What an input is.
pub(super) enum Verdict {
    /// An export, and the name of its shape.
    Export(Told, &'static str),
    /// Nothing is in it; a plain sentence.
    Empty(&'static str),
    /// Something else; what it is and what to do.
    Foreign(String),
    /// The same, and whatever follows the head makes no difference.
    Known(String),
    /// A file that the program keeps for itself.
    Own(String),
    /// The head does not tell.
    Unclear,
}

/// Judges an input by its first bytes; `whole` if nothing follows them.
pub(super) fn sniff(head: &[u8], whole: bool) -> Verdict {
    let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let Some(start) = skip_blank(head, mark) else {
        return match (whole, head.len()) {
            (true, 0) => Verdict::Empty("the file is empty"),
            (true, _) => Verdict::Empty("the file holds nothing but white space"),
            (false, _) => Verdict::Unclear,
        };
    };
    if let Some(own) = foreign::own(head, start) {
        return own;
    }
    let inner = head[start..].trim_ascii().strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    if whole && inner.is_some_and(|inner| inner.trim_ascii().is_empty()) {
        return Verdict::Empty("an empty array: the export's filter matched no entry");
    }
    let mut budget = Budget { scanner: Scanner::default(), left: 64 << 20 };
    let mut at = Some(start);
    let mut damage = None;
    while let Some(line) = at {
        if matches!(head[line], b'{' | b'[')
            && let Some(first) = first_record(head, line, &mut budget)
        {
            return judge(head, mark, &first, &mut budget.scanner);
        }
        // An object was looked through: what stands on its lines is a part of it, unless it is damaged.
        at = match budget.object(head, line) {
            Some(Scan::End(end)) => skip_blank(head, end),
            found => {
                damage = damage.or(at);
                if found == Some(Scan::Open) && !whole { None } else { next_line(head, line) }
            }
        };
    }
    // The first record may be damaged: any place will do where the walk would find an entry.
    let mut brace = damage.unwrap_or(head.len());
    while let Some(found) = head.get(brace..).and_then(|rest| memchr(b'{', rest)) {
        brace += found;
        if may_start(head, brace)
            && let Some(first) = budget.telling(head, brace)
        {
            return judge(head, mark, &first, &mut budget.scanner);
        }
        brace += 1;
    }
    foreign::name(head, start, whole)
}

/// Entries stand in no more containers than this.
const DEEPEST: usize = 4;

/// The first byte of the next line that is not blank.
fn next_line(head: &[u8], at: usize) -> Option<usize> {
    let newline = at + memchr(b'\n', head.get(at..)?)?;
    skip_blank(head, newline)
}

struct Budget {
    scanner: Scanner,
    left: usize,
}

impl Budget {
    /// What the object at `at` is, if one starts there.
    fn object(&mut self, head: &[u8], at: usize) -> Option<Scan> {
        if head.get(at) != Some(&b'{') {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let scan = self.scanner.object(head, at);
        let seen = if let Scan::End(end) | Scan::Broken(end) = scan { end } else { head.len() };
        self.left = self.left.saturating_sub(seen - at);
        Some(scan)
    }

    /// The object at `at`, if it is whole and surely a log entry.
    fn telling(&mut self, head: &[u8], at: usize) -> Option<First> {
        self.left = self.left.checked_sub(1)?;
        let scan = self.scanner.object(head, at);
        let (Scan::End(seen) | Scan::Broken(seen)) = scan else {
            self.left = self.left.saturating_sub(head.len() - at);
            return None;
        };
        self.left = self.left.saturating_sub(seen - at);
        let whole = matches!(scan, Scan::End(_)) && self.scanner.telling();
        whole.then(|| First { at, end: Some(seen), path: Vec::new() })
    }
}

/// Where the first record stands.
struct First {
    at: usize,
    end: Option<usize>,
    /// The containers around it, outermost first: an array, or an object with the key that leads on.
    path: Vec<Option<String>>,
}

/// Finds the first object that is a log entry, from the start of a JSON value on.
fn first_record(head: &[u8], start: usize, budget: &mut Budget) -> Option<First> {
    let mut path: Vec<Option<String>> = Vec::new();
    let mut at = start;
    loop {
        at = skip_blank(head, at)?;
        match head[at] {
            b'{' => {
                let scan = budget.scanner.object(head, at);
                let end = if let Scan::End(end) = scan { Some(end) } else { None };
                let seen = match scan {
                    Scan::End(end) | Scan::Broken(end) => end - at,
                    Scan::Open => head.len() - at,
                };
                budget.left = budget.left.checked_sub(seen + 1)?;
                let inside_object = path.iter().any(Option::is_some);
                let nested = path.len() <= DEEPEST && budget.scanner.telling();
                if nested || (!inside_object && budget.scanner.entry_like()) {
                    return Some(First { at, end, path });
                }
                path.push(Some(String::new()));
                at += 1;
            }
            b'[' => {
                path.push(None);
                at += 1;
            }
            b'}' | b']' => {
                path.pop();
                at += 1;
            }
            b',' | b':' => at += 1,
            b'"' => {
                let end = string_end(head, at)?;
                if let Some(Some(key)) = path.last_mut()
                    && skip_blank(head, end).is_some_and(|next| head[next] == b':')
                {
                    *key = String::from_utf8_lossy(&head[at + 1..end - 1]).into_owned();
                }
                at = end;
            }
            _ => at = scalar_end(head, at)?,
        }
    }
}

fn judge(head: &[u8], mark: usize, first: &First, scanner: &mut Scanner) -> Verdict {
    let key = first.path.iter().flatten().next();
    let grouped = first.path.iter().flatten().any(|key| Severity::parse(key).is_some());
    let array = first.path.contains(&None);
    let lines = if grouped { None } else { lines(head, mark, first, scanner) };
    let one_line = memchr(b'\n', &head[first.at..first.end.unwrap_or(head.len())]).is_none();
    let format = match (key, array) {
        (Some(_), _) if grouped => "entries grouped by severity",
        (Some(key), _) if key == "entries" => "entries answer",
        (Some(_), _) => "entries inside an object",
        (None, true) if one_line => "compact json array",
        (None, true) => "json array",
        (None, false) if one_line => "ndjson",
        (None, false) => "json objects",
    };
    Verdict::Export(Told { run: lines, envelope: key.is_some(), array }, format)
}

/// The run that starts a record, if every record starts a line and nothing inside of one can look the same.
fn lines(head: &[u8], mark: usize, first: &First, scanner: &mut Scanner) -> Option<Vec<u8>> {
    let line = memrchr(b'\n', &head[..first.at]).map_or(mark, |newline| newline + 1);
    let before = &head[line..first.at];
    let end = first.end.unwrap_or(head.len());
    let record = &head[first.at..end];
    let one_line = memchr(b'\n', record).is_none();
    // `[{...},` and then a record a line.
    let opened = one_line && before.iter().all(|byte| matches!(byte, b'[' | b' '));
    let indent = if opened && before.contains(&b'[') { &[][..] } else { before };
    if !indent.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
        return None;
    }
    if !one_line && !deeper(record, indent) {
        return None;
    }
    let mut run = vec![b'\n'];
    run.extend_from_slice(indent);
    run.push(b'{');
    // The second record must agree.
    let mut next = skip_blank(head, end);
    while let Some(at) = next.filter(|at| matches!(head[*at], b',' | b']' | b'[')) {
        next = skip_blank(head, at + 1);
    }
    let second = next.filter(|at| head[*at] == b'{');
    let alone = one_line && opened && before.contains(&b'[');
    let agrees = second.is_some_and(|second| head[..=second].ends_with(&run));
    // Whether it is a record at all is asked only where that decides: it costs as much as the first one did.
    let decides = agrees == alone;
    let mut is_entry = |at| matches!(scanner.object(head, at), Scan::End(_)) && scanner.entry_like();
    let holds = if decides && second.is_some_and(&mut is_entry) { agrees } else { !alone };
    holds.then_some(run)
}

/// Whether the lines inside of a record are indented more than its first one.
fn deeper(record: &[u8], indent: &[u8]) -> bool {
    let inner = memchr(b'\n', record).map_or(&[][..], |newline| &record[newline + 1..]);
    inner.starts_with(indent) && matches!(inner.get(indent.len()), Some(b' ' | b'\t'))
}
