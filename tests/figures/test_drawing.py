"""What a page or a slide gets: bytes, widths, and colors that all can tell apart."""

import base64
import io
import itertools

import numpy as np
import pytest
from PIL import Image
from skimage.color import rgb2lab

from stylenet.figures import drawing

# Colors of a screen, made linear, as people without one kind of cone see them: Machado, Oliveira
# and Fernandes 2009, https://doi.org/10.1109/TVCG.2009.113, severity 1.
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colors, matrix):
    """CIE 1976 L*a*b* of colors as "#RRGGBB", seen through a matrix."""
    rgb = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(matrix), 0, 1)
    back = np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055)
    return rgb2lab(back[None])[0]


@pytest.mark.parametrize("matrix", SEEN.values(), ids=SEEN)
def test_all_can_tell_the_colors_of_lines_apart_and_from_the_page(matrix):
    points = lab([*drawing.COLORS, "#FFFFFF"], matrix)
    apart = [np.linalg.norm(a - b) for a, b in itertools.combinations(points, 2)]
    assert min(apart) >= 15


def test_lines_differ_in_color_and_in_style():
    _, axes = drawing.grid(1, 2)
    for axis in axes[0]:
        lines = [axis.plot([0, 1], [number, 0])[0] for number in range(len(drawing.COLORS))]
        assert [line.get_color() for line in lines] == list(drawing.COLORS)
        styles = {(line.get_linestyle(), str(line._dash_pattern)) for line in lines}
        assert len(styles) == len(lines)


def figure(picture):
    whole, axes = drawing.grid(1, 1, width=5.0)
    drawing.show(axes[0, 0], picture)
    return drawing.Figure(whole, "a caption")


def test_a_page_gets_one_picture_its_width_and_its_caption():
    bundle, metadata = figure(np.zeros((8, 8, 3)))._repr_mimebundle_()
    assert set(bundle) == {"image/png", "text/plain"} and bundle["text/plain"] == "a caption"
    assert metadata == {"image/png": {"width": 600, "alt": "a caption"}}
    with Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))) as shown:
        assert shown.width == 600


def test_a_photograph_is_a_jpeg_of_less_than_half_the_size():
    photograph = figure(drawing.photograph("coffee.png"))
    kind, data = drawing.encode(photograph)
    buffer = io.BytesIO()
    photograph.drawing.savefig(buffer, format="png", dpi=drawing.SCREEN_DPI)
    assert kind == "image/jpeg" and len(data) < buffer.tell() / 2
    exact, close = (
        np.asarray(Image.open(one).convert("RGB"), "float32") for one in (buffer, io.BytesIO(data))
    )
    assert np.abs(exact - close).mean() < 3


def test_noise_which_jpeg_stores_badly_stays_a_png():
    noise = np.random.default_rng(0).choice([0.0, 80.0, 160.0, 255.0], (300, 300, 3))
    assert drawing.encode(figure(noise))[0] == "image/png"
