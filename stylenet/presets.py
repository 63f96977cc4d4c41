"""Loss networks, layers and weights that belong together, by the names of who published them.

Without Keras, so that a misspelled preset is told before that is imported.
"""

from typing import NamedTuple

from stylenet import inputs

NETWORKS = ("vgg16", "vgg19", "slim")
POOLINGS = ("max", "average")
STATISTICS = ("gram", "moments", "sliced")
HEAVIEST = 1e38  # a weight of a loss; float32 ends at 3.4e38
FIRST_OF_BLOCKS = dict.fromkeys((f"block{i}_conv1" for i in range(1, 6)), 1.0)

# How many times as large VGG19's losses are as slim's, whose responses are near one: a layer's
# content loss, and its style loss as a mean over the Gram matrix. Means over photographs, paintings
# and drawings, by weights/recipes/compare_losses.py.
SLIM = {
    "block1_conv1": (2.5e3, 8.3e5),
    "block1_conv2": (2.1e5, 9.1e9),
    "block2_conv1": (4.4e5, 1.3e10),
    "block2_conv2": (1.2e6, 8.8e10),
    "block3_conv1": (1.7e6, 2.8e11),
    "block3_conv2": (2.6e6, 1.2e12),
    "block3_conv3": (1.3e7, 4.5e13),
    "block3_conv4": (6.4e7, 6.5e14),
    "block4_conv1": (5.4e7, 2.5e14),
    "block4_conv2": (4.1e7, 3.2e14),
    "block4_conv3": (1.3e7, 4.0e12),
    "block4_conv4": (1.4e6, 4.4e10),
    "block5_conv1": (3.7e5, 9.9e9),
}
SLIM_CHANNELS = 8 / 3  # of VGG19, to one of slim's


class Preset(NamedTuple):
    """Loss network, layers and weights that belong together.

    `content_layers` and `style_layers` are dicts, layer name to its weight among its kind.
    `mean_squares` divides each layer's style loss by its C^2 Gram entries and takes the
    squared, averaged total variation; otherwise the losses are the equations' sums.
    `pooling` is the loss network's, see `features.feature_extractor`. What slim sees is brought to
    the size of what VGG19 sees, see `balanced`, so that weights mean the same with both.
    `statistics` says what of a layer is its style: "gram", "moments" or "sliced", see
    `gatys.statistics`.
    """

    network: str = "vgg19"
    content_layers: dict = {"block4_conv2": 1.0}  # noqa: RUF012, never changed in place
    style_layers: dict = FIRST_OF_BLOCKS
    content_weight: float = 1.0
    style_weight: float = 1000.0
    tv_weight: float = 0.0
    mean_squares: bool = True
    pooling: str = "max"
    statistics: str = "gram"


PRESETS = {
    # Johnson et al. 2016.
    "johnson": Preset(
        network="vgg16",
        content_layers={"block2_conv2": 1.0},
        style_layers=dict.fromkeys(
            ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3"), 1.0
        ),
        style_weight=5.0,
        tv_weight=1e-6,
        mean_squares=False,
    ),
    # Engstrom 2016, https://github.com/lengstrom/fast-style-transfer
    "engstrom": Preset(content_weight=7.5, style_weight=100.0, tv_weight=200.0),
    # The weights 1000 / C^2 of Gatys' notebook: its Gram matrices lack the 1 / C of `gram_matrix`,
    # but its mean over C^2 entries makes up for it.
    "gatys": Preset(),
    "course": Preset(style_weight=0.05, mean_squares=False),
}


def find_preset(preset):
    """One of `PRESETS` by its name; a `Preset` as it is.

    Raises:
        ValueError: an unknown name, or something else.
    """
    if isinstance(preset, Preset):
        return preset
    return PRESETS[inputs.choice("preset", preset, PRESETS)]


def balanced(preset):
    """A preset whose layers weigh as much when slim sees them as when VGG19 does.

    Slim's responses are near one, VGG19's in the hundreds, so that beside weights made for VGG19
    slim's content and style would not count against total variation. Presets of the other networks
    stay as they are.

    Args:
        preset: a `Preset`, not yet balanced.

    Returns:
        A `Preset` whose layers' weights are multiplied by `SLIM`.
    """
    if preset.network != "slim":
        return preset
    power = 2 if preset.statistics == "gram" else 1  # the others are squares as content's are
    entries = 1 if preset.mean_squares else SLIM_CHANNELS**power
    same = (1.0, 1.0)  # of an unknown layer, which the network refuses by name
    content = {name: w * SLIM.get(name, same)[0] for name, w in preset.content_layers.items()}
    style = {
        name: w * entries * SLIM.get(name, same)[power - 1]
        for name, w in preset.style_layers.items()
    }
    return preset._replace(content_layers=content, style_layers=style)


def check(preset):
    """A preset whose fields make sense, as far as can be told without its network.

    Args:
        preset: as in `find_preset`.

    Returns:
        The `Preset`.

    Raises:
        ValueError: an unknown name, network or pooling, or a weight that is negative or no number.
    """
    preset = find_preset(preset)
    inputs.choice("network", preset.network, NETWORKS)
    inputs.choice("pooling", preset.pooling, POOLINGS)
    inputs.choice("statistics", preset.statistics, STATISTICS)
    for name in ("content_weight", "style_weight", "tv_weight"):
        inputs.number(name, getattr(preset, name), 0, HEAVIEST)
    return preset


def check_trained(preset):
    """The same of what a network is trained by: only Gram matrices are.

    Raises:
        ValueError: as `check`, or another statistic.
    """
    preset = check(preset)
    if preset.statistics != "gram":
        raise ValueError(
            "Expected statistics='gram', which networks are trained by; pixels are optimized by "
            f"the others as well. Received: {preset.statistics!r}."
        )
    return preset


def check_structure(structure, changes):
    """The share of structure to keep, if there is one, which takes the place of two weights.

    Args:
        structure: 0 to 1, or None.
        changes: a dict, fields of a preset that are replaced.

    Raises:
        ValueError: another number, or a weight beside it that would not count.
    """
    if structure is None:
        return
    inputs.fraction("structure", structure)
    for name in ("content_weight", "style_weight"):
        if changes.get(name) is not None:
            raise ValueError(
                f"Expected either structure or {name}, whose place it takes. Received both."
            )
