//! What groups and what stays apart; order, counts and a larger dump do not change it.

use proptest::prelude::*;

use super::*;
use crate::model::{SlotTally, Timestamp};

fn tallies(entries: &[(&str, &str, &str)]) -> BTreeMap<Fingerprint, PatternTally> {
    entries
        .iter()
        .map(|(pattern, module, function)| {
            let tally = PatternTally::new(PatternKind::Message, (*pattern).to_owned(), (module, function), true);
            (Fingerprint::of(&["message", pattern, module, function]), tally)
        })
        .collect()
}

fn grouped(entries: &[(&str, &str, &str)]) -> Vec<String> {
    let mut groups: Vec<String> = cluster(&tallies(entries), &Settings::default())
        .into_iter()
        .map(|group| format!("{} x{}", group.pattern, group.members.len()))
        .collect();
    groups.sort();
    groups
}

fn unplaced(patterns: &[&str]) -> Vec<String> {
    grouped(&patterns.iter().map(|pattern| (*pattern, "", "")).collect::<Vec<_>>())
}

#[test]
fn what_joins_and_what_stays_apart() {
    for (patterns, expected) in [
        // Types of placeholders do not matter.
        (&["took <num>", "took <dur>"][..], &["took <*> x2"][..]),
        // Five names are values, four are not.
        (&["call a1x now", "call beta now", "call gamma now", "call delta now", "call eta now"], &["call <*> now x5"]),
        (
            &["call alpha now", "call beta now", "call gamma now"],
            &["call alpha now x1", "call beta now x1", "call gamma now x1"],
        ),
        // Quotes make two enough, events never join on two.
        (&["key 'alpha' is unset", "key 'beta' is unset"], &["key '<*>' is unset x2"]),
        (&["VM <id> Started", "VM <id> Stopped"], &["VM <id> Started x1", "VM <id> Stopped x1"]),
        // How something ended is no value.
        (
            &["took <dur>, finished with status: 'crash'", "took <dur>, finished with status: 'timeout'"],
            &["took <dur>, finished with status: 'crash' x1", "took <dur>, finished with status: 'timeout' x1"],
        ),
        // Names follow certain words.
        (
            &["Started container alpha", "Started container beta", "Started container gamma"],
            &["Started container <*> x3"],
        ),
        // A program and its number, a noun before the word in a long sentence, a label before it.
        (&["run of indexer[<num>] late", "run of cleaner[<num>] late"], &["run of <*>[<num>] late x2"]),
        (
            &["no reply from the queue worker alpha within <dur>", "no reply from the queue worker beta within <dur>"],
            &["no reply from the queue worker <*> within <dur> x2"],
        ),
        // Values that are values elsewhere.
        (
            &[
                "call a1x now",
                "call beta now",
                "call gamma now",
                "call delta now",
                "call eta now",
                "so beta is",
                "so eta is",
            ],
            &["call <*> now x5", "so <*> is x2"],
        ),
        // Several names at once: in quotes, or in many patterns that are built alike.
        (&["no 'alpha' in 'beta'", "no 'gamma' in 'delta'"], &["no '<*>' in '<*>' x2"]),
        (
            &[
                "Slow query on table alpha by beta took <dur>",
                "Slow query on table gamma by delta took <dur>",
                "Slow query on table eta by theta took <dur>",
                "Slow query on table iota by kappa took <dur>",
                "Slow query on table zeta by omega took <dur>",
            ],
            &["Slow query on table <*> by <*> took <dur> x5"],
        ),
        // Parts behind a colon, listed parts, quotations that hold more than a word.
        (&["synced to <ip>, level <num>", "synced to LOCAL(<num>), level <num>"], &["synced to <*>, level <num> x2"]),
        (&["got [Item(id=<num>), Item(id=<num>)] now", "got [Item(id=<num>)] now"], &["got [Item(id=<num>)] now x2"]),
        (&["agent \"<str>\" came by", "agent \"Mozilla <num> on Linux\" came by"], &["agent \"<*>\" came by x2"]),
        // A word where others have a text, lists of any length, a time at the end.
        (&["name=<str> gone", "name=alpha gone"], &["name=<*> gone x2"]),
        (&["fans <num> <num>", "fans <list>", "fans <num>"], &["fans <*> x3"]),
        (&["the breaker is open now", "the breaker is open now, at <ts>"], &["the breaker is open now x2"]),
    ] {
        assert_eq!(unplaced(patterns), expected, "{patterns:?}");
    }
}

