"""patuhctl used wrongly, on odd stores and into odd files: it says what, where and what to do, with the status that the
design gives it, and passes nothing for done that was not."""

import csv
import io
import json
import os
import pty
import subprocess
import sys

import support
from support import ROOT, servers

PACK = ["--set", f"rules.pack={ROOT / 'rules' / 'spbe'}", "--set", "rules.site=there-is-none"]
STEERS = "\u001b]0;title\u0007\u009b31m"  # what would steer a terminal


def run(*arguments, stdout=subprocess.PIPE):
    return subprocess.run([str(servers.BIN / "patuhctl"), *map(str, arguments)], text=True, check=False, stdout=stdout,
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)


def leaves(test, what, status, words, *arguments, stdout=subprocess.PIPE):
    """Whether it ends with that status and says the words to whoever runs it."""
    done = run(*arguments, stdout=stdout)
    test.check(what, done.returncode == status and words in done.stderr, f"{done.returncode} {done.stderr.strip()[:200]}")
    return done


def event(number, **more):
    return json.dumps({"op": "upsert", "source": "s", "id": str(number), "subject": f"aplikasi/a{number}",
                       "time": "2026-10-01T00:00:00Z", "data": {"nama": f"A {number}"}, **more})


def store(test):
    lines = test.folder / "lines.ndjson"
    lines.write_text("\n".join([event(1), event(2), "{", "7", json.dumps({"op": "upsert", "source": STEERS, "id": 7})])
                     + "\n", encoding="utf-8")
    place = ["--data-dir", test.folder / "data", *PACK]
    leaves(test, "an import with inputs set aside is a finding", 1, "", *place, "import", lines, "--clock", "event")
    return place


def used_wrongly(test, place):
    leaves(test, "a misspelt command is named", 2, "violatoins is not understood; did you mean violations?", "violatoins")
    leaves(test, "a number below zero is refused", 2, "--from", *place, "log", "show", "--from", "-1")
    leaves(test, "a report of no known form is refused", 2, "--format", *place, "report", "generate", "--month", "2026-10",
           "--format", "pdf")
    leaves(test, "what there is nothing to do for is no service that is away", 2, "no baseline stands", *place, "baseline",
           "lift", "--reason", "x")
    for words in (["baseline", "draw"], ["baseline", "lift"], ["log", "erase", "1/0"]):
        leaves(test, f"`{' '.join(words)}` without a word of why is refused", 2, "say why", *place, *words, "--reason", " ")
    leaves(test, "an agency that nobody knows is no agency that owes nothing", 2, "there is no agency dinsos", *place,
           "violations", "--agency", "dinsos")
    leaves(test, "nor is a rule", 2, "did you mean APP-DEP-01?", *place, "violations", "--rule", "APP-DEP-91")
    leaves(test, "a span that ends before it begins is refused", 2, "lies before", *place, "since", "--from",
           "2026-10-02T00:00:00Z", "--to", "2026-10-01T00:00:00Z")
    done = leaves(test, "what is no element is said in words", 2, "patuhctl: ", *place, "element", "aplikasi")
    test.check("and not in JSON", "{" not in done.stderr, done.stderr)
    leaves(test, "a daemon that is not there is away", 69, "is patuhd running there?", "summary", "--url",
           "http://127.0.0.1:1")


def no_store(test):
    nowhere = test.folder / "nowhere"
    for words in (["store", "compact"], ["clock", "wall"], ["baseline", "draw", "--reason", "x"], ["quarantine", "redrive", "1"],
                  ["log", "erase", "1/0", "--reason", "x"], ["summary"]):
        leaves(test, f"without a store `{' '.join(words)}` says so", 2, "--data-dir names", "--data-dir", nowhere, *PACK,
               *words)
    test.check("and none of them makes one", not nowhere.exists())


def cut_short(test, place):
    leaves(test, "a list of records that was cut says so", 3, "--limit N shows more", *place, "log", "show", "--limit", "1")
    leaves(test, "one that was not does not", 0, "", *place, "log", "show", "--limit", "1000")
    done = leaves(test, "nor does a page that was cut pass for the whole", 3, "--cursor 1 goes on", *place, "violations",
                  "--limit", "1", "--format", "json")
    test.check("and its JSON names the next", json.loads(done.stdout)["next_cursor"] == "1")
    with open("/dev/full", "w", encoding="utf-8") as full:
        for words in (["log", "export"], ["summary"], ["state"]):
            leaves(test, f"`{' '.join(words)}` into a full disk is no success", 69, "cannot be written", *place, *words,
                   stdout=full)


def cells_of(item, before=""):
    """An item's members as a table's columns have them."""
    for name, value in item.items():
        if isinstance(value, dict):
            yield from cells_of(value, f"{before}{name}.")
        else:
            yield before + name, value


def same(cell, value):
    if isinstance(value, bool) or value is None:
        return cell == {True: "true", False: "false", None: ""}[value]
    return float(cell or "nan") == value if isinstance(value, (int, float)) else cell.removeprefix("'") == value


