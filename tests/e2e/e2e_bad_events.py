"""Each kind of bad event is set aside with its reason, counted, listed, and the next good one is applied."""

import json
import sqlite3
import sys

import support
from support import cloud_event, servers

KEPT = 64 * 1024
SUBJECT = "aplikasi/e2e"


def good(number):
    return cloud_event("element.patched", f"good-{number}", {"uraian": f"perubahan {number}"}, SUBJECT)


def text_of(**changes):
    """A good event as JSON with members replaced; None leaves one out."""
    event = {**cloud_event("element.patched", "bad", {"nama": "x"}, SUBJECT), **changes}
    return json.dumps({name: value for name, value in event.items() if value is not None})


def cases():
    """(name, body, the right reason)."""
    base = text_of()
    return [
        ("not JSON", "{this is no JSON", "not_json"),
        ("wrong type", text_of(data={"nama": 7}), "wrong_type"),
        ("unknown kind", text_of(subject="pesawat/1"), "unknown_kind"),
        ("unknown type", text_of(type="id.patuh.element.exploded.v1"), "unknown_type"),
        ("invalid UTF-8", base.replace('"x"', '"\udcff\udcfe"').encode("utf-8", "surrogateescape"), "not_utf8"),
        ("missing id", text_of(id=None), "missing_field"),
        ("nested 10,000 deep", base.replace('"x"', "[" * 10_000 + "]" * 10_000), "too_deep"),
        ("duplicate keys", base.replace('"nama": "x"', '"nama": "x", "nama": "y"'), "duplicate_key"),
        ("number beyond 64 bits", base.replace('"x"', "123456789012345678901234567890"), "number_range"),
        ("time in 2099", text_of(time="2099-01-01T00:00:00Z"), "future_time"),
        ("larger than 1 MiB", LARGE, "too_large"),
    ]


LARGE = text_of(data={"nama": "x" * (1024 * 1024 + 100)}).encode()
CASES = cases()


def counted(daemon, reason):
    return support.metrics(daemon).get(("patuh_events_set_aside_total", f'reason="{reason}"'), 0)


def applied(daemon, number):
    status, results = support.post(daemon, good(number))
    return status == 200 and results and results[0]["result"] == "applied"


def bad_then_good(test, daemon):
    for number, (name, body, reason) in enumerate(CASES, 1):
        before = counted(daemon, reason)
        status, results = support.post(daemon, body)
        got = results[0] if results else {}
        test.check(f"{name} is set aside as {reason}", status == 200 and got.get("result") == "set_aside"
                   and got.get("reason") == reason and got.get("message"), f"{status} {str(got)[:200]}")
        test.check(f"{name} is counted", counted(daemon, reason) == before + 1)
        test.check(f"the event after {name} is applied", applied(daemon, number))


def body_too_large(test, daemon):
    name = ("patuh_http_too_large_total", "")
    before = support.metrics(daemon)[name]
    try:
        status = servers.http(daemon.url + "/api/v1/events", b" " * (20 * 1024 * 1024))[0]
    except OSError as error:  # the answer may be lost where the daemon closes while the body is still sent
        status = f"closed while sending ({error})"
    test.check("a body of 20 MB gets 413", status == 413 or str(status).startswith("closed"), status)
    test.check("it is counted", support.metrics(daemon)[name] == before + 1)
    test.check("the event after it is applied", applied(daemon, 1000))


def listed(test, daemon):
    rows = json.loads(servers.ctl("--data-dir", daemon.data, "quarantine", "list", "--format", "json"))
    wanted = [reason for _, _, reason in CASES]
    test.check("patuhctl quarantine list shows them in order", [row["reason"] for row in rows] == wanted,
               [row["reason"] for row in rows])
    size = str(len(LARGE))
    test.check("the list tells the size of the whole input", rows and rows[-1]["bytes"] == size, size)
    shown = servers.ctl("--data-dir", daemon.data, "quarantine", "show", rows[-1]["id"])
    test.check("patuhctl quarantine show tells size and reason", f"size      {size}\n" in shown and "too_large" in shown)


def stored(test, daemon):
    """The store itself, by its documented format."""
    store = sqlite3.connect(f"file:{daemon.data / 'patuh.db'}?mode=ro", uri=True)
    size, digest, kept = store.execute(
        "SELECT size, sha256, bytes FROM quarantine WHERE reason = 'too_large'").fetchone()
    store.close()
    test.check("size, SHA-256 and the first 64 KiB of the large event are kept",
               size == len(LARGE) and bytes(digest).hex() == support.sha256(LARGE) and bytes(kept) == LARGE[:KEPT],
               f"{size} bytes, {len(kept)} kept")


def body(test):
    daemon = test.daemon()
    created = cloud_event("element.upserted", "first", {
        "nama": "Uji", "status": "operasional", "perangkat_daerah": "diskominfo"}, SUBJECT)
    status, results = support.post(daemon, created)
    test.check("a good event is applied", status == 200 and results[0]["result"] == "applied", results)
    bad_then_good(test, daemon)
    body_too_large(test, daemon)
    listed(test, daemon)
    stored(test, daemon)
    test.check("the daemon still runs", daemon.alive())


if __name__ == "__main__":
    sys.exit(support.Test("e2e_bad_events").run(body))
