"""The units satisfy systemd; the daemon keeps its side: READY, WATCHDOG, reload."""

import shlex
import shutil
import signal
import socket
import subprocess
import sys

import support
from support import ROOT, servers

UNITS = ("patuhd.service", "patuh-report.service", "patuh-report.timer")
EXPOSURE_MOST = 30  # tenths: systemd-analyze calls up to 3.0 "OK"
WATCHDOG_USEC = 2_000_000


def analyze(*words):
    return subprocess.run(["systemd-analyze", *map(str, words)], text=True, check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)


def copy_units(test):
    """The shipped units, started from the built programs."""
    folder = test.folder / "units"
    folder.mkdir()
    for name in UNITS:
        text = (ROOT / "systemd" / name).read_text(encoding="utf-8")
        text = text.replace("/usr/bin/patuhd", str(servers.BIN / "patuhd"))
        (folder / name).write_text(text.replace("/usr/bin/patuhctl", str(servers.BIN / "patuhctl")), encoding="utf-8")
    return [folder / name for name in UNITS]


def units(test):
    paths = copy_units(test)
    done = analyze("verify", "--man=no", "--recursive-errors=no", *paths)
    # The verdict is in what it says of our files: it is silent about a good one, whatever the status.
    said = [line for line in done.stderr.splitlines() if any(name in line for name in UNITS)]
    test.check("systemd-analyze verify finds no fault", done.returncode == 0 and not said, done.stderr.strip()[-500:])
    for path in paths[:2]:
        done = analyze("security", "--offline=yes", f"--threshold={EXPOSURE_MOST}", "--no-pager", path)
        lines = [line for line in done.stdout.splitlines() if "Overall exposure" in line]
        test.check(f"{path.name} is exposed little", done.returncode == 0 and lines, (lines or [done.stderr])[0].strip())


DATE = """#!/bin/sh
# GNU date on another day: what is relative is meant from then.
case "$1 $2" in
  -d\\ [0-9]*) exec /bin/date "$@" ;;
  -d\\ *) what=$2; shift 2; exec /bin/date -d "$NOW $what" "$@" ;;
  *) exec /bin/date -d "$NOW" "$@" ;;
esac
"""


def month_reported(test, now):
    """The month of which the shipped unit makes the report when it runs at that time."""
    line = next(line for line in (ROOT / "systemd" / "patuh-report.service").read_text(encoding="utf-8").splitlines()
                if line.startswith("ExecStart="))
    script = shlex.split(line.removeprefix("ExecStart=").replace("%%", "%"))[-1]
    folder = test.folder / "date"
    folder.mkdir(exist_ok=True)
    (folder / "date").write_text(DATE, encoding="utf-8")
    (folder / "date").chmod(0o755)
    done = subprocess.run(["sh", "-c", script.replace("exec /usr/bin/patuhctl", "echo")], text=True, check=False,
                          env={"PATH": f"{folder}:/bin:/usr/bin", "NOW": now}, stdout=subprocess.PIPE)
    words = done.stdout.split()
    return words[words.index("--month") + 1]


def months(test):
    # A computer that was off on the first of the month makes up for it later (Persistent=).
    for now, month in (("2026-11-30T17:30:00Z", "2026-11"), ("2026-12-05T03:00:00Z", "2026-11"),
                       ("2026-12-31T16:59:00Z", "2026-11"), ("2026-12-31T17:30:00Z", "2026-12")):
        got = month_reported(test, now)
        test.check(f"run at {now} the unit reports {month}", got == month, got)


class Manager:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(0.2)
        self.said = []

    def hears(self, what, seconds=60):
        def heard():
            try:
                self.said.extend(self.socket.recv(65536).decode().splitlines())
            except TimeoutError:
                pass
            return what in self.said
        return servers.until(f"{what} on NOTIFY_SOCKET", seconds, heard, 0)


def write_site(folder, text):
    site = folder / "rules.d"
    site.mkdir(exist_ok=True)
    (site / "site.toml").write_text(text, encoding="utf-8")


def rules_in_force(daemon):
    return servers.http(daemon.url + "/api/v1/rules")[1]


def running(test):
    manager = Manager(test.folder)
    daemon = test.start(servers.Daemon(test.folder, servers.port_of(), env=support.environment(
        NOTIFY_SOCKET=manager.path, WATCHDOG_USEC=str(WATCHDOG_USEC))))
    test.check("READY=1 is sent", manager.hears("READY=1"))
    test.check("it is ready then", servers.http(daemon.url + "/-/ready")[0] == 200)
    test.check("WATCHDOG=1 is sent", manager.hears("WATCHDOG=1"))
    before = rules_in_force(daemon)
    write_site(test.folder, "[[rule]]\nid = 7\nno such = thing\n")
    manager.said.clear()
    daemon.child.send_signal(signal.SIGHUP)
    test.check("RELOADING=1 is sent", manager.hears("RELOADING=1"))
    test.check("READY=1 is sent again", manager.hears("READY=1"))
    test.check("a faulty site layer leaves the old rules in force", rules_in_force(daemon) == before and before != "")
    status, text = servers.http(daemon.url + "/-/reload", body="")
    test.check("the faults are told to who asks over HTTP", status == 422 and "site.toml" in text, text[:300])
    shutil.rmtree(test.folder / "rules.d")
    test.check("it ends in order", daemon.stop() == 0)
    test.check("STOPPING=1 is sent", manager.hears("STOPPING=1"))


def body(test):
    units(test)
    months(test)
    running(test)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_units").run(body))
