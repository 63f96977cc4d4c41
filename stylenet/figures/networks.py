"""Diagrams of the lectures: the networks, drawn from the models, and the published runtimes."""

import json
from pathlib import Path

import numpy as np
from matplotlib.patches import Rectangle

from stylenet.figures.drawing import COLORS, PICTURES, Figure, grid

# Seconds a picture on an NVIDIA Quadro M6000: Jing et al., https://arxiv.org/abs/1705.04058
PUBLISHED_SIZES = (256, 512, 1024)
PUBLISHED_SECONDS = {
    "Gatys et al.": (14.32, 51.19, 200.3),
    "Johnson et al.": (0.014, 0.045, 0.166),
    "Ulyanov et al.": (0.022, 0.047, 0.145),
    "Li and Wand": (0.015, 0.055, 0.229),
    "AdaIN": (0.026, 0.095, 0.382),
    "WCT (Li et al.)": (0.620, 1.139, 2.947),
}

# How the methods that `stylenet benchmark` measures are called on the chart.
OWN_NAMES = {"gatys": "Gatys", "universal": "five levels", "onepass": "one pass"}


# The pictures of the perceptual-loss system, and what goes where.
SYSTEM = {
    (-6.2, 0.0): "photograph\nx",
    (-4.0, 0.0): "transformation\nnetwork f",
    (-1.8, 0.0): "result\ny = f(x)",
    (-1.8, 1.4): "style target\n$y_s$, a painting",
    (-1.8, -1.4): "content target\n$y_c = x$",
}
ARROWS = (
    ((-5.4, 0.0), (-5.05, 0.0)),
    ((-2.95, 0.0), (-2.5, 0.0)),
    ((-1.1, 0.0), (-0.6, 0.0)),
    ((-1.3, 1.05), (-0.6, 0.5)),
    ((-1.3, -1.05), (-0.6, -0.5)),
    ((-6.0, -0.4), (-2.9, -1.35)),
)


def transform_net(size=256):
    """The feed-forward network, drawn from the model: each convolution's name and result."""
    from stylenet.feed_forward.network import transform_net as build

    model = build(padding="reflect", upsampling="nearest")
    shapes = {}
    for layer in model.layers:
        if layer.weights and not layer.name.endswith("_norm"):
            shapes[layer.name] = layer.kernel.shape
    drawing, axes = grid(1, 1, aspect=2.2)
    axis, side = axes[0, 0], size
    for place, (name, shape) in enumerate(shapes.items()):
        side = _side_after(name, side)
        height = side / size
        color = COLORS[1] if name.startswith("residual") else COLORS[0]
        axis.bar(place, height, width=0.15 + 0.6 * shape[3] / 128, color=color, alpha=0.8)
        axis.text(place, height + 0.03, f"{side}²\nx {shape[3]}", ha="center", fontsize=8)
    names = [f"{name} {shape[0]}x{shape[1]}" for name, shape in shapes.items()]
    axis.set_xticks(range(len(names)), names, rotation=90, fontsize=9)
    axis.set(yticks=[], ylim=(0, 1.25))
    axis.spines[["left", "top", "right"]].set_visible(False)
    caption = (
        f"The image transformation network ({model.count_params():,} parameters): for a picture of "
        f"{size} pixels a side, pixels and filters after each convolution; height is the side, "
        "width the number of filters. Read from the model. Johnson et al. 2016."
    )
    return Figure(drawing, caption)


def _side_after(name, side):
    """The side of the maps after a convolution of the network."""
    if name in ("down2", "down3"):
        return side // 2
    return side * 2 if name in ("up1", "up2") else side


