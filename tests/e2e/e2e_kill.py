"""Kafka in, kill -9 at random moments: nothing lost, nothing twice.

A: one partition, event clock: the transitions are those of an undisturbed run, row by row.
B: twelve partitions, wall clock: the elements and verdicts at the end are. With the rules that read only elements of
   their own agency (home_pack.py says which) and topics keyed by agency, also each agency's changes of verdicts with
   what caused them are the same, no alert is missing and none is new.
PATUH_KILLS says how often each is killed (20), PATUH_SEED repeats a run.
"""

import collections
import datetime
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
import tomllib

import home_pack
import support
from receiver import Receiver
from support import ROOT, servers

KILLS = int(os.environ.get("PATUH_KILLS", "20"))
SEED = int(os.environ.get("PATUH_SEED", str(int(time.time()))))
LONGEST = 300


def history(test, until=None, name="history"):
    servers.ctl("sample", "--seed", 11, "--agencies", 30, "--elements", 1500, "--months", 4, "--until",
                until or support.today(), "--out", test.folder / name)
    events = test.folder / name / "events.ndjson"
    with open(events, "rb") as lines:
        return events, sum(1 for _ in lines)


def start(test, name, bootstrap, topic, clock, rules=None, more=()):
    folder = test.folder / name
    folder.mkdir(exist_ok=True)
    # A small batch gives many moments between two commits.
    sets = [f"kafka.brokers={bootstrap}", f"kafka.group=patuh-{name}", f"kafka.topics={topic}", f"engine.clock={clock}",
            "pipeline.batch_events=100", "kafka.properties.session.timeout.ms=6000", *more]
    return test.start(servers.Daemon(folder, servers.port_of(), sets, name=name, rules=rules)).ready(LONGEST)


def rows(data, query):
    store = sqlite3.connect(f"file:{data / 'patuh.db'}?mode=ro", uri=True, timeout=10)
    found = store.execute(query).fetchall()
    store.close()
    return found


def taken_by(data):
    """How many messages the store has; the summary counts from the daemon's start only."""
    return rows(data, "SELECT COALESCE(SUM(next), 0) FROM offsets WHERE channel = 'kafka'")[0][0]


def taken(daemon):
    daemon.check()
    return taken_by(daemon.data)


def finish(daemon, count, before_end=lambda daemon: None):
    servers.until(f"the end of the history in {daemon.name}", LONGEST, lambda: taken(daemon) >= count, 0.1)
    before_end(daemon)
    daemon.stop()
    return daemon.data


