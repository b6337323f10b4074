"""Processes of the demo and of the end-to-end tests: started on loopback, ended by their process id."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PATUH_BUILD_DIR", ROOT / "build" / "release")) / "bin"
HOST = "127.0.0.1"


class Failure(Exception):
    """Something did not come about; says what and where to look."""


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def port_of(wanted=0):
    """The port wanted when it is free, else any free one."""
    if wanted and is_free(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def claim(port):
    """Says to other demos that this process means to listen there, for as long as what is returned is kept: between
    choosing a port and listening there lie seconds. None when another has said so."""
    word = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        word.bind(f"\0patuh-demo-{port}")
    except OSError:
        word.close()
        return None
    return word


def http(url, body=None, content_type="application/json", timeout=30):
    """(status, text) of a request; raises OSError when nobody answers."""
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(url, data=data, headers={"Content-Type": content_type} if data is not None else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def get_json(url):
    status, text = http(url)
    if status != 200:
        raise Failure(f"{url} answered {status}: {text[:200]}")
    return json.loads(text)


def until(what, seconds, probe, pause=0.05):
    """The first true answer of probe(); Failure after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = probe()
        except OSError:
            answer = None
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failure(f"{what} did not come within {seconds} s")
        time.sleep(pause)


class Process:
    """A child with its output in a file. It dies with its parent's orderly end."""

    def __init__(self, name, command, log, env=None):
        self.name, self.log = name, log
        with open(log, "ab") as out:
            # A session of its own: Ctrl-C reaches only the demo, which ends its children itself.
            self.child = subprocess.Popen(
                [str(word) for word in command], stdout=out, stderr=out, stdin=subprocess.DEVNULL, env=env,
                start_new_session=True)

    def alive(self):
        return self.child.poll() is None

    def check(self):
        if not self.alive():
            tail = pathlib.Path(self.log).read_text(errors="replace")[-2000:]
            raise Failure(f"{self.name} ended with status {self.child.returncode}; the end of {self.log}:\n{tail}")
        return True

    def stop(self, seconds=15):
        if not self.alive():
            return self.child.returncode
        self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()

    def kill(self):
        self.child.kill()
        self.child.wait()


class Daemon(Process):
    def __init__(self, folder, port, sets=(), name="patuhd", env=None, rules=None, config=None):
        self.url = f"http://{HOST}:{port}"
        self.data = pathlib.Path(folder) / "data"
        command = [BIN / "patuhd", "--data-dir", self.data, *(["--config", config] if config else [])]
        for setting in (f"http.listen={HOST}:{port}", f"rules.pack={rules or ROOT / 'rules' / 'spbe'}",
                        f"rules.site={pathlib.Path(folder) / 'rules.d'}", *sets):
            command += ["--set", setting]
        super().__init__(name, command, pathlib.Path(folder) / "patuhd.log", env)

    def ready(self, seconds=120):
        until("patuhd's readiness", seconds, lambda: self.check() and http(self.url + "/-/ready")[0] == 200)
        return self

    def summary(self):
        return get_json(self.url + "/api/v1/summary")


def start_alertmanager(folder, port, config=None):
    config = config or ROOT / "dashboards" / "alertmanager" / "alertmanager.yml"
    process = Process(
        "alertmanager",
        ["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={folder}/alertmanager",
         f"--web.listen-address={HOST}:{port}", "--cluster.listen-address="],
        pathlib.Path(folder) / "alertmanager.log")
    until("Alertmanager", 30, lambda: process.check() and http(f"http://{HOST}:{port}/-/ready")[0] == 200)
    return process


def start_prometheus(folder, port, targets, alertmanager=None):
    """Scrapes the targets every second; the shipped rules are in force."""
    text = (ROOT / "dashboards" / "prometheus" / "prometheus.yml").read_text()
    text = text.replace("127.0.0.1:8466", targets).replace("scrape_interval: 15s", "scrape_interval: 1s")
    text = text.replace("rules.yml", str(ROOT / "dashboards" / "prometheus" / "rules.yml"))
    if alertmanager:
        text = text.replace("127.0.0.1:9093", alertmanager)
    config = pathlib.Path(folder) / "prometheus.yml"
    config.write_text(text)
    process = Process(
        "prometheus",
        ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/prometheus",
         f"--web.listen-address={HOST}:{port}", "--web.enable-lifecycle"],
        pathlib.Path(folder) / "prometheus.log")
    until("Prometheus", 30, lambda: process.check() and http(f"http://{HOST}:{port}/-/ready")[0] == 200)
    return process


