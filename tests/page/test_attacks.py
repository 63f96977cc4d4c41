"""A page under attack: real requests, without a browser; it answers, says why not, and goes on."""

import io
import itertools
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest
from helpers import fails
from PIL import Image
from serving import META, Visitor, listening, panel, serve, wait_until

from stylenet.page import guard
from stylenet.page.guard import DELETE_AFTER, DELETE_EVERY
from stylenet.page.wishes import OWN, Wish

pytestmark = pytest.mark.slow


def png(height, width, mode="RGB"):
    """A file of one color, some kilobytes."""
    file = io.BytesIO()
    Image.new(mode, (width, height)).save(file, "PNG", compress_level=9)
    return file.getvalue()


@pytest.fixture
def visitor(server):
    pytest.importorskip("gradio")
    return Visitor(server[0])


@pytest.mark.parametrize("place", Wish._fields)
@pytest.mark.parametrize("path", ["http://example.org/a.png", "/etc/passwd", "pyproject.toml"])
def test_no_control_fetches_or_reads_a_file(visitor, place, path):
    visitor.draw(panel(png(20, 30)), **{place: {"path": path, "meta": META}})
    assert "Expected a file that was just dropped" in visitor.told()


@pytest.mark.parametrize("number", [-1, 99, None, "0", 1.5, [0]])
@pytest.mark.parametrize("name", ["example", "pick"])
def test_what_is_clicked_is_one_of_the_pictures(visitor, name, number):
    visitor.join(name, number)
    told = visitor.told()
    assert "process_completed" in told and "Traceback" not in told


@pytest.mark.parametrize(
    "host, origin, status",
    [
        ("127.0.0.1:{port}", None, 200),
        ("localhost:{port}", "http://localhost:{port}", 200),
        ("[::1]:{port}", None, 200),
        ("evil.org:{port}", None, 403),
        ("evil.org", "http://evil.org", 403),
        ("127.0.0.1.evil.org:{port}", None, 403),
        ("", None, 403),
        ("127.0.0.1:{port}", "http://evil.org", 403),
        ("127.0.0.1:{port}", "http://127.0.0.1:1", 403),
        ("127.0.0.1:{port}", "http://6.6.6.6", 403),
        ("127.0.0.1:{port}", "null", 403),
        ("127.0.0.1:{port}", "http://[", 403),
    ],
)
@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/upload"])
def test_the_page_answers_to_its_own_names_and_itself(visitor, host, origin, status, path):
    headers = {"Host": host.format(port=visitor.port)}
    if origin:
        headers["Origin"] = origin.format(port=visitor.port)
    found, text = visitor.request("GET", path, **headers)
    assert found == (405 if status == 200 and path.endswith("upload") else status)
    assert status == 200 or text.startswith("Expected ")


def test_a_name_can_be_allowed():
    found = guard.Guard(None, "0.0.0.0", ["Lab.uni.edu"])
    assert found.refusal("lab.uni.edu:7860") is None
    assert found.refusal("127.0.0.1:7860", "https://lab.uni.edu") is None
    assert found.refusal("LAB.uni.edu", "https://lab.uni.edu") is None
    assert "--allow-host" in found.refusal("lab.uni.org")
    assert "'https://lab.uni.org'" in found.refusal("lab.uni.edu", "https://lab.uni.org")
    assert guard.Guard(None).refusal(f"{socket.gethostname()}:80") is None


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file=%2e%2e/%2e%2e/etc/passwd",
        "/file=/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1:22/",
        "/gradio_api/file=http://127.0.0.1:22/",
        "/static/../../../../etc/passwd",
        "/custom_component/../../etc/passwd",
    ],
)
def test_no_file_and_no_address_is_given_away(visitor, path):
    status, text = visitor.request("GET", path)
    assert status >= 400 and "root:" not in text and "SSH" not in text


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/process_recording",
        "/gradio_api/call/draw",
        "/gradio_api/run/draw",
        "/gradio_api/deep_link",
        "/gradio_api/vibe-edit",
        "/gradio_api/run-history/connect",
        "/gradio_api/stream/a/0/1/playlist.m3u8",
        "/gradio_api/file=https://example.org/",
        "/monitoring",
        "/login",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_gradio_could_do_beside_is_closed(visitor, method, path):
    status, text = visitor.request(method, path)
    assert (status, text) == (404, f"Expected an address of the page. Received: {path!r}.")


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Content-Length": str(guard.MAX_REQUEST + 1)}, 413),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_request_says_how_long_it_is_and_is_not_longer(visitor, headers, status):
    path = "/gradio_api/queue/join"
    assert visitor.request("POST", path, **headers)[0] == status
    assert visitor.request("GET", "/config")[0] == 200


