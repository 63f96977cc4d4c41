"""Compiled graphs for a function of pictures, whatever the backend."""

import functools

import keras


class Graph:
    """A function of tensors and nested lists of them, compiled.

    Args:
        function: its first argument is a picture `(1, height, width, channels)`.

    On TensorFlow the first picture of a size goes through a graph that fits all sizes; from the
    second on it has one of its own, in which convolutions are faster (see
    `stylenet.speed.convolution`) but which takes seconds to compile. Other lists have other graphs.
    """

    def __init__(self, function):
        self.function, self.sizes, self.graphs = function, set(), {}

    def __call__(self, picture, *others):
        seen = picture.shape in self.sizes
        self.sizes.add(picture.shape)
        structure = str(keras.tree.map_structure(lambda leaf: 0, others))
        key = (picture.shape if seen else None, structure)
        if key not in self.graphs:
            self.graphs[key] = compiled(self.function, general=not seen)
        return self.graphs[key](picture, *others)


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
