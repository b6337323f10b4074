"""The monthly report's first page equals what SQL computes from the events that were sent (report_sql.py), number by
number, as JSON and as HTML in both languages."""

import datetime
import html.parser
import json
import shutil
import sys
import tomllib

import report_sql
import support
from support import ROOT, servers

UNTIL = datetime.date(2026, 10, 20)
MONTH = datetime.date(2026, 9, 1)
REMOVED, LATE = "data_informasi/e2e-dihapus", "data_informasi/e2e-terlambat"
LATE_AFTER = "2026-09-10T02:00:00Z"
ONE_AGENCY = "diskominfo"
NOT_REPORTING = {"id": "belum melapor", "en": "not reporting"}


def make_pack(test):
    pack = test.folder / "pack"
    pack.mkdir()
    shutil.copy(ROOT / "rules" / "spbe" / "schema.toml", pack)
    rules = [*(rule.toml() for rule in report_sql.RULES), report_sql.SHADOW.toml("shadow")]
    (pack / "rules.toml").write_text("".join(rules), encoding="utf-8")
    return pack


def sent_events(test):
    """The sample's, and what it has none of: an element that violates since the log's first day, one that is removed within
    the month, and one of which an event tells in the month that belongs to the one before."""
    servers.ctl("sample", "--seed", 5, "--agencies", 30, "--elements", 1800, "--months", 4, "--until", UNTIL, "--out",
                test.folder / "history")
    lines = (test.folder / "history" / "events.ndjson").read_text(encoding="utf-8").splitlines()
    more = [support.cloud_event("element.upserted", "1", {"nama": "Akan dihapus", "perangkat_daerah": ONE_AGENCY},
                                REMOVED, time="2026-09-03T02:00:00Z"),
            support.cloud_event("element.removed", "2", {}, REMOVED, time="2026-09-20T02:00:00Z")]
    del more[1]["data"]
    more.append(support.cloud_event("element.upserted", "4", {"nama": "Warisan", "perangkat_daerah": ONE_AGENCY},
                                    "data_informasi/e2e-warisan", time="2026-06-20T01:00:00Z"))
    lines = sorted([*lines, *map(json.dumps, more)], key=time_of)
    late = support.cloud_event("element.upserted", "3", {"nama": "Terlambat", "perangkat_daerah": ONE_AGENCY}, LATE,
                               time="2026-08-20T02:00:00Z")
    lines.insert(sum(time_of(line) <= report_sql.micros(LATE_AFTER) for line in lines), json.dumps(late))
    return lines


def time_of(line):
    return report_sql.micros(json.loads(line)["time"])


def import_all(test, pack, lines):
    events = test.folder / "events.ndjson"
    events.write_text("\n".join(lines) + "\n", encoding="utf-8")
    place = ["--data-dir", test.folder / "data", "--set", f"rules.pack={pack}", "--set",
             f"rules.site={test.folder / 'none'}"]
    servers.ctl(*place, "import", events, "--clock", "event")
    aside = json.loads(servers.ctl(*place, "quarantine", "list", "--format", "json"))
    test.check("every event was taken", aside == [], aside[:2])
    return place


def generate(test, place, lang, *more):
    out = test.folder / f"report-{lang}{''.join(more)}"
    servers.ctl(*place, "report", "generate", "--month", MONTH.strftime("%Y-%m"), "--lang", lang, "--out", out, *more)
    return [next(out.glob(f"*.{kind}")).read_text(encoding="utf-8") for kind in ("json", "html")]


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def compare(test, what, wanted, got):
    """Each number by its path; one line for each group of the page."""
    differ = []

    def walk(path, a, b):
        if isinstance(a, dict) and isinstance(b, dict):
            for key in a:
                walk(f"{path}.{key}", a[key], b.get(key, "absent"))
        elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
            for i, pair in enumerate(zip(a, b)):
                walk(f"{path}[{i}]", *pair)
        else:
            walk.numbers += 1
            if a != b:
                differ.append(f"{path}: SQL {a}, report {b}")

    walk.numbers = 0
    walk("", wanted, got)
    test.check(what, not differ and walk.numbers, differ[:5] or f"{walk.numbers} values")


def compare_worst(test, what, wanted, got):
    shown = [(one["severity"], one["since"], one["agency"], one["rule"], one["element"], one["due"]) for one in got]
    test.check(f"{what}: the worst are the first of SQL's open violations",
               [one[:4] for one in shown] == [one[:4] for one in wanted[:len(shown)]]
               and len(shown) == min(20, len(wanted)), f"{len(shown)} of {len(wanted)}")
    test.check(f"{what}: each of them is one", set(shown) <= set(wanted), sorted(set(shown) - set(wanted))[:2])


def compare_json(test, tables, report, agency=""):
    what = f"agency {agency}" if agency else "regency"
    page = tables.page(agency)
    for group, values in page.items():
        compare(test, f"{what}: {group}", values, report[group])
    compare_worst(test, what, tables.open(*(("agency = ?", agency) if agency else ())), report["worst"])
    test.check(f"{what}: the month is whole", report["complete"] is True and
               report["from"] == report_sql.text_of(tables.begin) and
               report["until"] == report_sql.text_of(tables.end - 1), f"{report['from']} to {report['until']}")


