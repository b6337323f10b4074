"""./run demo: the sample regency from events to verdicts, metrics, alerts, pages and a report, on one machine."""

import argparse
import datetime
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

import servers
from servers import HOST, ROOT, Failure, ctl, get_json, http, port_of, until

JAKARTA = datetime.timezone(datetime.timedelta(hours=7))
SEED = 7
ALERT_SECONDS = 20
TRICKLE_MS = 1000
DEPLOYMENT_EVERY = 45  # trickled events between two bad deployments


class Demo:
    def __init__(self, options):
        self.options = options
        self.start = time.monotonic()
        self.stages = []
        self.running = []
        self.claims = []
        base = ROOT / "build" / "demo"
        base.mkdir(parents=True, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=base))
        self.reports = base / "reports"
        self.until = datetime.datetime.now(JAKARTA).date()
        self.broker = self.daemon = self.trickle = None
        self.deployments = int(time.time()) % 1_000_000_000  # no two demos send the same event
        self.record = {}

    def say(self, text):
        print(f"[{time.monotonic() - self.start:5.1f} s] {text}", flush=True)

    def stage(self, name, ok, how):
        self.stages.append({"name": name, "ok": bool(ok), "how": how})
        self.say(f"{'ok  ' if ok else 'FAIL'} {name}: {how}")

    # ── Bringing everything up ──

    def run(self):
        self.start_neighbours()
        self.make_history()
        self.start_daemon(event_clock=True)
        self.replay()
        self.go_live()
        self.check_metrics()
        self.check_alert()
        self.check_restart()
        self.make_report()
        self.check_pages()
        self.summarise()
        if not self.options.once:
            self.stay()
        return 0 if all(stage["ok"] for stage in self.stages) else 1

    def own_port(self, wanted):
        """The port wanted, unless it is in use or another demo means to use it; else any free one."""
        claim = servers.claim(wanted)
        if claim:
            self.claims.append(claim)
        return port_of(wanted if claim else 0)

    def start_neighbours(self):
        self.ports = {name: self.own_port(wanted)
                      for name, wanted in (("patuhd", 8466), ("prometheus", 9090), ("alertmanager", 9093))}
        self.urls = {name: f"http://{HOST}:{port}" for name, port in self.ports.items()}
        self.say("starting Alertmanager and Prometheus")
        self.running.append(servers.start_alertmanager(self.folder, self.ports["alertmanager"]))
        self.running.append(servers.start_prometheus(
            self.folder, self.ports["prometheus"], f"{HOST}:{self.ports['patuhd']}",
            f"{HOST}:{self.ports['alertmanager']}"))
        if servers.grafana_command():
            self.start_grafana()
        if self.options.kafka:
            self.say("starting Apache Kafka (the first time its jars are fetched)")
            self.broker = servers.Broker(self.folder)
            self.say(f"Kafka answers at {self.broker.bootstrap}")

    def start_grafana(self):
        self.say("starting the Grafana that is installed here")
        self.ports["grafana"] = self.own_port(3000)
        self.urls["grafana"] = f"http://{HOST}:{self.ports['grafana']}"
        try:
            self.running.append(servers.start_grafana(self.folder, self.ports["grafana"], self.urls["prometheus"]))
            until("the provisioned dashboard in Grafana", 30,
                  lambda: http(self.urls["grafana"] + "/api/dashboards/uid/patuh")[0] == 200)
            self.stage("grafana", True, "Grafana's API has the provisioned dashboard")
        except Failure as failure:
            del self.urls["grafana"], self.ports["grafana"]
            self.stage("grafana", False, str(failure))

    def make_history(self):
        self.say(f"making thirteen months of a regency's history, until {self.until}")
        ctl("sample", "--seed", SEED, "--until", self.until, "--out", self.folder / "history")
        self.events = self.folder / "history" / "events.ndjson"
        with open(self.events, "rb") as lines:
            self.count = sum(1 for _ in lines)

    def settings(self):
        sets = [f"alertmanager.urls={self.urls['alertmanager']}", "file.spool=spool"]
        if self.broker:
            sets.append(f"kafka.brokers={self.broker.bootstrap}")
        return sets

    def start_daemon(self, event_clock=False):
        sets = self.settings() + (["engine.clock=event"] if event_clock else [])
        self.daemon = servers.Daemon(self.folder, self.ports["patuhd"], sets)
        self.running.append(self.daemon)
        self.daemon.ready()

    def replay(self):
        begin = time.monotonic()
        if self.broker:
            ctl("publish", "--brokers", self.broker.bootstrap, "--partitions", 1, self.events)
            self.say(f"{self.count} events published to Kafka")
            begin = time.monotonic()
        else:
            spool = self.daemon.data / "spool"
            spool.mkdir(exist_ok=True)
            os.rename(self.events, spool / "history.ndjson")
        shown = begin
        while True:
            self.daemon.check()
            summary = self.daemon.summary()
            if time.monotonic() - shown > 1:
                shown = time.monotonic()
                self.say(f"replaying {summary['events']} of {self.count} events, "
                         f"{summary['now'] or 'nothing yet'}")
            if summary["events"] + summary["set_aside"] >= self.count:
                break
            if time.monotonic() - begin > 600:
                raise Failure("the history was not taken within ten minutes")
            time.sleep(0.05)
        seconds = time.monotonic() - begin
        self.record["events_per_second"] = round(self.count / seconds)
        self.stage("replay", summary["events"] > 0,
                   f"{summary['events']} events taken, {summary['set_aside']} set aside, in {seconds:.1f} s "
                   f"({self.record['events_per_second']} events/s), by the daemon's own summary")

    def go_live(self):
        status, text = http(self.urls["patuhd"] + "/-/clock/wall", body="")
        if status != 200:
            raise Failure(f"event clock did not end: {text}")
        alerts = until("a digest in Alertmanager", 30, lambda: [
            alert for alert in get_json(self.urls["alertmanager"] + "/api/v2/alerts")
            if alert["labels"]["alertname"] == "PatuhDigest"])
        self.stage("digests", alerts, f"{len(alerts)} agencies' digests of the imported history, by Alertmanager's API")

    # ── Asking the other side ──

    def check_metrics(self):
        wanted = get_json(self.urls["patuhd"] + "/api/v1/summary")
        total = sum(wanted["violations"].values())

        def same():
            samples = servers.query(self.urls["prometheus"], "sum(patuh_violations)")
            return samples and samples[0][1] == sum(self.daemon.summary()["violations"].values())

        try:
            until("equal numbers in Prometheus", 30, same, 0.3)
            self.stage("metrics", True, f"Prometheus counts the same {total} violations as the summary")
        except Failure as failure:
            self.stage("metrics", False, str(failure))

    def send(self, lines):
        """Events into the daemon, the way this demo feeds it."""
        text = "".join(line + "\n" for line in lines)
        if self.broker:
            ctl("publish", "--brokers", self.broker.bootstrap, "-", input=text)
        else:
            status, answer = http(self.urls["patuhd"] + "/api/v1/events", text, "application/x-ndjson")
            if status != 200:
                raise Failure(f"events were not taken: {status} {answer[:300]}")

    def alerts_of(self, event_id):
        name = quote(f'cause="{event_id}"')
        return get_json(f"{self.urls['alertmanager']}/api/v2/alerts?active=true&filter={name}")

    def deploy_badly(self):
        self.deployments += 1
        event = ctl("sample-deployment", "--seed", SEED, self.deployments).strip()
        begin = time.monotonic()
        self.send([event])
        alerts = until("the alert of a bad deployment", ALERT_SECONDS,
                       lambda: self.alerts_of(json.loads(event)["id"]), 0.02)
        return event, alerts, time.monotonic() - begin

    def heal(self):
        self.send(ctl("sample-deployment", "--heal", "--seed", SEED, self.deployments).splitlines())

    def check_alert(self):
        try:
            event, alerts, seconds = self.deploy_badly()
            self.record["alerts_received"] = len(alerts)
            rules = ", ".join(sorted({alert["labels"]["rule"] for alert in alerts}))
            self.stage("alert", True, f"Alertmanager holds {len(alerts)} alerts ({rules}) of event "
                       f"{json.loads(event)['id']}, {seconds:.2f} s after it was sent")
            self.heal()
            until("the end of the deployment's alert", ALERT_SECONDS, lambda: not [
                alert for alert in self.alerts_of(json.loads(event)["id"]) if alert["labels"]["rule"] == "APP-DEP-01"])
            self.stage("healing", True, "the alert of APP-DEP-01 is resolved in Alertmanager")
        except Failure as failure:
            self.stage("alert", False, str(failure))

    def check_restart(self):
        before = self.daemon.summary()
        begin = time.monotonic()
        status = self.daemon.stop()
        self.running.remove(self.daemon)
        self.start_daemon()
        after = self.daemon.summary()
        keys = ("elements", "verdicts", "compliant", "violations", "undetermined", "waived")
        same = all(before[key] == after[key] for key in keys)
        self.stage("restart", same and status == 0,
                   f"after a restart of {time.monotonic() - begin:.1f} s elements and verdicts are the same")

    def make_report(self):
        month = (self.until.replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
        self.reports.mkdir(parents=True, exist_ok=True)
        written = ctl("--data-dir", self.daemon.data, "report", "generate", "--month", month, "--out",
                      self.reports).split()
        report = json.loads(next(pathlib.Path(p) for p in written if p.endswith(".json")).read_text())
        self.record["report"] = next(p for p in written if p.endswith(".html"))
        self.stage("report", report["month"] == month and report["agencies"],
                   f"{month}: {len(report['agencies'])} agencies, {self.record['report']}")

    def check_pages(self):
        for path in ("/?lang=id", "/?lang=en"):
            status, text = http(self.urls["patuhd"] + path)
            self.stage(f"page {path}", status == 200 and "</html>" in text, f"status {status}, {len(text)} bytes")

    # ── What people see ──

    def summarise(self):
        summary = self.daemon.summary()
        self.record.update(
            events=self.count, elements=summary["elements"], agencies=summary["agencies"],
            verdicts=summary["verdicts"], violations=summary["violations"], stages=self.stages,
            seconds=round(time.monotonic() - self.start, 1))
        self.record.setdefault("alerts_received", 0)
        if self.options.json:
            pathlib.Path(self.options.json).write_text(json.dumps(self.record, indent=1) + "\n")
        year = summary["year_end"]
        print(f"""
  Kabupaten (sample)   {summary['agencies']} agencies, {summary['elements']} elements, {self.count} events,
                       {self.record['events_per_second']} events/s
  Violations           {', '.join(f'{count} {name}' for name, count in summary['violations'].items())}
  Score, coverage      {percent(summary['score'])}, {percent(summary['coverage'])} (not the official index)
  Owe most             {'; '.join(f"{a['name'] or a['agency']} ({sum(a['violations'].values())})"
                                  for a in summary['owe_most'])}
  Before the year ends?  {year['agencies_with_all_domains']} of {year['agencies_owing_domains']} agencies have all six
                       domains; {year['late_milestones']} milestones are late; {year['days_left']} days are left

  Console        {self.urls['patuhd']}/
  Prometheus     {self.urls['prometheus']}/
  Alertmanager   {self.urls['alertmanager']}/
  Grafana        {self.urls['grafana'] + '/d/patuh' if 'grafana' in self.urls else
                  'no server is installed here; dashboards/README.md says how to add the dashboard to yours'}
  Report         {self.record['report']}
""", flush=True)
        failed = [stage["name"] for stage in self.stages if not stage["ok"]]
        print(f"{len(self.stages) - len(failed)} stages seen to work" + (f", not: {', '.join(failed)}" if failed else ""),
              flush=True)

    def stay(self):
        n = self.deployments + 1000
        ctl_path = servers.BIN.relative_to(ROOT) if servers.BIN.is_relative_to(ROOT) else servers.BIN
        post = f"curl -sS -H 'Content-Type: application/x-ndjson' --data-binary @- {self.urls['patuhd']}/api/v1/events"
        ports = " ".join(f"-L {port}:{HOST}:{port}" for port in self.ports.values())
        print(f"""
Running with live events until Ctrl-C. Try in another terminal:
  a bad deployment   {ctl_path}/patuhctl sample-deployment {n} | {post}
  what heals it      {ctl_path}/patuhctl sample-deployment {n} --heal | {post}
  from elsewhere     ssh {ports} {socket.gethostname()}   then open the addresses above there
  --kafka            {'is on: the events come through a real Apache Kafka' if self.broker else
                      'puts a real Apache Kafka between agencies and patuhd'}
""", flush=True)
        sent = 0
        live = subprocess.Popen(
            [str(servers.BIN / "patuhctl"), "sample-live", "--seed", str(SEED), "--until", str(self.until), "--count",
             "1000000000", "--every-ms", str(TRICKLE_MS)], stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.trickle = live
        for line in live.stdout:
            for process in self.running:
                process.check()
            self.send([line.rstrip("\n")])
            sent += 1
            if sent % DEPLOYMENT_EVERY == 0:
                event, alerts, seconds = self.deploy_badly()
                self.say(f"a noncompliant deployment ({json.loads(event)['id']}): {len(alerts)} alerts in "
                         f"Alertmanager after {seconds:.2f} s")
            if sent % DEPLOYMENT_EVERY == DEPLOYMENT_EVERY // 2 and sent > DEPLOYMENT_EVERY:
                self.heal()
                self.say("… and it is healed")

    def end(self):
        if self.trickle:
            self.trickle.kill()
            self.trickle.wait()
        for process in reversed(self.running):
            process.stop()
        if self.broker:
            self.broker.stop()
        servers.remove(self.folder)


def percent(value):
    return "–" if value is None else f"{value:.1f} %"


def main():
    parser = argparse.ArgumentParser(prog="./run demo")
    parser.add_argument("--kafka", action="store_true")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    # A terminal that goes away leaves as little running as Ctrl-C does.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    demo = Demo(options)
    try:
        return demo.run()
    except Failure as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 69
    except KeyboardInterrupt:
        print("\nending", file=sys.stderr)
        return 0
    finally:
        demo.end()


if __name__ == "__main__":
    sys.exit(main())
