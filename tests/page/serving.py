"""A page that is served, for tests: `serve` starts it, and a `Visitor` speaks with it by HTTP."""

import base64
import contextlib
import functools
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from urllib.parse import quote

import numpy as np
from helpers import PROJECT

from stylenet.page.pictures import Sent
from stylenet.page.wishes import Wish

START = "\nfrom stylenet import cli\ncli.run()"
META = {"_type": "gradio.FileData"}


@contextlib.contextmanager
def serve(folder, *options, first="", ready=None):
    """`stylenet app` in a process of its own, whose temporary files lie in a folder.

    `first` is code that runs in it before. Yields the process and its port, once `ready`, a
    function of the port, says so: by default the page itself, not what is answered before.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # A pipe of errors that nobody empties would stop the server.
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", first + START, "app", "--port", str(port), *options],
            env={**os.environ, "PYTHONPATH": str(PROJECT), "TMPDIR": str(folder)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            wait_until(lambda: process.poll() is not None or (ready or served)(port), 600)
            assert process.poll() is None, "The server stopped."
            process.errors = errors
            yield process, port
        finally:
            process.terminate()
            process.communicate(timeout=300)


def served(port):
    """Whether the page itself answers."""
    return listening(port) and Visitor(port).status("/config") == 200


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

    def status(self, path):
        """The status of an answer, or None if there is none."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.request("GET", path)[0]

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

    def number_of(self, name):
        """The number of a function of the page by its name, for instance "draw"."""
        return _numbers(self.port)[name]

    def join(self, name, *values):
        """Asks for a function of the page; `told` gives what it says."""
        task = {"data": values, "fn_index": self.number_of(name), "session_hash": self.session}
        return self.post("/gradio_api/queue/join", task)

    def draw(self, photo, **wish):
        """Asks for a drawing; `wish` are controls that differ from the page's first."""
        return self.join("draw", photo, *Wish()._replace(**wish))

    def told(self):
        """All that is said until the task is done, as text."""
        path = f"/gradio_api/queue/data?session_hash={quote(self.session)}"
        return self.request("GET", path)[1]

    def sent(self, data, name="photo.png"):
        """Uploads a file; what a browser says of it afterwards."""
        status, text = self.upload(data, name)
        assert status == 200, text
        return {"path": json.loads(text)[0], "orig_name": name, "meta": META}

    def read(self, data):
        """Uploads a photograph and asks for its panel."""
        return self.join("read", self.sent(data), None)


@functools.cache
def _numbers(port):
    """The functions of a page, name to number."""
    functions = json.loads(Visitor(port).request("GET", "/config")[1])["dependencies"]
    return {each["api_name"]: each["id"] for each in functions}


def panel(data, kind="png"):
    """A panel's picture as a browser sends it."""
    address = f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"
    return {"url": address, "orig_name": f"photo.{kind}"}


def sent(packed):
    """What the page gave to a browser, as it comes back."""
    return Sent(packed["url"], None, packed["orig_name"])


def write_clip(path, count, size=(48, 64)):
    """A clip of some frames of one color each."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        for number in range(count):
            pixels = np.full((*size, 3), (number * 20 % 256, 90, 60), "uint8")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