@pytest.mark.parametrize("name", ["draw", "hang"])
def test_small_files_of_many_pixels_are_not_decoded(visitor, name):
    """40 million pixels in some kilobytes; the page's own pictures have at most 200 a side."""
    large = panel(png(6320, 6320, "1"))
    visitor.join(name, large if name == "draw" else [large, large], *Wish())
    assert "at most 200 pixels a side" in visitor.told()


@pytest.mark.parametrize("place", ["painting", "other"])
def test_nor_as_a_painting(visitor, place):
    visitor.draw(panel(png(20, 30)), kind=OWN, **{place: panel(png(6320, 6320, "1"))})
    assert "at most 200 pixels a side" in visitor.told()


@pytest.mark.parametrize("place", ["style", "second"])
@pytest.mark.parametrize("style", ["/etc/passwd", "weights/wave.weights.h5", "none", 7])
def test_a_style_is_one_of_the_list(visitor, place, style):
    visitor.draw(panel(png(20, 30)), **{place: style})
    told = visitor.told()
    assert '"success":false' in told or "Expected one of the styles" in told
    assert "base64" not in told


@pytest.mark.parametrize(
    "photo",
    [
        "",
        "x" * 10**6,
        None,
        7,
        [],
        {"url": "http://127.0.0.1:1/a.png"},
        {"url": "data:image/svg+xml,<svg onload=alert(1)>"},
        {"url": "data:text/html;base64,AAAA"},
        {"path": "/etc/passwd"},
        {"path": "/etc/passwd", "meta": META},
        {"path": "http://127.0.0.1:1/a.png", "meta": META},
    ],
)
@pytest.mark.parametrize(
    "name", ["draw", "read", "hang", "receive_clip", "draw_clip", "paint", "receive_map"]
)
def test_what_is_no_panel_is_not_drawn(visitor, name, photo):
    if photo is None and name == "draw":
        pytest.skip("Nothing at all stands for the example.")
    if name == "draw_clip":
        visitor.join(name, *Wish(), photo)
    else:
        more = {"read": (photo,), "receive_clip": (), "receive_map": (), "paint": (None, *Wish())}
        more = more.get(name, Wish())
        visitor.join(name, [photo, photo] if name == "hang" else photo, *more)
    told = visitor.told()
    assert "process_completed" in told and "base64" not in told and "Traceback" not in told
    assert "root:" not in told and "svg" not in told


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"data": [], "fn_index": 999, "session_hash": "a"}', "\0" * 99]
)
def test_what_is_no_request_is_refused(visitor, body):
    kind = {"Content-Type": "application/json"}
    status, text = visitor.request("POST", "/gradio_api/queue/join", body, **kind)
    assert status >= 400 and "Traceback" not in text
    assert visitor.request("GET", "/config")[0] == 200


def test_more_megabytes_than_allowed_are_refused(visitor, server):
    status, text = visitor.upload(bytes(21 * 2**20))
    assert status == 413 and "maximum allowed size" in text


@pytest.mark.parametrize("data", [b"", b"no picture", png(20, 30)[:50], b"GIF89a" + bytes(99)])
def test_what_is_no_picture_gets_a_sentence_without_the_servers_folders(visitor, server, data):
    visitor.read(data)
    told = visitor.told()
    assert "Expected an intact picture" in told
    assert str(server[1]) not in told and "Traceback" not in told


SLOW = """
import time
from pathlib import Path
from stylenet.page import pictures
load_image = pictures.load_image
def slow(path, *limits):
    if pictures.picture_size(path)[0] == 6000:
        Path({folder!r}, "begun").touch()
        while not Path({folder!r}, "others are done").exists():
            time.sleep(0.05)
    return load_image(path, *limits)
pictures.load_image = slow
"""


