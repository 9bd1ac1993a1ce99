"""A supervisor with tiny children, run by the tests as a process of its own: `python -m tests.running.small_house`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from incident.running import CannotStart, supervisor
from incident.running.services import Service
from incident.settings import Settings
from incident.words import words_for

WEB = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args): pass
http.server.HTTPServer((os.environ["INCIDENT_HOST"], int(os.environ["INCIDENT_PORT"])), Answer).serve_forever()
"""
WORKER = """
import os, redis, time
client = redis.Redis.from_url(os.environ["INCIDENT_REDIS_URL"])
client.ping()
while True: time.sleep(60)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True: time.sleep(60)
"""


def ran(code: str) -> int:
    """The same in a copy of the supervisor."""
    exec(code, {"__name__": "child"})
    return 0


def main(data: str, port: str, *flags: str) -> int:
    supervisor.GRACE = 0.3 if "stubborn" in flags else 10.0
    third = STUBBORN if "stubborn" in flags else "import time; time.sleep(3600)"
    services = [
        Service(name, (sys.executable, "-c", code), run=partial(ran, code) if "copied" in flags else None)
        for name, code in (("web", WEB), ("worker", WORKER), ("watch", third))
    ]
    settings = Settings.load({"INCIDENT_LOG": "json"}, Path(data))
    try:
        return supervisor.serve(
            settings.serving(None, int(port)),
            services,
            prepare=lambda ready: (ready.data / "prepared").write_text(str(ready.redis_url is not None)) and None,
            announce=lambda ready: f"up on {ready.public_url}",
        )
    except CannotStart as problem:
        sys.stderr.write(words_for("en").reason(problem.reason) + "\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
