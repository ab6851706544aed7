//! What a made-up dump is like in, its bytes out. The same description gives the same bytes on every machine.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::{Map, Value, json};

/// A dump to be made.
#[derive(Clone, Copy)]
pub(crate) struct Dump {
    /// Bytes, about.
    pub(crate) size: u64,
    /// How it is laid out.
    pub(crate) form: Form,
    /// What the entries say.
    pub(crate) mode: Mode,
    /// Of a hundred entries, how many are written a second time a little later.
    pub(crate) duplicates: u64,
    /// Another number gives another dump.
    pub(crate) seed: u64,
}

/// How a dump is laid out.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// As gcloud prints it: newest first, keys sorted, two blanks of indent.
    Pretty,
    /// One entry a line, oldest first.
    Ndjson,
    /// One array on one line.
    Line,
}

/// What its entries say.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// A few hundred kinds of messages, most of them seldom.
    Realistic,
    /// Every message is of its own kind, every entry has a member of its own.
    Adversarial,
}

impl Dump {
    /// Writes it.
    pub(crate) fn write(&self, mut output: impl Write) -> io::Result<()> {
        let mut world = World::new(self.seed, self.mode);
        let mut written = 0;
        let mut held: Option<String> = None;
        let mut first = true;
        if self.form != Form::Ndjson {
            output.write_all(b"[")?;
        }
        while written < self.size {
            let again = held.take_if(|_| world.chance.below(8) == 0);
            let entry = again.unwrap_or_else(|| world.entry(self.form));
            let between: &[u8] = match (self.form, first) {
                (Form::Pretty, true) => b"\n  ",
                (Form::Pretty, false) => b",\n  ",
                (Form::Line, false) => b",",
                _ => b"",
            };
            output.write_all(between)?;
            output.write_all(entry.as_bytes())?;
            if self.form == Form::Ndjson {
                output.write_all(b"\n")?;
            }
            written += entry.len() as u64 + 4;
            first = false;
            if held.is_none() && world.chance.below(100) < self.duplicates {
                held = Some(entry);
            }
        }
        match self.form {
            Form::Pretty => output.write_all(b"\n]\n")?,
            Form::Line => output.write_all(b"]\n")?,
            Form::Ndjson => {}
        }
        output.flush()
    }
}

/// splitmix64.
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit.max(1)
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.below(items.len() as u64)).unwrap_or_default();
        items.get(index).copied().unwrap_or_default()
    }

    /// Low indices far more often than high ones, as messages are in real dumps.
    fn skewed<'a>(&mut self, items: &[&'a str]) -> &'a str {
        let length = items.len() as u64;
        let limit = self.below(length) + 1;
        let index = usize::try_from(self.below(limit)).unwrap_or_default();
        items.get(index).copied().unwrap_or_default()
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut text = String::new();
        while text.len() < digits {
            let _ = write!(text, "{:016x}", self.bits());
        }
        text.truncate(digits);
        text
    }

    fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }
}

const COMPONENTS: &[&str] = &[
    "checkout.cart",
    "checkout.payment",
    "orders.stock",
    "orders.events",
    "search.index",
    "search.query",
    "auth.tokens",
    "auth.sessions",
    "chat.sockets",
    "chat.agents",
    "mail.queue",
    "media.thumbnails",
];

/// Each stands in every component, so there are twelve kinds of each.
const STATEMENTS: &[(&str, &str)] = &[
    ("INFO", "{c}: request {uuid} served in {ms} ms"),
    ("INFO", "{c}: connection {conn} accepted for user {user}"),
    ("DEBUG", "{c}: cache hit for key session:{hex} (ttl {n}s)"),
    ("INFO", "{c}: batch {n} of {n} committed, {n} rows, offset={big}"),
    ("INFO", "{c}: published event {uuid} to topic updates-v2 partition {d}"),
    ("WARNING", "{c}: retry {d} of 5 after {ms}ms: upstream {ip}:{n} timed out"),
    ("WARNING", "{c}: slow query took {f}s: SELECT * FROM items WHERE owner = '{user}' AND id = {big}"),
    ("ERROR", "{c}: failed to process message {uuid}: 'function' object has no attribute 'can_handle'"),
    ("ERROR", "{c}: payment {big} declined with code {n}: insufficient funds for {email}"),
    ("NOTICE", "{c}: configuration reloaded from /etc/app/{c}/config-{hex}.yaml"),
    ("INFO", "{c}: état de la file « prioritaire » : {n} éléments, 最終更新 {n} 秒前 ✅"),
    ("INFO", "{c}: path \"C:\\\\data\\\\{hex}\\\\in.csv\"\twritten\nline two of {n}"),
];

const ROUTES: &[&str] = &[
    "/",
    "/api/v1/orders/{big}",
    "/api/v1/users/{uuid}/carts/{n}",
    "/search?q={hex}",
    "/static/app.{hex}.js",
    "/healthz",
];

