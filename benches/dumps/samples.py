"""Writes samples/: small dumps with a story each (told in samples/README.md).

Run from the root of the project: python3 benches/dumps/samples.py
"""

import json
import os
import shutil

from entries import (HOUR, MILLI, MINUTE, SECOND, Chance, Run, by_time, explorer, gcloud, gz, moment, ndjson, stamp,
                     tarred, write, zipped)

PROJECT = "brightdesk-staging"
BROWSERS = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "brightdesk-ios/4.11.2", "okhttp/4.12.0",
]


def chat_sockets():
    """A deployment breaks the WebSocket loop of a chat backend."""
    chance = Chance(101)
    old = Run(chance, PROJECT, "chat-backend", "chat-backend-00041-kfx", labels={"commit-sha": "9f31c02"}, instances=2)
    new = old.on("chat-backend-00042-wqz", instances=2)
    new.labels = {"commit-sha": "b7710e4"}
    start, deploy, end = (moment(f"2025-09-14T{clock}.000000Z") for clock in ("09:00:00", "10:31:20", "12:00:00"))
    routes, handlers = "chat.routes.sockets", "chat.sockets.handlers"
    entries = []

    def write_log(at, severity, message, place, **more):
        run = new if at >= deploy else old
        entries.append(run.log(at, severity, message, place, instance=chance.below(2), **more))

    noise = [
        ("INFO", "WebSocket connection established for user {user} connection {conn}", (routes, "accept", 118)),
        ("INFO", "Heartbeat ok connection={conn} latency_ms={ms}", (handlers, "heartbeat", 61)),
        ("INFO", "Agent {agent} finished run {run} in {ms} ms ({tokens} tokens)", ("chat.agents.runner", "finish", 204)),
        ("INFO", "Conversation {uuid} saved ({small} messages)", ("chat.store.conversations", "save", 77)),
        ("DEBUG", "cache hit key=conv:{uuid}", ("chat.store.cache", "get", 31)),
        ("INFO", "Rate limiter: {small} of 20 tokens left for {user}", ("chat.limits", "take", 44)),
        ("NOTICE", "Feature flag streaming_v2 is on for {user}", ("chat.flags", "evaluate", 19)),
    ]
    for at in chance.spread(170, start, end):
        severity, text, place = chance.pick(noise)
        write_log(at, severity, fill(chance, text), place)
    for at in chance.spread(38, start, end):
        write_log(at, "WARNING", "Session access failed (middleware not installed?): SessionMiddleware must be installed to "
                  "access request.session", ("logging", "callHandlers", 1706), logger="")
    for at in chance.spread(12, start, end):
        write_log(at, "CRITICAL", f"[🔑] PERMISSIVE AUTH: circuit breaker open, connection main_{chance.hex(8)} accepted - "
                  f"user_id: pending, connection_state: connected", (routes, "accept", 141))
    for at in chance.spread(31, deploy + 40 * SECOND, end):
        connection = "main_" + chance.hex(8)
        said = {"connection_id": connection, "user_id": "demo-use...", "error_type": "RuntimeError",
                "messages_processed": chance.between(1, 9), "websocket_state": "connected",
                "likely_cause": "send after close: the accept step was skipped for resumed connections",
                "chat_impact": "HIGH - the conversation stops without an answer"}
        write_log(at - 400, "CRITICAL", " SEARCH:  LOOP ERROR CONTEXT: " + json.dumps(said, indent=2), (routes, "loop", 388))
        write_log(at, "ERROR", 'Message loop error: WebSocket is not connected. Need to call "accept" first.',
                  (routes, "loop", 389), connection_id=connection)
    for index, at in enumerate(chance.spread(9, deploy + MINUTE, end)):
        kind = "disconnect" if index % 3 else "start_agent"
        write_log(at, "ERROR", f"Message {kind} routing failed for user demo-use... connection main_{chance.hex(8)}",
                  (routes, "route", 402))
    for at in chance.spread(6, deploy + MINUTE, end):
        trace = ('Traceback (most recent call last):\n'
                 f'  File "/app/chat/sockets/handlers.py", line 258, in handle_message\n'
                 '    await self.bridge.handle_message(message)\n'
                 '          ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n'
                 "AttributeError: 'AgentBridge' object has no attribute 'handle_message'")
        write_log(at, "ERROR", "Agent bridge failed for user demo-use...", (handlers, "handle_message", 258),
                  traceback=trace)
    entries.append(new.system(deploy - 8 * SECOND, "Starting new instance. Reason: DEPLOYMENT_ROLLOUT - Instance started due "
                              "to traffic shifting between revisions due to deployment, traffic split adjustment, or "
                              "deployment health check."))
    entries.append(new.system(deploy - 2 * SECOND, "Default STARTUP TCP probe succeeded after 1 attempt for container "
                              "\"chat-1\" on port 8080."))
    return {"chat-sockets.json": gcloud(entries)}


