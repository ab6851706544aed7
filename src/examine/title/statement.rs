//! A pattern in, its statement out: prefixes, data and pointers to single users or requests go.

use super::expression::{
    ACCESS, ASIDE, DANGLING, DATA, EMPTY, Expression, FIGURE, HEAD, HOLE, LEADER, NAMED, ONLY, PAIR, PERSON, POINTED,
    POINTER, PREFIX, QUALIFIED, QUOTED, QUOTES, RPC, SAYS, STEP, TAG, TAIL, WITHIN, captures, count, replaced,
};

/// A title from a pattern: prefixes, data and pointers to single users or requests go, the statement stays.
pub(super) fn of_text(pattern: &str) -> String {
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).count();
    let line = pattern.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if let Some(request) = request(line) {
        return request;
    }
    let line = replaced(&STEP, line, "");
    let line = line.as_str();
    if let Some(why) = not_started(line) {
        return format!("Application failed to start: {}", of_text(why));
    }
    let said = said(line);
    let line = replaced(&HOLE, said.as_deref().unwrap_or(line), "$1<*>");
    let line = replaced(&RPC, &replaced(&TAG, &line, "$1 $2"), "$1: ");
    let line = line.as_str();
    let bare = replaced(&PREFIX, &replaced(&HEAD, line, ""), "");
    let bare = if letters(&bare) < 3 { line.to_owned() } else { bare };
    let mut text = replaced(&DATA, &replaced(&ONLY, &bare, ": $1$2"), "");
    if letters(&text) < 3 {
        text = bare;
    }
    // What would leave no statement is part of it.
    let without = |text: String, (pattern, with): (&Expression, &str)| {
        let shorter = replaced(pattern, &text, with);
        if shorter.split_whitespace().count() >= 2 { shorter } else { text }
    };
    let statement = [
        (&LEADER, ""),
        (&ASIDE, ""),
        (&PERSON, ""),
        (&POINTER, ""),
        (&POINTED, "$1"),
        (&QUALIFIED, "$1"),
        (&NAMED, "$1"),
        (&PAIR, ""),
        (&EMPTY, ""),
        (&FIGURE, "$1"),
        (&TAIL, "…"),
    ]
    .into_iter()
    .fold(text.clone(), without);
    let statement = head_of_gaps(&statement).unwrap_or(statement);
    let statement = without(statement, (&QUOTED, "$1"));
    if statement.split_whitespace().count() >= 2 {
        text = statement;
    }
    let without = replaced(&WITHIN, &text, "…");
    if letters(&without) >= 3 || letters(&text) > 12 {
        text = without;
    }
    neat(&closed(&without_gaps(without_labels(without_signs(without_first_gap(&text))))))
}

/// What Spring says of why an application did not start.
fn not_started(line: &str) -> Option<&str> {
    let (_, told) = line.split_once("APPLICATION FAILED TO START")?;
    let (_, why) = told.split_once(" Description: ")?;
    Some(why.split_once(" Action: ").map_or(why, |(why, _)| why))
}

/// All of a pattern, with gaps where its values stand.
pub(super) fn in_full(pattern: &str) -> String {
    neat(&closed(without_signs(&replaced(&WITHIN, pattern, "…"))))
}

/// A text as a title begins and ends.
fn neat(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text =
        text.trim_matches(|letter: char| letter.is_whitespace() || ",;:|-*=~".contains(letter)).replace(" : ", ": ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.is_lowercase() && !text.starts_with(|letter: char| !letter.is_ascii()) => {
            let word = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-').next().unwrap_or_default();
            // A name of code keeps its case.
            if text.get(word.len()..).is_some_and(|rest| rest.starts_with(['_', '.', '(', ':', '/'])) {
                text
            } else {
                first.to_uppercase().chain(letters).collect()
            }
        }
        _ => text,
    }
}

/// `502 on GET /items` of a line of an access log.
fn request(line: &str) -> Option<String> {
    let found = captures(&ACCESS, line)?;
    let status = found.get(4).or(found.get(1))?.as_str();
    Some(format!("{status} on {} {}", found.get(2)?.as_str(), replaced(&WITHIN, found.get(3)?.as_str(), "…")))
}

/// The message of a line of names and values, with the error that it states.
fn said(line: &str) -> Option<String> {
    let Some(found) = captures(&SAYS, line) else {
        let found = captures(&QUOTES, line)?;
        let told = found.get(1)?.as_str().to_owned();
        let error = found.get(2).or(found.get(3)).map(|error| error.as_str()).filter(|error| !error.starts_with('<'));
        return Some(error.map_or(told.clone(), |error| format!("{told}: {error}")).replace("\\\"", "\""));
    };
    let value = |quoted: usize| found.get(quoted).or(found.get(quoted + 1)).map(|value| value.as_str());
    let told = value(1).filter(|told| told.contains(char::is_alphabetic))?;
    let error = value(3).filter(|error| !error.starts_with('<') && !told.contains(error));
    let said = error.map_or_else(|| told.to_owned(), |error| format!("{told}: {error}"));
    Some(said.replace("\\\"", "\""))
}

