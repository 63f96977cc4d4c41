"""The shipped styles by their names: networks of one style, and those that one network shares.

| style                            | what it is                                                  |
|----------------------------------|-------------------------------------------------------------|
| "wave"                           | the network of this style alone                             |
| "many/klee_senecio"              | one style of the shipped network `many`                     |
| "klee_senecio"                   | the same, since no network alone has a style of that name   |
| {"wave": 2, "starry_night": 1}   | a blend of that network's styles, two thirds and one        |
| "mine.weights.h5"                | a file of one's own, with one style                         |
| "mine.weights.h5/klee_senecio"   | one style of a file with several                            |
"""

import os
from pathlib import Path
from typing import NamedTuple

from stylenet import files, weights
from stylenet.inputs import did_you_mean, fraction
from stylenet.inputs import shares as as_shares

MIDDLE = 0.5  # of both sliders: the weights of the preset, strokes of medium size


class Found(NamedTuple):
    """A weights file; of a network of many styles also their names, and the share of each chosen.

    `styles` is () and `shares` is None for a network of one style.
    """

    path: Path
    styles: tuple = ()
    shares: dict | None = None


class Choice(NamedTuple):
    """How a style is drawn.

    `strength` and `stroke` are the sliders of a network of many styles, `fade` is how much of a
    drawing is mixed into the photograph in the end: all of it, where the strength was trained.
    """

    found: Found | None
    strength: float
    stroke: float
    fade: float


def styles() -> dict[str, dict]:
    """The shipped styles.

    Returns:
        A dict, name to record, in alphabetical order: first networks of one style, with what
        `weights.styles` tells; then the styles of networks of many, with "network", the network's
        name, "file", "title", "summary" and more. Of two styles of one name, the second is
        "many/NAME".

    Example:
        >>> list(styles())[:5]
        ['composition_vii', 'starry_night', 'the_scream', 'udnie', 'wave']
    """
    found = dict(weights.styles())
    for network, record in sorted(weights.records("styles").items()):
        for name in sorted(record["styles"]):
            own = {"network": network, "file": record["file"]} | record["styles"][name]
            found[f"{network}/{name}" if name in found else name] = own
    return found


def is_shipped(style):
    """Whether a style is one that `styles` lists."""
    return isinstance(style, str) and (style in styles() or _inside(style) is not None)


def find(style):
    """What draws a style.

    Args:
        style: a name, a path or a dict, see above.

    Returns:
        `Found`.

    Raises:
        FileNotFoundError: no such file.
        ValueError: an unknown style, a file that was changed, a blend of several networks' styles,
            or shares that are negative or all 0.
    """
    if isinstance(style, dict):
        return _blend(style)
    files.refuse_address(style)
    style = os.fspath(style)
    path, name = _inside(style) or (weights.style_file(_known(style)), None)
    names = tuple(weights.network_options(path).get("styles", ()))
    if not names:
        return Found(path)
    if name is None and len(names) == 1:
        name = names[0]
    if name not in names:
        received = "none" if name is None else repr(name)
        raise ValueError(
            f"Expected one of the styles of {path.name}, for instance {path.name}/{names[0]}: "
            f"{', '.join(names)}. Received: {received}.{did_you_mean(name or '', names)}"
        )
    return Found(path, names, {name: 1.0})


def choose(style, strength=None, stroke=None):
    """How a style is to be drawn.

    Args:
        style: as in `find`; or a network or another function, which has one style.
        strength: 0 to 1. Of a network of one style from the photograph to the drawing, 1 unless
            given; of one of many, from a quarter of the style's usual weight to four times that, as
            it was trained for, 0.5 unless given.
        stroke: of a network of many styles 0, small strokes, to 1, large ones; 0.5 unless given.

    Returns:
        A `Choice`.

    Raises:
        FileNotFoundError, ValueError: as `find`; a slider beyond its ends, or a stroke where there
            is only one.
    """
    found = None if callable(style) else find(style)
    for name, value in (("strength", strength), ("stroke", stroke)):
        if value is not None:
            fraction(name, value)
    if found and found.shares:
        strength, stroke = (MIDDLE if each is None else each for each in (strength, stroke))
        return Choice(found, strength, stroke, 1.0)
    if stroke is not None:
        raise ValueError(
            "Expected a style of a network of many, whose strokes come in all sizes (see `stylenet "
            f"styles`), or no stroke. Received: {style!r}, stroke={stroke}."
        )
    return Choice(found, MIDDLE, MIDDLE, 1.0 if strength is None else strength)


def _blend(shares):
    """Styles of one network of many, by their shares."""
    values = as_shares(list(shares.values()), len(shares))
    found = {name: find(_in_many(name)) for name in shares}
    if len({each.path for each in found.values()}) > 1 or not all(f.shares for f in found.values()):
        raise ValueError(
            "Expected styles of one network that has them all, to blend. Received: "
            f"{', '.join(map(str, shares))}."
        )
    path, names, _ = next(iter(found.values()))
    chosen = [next(iter(each.shares)) for each in found.values()]
    return Found(path, names, dict(zip(chosen, values.tolist(), strict=True)))


def _in_many(name):
    """A plain name that a shipped network of many styles has, with that network's."""
    for network, record in weights.records("styles").items():
        if name in record["styles"]:
            return f"{network}/{name}"
    return name


def _inside(style):
    """The file of a network of many styles and the name of one of them; None for all else."""
    network, slash, name = style.rpartition("/")
    known = weights.records("styles")
    if slash and network in known:
        return weights.shipped_file(network), name
    if slash and network.endswith(weights.SUFFIX) and Path(network).is_file():
        return Path(network), name
    if style in known:
        return weights.shipped_file(style), None
    if not slash and style not in weights.styles() and _in_many(style) != style:
        return _inside(_in_many(style))
    return None


def _known(style):
    """The same, if it may be a file's path or a network's name; else the styles that there are."""
    path, known = Path(style), styles()
    if len(path.parts) > 1 or path.suffix or style in known:
        return style
    raise ValueError(
        f"Expected a shipped style ({', '.join(weights.styles()) or 'none is here'}; all: stylenet "
        f"styles) or the path of a weights file ending in {weights.SUFFIX}. Received: {style!r}."
        f"{did_you_mean(style, known)}"
    )
