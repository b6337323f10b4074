"""A loopback receiver that speaks as much of Alertmanager's v2 API as a sender needs, and forgets nothing."""

import datetime
import http.server
import json
import threading

from support import servers


class Receiver:
    """Notes every alert posted to it and whether its end was posted, under its labels. Stays up until stop()."""

    def __init__(self):
        self.seen = {}  # labels -> "firing" or "resolved", as last told
        self.posts = 0
        noted = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                alerts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                noted.note(alerts)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a sender that is killed resets its connection

        self.server = Server((servers.HOST, 0), Handler)
        self.url = f"http://{servers.HOST}:{self.server.server_address[1]}"
        self.lock = threading.Lock()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, alerts):
        now = datetime.datetime.now(datetime.timezone.utc)
        with self.lock:
            self.posts += 1
            for alert in alerts:
                ended = "endsAt" in alert and datetime.datetime.fromisoformat(alert["endsAt"]) <= now
                self.seen[tuple(sorted(alert["labels"].items()))] = "resolved" if ended else "firing"

    def told(self):
        """(labels, state), sorted."""
        with self.lock:
            return sorted(self.seen.items())

    def alive(self):
        return True

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