#[test]
fn what_joins_by_what_else_joined_or_stands_beside() {
    for (patterns, expected) in [
        // One of two in brackets, beside a value; a name with dots behind a label.
        (
            &["slow <dur> (<num>, alpha)", "slow <dur> (<num>, beta)", "slow <dur> (<num>, gamma)"][..],
            &["slow <dur> (<num>, <*>) x3"][..],
        ),
        (
            &["slow <dur> (<num>; alpha)", "slow <dur> (<num>; beta)", "slow <dur> (<num>; gamma)"],
            &["slow <dur> (<num>; alpha) x1", "slow <dur> (<num>; beta) x1", "slow <dur> (<num>; gamma) x1"],
        ),
        (
            &["handle new action:a.b.OPEN", "handle new action:a.b.SHUT", "handle new action:a.b.TICK"],
            &["handle new action:<*> x3"],
        ),
        // Names behind the noun that names follow, and nouns there.
        (
            &["Job <id> begun by client UpdateAgent.", "Job <id> begun by client SPP."],
            &["Job <id> begun by client <*>. x2"],
        ),
        (
            &["cannot read the file system", "cannot read the file handle"],
            &["cannot read the file handle x1", "cannot read the file system x1"],
        ),
        // A line of syslog begins with a host.
        (
            &["web sshd[<num>]: closed by <ip>", "db sshd[<num>]: closed by <ip>"][..],
            &["<*> sshd[<num>]: closed by <ip> x2"][..],
        ),
        (
            &["<ts> web sshd[<num>]: closed by <ip>", "<ts> db sshd[<num>]: closed by <ip>"],
            &["<ts> <*> sshd[<num>]: closed by <ip> x2"],
        ),
        // The words that made a slot count: one more joins it later.
        (
            &[
                "call alpha of 'x' now",
                "call beta of 'x' now",
                "call gamma of 'x' now",
                "call delta of 'x' now",
                "call eta of 'x' now",
                "call alpha of 'y' now",
                "call theta of 'v' now",
                "call theta of 'w' now",
            ],
            &["call <*> of '<*>' now x8"],
        ),
    ] {
        assert_eq!(unplaced(patterns), expected, "{patterns:?}");
    }
}

#[test]
fn the_place_is_evidence() {
    // One function: two values are enough. Other functions: apart, whatever the words.
    let routing = ["Message disconnect routing failed", "Message start_agent routing failed"];
    assert_eq!(
        grouped(&[(routing[0], "router", "route"), (routing[1], "router", "route")]),
        ["Message <*> routing failed x2"]
    );
    assert_eq!(unplaced(&routing).len(), 2);
    assert_eq!(grouped(&[("same text", "a", "f"), ("same text", "b", "f")]).len(), 2);
    // Without a place (a logging wrapper hides it) the text decides, unless two places have it.
    assert_eq!(grouped(&[("same text", "a", "f"), ("same text", "", "")]), ["same text x2"]);
    assert_eq!(grouped(&[("same text", "a", "f"), ("same text", "b", "f"), ("same text", "", "")]).len(), 3);
}

#[test]
fn similarity_moves_the_number_of_words() {
    let patterns = tallies(&[("call alpha now", "", ""), ("call beta now", "", ""), ("call gamma now", "", "")]);
    let count = |similarity| cluster(&patterns, &Settings { similarity }).len();
    assert_eq!((count(0.0), count(0.5), count(1.0)), (1, 3, 3));
}

#[test]
fn a_slot_with_one_value_shows_it() {
    let mut patterns = tallies(&[("port <num> of <id>", "", "")]);
    for tally in patterns.values_mut() {
        tally.slots.resize_with(2, Default::default);
        for number in 0..3 {
            tally.slots[0].values.add("8080", Timestamp::from_seconds(number));
            tally.slots[1].values.add(&format!("vm{number}"), None);
        }
    }
    assert_eq!(cluster(&patterns, &Settings::default())[0].pattern, "port 8080 of <id>");
}

