"""Frozen encoders and decoders, faster on a CPU: what their layers say, in another way.

Nothing here is needed to understand style transfer. Weights become constants of a TensorFlow
graph, for which oneDNN has faster convolutions; what Winograd's way suits stays as it is, see
`stylenet.speed.convolution`. Repeating pixels and convolving 3 x 3 becomes a 2 x 2 convolution to 4
channels a filter, laid out as pixels: identity 3 of `stylenet.speed.network`.
"""

import keras
from keras import layers

from stylenet.encoders import preprocess
from stylenet.layers import ReflectionPadding2D
from stylenet.speed.convolution import LEAST_CHANNELS, tensorflow_on_cpu
from stylenet.speed.network import NEAREST, upsampling_kernel

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def fast(model, network=None):
    """The fastest known way to run a frozen encoder or decoder in a graph, without gradients.

    Args:
        model: from `decoders.level_encoder` or `load_decoder`. Its weights are copied.
        network: for an encoder, "slim" or "vgg19".

    Returns:
        A function like `model`, equal to within rounding errors. On a GPU, and with another
        backend than TensorFlow, `model` itself.
    """
    if not tensorflow_on_cpu():
        return model
    weights = constant_weights(model)
    if network:
        return lambda pictures: run(model, weights, preprocess(pictures, network))
    return lambda responses: run(model, weights, responses)["pictures"]


def constant_weights(model):
    """Kernels and biases that become constants, by the name of their layer.

    A convolution of repeated pixels has the kernel of identity 3 of `stylenet.speed.network`.
    """
    weights, repeated = {}, False
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            kernel, bias = layer.get_weights()
            if repeated:
                weights[layer.name] = upsampling_kernel(kernel, NEAREST), bias
            elif kernel.shape[2] * kernel.shape[3] < LEAST_CHANNELS:
                weights[layer.name] = kernel, bias
            repeated = False
        repeated = repeated or isinstance(layer, layers.UpSampling2D)
    return weights


def run(model, weights, x):
    """What a model whose layers form a chain makes of what its first layer reads.

    Args:
        model: an encoder or a decoder.
        weights: from `constant_weights`.
        x: `(batch, height, width, channels)`.

    Returns:
        A dict: layer name to result, of the layers that the model returns.
    """
    results, repeated = {}, False
    for layer in model.layers[1:]:
        if isinstance(layer, layers.UpSampling2D):
            repeated = True  # but not yet: the convolution does it
        elif isinstance(layer, ReflectionPadding2D):
            # Repeated pixels, mirrored beyond the border, repeat the border itself.
            x = pad(x, "SYMMETRIC" if repeated else "REFLECT")
        elif layer.name in weights:
            kernel, bias = weights[layer.name]
            x = tf.nn.conv2d(x, kernel, 1, "VALID")
            x = tf.nn.depth_to_space(x, 2)[:, 1:-1, 1:-1] if repeated else x
            x, repeated = layer.activation(tf.nn.bias_add(x, bias)), False
        else:
            x = layer(x)
        results[layer.name] = x
    return {name: results[name] for name in model.output_names}


def pad(x, mode):
    """`tf.pad` by one pixel on each side, in half the time; its gradient would take longer."""
    i = 1 if mode == "REFLECT" else 0
    x = tf.concat([x[:, i : i + 1], x, x[:, -1 - i : -i or None]], axis=1)
    return tf.concat([x[:, :, i : i + 1], x, x[:, :, -1 - i : -i or None]], axis=2)
