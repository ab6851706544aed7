#!/usr/bin/env python3
"""Writes the project's labelled entries: entries.json (whole LogEntry records) beside entries.labels.csv.

A group is what a person would call one thing. Values differ from entry to entry, always the same ones.
"""
import csv
import json
import random
from pathlib import Path

HERE = Path(__file__).parent
rng = random.Random("entries")
WORDS = "aster birch clover daisy elm fern gorse hazel iris juniper kelp laurel myrtle nettle oak poppy reed sage thyme vetch willow yew".split()
SERVICES = ["orders-api", "billing", "chat-socket", "media-worker"]
entries = []


def digits(count): return "".join(rng.choice("0123456789") for _ in range(count))
def hexes(count): return "".join(rng.choice("0123456789abcdef") for _ in range(count))
def number(): return rng.choice([rng.randrange(10), rng.randrange(100), rng.randrange(100_000)])
def word(): return rng.choice(WORDS)
def uuid(): return "-".join(hexes(count) for count in (8, 4, 4, 4, 12))
def address(): return ".".join(str(rng.randrange(1, 255)) for _ in range(4))
def mail(): return f"{word()}.{word()}@{word()}.example"
def agent(): return rng.choice(["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "okhttp/4.12.0"])


def resource(kind):
    service = rng.choice(SERVICES)
    revision = f"{service}-{rng.choice(['00597', '00611'])}-{hexes(3)}"
    return {
        "run": {"type": "cloud_run_revision", "labels": {"service_name": service, "revision_name": revision, "location": "europe-west1", "project_id": "demo"}},
        "gke": {"type": "k8s_container", "labels": {"cluster_name": "main", "namespace_name": rng.choice(["shop", "kube-system"]), "pod_name": f"{service}-{hexes(9)}-{hexes(5)}", "container_name": service, "project_id": "demo"}},
        "audit": {"type": "audited_resource", "labels": {"project_id": "demo", "service": "run.googleapis.com"}},
        "function": {"type": "cloud_function", "labels": {"function_name": f"on-{word()}", "region": "europe-west1", "project_id": "demo"}},
        "lb": {"type": "http_load_balancer", "labels": {"url_map_name": "web", "project_id": "demo"}},
    }[kind]


def add(group, kind="run", log="run.googleapis.com%2Fstderr", severity="ERROR", **parts):
    number = len(entries) + 1
    entry = {"insertId": f"entry{number:04}", "logName": f"projects/demo/logs/{log}", "resource": resource(kind), "timestamp": f"2025-04-02T{number % 24:02}:{number % 60:02}:{number * 7 % 60:02}.{number:06}Z"}
    if severity:
        entry["severity"] = severity
    if kind == "run":
        entry["labels"] = {"instanceId": hexes(40)}
        entry["trace"] = f"projects/demo/traces/{hexes(32)}"
    entry.update(parts)
    entries.append((entry, group))


def text(group, make, count=4, **more):
    for _ in range(count):
        add(group, textPayload=make(), **more)


def message(group, make, count=4, **more):
    for _ in range(count):
        made = make()
        payload = made if isinstance(made, dict) else {"message": made}
        add(group, jsonPayload=payload, **more)


def requests():
    routes = [
        ("GET", lambda: f"/api/orders/{number()}", [200, 404, 503]), ("GET", lambda: f"/api/users/{uuid()}/avatar", [200, 304]),
        ("POST", lambda: "/api/orders", [201, 422, 500]), ("DELETE", lambda: f"/api/carts/cart_{hexes(8)}1/items/{number()}", [204, 409]),
        ("GET", lambda: f"/static/app.{hexes(11)}4.js", [200]), ("GET", lambda: f"/ws/{word()}_{hexes(7)}9", [101, 403]),
        ("GET", lambda: "/", [200]), ("GET", lambda: "/healthz", [200, 500]), ("PATCH", lambda: f"/v2/tenants/{word()}-{digits(6)}/plan", [200]),
        ("GET", lambda: f"/reports/2025-0{rng.randrange(1, 10)}-1{digits(1)}", [200]), ("OPTIONS", lambda: "/api/orders", [204]),
        ("GET", lambda: f"/u/{mail()}", [200]),
    ]
    for method, route, states in routes:
        for state in states:
            for turn in range(3):
                same = {500: [500, 502, 503], 503: [503, 504], 404: [404, 403], 200: [200, 206]}.get(state, [state])
                add(f"request {method} {route.__code__.co_firstlineno}.{routes.index((method, route, states))} {state // 100}xx", log="run.googleapis.com%2Frequests", severity={1: "INFO", 2: "INFO", 3: "INFO", 4: "WARNING", 5: "ERROR"}[state // 100],
                    httpRequest={"requestMethod": method, "requestUrl": f"https://shop.example{route()}" + rng.choice(["", f"?page={number()}", f"?q={word()}"]), "status": same[turn % len(same)], "latency": f"0.{digits(9)}s", "userAgent": agent(), "remoteIp": address(), "protocol": "HTTP/1.1", "responseSize": str(number())})
    for details in ["backend_timeout", "client_disconnected_before_any_response"]:
        for _ in range(3):
            add(f"balancer {details}", "lb", "requests", "WARNING", httpRequest={"requestMethod": "GET", "requestUrl": f"https://shop.example/api/orders/{number()}", "status": 502, "latency": "30.001s", "remoteIp": address()},
                jsonPayload={"@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry", "statusDetails": details})


def audits():
    for service, method, code, permission in [
        ("run.googleapis.com", "google.cloud.run.v2.Services.UpdateService", 0, None), ("run.googleapis.com", "google.cloud.run.v2.Services.UpdateService", 7, "run.services.update"),
        ("run.googleapis.com", "google.cloud.run.v2.Services.DeleteService", 0, None), ("iam.googleapis.com", "google.iam.admin.v1.CreateServiceAccountKey", 0, None),
        ("iam.googleapis.com", "google.iam.admin.v1.CreateServiceAccountKey", 7, "iam.serviceAccountKeys.create"), ("storage.googleapis.com", "storage.objects.get", 7, "storage.objects.get"),
        ("storage.googleapis.com", "storage.objects.delete", 0, None), ("bigquery.googleapis.com", "google.cloud.bigquery.v2.JobService.InsertJob", 3, None),
        ("bigquery.googleapis.com", "google.cloud.bigquery.v2.JobService.InsertJob", 0, None), ("k8s.io", "io.k8s.core.v1.pods.create", 0, None),
        ("k8s.io", "io.k8s.core.v1.pods.delete", 5, None), ("k8s.io", "io.k8s.apps.v1.deployments.update", 0, None),
        ("cloudresourcemanager.googleapis.com", "SetIamPolicy", 0, None), ("compute.googleapis.com", "v1.compute.instances.insert", 8, None),
    ]:
        for _ in range(3):
            payload = {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": service, "methodName": method, "resourceName": f"projects/demo/things/{word()}-{digits(4)}", "authenticationInfo": {"principalEmail": f"{word()}@demo.iam.gserviceaccount.com"}, "requestMetadata": {"callerIp": address()}, "status": {"code": code, "message": f"request {digits(5)}"} if code else {}}
            if permission:
                payload["authorizationInfo"] = [{"permission": permission, "granted": False, "resource": f"projects/demo/things/{word()}"}]
            add(f"audit {method} {code}", "audit", "cloudaudit.googleapis.com%2Factivity", "ERROR" if code else "NOTICE", protoPayload=payload)


def shapes():
    plain = [
        ("order created", lambda: {"event": "order_created", "order_id": number(), "total": number() / 100, "tenant": word()}),
        ("order cancelled", lambda: {"event": "order_cancelled", "order_id": number(), "tenant": word()}),
        ("sync started", lambda: {"op": "sync", "phase": "started", "source": word(), "batch": uuid()}),
        ("sync finished", lambda: {"op": "sync", "phase": "finished", "source": word(), "batch": uuid(), "rows": number()}),
        ("metric", lambda: {"metric": "queue_depth", "value": number(), "labels": {"queue": word()}}),
        ("job", lambda: {"job": {"id": uuid(), "attempt": rng.randrange(1, 5)}, "outcome": "timeout"}),
        ("job done", lambda: {"job": {"id": uuid(), "attempt": rng.randrange(1, 5)}, "outcome": "success"}),
        ("reading", lambda: {"temperature": number() / 10, "humidity": number() / 10, "sensor": f"s{digits(3)}"}),
        ("cart", lambda: {"cart": [{"sku": hexes(6), "count": number()} for _ in range(rng.randrange(1, 5))], "user_id": uuid()}),
        ("login", lambda: {"type": "login", "user": mail(), "ip": address(), "success": rng.choice([True, False])}),
        ("logout", lambda: {"type": "logout", "user": mail(), "ip": address()}),
        ("webhook", lambda: {"webhook": "stripe", "action": "charge.refunded", "delivery": uuid()}),
    ]
    for group, make in plain:
        message(f"shape {group}", make, 4, severity=rng.choice(["INFO", "NOTICE", "WARNING"]), log="run.googleapis.com%2Fstdout")


def python_trace(kind, said, frames):
    lines = ["Traceback (most recent call last):"]
    for file, function in frames:
        lines += [f'  File "{file}", line {rng.randrange(20, 400)}, in {function}', f"    {function}()"]
    return "\n".join(lines + [f"{kind}: {said}"])


def java_trace(kind, said, frames, cause=None):
    lines = [f"{kind}: {said}"] + [f"\tat {frame}({frame.split('.')[-2]}.java:{rng.randrange(20, 400)})" for frame in frames]
    if cause:
        lines.append(f"Caused by: {cause[0]}: {cause[1]}")
        lines += [f"\tat {frame}({frame.split('.')[-2]}.java:{rng.randrange(20, 400)})" for frame in cause[2]] + [f"\t... {rng.randrange(3, 30)} more"]
    return "\n".join(lines)


def node_trace(kind, said, frames):
    return "\n".join([f"{kind}: {said}"] + [f"    at {function} ({file}:{rng.randrange(10, 400)}:{rng.randrange(1, 80)})" for file, function in frames])


def traces():
    app = [("/app/main.py", "handle"), ("/app/orders/service.py", "load_order"), ("/app/orders/store.py", "fetch")]
    library = [("/usr/local/lib/python3.12/site-packages/flask/app.py", "wsgi_app")]
    text("py key", lambda: python_trace("KeyError", f"'{word()}_{digits(4)}'", library + app), log="run.googleapis.com%2Fstderr")
    text("py value, same frames", lambda: python_trace("ValueError", f"bad order {number()}", library + app))
    text("py key, other frames", lambda: python_trace("KeyError", f"'{word()}'", app[:1] + [("/app/billing/tax.py", "rate_for")]))
    text("py recursion", lambda: python_trace("RecursionError", "maximum recursion depth exceeded", app[:1] + [("/app/tree.py", "walk")] * rng.randrange(3, 40)))
    text("py chained", lambda: python_trace("ConnectionError", f"no route to {address()}", [("/app/db.py", "connect")]) + "\n\nThe above exception was the direct cause of the following exception:\n\n" + python_trace("StoreError", f"attempt {number()}", app))
    message("py behind a message", lambda: {"message": f"job {uuid()} failed", "stack_trace": python_trace("TimeoutError", f"after {number()} s", [("/app/jobs/runner.py", "run"), ("/app/jobs/export.py", "write")])})
    java = ["com.shop.orders.OrderStore.find", "com.shop.orders.OrderService.load", "com.shop.web.OrderController.show"]
    spring = ["org.springframework.web.servlet.FrameworkServlet.service", "java.base/java.lang.Thread.run"]
    text("java npe", lambda: java_trace("java.lang.NullPointerException", f'Cannot invoke "Order.id()" because "<local{digits(1)}>" is null', java + spring))
    text("java state, same frames", lambda: java_trace("java.lang.IllegalStateException", f"order {number()} is closed", java + spring))
    text("java npe, other frames", lambda: java_trace("java.lang.NullPointerException", "null", ["com.shop.tax.Rates.of"] + java[2:] + spring))
    text("java cause", lambda: java_trace("org.springframework.web.util.NestedServletException", "Request processing failed", spring, ("java.sql.SQLTimeoutException", f"timeout after {number()} ms", ["com.shop.db.Pool.take", "com.shop.orders.OrderStore.open"])))
    text("java other cause", lambda: java_trace("org.springframework.web.util.NestedServletException", "Request processing failed", spring, ("com.shop.TooManyItems", f"{number()} items", ["com.shop.carts.Cart.add"])))
    text("java recursion", lambda: java_trace("java.lang.StackOverflowError", "null", ["com.shop.tree.Node.depth"] * rng.randrange(5, 60)))
    node = [("/workspace/dist/orders.js", "OrderStore.find"), ("/workspace/dist/handlers.js", "async showOrder"), ("/workspace/node_modules/express/lib/router/layer.js", "Layer.handle")]
    text("node type", lambda: node_trace("TypeError", f"Cannot read properties of undefined (reading '{word()}')", node))
    text("node range, same frames", lambda: node_trace("RangeError", f"Invalid count value: {number()}", node))
    text("node type, other frames", lambda: node_trace("TypeError", "order.total is not a function", [("/workspace/dist/tax.js", "rateFor")] + node[1:]))
    message("node refused", lambda: {"message": node_trace("Error", f"connect ECONNREFUSED {address()}:{number()}", [("/workspace/dist/cache.js", "Cache.open")])})
    go = lambda said, frames: f"panic: {said}\n\ngoroutine {number()} [running]:\n" + "\n".join(f"{function}(0xc000{hexes(6)}, 0x{hexes(2)})\n\t/src/{file}:{number()} +0x{hexes(3)}" for function, file in frames)
    text("go nil", lambda: go("runtime error: invalid memory address or nil pointer dereference", [("main.(*store).find", "store.go"), ("main.handle", "main.go")]))
    text("go index", lambda: go(f"runtime error: index out of range [{number()}] with length {number()}", [("main.pick", "pick.go"), ("main.handle", "main.go")]))
    ruby = lambda kind, said, frames: "\n".join([f"{frames[0][0]}:{number()}:in `{frames[0][1]}': {said} ({kind})"] + [f"\tfrom {file}:{number()}:in `{function}'" for file, function in frames[1:]])
    text("ruby none", lambda: ruby("NoMethodError", "undefined method `total' for nil", [("/app/lib/order.rb", "sum"), ("/app/lib/web.rb", "show")]))
    text("ruby argument", lambda: ruby("ArgumentError", f"invalid date: {digits(6)}", [("/app/lib/report.rb", "parse"), ("/app/lib/web.rb", "show")]))
    php = lambda kind, said, frames: "\n".join([f"PHP Fatal error:  Uncaught {kind}: {said} in {frames[0][0]}:{number()}", "Stack trace:"] + [f"#{index} {file}({number()}): {function}()" for index, (file, function) in enumerate(frames)] + [f"#{len(frames)} {{main}}", f"  thrown in {frames[0][0]} on line {number()}"])
    text("php type", lambda: php("TypeError", "Unsupported operand types: string + int", [("/var/www/src/Cart.php", "Shop\\Cart->sum"), ("/var/www/src/Web.php", "Shop\\Web->show")]))
    text("php pdo", lambda: php("PDOException", f"SQLSTATE[HY000] [2002] {address()}", [("/var/www/src/Db.php", "Shop\\Db->open"), ("/var/www/src/Web.php", "Shop\\Web->show")]))
    rust = lambda said, file, frames: f"thread '{word()}' panicked at {file}:{number()}:{number()}:\n{said}\nstack backtrace:\n" + "\n".join(f"   {index}: {function}\n             at ./src/{file}:{number()}" for index, (function, file) in enumerate(frames))
    text("rust unwrap", lambda: rust("called `Option::unwrap()` on a `None` value", "src/store.rs", [("shop::store::find", "store.rs"), ("shop::web::show", "web.rs")]))
    text("rust index", lambda: rust(f"index out of bounds: the len is {number()} but the index is {number()}", "src/pick.rs", [("shop::pick::one", "pick.rs"), ("shop::web::show", "web.rs")]))
    sharp = lambda kind, said, frames: "\n".join([f"{kind}: {said}"] + [f"   at {function}() in /src/{file}:line {number()}" for function, file in frames])
    text("c# null", lambda: sharp("System.NullReferenceException", "Object reference not set to an instance of an object.", [("Shop.Orders.Store.Find", "Store.cs"), ("Shop.Web.Show", "Web.cs")]))
    text("c# format", lambda: sharp("System.FormatException", f"The input string '{word()}' was not in a correct format.", [("Shop.Tax.Rates.Parse", "Rates.cs"), ("Shop.Web.Show", "Web.cs")]))


def decorated():
    for group, make in [("routing", lambda: f"Error routing message from {word()}_{digits(4)}: session {uuid()} is gone"), ("handshake", lambda: f"Handshake with {address()} failed after {number()} ms"), ("quota", lambda: "Quota of the tenant is used up")]:
        for prefix in ["[\U0001f511] ", "[\u00f0\u0178\u201d\u2018] ", "[U+1F511] ", "? ", "", "\U0001f6a8 ", "\ufffd\ufffd "]:
            add(f"decorated {group}", jsonPayload={"message": prefix + make()}, severity=rng.choice(["ERROR", "WARNING"]))
    message("redacted secret", lambda: f"Login of {rng.choice(['AUTH=REDACTED', 'AUTH=***', 'AUTH=[REDACTED]'])} from {address()} refused")
    message("redacted mail", lambda: f"Invoice {number()} for {rng.choice(['***@***.com', mail(), '[REDACTED]'])} bounced", 5)
    message("redacted key", lambda: f"API key {rng.choice(['demo-use...', 'demo-tes...', '****'])} is over its limit of {number()} calls")


def located():
    def at(function, file="src/router.py", line=1489): return {"file": file, "line": str(line + rng.randrange(2)), "function": function}
    for agent_name in ["disconnect", "start_agent"] * 2:
        add("one function, one slot", sourceLocation=at("route_message"), jsonPayload={"message": f"Message {agent_name} routing failed"})
    for function in ["load_cart", "load_order"]:
        for _ in range(4):
            add(f"same words in {function}", sourceLocation=at(function, "src/load.py"), jsonPayload={"message": f"no rows for {uuid()}"})
    for function in ["callHandlers", "_log"]:
        for _ in range(2):
            add("wrapper frames", sourceLocation=at(function, "/usr/lib/python3.12/logging/__init__.py", 1700), jsonPayload={"message": f"worker {number()} has stopped"})
    for _ in range(5):
        add("line drift", sourceLocation=at("drain"), jsonPayload={"message": f"queue {word()} was drained in {number()} ms"})
    for severity in ["WARNING", "ERROR", "CRITICAL", "ERROR"]:
        add("mixed severities", severity=severity, sourceLocation=at("retry"), jsonPayload={"message": f"attempt {number()} of {number()} to reach {word()} failed"})
    for role, zone in [("writer", "west"), ("reader", "east"), ("writer", "east"), ("auditor", "west"), ("keeper", "north")]:
        add("one function, two slots", sourceLocation=at("elect", "src/elect.py"), jsonPayload={"message": f"The {role} of partition {number()} in zone {zone} was elected by {number()} votes"})
    for said in ["opened", "closed"]:
        for _ in range(4):
            add(f"one function, {said}", sourceLocation=at("lifecycle", "src/socket.py"), jsonPayload={"message": f"Socket {uuid()} was {said} by peer {address()}"})
    for function in ["save", "load"]:
        for _ in range(4):
            add(f"labels, {function}", jsonPayload={"message": f"cannot lock {word()}.db", "labels": {"function": function, "module": "store.files"}})


def services():
    for group, make, more in [
        ("liveness probe", lambda: f'LIVENESS HTTP probe failed {number()} time consecutively for container "{rng.choice(SERVICES)}-1" on port 8080 path "/healthz". The instance has been shut down.', {}),
        ("memory", lambda: f"Memory limit of {rng.choice([512, 1024])} MiB exceeded with {number()} MiB used. Consider increasing the memory limit, see https://cloud.google.com/run/docs/configuring/memory-limits", {}),
        ("malformed", lambda: "The request failed because either the HTTP response was malformed or connection to the instance had an error.", {"severity": "WARNING"}),
        ("rolled out", lambda: f"Starting new instance. Reason: DEPLOYMENT_ROLLOUT - Instance started due to traffic shifting between revisions due to deployment, traffic split adjustment, or deployment health check.", {"severity": "INFO"}),
        ("scaled out", lambda: "Starting new instance. Reason: AUTOSCALING - Instance started due to configured scaling factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for current traffic.", {"severity": "INFO"}),
        ("proxy", lambda: f"Cloud SQL connection failed. Please see https://cloud.google.com/sql/docs/mysql/connect-run for additional details: connection to Cloud SQL instance at {address()}:3307 failed: timed out after {number()}s", {"severity": "WARNING"}),
        ("certificate", lambda: f"certificate of {word()}.shop.example expires in {number()} days", {"severity": "WARNING"}),
        ("function start", lambda: "Function execution started", {"kind": "function", "severity": "DEBUG"}),
        ("function end", lambda: f"Function execution took {number()} ms, finished with status code: {rng.choice([200, 500])}", {"kind": "function", "severity": "DEBUG"}),
        ("function crash", lambda: f"Function execution took {number()} ms, finished with status: 'crash'", {"kind": "function"}),
        ("gunicorn boot", lambda: f"[2025-04-02 10:{digits(2)}:{digits(2)} +0000] [{number()}] [INFO] Booting worker with pid: {number()}", {"severity": None}),
        ("gunicorn timeout", lambda: f"[2025-04-02 10:{digits(2)}:{digits(2)} +0000] [{number()}] [CRITICAL] WORKER TIMEOUT (pid:{number()})", {"severity": None}),
        ("klog reconcile", lambda: f"E0402 10:{digits(2)}:{digits(2)}.{digits(6)}       1 controller.go:{number()}] error syncing 'shop/{word()}-{word()}': connection refused", {"kind": "gke", "severity": None}),
        ("klog watch", lambda: f"W0402 10:{digits(2)}:{digits(2)}.{digits(6)}       1 reflector.go:{number()}] watch of *v1.Pod ended with: too old resource version: {digits(8)} ({digits(8)})", {"kind": "gke", "severity": None}),
        ("zap upstream", lambda: {"level": "error", "ts": 1743588000 + number(), "caller": f"proxy/dial.go:{number()}", "msg": f"upstream {word()}-{digits(2)} is gone", "upstream": address()}, {"kind": "gke"}),
        ("zap cache", lambda: {"level": "warn", "ts": 1743588000 + number(), "caller": f"cache/warm.go:{number()}", "msg": "cache is cold", "misses": number()}, {"kind": "gke", "severity": "WARNING"}),
        ("pino slow", lambda: {"level": 40, "time": 1743588000000 + number(), "pid": number(), "msg": f"slow query: {number()} ms", "sql": f"SELECT * FROM {word()} WHERE id = {number()}"}, {"severity": "WARNING"}),
        ("slog denied", lambda: {"time": f"2025-04-02T10:{digits(2)}:{digits(2)}Z", "msg": "access denied", "user": mail(), "path": f"/admin/{word()}"}, {"severity": "WARNING"}),
        ("json in text", lambda: f"Received event {json.dumps({'id': uuid(), 'kind': word(), 'tags': [word()]})} from the bus", {"severity": "INFO"}),
        ("python dict in text", lambda: f"Bad reply: {{'code': {number()}, 'detail': '{word()}'}}", {}),
        ("lease lost", lambda: f"failed to renew lease kube-system/{word()}-{word()}: timed out waiting for the condition", {"kind": "gke"}),
        ("image pull", lambda: f'Failed to pull image "europe-docker.pkg.dev/demo/{word()}/{word()}:{hexes(8)}": not found', {"kind": "gke"}),
        ("redis gone", lambda: f"Error {number()} connecting to {word()}.redis.internal:6379. Connection refused.", {}),
        ("rate limit", lambda: f"Rate limit reached for model {word()}-{digits(1)}-turbo: limit {number()}, used {number()}. Try again in {number()}ms.", {"severity": "WARNING"}),
        ("schedule", lambda: f"Job {word()}-{word()} ran for {number()}.{digits(2)}s on schedule */5 * * * *", {"severity": "INFO"}),
        ("token expired", lambda: f"Token of user {mail()} has expired at 2025-04-02T0{digits(1)}:00:00Z", {"severity": "WARNING"}),
        ("token revoked", lambda: f"Token of user {mail()} was revoked at 2025-04-02T0{digits(1)}:00:00Z", {"severity": "WARNING"}),
        ("german", lambda: f"Bestellung {number()} konnte nicht gespeichert werden: Datenbank {word()} nicht erreichbar", {}),
        ("japanese", lambda: f"注文 {number()} の保存に失敗しました ({uuid()})", {}),
        ("colours", lambda: f"\x1b[31mERROR\x1b[0m [{word()}] cannot reach {address()}:{number()}", {"severity": None}),
    ]:
        for _ in range(4):
            made = make()
            parts = {"jsonPayload": made} if isinstance(made, dict) else {"textPayload": made}
            more = {"kind": "run", "severity": "ERROR", **more}
            add(f"service {group}", **more, **parts)
    for _ in range(3):
        add("empty", log="run.googleapis.com%2Fstdout", severity="INFO")


for part in (requests, audits, shapes, traces, decorated, located, services):
    part()
rng.shuffle(entries)
(HERE / "entries.json").write_text("[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry, _ in entries) + "\n]\n", encoding="utf-8")
with open(HERE / "entries.labels.csv", "w", newline="", encoding="utf-8") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["insertId", "EventId"])
    rows.writerows((entry["insertId"], group) for entry, group in entries)
print(len(entries), "entries,", len({group for _, group in entries}), "groups")
