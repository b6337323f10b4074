"""Violations of the shipped pack in the sample regency, explained: what decided in at most ten lines, in both languages; and
each smallest change that is found is sent as an event, after which the verdict is compliant indeed."""

import datetime
import html
import itertools
import subprocess
import sys
from collections import Counter
from urllib.parse import quote

import support
from support import servers

SEED = 7
PER_RULE = 3  # violations of each rule that are looked at
LINES_MAX = 10
WORDS = {"id": {"decided": "Yang menentukan", "smallest": "Perubahan terkecil agar patuh", "state": "melanggar"},
         "en": {"decided": "What decided", "smallest": "The smallest change that makes it comply", "state": "violating"}}
OUTCOMES = {"found", "none", "none-here", "elsewhere"}


def regency(test):
    until = datetime.date.today() - datetime.timedelta(days=1)
    servers.ctl("sample", "--seed", SEED, "--agencies", 20, "--elements", 1500, "--months", 4, "--until", until, "--out",
                test.folder / "history")
    place = ["--data-dir", test.folder / "data", "--set", f"rules.pack={support.ROOT / 'rules' / 'spbe'}",
             "--set", f"rules.site={test.folder / 'rules.d'}"]
    servers.ctl(*place, "import", test.folder / "history" / "events.ndjson", "--clock", "event")
    return test.daemon(["engine.clock=event"])


def violations(daemon):
    cursor = ""
    while cursor is not None:
        page = servers.get_json(f"{daemon.url}/api/v1/violations?limit=1000{cursor and '&cursor='}{cursor}")
        yield from page["items"]
        cursor = page["next_cursor"]


def path_of(item):
    kind, _, name = item["element"].partition("/")
    return f"{quote(item['rule'])}/{kind}/{quote(name, safe='')}"


def explained(daemon, item):
    return servers.get_json(f"{daemon.url}/api/v1/verdicts/{path_of(item)}")


# ── What an explanation keeps to ────────────────────────────────────────────────────────────────────────────────────


def faults_of(answer):
    out = []
    if not 1 <= len(answer["decided"]) <= LINES_MAX:
        out.append(f"{len(answer['decided'])} lines")
    for step in [*answer["steps"], *answer["decided"]]:
        source = answer[step["part"]].encode()
        if source[step["begin"]:step["end"]].decode() != step["text"]:
            out.append(f"no such place: {step}")
    whole = {(step["part"], step["begin"], step["end"]) for step in answer["steps"]}
    out += [f"not among all steps: {step}" for step in answer["decided"]
            if (step["part"], step["begin"], step["end"]) not in whole]
    lines = answer["lines"]
    if not all(2 <= len(lines[lang]) <= LINES_MAX for lang in WORDS) or any("\n" in line for line in lines["id"] + lines["en"]):
        out.append(f"{len(lines['id'])} lines in all")
    if answer["reason"]:
        out += [f"the reason is told in {lang} as {words}" for lang, words in answer["reason_told"].items()
                if not words or words == answer["reason"] or f": {words}" not in "\n".join(lines[lang])]
    change = answer["smallest_change"]
    told = [change["told"], *(one["told"] for one in [*change["changes"], *answer["decided"]])]
    if not all(words["id"] and words["en"] for words in told):
        out.append("not told in both languages")
    if change["outcome"] not in OUTCOMES or (change["outcome"] == "found") != (1 <= len(change["changes"]) <= 3):
        out.append(f"outcome {change['outcome']} with {len(change['changes'])} changes")
    return out


# ── Whether the change heals ────────────────────────────────────────────────────────────────────────────────────────

numbers = itertools.count(1)


def send(daemon, item, changes):
    """The changes as patches, each from who wrote the attribute, or else from who wrote another one."""
    kind, _, name = item["element"].partition("/")
    element = servers.get_json(f"{daemon.url}/api/v1/elements/{kind}/{quote(name, safe='')}")
    writers = {field: value["source"] for field, value in element["attributes"].items() if value["source"]}
    anyone = next(iter(writers.values()), "//e2e.example/registri")
    by_writer = {}
    for change in changes:
        by_writer.setdefault(writers.get(change["attribute"], anyone), {})[change["attribute"]] = change["value"]
    results = []
    for source, data in by_writer.items():
        event = support.cloud_event("element.patched", f"explain-{next(numbers)}", data, item["element"], source)
        results += support.post(daemon, event)[1]
    return results