const AGENTS: &[&str] =
    &["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "okhttp/4.12.0", "curl/8.5.0", "shop-ios/4.11"];

const TRACES: &[&str] = &[
    "Traceback (most recent call last):\n  File \"/app/orders/api.py\", line {n}, in post\n    await place(order)\n  File \"/usr/local/lib/python3.11/site-packages/orders/core.py\", line {n}, in place\n    raise KeyError(sku)\nKeyError: 'sku-{n}'",
    "java.lang.IllegalStateException: order {big} failed\n\tat com.example.shop.Orders.place(Orders.java:{n})\n\tat org.springframework.web.Servlet.doPost(Servlet.java:{n})\nCaused by: java.sql.SQLException: lock timeout\n\tat com.example.shop.Store.save(Store.java:{n})\n\t... {n} more",
    "panic: runtime error: index out of range [{n}] with length 3\n\ngoroutine {n} [running]:\nmain.total(0xc000{hex})\n\t/src/cart.go:{n} +0x1d\nmain.main()\n\t/src/main.go:{n} +0x2a",
    "TypeError: Cannot read properties of undefined (reading 'id')\n    at getUser (/srv/app/users.js:{n}:22)\n    at async Layer.handle (/srv/node_modules/express/lib/layer.js:{n}:5)",
];

struct World {
    chance: Chance,
    mode: Mode,
    number: u64,
}

impl World {
    fn new(seed: u64, mode: Mode) -> Self {
        Self { chance: Chance(seed), mode, number: 0 }
    }

    fn entry(&mut self, form: Form) -> String {
        self.number += 1;
        let steps = i64::try_from(self.number).unwrap_or_default() * 1_357;
        let start = 1_757_808_000_000_000_i64;
        let micros = if form == Form::Pretty { start + 86_400_000_000 - steps } else { start + steps };
        let mut entry = Value::Object(self.record(micros));
        entry.sort_all_objects();
        if form == Form::Pretty {
            return serde_json::to_string_pretty(&entry).unwrap_or_default().replace('\n', "\n  ");
        }
        entry.to_string()
    }

    fn record(&mut self, micros: i64) -> Map<String, Value> {
        let mut record = Map::new();
        let revision = format!("shop-backend-{:05}-k{}x", 41 + self.number / 200_000, self.number / 200_000 % 10);
        let kind = match (self.mode, self.chance.below(100)) {
            (Mode::Adversarial, _) => self.unheard_of(),
            (_, 0..75) => self.log(),
            (_, 75..82) => self.text(),
            (_, 82..91) => self.request(),
            (_, 91..94) => self.audit(),
            (_, 94..97) => self.context(),
            _ => self.trace(),
        };
        let insert_id = format!("{:08x}{:08x}{}", micros / 1_000_000, micros % 1_000_000, self.chance.hex(8));
        record.insert("insertId".into(), insert_id.into());
        for (key, value) in kind {
            record.insert(key.to_owned(), value);
        }
        let instance = format!("0069c7a988{:0150}", self.chance.below(12));
        record.insert("labels".into(), json!({"commit-sha": "9f31c02", "instanceId": instance}));
        record.insert("logName".into(), "projects/example-shop/logs/run.googleapis.com%2Fstderr".into());
        record.insert("receiveTimestamp".into(), format!("{}319Z", stamp(micros + 87_000)).into());
        record.insert(
            "resource".into(),
            json!({"labels": {"configuration_name": "shop-backend", "location": "europe-west1", "project_id": "example-shop",
                "revision_name": revision, "service_name": "shop-backend"}, "type": "cloud_run_revision"}),
        );
        record.insert("timestamp".into(), format!("{}Z", stamp(micros)).into());
        record.insert("trace".into(), format!("projects/example-shop/traces/{}", self.chance.hex(32)).into());
        record
    }

    fn log(&mut self) -> Vec<(&'static str, Value)> {
        let component = self.chance.pick(COMPONENTS);
        let limit = self.chance.below(STATEMENTS.len() as u64) + 1;
        let index = usize::try_from(self.chance.below(limit)).unwrap_or_default();
        let (severity, text) = STATEMENTS.get(index).copied().unwrap_or_default();
        let message = self.fill(text, component);
        let payload = self.payload(&message, component, 40 + index * 17);
        vec![("severity", severity.into()), ("jsonPayload", payload)]
    }

    fn payload(&mut self, message: &str, component: &str, line: usize) -> Value {
        json!({
            "context": {"name": component, "service": "shop-service"},
            "labels": {"function": "run", "line": line.to_string(), "module": format!("shop.{component}")},
            "message": message,
            "request_id": self.chance.uuid(),
        })
    }

    fn text(&mut self) -> Vec<(&'static str, Value)> {
        let text = self.chance.skewed(&[
            "INFO:     {ip}:{n} - \"GET /healthz HTTP/1.1\" 200 OK",
            "[2025-09-14 03:01:24 +0000] [{n}] [INFO] Booting worker with pid: {n}",
            "[2025-09-14 03:01:24 +0000] [{n}] [ERROR] Worker (pid:{n}) exited with code {d}",
            "\u{1b}[32mready\u{1b}[0m in {ms}ms",
        ]);
        vec![("textPayload", self.fill(text, "").into())]
    }

    fn request(&mut self) -> Vec<(&'static str, Value)> {
        let route = self.chance.pick(ROUTES);
        let path = self.fill(route, "");
        let status = if self.chance.below(30) == 0 { 503 } else { 200 };
        let latency = format!("0.{:09}s", self.chance.below(1_000_000_000));
        let http = json!({
            "latency": latency, "protocol": "HTTP/1.1", "remoteIp": self.fill("{ip}", ""), "requestMethod": "GET",
            "requestSize": "812", "requestUrl": format!("https://shop.example{path}"), "responseSize": "4022",
            "serverIp": "198.51.100.7", "status": status, "userAgent": self.chance.pick(AGENTS),
        });
        vec![("severity", if status < 500 { "INFO".into() } else { "ERROR".into() }), ("httpRequest", http)]
    }

    fn audit(&mut self) -> Vec<(&'static str, Value)> {
        let method = self.chance.pick(&["storage.objects.get", "storage.objects.create", "storage.buckets.list"]);
        let code = if self.chance.below(10) == 0 { 7 } else { 0 };
        let payload = json!({
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": self.fill("{email}", "")},
            "methodName": method, "serviceName": "storage.googleapis.com",
            "resourceName": self.fill("projects/_/buckets/b/objects/{hex}", ""), "status": {"code": code},
        });
        vec![("severity", if code == 0 { "INFO".into() } else { "ERROR".into() }), ("protoPayload", payload)]
    }

    fn context(&mut self) -> Vec<(&'static str, Value)> {
        let component = self.chance.pick(COMPONENTS);
        let said = json!({"connection_id": self.fill("{conn}", ""), "error_type": "RuntimeError", "messages_processed":
            self.chance.below(9), "nested": {"attempt": self.chance.below(5), "tags": ["a", "b"]}});
        let message = format!("LOOP ERROR CONTEXT: {}", serde_json::to_string_pretty(&said).unwrap_or_default());
        let payload = self.payload(&message, component, 388);
        vec![("severity", "CRITICAL".into()), ("jsonPayload", payload)]
    }

    fn trace(&mut self) -> Vec<(&'static str, Value)> {
        let text = self.chance.pick(TRACES);
        vec![("severity", "ERROR".into()), ("textPayload", self.fill(text, "").into())]
    }

    /// Words nobody wrote before, from a place nobody knows, under a key of its own.
    fn unheard_of(&mut self) -> Vec<(&'static str, Value)> {
        let words: Vec<String> = (0..6 + self.chance.below(12)).map(|_| self.word()).collect();
        let (module, function, key) = (self.word(), self.word(), self.word());
        let mut payload = json!({"message": words.join(" "), "labels": {"module": module, "function": function}});
        if let Value::Object(members) = &mut payload {
            members.insert(key, self.chance.below(1000).into());
        }
        vec![("severity", "ERROR".into()), ("jsonPayload", payload)]
    }

    fn word(&mut self) -> String {
        let length = 3 + self.chance.below(8);
        (0..length).map(|_| char::from(b'a' + u8::try_from(self.chance.below(26)).unwrap_or_default())).collect()
    }

    fn fill(&mut self, text: &str, component: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((front, back)) = rest.split_once('{') {
            filled.push_str(front);
            let Some((name, after)) = back.split_once('}') else {
                filled.push('{');
                rest = back;
                continue;
            };
            filled.push_str(&self.value(name, component));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn value(&mut self, name: &str, component: &str) -> String {
        let chance = &mut self.chance;
        match name {
            "c" => component.to_owned(),
            "uuid" => chance.uuid(),
            "conn" => format!("main_{}", chance.hex(8)),
            "user" => format!("user-{:04}", chance.below(5000)),
            "email" => format!("user{}@example.com", chance.below(5000)),
            "ip" => format!("10.{}.{}.{}", chance.below(8), chance.below(250), chance.below(250)),
            "hex" => chance.hex(12),
            "ms" => chance.below(4000).to_string(),
            "f" => format!("{}.{:03}", chance.below(30), chance.below(1000)),
            "d" => chance.below(9).to_string(),
            "big" => (1_000_000 + chance.below(9_000_000)).to_string(),
            "n" => (1 + chance.below(900)).to_string(),
            other => format!("{{{other}}}"),
        }
    }
}

/// Microseconds since 1970 as `2025-09-14T03:01:24.144344`.
fn stamp(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros)
        .map_or_else(|_| String::new(), |time| format!("{time:.6}").replace('Z', ""))
}
