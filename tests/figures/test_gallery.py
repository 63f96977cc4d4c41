import re

import numpy as np
import pytest
from helpers import PROJECT

import stylenet
from stylenet import images
from stylenet.figures import gallery
from stylenet.weights import styles

FOLDER = PROJECT / "images"


def test_the_raccoon_is_drawn_by_the_style_that_the_caption_names():
    figure = gallery.raccoon(style="udnie", size=64)
    content = images.load_image(FOLDER / "course" / "raccoon.jpg", 64)
    expected = content, gallery.thumbnail("udnie"), stylenet.stylize(content, "udnie")
    for axis, picture in zip(figure.drawing.axes, expected, strict=True):
        np.testing.assert_array_equal(axis.images[0].get_array(), picture.astype("uint8"))
    assert [axis.get_title() for axis in figure.drawing.axes] == ["content", "style", "result"]
    assert "Picabia" in figure.caption and "64 pixels" in figure.caption


@pytest.mark.parametrize("style", styles())
def test_every_shipped_style_has_a_thumbnail_of_its_painting(style):
    picture = gallery.thumbnail(style)
    assert max(picture.shape[:2]) == 320
    height, width = picture.shape[:2]
    recorded = styles()[style]["style"]["size"]
    np.testing.assert_allclose(width / height, recorded[0] / recorded[1], rtol=0.01)


def test_every_thumbnail_is_credited_with_artist_and_year():
    text = (FOLDER / "paintings" / "LICENSE.md").read_text()
    for style in styles():
        name = f"{gallery.PAINTINGS.get(style, style)}.jpg"
        [row] = re.findall(rf"(?m)^\| `{re.escape(name)}` \|.*$", text)
        title, artist, year = (cell.strip() for cell in row.split("|")[2:5])
        recorded = styles()[style]["title"]
        assert title in recorded and artist.split(" (")[0] in recorded and year in recorded
    assert len(list((FOLDER / "paintings").glob("*.jpg"))) == len(styles())


def test_the_sheet_of_the_readme_is_small():
    assert (FOLDER / "figures" / "styles.jpg").stat().st_size < 400_000