def fill(chance, text):
    return text.format(user=chance.pick(["demo-user-001", "demo-user-002", "u_" + chance.hex(8)]), conn="main_" + chance.hex(8),
                       ms=chance.between(2, 900), agent=chance.pick(["triage", "writer", "search"]),
                       run="run_" + chance.hex(10), tokens=chance.between(80, 4000), uuid=chance.uuid(),
                       small=chance.between(1, 19), order=chance.between(100_000, 999_999), hex=chance.hex(16),
                       ip=f"10.4.{chance.below(8)}.{chance.between(2, 250)}", sku=f"SKU-{chance.between(100, 999)}",
                       money=f"{chance.between(3, 400)}.{chance.below(100):02}")


def service_auth():
    """A rotated secret locks a service account out; the log itself says why."""
    chance = Chance(202)
    run = Run(chance, PROJECT, "orders-api", "orders-api-00077-mtn", "europe-west1", {"migration-run": "1757350810"}, 3)
    start, rotated, end = (moment(f"2025-09-13T{clock}.000000Z") for clock in ("20:00:00", "21:14:05", "23:00:00"))
    entries = []
    noise = [
        ("INFO", "order {order} accepted, total {money} EUR", ("orders.api.checkout", "accept", 52)),
        ("INFO", "stock reserved for {sku}: {small} left", ("orders.stock", "reserve", 118)),
        ("INFO", "event order.created published to topic orders-v2 as {uuid}", ("orders.events", "publish", 40)),
        ("INFO", "token for orders-api renewed, valid for 3600 s", ("orders.auth.tokens", "renew", 25)),
        ("DEBUG", "SELECT * FROM orders WHERE id = {order} took {ms} ms", ("orders.db", "execute", 91)),
    ]
    for at in chance.spread(900, start, end):
        severity, text, place = chance.pick(noise)
        entries.append(run.log(at, severity, fill(chance, text), place, chance.below(3)))
    for at in chance.spread(420, start, end):
        line = 118 if chance.below(3) == 0 else 137
        message = (f"Registry validation issues (non-blocking): ['Multiple manager instances for user demo-user-001 - "
                   "potential duplication']")
        entries.append(run.log(at, "WARNING", message, ("orders.registry.validator", "validate", line), chance.below(3)))
    hints = ["403 'Not authenticated' suggests the token was signed with another secret",
             "Check if SERVICE_SECRET is the same in both services"]
    steps = ["Compare the secret versions that both services mount", "Redeploy orders-api to pick up the new version"]
    for at in chance.spread(64, rotated, end - 20 * MINUTE):
        request = f"req_{at // 1000}_{chance.between(100, 999)}_{chance.hex(8)}"
        debug = {"request_id": request, "user_id": "service:orders-api", "auth_failure_stage": "session_factory_call",
                 "likely_cause": "authentication_middleware_blocked_service_user", "debug_hints": hints, "next_steps": steps}
        trace = chance.hex(32)
        entries.append(run.log(at, "ERROR", "CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error detected! | User: "
                               "'service:orders-api' | Operation: 'CREATE_SESSION'",
                               ("orders.auth.trace", "log_failure", 403), chance.below(3), trace=trace, auth_debug=debug))
        entries.append(run.log(at + 3 * MILLI, "WARNING", f"order {chance.between(100_000, 999_999)} parked: no session",
                               ("orders.api.checkout", "park", 66), chance.below(3), trace=trace))
        entries.append(run.request(at - 20 * MILLI, "POST", "https://orders.brightdesk.example/v1/orders", 503,
                                   chance.between(40, 400), chance.pick(BROWSERS), trace=trace))
    copies = [entry for index, entry in enumerate(entries) if index % 29 == 0]
    return {"service-auth.ndjson.gz": gz(ndjson(by_time(entries) + copies))}


