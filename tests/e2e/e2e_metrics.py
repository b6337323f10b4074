"""Every metric is documented, every query of the dashboard has data, and the shipped files satisfy their own tools."""

import importlib.util
import itertools
import json
import re
import subprocess
import sys

import support
from support import ROOT, servers

GRAFANA = ROOT / "dashboards" / "grafana"
FAMILY = re.compile(r"\bpatuh_[a-z_]+")

# Queries over families that exist only with a Kafka broker, which this test does without.
KAFKA_ONLY = {"patuh_kafka_lag_seconds"}


def tool(test, what, *command, text=None):
    done = subprocess.run([str(word) for word in command], input=text, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    test.check(what, done.returncode == 0, done.stdout.strip()[-400:])


def shipped_files(test):
    prometheus = ROOT / "dashboards" / "prometheus"
    tool(test, "promtool takes the rules", "promtool", "check", "rules", prometheus / "rules.yml")
    tool(test, "promtool takes the configuration", "promtool", "check", "config", prometheus / "prometheus.yml")
    tool(test, "amtool takes the routes", "amtool", "check-config", ROOT / "dashboards/alertmanager/alertmanager.yml")
    spec = importlib.util.spec_from_file_location("generate", GRAFANA / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    test.check("the dashboard is what its script writes", generate.text() == generate.FILE.read_text(encoding="utf-8"))


def expressions():
    dashboard = json.loads((GRAFANA / "patuh.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")


def import_sample(test, daemon):
    servers.ctl("sample", "--agencies", 50, "--elements", 400, "--months", 2, "--until", support.today(), "--out",
                test.folder / "history")
    events = (test.folder / "history" / "events.ndjson").read_text(encoding="utf-8")
    status, results = support.post(daemon, events, "application/x-ndjson")
    test.check("the sample is taken", status == 200 and all(one["result"] != "set_aside" for one in results),
               f"{len(results)} events")
    support.post(daemon, "not an event\n", "application/x-ndjson")
    status, answer = servers.http(daemon.url + "/-/clock/wall", body="")
    test.check("event clock ends", status == 200, answer.strip())


def queries(test, daemon, prometheus):
    empty, beats = [], itertools.count()
    for title, expression in expressions():
        families = set(FAMILY.findall(expression))
        if families <= KAFKA_ONLY:
            continue

        def samples(expression=expression):
            # Something goes on while rates are asked for.
            support.post(daemon, support.cloud_event("heartbeat", f"alive-{next(beats)}", {}))
            return servers.query(prometheus, expression)

        try:
            servers.until(title, 20, samples, 0.3)
        except servers.Failure:
            empty.append(f"{title}: {expression}")
    test.check("every query of the dashboard has data", not empty, "; ".join(empty) or "all")


def documented(test, text):
    known = set(re.findall(r"`(patuh_[a-z_]+)`", (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")))
    shown = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    test.check("docs/metrics.md names each family of /metrics", shown <= known and len(shown) > 30,
               f"{len(shown)} families, without words: {sorted(shown - known)}")
    asked = {name for _, expression in expressions() for name in FAMILY.findall(expression)}
    test.check("docs/metrics.md names each family of the dashboard", asked <= known, sorted(asked - known))
    test.check("what is not asked for has words", known >= KAFKA_ONLY, sorted(KAFKA_ONLY))


def body(test):
    shipped_files(test)
    ports = [servers.port_of() for _ in range(2)]
    alertmanager = test.start(servers.start_alertmanager(test.folder, ports[0]))
    test.check("Alertmanager runs", alertmanager.alive())
    (test.folder / "data").mkdir(mode=0o700)
    daemon = test.daemon(["engine.clock=event", "file.spool=spool",
                          f"alertmanager.urls=http://{servers.HOST}:{ports[0]}"])
    test.start(servers.start_prometheus(test.folder, ports[1], daemon.url.removeprefix("http://"),
                                        f"{servers.HOST}:{ports[0]}"))
    import_sample(test, daemon)
    text = servers.http(daemon.url + "/metrics")[1]
    tool(test, "promtool takes /metrics", "promtool", "check", "metrics", text=text)
    queries(test, daemon, f"http://{servers.HOST}:{ports[1]}")
    documented(test, text)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_metrics").run(body))