def heal(test, daemon, item, answer):
    changes = answer["smallest_change"]["changes"]
    results = send(daemon, item, changes)
    after = explained(daemon, item)["verdict"]["state"]
    return test.check(f"{item['rule']} of {item['element']}: {[(c['attribute'], c['value']) for c in changes]}",
                      after == "compliant", "" if after == "compliant" else f"{after}: {results}")


def heal_all(test, daemon):
    outcomes, seen, faults = Counter(), Counter(), []
    for item in violations(daemon):
        if seen[item["rule"]] == PER_RULE:
            continue
        answer = explained(daemon, item)
        if answer["verdict"]["state"] != "violating":
            continue  # healed by a change of before
        seen[item["rule"]] += 1
        faults += [f"{item['rule']} {item['element']}: {fault}" for fault in faults_of(answer)]
        outcome = answer["smallest_change"]["outcome"]
        outcomes[outcome] += 1
        if outcome == "found":
            heal(test, daemon, item, answer)
    test.check("explanations keep to their form", not faults, faults[:5])
    test.check("many rules are violated, most can be healed", len(seen) >= 40 and outcomes["found"] >= len(seen),
               f"{len(seen)} rules, {dict(outcomes)}")


# ── Where people read it ────────────────────────────────────────────────────────────────────────────────────────────


def ctl_explain(*arguments):
    done = subprocess.run([str(servers.BIN / "patuhctl"), *map(str, arguments)], text=True, check=False,
                          stdout=subprocess.PIPE)
    return done.returncode, done.stdout


def prints(test, what, text, item, answer, lang):
    lines = answer["lines"][lang]
    wanted = [f"{item['rule']} · {item['element']} · {lines[0]}", *lines[1:]]
    test.check(f"{what} in {lang} prints the lines that the API gives", text.splitlines() == wanted, (text, wanted))


def says(test, what, text, answer, lang):
    wanted = [WORDS[lang]["decided"], WORDS[lang]["smallest"], WORDS[lang]["state"],
              answer["smallest_change"]["told"][lang], *(c["told"][lang] for c in answer["smallest_change"]["changes"]),
              *(step["text"] for step in answer["decided"])]
    missing = [one for one in wanted if one not in text]
    test.check(f"{what} in {lang} says what the API says", not missing, missing)


def readers(test, daemon):
    """The page, and patuhctl from the daemon and from the folder, of one that can be healed and of one that cannot."""
    picked = {}
    for item in violations(daemon):
        answer = explained(daemon, item)
        picked.setdefault(answer["smallest_change"]["outcome"], (item, answer))
    for item, answer in picked.values():
        for lang in WORDS:
            page = servers.http(f"{daemon.url}/verdicts/{path_of(item)}?lang={lang}")[1]
            says(test, f"the page of {item['rule']}", html.unescape(page), answer, lang)
            test.check(f"the page of {item['rule']} in {lang} has the lines that the API gives",
                       "\n".join([*answer["lines"][lang], ""]) in html.unescape(page), answer["lines"][lang])
            status, text = ctl_explain("explain", item["rule"], item["element"], "--lang", lang, "--url", daemon.url)
            test.check("patuhctl's status is a finding's", status == 1, status)
            prints(test, f"patuhctl explain {item['rule']}", text, item, answer, lang)
    test.check("both kinds of outcome were seen", len(picked) > 1, list(picked))
    item, answer = picked["found"]
    online = ctl_explain("explain", item["rule"], item["element"], "--url", daemon.url)
    daemon.stop()
    offline = ctl_explain("--data-dir", daemon.data, "explain", item["rule"], item["element"])
    test.check("the folder says the same as the daemon", online == offline, (online, offline) if online != offline else "")
    status, _ = ctl_explain("--data-dir", daemon.data, "explain", "NO-SUCH", item["element"])
    test.check("an unknown rule is a usage fault, not a verdict", status not in (0, 1, 3), status)


def body(test):
    daemon = regency(test)
    heal_all(test, daemon)
    readers(test, daemon)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_explain").run(body))