def bad_deploy():
    """A module is missing from an image: workers fail to boot, again and again, until the rollback."""
    chance = Chance(303)
    good = Run(chance, PROJECT, "billing", "billing-00018-abd", "us-east1", instances=2)
    bad = good.on("billing-00019-zru", instances=3)
    start, deploy, back = (moment(f"2025-09-11T{clock}.000000Z") for clock in ("05:02:00", "05:17:11", "05:46:30"))
    end = moment("2025-09-11T06:20:00.000000Z")
    logs = {"stderr": [], "stdout": [], "requests": [], "varlog/system": []}
    trace = ('Traceback (most recent call last):\n'
             '  File "/usr/local/lib/python3.11/site-packages/gunicorn/arbiter.py", line 609, in spawn_worker\n'
             '    worker.init_process()\n'
             '  File "/usr/local/lib/python3.11/site-packages/gunicorn/util.py", line 371, in import_app\n'
             '    mod = importlib.import_module(module)\n'
             '  File "/usr/local/lib/python3.11/importlib/__init__.py", line 126, in import_module\n'
             '    return _bootstrap._gcd_import(name[level:], package, level)\n'
             '  File "<frozen importlib._bootstrap>", line 1204, in _gcd_import\n'
             '  File "/app/billing/main.py", line 14, in <module>\n'
             '    from billing.invoices.factory import create_defensive_context\n'
             "ImportError: cannot import name 'create_defensive_context' from 'billing.invoices.factory'")
    at = deploy
    number = 0
    while at < back:
        number += 1
        instance = number % 3
        clock = stamp(at, zone="", digits=0).replace("T", " ")
        logs["varlog/system"].append(bad.system(at - 5 * SECOND, "Starting new instance. Reason: AUTOSCALING - Instance "
                                                "started due to configured scaling factors (e.g. CPU utilization, request "
                                                "throughput, etc.) or no existing capacity for current traffic.", "INFO",
                                                instance))
        lines = [f"[{clock} +0000] [1] [INFO] Starting gunicorn 22.0.0",
                 f"[{clock} +0000] [1] [INFO] Listening at: http://0.0.0.0:8080 (1)",
                 f"[{clock} +0000] [{number % 9 + 2}] [INFO] Booting worker with pid: {number % 9 + 2}",
                 f"[{clock} +0000] [{number % 9 + 2}] [ERROR] Exception in worker process"]
        for index, line in enumerate(lines):
            logs["stderr"].append(bad.text(at + index * 90 * MILLI, line, instance=instance))
        logs["stderr"].append(bad.text(at + 400 * MILLI, trace, "ERROR", instance))
        logs["stderr"].append(bad.text(at + 500 * MILLI, f"[{clock} +0000] [1] [ERROR] Worker (pid:{number % 9 + 2}) exited "
                                       "with code 3.", instance=instance))
        logs["stderr"].append(bad.text(at + 520 * MILLI, f"[{clock} +0000] [1] [ERROR] Shutting down: Master",
                                       instance=instance))
        logs["varlog/system"].append(bad.system(at + 800 * MILLI, "Container called exit(3).", "WARNING", instance))
        logs["varlog/system"].append(bad.system(at + 900 * MILLI, "Default STARTUP TCP probe failed 1 time consecutively for "
                                                'container "billing-1" on port 8080. The instance was not started.\nConnection '
                                                "failed with status ERROR_CONNECTION_FAILED.", "ERROR", instance))
        at += 140 * SECOND + chance.below(30 * SECOND)
    for at in chance.spread(210, start, end):
        down = deploy < at < back
        url = f"https://billing.brightdesk.example/v1/invoices/{chance.between(1000, 99999)}"
        if down and chance.below(10) < 7:
            logs["requests"].append(good.request(at, "GET", url, 503, chance.between(9000, 10_000), chance.pick(BROWSERS),
                                                 text="The request was aborted because there was no available instance. "
                                                 "Additional troubleshooting documentation can be found at: "
                                                 "https://cloud.google.com/run/docs/troubleshooting#abort-request"))
        else:
            logs["requests"].append(good.request(at, "GET", url, 200 if chance.below(12) else 404, chance.between(12, 300),
                                                 chance.pick(BROWSERS)))
            logs["stdout"].append(good.log(at + 4 * MILLI, "INFO", fill(chance, "invoice {order} rendered in {ms} ms"),
                                           ("billing.invoices.render", "render", 33)))
    formatter = ('Traceback (most recent call last):\n'
                 '  File "/usr/local/lib/python3.11/site-packages/loguru/_handler.py", line 161, in emit\n'
                 '    formatted = precomputed_format.format_map(formatter_record)\n'
                 "KeyError: '\"timestamp\"'")
    for index, at in enumerate(chance.spread(24, moment("2025-09-11T05:20:33.104000Z"), moment("2025-09-11T05:20:44.900000Z"))):
        auth = Run(chance, PROJECT, "auth", f"auth-0018{3 + index % 2}-{'2xs' if index % 2 == 0 else 'vhc'}", "us-east1")
        logs["stderr"].append(auth.text(at, formatter, "ERROR"))
    files = {}
    for log, entries in logs.items():
        for entry in entries:
            entry.pop("errorGroups", None)
            hour = stamp(moment(entry["timestamp"]), digits=0)[11:13]
            folder = f"bad-deploy/run.googleapis.com/{log}/2025/09/11"
            files.setdefault(f"{folder}/{hour}_00_00_{hour}_59_59_S0.json", []).append(entry)
    late = files["bad-deploy/run.googleapis.com/stderr/2025/09/11/05_00_00_05_59_59_S0.json"][-40:]
    files["bad-deploy/run.googleapis.com/stderr/2025/09/11/05_00_00_05_59_59_A0_1757573100.json"] = late
    return {path: ndjson(entries) for path, entries in files.items()}


