"""What the end-to-end tests share: the demo's helpers for processes, a folder that goes away, and findings."""

import datetime
import hashlib
import json
import os
import pathlib
import re
import signal
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "daemon" / "tools" / "demo"))
import servers  # noqa: E402  (found through the line above)

JAKARTA = datetime.timezone(datetime.timedelta(hours=7))
SAMPLE_LINE = re.compile(r"^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)$")


class Test:
    """Runs body(test) with a folder and ends what it started; every finding makes the exit status 1."""

    def __init__(self, name):
        self.name, self.running, self.findings, self.checks = name, [], [], 0
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"patuh-{name}-"))

    def check(self, what, good, seen=""):
        self.checks += 1
        print(f"{'ok  ' if good else 'FAIL'} {what}{': ' + str(seen) if seen != '' else ''}", flush=True)
        if not good:
            self.findings.append(what)
        return good

    def start(self, process):
        self.running.append(process)
        return process

    def daemon(self, sets=(), **more):
        return self.start(servers.Daemon(self.folder, servers.port_of(), sets, **more)).ready()

    def run(self, body):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with a test cut short, too
        try:
            body(self)
        except servers.Failure as failure:
            self.check("nothing failed on the way", False, failure)
        except Exception:  # a finding too: the logs are shown and the folder goes away
            self.check("nothing failed on the way", False, traceback.format_exc())
        finally:
            for process in reversed(self.running):
                process.stop()
        if self.findings:
            for log in sorted(self.folder.rglob("*.log")):
                print(f"── the end of {log.relative_to(self.folder)} ──\n{log.read_text(errors='replace')[-3000:]}", flush=True)
        servers.remove(self.folder)
        print(f"{self.name}: {self.checks} checks, {len(self.findings)} failed", flush=True)
        return 1 if self.findings or self.checks == 0 else 0


def today():
    return datetime.datetime.now(JAKARTA).date()


def now_text(**shift):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**shift)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def cloud_event(kind, event_id, data, subject=None, source="//e2e.example/registri", time=None):
    event = {"specversion": "1.0", "type": f"id.patuh.{kind}.v1", "source": source, "id": event_id,
             "time": time or now_text(), "data": data}
    if subject:
        event["subject"] = subject
    return event


def post(daemon, body, content_type="application/cloudevents+json"):
    """(status, results) of events posted."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    status, text = servers.http(daemon.url + "/api/v1/events", body, content_type)
    return status, json.loads(text).get("results", [])


def metrics(daemon):
    """{(name, labels as written): value} of /metrics."""
    out = {}
    for line in servers.http(daemon.url + "/metrics")[1].splitlines():
        if match := SAMPLE_LINE.match(line):
            out[(match["name"], match["labels"] or "")] = float(match["value"])
    return out


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def environment(**more):
    return {**os.environ, **more}
