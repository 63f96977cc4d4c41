"""Layers that several networks share: padding, normalization, statistics, signed ReLU."""

import keras
from keras import layers, ops

EPSILON = 1e-3  # of instance normalization, as in the course's code


@keras.saving.register_keras_serializable(package="stylenet")
class ReflectionPadding2D(layers.Layer):
    """Continues a picture beyond its border by mirroring it.

    Args:
        padding: pixels added on each side, less than the picture's height and width.

    Input `(batch, height, width, channels)`, output
    `(batch, height + 2 padding, width + 2 padding, channels)`.
    """

    def __init__(self, padding, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, inputs):
        border = (self.padding, self.padding)
        return ops.pad(inputs, ((0, 0), border, border, (0, 0)), mode="reflect")

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        grow = 2 * self.padding
        return (batch, height and height + grow, width and width + grow, channels)

    def get_config(self):
        return {**super().get_config(), "padding": self.padding}


def instance_normalization(x, name):
    """Instance normalization: every channel of every picture to its own mean and scale.

    y = gamma (x - mean) / sqrt(variance + 1e-3) + beta, the mean and the variance over
    height and width. A group normalization with one group a channel is the same thing.
    """
    return layers.GroupNormalization(groups=-1, epsilon=EPSILON, name=f"{name}_norm")(x)


@keras.saving.register_keras_serializable(package="stylenet")
class ConditionalInstanceNormalization(layers.Layer):
    """Instance normalization whose scale and shift a condition mixes, for each picture its own.

    y = (x - mean) / sqrt(variance + 1e-3) * (c gamma) + c beta

    The mean and the variance are over height and width, c is the condition, and each row of the
    matrices gamma and beta belongs to one of its entries. A condition that is 1 in one place and 0
    elsewhere chooses that row; one in between mixes rows linearly.

    Args:
        conditions: the length of the condition.

    Inputs `(batch, height, width, channels)` and `(batch, conditions)`, output like the first.

    Reference: Dumoulin, Shlens and Kudlur 2016, "A Learned Representation For Artistic Style",
    https://arxiv.org/abs/1610.07629
    """

    def __init__(self, conditions, **kwargs):
        super().__init__(**kwargs)
        self.conditions = conditions

    def build(self, x_shape, condition_shape):
        shape = (self.conditions, x_shape[-1])
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")

    def call(self, x, condition):
        x = ops.cast(x, "float32")  # sums of squares need its range
        mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
        condition = ops.cast(condition, "float32")
        scale, shift = (
            (condition @ ops.cast(rows, "float32"))[:, None, None]
            for rows in (self.gamma, self.beta)
        )
        scale = scale * ops.rsqrt(variance + EPSILON)
        return ops.cast(x * scale + (shift - mean * scale), self.compute_dtype)

    def compute_output_shape(self, x_shape, condition_shape):
        return x_shape

    def get_config(self):
        return {**super().get_config(), "conditions": self.conditions}


@keras.saving.register_keras_serializable(package="stylenet")
class ChannelStatistics(layers.Layer):
    """The mean and the deviation of every channel, wherever in the picture its responses are.

    Input `(batch, height, width, channels)`, output `(batch, 2 channels)` in float32: all means,
    then all deviations, sqrt(variance + 1e-5).

    Reference: Huang and Belongie 2017, https://arxiv.org/abs/1703.06868
    """

    def __init__(self, **kwargs):
        super().__init__(**{**kwargs, "dtype": "float32"})  # sums of squares need its range

    def call(self, x):
        mean, variance = ops.moments(x, axes=(1, 2))
        return ops.concatenate([mean, ops.sqrt(variance + 1e-5)], axis=-1)

    def compute_output_shape(self, shape):
        return (shape[0], 2 * shape[3])


@keras.saving.register_keras_serializable(package="stylenet")
class SignedReLU(layers.Layer):
    """The positive and the negative part of responses: `(..., channels)` to `(..., 2 channels)`.

    Reference: Shang et al. 2016, "Concatenated Rectified Linear Units",
    https://arxiv.org/abs/1603.05201
    """

    def call(self, x):
        return ops.concatenate([ops.relu(x), ops.relu(-x)], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], 2 * shape[-1])
