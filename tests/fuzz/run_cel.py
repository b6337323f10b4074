"""The rule language beside independent implementations of CEL: random expressions, each evaluated by a peer, then by ours.

    run_cel.py PATUHCTL WORK FOUND [--seconds N] [--seed N] [--peer NAME]

WORK holds what the peers need (./run fuzz cel puts it there); FOUND gets each expression on which we differ. A peer that is
not there is skipped, with the reason. Of an expression on which we differ the shortest part is sought on which we still do:
in it the operands are alike, so the outermost operation is what differs. allowed.txt says of such parts which differences
the specification leaves open, and in which the peer is known to be wrong.
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
PATIENCE = 300  # seconds for a batch, also on a busy machine
SHOWN = 10  # differences of a batch and peer


class Allowed:
    """Lines of: peer or *, tab, a pattern of the whole part, tab, a pattern of what differed or @ and a relation, tab, what the
    specification has about it, tab, the reason."""

    def __init__(self, file):
        self.rows, self.used = [], Counter()
        for line in file.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                peer, text, why, place, reason = line.split("\t")
                self.rows.append((peer, re.compile(text, re.S), why, f"{peer}: {reason} ({place})"))

    def of(self, peer, case, said):
        """The lines that tell of it."""
        seen = with_values(case)
        return [row for row in self.rows if row[0] in ("*", peer) and row[1].fullmatch(seen) and differs_as(row[2], said)]


def with_values(case):
    """The expression with the texts and numbers that its variables are."""
    def literal(match):
        kind, value = next(iter(case["bindings"][match[0]]["value"].items()))
        return generate.quoted(value) if kind == "stringValue" else f"{value}u" if kind == "uint64Value" else str(value)

    plain = "|".join(name for name in "stijud" if name in case["bindings"])
    return re.sub(rf"(?<![\w.'\"\\])({plain})(?![\w('\"])", literal, case["expr"]) if plain else case["expr"]


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
        return "duration", round(float(match[1]), 9)  # cel-go writes it through a double
    return None


def values_of(said):
    """What the peer and we gave, as told() reads it."""
    match = re.match(r"\w+: expected (\S+), got (\S+)", said)
    return [told(re.sub(r"^\w+\('(.*)'\)$", r"\1", text)) for text in match.groups()] if match else [None, None]


def is_thousandth(said):
    """A time that lies a thousandth of ours from 1970."""
    def from_1970(value):
        begin = value[1] - (datetime.datetime(1970, 1, 1) - datetime.datetime(1, 1, 1))
        return begin // datetime.timedelta(microseconds=1) + int(value[2][1:7])

    theirs, ours = values_of(said)
    return bool(theirs and ours) and theirs[0] == ours[0] == "timestamp" and from_1970(ours) == 1000 * from_1970(theirs)


def is_one_more(said):
    theirs, ours = values_of(said)
    return bool(theirs and ours) and theirs[0] == ours[0] == "double" and float(theirs[1]) == float(ours[1]) + 1


RELATIONS = {"@thousandth": is_thousandth, "@one more": is_one_more}


def differs_as(pattern, said):
    return RELATIONS[pattern](said) if pattern.startswith("@") else re.search(pattern, said, re.S) is not None


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
    return canonical(json.loads(one).get("value")) == canonical(json.loads(other).get("value"))


def bare(line, **changes):
    """A case without its answer."""
    case = json.loads(line)
    return {key: case[key] for key in ("name", "expr", "bindings")} | changes


def shortest(command, patuhctl, found, parts):
    """Of each (case, what differs) the shortest part on which the peer and we still differ; the whole where no part does."""
    cases, of = [], {}
    for at, (line, _) in enumerate(found):
        name = json.loads(line)["name"]
        for number, part in enumerate(parts[name]):
            cases.append(bare(line, name=f"{name.replace('/', '.')}/{number}", expr=part))
            of[cases[-1]["name"]] = at
    differing = differences(patuhctl, answers(command, cases)) if cases else []
    out, seen = list(found), set()
    for line, why in sorted(differing, key=lambda pair: len(json.loads(pair[0])["expr"])):
        at = of[json.loads(line)["name"]]
        if at not in seen and not is_open(line, why):
            out[at] = (line, why)
            seen.add(at)
    return out


def is_open(line, why):
    """Whether it differs only in what the specification leaves open."""
    case = json.loads(line)
    return told_alike(case, why) or in_another_order(case["expr"], why)


def is_allowed(name, line, why, others, allowed):
    """What the list has for one peer holds only where no other says the same against us."""
    case = json.loads(line)
    said = f"{why} [{case['error']}]" if "error" in case else why
    alone = not any(say_the_same(line, other) for other in others)
    rows = [row for row in allowed.of(name, case, said) if row[0] == "*" or alone]
    allowed.used.update(row[3] for row in rows[:1])
    return bool(rows)


class Round:
    """Some cases, as each peer and we see them."""

    def __init__(self, options, allowed, cases):
        self.options, self.allowed = options, allowed
        self.cases, self.parts = [case for case, _ in cases], {case["name"]: parts for case, parts in cases}

    def compare(self, there):
        """How many differences each peer has that are not allowed."""
        faults = {}
        for name, command in there.items():
            try:
                told_of = differences(self.options.patuhctl, answers(command, self.cases))
                found = [(line, why) for line, why in told_of if not is_open(line, why)]
                wrong = self.not_allowed(there, name, found) if found else []
            except subprocess.TimeoutExpired:
                print(f"skipped: no answers to {self.cases[0]['name']} and on beside {name} within {PATIENCE} s", flush=True)
                continue
            faults[name] = len(wrong)
            report(name, self.cases, wrong, self.options.found)
        return faults

    def not_allowed(self, there, name, found):
        """The parts that differ, with what differs, but for what is allowed."""
        cores = shortest(there[name], self.options.patuhctl, found, self.parts)
        cases = [bare(line) for line, _ in cores]
        others = [answers(command, cases) for other, command in there.items() if other != name]
        return [(line, why) for at, (line, why) in enumerate(cores)
                if not is_allowed(name, line, why, [lines[at] for lines in others], self.allowed)]


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
    parser.add_argument("--peer", help="this one alone")
    return parser.parse_args()


def main():
    options = arguments()
    allowed, there, faults, done = Allowed(HERE / "allowed.txt"), {}, Counter(), Counter()
    for name, command in peers(options.work).items():
        if options.peer not in (None, name):
            continue
        if isinstance(command, str):
            print(f"skipped: {name}: {command}", flush=True)
        else:
            there[name] = command
    end, seed = time.monotonic() + options.seconds, options.seed
    while there and time.monotonic() < end:
        cases = list(generate.cases(seed, BATCH))
        counted = Round(options, allowed, cases).compare(there)
        faults += counted
        done += {name: len(cases) for name in counted}
        seed += 1
    for reason, count in allowed.used.most_common():
        print(f"allowed {count} times: {reason}")
    print(f"from seed {options.seed} on, " + ", ".join(f"{done[name]} expressions beside {name}, {faults[name]} differences"
                                                       for name in there))
    return 1 if sum(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
