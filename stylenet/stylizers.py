"""One idea: a stylizer turns a picture into a picture of its size.

The style is seen once, when the stylizer is made. Files, folders, clips, the page and the
stopwatch take any stylizer, so that a new method is a function here and a line in `METHODS`.

    draw = stylenet.stylizer("wave", strength=0.6)
    draw = stylenet.stylizer("painting.jpg", method="onepass")
    result = draw(content)

A method is a function that checks a style and its options and returns `load`. That does what takes
seconds, imports of Keras included, when the first picture is drawn, and returns `paint`, a function
of a picture.
"""

import functools
import importlib
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from stylenet import catalog, images, inputs, memory, presets
from stylenet import levels as level_names
from stylenet.colors import finish, match_colors
from stylenet.images import limit_size, resize
from stylenet.weights import SUFFIX, check_source, shipped_file, style_file

STYLE_SIZE = 512  # pixels, of a painting's longer side
CHANGES = (
    "network",
    "pooling",
    "content_weight",
    "style_weight",
    "tv_weight",
    "statistics",
)  # of a preset


def stylizer(
    style: images.Picture | Sequence[images.Picture] | Callable | dict[str, float],
    method: Literal["feed_forward", "universal", "onepass", "gatys"] = "feed_forward",
    *,
    strength: float | None = None,
    colors: Literal["style", "match", "keep"] = "style",
    **options,
) -> "Stylizer":
    """A function that draws pictures in a style.

    Args:
        style: "feed_forward": a shipped style's name, a weights file, a network, or a blend, see
            `stylenet.catalog`; the others: a painting or a list of them, as paths or pictures.
        method: one of `METHODS`; the functions of this module say what each is.
        strength: 0, the photograph, to 1, the drawing, 1 unless given; fades between them, see
            `colors.finish`. Of a network of many styles as in `catalog.choose`.
        colors: "style"; "keep", the photograph's own chroma (`colors.keep_colors`); but of
            "feed_forward" also "match", the style recolored like the photograph before
            (`colors.match_colors`).
        **options: of the method.

    Returns:
        A `Stylizer`.

    Raises:
        ValueError: an unknown style, method or option, or an impossible value.
        FileNotFoundError: there is no such file.

    Example:
        >>> draw = stylizer("wave", strength=0.6)
        >>> draw(np.full((20, 30, 3), 128.0)).shape
        (20, 30, 3)
    """
    inputs.choice("method", method, METHODS)
    known = options_of(method)
    inputs.choice("colors", colors, ("style", "match", "keep") if "match" in known else COLORS)
    own = [name for name in known if name not in GIVEN]
    unknown = [name for name in options if name not in own]
    if unknown:
        raise ValueError(_unknown(method, unknown[0], own))
    more = {"match": colors == "match", "strength": strength}
    more = {name: value for name, value in more.items() if name in known}
    fade = 1.0 if strength is None else inputs.fraction("strength", strength)
    if method == "feed_forward":
        fade = catalog.choose(style, strength, options.get("stroke")).fade
    load = METHODS[method](style, **options, **more)
    given = fade if strength is None else strength
    told = {"method": method, "style": style, **options, "strength": given, "colors": colors}
    description = {name: inputs.described(value) for name, value in told.items()}
    needed = functools.partial(forecast, method, options)
    return Stylizer(load, fade, colors, description, needed)


