"""Photographs that lie on the device: crops are cut where the network is trained.

Only the numbers of a `photographs.Place` travel at each step. A crop is two products of matrices:
with one of weights for its rows, and one for its columns, which resize as `images.resize` does.
"""

import math

import keras
import numpy as np
from keras import ops

LOBES = 3  # of Lanczos' kernel, to each side


class Album(keras.layers.Layer):
    """Cuts crops out of photographs.

    Args:
        photographs: a list of uint8 `(height, width, 3)`, or None in places that are never asked.
        size: of a crop, in pixels.
    """

    def __init__(self, photographs, size, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        shapes = np.array([(0, 0) if one is None else one.shape[:2] for one in photographs])
        pixels = np.concatenate([one.reshape(-1, 3) for one in photographs if one is not None])
        begins = np.cumsum(shapes.prod(axis=1)) - shapes.prod(axis=1)
        self.size = size
        self.pixels = keras.Variable(pixels, dtype="uint8", trainable=False, name="pixels")
        table = np.column_stack([shapes, begins]).astype("int32")
        self.table = keras.Variable(table, dtype="int32", trainable=False, name="table")
        # Of a photograph, a crop sees at most the shorter side, and the kernel at both ends.
        largest = max(1.0, shapes.min(axis=1).max() / size)
        self.window = math.ceil((size + 2 * LOBES) * largest) + 2
        self.built = True

    def call(self, places):
        """The crops.

        Args:
            places: int32 `(batch, 6)`, the number of a photograph and a `photographs.Place`.

        Returns:
            float32 `(batch, size, size, 3)` in [0, 255].
        """
        number, height, width, top, left, mirrored = ops.unstack(places, axis=1)
        high, wide, begin = ops.unstack(ops.take(self.table, number, axis=0), axis=1)
        down, rows = lanczos(high, height, top, 0 * top, self.size, self.window)
        across, columns = lanczos(wide, width, left, mirrored, self.size, self.window)
        index = (begin[:, None] + rows * wide[:, None])[:, :, None] + columns[:, None, :]
        seen = ops.cast(ops.take(self.pixels, index, axis=0), "float32")
        crops = ops.einsum("bxj,byjc->byxc", across, ops.einsum("byi,bijc->byjc", down, seen))
        return ops.clip(crops, 0.0, 255.0)


def lanczos(side, resized, first, mirrored, size, window):
    """What every pixel along a crop's side takes from a photograph's, as Pillow resizes.

    With scale = side / resized, the pixel at x takes sinc(d) sinc(d / 3) of the photograph's at p,
    d = (p + 1/2 - (x + 1/2) scale) / max(scale, 1), divided by the sum of what it takes.

    Args:
        side: pixels of the photograph's side; int32 `(batch,)`.
        resized: the same, once it is resized; int32 `(batch,)`.
        first: where the crop begins in the resized one; int32 `(batch,)`.
        mirrored: 0 or 1; int32 `(batch,)`.
        size: pixels of the crop.
        window: pixels of the photograph that are looked at.

    Returns:
        Weights `(batch, size, window)` and the photograph's pixels, int32 `(batch, window)`.
    """
    x = ops.arange(size, dtype="int32")
    x = first[:, None] + ops.where(mirrored[:, None] > 0, size - 1 - x, x)
    scale = _float(side)[:, None] / _float(resized)[:, None]
    blur = ops.maximum(scale, 1.0)
    center = (_float(x) + 0.5) * scale
    begin = _float(first)[:, None] * scale - LOBES * blur
    pixels = ops.cast(ops.floor(begin), "int32") + ops.arange(window, dtype="int32")
    distance = (_float(pixels)[:, None, :] + 0.5 - center[:, :, None]) / blur[:, :, None]
    inside = (pixels >= 0) & (pixels < side[:, None])
    near = (ops.abs(distance) < LOBES) & inside[:, None, :]
    weights = ops.where(near, _sinc(distance) * _sinc(distance / LOBES), 0.0)
    weights = weights / ops.sum(weights, axis=2, keepdims=True)
    return weights, ops.clip(pixels, 0, side[:, None] - 1)


def _sinc(x):
    """sin(pi x) / (pi x)."""
    x = math.pi * ops.where(x == 0, 1e-6, x)
    return ops.sin(x) / x


def _float(x):
    return ops.cast(x, "float32")
