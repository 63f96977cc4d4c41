"""What browsers send: pictures that are measured before they are decoded, and never kept.

A picture of the page lives in the browser, as an address that holds all its data ("data:image/...",
RFC 2397). From there it comes again with every move of a slider, and is checked like an upload:
browsers can send anything.
"""

import base64
import contextlib
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

from stylenet.images import load_image, picture_size, save_image
from stylenet.page import guard

MAX_MEGABYTES, MAX_PIXELS = 20, 40_000_000
LARGE = 16_000_000  # pixels of what is read one at a time
# What a bad file or a wrong number raises; the last of an extra that is missing, as for HEIC.
ERRORS = (OSError, ValueError, MemoryError, ImportError)
ADDRESS = re.compile(r"data:image/(?:jpeg|png);base64,([A-Za-z0-9+/=]*)")
AGAIN = "Expected a photograph. Drop one on the page again."
GONE = "Expected a file that was just dropped. Drop it on the page again."
LONGEST = 80  # characters of a name


class Sent(NamedTuple):
    """What a browser sent as a picture, unread: data, or the file it uploaded; and its name."""

    address: str | None
    file: str | None
    name: str | None


def pack(picture, name):
    """A picture with all its data, as Gradio's panels show and save it.

    Args:
        picture: `(height, width, 3)` in [0, 255].
        name: under which a browser saves it; the suffix, .jpg or .png, decides the format.

    Returns:
        A dict with "url" and "orig_name".
    """
    suffix = Path(name).suffix
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"picture{suffix}")
        save_image(path, picture)
        data = base64.b64encode(path.read_bytes()).decode("ascii")
    kind = "png" if suffix == ".png" else "jpeg"
    return {"url": f"data:image/{kind};base64,{data}", "orig_name": name}


def unpack(sent, max_size):
    """The picture of a panel that came back from a browser.

    Args:
        sent: a `Sent`.
        max_size: of the longer side in pixels; no panel has more.

    Returns:
        float32 `(height, width, 3)` in [0, 255].

    Raises:
        ValueError: no picture, or one that is larger than a panel's: it is not even decoded.
    """
    address = getattr(sent, "address", None)
    found = ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if not found or len(found[1]) > MAX_MEGABYTES * 2**20 * 4 // 3:
        raise ValueError(AGAIN)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photograph")
        path.write_bytes(base64.b64decode(found[1]))
        if max(picture_size(path)) > max_size:
            raise ValueError(
                f"Expected a photograph of at most {max_size} pixels a side. Drop one on the page "
                "again."
            )
        return load_image(path)


def receive(sent, max_size):
    """The picture of a file that a browser uploaded; others may have uploaded the same.

    Args:
        sent: a `Sent`.
        max_size: larger pictures are reduced to it.

    Returns:
        float32 `(height, width, 3)` in [0, 255].

    Raises:
        OSError, ValueError, ImportError: it cannot be read, as `load_image` says.
    """
    if getattr(sent, "address", None) is not None:  # an example, or what was there before
        return unpack(sent, max_size)
    path = upload(sent)
    with _turn(picture_size(path)):
        return load_image(path, max_size, MAX_PIXELS)


def upload(sent):
    """The path of the file that a browser uploaded.

    Raises:
        ValueError: there is none any more, or it lies where no upload lies.
    """
    file = getattr(sent, "file", None)
    if not is_upload(file):
        raise ValueError(GONE)
    return Path(file)


def is_upload(path):
    """Whether a path is that of a file that was uploaded, or of one that was drawn for browsers."""
    uploads = Path(os.environ.get(guard.UPLOADS, "nowhere")).resolve()
    try:
        path = Path(path).resolve()
        return path.is_file() and uploads in path.parents
    except (TypeError, ValueError, OSError):  # no path at all, or one that cannot be
        return False


@contextlib.contextmanager
def _turn(size):
    """Lets large pictures in one at a time; others find a reader meanwhile."""
    large = size[0] * size[1] > LARGE
    if large and not _large.acquire(blocking=False):
        raise ValueError(
            "Expected one large photograph at a time. Another one is being read: drop yours again "
            f"in some seconds, or a smaller one, of at most {LARGE // 10**6} megapixels."
        )
    try:
        yield
    finally:
        if large:
            _large.release()


_large = threading.Lock()


def stem(sent):
    """The name of what was sent, without its suffix, as a part of another name."""
    name = re.sub(r"[^\w .()+-]", "_", Path(getattr(sent, "name", None) or "").stem)
    return name[:LONGEST] or "photograph"
