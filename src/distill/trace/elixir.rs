//! Elixir: what `Exception.format` prints, alone or in reports of processes that ended.

use super::in_app::elixir_in_app;
use super::lines::{find, is_number, is_type_name, lines, split_once};
use super::{Call, MOST_FRAMES, Raised, Stack};

/// What stands before the type of an exception: `** (RuntimeError) oops`.
pub(super) const HEAD: &str = "** (";

/// What files end with that code of Elixir and Erlang is compiled from.
const SOURCES: [&str; 8] = [".ex", ".exs", ".erl", ".eex", ".heex", ".leex", ".yrl", ".xrl"];

/// What only says that an exception stands below.
const WRAPPED: &str = "an exception was raised:";

/// An exception and how far its head is indented: its frames are indented by more than that.
struct Open<'a> {
    indent: usize,
    raised: Raised<'a>,
}

/// Reads a trace. A process that was called is told inside of the exit of its caller, and its frames are indented more.
/// What follows the frames is the state of the process, or where its client stood.
pub(super) fn parse(text: &str) -> Option<Stack<'_>> {
    let mut preamble = None;
    let mut open: Vec<Open<'_>> = Vec::new();
    for (offset, line) in lines(text) {
        let bare = line.trim();
        let indent = line.len() - line.trim_start().len();
        let framed = open.iter().any(|open| !open.raised.frames.is_empty());
        if let Some((at, kind, message)) = head(line) {
            let is_nested = at == indent && open.last().is_some_and(|last| last.indent < indent);
            if framed || !(open.is_empty() || is_nested) {
                break;
            }
            preamble = preamble.or_else(|| text.get(..offset + at));
            let raised = Raised { kind, message, ..Raised::default() };
            open.push(Open { indent: if at == indent { indent } else { 0 }, raised });
        } else if let Some(call) = call(bare) {
            // Some agents leave out what a line begins with.
            let above = open.iter_mut().rev().find(|open| open.indent < indent || indent == 0);
            if let Some(Open { raised, .. }) = above.filter(|above| above.raised.frames.len() < MOST_FRAMES) {
                raised.frames.push(call);
            }
        } else if framed {
            break;
        }
    }
    let told = open.into_iter().map(|open| open.raised);
    let raised = told.filter(|raised| raised.message != WRAPPED || !raised.frames.is_empty()).rev().collect();
    Stack::new("elixir", preamble?, raised)
}

/// `** (KeyError) key :sku not found in: %{}`, `** (EXIT) no process`: where it begins, the type and what is said.
fn head(line: &str) -> Option<(usize, &str, &str)> {
    let at = find(line, HEAD)?;
    let (kind, message) = line.get(at + HEAD.len()..)?.split_once(") ")?;
    // The shell tells which process ended: `** (EXIT from #PID<0.104.0>)`.
    let kind = kind.split_once(" from ").map_or(kind, |(kind, _)| kind);
    let is_exit = matches!(kind, "exit" | "EXIT" | "stop" | "throw");
    let is_named = kind.starts_with(char::is_uppercase) && is_type_name(kind);
    (is_exit || is_named).then_some((at, kind, message.trim()))
}

/// Whether a line is a frame that tells which application or library it is of.
pub(super) fn is_frame(line: &str) -> bool {
    application(line).is_some() && call(line).is_some()
}

/// `(shop 0.1.0) lib/shop/cart.ex:12: Shop.Cart.load/1`; of code that is in no application the front is missing, and of
/// functions that do not exist the place.
fn call(line: &str) -> Option<Call<'_>> {
    let (application, rest) = application(line).unwrap_or(("", line));
    let placed = split_once(rest, ": ").and_then(|(place, function)| {
        let (file, number) = place.rsplit_once(':')?;
        let is_source = file == "iex" || file == "nofile" || SOURCES.iter().any(|ending| file.ends_with(ending));
        (is_source && is_number(number) && !file.contains(' ')).then_some((file, number, function))
    });
    let (file, number, function) = placed.unwrap_or(("", "", rest));
    let function = named(function)?;
    let in_app = !matches!(file, "iex" | "nofile") && elixir_in_app(application, function);
    Some(Call { file, line: number, function, in_app })
}

/// The application or library in front of a frame, and what stands behind it: `(stdlib 5.0.2) gen_server.erl:1123: ...`.
fn application(line: &str) -> Option<(&str, &str)> {
    let (front, rest) = line.strip_prefix('(')?.split_once(") ")?;
    let (name, version) = front.split_once(' ').unwrap_or((front, ""));
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte.is_ascii_control();
    let is_whole = name.starts_with(|letter: char| letter.is_ascii_lowercase()) && name.bytes().all(is_name);
    (is_whole && !version.contains(' ')).then_some((name, rest))
}

/// A function without its arity or its arguments, a closure by where it stands: `Shop.Cart.load/1`,
/// `anonymous fn/1 in Shop.Cart.load/2`, `:erlang.binary_to_integer("x")`, `Enum."-map/2-lists^map/1-0-"/2`. What stands
/// outside of functions has no name: `(module)`, `(file)`.
fn named(function: &str) -> Option<&str> {
    if matches!(function, "(module)" | "(file)") {
        return Some("");
    }
    let inside = function.strip_prefix("anonymous fn/").and_then(|rest| split_once(rest, " in "));
    let function = inside.map_or(function, |(_, function)| function);
    let is_module = function.starts_with(|letter: char| letter.is_uppercase() || letter == ':');
    if !is_module {
        return None;
    }
    let name = match function.rsplit_once('/') {
        Some((name, arity)) if is_number(arity) => name,
        _ => function.strip_suffix(')').and_then(|call| call.split_once('(')).map(|(name, _)| name)?,
    };
    let is_quoted = find(name, ".\"").is_some();
    (name.contains('.') && (is_quoted || !name.contains(' '))).then_some(name)
}
