"""Writes tests/fixtures/seeds: dumps that could have stood behind five hand-written worklogs, and what must be found in each.

Run from the root of the project: python3 benches/dumps/seeds.py
"""

import json
import os

from entries import (HOUR, MILLI, MINUTE, SECOND, Chance, Ledger, Run, by_time, gcloud, gz, moment, ndjson, stamp, tarred,
                     write, zipped)

PROJECT, SERVICE = "netra-staging", "netra-backend-staging"
SSOT = "netra_backend.app.routes.websocket_ssot"
HANDLERS = "netra_backend.app.websocket_core.handlers"
VALIDATOR = "netra_backend.app.websocket_core.ssot_validation_enhancer"
CONTEXT = "netra_backend.app.services.user_execution_context"
WRAPPER = ("logging", "callHandlers", 1706)
SESSION = ("Session access failed (middleware not installed?): SessionMiddleware must be installed to access "
           "request.session")
ACCEPT = '[MAIN MODE] Message loop error: WebSocket is not connected. Need to call "accept" first.'

NOISE = [
    ("INFO", "WebSocket connection established for user {user} connection {connection}", (SSOT, "_handle_main_mode", 702)),
    ("INFO", "Registered agent handlers for {user} in {ms}ms", (SSOT, "_setup_agent_handlers", 1105)),
    ("INFO", "Message loop started: connection {connection}", (SSOT, "_main_message_loop", 1301)),
    ("INFO", "Heartbeat ok connection={connection} latency_ms={ms}", (HANDLERS, "_handle_heartbeat", 611)),
    ("INFO", "User context ready for {user} thread {thread}", (CONTEXT, "create_context", 214)),
    ("INFO", "Database pool: {small} of 20 connections in use", ("netra_backend.app.db.pool", "report", 88)),
    ("INFO", "Cache lookup for key session:{hex} took {ms}ms hit=true", ("netra_backend.app.cache", "lookup", 57)),
    ("DEBUG", "Flushed {small} buffered events", (HANDLERS, "_flush", 340)),
    ("INFO", "GET /health 200 in {ms}ms", ("netra_backend.app.middleware", "log_request", 39)),
    ("INFO", "Scheduled cleanup removed {small} stale connections", (HANDLERS, "_cleanup", 930)),
]


class Story:
    """A service, a chance, what was written and what must be found."""

    def __init__(self, seed, revision, labels=None, instance=None):
        self.chance = Chance(seed)
        self.run = Run(self.chance, PROJECT, SERVICE, revision, labels=labels)
        if instance:
            self.run.instances = [instance]
        self.ledger = Ledger()
        self.entries = []

    def note(self, key, entry, **facts):
        self.entries.append(self.ledger.note(key, entry, **facts))
        return entry

    def noise(self, count, start, end):
        for at in self.chance.spread(count, moment(start), moment(end)):
            severity, text, place = self.chance.pick(NOISE)
            self.entries.append(self.run.log(at, severity, self.fill(text), place))

    def fill(self, text):
        chance = self.chance
        return text.format(user=chance.pick(["demo-user-001", "demo-user-002", "user_" + chance.hex(6)]),
                           connection="main_" + chance.hex(8), ms=chance.between(1, 90),
                           thread="demo_thread_" + chance.hex(8), small=chance.between(1, 19), hex=chance.hex(12))

    def breaker(self, at, tail):
        connection = "main_" + self.chance.hex(8)
        stamped = f", timestamp: {stamp(at - 22, zone='+00:00')}" if tail else ""
        message = (f"[🔑] GOLDEN PATH AUTH=REDACTED permissive authentication with circuit breaker for connection "
                   f"{connection} - user_id: pending, connection_state: connected{stamped}")
        self.note("permissive authentication with circuit breaker",
                  self.run.log(at, "CRITICAL", message, (SSOT, "_handle_main_mode", 741)))

    def session(self, at, name="Session access failed"):
        self.note(name, self.run.log(at, "WARNING", SESSION, WRAPPER, logger=""), wrapper=True)