GRAFANA_HOME = pathlib.Path("/usr/share/grafana")


def grafana_command():
    """How an installed Grafana's server is started, or nothing; its package keeps it in a folder of its own."""
    for name in ("grafana", "grafana-server"):
        program = shutil.which(name) or shutil.which(name, path=GRAFANA_HOME / "bin")
        if program:
            return [program, "server"] if name == "grafana" else [program]
    return None


def start_grafana(folder, port, prometheus):
    """A Grafana with data, settings and provisioning of its own: what the machine's Grafana has is not touched."""
    provisioning = pathlib.Path(folder) / "provisioning"
    shutil.copytree(ROOT / "dashboards" / "grafana" / "provisioning", provisioning)
    source = provisioning / "datasources" / "patuh.yaml"
    source.write_text(source.read_text().replace("http://127.0.0.1:9090", prometheus))
    boards = provisioning / "dashboards" / "patuh.yaml"
    boards.write_text(boards.read_text().replace("/var/lib/grafana/dashboards/patuh", f"{folder}/boards"))
    (pathlib.Path(folder) / "boards").mkdir()
    shutil.copy(ROOT / "dashboards" / "grafana" / "patuh.json", pathlib.Path(folder) / "boards")
    settings = {"SERVER_HTTP_ADDR": HOST, "SERVER_HTTP_PORT": port, "PATHS_DATA": f"{folder}/grafana",
                "PATHS_LOGS": f"{folder}/grafana", "PATHS_PLUGINS": f"{folder}/grafana/plugins",
                "PATHS_PROVISIONING": provisioning, "AUTH_ANONYMOUS_ENABLED": "true",
                "AUTH_ANONYMOUS_ORG_ROLE": "Viewer", "ANALYTICS_REPORTING_ENABLED": "false",
                "ANALYTICS_CHECK_FOR_UPDATES": "false", "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
                "NEWS_NEWS_FEED_ENABLED": "false"}
    env = {**os.environ, **{f"GF_{name}": str(value) for name, value in settings.items()}}
    process = Process("grafana", [*grafana_command(), f"--homepath={GRAFANA_HOME}"],
                      pathlib.Path(folder) / "grafana.log", env)
    try:
        until("Grafana", 60, lambda: process.check() and http(f"http://{HOST}:{port}/api/health")[0] == 200)
    except Failure:
        process.stop()
        raise
    return process


def query(prometheus, expression):
    """The samples of an instant query: a list of (labels, value)."""
    from urllib.parse import quote
    answer = get_json(f"{prometheus}/api/v1/query?query={quote(expression)}")
    return [(sample["metric"], float(sample["value"][1])) for sample in answer["data"]["result"]]


class Broker:
    """A real Apache Kafka, by tests/kafka/broker; it ends with this process at the latest."""

    def __init__(self, folder, *options):
        self.script = ROOT / "tests" / "kafka" / "broker"
        self.state = pathlib.Path(folder) / "broker.state"
        done = subprocess.run([self.script, "start", "--state", self.state, "--with-pid", str(os.getpid()), *options],
                              stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Failure("the Kafka broker did not start; see above")
        self.said = dict(word.split("=", 1) for word in done.stdout.split())
        self.bootstrap = self.said["bootstrap"]
        self.pid = int(self.said["pid"])

    def create_topic(self, name, partitions, *config):
        words = [word for setting in config for word in ("--config", setting)]
        done = subprocess.run([self.script, "topic", "create", name, "--partitions", str(partitions), *words, "--state",
                               self.state], stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise Failure(f"the topic {name} was not made; see above")

    def stop(self):
        subprocess.run([self.script, "stop", "--state", self.state], check=False, stdout=subprocess.DEVNULL)


def ctl(*arguments, **options):
    """Runs patuhctl; Failure when it does not end well."""
    done = subprocess.run([str(BIN / "patuhctl"), *map(str, arguments)], text=True, check=False,
                          stdout=subprocess.PIPE, **options)
    if done.returncode != 0:
        raise Failure(f"patuhctl {' '.join(map(str, arguments))} ended with status {done.returncode}")
    return done.stdout


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
