"""Debian's Chromium without a screen, driven by the DevTools protocol over a pipe. Python's standard library only."""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time

from support import servers

SECONDS = 30
# Nothing of the browser's own reaches the network; only pages' requests are left.
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps",
         "--disable-dev-shm-usage", "--mute-audio", "--remote-debugging-pipe")


class Browser:
    """One browser with one page. start() it, look at pages, stop() it."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="patuh-chromium-")
        to_child, self.write_end = os.pipe()
        self.read_end, from_child = os.pipe()

        def take_pipe():  # Chromium reads from descriptor 3 and writes to 4
            high = [os.dup2(end, 60 + i) for i, end in enumerate((to_child, from_child))]
            for i, end in enumerate(high):
                os.dup2(end, 3 + i)
                os.close(end)

        self.child = subprocess.Popen(
            ["chromium", *FLAGS, f"--user-data-dir={self.profile}", "about:blank"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False, preexec_fn=take_pipe)
        os.close(to_child)
        os.close(from_child)
        self.number, self.kept, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Accessibility", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Network.setCacheDisabled", cacheDisabled=True)

    def alive(self):
        return self.child.poll() is None

    def stop(self):
        if self.alive():
            self.session = None
            try:
                self.call("Browser.close")
                self.child.wait(10)
            except (servers.Failure, subprocess.TimeoutExpired, OSError):
                self.child.kill()
                self.child.wait()
        for end in (self.read_end, self.write_end):
            os.close(end)
        shutil.rmtree(self.profile, ignore_errors=True)

    # ── The protocol: JSON with a zero byte behind each message ──

    def receive(self, seconds):
        """The next message; None when none comes in time."""
        end = time.monotonic() + seconds
        while b"\0" not in self.kept:
            if not select.select([self.read_end], [], [], max(0, end - time.monotonic()))[0]:
                return None
            more = os.read(self.read_end, 1 << 16)
            if not more:
                raise servers.Failure("Chromium ended")
            self.kept += more
        message, _, self.kept = self.kept.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.write_end, json.dumps(request).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while (left := end - time.monotonic()) > 0:
            message = self.receive(left)
            if message is None:
                break
            if message.get("id") == self.number:
                if "error" in message:
                    raise servers.Failure(f"{method}: {message['error']['message']}")
                return message["result"]
            if "method" in message:
                self.events.append(message)
        raise servers.Failure(f"Chromium did not answer {method} within {SECONDS} s")

    def wait_for(self, method):
        end = time.monotonic() + SECONDS
        while True:
            for message in self.events:
                if message["method"] == method:
                    return message["params"]
            message = self.receive(max(0, end - time.monotonic()))
            if message is None:
                raise servers.Failure(f"{method} did not come within {SECONDS} s")
            self.events.append(message)

    # ── Pages ──

    def open(self, url):
        """Goes to the page and waits until it has loaded, with all that it fetches."""
        self.events.clear()
        wrong = self.call("Page.navigate", url=url).get("errorText")
        if wrong:
            raise servers.Failure(f"{url}: {wrong}")
        self.wait_for("Page.loadEventFired")

    def follow(self):
        """Presses Enter on what has the focus and waits for the page behind it."""
        self.events.clear()
        self.key("Enter", 13, "\r")
        self.wait_for("Page.loadEventFired")

    def key(self, name, code, text=""):
        down = {"type": "keyDown", "key": name, "code": name, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", **down, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, code=name, windowsVirtualKeyCode=code)

    def scripts(self, wanted):
        """Whether pages may run scripts of their own."""
        self.call("Emulation.setScriptExecutionDisabled", value=not wanted)

    def ask(self, expression):
        """What an expression of ours gives in the page; it runs also where the page's own scripts may not."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise servers.Failure(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def fetched(self):
        """The addresses that the page asked for since it was opened."""
        return [message["params"]["request"]["url"] for message in self.events
                if message["method"] == "Network.requestWillBeSent"]

    def complaints(self):
        """What the browser says of the page: blocked by policy, failed to load, dialogs, errors of scripts."""
        said = [message["params"]["entry"]["text"] for message in self.events if message["method"] == "Log.entryAdded"]
        return said + [message["method"] for message in self.events
                       if message["method"] in ("Page.javascriptDialogOpening", "Runtime.exceptionThrown",
                                                "Network.loadingFailed")]

    def tree(self):
        """The accessibility tree as (role, name) of each node that people meet."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes
                if not node.get("ignored") and "role" in node]