def nightly():
    """A quiet night: one new error, three old warnings, and the overlap of two exports."""
    chance = Chance(404)
    api = Run(chance, PROJECT, "chat-backend", "chat-backend-00039-pvd", labels={"vpc-connectivity": "enabled"})
    start, end = moment("2025-09-12T22:00:00.000000Z"), moment("2025-09-13T05:30:00.000000Z")
    entries = []
    valid = ", ".join(f"'{name}'" for name in ["connect", "disconnect", "ping", "pong", "user_message", "agent_started",
                                               "agent_thinking", "tool_executing", "agent_completed", "start_agent"])
    for at in chance.spread(23, start + 3 * HOUR, end):
        entries.append(api.log(at, "ERROR", "[LEGACY MODE] Message loop error: Invalid message type 'legacy_response': Unknown "
                               f"message type: 'legacy_response'. Valid types: [{valid}]",
                               ("chat.routes.sockets", "legacy_loop", 619)))
    at = moment("2025-09-12T23:26:12.118340Z")
    for _ in range(19):
        entries.append(api.log(at, "ERROR", f"Error routing message from demo-user-00{chance.between(1, 4)}: 'function' object "
                               "has no attribute 'can_handle'", ("chat.sockets.handlers", "route_message", 271)))
        at += SECOND + chance.below(900 * MILLI)
    for at in chance.spread(9, start, end):
        ran, thread = (f"demo_{kind}_{at // 1000}_{chance.between(300, 400)}_{chance.hex(8)}" for kind in ("run", "thread"))
        entries.append(api.log(at, "WARNING", f"Thread ID mismatch: run_id '{ran}' but thread_id is '{thread}'. This may "
                               "indicate inconsistent ID generation.", ("chat.context", "validate", 301)))
    for at in chance.spread(16, start, end):
        entries.append(api.log(at, "WARNING", "[🔑] Optional authentication failed: No module named 'dev_launcher' (type: "
                               "ModuleNotFoundError)", ("logging", "callHandlers", 1706), logger=""))
    entries.append(api.log(start + 2 * HOUR, "WARNING", "🚨 ALERT: LOW BUFFER UTILIZATION: 24.5% - Consider reducing "
                           "AUTH_HEALTH_CHECK_TIMEOUT from 0.3s to ~0.5s for better performance",
                           ("logging", "callHandlers", 1706), logger=""))
    for at in chance.spread(330, start, end):
        text, place = chance.pick([
            ("Message loop started: connection {conn}", ("chat.routes.sockets", "loop", 301)),
            ("Heartbeat ok connection={conn} latency_ms={ms}", ("chat.sockets.handlers", "heartbeat", 61)),
            ("Nightly export: {small} of 20 tables copied", ("chat.jobs.export", "copy", 88)),
            ("Conversation {uuid} saved ({small} messages)", ("chat.store.conversations", "save", 77))])
        entries.append(api.log(at, "INFO", fill(chance, text), place))
    ordered = by_time(entries)
    cut = len(ordered) * 6 // 10
    return {"nightly.zip": zipped({"evening.json": gcloud(ordered[:cut]), "morning.json": gcloud(ordered[cut - 70:])})}


