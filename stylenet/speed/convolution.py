"""Convolutions with stride 1, faster on a CPU: for networks in training and frozen ones.

Nothing here is needed to understand style transfer. A convolution is the gradient of the mirrored
one, and its gradient is a convolution: for a kernel that may change, oneDNN has fast code for the
gradient alone on CPUs without AVX-512. Large 3 x 3 convolutions go the way of
`stylenet.speed.winograd` instead.
"""

import keras
from keras import ops

from stylenet.speed.winograd import (
    kernel_values,
    winograd_in_strips,
    winograd_kernel_gradient,
    worth_winograd,
)

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


def tensorflow_on_cpu():
    """Whether TensorFlow computes, without a GPU."""
    tensorflow = keras.backend.backend() == "tensorflow"
    return tensorflow and not tf.config.list_physical_devices("GPU")


def accelerate(model):
    """Makes a model's convolutions faster, in training too, on TensorFlow without a GPU.

    Args:
        model: a `keras.Model`. Its `Conv2D` layers with stride 1, more than 3 channels and
            float32 compute the same, up to rounding; on a GPU, and with another backend,
            nothing is changed.
    """
    if not tensorflow_on_cpu():
        return
    model.jit_compile = False  # XLA's own convolutions are slow
    for layer in model.layers:
        plain = isinstance(layer, keras.layers.Conv2D) and layer.compute_dtype == "float32"
        plain = plain and layer.strides == (1, 1) == layer.dilation_rate
        if plain and layer.kernel.shape[2] > 3 and layer.kernel.shape[0] % 2:
            layer.convolution_op = convolution_op(layer)


def convolution_op(layer):
    """A replacement of `Conv2D.convolution_op` with a gradient of its own."""
    size = layer.kernel.shape[0]
    border = size // 2 if layer.padding == "same" else 0

    @tf.custom_gradient
    def convolve(x, kernel):
        def gradient(upstream):
            toward_x = convolution(upstream, kernel, size - 1 - border, mirrored=True)
            return toward_x, kernel_gradient(x, upstream, kernel, border)

        return convolution(x, kernel, border), gradient

    return lambda x, kernel: convolve(x, tf.convert_to_tensor(kernel))


def convolution(x, kernel, border, mirrored=False):
    """Convolves `x`, with `border` pixels of zeros around it, by the faster of two ways.

    `border` is 0 or half of the kernel; all of it but one, in the gradient of the former.
    `mirrored` takes the kernel of the gradient: turned by 180 degrees, from filters to channels.
    """
    channels, filters = kernel.shape[:1:-1] if mirrored else kernel.shape[2:]
    if worth_winograd(x, channels, filters, kernel.shape[0]):
        with tf.control_dependencies([x]):  # not before: all layers' values are large
            values = kernel_values(kernel, mirrored=mirrored)
        return winograd_in_strips(x, values, border, mirrored)
    if not mirrored:
        with tf.control_dependencies([x]):
            kernel = mirror(kernel)
    size = kernel.shape[0]
    # oneDNN is fast with padding that has a name; so what lacks a border gets one, and is cropped.
    crop = max(size // 2 - border, 0)
    border += crop
    grow = 2 * border - size + 1
    batch, height, width, _ = ops.shape(x)
    y = tf.raw_ops.Conv2DBackpropInput(
        input_sizes=[batch, height + grow, width + grow, filters],
        filter=kernel,
        out_backprop=x,
        strides=[1] * 4,
        padding="SAME" if border < size - 1 else "VALID",
    )
    sides = [side if side is None else side + grow for side in x.shape[1:3]]
    y.set_shape((x.shape[0], *sides, filters))
    return y[:, crop:-crop, crop:-crop] if crop else y


def mirror(kernel):
    """The kernel of the gradient."""
    return tf.transpose(kernel[::-1, ::-1], (0, 1, 3, 2))


def kernel_gradient(x, upstream, kernel, border):
    """The gradient of `convolution(x, kernel, border)` with respect to the kernel."""
    size, _, channels, filters = kernel.shape
    if min(channels, filters) >= 128 and worth_winograd(upstream, channels, filters, size):
        return winograd_kernel_gradient(x, upstream, border=border)
    if size == 3:  # nine products of matrices are faster than oneDNN
        x = tf.pad(x, [[0, 0], [border, border], [border, border], [0, 0]])
        return tf.reshape(shifted_products(x, upstream), kernel.shape)
    return tf.raw_ops.Conv2DBackpropFilter(
        input=x,
        filter_sizes=kernel.shape,
        out_backprop=upstream,
        strides=[1] * 4,
        padding="SAME" if border else "VALID",
    )


def shifted_products(x, upstream):
    """For each place in a 3 x 3 kernel, every channel of `x` times every one of `upstream`."""
    _, height, width, filters = ops.shape(upstream)
    upstream = tf.reshape(upstream, (-1, filters))
    shifted = [x[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    return tf.stack(
        [tf.matmul(tf.reshape(s, (-1, x.shape[3])), upstream, transpose_a=True) for s in shifted]
    )
