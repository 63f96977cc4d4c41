"""What the controls of the page ask for, as a stylizer; checked, since browsers send anything."""

import collections
import contextlib
import functools
import threading
from typing import Any, NamedTuple

from stylenet import catalog, files, inputs, reports
from stylenet.images import load_image
from stylenet.page import pictures
from stylenet.stylizers import stylizer

SHIPPED, OWN = "a style", "a painting of my own"
ONE_PASS, FIVE_LEVELS = "in one pass", "at five levels"
METHODS = {ONE_PASS: "onepass", FIVE_LEVELS: "universal"}
FULL, MIDDLE, ALPHA = 1.0, catalog.MIDDLE, 0.6  # where the strength begins
FIRST = "wave"  # the style that is chosen when the page opens
EXAMPLES = ("chelsea.png", "coffee.png", "rocket.jpg", "astronaut.png")


class Wish(NamedTuple):
    """The controls of `styles.controls`, in their order.

    `style` and `second` are names, `second` may be None; `painting` and `other` are each a
    `pictures.Sent` or None; `balance` is the share of the second, 0 to 1.
    """

    kind: str = SHIPPED
    style: str = FIRST
    second: str | None = None
    painting: Any = None
    other: Any = None
    method: str = ONE_PASS
    balance: float = 0.5
    strength: float = FULL
    stroke: float = MIDDLE
    keep: bool = False

    @property
    def name(self):
        """The style in a word or two, for the names of files."""
        if self.kind == OWN:
            sent = [each for each in (self.painting, self.other) if each]
            return "_".join(map(pictures.stem, sent))
        return "_".join(_plain(each) for each in (self.style, self.second) if each)


def as_stylizer(wish, max_size):
    """The stylizer that is wished, or None while its painting is missing.

    Args:
        wish: a `Wish`.
        max_size: of paintings, as in `pictures.unpack`.

    Raises:
        ValueError: a style that does not ship, a painting that is none, a number out of range.
    """
    inputs.choice("the kind of style", wish.kind, (SHIPPED, OWN))
    strength = inputs.fraction("strength", wish.strength)
    share = inputs.fraction("balance", wish.balance)
    colors = "keep" if wish.keep else "style"
    if wish.kind == SHIPPED:
        return _of_styles(wish, share, strength, colors)
    method = METHODS[inputs.choice("the method", wish.method, METHODS)]
    sent = [each for each in (wish.painting, wish.other) if each]
    paintings = [pictures.unpack(each, max_size) for each in sent]
    more = {"emphasis" if method == "onepass" else "alpha": strength}
    if len(paintings) > 1:
        more["shares"] = [1 - share, share]
    return stylizer(paintings, method, colors=colors, **more) if paintings else None


def _of_styles(wish, share, strength, colors):
    known = catalog.styles()
    for name in (wish.style, wish.second or wish.style):
        if name not in list(known):  # not a path: browsers can send anything
            raise ValueError(f"Expected one of the styles {[*known]}.")
    first, second = _plain(wish.style), wish.second and _plain(wish.second)
    style = {first: 1 - share, second: share} if second and second != first else wish.style
    more = {"stroke": inputs.fraction("stroke", wish.stroke)} if is_shared(wish) else {}
    return stylizer(style, strength=strength, colors=colors, **more)


def _plain(name):
    """A style's name without its network's."""
    return name.rpartition("/")[2]


def is_shared(wish):
    """Whether it is drawn by a network of many styles, which has strokes of all sizes."""
    if wish.kind == OWN:
        return False
    second = wish.second and _plain(wish.second) != _plain(wish.style)
    return bool(second) or (
        wish.style in list(catalog.styles()) and catalog.find(wish.style).shares is not None
    )


def title(wish):
    """What is wished in words that anybody may read: the names of styles that ship, no others."""
    known = catalog.styles()
    names = [each for each in (wish.style, wish.second) if each in list(known)]
    if wish.kind == OWN or not names:
        return "a painting of one's own"
    return " and ".join(_plain(each).replace("_", " ") for each in names)


def strength_of(wish):
    """Where the strength begins: in the middle where it was trained, else as the method has it."""
    if wish.kind == OWN:
        return MIDDLE if wish.method == ONE_PASS else ALPHA
    return MIDDLE if is_shared(wish) else FULL


def content(name):
    """The path of a photograph that ships with stylenet."""
    return files.shipped("images") / "content" / name


def example(max_size):
    """A photograph that ships, and its drawing: what the page shows first, and what warms it up.

    Args:
        max_size: of the longer side in pixels.

    Returns:
        Both, packed.
    """
    with _warming:
        return _example(max_size)


_warming = threading.Lock()


@functools.lru_cache
def _example(max_size):
    picture = load_image(content(EXAMPLES[0]), max_size)
    drawing = stylizer(FIRST).draw(picture)
    reports.tell(f"The style {FIRST} is loaded: the next drawings are quick.")
    return pictures.pack(picture, "example.jpg"), pictures.pack(drawing, f"example_{FIRST}.png")


def compile_later(draw, content):
    """Draws once more in the background: the second picture compiles, the next do not.

    Args:
        draw: a stylizer.
        content: the photograph that it has just drawn.
    """

    def again():
        with contextlib.suppress(*pictures.ERRORS):
            draw.draw(content)

    if content.shape not in _compiled:
        _compiled.append(content.shape)
        threading.Thread(target=again, daemon=True).start()


_compiled = collections.deque(maxlen=2)  # as many sizes as networks keep