def storefront():
    """A slow dependency: requests time out, the code trips over what is missing, in one burst."""
    chance = Chance(505)
    run = Run(chance, "brightdesk-prod", "storefront", "storefront-00208-tez", "europe-west4", instances=4)
    start, slow, better, end = (moment(f"2025-09-14T{clock}.000000Z") for clock in
                                ("08:40:00", "09:12:30", "09:21:00", "10:14:50"))
    entries = []
    routes = ["/", "/products/{n}", "/cart", "/api/v2/prices/{u}", "/api/v2/cart/{u}/items/{n}", "/static/app.{h}.js"]
    for at in chance.spread(260, start, end) + chance.spread(60, slow, better):
        bad = slow <= at <= better and chance.below(10) < 6
        path = chance.pick(routes).format(n=chance.between(1, 9999), u=chance.uuid(), h=chance.hex(8))
        trace, instance = chance.hex(32), chance.below(4)
        if not bad:
            status = 200 if chance.below(30) else 404
            entries.append(run.request(at, "GET", "https://shop.brightdesk.example" + path + "?utm=x", status,
                                       chance.between(4, 350), chance.pick(BROWSERS), instance, trace))
            continue
        path = f"/api/v2/prices/{chance.uuid()}"
        entries.append(run.request(at, "GET", "https://shop.brightdesk.example" + path, 504 if chance.below(3) else 500,
                                   chance.between(9_800, 30_100), chance.pick(BROWSERS), instance, trace))
        failed = {"level": "error", "time": stamp(at + 9 * SECOND), "err": {"type": "TypeError", "message":
                  "Cannot read properties of undefined (reading 'amount')", "stack":
                  "TypeError: Cannot read properties of undefined (reading 'amount')\n"
                  "    at toPrice (/srv/app/dist/prices/convert.js:41:27)\n"
                  "    at async PriceService.load (/srv/app/dist/prices/service.js:88:18)\n"
                  "    at async /srv/app/node_modules/express-async-handler/index.js:3:12\n"
                  "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)"},
                  "message": "price lookup failed", "requestId": chance.uuid()}
        entries.append(run.entry(at + 9 * SECOND, "stdout", "ERROR", instance, jsonPayload=failed,
                                 trace=f"projects/brightdesk-prod/traces/{trace}"))
        entries.append(run.entry(at + 9 * SECOND - 2 * MILLI, "stdout", "WARNING", instance, jsonPayload={
            "message": f"upstream pricing.internal:8443 timed out after {chance.between(9000, 9999)} ms (attempt 3 of 3)",
            "level": "warn"}, trace=f"projects/brightdesk-prod/traces/{trace}"))
    for at in chance.spread(14, slow + MINUTE, better):
        entries.append(run.request(at, "GET", "https://shop.brightdesk.example/cart", 429, 2, chance.pick(BROWSERS),
                                   text="The request was aborted because there was no available instance. Additional "
                                   "troubleshooting documentation can be found at: "
                                   "https://cloud.google.com/run/docs/troubleshooting#abort-request"))
    return {"downloaded-logs-20250914-101500.json": explorer(entries)}


