#!/usr/bin/env python3
"""Writes the project's labelled messages: NAME.json (arrays of log entries) beside NAME.labels.csv.

Each line of a block is one way to word a message; lines of one block (up to a blank line) are what a person would call
one group. {n} and the like are replaced by values that differ from entry to entry, always the same ones.
"""
import csv
import json
import random
import re
from pathlib import Path

HERE = Path(__file__).parent
WORDS = "amber basil cedar delta ember fjord grove heron indigo jasper koala lotus maple nectar opal pearl quartz raven sable tulip".split()


def value(kind, rng):
    digits = lambda count: "".join(rng.choice("0123456789") for _ in range(count))
    hexes = lambda count: "".join(rng.choice("0123456789abcdef") for _ in range(count))
    ident = lambda count: "".join(rng.choice("bcdfghjklmnpqrstvwxz2456789") for _ in range(count - 1)) + rng.choice("2456789")
    word = lambda: rng.choice(WORDS)
    number = lambda: str(rng.choice([rng.randrange(10), rng.randrange(100), rng.randrange(100_000)]))
    plain = {
        "n": number,
        "neg": lambda: rng.choice(["", "-"]) + number(),
        "f": lambda: f"{rng.random() * 100:.{rng.randrange(1, 4)}f}",
        "h4": lambda: hexes(4), "h8": lambda: hexes(7) + rng.choice("0123456789"), "h16": lambda: hexes(15) + "7",
        "h40": lambda: hexes(40), "0x": lambda: "0x" + hexes(rng.choice([2, 8])),
        "uuid": lambda: "-".join(hexes(count) for count in (8, 4, 4, 4, 12)),
        "ip": lambda: ".".join(str(rng.randrange(1, 255)) for _ in range(4)),
        "ip6": lambda: f"fd00:{hexes(4)}::{hexes(3)}1",
        "mac": lambda: ":".join(hexes(2) for _ in range(6)),
        "ts": lambda: f"2025-0{rng.randrange(1, 10)}-1{digits(1)}T0{digits(1)}:1{digits(1)}:2{digits(1)}.{digits(3)}Z",
        "date": lambda: f"2025-0{rng.randrange(1, 10)}-1{digits(1)}",
        "clock": lambda: f"1{digits(1)}:2{digits(1)}:3{digits(1)}",
        "dur": lambda: rng.choice([f"{rng.randrange(900)}ms", f"{rng.random() * 9:.2f}s", f"{rng.randrange(1, 9)}m{rng.randrange(60)}s"]),
        "size": lambda: rng.choice([f"{rng.randrange(900)} KB", f"{rng.random() * 9:.1f} MB", f"{rng.randrange(1, 9)} GB"]),
        "word": word, "user": lambda: rng.choice([word(), word() + digits(2), word() + "." + word()]),
        "Name": lambda: word().title(), "host": lambda: f"{word()}-{digits(1)}.{word()}.example.com",
        "email": lambda: f"{word()}@{word()}.example", "id": lambda: word() + "_" + ident(6),
        "path": lambda: "/" + "/".join(rng.choice([word(), word() + digits(2)]) for _ in range(rng.randrange(2, 5))) + rng.choice(["", ".log", ".yaml"]),
        "url": lambda: f"https://{word()}.example.org/{word()}/{digits(3)}?page={digits(1)}",
        "pod": lambda: f"{word()}-{word()}-{ident(9)}-{ident(5)}", "node": lambda: f"gke-{word()}-pool-{ident(8)}-{ident(4)}",
        "class": lambda: f"com.{word()}.{word()}.{word().title()}{word().title()}", "bool": lambda: rng.choice(["true", "false"]),
        "list": lambda: ", ".join(word() for _ in range(rng.randrange(1, 7))), "nums": lambda: " ".join(number() for _ in range(rng.randrange(2, 7))),
        "ids": lambda: ",".join(ident(6) for _ in range(rng.randrange(1, 5))), "token": lambda: "@TOKEN@",
        "text": lambda: " ".join(word() for _ in range(rng.randrange(1, 4))),
    }
    return plain[kind]()


def fill(template, rng):
    def one(match):
        kind = match.group(1)
        return rng.choice(kind.split("|")) if "|" in kind else value(kind, rng)
    return re.sub(r"\{([A-Za-z0-9|_.*-]+)\}", one, template)


def write(name, blocks, each):
    rng = random.Random(name)
    entries, labels = [], []
    for number, block in enumerate(blocks, 1):
        for turn in range(max(each, len(block))):
            message = fill(block[turn % len(block)], rng)
            entries.append((message, f"{name} {number}"))
    rng.shuffle(entries)
    log = []
    for number, (message, group) in enumerate(entries, 1):
        insert_id = f"{name}{number:04}"
        labels.append((insert_id, group))
        log.append({
            "insertId": insert_id, "jsonPayload": {"message": message}, "logName": f"projects/demo/logs/{name}",
            "resource": {"labels": {"project_id": "demo", "service_name": name}, "type": "cloud_run_revision"},
            "severity": "ERROR", "timestamp": f"2025-03-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        })
    (HERE / f"{name}.json").write_text(json.dumps(log, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    with open(HERE / f"{name}.labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["insertId", "EventId"])
        rows.writerows(labels)


for source in sorted(HERE.glob("*.txt")):
    text = source.read_text(encoding="utf-8").replace("\\e", "\x1b")
    lines = [line for line in text.split("\n") if not line.startswith("# ")]
    blocks = [block.split("\n") for block in re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))]
    write(source.stem, blocks, 5)