def loop_error(story, at, line):
    connection = "main_" + story.chance.hex(8)
    said = {
        "connection_id": connection, "user_id": "demo-use...", "error_type": "RuntimeError",
        "error_message": 'WebSocket is not connected. Need to call "accept" first.',
        "messages_processed": story.chance.between(1, 9), "agent_events_processed": 0, "websocket_state": "connected",
        "timestamp": stamp(at - 300, zone="+00:00"), "golden_path_impact": "CRITICAL - Message loop crashed",
    }
    story.note("LOOP ERROR CONTEXT", story.run.log(
        at - 290, "CRITICAL", " SEARCH:  LOOP ERROR CONTEXT: " + json.dumps(said, indent=2),
        (SSOT, "_main_message_loop", line - 1)), embedded={"golden_path_impact": "CRITICAL - Message loop crashed"})
    story.note("Message loop error: WebSocket is not connected", story.run.log(
        at, "ERROR", ACCEPT, (SSOT, "_main_message_loop", line)), context=["LOOP ERROR CONTEXT"])


def routing_failure(story, at, kind):
    connection = "main_" + story.chance.hex(8)
    story.note("ROUTING FAILURE: Message", story.run.log(
        at, "CRITICAL",
        f" ALERT:  GOLDEN PATH ROUTING FAILURE: Message {kind} routing failed for user demo-use... connection {connection}",
        (SSOT, "_main_message_loop", 1375)), context=["ROUTING FAILURE CONTEXT"])
    said = {
        "connection_id": connection, "user_id": "demo-use...", "message_type": kind, "routing_success": False,
        "routing_duration_ms": round(1 + story.chance.below(200) / 100, 2), "router_available": True,
        "timestamp": stamp(at - 20, zone="+00:00"), "golden_path_impact": "CRITICAL - Message routing failed",
    }
    story.note("ROUTING FAILURE CONTEXT", story.run.log(
        at + 20, "CRITICAL", " SEARCH:  ROUTING FAILURE CONTEXT: " + json.dumps(said, indent=2),
        (SSOT, "_main_message_loop", 1376)), embedded={"golden_path_impact": "CRITICAL - Message routing failed"})


def websocket_state():
    """Three days of one revision: the loop crashes, routing fails, authentication is permissive."""
    story = Story(1, "netra-backend-staging-00597-hxd",
                  instance="0069c7a988be8dea2e63a8f5c6501bd02b80604ca2d03e83d202420473dc234a52bc1f2915b429206df35d3bce26"
                           "b78390ccac81c93a1653d9c1e57fb36b0119978473b54187c3cac792a9220f39")
    start, end = moment("2025-09-11T03:00:12.000000Z"), moment("2025-09-14T03:01:36.146904Z")
    last = moment("2025-09-14T03:01:24.144344Z")
    for at in story.chance.spread(13, start, last - HOUR) + [last]:
        loop_error(story, at, 1489)
    for at in story.chance.spread(10, start, end - HOUR) + [moment("2025-09-14T03:01:21.369375Z")]:
        message = ("AgentBridgeHandler error for user demo-user-001: 'AgentWebSocketBridge' object has no attribute "
                   "'handle_message'")
        story.note("object has no attribute 'handle_message'",
                   story.run.log(at, "ERROR", message, (SSOT, "handle_message", 258)))
    for at in story.chance.spread(56, start, end - HOUR) + [moment("2025-09-14T03:00:39.050190Z")]:
        story.session(at)
    for at in story.chance.spread(22, start, end - HOUR) + [end]:
        story.breaker(at, tail=True)
    kinds = ["disconnect"] * 8 + ["start_agent"] * 4
    for at, kind in zip(story.chance.spread(12, start, last - HOUR), kinds):
        routing_failure(story, at, kind)
    routing_failure(story, moment("2025-09-14T03:01:24.141154Z"), "disconnect")
    story.noise(260, "2025-09-11T03:00:00.000000Z", "2025-09-14T03:01:40.000000Z")
    return story