def platform():
    """What the platform itself writes: audit records, Kubernetes, load balancer, database, App Engine."""
    chance = Chance(606)
    start, end = moment("2025-09-10T07:00:00.000000Z"), moment("2025-09-10T11:00:00.000000Z")
    groups = {"audit.json": audit(chance, start, end), "cluster.json": cluster(chance, start, end),
              "edge.json": edge(chance, start, end)}
    return {"platform.tar.gz": tarred({f"platform/{name}": gcloud(entries) for name, entries in groups.items()})}


def record(chance, at, log, kind, labels, severity=None, **fields):
    entry = {"insertId": chance.hex(16), "logName": f"projects/brightdesk-prod/logs/{log}",
             "receiveTimestamp": stamp(at + chance.between(80, 900) * MILLI, digits=9),
             "resource": {"type": kind, "labels": {"project_id": "brightdesk-prod", **labels}}, "timestamp": stamp(at)}
    if severity:
        entry["severity"] = severity
    entry.update(fields)
    return entry


def audit(chance, start, end):
    people = ["ada@brightdesk.example", "lin@brightdesk.example", "deployer@brightdesk-prod.iam.gserviceaccount.com"]
    calls = [("run.googleapis.com", "google.cloud.run.v2.Services.UpdateService", 0, "NOTICE", "cloud_run_revision"),
             ("storage.googleapis.com", "storage.objects.get", 7, "ERROR", "gcs_bucket"),
             ("compute.googleapis.com", "v1.compute.instances.insert", 8, "ERROR", "gce_instance"),
             ("cloudresourcemanager.googleapis.com", "SetIamPolicy", 0, "NOTICE", "project"),
             ("secretmanager.googleapis.com", "google.cloud.secretmanager.v1.SecretManagerService.AccessSecretVersion", 5,
              "ERROR", "audited_resource"),
             ("k8s.io", "io.k8s.core.v1.pods.create", 0, "INFO", "k8s_cluster")]
    words = {5: "Secret version is not found.", 7: "does not have storage.objects.get access", 8: "Quota 'CPUS' exceeded."}
    entries = []
    for at in chance.spread(95, start, end):
        service, method, code, severity, kind = chance.pick(calls)
        payload = {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": service, "methodName": method,
                   "resourceName": f"projects/brightdesk-prod/x/{chance.hex(10)}",
                   "authenticationInfo": {"principalEmail": chance.pick(people)},
                   "authorizationInfo": [{"permission": method.rpartition("v1.")[2], "granted": code != 7}],
                   "requestMetadata": {"callerIp": f"198.51.100.{chance.between(2, 200)}"},
                   "status": {"code": code, "message": words[code]} if code else {}}
        entries.append(record(chance, at, "cloudaudit.googleapis.com%2Factivity", kind, {"location": "europe-west4"}, severity,
                              protoPayload=payload))
    return entries


