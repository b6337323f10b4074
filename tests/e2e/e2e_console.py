"""The console in a browser: what pages say in both languages, with and without scripts, by keyboard alone, with hostile
names, and nothing fetched from anywhere else."""

import html
import re
import sys
from urllib.parse import quote

import support
from browser import Browser
from support import cloud_event, servers

AGENCY = "dinkes"
AGENCY_NAME = "Dinas <b onmouseover=alert(1)>Kesehatan</b> & \"Keluarga\""
NAME = "SIMRS <script>document.title='ran';alert(1)</script><img src=//evil.example/x.png onerror=alert(2)>"
ELEMENT = "aplikasi/\"><script>alert(3)</script>"
SOURCE = "//e2e.example/<script>alert(4)</script>"
RULE = "APP-PSE-01"  # an application that runs and is the regency's own is registered with the ministry
TEXT = {
    "id": {"summary": "Ringkasan kepatuhan", "owes": "harus diselesaikan", "remedy": "Yang harus dilakukan",
           "facts": "Semua fakta yang dibaca", "steps": "Yang menentukan", "smallest": "Perubahan terkecil agar patuh", "state": "melanggar",
           "other": "English"},
    "en": {"summary": "Compliance summary", "owes": "things to be done", "remedy": "What to do",
           "facts": "All facts that were read", "steps": "What decided", "smallest": "The smallest change that makes it comply", "state": "violating",
           "other": "Bahasa Indonesia"},
}
# Anything that runs, loads or overlays; pages need none of it.
ACTIVE = "script, img, iframe, object, embed, link:not([rel=stylesheet]), form, [style], base, meta[http-equiv]"


def fill(test, daemon):
    for number, (subject, data) in enumerate([
            (f"perangkat_daerah/{AGENCY}", {"nama": AGENCY_NAME, "singkatan": AGENCY, "jenis": "dinas"}),
            ("perangkat_daerah/tanpa-nama", {"singkatan": "tanpa-nama"}),
            (ELEMENT, {"nama": NAME, "status": "operasional", "pemilik": "daerah", "perangkat_daerah": AGENCY,
                       "fungsi": NAME, "<script>alert(5)</script>": "<script>alert(6)</script>"}),
            ("aplikasi/tanpa-pemilik", {"nama": "Tanpa", "status": "operasional"}),
            ("aplikasi/yatim", {"nama": "Yatim", "status": "operasional", "perangkat_daerah": "bubar"})], 1):
        status, results = support.post(daemon, cloud_event("element.upserted", f"c-{number}", data, subject, SOURCE))
        test.check(f"{subject} is taken", status == 200 and results[0]["result"] == "applied", results)


def pages():
    element = "aplikasi/" + quote(ELEMENT.partition("/")[2], safe="")
    return {"summary": "/", "agency": f"/agencies/{AGENCY}", "verdict": f"/verdicts/{RULE}/{element}",
            "element": f"/elements/{element}"}


# ── What every page keeps to ────────────────────────────────────────────────────────────────────────────────────────


def stays_here(test, what, daemon, browser):
    elsewhere = [url for url in browser.fetched() if not url.startswith(daemon.url + "/")]
    test.check(f"{what}: nothing is fetched from elsewhere", not elsewhere and browser.fetched(), elsewhere)
    test.check(f"{what}: the browser has nothing to complain of", not browser.complaints(), browser.complaints())


def runs_nothing(test, what, browser):
    active = browser.ask(f"[...document.querySelectorAll('{ACTIVE}')].map(e => e.outerHTML)")
    handlers = browser.ask("[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
                           ".filter(a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)).map(a => a.name)")
    test.check(f"{what}: nothing of a sender's text became markup", not active and not handlers, active or handlers)
    test.check(f"{what}: no script ran", browser.ask("document.title") != "ran")


def reads_well(test, what, lang, browser):
    test.check(f"{what}: its language is told", browser.ask("document.documentElement.lang") == lang)
    levels = browser.ask("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])")
    steps = [b - a for a, b in zip(levels, levels[1:])]
    test.check(f"{what}: one heading of level 1 first, none skipped",
               levels[:1] == [1] and levels.count(1) == 1 and all(step <= 1 for step in steps), levels[:5])
    empty = browser.ask("[...document.querySelectorAll('h1,h2,th,caption,a,title')]"
                        ".filter(e => !e.textContent.trim()).map(e => e.outerHTML)")
    test.check(f"{what}: no heading, header or link is empty", not empty, empty)
    poor = browser.ask("[...document.querySelectorAll('table')].filter(t => t.rows.length && (!t.caption || "
                       "!t.querySelector('th[scope]') || [...t.querySelectorAll('th')].some(h => !h.scope)))"
                       ".map(t => t.outerHTML.slice(0, 200))")
    test.check(f"{what}: each table has a caption and headers with a scope", not poor, poor)
    roles = {role for role, _ in browser.tree()}
    wanted = {"main", "banner", "contentinfo", "navigation", "heading", "link"}
    test.check(f"{what}: it has landmarks", wanted <= roles, sorted(wanted - roles))