def service_authentication():
    """A service account is locked out; the log itself says why and what to do next."""
    story = Story(2, "netra-backend-staging-00611-cr5", labels={"migration-run": "1757350810"})
    start, end = moment("2025-09-12T00:00:03.000000Z"), moment("2025-09-14T14:47:29.848671Z")
    hints = ["403 'Not authenticated' suggests JWT failed", "Check authentication middleware configuration",
             "Verify JWT_SECRET across services", "Check if SERVICE_SECRET is properly configured",
             "Validate system user authentication bypass"]
    steps = ["Check authentication middleware logs", "Verify SERVICE_SECRET configuration",
             "Check JWT_SECRET consistency", "Validate system user authentication bypass",
             "Review authentication dependency injection"]
    for at in story.chance.spread(18, moment("2025-09-14T14:02:00.000000Z"), moment("2025-09-14T14:35:00.000000Z")) + [
            moment("2025-09-14T14:35:59.682542Z")]:
        message = ("[🔴] CRITICAL_AUTH_FAILURE: 403 'Not authenticated' error detected! | User: 'service:netra-backend' | "
                   "Operation: 'CRITICAL_403_NOT_AUTHENTICATED_ERROR'")
        more = {"auth_debug": {
            "user_id": "service:netra-backend", "request_id": f"req_{at // 1000}_{story.chance.between(100, 999)}_"
            + story.chance.hex(8), "function_location": "netra_backend.app.dependencies.get_request_scoped_db_session",
            "auth_failure_stage": "session_factory_call",
            "likely_cause": "authentication_middleware_blocked_service_user", "debug_hints": hints, "next_steps": steps}}
        story.note("CRITICAL_AUTH_FAILURE", story.run.log(
            at, "ERROR", message, ("netra_backend.app.logging.auth_trace_logger", "log_failure", 403), **more),
            embedded={"debug_hints": hints[0], "next_steps": steps[0], "auth_failure_stage": "session_factory_call",
                      "likely_cause": "authentication_middleware_blocked_service_user"})
    for at in story.chance.spread(8, start, end - HOUR) + [moment("2025-09-14T14:44:35.091989Z")]:
        loop_error(story, at, 1490)
        story.note("Error sending unknown message ack", story.run.log(
            at + 4 * SECOND, "ERROR", "Error sending unknown message ack to demo-user-001: ",
            (HANDLERS, "_send_unknown_message_ack", 1516)))
    for index, at in enumerate(story.chance.spread(160, moment("2025-09-14T14:20:00.000000Z"), end - SECOND) + [end]):
        message = ("SSOT validation issues (non-blocking): ['Multiple manager instances for user demo-user-001 - potential "
                   "duplication']")
        line = 118 if index % 3 == 0 else 137
        story.note("SSOT validation issues", story.run.log(
            at, "WARNING", message, (VALIDATOR, "validate_manager_creation", line)))
    for at in story.chance.spread(37, start, end - SECOND) + [moment("2025-09-14T14:47:29.838990Z")]:
        story.breaker(at, tail=False)
    story.noise(180, "2025-09-12T00:00:00.000000Z", "2025-09-14T14:47:29.000000Z")
    return story


