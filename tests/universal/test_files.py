"""`stylenet universal` and `stylenet train-decoder` as a user runs them, with shipped weights."""

import numpy as np
import pytest
from helpers import fails, run

from stylenet import images
from stylenet.universal.stylizer import UniversalStylizer


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, with two photographs, a style and a mask."""
    random = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for name, size in (("a", (40, 48)), ("b", (48, 40))):
        images.save_image(tmp_path / "photos" / f"{name}.png", random.uniform(0, 255, (*size, 3)))
    images.save_image(tmp_path / "painting.png", random.uniform(0, 255, (40, 56, 3)))
    mask = np.zeros((40, 48, 3))
    mask[:, :24] = 255
    images.save_image(tmp_path / "left.png", mask)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_photograph_is_drawn_as_by_the_library(here, capsys):
    arguments = ["photos/a.png", "painting.png", "-o", "out.png", "--levels", "2,1"]
    assert run(capsys, "universal", *arguments, "--alpha", "0.8")[0] == 0
    photo, painting = images.load_image("photos/a.png"), images.load_image("painting.png", 512)
    expected = UniversalStylizer().stylize(photo, painting, 0.8, (2, 1))
    np.testing.assert_allclose(images.load_image("out.png"), expected, atol=1.0)


def test_a_folder_gets_a_picture_for_each_and_a_bad_one_is_reported(here, capsys):
    (here / "photos" / "c.png").write_bytes(b"no picture")
    arguments = ["photos", "painting.png", "-o", "out", "--levels", "1"]
    code, _, err = run(capsys, "universal", *arguments)
    assert code == 1 and "c.png" in err
    assert sorted(path.name for path in (here / "out").iterdir()) == ["a.png", "b.png"]
    assert images.load_image("out/b.png").shape == (48, 40, 3)


def test_masks_shares_colors_and_an_alpha_for_each_level_go_together(here, capsys):
    arguments = ["photos/a.png", "painting.png", "photos/b.png", "-o", "out.png"]
    code, _, err = run(
        capsys, "universal", *arguments, "--levels", "2,1", "--alpha", "1", "--alpha", "0.5",
        "--mask", "left.png", "--mask", "photos/b.png", "--share", "1", "--share", "2",
        "--colors", "match",
    )  # fmt: skip
    assert code == 0, err
    assert images.load_image("out.png").shape == (40, 48, 3)


PAIR = ("photos/a.png", "painting.png")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("none.png", "painting.png", "-o", "out.png"), "none.png"),
        (("photos/a.png", "none.png", "-o", "out.png"), "none.png"),
        ((*PAIR, "-o", "photos/a.png"), "an output that"),
        ((*PAIR, "-o", "painting.png"), "does not replace its input"),
        ((*PAIR, "-o", "out.txt"), "out.txt"),
        ((*PAIR, "-o", "out.png", "--levels", "7"), "levels among"),
        ((*PAIR, "-o", "out.png", "--levels", "a"), "'--levels'"),
        ((*PAIR, "-o", "out.png", "--strength", "2"), "strength"),
        ((*PAIR, "-o", "out.png", "--network", "vgg16"), "'vgg16' is not one of 'slim', 'vgg19'"),
        (
            (*PAIR, "-o", "out.png", "--colors", "none"),
            "'none' is not one of 'style', 'match', 'keep'",
        ),
        ((*PAIR, "-o", "out.png", "--share", "1", "--share", "2"), "share for each"),
        ((*PAIR, "-o", "out.png", "--mask", "none.png"), "none.png"),
        (("photos", "painting.png", "-o", "out.png"), "Expected a folder as output"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_written(here, capsys, arguments, message):
    before = {path: path.read_bytes() for path in here.rglob("*.png")}
    assert message in fails(capsys, "universal", *arguments)
    assert {path: path.read_bytes() for path in here.rglob("*.png")} == before


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("6", "--content", "photos", "-o", "a.weights.h5"), "'LEVEL'"),
        (("2", "--content", "none", "-o", "a.weights.h5"), "none"),
        (("2", "--content", "photos", "-o", "a.h5"), ".weights.h5"),
        (("2", "--content", "photos", "-o", "a.weights.h5", "--steps", "3"), "multiple of 100"),
        (("2", "--content", "photos", "-o", "a.weights.h5", "--start", "x.h5"), "x.h5"),
        (("2", "--content", "photos", "-o", "a.weights.h5", "--resume"), "checkpoint"),
    ],
)
def test_a_decoder_is_not_trained_on_bad_input(here, capsys, arguments, message):
    assert message in fails(capsys, "train-decoder", *arguments)
    assert not list(here.glob("a.*"))


@pytest.mark.parametrize("more", [["1"], ["4", "--batch-size", "2", "--after-higher"]])
def test_a_decoder_is_trained_from_the_command_line(here, capsys, more, uncompiled):
    arguments = ["--content", "photos", "-o", "a.weights.h5", "--preview", "photos/a.png"]
    options = ["--steps", "2", "--epoch-steps", "1", "--batch-size", "1", "--crop-size", "32"]
    code, _, err = run(capsys, "train-decoder", *arguments, *options, *more)
    assert code == 0, err
    assert {path.name for path in here.glob("a.*")} >= {"a.weights.h5", "a.json", "a.csv"}
