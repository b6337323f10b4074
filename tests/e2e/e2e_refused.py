"""A bad configuration or pack: every fault with its place and what to do, status 78, nothing started; on a reload, asked
for over HTTP or by SIGHUP, the old stays in force and the answer or the log says what is wrong."""

import shutil
import signal
import subprocess
import sys

import support
from support import ROOT, cloud_event, servers

BAD_CONFIG = """[http]
listen = 7
lisen = "127.0.0.1:1"
[engine]
clock = "sundial"
"""
# (place: line and column, what is said of it)
CONFIG_FAULTS = [("2:10", "'listen' must be a string"), ("3:1", "unknown key 'lisen'"),
                 ("", "did you mean 'listen'?"), ("5:9", "engine.clock must be one of wall, event")]

BAD_RULES = """[[rule]]
id = "E2E-01"
kind = "aplikas"
severity = "fatal"
require = "true"
title.id = "x"

[[rule]]
id = "E2E-02"
kind = "aplikasi"
severity = "high"
require = "self.statsu == 'x' &&"
title.id = "x"
colour = "red"
"""
RULE_FAULTS = [("3:8", "there is no kind 'aplikas'"), ("", "did you mean 'aplikasi'?"),
               ("4:12", "'severity' cannot be 'fatal'"), ("", "one of: low, medium, high, critical"),
               ("12:17", "'aplikasi' has no field 'statsu'"), ("", "did you mean 'status'?"),
               ("12:33", "expected a value"), ("14:1", "unknown key 'colour' in a rule")]
KAFKA_FAULTS = [("", "sesion.timeout.ms"), ("", 'did you mean "session.timeout.ms"?')]


def unsaid(text, path, faults):
    """The faults that the text does not name at their place."""
    lines = text.splitlines()
    return [(place, words) for place, words in faults
            if not any(words in line and (not place or f"{path.name}:{place}: error: " in line) for line in lines)]


def bad_config(test):
    path = test.folder / "bad.toml"
    path.write_text(BAD_CONFIG, encoding="utf-8")
    return path


def bad_pack(test):
    pack = test.folder / "bad-pack"
    shutil.copytree(ROOT / "rules" / "spbe", pack)
    path = pack / "e2e.toml"
    path.write_text(BAD_RULES, encoding="utf-8")
    return pack, path


# ── At the start ────────────────────────────────────────────────────────────────────────────────────────────────────