def formats_say_the_same(test, place):
    for words, name in ((["agencies"], "agencies"), (["violations"], "items"), (["rules", "current"], "rules")):
        items = json.loads(run(*place, *words, "--format", "json").stdout)[name]
        rows = list(csv.DictReader(io.StringIO(run(*place, *words, "--format", "csv").stdout)))
        differ = [(column, row[column], value) for item, row in zip(items, rows, strict=True)
                  for column, value in cells_of(item) if not same(row[column], value)]
        test.check(f"`{' '.join(words)}` as CSV says what its JSON says", items and not differ, differ[:3] or len(items))
    told = dict(cells_of(json.loads(run(*place, "summary", "--format", "json").stdout)))
    rows = {row["name"]: row["value"] for row in csv.DictReader(io.StringIO(run(*place, "summary", "--format", "csv").stdout))}
    test.check("so does the summary, whose score is a fraction", same(rows["score"], told["score"]) and told["score"] % 1 != 0,
               (rows["score"], told["score"]))
    header = run(*place, "violations", "--format", "csv").stdout.splitlines()[0]
    none = run(*place, "violations", "--severity", "critical", "--rule", "APP-DEP-01", "--format", "csv").stdout
    test.check("an empty list has the same columns", none == header + "\n", none[:200])


def tests_of_a_site(test):
    site = test.folder / "rules.d"
    site.mkdir()
    (site / "own.toml").write_text('[[rule]]\nid = "SITUS-01"\nkind = "aplikasi"\nseverity = "low"\n'
                                   'require = "filled(self.nama)"\ntitle.id = "t"\n', encoding="utf-8")
    events = 'now = 2026-03-01T00:00:00Z\nevents = [{ type = "upsert", subject = "aplikasi/a", data = {} }]\n'
    wrong = 'expect = [{ rule = "SITUS-01", element = "aplikasi/a", state = "compliant" }]\n'
    (site / "own.test.toml").write_text(f'[[test]]\nname = "own"\n[[test.step]]\n{events}{wrong}'
                                        f'[[test]]\nname = "idle"\n[[test.step]]\n{events}', encoding="utf-8")
    done = leaves(test, "a site's own tests are run with its rules", 1, "SITUS-01 of aplikasi/a", "rules", "test",
                  ROOT / "rules" / "spbe", site)
    test.check("so that its rule is not said to be without one", "no test names" not in done.stderr, done.stderr[-300:])
    test.check("a test that expects nothing is named", 'the test "idle" expects nothing' in done.stderr, done.stderr[-300:])


def says_what_it_takes(test):
    for words in (["summary"], ["log", "show"], ["rules", "list"]):
        done = run(*words, "--help")
        odd = [sign for sign in done.stdout if ord(sign) < 32 and sign != "\n"]
        test.check(f"`{' '.join(words)} --help` names its formats and has no controls",
                   "{table,json,csv}" in done.stdout and not odd, odd)
    leaves(test, "a format that there is not names those there are", 2, "{table,json,csv}", "summary", "--format", "xml")


def on_a_terminal(*arguments):
    """What it prints to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([str(servers.BIN / "patuhctl"), *map(str, arguments)], stdout=theirs, stdin=subprocess.DEVNULL):
        os.close(theirs)
        out = b""
        try:
            while piece := os.read(ours, 65536):
                out += piece
        except OSError:  # the end of a terminal
            pass
    os.close(ours)
    return out.decode()


def steers_no_terminal(test, place):
    rows = json.loads(run(*place, "quarantine", "list", "--format", "json").stdout)
    test.check("each input that was set aside has its line", [row["position"].rsplit("@", 1)[1] for row in rows]
               == ["3", "4", "5"], [row["position"] for row in rows])
    for words in (["quarantine", "list"], ["quarantine", "show", rows[-1]["id"]]):
        out = on_a_terminal(*place, *words)
        test.check(f"`{' '.join(words)}` does not steer the terminal", "title" in out and not
                   any(sign in out for sign in "\u001b\u0007\u009b"), repr(out[-200:]))
    shown = run(*place, "quarantine", "show", rows[-1]["id"]).stdout
    test.check("a file gets the bytes as they came", json.dumps(STEERS) in shown)


def empty(test):
    (test.folder / "other").mkdir()
    daemon = test.start(servers.Daemon(test.folder / "other", servers.port_of())).ready()
    daemon.stop()
    place = ["--data-dir", daemon.data, *PACK]
    leaves(test, "an empty log explains nothing, and says why", 2, "the log is empty", *place, "explain", "APP-PSE-01", "aplikasi/x")
    test.check("no baseline stands on an empty log", "no baseline stands" in run(*place, "baseline", "show").stdout)


def body(test):
    place = store(test)
    used_wrongly(test, place)
    no_store(test)
    cut_short(test, place)
    formats_say_the_same(test, place)
    says_what_it_takes(test)
    tests_of_a_site(test)
    steers_no_terminal(test, place)
    empty(test)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_tool").run(body))