def killed_run(test, name, bootstrap, topic, clock, count, before_end=lambda daemon: None, **more):
    dice = random.Random(f"{SEED} {name}")
    kills = 0
    begun = 0
    for wanted in sorted(dice.randrange(count // 50, count * 19 // 20) for _ in range(KILLS)):
        daemon = start(test, name, bootstrap, topic, clock, **more)
        # Two runs in a row that end at one input, each within the milliseconds between its mark and its commit, are
        # what an input looks like that brings the daemon down: it is set aside (decision 9). So each run gets further.
        least = max(wanted, begun + 1)
        servers.until(f"event {least}", LONGEST, lambda d=daemon, n=least: taken(d) >= n, 0.002)
        time.sleep(dice.random() * 0.03)
        daemon.kill()
        test.running.remove(daemon)
        begun = taken_by(daemon.data)
        kills += 1
    test.check(f"{name} was killed as often as asked", kills == KILLS, f"{kills} kills, seed {SEED}")
    return finish(start(test, name, bootstrap, topic, clock, **more), count, before_end)


def transitions(data):
    """Each as it stands, but for the record that holds it: kills cut batches elsewhere."""
    found = [json.loads(line) for line in servers.ctl("--data-dir", data, "log", "export", "--what", "transitions").splitlines()]
    for row in found:
        del row["record"]
    return found


def state(data, drop):
    found = [json.loads(line) for line in servers.ctl("--data-dir", data, "state").splitlines()]
    for row in found:
        for name in drop:
            row.pop(name, None)
            row.get("fields", {}).pop(name, None)
    return sorted(json.dumps(row, sort_keys=True) for row in found)


def equal(test, what, left, right):
    differ = next((i for i, pair in enumerate(zip(left, right)) if pair[0] != pair[1]), None)
    good = differ is None and len(left) == len(right) and left
    seen = f"{len(left)} and {len(right)}"
    if differ is not None:
        seen += f", the first that differs: {left[differ]} / {right[differ]}"
    test.check(what, good, seen)


# ── B with the rules that stay at home ──────────────────────────────────────────────────────────────────────────────

# In these the due time lies anywhere in a day; of all others of the sample on a midnight in Jakarta, or far away.
DUE_AT_ANY_TIME = "REF-SIA-01"
# The history ends this long ago: what runs out within days of its last event has run out before the test.
ENDED_DAYS = 20
QUIET_MINUTES = 10  # longer than the two runs take


def await_quiet():
    """No midnight of Jakarta falls into the runs: dates and deadlines turn there."""
    now = datetime.datetime.now(support.JAKARTA)
    midnight = datetime.datetime.combine(now.date() + datetime.timedelta(days=1), datetime.time(), support.JAKARTA)
    if midnight - now < datetime.timedelta(minutes=QUIET_MINUTES):
        time.sleep((midnight - now).total_seconds() + 1)


def home_rules(test, events):
    pack = ROOT / "rules" / "spbe"
    with open(events, encoding="utf-8") as lines:
        known = home_pack.History(lines, tomllib.loads((pack / "schema.toml").read_text(encoding="utf-8")))
    out = test.folder / "home"
    kept, whole = home_pack.write(pack, out, known, leave_out=(DUE_AT_ANY_TIME,))
    done = subprocess.run([str(servers.BIN / "patuhctl"), "rules", "check", str(out)], text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    test.check("B at home: the pack is whole in itself", done.returncode == 0 and kept > 30,
               done.stdout.strip()[-300:] if done.returncode else f"{kept} of {whole} rules stay at home")
    return out, known


def publish_by_agency(test, broker, known):
    """Twelve partitions; an agency's events share one."""
    lines = "".join(f"{known.key(event)}\t{json.dumps(event)}\n" for event in known.events)
    servers.ctl("publish", "--brokers", broker.bootstrap, "--topic", "agencies", "--partitions", 12, "--keyed", "-",
                input=lines)
    return len(known.events)


def all_told(test, daemon):
    """Nothing waits to be told, and no timer fell due, in all of the log: recovery wakes again what once woke."""
    servers.until("the outbox's emptiness", LONGEST, lambda: not rows(daemon.data, "SELECT 1 FROM outbox LIMIT 1"))
    woken = support.metrics(daemon).get(("patuh_wakes_total", ""))
    test.check(f"{daemon.name}: no timer fell due", woken == 0, woken)


def changes(data):
    """{agency: changes of verdicts with what caused them}."""
    out = collections.defaultdict(collections.Counter)
    for row in transitions(data):
        out[row["agency"]][(row["rule"], row["element"], row["cause_source"], row["cause_id"], row["from"], row["to"])] += 1
    return out


def episodes(data):
    """The alerts of the store but for when they began and ended, which is wall time."""
    return sorted(rows(data, "SELECT agency, rule, kind, element, occurrence, cause, phase, resolved IS NULL, told "
                             "FROM all_alerts"))


def equal_by_agency(test, whole, killed):
    differ = {agency: sorted(((whole[agency] - killed[agency]) + (killed[agency] - whole[agency])).items())[:2]
              for agency in whole.keys() | killed.keys() if whole[agency] != killed[agency]}
    total = sum(count.total() for count in whole.values())
    test.check("B at home: each agency's changes of verdicts are the same", total and not differ,
               differ or f"{total} of {len(whole)} agencies")
    causes = {cause for count in whole.values() for _, _, cause, _, _, _ in count}
    test.check("B at home: each was caused by an event", "" not in causes, len(causes))


def at_home(test, broker):
    events, _ = history(test, support.today() - datetime.timedelta(days=ENDED_DAYS), "history-home")
    pack, known = home_rules(test, events)
    count = publish_by_agency(test, broker, known)
    await_quiet()
    receivers = [test.start(Receiver()) for _ in range(2)]

    def settings(receiver):
        return {"rules": pack, "more": [f"alertmanager.urls={receiver.url}"]}

    def end(daemon):
        all_told(test, daemon)

    whole = finish(start(test, "h-undisturbed", broker.bootstrap, "agencies", "wall", **settings(receivers[0])), count, end)
    killed = killed_run(test, "h-killed", broker.bootstrap, "agencies", "wall", count, end, **settings(receivers[1]))
    equal_by_agency(test, changes(whole), changes(killed))
    equal(test, "B at home: the store's alerts are the same", episodes(whole), episodes(killed))
    equal(test, "B at home: no alert is missing and none is new at the receiver", receivers[0].told(),
          receivers[1].told())


# ── All of it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def body(test):
    print(f"seed {SEED}, {KILLS} kills a variant", flush=True)
    broker = servers.Broker(test.folder)
    try:
        events, count = history(test)
        for topic, partitions in (("one", 1), ("twelve", 12)):
            servers.ctl("publish", "--brokers", broker.bootstrap, "--topic", topic, "--partitions", partitions, events)
        whole = finish(start(test, "a-undisturbed", broker.bootstrap, "one", "event"), count)
        killed = killed_run(test, "a-killed", broker.bootstrap, "one", "event", count)
        equal(test, "A: transitions are the same row by row", transitions(whole), transitions(killed))
        equal(test, "A: elements and verdicts are the same", state(whole, ()), state(killed, ()))
        servers.ctl("--data-dir", killed, "audit", "verify")
        test.check("A: the chain of the killed store is whole", True)
        whole = finish(start(test, "b-undisturbed", broker.bootstrap, "twelve", "wall"), count)
        killed = killed_run(test, "b-killed", broker.bootstrap, "twelve", "wall", count)
        # Wall time shows in when a source was heard and since when a verdict stands, and in nothing else.
        drop = ("since", "terakhir_terdengar")
        equal(test, "B: elements and verdicts are the same", state(whole, drop), state(killed, drop))
        at_home(test, broker)
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(support.Test("e2e_kill").run(body))
