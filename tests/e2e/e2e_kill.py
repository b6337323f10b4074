"""Kafka in, kill -9 at random moments: nothing lost, nothing twice.

A: one partition, event clock: the transitions are those of an undisturbed run, row by row.
B: twelve partitions, wall clock: the elements and verdicts at the end are.
PATUH_KILLS says how often each is killed (20), PATUH_SEED repeats a run.
"""

import json
import os
import random
import sqlite3
import sys
import time

import support
from support import servers

KILLS = int(os.environ.get("PATUH_KILLS", "20"))
SEED = int(os.environ.get("PATUH_SEED", str(int(time.time()))))
LONGEST = 300


def history(test):
    servers.ctl("sample", "--seed", 11, "--agencies", 30, "--elements", 1500, "--months", 4, "--until", support.today(),
                "--out", test.folder / "history")
    events = test.folder / "history" / "events.ndjson"
    with open(events, "rb") as lines:
        return events, sum(1 for _ in lines)


def start(test, name, bootstrap, topic, clock):
    folder = test.folder / name
    folder.mkdir(exist_ok=True)
    # A small batch gives many moments between two commits.
    sets = [f"kafka.brokers={bootstrap}", f"kafka.group=patuh-{name}", f"kafka.topics={topic}", f"engine.clock={clock}",
            "pipeline.batch_events=100", "kafka.properties.session.timeout.ms=6000"]
    return test.start(servers.Daemon(folder, servers.port_of(), sets, name=name)).ready(LONGEST)


def taken(daemon):
    """How many messages the store has; the summary counts from the daemon's start only."""
    daemon.check()
    store = sqlite3.connect(f"file:{daemon.data / 'patuh.db'}?mode=ro", uri=True, timeout=10)
    found = store.execute("SELECT COALESCE(SUM(next), 0) FROM offsets WHERE channel = 'kafka'").fetchone()[0]
    store.close()
    return found


def finish(daemon, count):
    servers.until(f"the end of the history in {daemon.name}", LONGEST, lambda: taken(daemon) >= count, 0.1)
    daemon.stop()
    return daemon.data


def killed_run(test, name, bootstrap, topic, clock, count):
    dice = random.Random(f"{SEED} {name}")
    kills = 0
    for wanted in sorted(dice.randrange(count // 50, count * 19 // 20) for _ in range(KILLS)):
        daemon = start(test, name, bootstrap, topic, clock)
        servers.until(f"event {wanted}", LONGEST, lambda d=daemon, w=wanted: taken(d) >= w, 0.002)
        time.sleep(dice.random() * 0.03)
        daemon.kill()
        test.running.remove(daemon)
        kills += 1
    test.check(f"{name} was killed as often as asked", kills == KILLS, f"{kills} kills, seed {SEED}")
    return finish(start(test, name, bootstrap, topic, clock), count)


def transitions(data):
    """Each as it stands, but for the record that holds it: kills cut batches elsewhere."""
    rows = [json.loads(line) for line in servers.ctl("--data-dir", data, "log", "export").splitlines()]
    for row in rows:
        del row["record"]
    return rows


def state(data, drop):
    rows = [json.loads(line) for line in servers.ctl("--data-dir", data, "state").splitlines()]
    for row in rows:
        for name in drop:
            row.pop(name, None)
            row.get("fields", {}).pop(name, None)
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def equal(test, what, left, right):
    differ = next((i for i, pair in enumerate(zip(left, right)) if pair[0] != pair[1]), None)
    good = differ is None and len(left) == len(right) and left
    seen = f"{len(left)} and {len(right)}"
    if differ is not None:
        seen += f", the first that differs: {left[differ]} / {right[differ]}"
    test.check(what, good, seen)


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
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(support.Test("e2e_kill").run(body))
