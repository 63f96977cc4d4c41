"""Compiled graphs for a function of pictures, whatever the backend, and not too many of them."""

import functools
from collections import deque

import keras
from keras import ops

from stylenet import reports
from stylenet.speed import winograd

GRAPHS = 3  # kept of a function; each takes up to 50 megabytes, and seconds to compile
SMALL = 640 * 640  # pixels, up to which the first picture does without a graph
OFTEN = 16  # pictures of a size, from which on a graph of its own repays its compiling


class Recent:
    """The last few things that were met, for instance sizes of pictures, and how often.

    Args:
        most: how many are remembered.
    """

    def __init__(self, most):
        self.most, self.times = most, {}

    def meet(self, item):
        """How often the item was met, this time included; what is forgotten begins anew."""
        times = self.times.pop(item, 0) + 1
        self.times[item] = times  # as the very last
        if len(self.times) > self.most:
            del self.times[next(iter(self.times))]
        return times


class Graph:
    """A function of tensors and nested lists of them, compiled.

    Args:
        function: its first argument is a picture `(1, height, width, channels)`.

    On TensorFlow the very first picture, unless it is large, is computed step by step: tracing
    alone would take longer. Others go through a graph that fits all sizes. From its picture
    numbered `OFTEN` on, a size has a graph of its own, in which convolutions are faster (see
    `stylenet.speed.convolution`), but which takes as long to compile as a dozen pictures to draw.
    Other lists have other graphs. The `GRAPHS` last used ones are kept, so that memory stays
    bounded however many sizes come by.
    """

    def __init__(self, function):
        self.function, self.fresh = function, True
        self.sizes = Recent(GRAPHS - 1)  # one graph is for all sizes
        self.told = deque(maxlen=GRAPHS - 1)
        self.graph = functools.lru_cache(GRAPHS)(
            lambda size, _structure: compiled(function, general=size is None)
        )

    def __call__(self, picture, *others):
        return self.of(picture)(picture, *others)

    def of(self, picture):
        """The function for a picture and what becomes of it, which count as one of its size."""
        size, fresh, self.fresh = tuple(picture.shape), self.fresh, False
        key = size if self.sizes.meet(size) >= OFTEN else None
        if fresh and size[1] * size[2] <= SMALL and keras.backend.backend() == "tensorflow":
            return lambda *tensors: step_by_step(self.function, *tensors)
        if key and key not in self.told:
            reports.status(f"compiling for {size[2]} x {size[1]} ...")
            self.told.append(key)
        return lambda picture, *others: self.graph(key, structure(others))(picture, *others)


def step_by_step(function, *tensors):
    """A function's result without a graph, and without anything that is compiled for a size."""
    with winograd.avoided():
        return function(*keras.tree.map_structure(ops.convert_to_tensor, tensors))


def structure(nested):
    """How lists lie within each other: `structure([a, [b, c]])` is `(None, (None, None))`."""
    return tuple(map(structure, nested)) if isinstance(nested, list | tuple) else None


def compiled(function, general, weights=0):
    """A graph of a function of a picture: for all sizes, or for the first one that it meets.

    Args:
        function: of tensors and nested lists of them.
        general: whether it is for all sizes.
        weights: how many of the last arguments keep their shapes, whatever the picture's size.
    """
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend != "tensorflow":
        return function
    import tensorflow as tf

    def free(tensor):
        """A tensor; if it lies on pixels, as a picture and a mask do, of unknown height and width.

        One known size is enough to tell the sizes of all, and programs of XLA are compiled.
        """
        if len(tensor.shape) != 4:
            return tensor
        sizes = (tensor.shape[0], None, None, tensor.shape[-1])
        return tf.compat.v1.placeholder_with_default(tensor, sizes)

    def any_size(*tensors):
        sized = len(tensors) - weights
        return function(*tf.nest.map_structure(free, tensors[:sized]), *tensors[sized:])

    # TensorFlow counts traces by code and warns of many; here it may serve many functions.
    any_size, function = functools.partial(any_size), functools.partial(function)
    if general:
        return tf.function(any_size, reduce_retracing=True, autograph=False)
    return tf.function(function, autograph=False)
