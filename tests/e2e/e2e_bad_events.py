"""Each kind of bad event, over HTTP and over a real Kafka, is set aside with its reason and its bytes, counted, listed,
and the next good one is applied."""

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
        ("a deployment of no application", text_of(type="id.patuh.deployment.v1", subject=None, data={
            "element": "layanan/e2e", "values": {"lingkungan": "produksi"}}), "bad_subject"),
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
HUGE = text_of(data={"nama": "y" * 20_000_000}).encode()  # more than HTTP takes at all
CASES = cases()
KAFKA_CASES = [*CASES, ("of 20 MB", HUGE, "too_large")]


def as_bytes(body):
    return body if isinstance(body, bytes) else body.encode()


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
    before, requests, kept = support.metrics(daemon)[name], requests_counted(daemon, 413), records(daemon)
    try:
        status = servers.http(daemon.url + "/api/v1/events", b" " * (20 * 1024 * 1024))[0]
    except OSError as error:  # the answer may be lost where the daemon closes while the body is still sent
        status = f"closed while sending ({error})"
    test.check("a body of 20 MB gets 413", status == 413 or str(status).startswith("closed"), status)
    test.check("it is counted", support.metrics(daemon)[name] == before + 1)
    test.check("it is counted among the requests", requests_counted(daemon, 413) == requests + 1)
    test.check("nothing of it is kept", records(daemon) == kept, kept)
    test.check("the event after it is applied", applied(daemon, 1000))


def requests_counted(daemon, code):
    return support.metrics(daemon).get(
        ("patuh_http_requests_total", f'code="{code}",route="/api/v1/events"'), 0)


def listed(test, daemon):
    rows = json.loads(servers.ctl("--data-dir", daemon.data, "quarantine", "list", "--format", "json"))
    wanted = [reason for _, _, reason in CASES]
    test.check("patuhctl quarantine list shows them in order", [row["reason"] for row in rows] == wanted,
               [row["reason"] for row in rows])
    size = str(len(LARGE))
    test.check("the list tells the size of the whole input", rows and rows[-1]["bytes"] == size, size)
    shown = servers.ctl("--data-dir", daemon.data, "quarantine", "show", rows[-1]["id"])
    test.check("patuhctl quarantine show tells size and reason", f"size      {size}\n" in shown and "too_large" in shown)


def rows_of(daemon, query):
    """From the store itself, by its documented format."""
    store = sqlite3.connect(f"file:{daemon.data / 'patuh.db'}?mode=ro", uri=True, timeout=10)
    found = store.execute(query).fetchall()
    store.close()
    return found


def records(daemon):
    """How much the store holds of input: events taken and inputs set aside."""
    return rows_of(daemon, "SELECT (SELECT SUM(events) FROM records), (SELECT COUNT(*) FROM quarantine)")[0]


def stored(test, daemon, wanted, channel):
    """Size, SHA-256 and the first 64 KiB of each, as it was sent."""
    rows = rows_of(daemon, "SELECT reason, channel, size, sha256, bytes FROM quarantine ORDER BY id")
    test.check(f"over {channel} as many are set aside as are bad", len(rows) == len(wanted), len(rows))
    for (name, body, reason), (got, by, size, digest, kept) in zip(wanted, rows):
        sent = as_bytes(body)
        test.check(f"{name}: reason, size, SHA-256 and bytes are kept",
                   (got, by, size, bytes(digest).hex(), bytes(kept)) ==
                   (reason, channel, len(sent), support.sha256(sent), sent[:KEPT]),
                   f"{got}, {size} bytes, {len(kept)} kept")


# ── Over Kafka ──────────────────────────────────────────────────────────────────────────────────────────────────────

TOPIC = "bad"
SECONDS = 120


def good_of_its_own(number):
    return cloud_event("element.upserted", f"kafka-good-{number}",
                       {"nama": f"Uji {number}", "perangkat_daerah": "diskominfo"}, f"aplikasi/kafka-{number}")


def messages():
    """Each bad one, and a good one behind it, as lines with a key."""
    for number, (_, body, _) in enumerate(KAFKA_CASES, 1):
        yield as_bytes(body)
        yield json.dumps(good_of_its_own(number)).encode()


def consumed(daemon):
    return rows_of(daemon, "SELECT COALESCE(SUM(next), 0) FROM offsets WHERE channel = 'kafka'")[0][0]


def over_kafka(test, broker):
    broker.create_topic(TOPIC, 1, "max.message.bytes=33554432")
    lines = test.folder / "messages"
    lines.write_bytes(b"".join(b"diskominfo\t" + message + b"\n" for message in messages()))
    servers.ctl("publish", "--brokers", broker.bootstrap, "--topic", TOPIC, "--keyed", lines)
    folder = test.folder / "kafka"
    folder.mkdir()
    daemon = test.start(servers.Daemon(folder, servers.port_of(), [
        f"kafka.brokers={broker.bootstrap}", f"kafka.topics={TOPIC}"], name="patuhd-kafka")).ready()
    servers.until("all messages", SECONDS, lambda: daemon.check() and consumed(daemon) >= 2 * len(KAFKA_CASES), 0.1)
    stored(test, daemon, KAFKA_CASES, "kafka")
    places = rows_of(daemon, "SELECT topic, part, place FROM quarantine ORDER BY id")
    test.check("each is at its place in the topic",
               places == [(TOPIC, 0, 2 * number) for number in range(len(KAFKA_CASES))], places)
    for reason in {reason for _, _, reason in KAFKA_CASES}:
        many = sum(one == reason for _, _, one in KAFKA_CASES)
        test.check(f"{reason} is counted", counted(daemon, reason) == many, many)
    for number, (name, _, _) in enumerate(KAFKA_CASES, 1):
        status, text = servers.http(f"{daemon.url}/api/v1/elements/aplikasi/kafka-{number}")
        test.check(f"the event after {name} is applied", status == 200 and f"Uji {number}" in text, status)
    test.check("the daemon is ready still", servers.http(daemon.url + "/-/ready")[0] == 200)
    daemon.stop()


# ── Over HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────────


def over_http(test):
    daemon = test.daemon()
    created = cloud_event("element.upserted", "first", {
        "nama": "Uji", "status": "operasional", "perangkat_daerah": "diskominfo"}, SUBJECT)
    status, results = support.post(daemon, created)
    test.check("a good event is applied", status == 200 and results[0]["result"] == "applied", results)
    bad_then_good(test, daemon)
    body_too_large(test, daemon)
    listed(test, daemon)
    stored(test, daemon, CASES, "http")
    test.check("the daemon still runs", daemon.alive())


def body(test):
    over_http(test)
    broker = servers.Broker(test.folder)
    try:
        over_kafka(test, broker)
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(support.Test("e2e_bad_events").run(body))
