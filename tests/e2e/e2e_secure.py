"""Kafka with TLS and passwords, by pass-through settings alone; the password stands in no log and no answer."""

import pathlib
import subprocess
import sys

import support
from support import servers

PASSWORD = "a-password-of-this-test-only"


def certificate(folder):
    """An authority that signs for 127.0.0.1, as two PEM files: what the broker shows, what the client trusts."""
    key, trusted, shown = folder / "key.pem", folder / "ca.pem", folder / "shown.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", trusted, "-days",
                    "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, stderr=subprocess.DEVNULL)
    shown.write_text(key.read_text() + trusted.read_text())
    return shown, trusted


def listener(folder, shown):
    file = folder / "secure.properties"
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
    file.write_text(f"""
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config={plain} required user_patuh="{PASSWORD}";
listener.name.sasl_ssl.ssl.keystore.type=PEM
listener.name.sasl_ssl.ssl.keystore.location={shown}
""")
    return file


def settings(broker, trusted, password):
    return [f"kafka.brokers={broker.said['secure']}", "kafka.properties.security.protocol=sasl_ssl",
            "kafka.properties.sasl.mechanisms=PLAIN", "kafka.properties.sasl.username=patuh",
            f"kafka.properties.sasl.password.file={password}", f"kafka.properties.ssl.ca.location={trusted}"]


def start(test, name, sets):
    folder = test.folder / name
    folder.mkdir()
    return test.start(servers.Daemon(folder, servers.port_of(), sets, name=name)).ready()


def body(test):
    shown, trusted = certificate(test.folder)
    broker = servers.Broker(test.folder, "--secure", listener(test.folder, shown))
    try:
        event = servers.ctl("sample-live", "--seed", 3, "--until", support.today(), "--count", 1)
        servers.ctl("publish", "--brokers", broker.bootstrap, "--partitions", 1, "-", input=event)
        password, wrong = test.folder / "password", test.folder / "wrong"
        password.write_text(PASSWORD + "\n")
        wrong.write_text("another-password\n")

        good = start(test, "good", settings(broker, trusted, password))
        servers.until("the event over TLS", 60, lambda: good.check() and good.summary()["events"] == 1)
        test.check("an event comes over TLS with a password", True)

        bad = start(test, "bad", settings(broker, trusted, wrong))
        log = pathlib.Path(bad.log)
        servers.until("a word about the password", 60,
                      lambda: bad.check() and "uthentication failed" in log.read_text(errors="replace"))
        test.check("a wrong password is said in the log, and nothing is taken", bad.summary()["events"] == 0)

        untrusted = [one for one in settings(broker, trusted, password) if "ssl.ca.location" not in one]
        blind = start(test, "blind", untrusted)
        log = pathlib.Path(blind.log)
        servers.until("a word about the certificate", 60,
                      lambda: blind.check() and "certificate" in log.read_text(errors="replace"))
        test.check("a broker whose certificate nobody vouches for is refused", blind.summary()["events"] == 0)

        logs = "".join(pathlib.Path(one.log).read_text(errors="replace") for one in (good, bad, blind))
        test.check("no password stands in a log", PASSWORD not in logs and "another-password" not in logs)
    finally:
        broker.stop()


if __name__ == "__main__":
    sys.exit(support.Test("e2e_secure").run(body))