/// Of `Ids differ: <id> is not <id> but <id>` the first part tells; of `Fetch failed: Get <url>: read tcp <ip>: connection
/// reset` also what stands behind the last gap, which is why.
fn head_of_gaps(text: &str) -> Option<String> {
    const MANY_GAPS: usize = 2;
    // A text of many words tells something in spite of gaps.
    const WORDS_A_GAP: usize = 7;
    let (head, tail) = text.split_once(": ")?;
    let gaps = count(&WITHIN, tail);
    let many = gaps >= MANY_GAPS && tail.split_whitespace().count() < gaps * WORDS_A_GAP;
    let tells = many && !head.contains('<') && head.split_whitespace().count() >= 2;
    if !tells {
        return None;
    }
    let is_whole = |part: &&&str| !part.contains('…') && count(&WITHIN, part) == 0;
    let parts: Vec<&str> = tail.split(": ").collect();
    let steps = parts.iter().take_while(|part| is_whole(part) && part.split_whitespace().count() >= 2);
    let why = parts.iter().rev().take_while(is_whole).count();
    let steps = steps.take(parts.len().saturating_sub(why)).count();
    let (first, last) = (parts.iter().take(steps), parts.iter().skip(parts.len().saturating_sub(why)));
    Some(std::iter::once(&head).chain(first).chain(last).copied().collect::<Vec<_>>().join(": "))
}

/// What stands in a parenthesis that is never closed was cut off, and is not told.
fn closed(text: &str) -> String {
    let mut text = text;
    while let Some((head, _)) = text.rsplit_once('(').filter(|(_, tail)| !tail.contains(')')) {
        // What it belongs to goes as well: `Io(Os`.
        let head = head.rsplit_once(' ').map_or("", |(front, _)| front);
        if head.split_whitespace().count() < 2 {
            break;
        }
        text = head;
    }
    text.to_owned()
}

/// A statement does not end with a gap, nor with a word that asks for what stood in one.
fn without_gaps(text: &str) -> String {
    let bare = |text: &str| text.trim_end_matches([' ', '…', '.', ',', '=', ':', ';', '(', '[', '-']).to_owned();
    let told = bare(text);
    if !text.trim_end_matches(['.', ' ']).ends_with('…') {
        return told;
    }
    let statement = bare(&replaced(&DANGLING, &told, ""));
    if statement.split_whitespace().count() >= 2 { statement } else { format!("{told} …") }
}

/// `…() cannot find it` is told without who cannot.
fn without_first_gap(text: &str) -> &str {
    let rest = text.strip_prefix('…').and_then(|rest| rest.split_once(' ')).map(|(_, rest)| rest.trim_start());
    rest.filter(|rest| rest.split_whitespace().count() >= 3).unwrap_or(text)
}

/// `Failed to flush, retry: > (out_id=0)`: behind the last colon nothing is left that tells.
fn without_signs(text: &str) -> &str {
    let Some((head, tail)) = text.rsplit_once(": ") else { return text };
    let told = tail.split_once('(').map_or(tail, |(told, _)| told);
    let signs = !told.trim().is_empty() && !told.contains(|letter: char| letter.is_alphanumeric() || letter == '…');
    if signs && head.split_whitespace().count() >= 2 { head } else { text }
}