def cluster(chance, start, end):
    entries = []
    for at in chance.spread(44, start + HOUR, end):
        pod = f"search-{chance.hex(10)}-{chance.hex(5)}"
        entries.append(record(chance, at, "events", "k8s_pod", {"cluster_name": "main", "location": "europe-west4",
                                                                "namespace_name": "search", "pod_name": pod}, "WARNING",
                              jsonPayload={"kind": "Event", "apiVersion": "v1", "type": "Warning", "reason": "BackOff",
                                           "message": f"Back-off restarting failed container search in pod {pod}_search("
                                           f"{chance.uuid()})", "involvedObject": {"kind": "Pod", "name": pod,
                                                                                   "namespace": "search"}}))
    container = {"cluster_name": "main", "location": "europe-west4", "namespace_name": "search", "container_name": "search",
                 "pod_name": "search-5d9c7b6f4-x2x7q"}
    java = ("2025-09-10 08:{m:02}:{s:02},113 ERROR [search-pool-{n}] c.b.search.IndexService - Refresh of shard {n} failed\n"
            "com.brightdesk.search.IndexException: shard {n} is not writable\n"
            "\tat com.brightdesk.search.IndexService.refresh(IndexService.java:214)\n"
            "\tat com.brightdesk.search.Scheduler.lambda$start$1(Scheduler.java:58)\n"
            "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)\n"
            "Caused by: java.nio.file.FileSystemException: /data/shard-{n}: No space left on device\n"
            "\tat java.base/sun.nio.fs.UnixException.translateToIOException(UnixException.java:100)\n"
            "\tat com.brightdesk.search.store.SegmentWriter.flush(SegmentWriter.java:77)\n"
            "\t... 9 more")
    for at in chance.spread(26, start + 30 * MINUTE, end):
        text = java.format(m=chance.below(60), s=chance.below(60), n=chance.between(0, 7))
        entries.append(record(chance, at, "stderr", "k8s_container", container, "ERROR", textPayload=text))
    go = ("panic: runtime error: invalid memory address or nil pointer dereference\n"
          "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x{p}]\n\n"
          "goroutine {g} [running]:\nbrightdesk.example/agent/probe.(*Probe).Check(0x0, {{0xc000{q}, 0x14}})\n"
          "\t/src/probe/probe.go:{l} +0x1d\nmain.main()\n\t/src/main.go:41 +0x2b5\n")
    agent = {**container, "container_name": "agent", "pod_name": "agent-8xk2p"}
    for at in chance.spread(11, start, end):
        text = go.format(p=chance.hex(6), g=chance.between(1, 90), q=chance.hex(6), l=88)
        entries.append(record(chance, at, "stderr", "k8s_container", agent, "ERROR", textPayload=text))
    for at in chance.spread(60, start, end):
        clock = stamp(at, zone="", digits=6)[11:]
        line = chance.pick([f"I0910 {clock}       1 reconcile.go:77] synced 12 objects in {chance.between(3, 90)}ms",
                            f"W0910 {clock}       1 reflector.go:324] watch of *v1.ConfigMap ended with: too old resource "
                            f"version: {chance.between(100000, 999999)}",
                            f"E0910 {clock}       1 leaderelection.go:330] error retrieving resource lock kube-system/agent: "
                            "context deadline exceeded"])
        entries.append(record(chance, at, "stderr", "k8s_container", agent, textPayload=line))
    return entries


