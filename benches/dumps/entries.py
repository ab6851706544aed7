"""Moments and texts in, LogEntries as Google Cloud writes them out; and the files people have them in.

Nothing here reads a clock or the machine: the same call gives the same bytes (compressed files as far as zlib agrees).
"""

import gzip
import io
import json
import os
import tarfile
import zipfile

MICRO = 1
MILLI = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Chance:
    """A fixed generator (splitmix64), so that dumps do not depend on a version of Python."""

    def __init__(self, seed):
        self.state = seed & 0xFFFF_FFFF_FFFF_FFFF

    def bits(self):
        self.state = (self.state + 0x9E37_79B9_7F4A_7C15) & 0xFFFF_FFFF_FFFF_FFFF
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & 0xFFFF_FFFF_FFFF_FFFF
        z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & 0xFFFF_FFFF_FFFF_FFFF
        return z ^ (z >> 31)

    def below(self, limit):
        return self.bits() % limit

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def hex(self, digits):
        text = ""
        while len(text) < digits:
            text += f"{self.bits():016x}"
        return text[:digits]

    def uuid(self):
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"

    def spread(self, count, start, end):
        """`count` moments between start and end, unevenly, in order."""
        return sorted(start + self.below(max(1, end - start)) for _ in range(count))


def moment(text):
    """`2025-09-14T03:01:24.144344Z` in microseconds since 1970."""
    date, _, clock = text.rstrip("Z").partition("T")
    year, month, day = (int(part) for part in date.split("-"))
    clock, _, fraction = clock.partition(".")
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    shifted = year - (month <= 2)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    days = era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
    micros = int((fraction + "000000")[:6])
    return ((days * 24 + hours) * 60 + minutes) * MINUTE + seconds * SECOND + micros


def stamp(micros, zone="Z", digits=6):
    """Microseconds since 1970 as Google writes them."""
    days, rest = divmod(micros, DAY)
    days += 719_468
    era, day_of_era = divmod(days, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_part = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_part + 2) // 5 + 1
    month = month_part + 3 if month_part < 10 else month_part - 9
    year = year_of_era + era * 400 + (month <= 2)
    hours, rest = divmod(rest, HOUR)
    minutes, rest = divmod(rest, MINUTE)
    seconds, fraction = divmod(rest, SECOND)
    text = f"{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}"
    if digits:
        text += f".{fraction:06}" + "0" * (digits - 6)
    return text + zone


class Run:
    """A Cloud Run service that writes entries."""

    def __init__(self, chance, project, service, revision, region="us-central1", labels=None, instances=1):
        self.chance = chance
        self.project, self.service, self.revision, self.region = project, service, revision, region
        self.labels = labels or {}
        self.instances = ["0069c7a988" + chance.hex(150) for _ in range(instances)]

    def on(self, revision, instances=1):
        """The same service after a deployment."""
        return Run(self.chance, self.project, self.service, revision, self.region, self.labels, instances)

    def entry(self, at, log, severity, instance=0, **fields):
        chance = self.chance
        record = {
            "insertId": f"{at // SECOND & 0xFFFF_FFFF:08x}{at % SECOND:08x}{chance.hex(8)}",
            "labels": {"instanceId": self.instances[instance % len(self.instances)], **self.labels},
            "logName": f"projects/{self.project}/logs/run.googleapis.com%2F{log}",
            "receiveTimestamp": stamp(at + 40 * MILLI + chance.below(400 * MILLI), digits=9),
            "resource": {
                "labels": {
                    "configuration_name": self.service,
                    "location": self.region,
                    "project_id": self.project,
                    "revision_name": self.revision,
                    "service_name": self.service,
                },
                "type": "cloud_run_revision",
            },
            "timestamp": stamp(at),
        }
        if severity:
            record["severity"] = severity
        record.update(fields)
        return record

    def log(self, at, severity, message, place, instance=0, logger=None, trace=None, **more):
        """A structured entry; `place` is module, function, line."""
        module, function, line = place
        payload = {
            "labels": {"function": function, "line": str(line), "module": module},
            "message": message,
            "timestamp": stamp(at - 1 - self.chance.below(40), zone="+00:00"),
            **more,
        }
        if logger != "":
            payload["context"] = {"name": logger or module, "service": self.service.split("-")[0] + "-service"}
        extra = {"trace": f"projects/{self.project}/traces/{trace}", "traceSampled": True} if trace else {}
        return self.entry(at, "stderr", severity, instance, jsonPayload=payload, **extra)

    def text(self, at, text, severity=None, instance=0, log="stderr", group=None):
        extra = {"errorGroups": [{"id": group}]} if group else {}
        return self.entry(at, log, severity, instance, textPayload=text, **extra)

    def request(self, at, method, url, status, latency_ms, agent, instance=0, trace=None, text=None):
        severity = "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO"
        http = {
            "latency": f"{latency_ms / 1000:.9f}s",
            "protocol": "HTTP/1.1",
            "remoteIp": f"203.0.113.{self.chance.between(1, 250)}",
            "requestMethod": method,
            "requestSize": str(self.chance.between(300, 2600)),
            "requestUrl": url,
            "responseSize": str(self.chance.between(180, 9000)),
            "serverIp": "198.51.100.7",
            "status": status,
            "userAgent": agent,
        }
        extra = {"httpRequest": http}
        if trace:
            extra["trace"] = f"projects/{self.project}/traces/{trace}"
            extra["spanId"] = self.chance.hex(16)
        if text:
            extra["textPayload"] = text
        return self.entry(at, "requests", severity, instance, **extra)

    def system(self, at, text, severity="INFO", instance=0):
        return self.entry(at, "varlog%2Fsystem", severity, instance, textPayload=text)


