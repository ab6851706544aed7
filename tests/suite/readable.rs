//! What a person on call reads first, on logs that are no application's: audit records, numbers for severities, shapes.

use serde_json::{Value, json};

use crate::accounting::program;

fn analysed(entries: &[Value], format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.json");
    std::fs::write(&path, serde_json::to_string(entries).unwrap()).unwrap();
    let assert = program().arg("analyze").arg(&path).args(["-q", "--format", format]).assert().code(0);
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn audit(number: u32, severity: &str, method: &str, status: &Value) -> Value {
    json!({
        "insertId": format!("a{number}"),
        "logName": "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
        "severity": severity,
        "timestamp": format!("2025-09-14T{:02}:{:02}:00Z", number / 60, number % 60),
        "resource": {"type": "gce_instance", "labels": {"project_id": "p", "zone": "z"}},
        "protoPayload": {
            "serviceName": "compute.googleapis.com",
            "methodName": method,
            "authenticationInfo": {"principalEmail": "robot@p.example"},
            "status": status,
        },
    })
}

/// However often people do what they may, it is no issue; one refusal is named, though it stands alone.
#[test]
fn audit_records_of_what_succeeded_are_no_issues() {
    let done = (0..80).map(|number| audit(number, "NOTICE", "v1.compute.instances.stop", &json!({})));
    let refused = json!({"code": 7, "message": "Violates an organization policy"});
    let refused = audit(90, "ERROR", "google.cloud.compute.v1.Disks.Delete", &refused);
    let entries: Vec<Value> = done.chain([refused]).collect();
    let result: Value = serde_json::from_str(&analysed(&entries, "json")).unwrap();
    let stops = result["clusters"].as_array().unwrap().iter().find(|one| one["count"] == 80).unwrap();
    assert_eq!(stops["priority"], "P7", "{:#}", stops["priority_reasons"]);
    let worklog = analysed(&entries, "md");
    assert!(worklog.contains("Nothing repeats") && !worklog.contains("Nothing needs attention"), "{worklog}");
    assert!(worklog.contains("Disks.Delete on compute: PERMISSION_DENIED](#lg-"), "{worklog}");
    assert!(
        worklog.contains("Disks.Delete on compute: PERMISSION_DENIED - Violates an organization policy"),
        "{worklog}"
    );
    let twice: Vec<Value> = [90, 91]
        .map(|number| audit(number, "ERROR", "v1.Disks.Delete", &json!({"code": 7, "message": "Not by policy"})))
        .into();
    assert!(analysed(&twice, "md").contains("- Status message: `Not by policy`"));
}

/// Where all carry one time there is no span to speak of.
#[test]
fn entries_of_one_instant_have_neither_span_nor_ends() {
    let at_once = |number: u32| {
        let mut entry = audit(number, "ERROR", "v1.compute.disks.delete", &json!({"code": 7}));
        entry["timestamp"] = "2025-09-14T01:00:00Z".into();
        entry
    };
    let worklog = analysed(&(0..3).map(at_once).collect::<Vec<Value>>(), "md");
    assert!(
        worklog.contains("All entries carry the same time") && worklog.contains("3 at the same instant"),
        "{worklog}"
    );
    assert!(!worklog.contains("(0 s)") && !worklog.contains("in 0 s") && !worklog.contains("still going"), "{worklog}");
}

/// What a filter of the run leaves out is not said to be missing from the export.
#[test]
fn a_filter_of_the_run_is_not_taken_for_one_of_the_export() {
    let mixed = (0..60).map(|number: u32| {
        let severity = if number.is_multiple_of(3) { "ERROR" } else { "INFO" };
        audit(number, severity, "v1.compute.disks.delete", &json!({"code": 7}))
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dump.json");
    std::fs::write(&path, serde_json::to_string(&mixed.collect::<Vec<Value>>()).unwrap()).unwrap();
    let assert = program().arg("analyze").arg(&path).args(["-q", "--filter", "severity>=ERROR"]).assert().code(0);
    let worklog = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    assert!(!worklog.contains("the export looks filtered"), "{worklog}");
    assert!(worklog.contains("Only ERROR stands here; the filter of this run leaves out 40 entries"), "{worklog}");
}

#[test]
fn severities_are_named_whatever_the_entry_writes() {
    let entry = |number: u32, severity: Value, text: &str| {
        json!({
            "insertId": format!("n{number}"), "logName": "projects/p/logs/agent", "severity": severity,
            "timestamp": format!("2025-09-14T01:00:{number:02}Z"), "jsonPayload": {"message": text},
            "resource": {"type": "gce_instance", "labels": {"instance_id": "1", "project_id": "p"}},
        })
    };
    let entries = [
        entry(1, json!(200.0), "checkpoint starting"),
        entry(2, json!(500), "cannot write the checkpoint"),
        entry(2, json!("500.0"), "cannot write the checkpoint again"),
        entry(3, json!(500), "cannot write the checkpoint"),
    ];
    let worklog = analysed(&entries, "md");
    let context: Vec<&str> =
        worklog.lines().filter(|line| line.contains("same moment") || line.contains(" s before")).collect();
    assert!(context.iter().any(|line| line.contains("INFO `checkpoint starting`")), "{context:#?}");
    assert!(context.iter().all(|line| !line.contains("00.0")), "{context:#?}");
}

#[test]
fn entries_without_a_message_are_titled_by_what_they_state() {
    let probe = |number: u32| {
        json!({
            "insertId": format!("h{number}"), "logName": "projects/p/logs/compute.googleapis.com%2Fhealthchecks",
            "severity": "WARNING", "timestamp": format!("2025-09-14T01:00:{number:02}Z"),
            "jsonPayload": {"healthCheckProbeResult": {"healthState": "UNHEALTHY", "ipAddress": "10.0.0.7", "probeSource": "a"}},
            "resource": {"type": "gce_instance_group", "labels": {"project_id": "p"}},
        })
    };
    let entries: Vec<Value> = (0..4).map(probe).collect();
    let result: Value = serde_json::from_str(&analysed(&entries, "json")).unwrap();
    let title = result["clusters"][0]["title"].as_str().unwrap();
    assert_eq!(title, "healthCheckProbeResult.healthState=UNHEALTHY in compute.googleapis.com/healthchecks");
    assert_eq!(result["health"][0]["component"], "gce_instance_group");
}

/// An archive without entries has nothing to tell, so no heading stands over nothing, and no one reads that all is well.
#[test]
fn an_archive_without_entries_promises_nothing() {
    for format in ["md", "html", "txt"] {
        let shown = analysed(&[], format);
        assert!(shown.contains("No entry was analysed") && !shown.contains("No issue"), "{shown}");
        assert!(!shown.to_lowercase().contains("technical context"), "{shown}");
    }
    assert!(analysed(&[audit(1, "ERROR", "x.y", &json!({}))], "html").contains("Technical context"));
}

/// Whoever scans a site asks for many paths seldom: that is one line of the worklog, and no issue.
#[test]
fn paths_that_nobody_serves_are_one_and_no_issue() {
    let request = |number: usize, path: &str, status: u16| {
        json!({
            "insertId": format!("r{number}"),
            "logName": "projects/p/logs/run.googleapis.com%2Frequests",
            "severity": if status < 400 { "INFO" } else { "WARNING" },
            "timestamp": format!("2025-09-14T03:{:02}:{:02}Z", number / 60, number % 60),
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "web"}},
            "httpRequest": {"requestMethod": "GET", "requestUrl": format!("https://x.example{path}"), "status": status},
        })
    };
    let words = ["admin", "backup", "config", "old", "shell", "wp", "vendor", "setup", "console", "login"];
    let scanned = words.iter().map(|word| (format!("/{word}.php"), 404));
    let own = [("/cart".to_owned(), 200), ("/cart".to_owned(), 404)];
    let entries: Vec<Value> =
        scanned.chain(own).enumerate().map(|(number, (path, status))| request(number, &path, status)).collect();
    let result: Value = serde_json::from_str(&analysed(&entries, "json")).unwrap();
    let clusters = result["clusters"].as_array().unwrap();
    let told =
        |title: &str| clusters.iter().find(|one| one["title"] == title).unwrap_or_else(|| panic!("{clusters:#?}"));
    assert_eq!(told("404 on GET /cart")["count"], 1);
    let scan = told("404 on 10 unknown paths");
    assert_eq!((&scan["count"], &scan["kind"]), (&json!(10), &json!("request")));
    assert!(scan["priority"].as_str().unwrap() >= "P5", "{scan:#}");
    assert_eq!(result["totals"]["clustered"], 11);
}
