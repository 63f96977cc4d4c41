"""What browsers send: exact, measured before it is decoded, and from where uploads lie."""

import base64
import io
import sys

import numpy as np
import pytest
from helpers import smooth
from PIL import Image
from serving import sent

from stylenet import images
from stylenet.page import guard, pictures
from stylenet.page.pictures import Sent, pack, receive, unpack


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    """The folder of uploads."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv(guard.UPLOADS, str(folder))
    return folder


def test_a_packed_picture_is_the_same_when_it_comes_back(pixels):
    picture = pixels.astype("float32")
    packed = pack(picture, "a_wave.png")
    assert packed["orig_name"] == "a_wave.png"
    np.testing.assert_array_equal(unpack(sent(packed), 20), picture)
    file = io.BytesIO(base64.b64decode(packed["url"].partition(",")[2]))
    np.testing.assert_array_equal(np.asarray(Image.open(file)), pixels)


@pytest.mark.parametrize(
    "address", [None, 7, "", "/etc/passwd", "http://other.org/x.png", "data:text/html;base64,AAAA"]
)
def test_what_is_no_picture_is_refused(address):
    with pytest.raises(ValueError, match="Drop one on the page"):
        unpack(Sent(address, None, "a.png"), 64)


@pytest.mark.parametrize("value", [None, 7, ["a"], {"url": "data:image/png;base64,"}])
def test_what_was_not_sent_by_a_panel_is_refused(value):
    with pytest.raises(ValueError, match="Drop one on the page"):
        unpack(value, 64)


def test_more_data_than_an_upload_may_have_is_refused(monkeypatch, pixels):
    packed = pack(pixels.astype("float32"), "a.png")
    monkeypatch.setattr(pictures, "MAX_MEGABYTES", 1e-4)
    with pytest.raises(ValueError, match="Drop one on the page"):
        unpack(sent(packed), 64)


def test_what_a_browser_sends_is_measured_before_it_is_decoded(monkeypatch):
    packed = sent(pack(np.zeros((30, 65, 3), "float32"), "a.png"))
    assert unpack(packed, 65).shape == (30, 65, 3)
    monkeypatch.setattr(pictures, "load_image", lambda *arguments: pytest.fail("It was decoded."))
    with pytest.raises(ValueError, match="at most 64 pixels a side"):
        unpack(packed, 64)


def test_an_upload_is_read_and_reduced_and_stays_for_others(uploads):
    path = uploads / "photo.png"
    images.save_image(path, np.full((30, 60, 3), 7.0))
    for _ in range(2):  # Gradio puts equal files into one place
        assert receive(Sent(None, str(path), "photo.png"), 20).shape == (10, 20, 3)


def test_a_file_elsewhere_is_no_upload(uploads, tmp_path):
    path = tmp_path / "photo.png"
    images.save_image(path, np.zeros((9, 9, 3)))
    link = uploads / "link.png"
    link.symlink_to(path)
    for each in (path, link, uploads / ".." / "photo.png", uploads, "/etc/passwd"):
        with pytest.raises(ValueError, match="Drop it on the page again"):
            receive(Sent(None, str(each), "photo.png"), 20)
    assert path.exists()


def test_an_upload_of_too_many_pixels_is_not_decoded(uploads, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 599)
    path = uploads / "wide.png"
    Image.new("1", (30, 20)).save(path)
    with pytest.raises(ValueError, match="30 x 20 pixels are more than the limit of 599"):
        receive(Sent(None, str(path), "wide.png"), 20)


def test_with_its_extra_heic_is_read_as_other_pictures_are(uploads):
    pytest.importorskip("pillow_heif").register_heif_opener()
    picture = smooth(40, 60)
    Image.fromarray(picture.astype("uint8")).save(uploads / "photo.heic", quality=95, chroma=444)
    found = receive(Sent(None, str(uploads / "photo.heic"), "photo.heic"), 60)
    assert found.shape == (40, 60, 3) and np.abs(found - picture).mean() < 4


def test_without_its_extra_heic_is_named(uploads, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = uploads / "photo.heic"
    path.write_text("a photograph of a telephone")
    with pytest.raises(ImportError, match=r"pip install 'stylenet\[heic\]'"):
        receive(Sent(None, str(path), "photo.heic"), 20)


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a cat.jpg", "a cat"),
        ("a/../<b>&.png", "_b__"),
        ("Öl.heic", "Öl"),
        ("x" * 999 + ".png", "x" * pictures.LONGEST),
        (None, "photograph"),
    ],
)
def test_a_name_is_a_part_of_names(name, expected):
    assert pictures.stem(Sent(None, None, name)) == expected
