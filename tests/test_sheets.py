import numpy as np
import pytest
from PIL import Image

from stylenet import sheets


def test_contact_sheet_has_white_gaps_between_pictures_of_one_height():
    tall, wide = np.zeros((80, 40, 3)), np.full((20, 40, 3), 100.0)
    sheet = sheets.contact_sheet([[tall, wide], [wide]], height=40, gap=6)
    assert sheet.shape == (40 + 6 + 40, 20 + 6 + 80, 3)
    assert sheet.dtype == "float32"
    assert (sheet[:40, :20] == 0).all()
    np.testing.assert_allclose(sheet[:40, 26:], 100, rtol=1e-5)
    np.testing.assert_allclose(sheet[46:, :80], 100, rtol=1e-5)
    assert (sheet[40:46] == 255).all()
    assert (sheet[:40, 20:26] == 255).all()
    assert (sheet[46:, 80:] == 255).all()


def test_captions_are_drawn_below_the_pictures(smooth):
    plain = sheets.contact_sheet([[smooth, smooth]], height=48, gap=4)
    sheet = sheets.contact_sheet([[smooth, smooth]], [["content", None]], height=48, gap=4)
    np.testing.assert_array_equal(sheet[:48], plain)
    assert sheet[48:, :64].min() < 100
    assert (sheet[48:, 64:] == 255).all()


def test_long_caption_fits_below_its_picture(smooth):
    sheet = sheets.contact_sheet([[smooth]], [["a caption of many words " * 3]], height=256)
    below = sheet[256:].min(axis=(0, 2))
    assert (below[1:-1] < 255).any()
    assert (below[[0, -1]] == 255).all()


def test_contact_sheet_is_deterministic(smooth):
    first, second = (sheets.contact_sheet([[smooth]], [["wave"]]) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_contact_sheet_without_gap_loses_no_pixel(pixels):
    sheet = sheets.contact_sheet([[pixels], [pixels]], height=13, gap=0)
    np.testing.assert_array_equal(sheet, np.concatenate([pixels, pixels]))


@pytest.mark.parametrize("rows, captions", [([], None), ([[]], None), ([[1]], [["a", "b"]])])
def test_contact_sheet_of_nothing_or_with_other_captions_is_refused(rows, captions):
    with pytest.raises(ValueError, match="rows"):
        sheets.contact_sheet(rows, captions)


def test_pictures_are_shown_side_by_side_whatever_they_come_as(tmp_path, pixels):
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    shown = sheets.show(path, Image.fromarray(pixels), pixels, captions=["a", "b", "c"])
    sheet = np.asarray(shown)
    assert shown._repr_png_()[:4] == b"\x89PNG"
    assert sheet.shape[1] == 3 * 17 + 2 * 8
    for left in (0, 25, 50):
        np.testing.assert_array_equal(sheet[:13, left : left + 17], pixels)
    np.testing.assert_array_equal(np.asarray(sheets.show(pixels)), pixels)
    assert sheets.show(np.ones((900, 30, 3)), pixels).size[1] == sheets.TALLEST


def test_nothing_can_not_be_shown():
    with pytest.raises(ValueError, match="at least one picture"):
        sheets.show()
