"""The rule language beside independent implementations of CEL: random expressions, each evaluated by a peer, then by ours.

    run_cel.py PATUHCTL WORK FOUND [--seconds N] [--seed N]

WORK holds what the peers need (./run fuzz cel puts it there); FOUND gets each expression on which we differ. A peer that is
not there is skipped, with the reason. allowed.txt lists the differences that the specification leaves open or in which the
peer is known to be wrong, each with its reason.
"""

import argparse
import datetime
import json
import pathlib
import re
import subprocess
import sys
import time
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent / "peers"
sys.path.insert(0, str(HERE))
import generate  # noqa: E402  (found through the line above)

BATCH = 500
PATIENCE = 120  # seconds for a batch
SHOWN = 10  # differences of a batch and peer


class Allowed:
    """Lines of: peer or *, tab, a pattern of the expression, tab, a pattern of what differed, tab, the reason."""

    def __init__(self, file):
        self.rows, self.used = [], Counter()
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                peer, text, why, reason = line.split("\t")
                self.rows.append((peer, re.compile(text, re.S), re.compile(why, re.S), reason))

    def row(self, peer, text, why):
        for row in self.rows:
            who, text_pattern, why_pattern, reason = row
            if who in ("*", peer) and text_pattern.search(text) and why_pattern.search(why):
                self.used[reason] += 1
                return row
        return None


def told(text):
    """What a text of string() says of a double, a timestamp or a duration; nothing when it is none of them."""
    if re.fullmatch(r"[-+]?(\d+(\.\d+)?([eE][-+]?\d+)?|NaN|inf(inity)?)", text, re.I):
        return "double", repr(float(text))
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[-+]\d\d:\d\d)", text):
        zone = match[3].replace("Z", "+00:00")
        offset = datetime.timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[4:]))
        begin = datetime.datetime.fromisoformat(match[1]) - datetime.datetime(1, 1, 1) - offset
        return "timestamp", begin, (match[2] or ".").ljust(10, "0")
    if match := re.fullmatch(r"(-?\d+(\.\d+)?(e[-+]?\d+)?)s", text):
        return "duration", float(match[1])  # cel-go writes it through a double
    return None


def told_alike(case, why):
    """Whether string() of a whole expression says the same in other words: how it writes these three is left open."""
    match = re.fullmatch(r"\w+: expected '(.*)', got '(.*)'", why)
    if match is None or case.get("tells") is None:
        return False
    return told(match[2]) is not None and told(match[1]) == told(match[2])


def peers(work):
    """name: command, or the reason why it is not there."""
    out = {}
    program, modules = work / "cel-go", work / "node_modules/@bufbuild/cel"
    out["cel-go"] = [program, "eval"] if program.exists() else f"{program} was not built"
    out["cel-es"] = ["node", HERE / "cel-es/evaluate.mjs", work] if modules.is_dir() else f"{modules} was not fetched"
    return out


def answers(command, cases):
    """The cases as lines, with what the peer makes of each; the rest stays as it was written."""
    done = subprocess.run(list(map(str, command)), input="".join(json.dumps(case) + "\n" for case in cases), text=True,
                          stdout=subprocess.PIPE, check=True, timeout=PATIENCE)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    if len(told) != len(cases):
        raise RuntimeError(f"{command[0]} answered {len(told)} of {len(cases)} cases")
    return [json.dumps({**case, **{key: one[key] for key in ("value", "error") if key in one}})
            for case, one in zip(cases, told)]


def differences(patuhctl, lines):
    """(case, what differed) of the peer's answers beside ours."""
    by_name = {json.loads(line)["name"]: line for line in lines}
    done = subprocess.run([str(patuhctl), "expr", "--conformance", "-"], input="\n".join(lines) + "\n", text=True,
                          capture_output=True)
    counts = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", done.stdout, re.M)
    if counts is None or done.returncode not in (0, 1):
        raise RuntimeError(f"patuhctl ended with status {done.returncode}: {done.stderr[-2000:]}")
    out = []
    for match in re.finditer(r"^failed (\S+): (.*?)(?=\nfailed \S+/\d+: |\n\d+ passed, )", done.stdout, re.M | re.S):
        out.append((by_name[match[1]], match[2]))
    if len(out) != int(counts[2]):
        raise RuntimeError(f"{counts[2]} cases failed, {len(out)} were told")
    return out