def look(test, daemon, browser, what, path, lang):
    browser.open(f"{daemon.url}{path}?lang={lang}")
    stays_here(test, what, daemon, browser)
    runs_nothing(test, what, browser)
    reads_well(test, what, lang, browser)
    return re.sub(r"\s+", " ", browser.ask("document.body.textContent"))


# ── What each page says ─────────────────────────────────────────────────────────────────────────────────────────────


def says(test, what, text, *wanted):
    missing = [one for one in wanted if one not in text]
    test.check(f"{what}: it says what it should", not missing, f"missing: {missing}" if missing else f"{len(wanted)}")


def languages(test, daemon, browser):
    seen = {}
    for lang, words in TEXT.items():
        text = {name: look(test, daemon, browser, f"{name} in {lang}", path, lang) for name, path in pages().items()}
        says(test, f"summary in {lang}", text["summary"], words["summary"], AGENCY_NAME, words["other"])
        says(test, f"agency in {lang}", text["agency"], AGENCY_NAME, words["owes"], NAME, RULE)
        says(test, f"verdict in {lang}", text["verdict"], RULE, words["remedy"], words["facts"], words["steps"],
             words["smallest"], words["state"], "filled(self.nomor_pse)", ELEMENT)
        says(test, f"element in {lang}", text["element"], NAME, ELEMENT, SOURCE, RULE)
        seen[lang] = text
    return seen


def links_lead_somewhere(test, daemon):
    """Also those to the agency of an element that has none, or whose agency was never sent or is removed."""
    for event in ("element.upserted", "element.removed"):
        support.post(daemon, cloud_event(event, event, {"nama": "Bubar"} if "up" in event else {}, "perangkat_daerah/bubar", SOURCE))
    paths = [*pages().values(), "/elements/aplikasi/tanpa-pemilik", "/elements/aplikasi/yatim"]
    links = {html.unescape(link) for path in paths for link in re.findall(r'href="(/[^"]*)"', servers.http(daemon.url + path)[1])}
    lost = sorted(link for link in links if servers.http(daemon.url + link)[0] != 200)
    test.check("every link leads to a page", len(links) > 20 and not lost, lost or len(links))
    text = servers.http(daemon.url + "/?lang=en")[1]
    test.check("what no agency answers for is named as such", "without an agency" in text)


def without_scripts(test, daemon, browser, seen):
    browser.scripts(False)
    moment = re.compile(r"\d{1,2}[.:]\d{2}([.:]\d{2})?")  # each page says when it was made
    for name, path in pages().items():
        browser.open(f"{daemon.url}{path}?lang=en")
        text = re.sub(r"\s+", " ", browser.ask("document.body.textContent"))
        test.check(f"{name} without scripts is the same", moment.sub("", text) == moment.sub("", seen["en"][name]))
    browser.scripts(True)


# ── By keyboard ─────────────────────────────────────────────────────────────────────────────────────────────────────


def tab_to(browser, wanted):
    """Presses Tab until a link with this text has the focus; how often, or None."""
    for count in range(1, 60):
        browser.key("Tab", 9)
        if browser.ask("document.activeElement.textContent").strip() == wanted:
            return count
    return None


def by_keyboard(test, daemon, browser):
    browser.open(daemon.url + "/?lang=en")
    links = browser.ask("document.querySelectorAll('a[href]').length")
    met = []
    for _ in range(links):
        browser.key("Tab", 9)
        met.append(browser.ask("document.activeElement.tagName + ' ' + document.activeElement.getAttribute('href')"))
    test.check("Tab meets every link of the summary once", len(set(met)) == links and all(
        one.startswith("A ") for one in met), met[:4])
    browser.open(daemon.url + "/?lang=en")
    test.check("the agency is reached", tab_to(browser, AGENCY_NAME) is not None)
    test.check("what has the focus shows it", browser.ask(
        "getComputedStyle(document.activeElement).outlineStyle") not in ("none", ""))
    browser.follow()
    test.check("Enter leads to the agency's page", browser.ask("location.pathname") == f"/agencies/{AGENCY}")
    test.check("a rule is reached", tab_to(browser, RULE) is not None)
    browser.follow()
    test.check("Enter leads to the explanation", browser.ask("location.pathname").startswith(f"/verdicts/{RULE}/"))
    test.check("the language's link is reached", tab_to(browser, TEXT["en"]["other"]) is not None)
    browser.follow()
    test.check("Enter changes the language and stays on the page", browser.ask("document.documentElement.lang") == "id"
               and browser.ask("location.pathname").startswith(f"/verdicts/{RULE}/"), browser.ask("location.href"))


def body(test):
    daemon = test.daemon()
    fill(test, daemon)
    browser = test.start(Browser())
    seen = languages(test, daemon, browser)
    look(test, daemon, browser, "an agency without a name", "/agencies/tanpa-nama", "en")
    without_scripts(test, daemon, browser, seen)
    links_lead_somewhere(test, daemon)
    by_keyboard(test, daemon, browser)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_console").run(body))