def by_time(entries):
    return sorted(entries, key=lambda entry: (moment(entry["timestamp"]), entry["insertId"]))


# The forms people have dumps in.

def gcloud(entries):
    """`gcloud logging read --format=json`: newest first, keys sorted."""
    return json.dumps(by_time(entries)[::-1], indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def ndjson(entries):
    """A sink's shard: one entry a line."""
    lines = (json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in entries)
    return "".join(line + "\n" for line in lines).encode()


def explorer(entries):
    """A download of the Logs Explorer: oldest first, payload in front."""
    order = ["textPayload", "jsonPayload", "protoPayload", "insertId", "httpRequest", "resource", "timestamp", "severity",
             "labels", "logName", "operation", "trace", "receiveTimestamp", "spanId", "traceSampled", "errorGroups"]
    rank = {name: index for index, name in enumerate(order)}
    ordered = [dict(sorted(entry.items(), key=lambda item: rank.get(item[0], 99))) for entry in by_time(entries)]
    return json.dumps(ordered, indent=2, ensure_ascii=False).encode()


def gz(data):
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            member = zipfile.ZipInfo(name, (2025, 9, 14, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return buffer.getvalue()


def tarred(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(data), 0, 0o644
            archive.addfile(member, io.BytesIO(data))
    return gz(buffer.getvalue())


def write(root, path, data):
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full) or ".", exist_ok=True)
    with open(full, "wb") as file:
        file.write(data)
    return len(data)


class Ledger:
    """Counts, while a story is written, what a worklog must find in it."""

    def __init__(self):
        self.clusters = {}

    def note(self, key, entry, **facts):
        """Counts `entry` for the cluster `key`; facts are stated once."""
        cluster = self.clusters.setdefault(key, {"key": key, "count": 0, "severities": {}, "revisions": {}, "lines": []})
        cluster["count"] += 1
        at = entry["timestamp"]
        for name, better in (("first_seen", min), ("last_seen", max)):
            moments = [moment(at)] + ([moment(cluster[name])] if name in cluster else [])
            cluster[name] = stamp(better(moments))
        severity = entry.get("severity", "DEFAULT")
        cluster["severities"][severity] = cluster["severities"].get(severity, 0) + 1
        revision = entry["resource"]["labels"].get("revision_name", "")
        cluster["revisions"][revision] = cluster["revisions"].get(revision, 0) + 1
        place = entry.get("jsonPayload", {}).get("labels", {})
        if place:
            cluster["module"], cluster["function"] = place["module"], place["function"]
            line = int(place["line"])
            if line not in cluster["lines"]:
                cluster["lines"] = sorted(cluster["lines"] + [line])
        cluster.update(facts)
        return entry

    def facts(self, entries):
        return {
            "entries": len(entries),
            "clusters": [self.clusters[key] for key in sorted(self.clusters)],
        }
