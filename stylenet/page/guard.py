"""What guards the page: where it listens, who may ask it for what, what stays on the disk."""

import contextlib
import errno
import ipaddress
import os
import re
import shutil
import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

UPLOADS = "GRADIO_TEMP_DIR"  # the variable that tells Gradio where uploads lie
DELETE_EVERY, DELETE_AFTER = 15, 30  # seconds
MOST_TRIES = 100  # of removing a folder
MAX_REQUEST = 120 * 2**20  # bytes, of four panels of the largest kind and an upload
# What the page asks for by itself; Gradio would answer more, and fetch from elsewhere.
PATHS = re.compile(
    r"/|/(?:config|theme\.css|manifest\.json|robots\.txt|favicon\.ico)/?"
    r"|/(?:assets|static|svelte)/.*"
    r"|/gradio_api/(?:upload|upload_progress|queue/join|queue/data|heartbeat/\w+|cancel|reset|info)/?"
    r"|/gradio_api/(?:app_id|startup-events|theme\.css)"
    r"|/gradio_api/file=(?!\w\w+:).*"
)


def check_address(host, port):
    """Checks that a server can listen at an address.

    Args:
        host: a name or an address of this computer.
        port: 1 to 65535.

    Raises:
        ValueError: nobody knows the name, or it is another computer's.
        OSError: the port is in use, or not for this user.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as error:
        raise ValueError(
            f"Expected an address of this computer as --host. Received: {host!r}, which nobody "
            "knows. 127.0.0.1 is this computer alone, 0.0.0.0 all its networks."
        ) from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise _refused(error, host, port) from error


def bracketed(host):
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def url(host, port):
    """The address of the page in a browser."""
    return f"http://{bracketed(host)}:{port}/"


def _refused(error, host, port):
    if error.errno == errno.EADDRINUSE:
        return OSError(
            f"Expected a free port. Received: {port}, where a program listens already, perhaps "
            f"this page. Choose another one, for instance with --port {port % 65535 + 1}."
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return ValueError(
            f"Expected an address of this computer as --host. Received: {host!r}, which is "
            "another's."
        )
    return OSError(
        f"Expected a port that this user may open, for instance 7860. Received: {port} "
        f"({error.strerror})."
    )


class Guard:
    """Lets those requests through that came by a name of the page, from the page, for its own.

    A page elsewhere may make a browser ask this server, by a name of its own that it lets point
    here ("DNS rebinding"), or openly; the browser says so in the headers Host and Origin.

    Args:
        app: what answers requests, by ASGI (https://asgi.readthedocs.io).
        host: the name or address that the server listens at.
        allowed: more names, for instance of a proxy.
    """

    def __init__(self, app, host="127.0.0.1", allowed=()):
        self.app, self.allowed = app, tuple(map(str.lower, allowed))
        self.names = tuple(map(str.lower, ("localhost", host, socket.gethostname(), *self.allowed)))

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            reason = self.refusal(headers.get(b"host", ""), headers.get(b"origin"))
            if reason and scope["type"] == "websocket":
                return await send({"type": "websocket.close", "code": 1008})
            if reason:
                return await _answer(send, 403, reason)
            beyond = _beyond(scope["path"], headers)
            if beyond:
                return await _answer(send, *beyond)
        await self.app(scope, receive, send)

    def refusal(self, host, origin=None):
        """Why a request is not answered, or None.

        Args:
            host: the header Host.
            origin: the header Origin, or None if there is none.
        """
        name = _name(host)
        if name not in self.names and not _is_address(name):
            return (
                f"Expected this page by a name of its own. Received: {name!r}. Whoever serves it "
                "can allow the name: stylenet app --allow-host NAME"
            )
        if origin is None or origin.partition("://")[2].lower() == host.lower():
            return None
        if _name(origin.partition("://")[2]) in self.allowed:
            return None
        return f"Expected a request of the page itself. Received one of {origin[:99]!r}."


def _beyond(path, headers):
    """The status and the text for a request of what the page does not have, or of too much."""
    if not PATHS.fullmatch(path):
        return 404, f"Expected an address of the page. Received: {path[:99]!r}."
    length = headers.get(b"content-length", "0")
    if b"transfer-encoding" in headers or not length.isdecimal():
        return 411, "Expected a request that says how long it is."
    if int(length) > MAX_REQUEST:
        return 413, f"Expected at most {MAX_REQUEST} bytes. Received: {length[:20]}."
    return None


def _name(host):
    """A host without its port, in lower case; nothing if it is none."""
    with contextlib.suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""


def _is_address(name):
    """Whether a host is an address: nobody can let that point elsewhere."""
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    return False


async def _answer(send, status, text):
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


@contextlib.contextmanager
def temporary_folder():
    """A folder for all temporary files of this process, in two parts; it is gone afterwards.

    To be made before Gradio is imported.

    Yields:
        The path of "uploads", where Gradio puts what browsers send. Beside it lies "work".
    """
    before = tempfile.tempdir
    folder = tempfile.mkdtemp()
    parts = [str(Path(folder, part)) for part in ("uploads", "work")]
    try:
        for part in parts:
            Path(part).mkdir()
        os.environ[UPLOADS], tempfile.tempdir = parts
        yield parts[0]
    finally:
        tempfile.tempdir = before
        _remove(folder)


def _remove(folder):
    """Removes a folder that others may be writing into: once it is gone, nobody can any more."""
    for _ in range(MOST_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return


def clear(folder, age):
    """Deletes what has lain in a folder for some seconds, and the folders left empty by that.

    Args:
        folder: stays itself.
        age: in seconds, since something was last written.
    """
    latest = time.time() - age
    # The deepest first.
    for path in sorted(Path(folder).rglob("*"), key=lambda path: -len(path.parts)):
        with contextlib.suppress(OSError):  # somebody else was faster, or it is not empty
            if path.lstat().st_mtime <= latest:
                path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