def refused(test, what, faults, path, *arguments):
    data, port = test.folder / "never", servers.port_of()
    done = subprocess.run(
        [str(servers.BIN / "patuhd"), "--data-dir", str(data), "--set", f"http.listen={servers.HOST}:{port}",
         *map(str, arguments)], text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    test.check(f"{what}: status 78", done.returncode == 78, done.returncode)
    missing = unsaid(done.stderr, path, faults)
    test.check(f"{what}: every fault with its place and a hint", not missing, missing or f"{len(faults)} lines")
    test.check(f"{what}: nothing was started", not data.exists() and servers.is_free(port))


def starts(test):
    config = bad_config(test)
    refused(test, "a bad configuration", CONFIG_FAULTS, config, "--config", config)
    refused(test, "a bad configuration, only checked", CONFIG_FAULTS, config, "--config", config, "--check")
    pack, path = bad_pack(test)
    rules = ["--set", f"rules.pack={pack}", "--set", f"rules.site={test.folder / 'none'}"]
    refused(test, "a bad pack", RULE_FAULTS, path, *rules)
    refused(test, "a bad pack and bad settings of Kafka", RULE_FAULTS + KAFKA_FAULTS, path, *rules, "--set",
            "kafka.brokers=127.0.0.1:1", "--set", "kafka.properties.sesion.timeout.ms=6000")
    refused(test, "a folder for a configuration", [("", f"{test.folder}: error: "), ("", "a file is wanted")], config,
            "--config", test.folder)
    refused(test, "a folder for a secret", [("", "sasl.password.file: cannot read")], path, "--set",
            "kafka.brokers=127.0.0.1:1", "--set", f"kafka.properties.sasl.password.file={test.folder}")
    refused(test, "what could only fail later", [("", "an IP address and port"), ("", "must be a URL"), ("", "100ms")],
            path, "--set", "http.listen=example.org:80", "--set", "alertmanager.urls=127.0.0.1:9093", "--set",
            "http.timeout=0s")
    refused(test, "a site layer that is no folder", [("", f"{config}: error: the folder cannot be read")], path, "--set",
            f"rules.pack={ROOT / 'rules' / 'spbe'}", "--set", f"rules.site={config}")
    refused(test, "no pack", [("", "there-is-none")], path, "--set", f"rules.pack={test.folder / 'there-is-none'}")


def warned(test):
    secret = test.folder / "secret"
    secret.write_text("geheim-1\n", encoding="utf-8")
    for mode, open_to_all in ((0o644, True), (0o640, False)):
        secret.chmod(mode)
        done = subprocess.run(
            [str(servers.BIN / "patuhd"), "--check", "--set", f"rules.pack={ROOT / 'rules' / 'spbe'}", "--set",
             f"rules.site={test.folder / 'none'}", "--set", "kafka.brokers=127.0.0.1:1", "--set",
             f"kafka.properties.sasl.password.file={secret}"],
            text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        test.check(f"a secret of mode {mode:o} is {'' if open_to_all else 'not '}warned of", done.returncode == 0
                   and (f"{secret}: warning: " in done.stdout) == open_to_all, done.stdout.strip()[:200])
        test.check(f"and of mode {mode:o} not shown", "geheim" not in done.stdout)


# ── At a reload ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Running:
    """A daemon with files of its own that can be spoilt and mended."""

    def __init__(self, test):
        self.test = test
        self.config = test.folder / "patuh.toml"
        self.pack = test.folder / "pack"
        shutil.copytree(ROOT / "rules" / "spbe", self.pack)
        self.mend()
        self.daemon = test.start(servers.Daemon(test.folder, servers.port_of(), rules=self.pack,
                                                config=self.config)).ready()
        self.rules, self.events = self.in_force(), 0

    def mend(self):
        self.config.write_text("[log]\nlevel = \"info\"\n", encoding="utf-8")
        for path in (self.pack / "e2e.toml", self.site()):
            path.unlink(missing_ok=True)

    def site(self):
        folder = self.test.folder / "rules.d"
        folder.mkdir(exist_ok=True)
        return folder / "site.toml"

    def in_force(self):
        return [(rule["rule"], rule["severity"]) for rule in
                servers.get_json(self.daemon.url + "/api/v1/rules")["rules"]]

    def logged(self):
        return self.daemon.log.read_text(errors="replace")

    def stands(self, what):
        """The old rules are in force and judge what comes."""
        self.events += 1
        subject = f"aplikasi/e2e-{self.events}"
        status, results = support.post(self.daemon, cloud_event("element.upserted", f"r-{self.events}", {
            "nama": "Uji", "status": "operasional", "pemilik": "daerah"}, subject))
        verdict = servers.get_json(f"{self.daemon.url}/api/v1/verdicts/APP-PSE-01/{subject}")["verdict"]["state"]
        self.test.check(f"{what}: the old rules stay in force", self.in_force() == self.rules
                        and status == 200 and results[0]["result"] == "applied" and verdict == "violating", verdict)
        self.test.check(f"{what}: it is ready", servers.http(self.daemon.url + "/-/ready")[0] == 200)

    def refuses(self, what, path, faults):
        status, text = servers.http(self.daemon.url + "/-/reload", body="")
        self.test.check(f"{what}: POST /-/reload answers 422", status == 422, status)
        said = text.encode().decode("unicode_escape")  # the answer's detail is the same text within JSON
        missing = unsaid(said, path, faults)
        self.test.check(f"{what}: the answer names each fault and its place", not missing, missing)
        self.stands(f"{what}, over HTTP")
        before = len(self.logged())
        self.daemon.child.send_signal(signal.SIGHUP)
        servers.until("the log's word on the reload", 30, lambda: "reload refused" in self.logged()[before:])
        servers.until("each fault in the log", 10, lambda: not unsaid(self.logged()[before:], path, faults))
        self.test.check(f"{what}: the log names each fault and its place after SIGHUP", True)
        self.stands(f"{what}, by SIGHUP")

    def takes(self, what):
        status, text = servers.http(self.daemon.url + "/-/reload", body="")
        self.test.check(f"{what}: the reload is taken", status == 200 and "rules in force" in text, text.strip()[-60:])
        return text


def reloads(test):
    running = Running(test)
    running.config.write_text(BAD_CONFIG, encoding="utf-8")
    # A key of the file is checked also where the command line has another value for it.
    running.refuses("a spoilt configuration", running.config, CONFIG_FAULTS)
    running.mend()
    running.takes("the mended configuration")
    running.config.write_text('[http]\ntimeout = "20s"\n', encoding="utf-8")
    told = running.takes("a configuration with another option")
    test.check("it says what waits for the next start", "at the next start: http.timeout\n" in told, told)
    (running.pack / "e2e.toml").write_text(BAD_RULES, encoding="utf-8")
    running.refuses("a spoilt pack", running.pack / "e2e.toml", RULE_FAULTS)
    running.mend()
    running.site().write_text('[[override]]\nrule = "NONE-01"\nseverity = "low"\n', encoding="utf-8")
    running.refuses("a spoilt site layer", running.site(), [("1:1", "there is no rule 'NONE-01'")])
    running.site().write_text('[[override]]\nrule = "APP-PSE-01"\nseverity = "low"\n', encoding="utf-8")
    running.takes("a good site layer")
    test.check("then the new rules are in force", ("APP-PSE-01", "low") in running.in_force())


def body(test):
    starts(test)
    warned(test)
    reloads(test)


if __name__ == "__main__":
    sys.exit(support.Test("e2e_refused").run(body))
