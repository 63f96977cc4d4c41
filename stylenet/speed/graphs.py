"""Compiled graphs for a function of pictures, whatever the backend, and not too many of them."""

import functools
from collections import deque

import keras

from stylenet import reports

GRAPHS = 3  # kept of a function; each takes up to 50 megabytes, and seconds to compile


class Recent:
    """The last few things that were met, for instance sizes of pictures.

    Args:
        most: how many are remembered.
    """

    def __init__(self, most):
        self.items = deque(maxlen=most)

    def meet(self, item):
        """Whether the item is among the last ones; from now on it is, as the very last."""
        known = item in self.items
        if known:
            self.items.remove(item)
        self.items.append(item)
        return known


class Graph:
    """A function of tensors and nested lists of them, compiled.

    Args:
        function: its first argument is a picture `(1, height, width, channels)`.

    On TensorFlow the first picture of a size goes through a graph that fits all sizes; from the
    second on it has one of its own, in which convolutions are faster (see
    `stylenet.speed.convolution`) but which takes seconds to compile. Other lists have other graphs.
    The `GRAPHS` last used ones are kept, so that memory stays bounded however many sizes come by.
    """

    def __init__(self, function):
        self.sizes = Recent(GRAPHS - 1)  # one graph is for all sizes
        self.told = deque(maxlen=GRAPHS - 1)
        self.graph = functools.lru_cache(GRAPHS)(
            lambda size, _structure: compiled(function, general=size is None)
        )

    def __call__(self, picture, *others):
        return self.of(picture)(picture, *others)

    def of(self, picture):
        """The function for a picture and what becomes of it, which count as one of its size."""
        size = tuple(picture.shape)
        key = size if self.sizes.meet(size) else None
        if key and key not in self.told:
            reports.status(f"compiling for {size[2]} x {size[1]} ...")
            self.told.append(key)
        return lambda picture, *others: self.graph(key, structure(others))(picture, *others)


def structure(nested):
    """How lists lie within each other: `structure([a, [b, c]])` is `(None, (None, None))`."""
    return tuple(map(structure, nested)) if isinstance(nested, list | tuple) else None


def compiled(function, general):
    """A graph of a function of a picture: for all sizes, or for the first one that it meets."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend != "tensorflow":
        return function
    import tensorflow as tf

    def any_size(picture, *others):
        sizes = (1, None, None, picture.shape[-1])
        return function(tf.compat.v1.placeholder_with_default(picture, sizes), *others)

    # TensorFlow counts traces by code and warns of many; here it may serve many functions.
    any_size, function = functools.partial(any_size), functools.partial(function)
    if general:
        return tf.function(any_size, reduce_retracing=True, autograph=False)
    return tf.function(function, autograph=False)
