//! Stack traces that were shipped line by line: no line is an issue of its own, and the trace is told with its head.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::accounting::program;

const JAVA: &str = r#"Exception in thread "exec-{n}" java.lang.IllegalStateException: cart {n} is locked
	at com.acme.cart.CartService.load(CartService.java:88)
	at org.apache.tomcat.util.net.SocketProcessorBase.run(SocketProcessorBase.java:49)
Caused by: java.sql.SQLException: no connection
	at com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:128)
	at com.acme.cart.CartRepo.find(CartRepo.java:52)
	... 27 more"#;

const NODE: &str = "Error: boom {n}
    at handler (/app/server.js:42:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)";

const PYTHON: &str = r#"Exception in ASGI application
Traceback (most recent call last):
  File "/app/main.py", line 90, in pay
    order = repo.get(order_id)
            ^^^^^^^^^^^^^^^^^^
  File "/app/repo.py", line 31, in get
    raise KeyError(order_id)
KeyError: '{n}'"#;

const GO: &str = "panic: runtime error: index out of range [{n}] with length 3
goroutine 17 [running]:
main.(*Cart).Total(0xc000{n}, {0x7f, 0x3})
	/app/cart.go:12 +0x1d
created by net/http.(*Server).Serve in goroutine 1
	/usr/local/go/src/net/http/server.go:3086 +0x5cb";

/// As Node ends when nothing catches an error.
const CRASH: &str = "Error: connect ECONNREFUSED 10.0.0.5:{n}
    at load (/app/src/db.js:12:9)
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16) {
  errno: -111,
  code: 'ECONNREFUSED',
  syscall: 'connect',
  address: '10.0.0.5'
}
Node.js v20.11.0";

const DOTNET: &str = "Unhandled exception. System.InvalidOperationException: order {n} failed
 ---> System.FormatException: inner
   at Shop.Cart.Parse(String text) in /src/Cart.cs:line 33
   --- End of inner exception stack trace ---
   at Shop.Program.Main(String[] args) in /src/Program.cs:line 11";

const ABORTED: &str = "panic: runtime error: index out of range [{n}] with length 3
goroutine 18 [running]:
panic({0x6b3b80, 0xc0000b6018})
	/usr/local/go/src/runtime/panic.go:884 +0x213
main.(*Cart).Total(0xc000012345, 0x5)
	/src/cart/cart.go:33 +0x1d
exit status 2";

/// Entries of one pod, one a line, `apart` microseconds after each other; each trace three times.
fn shipped(trace: &str, apart: u32, order: impl Fn(&mut Vec<Value>)) -> String {
    let mut entries = Vec::new();
    for number in 1..4_u32 {
        let text = trace.replace("{n}", &(100 + number).to_string());
        for (line, at) in text.lines().zip((0..).step_by(apart as usize)) {
            entries.push(json!({
                "insertId": format!("{number}-{}", entries.len()),
                "logName": "projects/demo/logs/stderr",
                "timestamp": format!("2025-05-01T10:{number:02}:00.{at:06}Z"),
                "severity": "ERROR",
                "resource": {"type": "k8s_container", "labels": {"pod_name": "cart-1", "container_name": "cart"}},
                "textPayload": line,
            }));
        }
    }
    order(&mut entries);
    entries.iter().fold(String::new(), |mut text, entry| {
        writeln!(text, "{entry}").unwrap();
        text
    })
}

