"""What a small drawing tells of a large one."""

import numpy as np
import pytest
from helpers import smooth

from stylenet import advice, stylizer
from stylenet.cli import main
from stylenet.colors import match_colors
from stylenet.gatys.balance import Balance
from stylenet.gatys.loss import StyleLoss
from stylenet.gatys.margin import framed
from stylenet.images import limit_size, save_image
from stylenet.losses import PRESETS


def test_advice_is_the_balance_of_the_small_drawing():
    photograph, painting = smooth(60, 90, seed=1), smooth(120, 90, seed=2)
    small, style = limit_size(photograph, 45), limit_size(painting, 60)
    drawn = stylizer(painting, "universal", alpha=0.7, style_size=60)(small)
    preset = PRESETS["gatys"]._replace(network="slim")
    judge = Balance(StyleLoss(framed(small), [style], preset), framed(small), [style], 0.5)
    expected = judge.shares(framed(drawn))
    found = advice(photograph, painting, "universal", size=45, alpha=0.7, style_size=120)
    np.testing.assert_allclose(found, expected, rtol=2e-2)


def test_matched_colors_are_those_that_the_painting_is_judged_in(monkeypatch):
    photograph, painting = smooth(60, 90, seed=1), 0.3 * smooth(60, 90, seed=2)
    drawing = match_colors(painting, photograph)  # what has all of the style that is asked for
    monkeypatch.setattr("stylenet.advising.stylizer", lambda *style, **options: lambda _: drawing)
    matched, plain = (
        advice(photograph, painting, "universal", size=90, style_size=90, colors=colors)
        for colors in ("match", "style")
    )
    assert matched.style_left < 0.1 < plain.style_left, (matched, plain)


def test_more_strength_keeps_less_structure():
    photograph, painting = smooth(60, 90, seed=1), smooth(60, 90, seed=5)
    weak, strong = (
        advice(photograph, painting, "universal", alpha=alpha).structure for alpha in (0.2, 1.0)
    )
    assert strong < weak < 1


def test_small_and_large_pictures_keep_about_as_much():
    """The promise: what a small drawing tells is what a large one does."""
    photograph, painting = smooth(60, 80, seed=1), smooth(60, 80, seed=5)
    options = {"preset": PRESETS["gatys"]._replace(network="slim"), "style_weight": 300.0}
    told = advice(photograph, painting, size=48, **options)
    drawn = stylizer(painting, "gatys", num_steps=40, progress=False, **options)(photograph)
    preset = options["preset"]
    large = framed(photograph)
    judge = Balance(StyleLoss(large, [painting], preset), large, [painting], 0.5)
    assert told.structure == pytest.approx(judge.shares(framed(drawn)).structure, abs=0.25)


def test_errors_are_those_of_the_methods():
    photograph, painting = smooth(seed=1), smooth(seed=2)
    with pytest.raises(ValueError, match="method"):
        advice(photograph, painting, "feed_forward")
    with pytest.raises(ValueError, match="alpha"):
        advice(photograph, painting, "universal", alpha=2)
    with pytest.raises(ValueError, match="alhpa"):
        advice(photograph, painting, "universal", alhpa=1)


@pytest.mark.parametrize(
    "line",
    [
        "universal p.png -s s.png",
        "universal photos -s s.png --levels 1",
        "universal p.png -s s.png --method onepass --strength 0.9",
        "gatys p.png -s s.png --network slim --structure 0.5 --tv-weight 3",
    ],
)
def test_commands_tell_and_draw_nothing(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stylenet.advising.STEPS", 2)
    save_image("p.png", smooth(40, 60, seed=1))
    save_image("s.png", smooth(60, 40, seed=2))
    save_image("photos/q.png", smooth(40, 60, seed=1))
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr("sys.argv", ["stylenet", *line.split(), "--advice"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "of the photograph's structure" in capsys.readouterr().out
    assert sorted(tmp_path.iterdir()) == before
