"""The store as a whole while the daemon writes to it: looked over, copied, brought back, made small; an injury is named;
what is new and what is fixed between two instants."""

import csv
import io
import re
import sqlite3
import subprocess
import sys
import threading

import support
from support import cloud_event, now_text, servers

HEAD = re.compile(r"head ([0-9a-f]{64})")


def ctl(*arguments):
    """(status, what it said)"""
    done = subprocess.run([str(servers.BIN / "patuhctl"), *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def application(name, **values):
    data = {"nama": name, "status": "operasional", "akses_publik": False, "perangkat_daerah": "dinkes", **values}
    return cloud_event("element.upserted", f"{name}-{now_text()}", data, subject=f"aplikasi/{name}")


class Sender(threading.Thread):
    """Sends one application after another until it is told to stop."""

    def __init__(self, daemon):
        super().__init__()
        self.daemon_, self.stopped, self.sent, self.refused = daemon, threading.Event(), 0, []

    def run(self):
        while not self.stopped.is_set():
            status, results = support.post(self.daemon_, application(f"app-{self.sent}"))
            if status != 200 or results[0]["result"] != "applied":
                self.refused.append((status, results))
            self.sent += 1

    def stop(self):
        self.stopped.set()
        self.join()


def looked_over_and_copied(test, daemon):
    sender = Sender(daemon)
    sender.start()
    servers.until("some events", 60, lambda: sender.sent > 20)
    status, said = ctl("--data-dir", daemon.data, "store", "check")
    test.check("the store of a running daemon is whole", status == 0 and HEAD.search(said), said.strip()[-200:])
    copy = test.folder / "copy"
    status, said = ctl("--data-dir", daemon.data, "store", "backup", copy)
    test.check("it is copied while events flow", status == 0, said.strip()[-200:])
    sender.stop()
    test.check("no event was refused meanwhile", not sender.refused and sender.sent > 20, (sender.sent, sender.refused[:1]))
    status, said = ctl("--data-dir", test.folder / "back", "store", "restore", copy)
    head = HEAD.search(said)
    test.check("the copy is brought back and is whole", status == 0 and head, said.strip()[-200:])
    status, said = ctl("--data-dir", daemon.data, "audit", "verify", "--head", head[1] if head else "")
    test.check("the log it was copied from holds its head", status == 0, said.strip()[-200:])
    mine, theirs = (servers.ctl("--data-dir", folder, "log", "export").splitlines() for folder in (test.folder / "back", daemon.data))
    test.check("its events are the first of that log", 0 < len(mine) <= len(theirs) and theirs[:len(mine)] == mine,
               f"{len(mine)} of {len(theirs)}")
    status, said = ctl("--data-dir", test.folder / "back", "store", "restore", copy)
    test.check("nothing is brought back over a store", status != 0, said.strip()[-200:])
    return copy


def an_injury_is_named(test, copy):
    database = sqlite3.connect(copy / "patuh.db")
    record = database.execute("SELECT seq FROM records WHERE transitions > 0 ORDER BY seq DESC LIMIT 1").fetchone()[0]
    database.execute("UPDATE records SET now = now + 1 WHERE seq = ?", (record,))
    database.commit()
    database.close()
    status, said = ctl("--data-dir", copy, "store", "check")
    test.check("an injured record is named, with status 1", status == 1 and f"record {record}:" in said, said.strip()[:300])
    status, said = ctl("--data-dir", copy, "store", "backup", test.folder / "injured")
    test.check("a backup of it names the record, too, and what to do, with status 1",
               status == 1 and f"record {record}:" in said and "keep the backups before it" in said, said.strip()[:500])


def an_unreadable_file_is_no_backup(test, copy):
    """A page in the middle of the file overwritten, as a failing disk does it."""
    broken = test.folder / "broken"
    broken.mkdir()
    pages = bytearray((copy / "patuh.db").read_bytes())
    middle = len(pages) // 4096 // 2 * 4096
    pages[middle:middle + 4096] = b"\xa5" * 4096
    (broken / "patuh.db").write_bytes(pages)
    status, said = ctl("--data-dir", broken, "store", "backup", test.folder / "of-broken")
    test.check("a backup of a damaged file ends with 1 and says where", status == 1 and "of-broken" in said
               and "store restore" in said and any(word in said for word in ("file:", "record ", "snapshot ")), f"{status}: {said.strip()[:900]}")


def leave_gaps(folder):
    """Room that was deleted: eight megabytes of it."""
    database = sqlite3.connect(folder / "patuh.db")
    database.executescript("CREATE TABLE gap(bytes BLOB); INSERT INTO gap VALUES(zeroblob(8000000)); DROP TABLE gap;")
    database.close()


def made_small(test, daemon):
    before = (daemon.data / "patuh.db").stat().st_size
    status, said = ctl("--data-dir", daemon.data, "store", "compact")
    test.check("with the daemon running only the daemon may", status != 0 and "in use" in said, said.strip())
    status, said = ctl("store", "compact", "--url", daemon.url)
    numbers = re.fullmatch(r"(\d+) bytes, before (\d+)\n", said)
    after = (daemon.data / "patuh.db").stat().st_size
    test.check("the daemon gives deleted room back", status == 0 and numbers and int(numbers[1]) == after < before - 7_000_000,
               f"{said.strip()}; on disk {before}, then {after}")
    status, results = support.post(daemon, application("after"))
    test.check("it goes on taking events", status == 200 and results[0]["result"] == "applied", (status, results))
    status, said = ctl("--data-dir", daemon.data, "store", "check")
    test.check("the store is whole", status == 0, said.strip()[-200:])


def since(test, daemon):
    def changes(begin, end, *more):
        status, said = ctl("--data-dir", daemon.data, "since", "--from", begin, "--to", end, "--format", "csv", *more)
        return status, {(row["turn"], row["rule"], row["element"]) for row in csv.DictReader(io.StringIO(said))}

    times = [now_text()]
    whole = {"fungsi": "surat", "luaran": "surat", "basis_aplikasi": ["web"], "tipe_lisensi": "tertutup", "basis_data": "x"}
    for values in ({}, whole):
        support.post(daemon, application("surat", **values))
        times.append(now_text())
    status, new = changes(times[0], times[1])
    named = {rule for turn, rule, element in new if turn == "new" and element == "aplikasi/surat"}
    test.check("what is new is listed, with status 1", status == 1 and named, sorted(new)[:3])
    status, then = changes(times[1], times[2])
    healed = {rule for turn, rule, element in then if turn == "fixed" and element == "aplikasi/surat"}
    test.check("what is fixed is listed, with status 0", status == 0 and healed and healed <= named, (status, sorted(then)[:3]))
    status, other = changes(times[0], times[1], "--agency", "nobody")
    test.check("of another agency nothing is", status == 0 and not other, sorted(other)[:3])


def body(test):
    daemon = test.daemon()
    support.post(daemon, cloud_event("element.upserted", "dinkes", {"nama": "Dinas Kesehatan", "kode": "dinkes"},
                                     subject="perangkat_daerah/dinkes"))
    copy = looked_over_and_copied(test, daemon)
    an_unreadable_file_is_no_backup(test, copy)
    an_injury_is_named(test, copy)
    since(test, daemon)
    daemon.stop()
    test.running.remove(daemon)
    leave_gaps(daemon.data)
    made_small(test, test.daemon())


if __name__ == "__main__":
    sys.exit(support.Test("e2e_store").run(body))