def edge(chance, start, end):
    entries = []
    balancer = {"forwarding_rule_name": "shop", "backend_service_name": "storefront", "url_map_name": "shop", "zone": "global"}
    for at in chance.spread(70, start, end):
        status, details = chance.pick([(200, "response_sent_by_backend")] * 5 + [(502, "failed_to_connect_to_backend"),
                                                                                 (403, "denied_by_security_policy")])
        http = {"requestMethod": "GET", "requestUrl": f"https://shop.brightdesk.example/products/{chance.between(1, 9999)}",
                "status": status, "latency": f"0.{chance.between(10, 900):03}s", "userAgent": chance.pick(BROWSERS)}
        entries.append(record(chance, at, "requests", "http_load_balancer", balancer, "WARNING" if status >= 400 else "INFO",
                              httpRequest=http, jsonPayload={
                                  "@type": "type.googleapis.com/google.cloud.loadbalancing.type.LoadBalancerLogEntry",
                                  "statusDetails": details}))
    database = {"database_id": "brightdesk-prod:orders", "region": "europe-west4"}
    for at in chance.spread(34, start, end):
        clock = stamp(at, zone="", digits=0).replace("T", " ")
        head = f"{clock}.101 UTC [{chance.between(100, 9000)}]: [{chance.between(1, 9)}-1] db=orders,user=app"
        text = chance.pick([f"{head} ERROR:  deadlock detected", f"{head} LOG:  checkpoint complete: wrote "
                            f"{chance.between(100, 900)} buffers", f"{head} FATAL:  remaining connection slots are reserved "
                            "for non-replication superuser connections"])
        severity = "ERROR" if "ERROR" in text else "CRITICAL" if "FATAL" in text else "INFO"
        entries.append(record(chance, at, "cloudsql.googleapis.com%2Fpostgres.log", "cloudsql_database", database, severity,
                              textPayload=text))
    for at in chance.spread(22, start, end):
        failed = chance.below(3) == 0
        lines = [{"time": stamp(at), "severity": "INFO", "logMessage": f"import of {chance.between(10, 90)} rows started"}]
        if failed:
            lines.append({"time": stamp(at + 20), "severity": "ERROR", "logMessage":
                          f"row {chance.between(10, 90)}: column 'amount' is not a number"})
        payload = {"@type": "type.googleapis.com/google.appengine.logging.v1.RequestLog", "appId": "e~brightdesk-prod",
                   "moduleId": "imports", "versionId": "20250901t101010", "method": "POST", "resource":
                   f"/tasks/import/{chance.between(1, 999)}", "status": 500 if failed else 200, "latency": "1.204s",
                   "line": lines}
        entries.append(record(chance, at, "appengine.googleapis.com%2Frequest_log", "gae_app", {
            "module_id": "imports", "version_id": "20250901t101010"}, "ERROR" if failed else "INFO", protoPayload=payload))
    for at in chance.spread(25, start, end):
        entries.append(record(chance, at, "compute.googleapis.com%2Fvpc_flows", "gce_subnetwork", {
            "subnetwork_name": "main", "location": "europe-west4-a"}, "INFO", jsonPayload={
                "bytes_sent": str(chance.between(100, 9000)), "packets_sent": "12", "reporter": chance.pick(["SRC", "DEST"]),
                "connection": {"src_ip": f"10.4.0.{chance.between(2, 200)}", "dest_ip": "10.4.1.7", "dest_port": 443,
                               "protocol": 6}, "start_time": stamp(at - SECOND), "end_time": stamp(at)}))
    return entries


def main():
    root = os.path.join(os.path.dirname(__file__), "..", "..", "samples")
    shutil.rmtree(os.path.join(root, "bad-deploy"), ignore_errors=True)
    total = 0
    for story in (chat_sockets, service_auth, bad_deploy, nightly, storefront, platform):
        for path, data in story().items():
            total += write(root, path, data)
    assert total < 2_000_000, f"samples take {total} bytes"


if __name__ == "__main__":
    main()
