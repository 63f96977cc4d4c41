"""A picture in horizontal strips, so that layers of full resolution need never be whole in memory.

Only TensorFlow; for `stylenet.speed.network`. A picture is a list of strips
`(1, rows, width, channels)` from top to bottom. A convolution of a strip needs a margin: a few
rows of the strips above and below. Mean and variance join the strips (Chan, Golub and LeVeque 1979,
http://i.stanford.edu/pub/cstr/reports/cs/tr/79/773/CS-TR-79-773.pdf).
"""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf


def split(picture, count, unit=1):
    """A picture as `count` strips, whose heights, except for the last, are multiples of `unit`."""
    rows = itertools.pairwise(boundaries(tf.shape(picture)[1], count, unit))
    return [picture[:, a:b] for a, b in rows] if count > 1 else [picture]


def boundaries(height, count, unit=1):
    """The first rows of `count` strips, multiples of `unit`, and the end of the last."""
    return [*(height // unit * i // count * unit for i in range(count)), height]


def join(strips):
    """Strips as one strip."""
    return [tf.concat(strips, axis=1)] if len(strips) > 1 else strips


def one_by_one(function, items):
    """A function of each item, one after the other, so that few results are in the making."""
    results = []
    for item in items:
        with tf.control_dependencies(tf.nest.flatten(results[-1:])):
            results.append(function(item))
    return results


class Window:
    """A strip with margins: the rows above and below that convolving it needs."""

    def __init__(self, strips, index, above, below):
        self.top = index == 0
        self.bottom = index == len(strips) - 1
        rows = [strips[index]]
        if above and not self.top:
            rows.insert(0, strips[index - 1][:, -above:])
        if below and not self.bottom:
            rows.append(strips[index + 1][:, :below])
        self.rows = rows

    def read(self):
        """The rows as one strip."""
        return join(self.rows)[0]


def windows(strips, above, below):
    """Every strip with its margins, of so many rows; fewer at the picture's own border."""
    return [Window(strips, index, above, below) for index in range(len(strips))]


class Layer(NamedTuple):
    """A convolution of strips.

    `above` and `below` are the rows that it needs beyond a strip, and the columns on the left and
    the right; at the border of the picture they are padded by `mode`, as `tf.pad` does. `after`
    lays out its channels as pixels. The result has `zoom` times the rows if strides are 1.
    """

    kernel: np.ndarray
    strides: int
    above: int
    below: int
    mode: str
    after: Callable = lambda y: y
    zoom: int = 1

    def in_graph(self):
        """Its kernel as one constant of the graph: a constant a strip would fill the memory."""
        return self._replace(kernel=tf.constant(self.kernel))

    def __call__(self, window):
        """Convolves a `strips.Window`."""
        return self.apply(window.read(), window.top, window.bottom)

    def apply(self, x, top, bottom):
        """Convolves a strip with its margins; it may be at the top or bottom of the picture."""
        padding = [
            [0, 0],
            [self.above * top, self.below * bottom],
            [self.above, self.below],
            [0, 0],
        ]
        if self.mode != "CONSTANT":
            x, padding = tf.pad(x, padding, self.mode), "VALID"
        return self.after(tf.nn.conv2d(x, self.kernel, self.strides, padding))


def moments(strip):
    """The number of pixels of a strip, their mean and their variance, a number a channel."""
    pixels = tf.cast(tf.shape(strip)[1] * tf.shape(strip)[2], strip.dtype)
    return pixels, *tf.nn.moments(strip, axes=(1, 2))


def joint_moments(parts):
    """Mean and variance of all strips, from the `moments` of each, without cancellation."""
    total = tf.add_n([pixels for pixels, _, _ in parts])
    mean = tf.add_n([pixels / total * mean for pixels, mean, _ in parts])
    squares = [pixels / total * (v + tf.square(m - mean)) for pixels, m, v in parts]
    return mean, tf.add_n(squares)