def import_errors():
    """Two minutes of a broken deployment, and a second service whose logging breaks on every line."""
    story = Story(3, "netra-backend-staging-00412-tbx")
    bursts = [moment("2025-09-11T05:17:11.371027Z"), moment("2025-09-11T05:17:37.631073Z"),
              moment("2025-09-11T05:18:02.114512Z"), moment("2025-09-11T05:18:29.902118Z"),
              moment("2025-09-11T05:18:51.700331Z"), moment("2025-09-11T05:19:14.250917Z")]
    errors = [
        (1_643, "WebSocket manager creation failed",
         "WebSocket manager creation failed: object UnifiedWebSocketManager can't be used in 'await' expression",
         ("netra_backend.app.routes.websocket", "create_manager", 311)),
        (2_712, "Agent handler setup failed",
         "Agent handler setup failed: No module named 'netra_backend.app.agents.agent_websocket_bridge'",
         ("netra_backend.app.routes.websocket", "setup_agent_handlers", 402)),
        (2_726, "Connection error: create_server_message",
         "Connection error: create_server_message() missing 1 required positional argument: 'data'",
         ("netra_backend.app.routes.websocket", "websocket_endpoint", 518)),
        (2_802, "Error during cleanup: create_error_message",
         "Error during cleanup: create_error_message() missing 1 required positional argument: 'error_message'",
         ("netra_backend.app.routes.websocket", "cleanup", 560)),
    ]
    for at in bursts:
        request = f"defensive_auth_{story.chance.between(100, 999)}_{story.chance.hex(8)}"
        story.note("has invalid format", story.run.log(
            at, "WARNING", f"request_id '{request}' has invalid format. Expected UUID or UnifiedIDManager structured format.",
            (CONTEXT, "_validate_request_id", 166)))
        for after, key, message, place in errors:
            story.note(key, story.run.log(at + after, "ERROR", message, place))
    for at in story.chance.spread(24, bursts[0] - 2 * SECOND, bursts[-1] + 20 * SECOND):
        message = "Failed to extract auth=REDACTED SessionMiddleware must be installed to access request.session"
        story.note("Failed to extract auth", story.run.log(at, "WARNING", message, WRAPPER, logger=""), wrapper=True)
    message = ("Redis readiness: GRACEFUL DEGRADATION - Exception 'bool' object is not callable in staging, allowing basic "
               "functionality for user chat value")
    story.note("Redis readiness: GRACEFUL DEGRADATION", story.run.log(
        moment("2025-09-11T05:17:37.533357Z"), "WARNING", message,
        ("netra_backend.app.websocket_core.readiness", "check_redis", 91)))
    trace = ('Traceback (most recent call last):\n'
             '  File "/home/netra/.local/lib/python3.11/site-packages/loguru/_handler.py", line 161, in emit\n'
             '    formatted = precomputed_format.format_map(formatter_record)\n'
             '                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n'
             "KeyError: '\"timestamp\"'")
    revisions = [Run(story.chance, PROJECT, "netra-auth-service", f"netra-auth-service-{name}")
                 for name in ("00184-vhc", "00183-2xs")]
    first, last = moment("2025-09-11T03:20:33.104000Z"), moment("2025-09-11T03:20:44.871000Z")
    for index, at in enumerate([first] + story.chance.spread(20, first + 1, last) + [last]):
        run = revisions[index % 2]
        story.note("KeyError", run.text(at, trace, "ERROR", group="CO6xtZfxmMf4zAE"),
                   exception={"type": "KeyError", "language": "python"}, error_group="CO6xtZfxmMf4zAE")
    story.noise(60, "2025-09-11T05:17:00.000000Z", "2025-09-11T05:19:30.000000Z")
    return story


def message_routing():
    """Fifty entries, as `--limit=50` gives them: a handler that is a function, and warnings around it."""
    story = Story(4, "netra-backend-staging-00571-pzq",
                  labels={"migration-run": "1757350810", "vpc-connectivity": "enabled"},
                  instance="0069c7a988a77d5ec18934071af1c78ac75f9d52e981fb44c6c1da5d9dfda90971a952decc5fc969afb4f6700d1673"
                           "46a48df9e8ef0710c8ef67df0159e126b7e436bff9d8aa6ec84297ce94770a")
    at = moment("2025-09-12T23:26:12.118340Z")
    for _ in range(9):
        message = "Error routing message from demo-user-001: 'function' object has no attribute 'can_handle'"
        story.note("Error routing message from", story.run.log(at, "ERROR", message, (HANDLERS, "route_message", 1271)))
        at += SECOND + story.chance.below(900 * MILLI)
    for at in story.chance.spread(10, moment("2025-09-12T22:40:00.000000Z"), moment("2025-09-12T23:26:00.000000Z")) + [
            moment("2025-09-12T23:26:23.403238Z")]:
        message = ("[🔑] OPTIONAL AUTH=REDACTED Optional authentication failed: No module named 'dev_launcher' (type: "
                   "ModuleNotFoundError)")
        story.note("Optional authentication failed", story.run.log(at, "WARNING", message, WRAPPER, logger=""), wrapper=True)
    for at in story.chance.spread(15, moment("2025-09-12T22:30:00.000000Z"), moment("2025-09-12T23:26:00.000000Z")) + [
            moment("2025-09-12T23:26:23.130037Z")]:
        story.session(at)
    message = ("🚨 ALERT: LOW BUFFER UTILIZATION: 24.5% - Consider reducing AUTH_HEALTH_CHECK_TIMEOUT from 0.3s to ~0.5s for "
               "better performance")
    story.note("LOW BUFFER UTILIZATION", story.run.log(
        moment("2025-09-12T23:26:23.382934Z"), "WARNING", message, WRAPPER, logger=""), wrapper=True)
    for at in story.chance.spread(6, moment("2025-09-12T23:00:00.000000Z"), moment("2025-09-12T23:25:00.000000Z")) + [
            moment("2025-09-12T23:25:25.043497Z")]:
        millis, number = at // 1000, story.chance.between(300, 400)
        ran = f"demo_run_{millis}_{number}_{story.chance.hex(8)}"
        thread = f"demo_thread_{millis}_{number - 1}_{story.chance.hex(8)}"
        message = (f"Thread ID mismatch: run_id '{ran}' extracted to '{ran}' but thread_id is '{thread}'. This may indicate "
                   "inconsistent ID generation.")
        story.note("Thread ID mismatch", story.run.log(at, "WARNING", message, (CONTEXT, "_validate_id_consistency", 301)))
    story.noise(6, "2025-09-12T22:35:00.000000Z", "2025-09-12T23:25:00.000000Z")
    return story


