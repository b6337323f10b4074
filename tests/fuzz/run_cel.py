"""The rule language beside independent implementations of CEL: random expressions, each evaluated by a peer, then by ours.

    run_cel.py PATUHCTL WORK FOUND [--seconds N] [--seed N]

WORK holds what the peers need (./run fuzz cel puts it there); FOUND gets each expression on which we differ. A peer that is
not there is skipped, with the reason. allowed.txt lists the differences that the specification leaves open or in which the
peer is known to be wrong, each with its reason.
"""

import argparse
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

    def reason(self, peer, text, why):
        for who, text_pattern, why_pattern, reason in self.rows:
            if who in ("*", peer) and text_pattern.search(text) and why_pattern.search(why):
                self.used[reason] += 1
                return reason
        return None


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


def compare(name, command, cases, options, allowed):
    faults = []
    for line, why in differences(options.patuhctl, answers(command, cases)):
        case = json.loads(line)
        told = f"{why} [{case['error']}]" if "error" in case else why
        if allowed.reason(name, case["expr"], told) is None:
            faults.append((line, told))
    if faults:
        file = options.found / f"cel-{name}-{cases[0]['name'].partition('/')[0]}.ndjson"
        file.write_text("".join(line + "\n" for line, _ in faults), encoding="utf-8")
    for line, told in faults[:SHOWN]:
        case = json.loads(line)
        print(f"{name} {case['name']}: {case['expr']}\n    {told}", flush=True)
    return len(faults)


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
        for name, command in there.items():
            try:
                faults[name] += compare(name, command, cases, options, allowed)
            except subprocess.TimeoutExpired:
                print(f"skipped: {name} gave no answers to seed {seed} within {PATIENCE} s", flush=True)
        done, seed = done + len(cases), seed + 1
    for reason, count in allowed.used.most_common():
        print(f"allowed {count} times: {reason}")
    print(f"{done} expressions from seed {options.seed} on, "
          + ", ".join(f"{faults[name]} differences from {name}" for name in there))
    return 1 if sum(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