#[test]
fn other_kinds_group_by_their_text() {
    let mut patterns = BTreeMap::new();
    for (kind, place) in [(PatternKind::Request, "a"), (PatternKind::Request, "b"), (PatternKind::Trace, "a")] {
        let tally = PatternTally::new(kind, "GET /x 5xx".to_owned(), (place, ""), true);
        patterns.insert(Fingerprint::of(&[kind.name(), "GET /x 5xx", place, ""]), tally);
    }
    assert_eq!(cluster(&patterns, &Settings::default()).len(), 2);
    for tally in patterns.values_mut() {
        tally.listed = false;
    }
    assert!(cluster(&patterns, &Settings::default()).is_empty());
}

#[test]
fn ids_never_change() {
    let ids: Vec<String> = cluster(&tallies(&[("worker <num> lost", "", "")]), &Settings::default())
        .into_iter()
        .map(|group| group.id)
        .collect();
    assert_eq!(ids, ["LG-997c879984"]);
}

/// A year of one tenant, then the week of many others: no text of before is seen again, and it is the same issue.
#[test]
fn an_id_stays_where_a_constant_turns_into_many_values() {
    let id = |tenants: &[&str]| {
        let texts: Vec<String> = tenants
            .iter()
            .map(|tenant| format!("Rejected request from tenant {tenant}: monthly quota exceeded"))
            .collect();
        let entries: Vec<_> = texts.iter().map(|text| (text.as_str(), "orders.quota", "")).collect();
        let groups = cluster(&tallies(&entries), &Settings::default());
        assert_eq!(groups.len(), 1, "{groups:?}");
        groups[0].id.clone()
    };
    assert_eq!(id(&["acme"]), id(&["globex", "initech", "umbrella", "hooli", "soylent", "vandelay", "wonka"]));
}

const WORDS: [&str; 8] = ["alpha", "beta", "gamma", "<num>", "<*>", "is", "FULL", "("];

proptest! {
    /// Every pattern stands in exactly one group, however the patterns are put together.
    #[test]
    fn groups_are_a_partition_and_shuffles_do_not_show(
        texts in prop::collection::btree_set(prop::collection::vec(0usize..WORDS.len(), 1..6), 1..40),
    ) {
        let texts: Vec<String> = texts
            .into_iter()
            .map(|words| words.into_iter().map(|word| WORDS[word]).collect::<Vec<_>>().join(" "))
            .collect();
        let entries: Vec<(&str, &str, &str)> = texts.iter().map(|text| (text.as_str(), "", "")).collect();
        let groups = cluster(&tallies(&entries), &Settings::default());
        let mut members: Vec<Fingerprint> = groups.iter().flat_map(|group| group.members.clone()).collect();
        members.sort_unstable();
        prop_assert_eq!(members, tallies(&entries).into_keys().collect::<Vec<_>>());
        let mut reversed = entries.clone();
        reversed.reverse();
        prop_assert_eq!(cluster(&tallies(&reversed), &Settings::default()), groups);
    }

    #[test]
    fn any_text_is_a_pattern(text in ".{0,60}", other in ".{0,60}") {
        let groups = cluster(&tallies(&[(&text, "", ""), (&other, "m", "f")]), &Settings::default());
        prop_assert!(!groups.is_empty());
    }
}

