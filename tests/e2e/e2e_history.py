"""The past from a shell: a log exported and imported again says the same; what a command answers as of an instant is what
a store that ended there answers; a report's manifest proves the log, and another head does not."""

import csv
import datetime
import io
import json
import subprocess
import sys

import support
from support import ROOT, servers

PACK = ["--set", f"rules.pack={ROOT / 'rules' / 'spbe'}"]
UNTIL = datetime.date(2026, 10, 20)


def status_of(place, *arguments):
    done = subprocess.run([servers.BIN / "patuhctl", *map(str, place), *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stderr


def make(test, name, lines):
    """A store of these events."""
    events = test.folder / f"{name}.ndjson"
    events.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    place = ["--data-dir", test.folder / name, *PACK, "--set", f"rules.site={test.folder / 'none'}"]
    servers.ctl(*place, "import", events, "--clock", "event")
    return place


def table(place, command, *arguments):
    return list(csv.DictReader(io.StringIO(servers.ctl(*place, command, *arguments, "--format", "csv"))))


def pairs(place, *arguments):
    """Open pairs without what lists of the past do not know: the names of elements."""
    return sorted((row["rule"], row["element"], row["agency"], row["state"], row["since"], row["occurrence"])
                  for row in table(place, "violations", "--limit", 1000, *arguments))


def counts(place, *arguments):
    """What agencies owed. Under event clock their names, and whether they report, are those ahead of the batch."""
    return [{name: value for name, value in row.items() if name not in ("name", "reporting")}
            for row in table(place, "agencies", *arguments)]


def exported_and_imported_again(test, place):
    again = make(test, "again", servers.ctl(*place, "log", "export").splitlines())
    test.check("an exported log imported again gives the same state", servers.ctl(*again, "state") == servers.ctl(*place, "state"))


def summary(place, *arguments):
    """The whole. Under event clock the number of events, agencies' names and whether they report are those ahead of the
    batch, and `now` is when a tally last changed."""
    told = json.loads(servers.ctl(*place, "summary", *arguments, "--format", "json"))
    owed = {one["agency"]: {name: value for name, value in one.items() if name not in ("name", "reporting")}
            for one in told.pop("owe_most")}
    return {**{name: value for name, value in told.items() if name not in ("now", "wall", "events", "year_end")}, **owed}


def rules(place, *arguments):
    return {row["rule"]: row for row in table(place, "rules", "current", *arguments)}


def element(place, key, *arguments):
    """An element and how its open pairs stand, but for what others say of it, which the past does not know."""
    told = json.loads(servers.ctl(*place, "element", key, *arguments, "--format", "json"))
    verdicts = {one["rule"]: (one["state"], one["since"]) for one in told.pop("verdicts") if one["state"] in OPEN}
    told.pop("referrers", None)
    return told, verdicts


def explained(place, rule, key, *arguments):
    done = subprocess.run([servers.BIN / "patuhctl", *map(str, place), "explain", rule, key, *arguments],
                          capture_output=True, text=True)
    return done.returncode, done.stdout


def verdict(place, rule, key, *arguments):
    told = json.loads(servers.ctl(*place, "verdict", rule, key, *arguments, "--format", "json"))
    return told["verdict"], told["cause"], told["facts"]


OPEN = ("violating", "undetermined", "waived")


def readings(test, then, place, at):
    """The other commands that read, of the whole store as of the instant and of the one that ended there."""
    for what, ask in (("the summary", summary), ("the rules", rules)):
        wanted, got = ask(then), ask(place, "--at", at)
        test.check(f"as of {at}: so is {what}", wanted and wanted == got,
                   [(name, wanted.get(name), got.get(name)) for name in wanted | got if wanted.get(name) != got.get(name)])
    # What others only refer to is known of by replaying alone.
    some = [pair for pair in pairs(then)[::40] if status_of(then, "element", pair[1])[0] == 0]
    # An explanation replays the log.
    for what, asked, ask in (("elements", some, lambda place, _, key, *more: element(place, key, *more)),
                             ("verdicts", some, verdict), ("explanations", some[::10], explained)):
        wanted = [ask(then, rule, key) for rule, key, *_ in asked]
        got = [ask(place, rule, key, "--at", at) for rule, key, *_ in asked]
        test.check(f"as of {at}: so are {len(asked)} {what}", asked and wanted == got,
                   [(one, a, b) for one, a, b in zip(asked, wanted, got) if a != b][:1])


def as_of(test, place, lines):
    for part in (3, 7, 9):
        last = len(lines) * part // 10
        at = json.loads(lines[last])["time"]
        while last + 1 < len(lines) and json.loads(lines[last + 1])["time"] <= at:
            last += 1
        then = make(test, f"until-{part}", lines[:last + 1])
        wanted, got = pairs(then), pairs(place, "--at", at)
        test.check(f"as of {at}: the open pairs are those of a store that ended there", wanted and wanted == got,
                   f"{len(got)} of {len(wanted)}; only then: {sorted(set(wanted) - set(got))[:2]}; only as of: "
                   f"{sorted(set(got) - set(wanted))[:2]}")
        wanted, got = counts(then), counts(place, "--at", at)
        test.check(f"as of {at}: so are the agencies", wanted and wanted == got,
                   [(a, b) for a, b in zip(wanted, got) if a != b][:1])
        readings(test, then, place, at)
    status, said = status_of(place, "violations", "--at", "2020-01-01T00:00:00Z")
    test.check("before the log the oldest instant is named", status != 0 and json.loads(lines[0])["time"][:16] in said, said.strip())


def proven(test, place):
    out = test.folder / "reports"
    servers.ctl(*place, "report", "generate", "--month", "2026-09", "--out", out)
    manifest = json.loads(next(out.glob("*.manifest")).read_text(encoding="utf-8"))
    head = manifest["chain"]["entry"]
    test.check("the report's page names the head", head in next(out.glob("*.html")).read_text(encoding="utf-8"), head)
    status, said = status_of(place, "audit", "verify", "--head", head)
    test.check("the log holds the head of the report", status == 0, said.strip())
    status, said = status_of(place, "audit", "verify", "--head", head[::-1])
    test.check("it does not hold another", status == 1, said.strip())


def keys(rows):
    return {(row["rule"], row["element"], row["since"]) for row in rows}


def baseline(test, lines):
    """Drawn in the middle of a history, the rest of which comes after it."""
    part = len(lines) * 7 // 10
    place = make(test, "neglected", lines[:part])
    servers.ctl(*place, "baseline", "draw", "--reason", "day one")
    drawn = table(place, "violations", "--limit", 1000)
    test.check("what violates when a baseline is drawn is inherited", drawn and all(row["inherited"] == "true" for row in drawn),
               f"{sum(row['inherited'] == 'true' for row in drawn)} of {len(drawn)}")
    log = servers.ctl(*place, "log", "show", "--kind", "operator", "--format", "csv")
    test.check("the log says who drew it, and why", "baseline" in log and "day one" in log, log.splitlines()[-1])
    rest = test.folder / "rest.ndjson"
    rest.write_text("".join(line + "\n" for line in lines[part:]), encoding="utf-8")
    servers.ctl(*place, "import", rest, "--clock", "event")
    now = table(place, "violations", "--limit", 1000)
    inherited = [row for row in now if row["inherited"] == "true"]
    test.check("some of it is still there, some is new, and nothing new is inherited",
               inherited and len(inherited) < len(now) and {key[:2] for key in keys(inherited)} <= {key[:2] for key in keys(drawn)},
               f"{len(inherited)} of {len(now)} are inherited; {len(drawn)} were drawn")
    test.check("nothing that went on since is left out", keys(now) & keys(drawn) <= keys(inherited),
               sorted((keys(now) & keys(drawn)) - keys(inherited))[:2])
    shown = servers.ctl(*place, "baseline", "show")
    test.check("it is shown", f"{len(inherited)} of {len(now)} open violations" in shown, shown.strip())
    servers.ctl(*place, "report", "generate", "--month", "2026-10", "--out", test.folder / "baseline")
    report = json.loads(next((test.folder / "baseline").glob("*.json")).read_text(encoding="utf-8"))
    test.check("the report names it", report.get("baseline", "") != "" and "inherited" in report["regency"], report.get("baseline"))


def body(test):
    servers.ctl("sample", "--seed", 7, "--agencies", 12, "--elements", 700, "--months", 4, "--until", UNTIL, "--out",
                test.folder / "history")
    lines = (test.folder / "history" / "events.ndjson").read_text(encoding="utf-8").splitlines()
    place = make(test, "whole", lines)
    exported_and_imported_again(test, place)
    as_of(test, place, lines)
    proven(test, place)
    baseline(test, lines)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_history").run(body))