def perceptual_loss(preset="johnson"):
    """The system that trains the network: which layers are compared with what."""
    from stylenet.features import feature_extractor
    from stylenet.losses import PRESETS

    chosen = PRESETS[preset]

    layers = sorted({*chosen.style_layers, *chosen.content_layers})
    model = feature_extractor(chosen.network, layers, weights="random")
    names = [layer.name for layer in model.layers if layer.name.startswith("block")]
    drawing, axes = grid(1, 1, aspect=2.6)
    axis = axes[0, 0]
    for place, text in SYSTEM.items():
        _box(axis, place, text, "#cfe3f5" if "network" in text else "white")
    for place, name in enumerate(names):
        style, content = name in chosen.style_layers, name in chosen.content_layers
        _box(axis, (place, 0), name, "#f5e6cf" if style or content else "#eeeeee", rotation=90)
        if style:
            _arrow(axis, (place, 0.6), (place, 1.2), "style\nloss", COLORS[1])
        if content:
            _arrow(axis, (place, -0.6), (place, -1.2), "content\nloss", COLORS[0])
    for start, end in ARROWS:
        _arrow(axis, start, end)
    frame = {"fill": False, "linestyle": "--", "edgecolor": "k"}
    axis.add_patch(Rectangle((-0.55, -0.62), len(names) + 0.1, 1.24, **frame))
    network = f"loss network: {chosen.network.upper()}, fixed"
    axis.text(len(names) - 0.5, -1.75, network, ha="right", fontsize=10)
    axis.set(xlim=(-7.2, len(names) - 0.3), ylim=(-1.9, 1.9))
    axis.axis("off")
    caption = (
        f"The perceptual-loss system, preset {preset!r}: {chosen.network}, which stays fixed, sees "
        "the result, the style target and the content target; the layers at which they are "
        "compared, by Gram matrices with the style, by responses with the photograph. Layer names "
        "read from the model. Johnson et al. 2016, figure 2."
    )
    return Figure(drawing, caption)


def _box(axis, place, text, color, rotation=0):
    shape = {"boxstyle": "round", "facecolor": color, "edgecolor": "k"}
    axis.text(*place, text, ha="center", va="center", fontsize=9, rotation=rotation, bbox=shape)


def _arrow(axis, start, end, text="", color="k"):
    style = {"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops={**style, "color": color})
    up = end[1] > start[1]
    axis.text(*end, text, ha="center", va="bottom" if up else "top", fontsize=9, color=color)


def runtimes(sizes=(256, 512, 1024), measured=PICTURES / "figures" / "runtimes.json"):
    """The review's table of runtimes as a chart, and beside it what `stylenet benchmark` found.

    Args:
        sizes: of the three that the review has.
        measured: a file that `stylenet benchmark` wrote; without it, the published times alone.
    """
    own = json.loads(Path(measured).read_text()) if Path(measured).is_file() else None
    widths = {"width_ratios": [2, 1]} if own else {}
    drawing, axes = grid(1, 1 + bool(own), aspect=1.25 if own else 1.9, sharey=True, **widths)
    _bars(axes[0, 0], PUBLISHED_SECONDS, PUBLISHED_SIZES, sizes, "Jing et al., NVIDIA Quadro M6000")
    axes[0, 0].set(ylabel="seconds a picture")
    axes[0, 0].legend(fontsize=9)
    caption = (
        "Seconds a picture on an NVIDIA Quadro M6000, as published by Jing et al., Neural Style "
        "Transfer: A Review, arXiv:1705.04058."
    )
    if own:
        processor = ", ".join(own["machine"].split(", ")[:2])
        seconds = {OWN_NAMES.get(name, name): row for name, row in own["seconds"].items()}
        _bars(axes[0, 1], seconds, own["sizes"], sizes, f"stylenet, {processor}")
        caption += (
            f" Right: stylenet, measured by `stylenet benchmark` on {own['machine']}; Gatys' "
            "method with 500 steps, from the time of a few."
        )
    return Figure(drawing, caption)


def _bars(axis, seconds, measured_sizes, sizes, title):
    """Groups of bars, a method each; sizes that were not measured stay empty."""
    places = np.arange(len(seconds))
    for number, size in enumerate(sizes):
        if size in measured_sizes:
            column = list(measured_sizes).index(size)
            heights = [row[column] for row in seconds.values()]
            where = places + 0.27 * (number - 1)
            axis.bar(where, heights, 0.25, color=COLORS[number], label=f"{size} x {size}")
    axis.set_yscale("log")
    axis.set_xticks(places, seconds, fontsize=9, rotation=30, ha="right")
    axis.set_title(title, fontsize=9)
