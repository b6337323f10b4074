"""What `./run fuzz cel` found and people judged: peers/cases.ndjson, an expression with its data and our value a line, beside
what the peer said. We must still say the same, and peers/allowed.txt must have one line for each, and none without a case.

    test_cel_cases.py PATUHCTL
"""

import json
import pathlib
import subprocess
import sys
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import run_cel  # noqa: E402  (found through the line above)

CASES = HERE / "peers/cases.ndjson"


def faults(patuhctl):
    allowed = run_cel.Allowed(HERE / "peers/allowed.txt")
    cases, shown = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()], Counter()
    for case in cases:
        rows = allowed.of(case["peer"], case, case["said"])
        shown.update(row[3] for row in rows)
        if len(rows) != 1:
            yield f"{case['name']}: {len(rows)} lines of allowed.txt tell of it"
    yield from (f"no case shows: {row[3]}" for row in allowed.rows if not shown[row[3]])
    twice = [name for name, count in Counter(case["name"] for case in cases).items() if count > 1]
    yield from (f"two cases are called {name}" for name in twice)
    done = subprocess.run([patuhctl, "expr", "--conformance", CASES], capture_output=True, text=True)
    if done.returncode != 0 or f"{len(cases)} passed, 0 failed, 0 skipped" not in done.stdout:
        yield f"status {done.returncode}\n{done.stdout}{done.stderr}"


def main():
    found = list(faults(sys.argv[1]))
    for fault in found:
        print(fault)
    print(f"{len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
