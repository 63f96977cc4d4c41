"""One compiled graph for a function of pictures, whatever the backend."""

import keras


class Graph:
    """A function of tensors and nested lists of them, compiled.

    Args:
        function: its first argument is a picture `(1, height, width, channels)`.

    On TensorFlow the first picture of a size goes through a graph that fits all sizes; from the
    second on it has one of its own, in which convolutions are faster (`stylenet.convolution`) but
    which takes seconds to compile.
    """

    def __init__(self, function):
        self.function, self.sizes = function, set()
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            def general(picture, *others):
                sizes = (1, None, None, picture.shape[-1])
                return function(tf.compat.v1.placeholder_with_default(picture, sizes), *others)

            self.general = tf.function(general, reduce_retracing=True)
            self.special = tf.function(function)
        elif keras.backend.backend() == "jax":
            import jax

            self.general = self.special = jax.jit(function)
        else:
            self.general = self.special = function

    def __call__(self, picture, *others):
        seen = picture.shape in self.sizes
        self.sizes.add(picture.shape)
        return (self.special if seen else self.general)(picture, *others)
