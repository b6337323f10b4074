"""What violates in the sample regency under the shipped rules equals what SQL finds in the events themselves
(spbe_sql.py): the same pairs of rule and element, for three seeds."""

import collections
import datetime
import json
import sys

import spbe_sql
import support
from support import ROOT, servers

PACK = ROOT / "rules" / "spbe"
SEEDS = (5, 17, 91)
UNTIL = datetime.date(2026, 10, 20)


def violations_of(test, seed, events):
    """By rule, as Patuh has them at the log's end; also how many pairs it judged of each."""
    place = ["--data-dir", test.folder / f"data-{seed}", "--set", f"rules.pack={PACK}", "--set",
             f"rules.site={test.folder / 'none'}"]
    servers.ctl(*place, "import", events, "--clock", "event")
    violating, judged = collections.defaultdict(set), collections.Counter()
    for line in servers.ctl(*place, "state").splitlines():
        one = json.loads(line)
        if "rule" not in one:
            continue
        judged[one["rule"]] += 1
        if one["state"] == "violating":
            violating[one["rule"]].add(one["element"])
    return violating, judged


def compare(test, seed, met):
    folder = test.folder / f"history-{seed}"
    servers.ctl("sample", "--seed", seed, "--agencies", 30, "--elements", 1800, "--months", 4, "--until", UNTIL, "--out",
                folder)
    events = folder / "events.ndjson"
    violating, judged = violations_of(test, seed, events)
    tables = spbe_sql.Tables(events.read_text(encoding="utf-8").splitlines(), PACK)
    pairs = 0
    for rule in spbe_sql.RULES:
        wanted, got = tables.violating(rule), violating[rule]
        pairs += len(wanted)
        met["violating"].update([rule] if wanted else [])
        met["compliant"].update([rule] if judged[rule] > len(got) else [])
        if wanted != got:
            test.check(f"seed {seed}: {rule}", False, f"only SQL: {sorted(wanted - got)[:3]}, only Patuh: "
                       f"{sorted(got - wanted)[:3]} ({len(wanted)} and {len(got)})")
    test.check(f"seed {seed}: the pairs were compared", pairs > 800, f"{pairs} pairs of {len(spbe_sql.RULES)} rules")


def body(test):
    test.check("enough rules are written again", len(spbe_sql.RULES) >= 80, len(spbe_sql.RULES))
    met = {"violating": set(), "compliant": set()}
    for seed in SEEDS:
        compare(test, seed, met)
    for side, rules in met.items():
        test.check(f"most rules were seen with something {side}", len(rules) >= len(spbe_sql.RULES) * 3 // 4,
                   f"never: {sorted(set(spbe_sql.RULES) - rules)}")


if __name__ == "__main__":
    sys.exit(support.Test("e2e_oracle").run(body))