class Stylizer:
    """A picture to a picture of its size, in a style seen once; see `stylizer`.

    Args:
        load: a function without arguments that returns `paint`: float32 `(height, width, 3)` in
            [0, 255] to the same.
        strength, colors: as in `colors.finish`.
        description: a dict for JSON that tells one stylizer from another.
        memory: a function, height and width to the GB that drawing takes, see `forecast`; or None.
    """

    def __init__(self, load, strength=1.0, colors="style", description=None, memory=None):
        self.load, self.strength, self.colors = load, strength, colors
        self.description = description or {"load": repr(load)}
        self.memory = memory

    def __getstate__(self):  # without the network, which another process loads itself
        return {name: value for name, value in vars(self).items() if name != "paint"}

    @functools.cached_property
    def paint(self):
        """What draws pictures in full strength; made when it is first asked for."""
        return self.load()

    @property
    def title(self):
        """The style in a word or two: "wave", or "mosaic.jpg, universal"."""
        styles = self.description.get("style", "a style")
        names = [Path(each).name.removesuffix(SUFFIX) for each in inputs.as_list(styles)]
        method = self.description.get("method", "feed_forward")
        return " and ".join(names) + ("" if method == "feed_forward" else f", by {method}")

    def prepare(self):
        """Loads now what the first drawing would load: seconds, once."""
        if self.strength > 0:
            self.paint  # noqa: B018
        return self

    def __call__(self, content_image: images.Picture) -> np.ndarray:
        """The drawing of a picture, of what `inputs.picture` takes for one."""
        return self.draw(inputs.picture(content_image))

    def draw(self, content):
        """The same of what is known to be float32 `(height, width, 3)` in [0, 255]."""
        if self.strength == 0:
            return content.copy()
        with memory.told(content.shape[:2], self.memory):
            return finish(self.paint(content), content, self.strength, self.colors)


def feed_forward(style, strength=None, *, stroke=None):
    """A trained network, in a single pass: Johnson et al. 2016.

    `strength` and `stroke` are as in `catalog.choose`.
    """
    catalog.choose(style, strength, stroke)  # an unknown style is told before Keras is imported

    def load():
        from stylenet.feed_forward.stylizer import load_style, paint

        network = load_style(style, strength, stroke)
        return lambda content: paint(content, network)

    return load


def universal(
    style,
    match=False,
    *,
    alpha=0.6,
    levels=None,
    network="slim",
    weights="imagenet",
    style_size=STYLE_SIZE,
    shares=None,
    masks=None,
    recipe="detail",
    transform="wct",
):
    """Any painting, by whitening and coloring: Li et al. 2017, see `UniversalStylizer`.

    `style_size` limits the paintings' longer side, in pixels. `masks` may be paths.
    """
    for value in np.ravel(alpha).tolist():
        inputs.fraction("alpha", value)
    level_names.check(network, level_names.LEVELS if levels is None else levels)
    inputs.choice("recipe", recipe, level_names.RECIPES)
    inputs.choice("transform", transform, level_names.TRANSFORMS)
    check_source(weights)
    if np.ndim(alpha) and levels is not None and len(alpha) != len(levels):
        raise ValueError(f"Expected one strength, or one for each of {len(levels)} levels.")
    styles = inputs.pictures(style, "style", style_size)
    inputs.shares(shares, len(styles))
    regions = inputs.masks(masks, len(styles))

    def load():
        engine = _engine(network, weights, recipe, transform)
        encodings = None if match else [engine.encode(each) for each in styles]

        def paint(content):
            seen = encodings or [match_colors(each, content) for each in styles]
            size = content.shape[:2]
            return engine.stylize(content, seen, alpha, levels, shares=shares, masks=regions(size))

        return paint

    return load


def onepass(style, match=False, *, emphasis=0.5, weights=None, style_size=STYLE_SIZE, shares=None):
    """Any painting, in a single pass: Ghiasi et al. 2017, see `universal.OnePass.stylize`.

    `emphasis` is the strength that the network itself has learned. `style_size` limits the
    paintings' longer side, in pixels. `weights` may be a file of your own.
    """
    inputs.fraction("emphasis", emphasis)
    shipped_file("onepass") if weights is None else style_file(weights)
    styles = inputs.pictures(style, "style", style_size)
    inputs.shares(shares, len(styles))

    def load():
        from stylenet.feed_forward.stylizer import paint as drawn
        from stylenet.universal.onepass import load as engine

        of = lambda styles: engine(weights).stylizer(styles, emphasis, shares=shares)  # noqa: E731
        network = None if match else of(styles)

        def paint(content):
            own = network or of([match_colors(each, content) for each in styles])
            return drawn(content, own)

        return paint

    return load