def in_another_order(text, why):
    """Whether two lists made of a map have the same items: the order in which a map is gone through is left open."""
    match = re.fullmatch(r"\w+: expected \[(.*)\], got \[(.*)\]", why, re.S)
    of_map = re.search(r"(\}|\bm|\))\.(map|filter|transformList)\(", text)
    return bool(match and of_map) and sorted(match[1].split(", ")) == sorted(match[2].split(", "))


def canonical(node):
    """A value of the suite's JSON so that equal ones are equal, whoever wrote them."""
    if isinstance(node, dict):
        if "objectValue" in node:
            text = node["objectValue"]["value"]
            return told(text) or (("duration", int(text[:-2]) / 1e9) if text.endswith("ns") else text)
        if "entries" in node:
            return sorted(repr(canonical(entry)) for entry in node["entries"])
        return {key: canonical(held) for key, held in node.items()}
    return [canonical(held) for held in node] if isinstance(node, list) else node


def say_the_same(one, other):
    """Whether two peers' lines have the same answer; any two errors are alike."""
    a, b = json.loads(one), json.loads(other)
    return canonical(a.get("value")) == canonical(b.get("value"))


def is_allowed(name, line, why, others, allowed):
    """Never against two peers that agree, but for what the list has for all of them."""
    case = json.loads(line)
    if told_alike(case, why) or in_another_order(case["expr"], why):
        return True
    said = f"{why} [{case['error']}]" if "error" in case else why
    row = allowed.row(name, case["expr"], said)
    return row is not None and (row[0] == "*" or not any(say_the_same(line, other) for other in others))


def compare(there, cases, options, allowed):
    """How many differences each peer has that are not allowed."""
    found, faults = {}, Counter()
    for name, command in there.items():
        try:
            told_of = differences(options.patuhctl, answers(command, cases))
            found[name] = {json.loads(line)["name"]: (line, why) for line, why in told_of}
        except subprocess.TimeoutExpired:
            print(f"skipped: {name} gave no answers to {cases[0]['name']} and on within {PATIENCE} s", flush=True)
    for name, mine in found.items():
        others = [rows for other, rows in found.items() if other != name]
        wrong = [(line, why) for case, (line, why) in mine.items()
                 if not is_allowed(name, line, why, [rows[case][0] for rows in others if case in rows], allowed)]
        faults[name] = len(wrong)
        report(name, cases, wrong, options.found)
    return faults


def report(name, cases, wrong, folder):
    if wrong:
        file = folder / f"cel-{name}-{cases[0]['name'].partition('/')[0]}.ndjson"
        file.write_text("".join(line + "\n" for line, _ in wrong), encoding="utf-8")
    for line, why in wrong[:SHOWN]:
        case = json.loads(line)
        error = f" [{case['error']}]" if "error" in case else ""
        print(f"{name} {case['name']}: {case['expr']}\n    {why}{error}", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patuhctl", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("found", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    return parser.parse_args()


def main():
    options = arguments()
    allowed, there, faults, done = Allowed(HERE / "allowed.txt"), {}, Counter(), 0
    for name, command in peers(options.work).items():
        if isinstance(command, str):
            print(f"skipped: {name}: {command}", flush=True)
        else:
            there[name] = command
    end, seed = time.monotonic() + options.seconds, options.seed
    while there and time.monotonic() < end:
        cases = list(generate.cases(seed, BATCH))
        faults += compare(there, cases, options, allowed)
        done, seed = done + len(cases), seed + 1
    for reason, count in allowed.used.most_common():
        print(f"allowed {count} times: {reason}")
    print(f"{done} expressions from seed {options.seed} on, "
          + ", ".join(f"{faults[name]} differences from {name}" for name in there))
    return 1 if sum(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