def test_while_a_large_picture_is_read_others_get_theirs(tmp_path):
    """And a second large one is refused. The first is read until the others are done."""
    pytest.importorskip("gradio")
    file = io.BytesIO()
    Image.new("1", (6000, 6000)).save(file, "PNG")
    drawn = '"url":"data:image/jpeg'
    (tmp_path / "temporary").mkdir()
    first = SLOW.format(folder=str(tmp_path))
    with serve(tmp_path / "temporary", first=first) as (_, port):
        large, same, small = (Visitor(port) for _ in range(3))
        large.read(file.getvalue())
        told = []
        waiting = threading.Thread(target=lambda: told.append(large.told()))
        waiting.start()
        wait_until((tmp_path / "begun").exists, 120)
        same.read(file.getvalue())
        assert "one large photograph at a time" in same.told()
        small.read(png(30, 40))
        assert drawn in small.told().replace(" ", "")
        assert not told
        (tmp_path / "others are done").touch()
        waiting.join(120)
        assert drawn in told[0].replace(" ", "")


def test_what_is_uploaded_and_never_read_is_gone_within_a_minute(visitor, server):
    assert visitor.upload(png(20, 30), "left.png")[0] == 200

    def left():
        return list(server[1].rglob("left.png"))

    assert left(), "This test looks where uploads are."
    wait_until(lambda: not left(), DELETE_EVERY + DELETE_AFTER + 300)


UNTIL = """
import sys, time
from pathlib import Path
class Finder:
    def find_spec(self, name, path=None, target=None):
        while name == "gradio.blocks" and not Path({path!r}).exists():
            time.sleep(0.05)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize("early", [True, False])
def test_who_comes_before_gradio_is_loaded_is_told_to_wait(tmp_path, early):
    """And the same port answers as the page itself afterwards, if nobody ends it."""
    pytest.importorskip("gradio")
    folder = tmp_path / "temporary"
    folder.mkdir()
    first = UNTIL.format(path=str(tmp_path / "go"))
    with serve(folder, first=first, ready=listening) as (process, port):
        status, text = Visitor(port).request("GET", "/config")
        assert status == 503 and "The page is being loaded" in text
        if early:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=300)
            assert process.returncode == 143
        else:
            (tmp_path / "go").touch()
            wait_until(lambda: Visitor(port).status("/config") == 200, 600)
    assert not list(folder.rglob("*"))


def test_a_folder_that_somebody_writes_into_is_gone_afterwards(monkeypatch, tmp_path):
    """What is written while it is removed does not keep it; later nothing can be."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv(guard.UPLOADS, "")
    rmtree, late = shutil.rmtree, iter(["a", "b"])

    def slow(folder, **options):
        rmtree(folder, **options)
        for name in itertools.islice(late, 1):
            Path(folder, "work").mkdir(parents=True)
            Path(folder, "work", name).touch()

    monkeypatch.setattr(shutil, "rmtree", slow)
    with guard.temporary_folder() as uploads:
        assert Path(uploads).is_dir()
    assert not list(tmp_path.iterdir())


def test_sigterm_leaves_nothing(tmp_path):
    pytest.importorskip("gradio")
    with serve(tmp_path, "--max-size", "64") as (process, port):
        visitor, told = Visitor(port), process.stdout.readline()
        assert visitor.upload(png(20, 30))[0] == 200
        assert [path for path in tmp_path.rglob("*") if path.is_file()]
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=300)
        process.errors.seek(0)
        err = process.errors.read()
    assert process.returncode == 143, err
    assert told == f"The page is at http://127.0.0.1:{port}/. Ctrl-C ends it.\n"
    assert "share" not in out + err and "Traceback" not in err
    assert not list(tmp_path.rglob("*"))


def test_old_files_and_the_folders_they_leave_are_cleared(tmp_path):
    for name in ("old/a.png", "both/old.png", "both/new.png", "new/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    hour_ago = time.time() - 3600
    for name in ("old/a.png", "both/old.png"):
        os.utime(tmp_path / name, (hour_ago, hour_ago))
    guard.clear(tmp_path, 60)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert left == {"old", "both", "both/new.png", "new", "new/b.png"}  # "old" was just changed
    os.utime(tmp_path / "old", (hour_ago, hour_ago))
    guard.clear(tmp_path, 60)
    assert not (tmp_path / "old").exists() and (tmp_path / "new" / "b.png").exists()


def test_a_port_in_use_and_a_host_that_nobody_knows_are_two_messages(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = fails(capsys, "app", "--port", port)
        assert f"Received: {port}, where a program listens already" in said
        assert f"--port {port + 1}" in said
    said = fails(capsys, "app", "--host", "no-such-host.invalid", "--port", port)
    assert "Received: 'no-such-host.invalid', which nobody knows" in said
    said = fails(capsys, "app", "--host", "192.0.2.1", "--port", port)
    assert "Received: '192.0.2.1', which is another's" in said