def gatys(
    style,
    match=False,
    *,
    num_steps=500,
    preset="gatys",
    structure=None,
    shares=None,
    masks=None,
    start="content",
    optimizer="lbfgs",
    learning_rate=10.0,
    scales=1,
    style_size=None,
    network=None,
    pooling=None,
    content_weight=None,
    style_weight=None,
    tv_weight=None,
    statistics=None,
    weights="imagenet",
    seed=0,
    progress=True,
):
    """Any painting, by optimizing the pixels: Gatys et al. 2015, see `gatys.stylize`.

    `style_size` limits the paintings' longer side, by default to the photograph's. `masks` and
    `start` may be paths. `network` to `statistics` replace the preset's if given. `structure` is a
    share of the photograph's to keep, see `gatys.balance`.
    """
    given = (network, pooling, content_weight, style_weight, tv_weight, statistics)
    changes = {name: value for name, value in zip(CHANGES, given, strict=True) if value is not None}
    presets.check(presets.find_preset(preset)._replace(**changes))
    presets.check_structure(structure, changes)
    inputs.choice("optimizer", optimizer, OPTIMIZERS)
    inputs.number("num_steps", num_steps, 1, MOST_STEPS, whole=True)
    inputs.number("scales", scales, 1, MOST_SCALES, whole=True)
    inputs.number("seed", seed, 0, LARGEST_SEED, whole=True)
    check_source(weights)
    styles = inputs.pictures(style, "style")
    inputs.shares(shares, len(styles))
    regions = inputs.masks(masks, len(styles))
    start = start if isinstance(start, str) and start in STARTS else inputs.picture(start, "start")

    def paint(content):
        from stylenet import gatys

        height, width = content.shape[:2]
        sized = [limit_size(each, style_size or max(height, width)) for each in styles]
        return gatys.stylize(
            content,
            sized,
            preset=preset,
            structure=structure,
            shares=shares,
            masks=regions((height, width)),
            start=start if isinstance(start, str) else resize(start, (height, width)),
            optimizer=optimizer,
            learning_rate=learning_rate,
            scales=scales,
            colors="match" if match else "style",
            weights=weights,
            num_steps=num_steps,
            seed=seed,
            progress=progress,
            **changes,
        ).image

    return lambda: paint


@functools.lru_cache(maxsize=2)
def _engine(network, weights, recipe, transform):
    """Encoder and decoders, which all paintings share."""
    from stylenet.universal import UniversalStylizer

    return UniversalStylizer(network, weights, recipe=recipe, transform=transform)


METHODS = {each.__name__: each for each in (feed_forward, universal, onepass, gatys)}
COLORS = ("style", "keep")
GIVEN = ("match", "strength")  # to a method, by `stylizer` itself
STARTS, OPTIMIZERS = ("content", "noise"), ("lbfgs", "adam")
MOST_STEPS, MOST_SCALES, LARGEST_SEED = 1_000_000, 12, 2**32 - 1


def options_of(method):
    """The names of a method's options, without the style."""
    return tuple(inspect.signature(METHODS[method]).parameters)[1:]


def forecast(method, options, height, width):
    """The memory that a method takes for a picture, the programs included.

    Args:
        method: one of `METHODS`.
        options: of the method, a dict.
        height: of the picture, in pixels.
        width: the same.

    Returns:
        GB (10^9 bytes), as measured on a CPU; see the method's own `memory`.
    """
    room = "feed_forward" if method == "onepass" else method  # its networks are of that kind
    room = importlib.import_module(f"stylenet.{room}")
    known = inspect.signature(room.memory).parameters
    more = {name: value for name, value in options.items() if name in known}
    return room.memory(height, width, **more)


def _unknown(method, name, known):
    return (
        f"Expected options of {method!r}, which has {', '.join(known) or 'none of its own'}. "
        f"Received: {name!r}.{inputs.did_you_mean(name, known)}"
    )
