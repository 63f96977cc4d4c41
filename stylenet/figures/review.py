"""The figure of the field: methods of neural style transfer, by what they optimize."""

from stylenet.figures.drawing import COLORS, Figure, grid

# What is optimized, how many styles a model knows, examples, and the lectures about them.
TAXONOMY = {
    "a picture is optimized:\nslow, any style": {
        "its statistics": ("Gatys et al. 2015", "lectures 2, 3, 8"),
        "its patches": ("Li and Wand 2016 (CNNMRF)", ""),
    },
    "a network is optimized:\none pass a picture": {
        "one style a network": (
            "Johnson et al. 2016\nUlyanov et al. 2016\nLi and Wand 2016 (MGAN)",
            "lectures 4, 5, 6",
        ),
        "several styles": ("Dumoulin et al. 2016\nChen et al. 2017 (StyleBank)", "lecture 6"),
        "any style": (
            "Huang and Belongie 2017 (AdaIN)\nLi et al. 2017 (WCT)\nGhiasi et al. 2017",
            "lecture 7",
        ),
    },
}


def taxonomy():
    """The family tree of the methods."""
    drawing, axes = grid(1, 1, aspect=1.9)
    axis = axes[0, 0]
    leaf, branches = 0.0, []
    for kind, families in TAXONOMY.items():
        places = []
        for family, (examples, lectures) in families.items():
            _box(axis, (2.35, leaf), family, "white")
            _box(axis, (3.75, leaf), examples, "#e8f1f8" if lectures else "white")
            _line(axis, (2.35, leaf), (3.75, leaf))
            axis.text(4.5, leaf, lectures, va="center", fontsize=10, color=COLORS[0])
            places.append(leaf)
            leaf -= 1.0
        middle = sum(places) / len(places)
        _box(axis, (1.15, middle), kind, "#f5ecd9")
        for place in places:
            _line(axis, (1.15, middle), (2.35, place))
        branches.append(middle)
    root = sum(branches) / len(branches)
    _box(axis, (0.2, root), "neural\nstyle\ntransfer", "#f5ecd9")
    for middle in branches:
        _line(axis, (0.2, root), (1.15, middle))
    axis.set(xlim=(0, 5.1), ylim=(leaf + 0.4, 0.6))
    axis.axis("off")
    caption = (
        "Methods of neural style transfer: what is optimized, how many styles a model knows, and "
        "examples; blue where a lecture treats them. After Jing et al. 2017, figure 2."
    )
    return Figure(drawing, caption)


def _box(axis, place, text, color):
    shape = {"boxstyle": "round", "facecolor": color, "edgecolor": "k"}
    axis.text(*place, text, ha="center", va="center", fontsize=10, bbox=shape)


def _line(axis, start, end):
    axis.plot(*zip(start, end, strict=True), color="k", linestyle="-", linewidth=1, zorder=0)
