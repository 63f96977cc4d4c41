"""A page that is served, for tests: `serve` starts it, and a `Visitor` speaks with it by HTTP."""

import contextlib
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from urllib.parse import quote

from helpers import PROJECT


@contextlib.contextmanager
def serve(folder, *options):
    """`stylenet app` in a process of its own, whose temporary files lie in a folder.

    Yields the process and its port, once it listens.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "stylenet", "app", "--port", str(port), *options],
        env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until(lambda: process.poll() is not None or listening(port), 240)
        assert process.poll() is None, "The server stopped."
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def listening(port):
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def wait_until(fact, seconds):
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, f"Not within {seconds} seconds."
        time.sleep(0.2)


class Visitor:
    """Somebody without a browser, who sends the page what it should not get."""

    def __init__(self, port):
        self.port, self.session = port, secrets.token_hex(8)
        self.boundary = secrets.token_hex(8)

    def request(self, method, path, body=None, **headers):
        """The status and the text of an answer."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, 120)) as asked:
            asked.request(method, path, body, headers)
            answer = asked.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")

    def post(self, path, value):
        """The same for a value as JSON."""
        return self.request("POST", path, json.dumps(value), **{"Content-Type": "application/json"})

    def upload(self, data, name="photo.png"):
        """The status and the text of what the page answers to a file."""
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        body = f"--{self.boundary}\r\n{head}\r\n\r\n".encode() + data
        body += f"\r\n--{self.boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={self.boundary}"
        return self.request("POST", "/gradio_api/upload", body, **{"Content-Type": kind})

    def number_of(self, count):
        """The number of the function with so many arguments: 6 draws, 1 reads a photograph."""
        functions = json.loads(self.request("GET", "/config")[1])["dependencies"]
        return next(each["id"] for each in functions if len(each["inputs"]) == count)

    def join(self, function, *values):
        """Asks for a function of the page; `told` gives what it says."""
        task = {"data": values, "fn_index": function, "session_hash": self.session}
        return self.post("/gradio_api/queue/join", task)

    def told(self):
        """All that is said until the task is done, as text."""
        path = f"/gradio_api/queue/data?session_hash={quote(self.session)}"
        return self.request("GET", path)[1]

    def read(self, data):
        """Uploads a photograph and asks for its panel."""
        status, text = self.upload(data)
        assert status == 200, text
        file = {"path": json.loads(text)[0], "meta": {"_type": "gradio.FileData"}}
        return self.join(self.number_of(1), file)