/// `Address changed. Old: … New: …`: a last sentence of hardly more than names and gaps tells nothing.
fn without_labels(text: &str) -> &str {
    const LABELS: usize = 2;
    let Some((head, tail)) = text.rsplit_once(". ") else { return text };
    let words = tail.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
    if tail.contains('…') && words <= LABELS && head.split_whitespace().count() >= 2 { head } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_platforms() {
        for (pattern, expected) in [
            (
                "Memory limit of 512 MiB exceeded with <size> used. Consider increasing the memory limit, see <url>",
                "Memory limit of 512 MiB exceeded. Consider increasing the memory limit",
            ),
            (
                "[<ts>] [ warn] [engine] failed to flush chunk '<str>', retry in <num> seconds: task_id=<num>, input=<id> > output=<id> (out_id=0)",
                "Failed to flush chunk, retry",
            ),
            (
                "<ts> web-1 kernel: [<num>] Out of memory: Killed process <num> (java)",
                "Out of memory: Killed process … (java)",
            ),
            ("<ts> web-1 sshd[<num>]: Connection reset by peer", "Connection reset by peer"),
            ("<ts> Connection failed: no route", "Connection failed: no route"),
            (
                "<ts> ERROR 1 --- [shop] [<id>] c.a.shop.OrderController : Order <num> could not be saved for customer <*>",
                "Order … could not be saved",
            ),
            (
                "[<ts>] ERROR [KafkaServer id=<num>] Fatal error during startup (kafka.server.KafkaServer)",
                "Fatal error during startup (kafka.server.KafkaServer)",
            ),
            (
                "<id> <ts> SEVERE [<id>] org.apache.catalina.core.StandardWrapperValve.invoke Servlet threw exception",
                "Servlet threw exception",
            ),
            ("E, [<ts> <num>] ERROR -- : [<uuid>] RoutingError (No route matches)", "RoutingError (No route matches)"),
            ("[<ts>] production.ERROR: Connection refused by peer", "Connection refused by peer"),
            ("[<ts>] {taskinstance.py:<num>} ERROR - Task failed with exception", "Task failed with exception"),
            ("1:M <ts> # Error condition on socket for SYNC: refused", "Error condition on socket for SYNC: refused"),
            ("ERROR <ts> log 7 <num> Internal Server Error: <path>", "Internal Server Error"),
            ("<ip> - <*> [<ts>] \"GET <path> <id>\" 502 <num> \"<url>\" rt=<num>", "502 on GET …"),
            ("<ip> [<ts>] fe be/<NOSRV> <id> 503 <num> - - SC-- <id> \"POST /pay <id>\"", "503 on POST /pay"),
            (
                "time=<str> level=error msg=\"failed to sync\" err=\"context deadline exceeded\" user=<str>",
                "Failed to sync: context deadline exceeded",
            ),
            ("level=warn message=retrying attempt=<num>", "Retrying"),
            (
                r#"time=<str> level=info msg="Stop container \"<str>\" with signal terminated""#,
                "Stop container with signal terminated",
            ),
            (
                "<ts> <id> sshd[<num>]: Failed password for invalid user <name> from <ip> port <num> ssh2",
                "Failed password for invalid user ssh2",
            ),
            ("[<ts> ERROR shop::cart] cart <hex> lost: Io(Os { code: <num> })", "Cart … lost"),
            ("<ts> - report.export - ERROR - Could not write row <num>: disk full", "Could not write row …: disk full"),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn heads_of_loggers_say_nothing() {
        for (pattern, expected) in [
            (
                "<ts> ERROR 1 --- [shop] [<id>] o.a.c.c.C.[.[.[/].[dispatcherServlet] : Servlet.service() threw exception",
                "Servlet.service() threw exception",
            ),
            ("[Nest] 1 - <ts> AM ERROR [Stock] Could not reserve stock for order <num>", "Could not reserve stock"),
            (
                "<ts> ERROR request{method=GET id=<num>}:load{x=<num>}: index::http: shard lookup failed error=<str>",
                "Shard lookup failed",
            ),
            ("<ts> ERROR index::http: shard lookup failed", "Shard lookup failed"),
            ("<ts> ERROR [io.qua.Handler] (<id>) HTTP Request to <path> failed: no", "HTTP Request failed: no"),
            ("<ts> ERROR [io.qua.Handler] (executor-thread-<num>) it failed", "It failed"),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn what_kubernetes_and_builds_say_stands_alone() {
        for (pattern, expected) in [
            (
                r#""re-queuing item due to error" err="secret \"ca-key\" not found" logger=cert key=<str>"#,
                "Re-queuing item due to error: secret \"ca-key\" not found",
            ),
            (
                r#"Step #<num> - "test": ERROR: failed to solve: it did not complete"#,
                "Failed to solve: it did not complete",
            ),
            (r#""Failed to sync pods" logger=cert key=<str>"#, "Failed to sync pods"),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn why_an_application_did_not_start_is_told() {
        let box_of_stars = "*** APPLICATION FAILED TO START *** Description: Web server failed to start. Port 8080 was \
             already in use. Action: Stop the process that listens on port 8080.";
        let why = "Application failed to start: Web server failed to start. Port 8080 was already in use";
        assert_eq!(of_text(box_of_stars), why);
        assert_eq!(of_text("APPLICATION FAILED TO START"), "APPLICATION FAILED TO START");
    }

    #[test]
    fn why_something_failed_is_told_across_gaps() {
        for (pattern, expected) in [
            (
                "fetch origin: Get \"<str>\": read tcp <ip>-><ip>: read: connection reset by peer",
                "Fetch origin: read: connection reset by peer",
            ),
            (
                "load product: query failed: get <*>: failed to connect to <id>: <ip> (db): dial tcp <ip>: connect: refused",
                "Load product: query failed: connect: refused",
            ),
            (
                "refund failed: load policy for order <*>: sql: Scan error on column <*>, name \"policy\": converting <*> to string is unsupported",
                "Refund failed: load policy: sql: Scan error, name \"policy\": converting … to string is unsupported",
            ),
            (
                "<id>/cache/reflector.go:243: failed to list <id>: the server was unable to return a response",
                "Failed to list …: the server was unable to return a response",
            ),
            ("unable to mount <id>", "Unable to mount"),
            ("load failed: [Errno <num>] No such file or directory: <path>", "Load failed: No such file or directory"),
            ("load failed: [a, b] were lost", "Load failed"),
            (
                "Failed Pod: Failed to pull image \"<str>\": rpc error: code = NotFound desc = failed to unpack \"<str>\": not found",
                "Failed Pod: Failed to pull image: NotFound: failed: not found",
            ),
            ("Ids of it differ: <id> is not <id> but <id>", "Ids of it differ"),
            (
                "fetch: Pool(host=x): Max retries exceeded with url: <path> (Caused by NewError('Connection object at <hex>>: [Errno 111] refused'))",
                "fetch: Pool(host=x): Max retries exceeded",
            ),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn statements_from_patterns() {
        for (pattern, expected) in [
            (
                "[MAIN MODE] Message loop error: WebSocket is not connected. Need to call \"accept\" first.",
                "Message loop error: WebSocket is not connected. Need to call \"accept\" first",
            ),
            (
                "Error routing message from <id>: 'function' object has no attribute 'can_handle'",
                "Error routing message: 'function' object has no attribute 'can_handle'",
            ),
            (
                "AgentBridgeHandler error for user <id>: 'AgentWebSocketBridge' object has no attribute 'handle_message'",
                "AgentBridgeHandler error: 'AgentWebSocketBridge' object has no attribute 'handle_message'",
            ),
            ("🚨 ALERT: LOW BUFFER UTILIZATION: <num>% - Consider less", "LOW BUFFER UTILIZATION - Consider less"),
            (
                "CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error | User: 'x'",
                "CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error",
            ),
            (
                "permissive authentication for connection <id> - user_id: pending, state: connected",
                "Permissive authentication",
            ),
            ("routing failed for user demo-use... connection <id>", "Routing failed"),
            ("LOOP ERROR CONTEXT: <json{connection_id,user_id}>", "LOOP ERROR CONTEXT"),
            (" SEARCH:  LOOP ERROR CONTEXT: {connection_id,user_id}", "LOOP ERROR CONTEXT"),
            ("request_id <id> has invalid format. Expected UUID.", "request_id … has invalid format. Expected UUID"),
            ("request_id '<str>' has invalid format. Expected UUID.", "request_id has invalid format. Expected UUID"),
            ("Feature flag <name> is <str>", "Feature flag"),
            ("Feature flag streaming is on for <id>", "Feature flag streaming is on"),
            (
                "Thread ID mismatch: run_id <id> extracted to <id> but thread_id is <id>. This may be bad.",
                "Thread ID mismatch",
            ),
            (
                "Validation issues (non-blocking): ['Several managers for user <id> - may be duplicates']",
                "Validation issues (non-blocking): Several managers - may be duplicates",
            ),
            ("Unknown type 'x': it is bad. Valid types: ['a', 'b']", "Unknown type 'x': it is bad"),
            ("<ts> ERROR: Directory Service: Failed attempt for user <id>", "Directory Service: Failed attempt"),
            ("CompactionTask.java:<*> - Error during compaction", "Error during compaction"),
            ("Address change detected. Old: <host> New: <host>", "Address change detected"),
            ("Failed to renew lease for <id> for <num> seconds.  Will retry", "Failed to renew lease. Will retry"),
            ("Connection broken for id <num>, my id = <num>, error =", "Connection broken"),
            ("Request from old client <ip>; will be dropped", "Request from old client; will be dropped"),
            ("First is <hex>", "First is …"),
            ("Error: boom <num>", "Boom …"),
            ("Cache parity alarm.....................0", "Cache parity alarm"),
            ("<id>() Can't find lease <num> in register", "Can't find lease … in register"),
            ("Wanting kind 57 instead of 3 (framehead=<hex> <hex>)", "Wanting kind 57 instead of 3"),
            ("******* GOODBYE to you ********", "GOODBYE to you"),
            ("ERROR: comm::connect to Host: <ip>, port: <num>, Error: refused", "comm::connect, Error: refused"),
            ("SSL_do_handshake() failed for it (SSL: error <num>", "SSL_do_handshake() failed for it"),
            ("Price cache miss for {ProductId} in {Region}", "Price cache miss"),
            ("HTTP {Method} {Path} responded {Status} in {Elapsed:0.0000} ms", "HTTP … … responded"),
            ("<*>", "<*>"),
            ("", ""),
        ] {
            assert_eq!(of_text(pattern), expected, "{pattern}");
        }
    }
}