#[test]
fn a_joined_slot_knows_what_each_pattern_has_there() {
    let filled = |patterns: &[&str]| -> Vec<(String, Vec<Filled>)> {
        let entries: Vec<_> = patterns.iter().map(|pattern| (*pattern, "app", "run")).collect();
        let mut tallies = tallies(&entries);
        for tally in tallies.values_mut() {
            tally.slots.resize_with(2, SlotTally::default);
        }
        let groups = cluster(&tallies, &Settings::default());
        assert_eq!(groups.len(), 1, "{groups:?}");
        let slots = groups.into_iter().flat_map(|group| group.slots);
        slots
            .map(|mut slot| {
                slot.filled.sort_by_key(|filled| format!("{filled:?}"));
                (slot.placeholder, slot.filled)
            })
            .collect()
    };
    let text = |text: &str| Filled::Text(text.to_owned());
    assert_eq!(
        filled(&["Message disconnect routing failed after <dur>", "Message start_agent routing failed after <num>"]),
        [
            ("<*>".to_owned(), vec![text("disconnect"), text("start_agent")]),
            ("<*>".to_owned(), vec![Filled::Slot(0), Filled::Slot(0)]),
        ]
    );
    assert_eq!(
        filled(&["state of eth<num> is now LOCAL(<num>) again", "state of eth<num> is now <num> again"]),
        [
            ("<num>".to_owned(), vec![Filled::Slot(0), Filled::Slot(0)]),
            ("<*>".to_owned(), vec![Filled::Mixed("LOCAL(<num>)".to_owned()), Filled::Slot(1)]),
        ]
    );
    assert_eq!(
        filled(&["link of eth<num> is lost", "link of uplink is lost"]),
        [("<*>".to_owned(), vec![Filled::Mixed("eth<num>".to_owned()), text("uplink")])]
    );
}

#[test]
fn one_word_joins_where_its_spelling_or_the_slot_tells() {
    for (patterns, expected) in [
        // Spelled as an identifier, beside one; a word is none.
        (&["Created pod: <id>", "Created pod: web-bdba-ktcet"][..], &["Created pod: <*> x2"][..]),
        (&["Created pod: <id>", "Created pod: again"], &["Created pod: <id> x1", "Created pod: again x1"]),
        (&["<id>: it left", "kube-proxy: it left"], &["<id>: it left x1", "kube-proxy: it left x1"]),
        // What programs write in place of a value, but not as the first word.
        (&["connect from <host>", "connect from unknown"], &["connect from <*> x2"]),
        (&["<host> left", "unknown left"], &["<host> left x1", "unknown left x1"]),
        // A slot that held null, from three shared words on.
        (&["ended by signal <*> just now", "ended by signal TERM just now"], &["ended by signal <*> just now x2"]),
        (&["by signal <*>", "by signal TERM"], &["by signal <*> x1", "by signal TERM x1"]),
    ] {
        assert_eq!(unplaced(patterns), expected, "{patterns:?}");
    }
}

#[test]
fn what_an_identifier_is_and_where_it_stands_tells_that_one_is_a_value() {
    for (patterns, expected) in [
        // Identifiers without a digit.
        (&["lock <hex> left", "lock ebcefee left"][..], 1),
        (&["lock <hex> left", "lock decade left"], 1),
        (&["lock <hex> left", "lock added left"], 2),
        (&["job <id> left", "job RdfNZRvtwJfJkq left"], 1),
        (&["job <id> left", "job OrderMailer left"], 2),
        // What brackets hold that hold a value elsewhere, and a letter.
        (&["[<id>] pool of workers up", "[main] pool of workers up"], 1),
        (&["[<id>] pool of workers up", "[opened] pool of workers up"], 2),
        (&["line <id>[A] is high", "line <id>[B] is high"], 1),
        (&["the pool of all workers (blue) went away", "the pool of all workers (red) went away"], 1),
        (&["the pool of all workers went away (deadlock)", "the pool of all workers went away (overload)"], 2),
        (&["the pool of workers went away (<id>)", "the pool of workers went away (overload)"], 2),
        // Columns of values are no list.
        (&["[<id>] [<host>] of index gone", "[<id>] [products] of index gone"], 1),
        (&["[<id>] [<host>] gone", "[<id>] gone"], 2),
        // The point at the end of a sentence is no part of a name.
        (&["alarm set on node <id>.", "alarm set on node web-a."], 1),
        // Two values side by side are one.
        (&["member <id> left the pool", "member web-a <ip> left the pool"], 1),
        (&["member <id> left the pool", "member never <ip> left the pool"], 2),
        // Behind a preposition and a noun a name may end as a verb does.
        (&["no reply in namespace monitoring in time", "no reply in namespace staging in time"], 1),
        (&["no reply as namespace monitoring in time", "no reply as namespace staging in time"], 2),
        // Names that are put together, three of them.
        (&["went job_a in time", "went job_b in time", "went job_c in time"], 1),
        (&["went job_a in time", "went job_b in time"], 2),
    ] {
        assert_eq!(unplaced(patterns).len(), expected, "{patterns:?}");
    }
}

