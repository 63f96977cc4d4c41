"""The class's gallery: in memory, bounded, of pictures alone."""

import numpy as np
import pytest

pytest.importorskip("gradio")

from serving import sent

from stylenet.page import gallery, pictures
from stylenet.page.pictures import Sent
from stylenet.page.wishes import OWN, Wish


def test_the_gallery_keeps_the_last_drawings_small_and_no_more():
    drawings = gallery.Drawings(most=3)
    for number in range(5):
        drawings.hang(np.full((20, 2 * gallery.SIZE, 3), number), str(number))
    hung = drawings.all()
    assert [caption for _, caption in hung] == ["4", "3", "2"]
    picture = pictures.unpack(sent(hung[0][0]), gallery.SIZE)
    assert picture.shape == (10, gallery.SIZE, 3)


def test_what_is_hung_up_is_a_picture_and_says_no_names(told, packed):
    drawings = gallery.Drawings()
    for pair in (None, (None, None), (sent(packed), Sent("/etc/passwd", None, "a"))):
        gallery.hang_up(drawings, pair, *Wish(), max_size=64)
    assert len(told) == 3 and not drawings.all()


def test_a_drawing_is_hung_up_with_its_style(packed, monkeypatch):
    monkeypatch.setattr(gallery.gr, "Info", lambda *words, **more: None)
    drawings, pair = gallery.Drawings(), (sent(packed), sent(packed))
    gallery.hang_up(drawings, pair, *Wish(second="the_kiss"), max_size=64)
    gallery.hang_up(drawings, pair, *Wish(kind=OWN), max_size=64)
    captions = [caption for _, caption in drawings.all()]
    assert captions == ["a painting of one's own", "wave and the kiss"]
