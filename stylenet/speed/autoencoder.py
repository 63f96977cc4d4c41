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
from stylenet.speed.convolution import convolution, tensorflow_on_cpu
from stylenet.speed.kernels import NEAREST, upsampling_kernel
from stylenet.speed.winograd import LEAST_CHANNELS

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def frozen_encoder(model, network):
    """The fastest known way to run an encoder in a graph, without gradients.

    Args:
        model: from `decoders.level_encoder`. Its weights are copied.
        network: "slim" or "vgg19".

    Returns:
        A function: pictures `(batch, height, width, 3)` and names of layers, by default all that
        the model returns, to a dict of their responses, equal to the model's to within rounding
        errors. What lies above the highest of the layers is not computed. On a GPU, and with
        another backend than TensorFlow, it is `model`, of which a compiler leaves that away.
    """
    if not tensorflow_on_cpu():
        return lambda pictures, names=None: model(pictures)
    weights = constant_weights(model)

    def encode(pictures, names=None):
        return run(model, weights, preprocess(pictures, network), names or model.output_names)

    return encode


def frozen_decoder(model):
    """The fastest known way to run a decoder in a graph, without gradients.

    Args:
        model: from `decoders.load_decoder`. Its weights are copied.

    Returns:
        A function like `model`, equal to within rounding errors. On a GPU, and with another
        backend than TensorFlow, `model` itself.
    """
    if not tensorflow_on_cpu():
        return model
    weights = constant_weights(model)
    return lambda responses: run(model, weights, responses, ["pictures"])["pictures"]


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


def run(model, weights, x, names):
    """What a model whose layers form a chain makes of what its first layer reads.

    Args:
        model: an encoder or a decoder.
        weights: from `constant_weights`.
        x: `(batch, height, width, channels)`.
        names: of layers; those above the highest of them are not computed.

    Returns:
        A dict, name to result.
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
        elif isinstance(layer, layers.Conv2D):
            kernel, bias = tf.convert_to_tensor(layer.kernel), tf.convert_to_tensor(layer.bias)
            x = layer.activation(tf.nn.bias_add(convolution(x, kernel, 0), bias))
        else:
            x = layer(x)
        if layer.name in names:
            results[layer.name] = x
        if len(results) == len(names):
            break
    return results


def pad(x, mode):
    """`tf.pad` by one pixel on each side, in half the time; its gradient would take longer."""
    i = 1 if mode == "REFLECT" else 0
    x = tf.concat([x[:, i : i + 1], x, x[:, -1 - i : -i or None]], axis=1)
    return tf.concat([x[:, :, i : i + 1], x, x[:, :, -1 - i : -i or None]], axis=2)