def legacy_messages():
    """A new error in a service that is otherwise well."""
    story = Story(5, "netra-backend-staging-00590-4m8")
    valid = ", ".join(f"'{name}'" for name in [
        "connect", "disconnect", "heartbeat", "ping", "pong", "user_message", "agent_started", "agent_thinking",
        "tool_executing", "tool_completed", "agent_completed", "agent_error", "start_agent", "stop_agent", "system_message",
        "error_message", "thread_update", "broadcast", "chat", "typing_started", "typing_stopped"])
    for at in story.chance.spread(21, moment("2025-09-13T22:10:00.000000Z"), moment("2025-09-14T02:52:00.000000Z")) + [
            moment("2025-09-14T02:53:03.978591Z")]:
        message = ("[LEGACY MODE] Message loop error: Invalid message type 'legacy_response': Unknown message type: "
                   f"'legacy_response'. Valid types: [{valid}]")
        story.note("Unknown message type", story.run.log(at, "ERROR", message, (SSOT, "_legacy_message_loop", 1619)))
    for at in story.chance.spread(9, moment("2025-09-13T04:00:00.000000Z"), moment("2025-09-13T09:00:00.000000Z")):
        message = ("SSOT validation issues (non-blocking): ['Multiple manager instances for user demo-user-001 - potential "
                   "duplication']")
        story.note("SSOT validation issues", story.run.log(
            at, "WARNING", message, (VALIDATOR, "validate_manager_creation", 137)))
    story.session(moment("2025-09-14T01:31:35.286716Z"))
    story.noise(124, "2025-09-13T02:54:00.000000Z", "2025-09-14T02:54:00.000000Z")
    return story


def main():
    root = os.path.join(os.path.dirname(__file__), "..", "..", "tests", "fixtures", "seeds")
    stories = {
        "websocket-state": (websocket_state(), "json.gz", lambda entries: gz(gcloud(entries))),
        "service-authentication": (service_authentication(), "ndjson.gz", lambda entries: gz(ndjson(entries))),
        "import-errors": (import_errors(), "tar.gz", lambda entries: tarred({"logs/all.json": gcloud(entries)})),
        "message-routing": (message_routing(), "json", gcloud),
        "legacy-messages": (legacy_messages(), "zip", lambda entries: zipped({"legacy.json": ndjson(by_time(entries))})),
    }
    for name, (story, ending, form) in stories.items():
        write(root, f"{name}.{ending}", form(story.entries))
        facts = json.dumps(story.ledger.facts(story.entries), indent=1, ensure_ascii=False)
        write(root, f"{name}.expected.json", facts.encode() + b"\n")


if __name__ == "__main__":
    main()