def something_of_each(test, report):
    """The comparison would say little over zeros."""
    whole = report["regency"]
    for name in ("compliant", "violations", "overdue", "undetermined", "waived", "inherited"):
        test.check(f"there are some {name}", sum(whole[name].values()) > 0, whole[name])
    test.check("there are some of each severity", all(whole["violations"].values()), whole["violations"])
    test.check("there is some of each flow", all(whole["flow"].values()), whole["flow"])
    test.check("some deployments are episodes, with and without an end",
               {one["until"] is None for one in report["episodes"]} == {True, False}, len(report["episodes"]))


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Tables(html.parser.HTMLParser):
    """The rows of each table as lists of texts, headers left out."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.heads, self.text = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
            self.heads.append([])
        elif tag == "thead":
            self.in_head = True
        elif tag == "tr" and not self.head():
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.text = ""

    in_head = False

    def head(self):
        return self.in_head

    def handle_endtag(self, tag):
        if tag == "thead":
            self.in_head = False
        elif tag in ("td", "th") and self.text is not None:
            (self.heads[-1] if self.in_head else self.tables[-1][-1]).append(self.text.strip())
            self.text = None

    def handle_data(self, data):
        if self.text is not None:
            self.text += data


def number_text(value, lang):
    text = f"{value:,}"
    return text if lang == "en" else text.replace(",", ".")


def percent_of(text, lang):
    if text == "–":
        return None
    plain = text.removesuffix(" %")
    return float(plain if lang == "en" else plain.replace(".", "").replace(",", "."))


def near(text, value, lang):
    """One decimal of what JSON has in two."""
    shown = percent_of(text, lang)
    return shown is None and value is None or shown is not None and value is not None and abs(shown - value) <= 0.0501


def compare_html(test, text, report, lang):
    whole, severity, worst, episodes, late, domains, agencies = Tables(text).tables
    regency = report["regency"]
    figures = whole[0]
    counts = [sum(regency["violations"].values()), sum(regency["overdue"].values()), regency["flow"]["opened"],
              regency["flow"]["fixed"], regency["flow"]["late"], sum(regency["inherited"].values()), report["elements"]]
    test.check(f"{lang}: the first line's percents are JSON's", near(figures[0], regency["score"], lang) and
               near(figures[1], regency["coverage"], lang), figures[:2])
    test.check(f"{lang}: its counts are JSON's", figures[2:] == [number_text(one, lang) for one in counts], figures[2:])
    order = ("critical", "high", "medium", "low")
    test.check(f"{lang}: by severity", [row[1:] for row in severity] == [
        [number_text(regency[name][level], lang) for name in ("violations", "overdue")] for level in order], severity)
    title = "title_en" if lang == "en" else "title_id"
    test.check(f"{lang}: by domain", len(domains) == len(report["domains"]) and all(
        row[:2] == [one[title], number_text(sum(one["violations"].values()), lang)] and near(row[2], one["score"], lang)
        for row, one in zip(domains, report["domains"])), f"{len(domains)} rows")
    test.check(f"{lang}: by agency", len(agencies) == len(report["agencies"]) and all(
        row[:4] == [one["name"], number_text(sum(one["violations"].values()), lang),
                    number_text(one["flow"]["opened"], lang), number_text(one["flow"]["fixed"], lang)]
        and (near(row[4], one["score"], lang) if one["reporting"] else row[4] == NOT_REPORTING[lang])
        for row, one in zip(agencies, report["agencies"])), f"{len(agencies)} rows")
    test.check(f"{lang}: what came late", [row[:3] for row in late] ==
               [[one[name] for name in ("rule", "agency", "element")] for one in report["late"]["changes"]], late)
    test.check(f"{lang}: the worst", [[row[1], row[3]] for row in worst] ==
               [[one["agency"], one["element"]] for one in report["worst"]], f"{len(worst)} rows")
    test.check(f"{lang}: the deployments", [row[:4] for row in episodes] ==
               [[one[name] for name in ("rule", "agency", "element", "occurrence")] for one in report["episodes"]],
               f"{len(episodes)} rows")


def body(test):
    pack = make_pack(test)
    lines = sent_events(test)
    place = import_all(test, pack, lines)
    tables = report_sql.Tables(lines, tomllib.loads((pack / "schema.toml").read_text(encoding="utf-8")))
    zone = report_sql.ZONE
    begin, end = (report_sql.micros(datetime.datetime.combine(day, datetime.time(), zone).isoformat())
                  for day in (MONTH, (MONTH + datetime.timedelta(days=31)).replace(day=1)))
    tables.close(begin, end)
    pages = {lang: generate(test, place, lang) for lang in ("id", "en")}
    report = json.loads(pages["id"][0])
    test.check("the JSON is the same in both languages", pages["id"][0] == pages["en"][0])
    something_of_each(test, report)
    compare_json(test, tables, report)
    for lang, (_, text) in pages.items():
        compare_html(test, text, report, lang)
    of_one = json.loads(generate(test, place, "id", "--agency", ONE_AGENCY)[0])
    compare_json(test, tables, of_one, ONE_AGENCY)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_report").run(body))