#[test]
fn how_something_ended_stays_apart_in_long_patterns() {
    let text =
        |end: &str| format!("task of worker marked as {end}. dag=<str>, task=<str>, run=<str>, start=<ts>, end=<ts>");
    assert_eq!(unplaced(&[&text("SUCCESS"), &text("FAILED"), &text("UP_FOR_RETRY")]).len(), 3);
    assert_eq!(unplaced(&["unit Failed with result 'exit-code'.", "unit Failed with result 'timeout'."]).len(), 2);
}

#[test]
fn the_noun_of_what_is_named_in_quotes_is_no_value() {
    let of = |kind: &str, name: &str| format!("ERROR: {kind} \"{name}\" does not exist at character <num>");
    let mut patterns = Vec::new();
    for (kind, names) in [
        ("column", &["total", "sku", "note"][..]),
        ("relation", &["orders", "carts", "bills"]),
        ("role", &["app", "admin", "reader"]),
        ("schema", &["audit", "sales", "stock"]),
    ] {
        patterns.extend(names.iter().map(|name| of(kind, name)));
    }
    let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
    assert_eq!(unplaced(&patterns).len(), 4, "{:?}", unplaced(&patterns));
}

#[test]
fn names_vary_together_beside_a_word_that_does_not() {
    let of = |kind: &str, names: [&str; 5]| -> Vec<String> {
        let users = ["ann", "bob", "cyd", "dan", "eve"];
        let text = |(user, name): (&str, &str)| format!("<ts> {user}@shop ERROR: {kind} \"{name}\" is not there");
        users.into_iter().zip(names).map(text).collect()
    };
    let tables = of("table", ["orders", "items", "carts", "bills", "logs"]);
    let roles = of("role", ["admins", "guests", "owners", "staff", "bots"]);
    let both: Vec<&str> = tables.iter().chain(&roles).map(String::as_str).collect();
    assert_eq!(
        unplaced(&both),
        ["<ts> <*> ERROR: role \"<*>\" is not there x5", "<ts> <*> ERROR: table \"<*>\" is not there x5"]
    );
    // One pattern with values in both places is enough.
    assert_eq!(unplaced(&["lock of '<str>' by '<name>' is over", "lock of 'orders' by 'ann' is over"]).len(), 1);
}

#[test]
fn brackets_and_quotes_of_any_make_are_such() {
    for (patterns, expected) in [
        (&["imap<num> ‹aXc› gone", "imap<num> <BXc> gone", "imap<num> <CXc> gone"][..], 1),
        (&["key ‘alpha’ is unset", "key ‘beta’ is unset"], 1),
        (&["level=info msg=\"came-up\"", "level=info msg=\"went-down\""], 2),
        (&["err=\"no \\\"web\\\" here\"", "err=\"no \\\"api\\\" here\""], 1),
        (&["job `alpha' is over", "job `beta' is over"], 1),
        (&["msg=\"pulled \\\"<str>\\\"\"", "msg=\"pulled \\\"<str>\\\" of \\\"<str>\\\"\""], 2),
    ] {
        assert_eq!(unplaced(patterns).len(), expected, "{patterns:?}");
    }
}

#[test]
fn details_of_a_line_of_pairs_may_be_there_or_not() {
    let full = "level=info msg=\"it went up\" id=<id> took=<dur> user=<str>";
    let less = "level=info msg=\"it went up\" id=<id> took=<dur>";
    assert_eq!(unplaced(&[full, less]), [format!("{full} x2")]);
    assert_eq!(unplaced(&[full, &less.replace("up", "down")]).len(), 2);
    assert_eq!(unplaced(&[&full.replace("msg", "said"), &less.replace("msg", "said")]).len(), 2);
}
