"""What the controls ask for: what the library draws, and nothing else."""

import collections
import threading

import numpy as np
import pytest

import stylenet
from stylenet.page import wishes
from stylenet.page.pictures import Sent, pack, unpack
from stylenet.page.wishes import FIVE_LEVELS, ONE_PASS, OWN, Wish

SMALL = 48


@pytest.fixture(scope="module")
def content():
    return stylenet.load_image(wishes.content("coffee.png"), 40)


@pytest.fixture(scope="module")
def paintings():
    """Two, as a browser sends them."""
    folder = wishes.content("x").parents[1] / "style"
    packed = [
        pack(stylenet.load_image(folder / name, SMALL), name)
        for name in ("mosaic.jpg", "strokes.jpg")
    ]
    return [Sent(each["url"], None, each["orig_name"]) for each in packed]


def assert_close(found, expected):
    """The same up to the rounding of a drawing that is compiled and one that is not."""
    np.testing.assert_allclose(found, expected, atol=0.1)


def drawn(content, **wish):
    return wishes.as_stylizer(Wish(**wish), SMALL).draw(content)


def test_a_style_is_drawn_as_the_library_draws_it(content):
    for more in ({"strength": 1.0}, {"strength": 0.4, "keep": True}):
        colors = "keep" if more.get("keep") else "style"
        expected = stylenet.stylize(content, "udnie", more["strength"], colors)
        assert_close(drawn(content, style="udnie", **more), expected)


def test_a_style_of_many_has_strokes(content):
    found = drawn(content, style="klee_senecio", strength=0.8, stroke=0.1)
    expected = stylenet.stylize(content, "klee_senecio", 0.8, stroke=0.1)
    assert_close(found, expected)


def test_a_second_style_is_blended_in_by_its_share(content):
    wish = {"style": "wave", "second": "the_kiss", "balance": 0.25, "strength": 0.5}
    expected = stylenet.stylize(content, {"wave": 3, "the_kiss": 1}, 0.5, stroke=0.5)
    assert_close(drawn(content, **wish), expected)


@pytest.mark.parametrize("second", [None, "", "many/wave"])
def test_a_style_with_itself_is_the_style(content, second):
    found = drawn(content, style="wave", second=second, balance=0.3)
    assert_close(found, stylenet.stylize(content, "wave"))


def test_a_painting_is_drawn_in_one_pass_or_at_five_levels(content, paintings):
    style = unpack(paintings[0], SMALL)
    wish = {"kind": OWN, "painting": paintings[0], "strength": 0.6}
    for method, options in (
        (ONE_PASS, {"method": "onepass", "emphasis": 0.6}),
        (FIVE_LEVELS, {"method": "universal", "alpha": 0.6}),
    ):
        expected = stylenet.stylizer(style, **options)(content)
        assert_close(drawn(content, method=method, **wish), expected)


def test_two_paintings_are_mixed_by_their_shares(content, paintings):
    styles = [unpack(each, SMALL) for each in paintings]
    wish = {"kind": OWN, "painting": paintings[0], "other": paintings[1], "balance": 0.25}
    expected = stylenet.stylizer(styles, "onepass", emphasis=0.5, shares=[3, 1])(content)
    assert_close(drawn(content, strength=0.5, **wish), expected)


def test_without_a_painting_there_is_nothing_to_draw():
    assert wishes.as_stylizer(Wish(kind=OWN), SMALL) is None


@pytest.mark.parametrize(
    "wish, words",
    [
        ({"style": "weights/wave.weights.h5"}, r"one of the styles \['"),
        ({"style": ""}, "one of the styles"),
        ({"style": None}, "one of the styles"),
        ({"style": ["wave"]}, "one of the styles"),
        ({"second": "/etc/passwd"}, "one of the styles"),
        ({"kind": "other"}, "the kind of style"),
        ({"kind": OWN, "method": "gatys"}, "the method"),
        ({"kind": OWN, "painting": Sent(None, "/etc/passwd", "a")}, "Drop one on the page"),
        ({"strength": 2}, "strength between 0 and 1"),
        ({"strength": None}, "strength between 0 and 1"),
        ({"strength": "1"}, "strength between 0 and 1"),
        ({"balance": float("nan")}, "balance between 0 and 1"),
        ({"style": "klee_senecio", "stroke": -1}, "stroke between 0 and 1"),
    ],
)
def test_what_no_control_can_ask_for_is_refused(wish, words):
    with pytest.raises(ValueError, match=words):
        wishes.as_stylizer(Wish(**wish), SMALL)


@pytest.mark.parametrize(
    "wish, strength, strokes",
    [
        ({}, 1.0, False),
        ({"style": "klee_senecio"}, 0.5, True),
        ({"second": "the_kiss"}, 0.5, True),
        ({"style": "many/wave"}, 0.5, True),
        ({"kind": OWN}, 0.5, False),
        ({"kind": OWN, "method": FIVE_LEVELS}, 0.6, False),
    ],
)
def test_sliders_begin_where_the_method_has_its_middle(wish, strength, strokes):
    assert wishes.strength_of(Wish(**wish)) == strength
    assert wishes.is_shared(Wish(**wish)) == strokes


def test_a_wish_has_a_name_for_files_and_one_for_everybody():
    wish = Wish(style="many/wave", second="the_kiss")
    assert (wish.name, wishes.title(wish)) == ("wave_the_kiss", "wave and the kiss")
    own = Wish(kind=OWN, painting=Sent(None, None, "my aunt.jpg"))
    assert (own.name, wishes.title(own)) == ("my aunt", "a painting of one's own")
    assert wishes.title(Wish(style="<b>")) == "a painting of one's own"


def test_a_size_is_drawn_once_more_in_the_background_and_not_again(monkeypatch):
    seen, done = [], threading.Event()

    class Draw:
        def draw(self, content):
            seen.append(content.shape)
            done.set()

    monkeypatch.setattr(wishes, "_compiled", collections.deque(maxlen=2))
    for _ in range(3):
        wishes.compile_later(Draw(), np.zeros((8, 9, 3)))
    assert done.wait(10)
    assert seen == [(8, 9, 3)]
