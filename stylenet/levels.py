"""The five levels of universal style transfer: layers of VGG19, as wide as they are or slim.

Without Keras, so that an unknown level, network, recipe or transform is told before that is
imported.
"""

from stylenet import inputs

LEVELS = (1, 2, 3, 4, 5)
CONVOLUTIONS = (2, 2, 4, 4, 1)  # a block; of the fifth, the first alone
RECIPES = ("detail", "li")  # see `stylenet.universal.passages`
TRANSFORMS = ("wct", "adain", "transport")  # see `stylenet.wct`
WIDTHS = {"vgg19": (64, 128, 256, 512, 512), "slim": (24, 48, 96, 192, 192)}


def level_name(level):
    """The layer of a level: level 4 is block4_conv1."""
    return f"block{level}_conv1"


def block_and_number(name):
    """Where a convolution is: block4_conv2 is the second one of block 4, `(4, 2)`."""
    block, number = name.removeprefix("block").split("_conv")
    return int(block), int(number)


def check(network, levels):
    """Raises a ValueError that names what is wrong unless there is such a network and level."""
    inputs.choice("network", network, WIDTHS)
    unknown = [level for level in levels if level not in LEVELS]
    if unknown or not levels:
        raise ValueError(f"Expected levels among {LEVELS}. Received: {unknown or 'none'}.")


def layer_names(top=5):
    """The convolutions up to a level, from the picture upwards."""
    return [
        f"block{block}_conv{i}"
        for block, count in enumerate(CONVOLUTIONS[:top], 1)
        for i in range(1, count + 1 if block < top else 2)
    ]