fn analysed(archive: String) -> Value {
    let run = program().args(["analyze", "-q", "--format", "json", "-"]).write_stdin(archive).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

fn clusters(result: &Value) -> &Vec<Value> {
    result["clusters"].as_array().unwrap()
}

#[test]
fn a_trace_shipped_line_by_line_stands_with_its_first_line() {
    for (trace, pattern, kind, frame) in [
        (JAVA, "cart <num> is locked", "java.sql.SQLException", "com.acme.cart.CartRepo.find"),
        (NODE, "Error: boom <num>", "Error", "handler"),
        (PYTHON, "KeyError: ", "KeyError", "get"),
        (GO, "panic: runtime error", "panic", "main.(*Cart).Total"),
        (ABORTED, "panic: runtime error", "panic", "main.(*Cart).Total"),
        (CRASH, "ECONNREFUSED", "Error", "load"),
        (DOTNET, "InvalidOperationException", "System.FormatException", "Shop.Cart.Parse"),
    ] {
        let result = analysed(shipped(trace, 30, |_| ()));
        let head = clusters(&result)
            .iter()
            .find(|cluster| cluster["pattern"].as_str().unwrap().contains(pattern))
            .unwrap_or_else(|| panic!("{pattern}: {result:#}"));
        assert_eq!((&head["exception"]["type"], &head["exception"]["across_entries"]), (&json!(kind), &json!(true)));
        let frames = head["exception"]["frames"].as_array().unwrap();
        let own: Vec<&Value> = frames.iter().filter(|frame| frame["in_app"] == true).collect();
        assert_eq!(own[0]["function"], frame, "{frames:?}");
        // What the trace says is not said again around it.
        let around = head["context"].to_string();
        assert!(!around.contains("server.js") && !around.contains("goroutine"), "{around}");

        let lines = clusters(&result).iter().find(|cluster| cluster["pattern"] == "<frame>").unwrap();
        assert_eq!(lines["details_of"], head["id"], "{lines:#}");
        // A trace is one issue: source text, markers, causes and its last line are told with it.
        let open: Vec<&Value> = clusters(&result).iter().filter(|cluster| cluster["details_of"] == "").collect();
        assert!(open.len() == 1 && !open[0]["exception"].is_null(), "{open:#?}");
        assert_eq!(lines["title"], "Lines of stack traces, each an entry of its own");
        let counted: u64 = clusters(&result).iter().map(|cluster| cluster["count"].as_u64().unwrap()).sum();
        assert_eq!(counted, 3 * trace.lines().count() as u64);
    }
}

#[test]
fn a_trace_of_one_frame_is_no_issue_of_its_own() {
    let result = analysed(shipped("Error: boom\n    at load (/app/src/db.js:12:9)", 30, |_| ()));
    let frame = clusters(&result).iter().find(|cluster| cluster["pattern"] == "<frame>").unwrap();
    assert_ne!(frame["details_of"], "", "{frame:#}");
}

#[test]
fn the_order_of_entries_says_nothing() {
    for trace in [JAVA, NODE, PYTHON, GO] {
        let forward = analysed(shipped(trace, 30, |_| ()));
        let backward = analysed(shipped(trace, 30, |entries| entries.reverse()));
        let exceptions = |result: &Value| -> Vec<Value> {
            clusters(result).iter().map(|cluster| cluster["exception"].clone()).collect()
        };
        assert_eq!(exceptions(&forward), exceptions(&backward));
    }
}

#[test]
fn no_trace_is_put_together_where_something_else_can_be_meant() {
    let no_exception = |archive: String, why: &str| {
        let result = analysed(archive);
        let head = clusters(&result).iter().find(|cluster| cluster["pattern"] == "Error: boom <num>").unwrap();
        assert!(head["exception"].is_null(), "{why}: {head:#}");
    };
    no_exception(shipped(NODE, 20_000, |_| ()), "lines far apart");
    let same_time = |entries: &mut Vec<Value>| {
        for entry in entries {
            let time = entry["timestamp"].as_str().unwrap()[..19].to_owned();
            entry["timestamp"] = format!("{time}Z").into();
        }
    };
    no_exception(shipped(NODE, 30, same_time), "lines at one time");
    let between = |entries: &mut Vec<Value>| {
        for number in 1..4 {
            let mut other = entries[0].clone();
            other["insertId"] = format!("other{number}").into();
            other["timestamp"] = format!("2025-05-01T10:{number:02}:00.000010Z").into();
            other["textPayload"] = "TypeError: somebody else's".into();
            entries.push(other);
        }
    };
    no_exception(shipped(NODE, 30, between), "another entry between");
    let late = |entries: &mut Vec<Value>| {
        for entry in entries.iter_mut().filter(|entry| entry["textPayload"].as_str().unwrap().starts_with("KeyError")) {
            entry["timestamp"] = entry["timestamp"].as_str().unwrap().replace(":00.000", ":00.500").into();
        }
    };
    let unfinished = analysed(shipped(PYTHON, 30, late));
    assert!(clusters(&unfinished).iter().all(|cluster| cluster["exception"].is_null()), "its last line is another's");
    let elsewhere = |entries: &mut Vec<Value>| {
        for entry in entries.iter_mut().filter(|entry| !entry["textPayload"].as_str().unwrap().starts_with("Error")) {
            entry["resource"]["labels"]["pod_name"] = "cart-2".into();
        }
    };
    no_exception(shipped(NODE, 30, elsewhere), "another pod");
}

/// Entries of one revision of Cloud Run, that state no severity but for traces of several lines.
fn printed(texts: &[&str]) -> String {
    let mut archive = String::new();
    for number in 1..6_u32 {
        for (text, at) in texts.iter().zip((0..).step_by(70)) {
            let text = text.replace("{n}", &(100 + number).to_string());
            let mut entry = json!({
                "insertId": format!("{number}-{at}"),
                "logName": "projects/demo/logs/run.googleapis.com%2Fstderr",
                "timestamp": format!("2025-05-01T10:{number:02}:00.{at:06}Z"),
                "resource": {"type": "cloud_run_revision", "labels": {"service_name": "cart", "revision_name": "cart-1"}},
                "labels": {"instanceId": "0069"},
                "textPayload": text,
            });
            if text.contains('\n') {
                entry["severity"] = json!("ERROR");
            }
            writeln!(archive, "{entry}").unwrap();
        }
    }
    archive
}

#[test]
fn what_reports_a_trace_is_no_issue_beside_it() {
    const SPRING: &str =
        "2025-05-01T10:01:00.123Z ERROR 1 --- [cart] [nio-8080-exec-{n}] c.a.cart.Job : statement run {n} failed";
    const THROWN: &str = "java.lang.IllegalStateException: account {n} is locked";
    const FRAMES: [&str; 2] =
        ["\tat com.acme.Account.debit(Account.java:142)", "\tat com.acme.Controller.debit(Controller.java:57)"];
    let whole = format!("{THROWN}\n{}\n{}", FRAMES[0], FRAMES[1]);
    for texts in [vec![SPRING, "", THROWN, FRAMES[0], FRAMES[1]], vec![SPRING, whole.as_str()]] {
        let result = analysed(printed(&texts));
        let open: Vec<&Value> = clusters(&result).iter().filter(|cluster| cluster["details_of"] == "").collect();
        assert_eq!(open.len(), 1, "{open:#?}");
        assert_eq!(open[0]["count"], 5);
        let title = open[0]["title"].as_str().unwrap();
        assert!(title.contains("IllegalStateException: account … is locked in Account.debit"), "{title}");
        let report = clusters(&result).iter().find(|cluster| cluster["details_of"] == open[0]["id"]).unwrap();
        assert!(report["title"].as_str().unwrap().starts_with("Statement run"), "{report:#}");
    }
}

#[test]
fn a_panic_that_go_prints_once_more_is_told_once() {
    let texts = [
        "panic: no config [recovered]",
        "\tpanic: no config",
        "",
        "goroutine 1 [running]:",
        "main.load(...)",
        "\t/src/main.go:31",
    ];
    let result = analysed(printed(&texts));
    let open: Vec<&Value> = clusters(&result).iter().filter(|cluster| cluster["details_of"] == "").collect();
    assert_eq!(open.len(), 1, "{open:#?}");
}

#[test]
fn what_dotnet_prints_above_its_messages_keeps_who_says_it() {
    let texts = [
        "fail: Shop.Mailer[0]",
        "      mail {n} was refused",
        "fail: Shop.Cart[0]",
        "      cart {n} is locked",
        "crit: Shop.Orders.Book.Keeper[17]",
        "      book {n} is gone",
    ];
    let result = analysed(printed(&texts));
    let mut titles: Vec<&str> = clusters(&result).iter().map(|cluster| cluster["title"].as_str().unwrap()).collect();
    titles.sort_unstable();
    assert_eq!(
        titles,
        ["crit: Shop.Orders.Book.Keeper[17]", "fail: Shop.Cart[0]", "fail: Shop.Mailer[0]"],
        "{result:#}"
    );
}
