"""Enlarges pictures by four with a trained network, of any size, tile by tile.

Johnson, Alahi and Fei-Fei 2016, section 4.2, https://arxiv.org/abs/1603.08155
"""

from pathlib import Path

import numpy as np
from keras import ops

from stylenet import inputs, weights
from stylenet.speed.convolution import accelerate
from stylenet.speed.graphs import Graph
from stylenet.speed.tiles import Area, cut, grown
from stylenet.super_resolution.network import FACTOR, REACH, super_resolution_net
from stylenet.super_resolution.settings import find
from stylenet.surroundings import plain

SIDE = 256  # pixels of a tile of the small picture, without its neighborhood
SMALLEST = 16  # pixels; below, mirroring runs out of them
BASE_MEMORY, PIXEL_MEMORY = 1.0, 0.5e-6  # GB; see `Enlarger.memory`


def enlarge(image, trained="perceptual"):
    """A picture four times as wide and high.

    Args:
        image: `(height, width, 3)`, RGB in [0, 255]; or what `inputs.picture` converts to that.
        trained: as in `Enlarger`.

    Returns:
        float32 `(4 height, 4 width, 3)` in [0, 255].

    Raises:
        ValueError: an unknown network, or something that is no picture, or too small a one.
        FileNotFoundError: there is no such weights file.

    Reference: Johnson et al. 2016, section 4.2, https://arxiv.org/abs/1603.08155

    Example:
        >>> enlarge(np.full((20, 30, 3), 128.0)).shape
        (80, 120, 3)
    """
    return Enlarger(trained).draw(image)


class Enlarger:
    """Enlarges pictures by four, any number of them.

    Args:
        trained: "perceptual" or "pixels", the shipped networks, each by the loss that it was
            trained with; or the path of a weights file.

    Raises:
        ValueError: an unknown network, or a file of another kind.
        FileNotFoundError: there is no such weights file.
    """

    @plain()
    def __init__(self, trained="perceptual"):
        path = find(trained)
        options = weights.network_options(path)
        if set(options) != {"width", "blocks"}:
            raise ValueError(
                f"Expected {path} to hold a network that enlarges, from `train_super_resolution`. "
                "It holds another one."
            )
        self.network = weights.fill(lambda: super_resolution_net(**options), path)
        accelerate(self.network)
        self.title = f"{Path(trained).name}, {FACTOR} times as wide and high,"
        self.graph = Graph(lambda pictures: self.network(pictures, training=False))

    @plain()
    def draw(self, image):
        """A picture four times as wide and high; see `enlarge`."""
        image = inputs.picture(image)
        if min(image.shape[:2]) < SMALLEST:
            raise ValueError(
                f"Expected a picture of at least {SMALLEST} x {SMALLEST} pixels. "
                f"Received: {image.shape[1]} x {image.shape[0]}."
            )
        height, width = image.shape[:2]
        result = np.empty((1, FACTOR * height, FACTOR * width, 3), "float32")
        for own, seen in tiles(height, width):
            drawn = ops.convert_to_numpy(self.graph(seen.of(image[None])))
            own, seen = enlarged(own), enlarged(seen)
            own.of(result)[...] = drawn[own.within(seen)]
        return result[0].clip(0.0, 255.0)

    @staticmethod
    def memory(height, width):
        """A forecast of the memory that `draw` takes, in GB (10^9 bytes), the programs included.

        Args:
            height: of the small picture, in pixels.
            width: the same.
        """
        return BASE_MEMORY + PIXEL_MEMORY * height * width


def tiles(height, width):
    """Pairs of areas of a picture: one to be drawn, and what has to be seen for that."""
    sides = []
    for side in (height, width):
        own = cut(side, SIDE)
        sides.append(list(zip(own, grown(own, REACH, side), strict=True)))
    for rows in sides[0]:
        for columns in sides[1]:
            yield Area(rows[0], columns[0]), Area(rows[1], columns[1])


def enlarged(area):
    """The same area of the large picture."""
    return Area(*(type(span)(FACTOR * span.start, FACTOR * span.end) for span in area))
