"""The same network, faster on a CPU: what `transform_net` says, computed in another order.

Nothing here is needed to understand style transfer. Weights become constants of one
TensorFlow graph, and four identities save work or memory:

1. Batch normalization of a batch of one picture is instance normalization, and TensorFlow has
   a fused kernel for it.
2. A convolution to 3 channels leaves vector units idle. The same kernel, shifted to each pixel
   of a 4 x 4 block, computes 48 channels at once on every fourth row and column; they are then
   laid out as pixels (`depth_to_space`).
3. Repeating pixels and convolving 3 x 3 adds up equal pixels: each new pixel depends on 2 x 2
   old ones only. So does a transposed convolution. Both are a 2 x 2 convolution to 4 channels a
   filter, laid out as pixels (Shi et al. 2016, https://arxiv.org/abs/1609.05158).
4. A convolution needs only a few rows of its neighborhood. The layers outside the residual
   blocks, which fill the memory, go strip by strip in large pictures; only mean and variance
   join the strips.

From the second picture of a size on, the residual blocks go Winograd's way, see
`stylenet.convolution`: compiling that takes half a second for each size.
"""

import functools
import itertools

import keras
import numpy as np

from stylenet.convolution import TILE, kernel_values, winograd
from stylenet.network import EPSILON

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

BLOCK = 4
# Strips for pictures of up to so many pixels: one is fastest, more take less memory.
STRIPS = {640 * 640: 1, 1400 * 1400: 4, float("inf"): 8}
# Sizes, in pixels, worth compiling for: small pictures are quick, and large ones take memory.
COMPILED = range(128 * 128, 1400 * 1400)

# How the rows (or columns) of a 3 x 3 kernel are shared out: [new pixel, old pixel, kernel row].
# Nearest: the new pixels 2i - 1 and 2i come from the old pixels i - 1 and i.
NEAREST = np.array([[[1, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1]]], "float32")
# Transposed: the new pixels 2i and 2i + 1 come from the old pixels i - 1 and i.
TRANSPOSED = np.array([[[0, 0, 1], [1, 0, 0]], [[0, 0, 0], [0, 1, 0]]], "float32")


def fast_network(network):
    """The fastest known way to run a network on pictures.

    Args:
        network: from `transform_net`, at any width. Its weights are copied: call again after
            changing them.

    Returns:
        A function: pictures `(batch, height, width, 3)`, float32 in [0, 255], to what
        `network` makes of them, a NumPy array, equal to within 0.01 grey levels. On a GPU, and
        with another backend than TensorFlow, it is `network.predict_on_batch`.
    """
    if keras.backend.backend() != "tensorflow" or tf.config.list_physical_devices("GPU"):
        return network.predict_on_batch
    return FastNetwork(network)


class FastNetwork:
    """`transform_net` as a TensorFlow graph with constant weights; see `fast_network`.

    Between its methods a picture is a list of strips `(1, rows, width, channels)`, from top
    to bottom.
    """

    def __init__(self, network):
        layers = {layer.name: layer for layer in network.layers}
        self.network = network
        self.reflect = "down1_pad" in layers
        self.nearest = "up1_repeat" in layers
        weights = {name: layer.get_weights() for name, layer in layers.items() if layer.weights}
        self.norms = {name: value for name, value in weights.items() if name.endswith("_norm")}
        self.kernels = {name: value[0] for name, value in weights.items() if len(value) == 1}
        self.kernels["output"] = blocked_kernel(self.kernels["output"])
        for name in ("up1", "up2"):
            kernel = self.kernels[name]
            if not self.nearest:  # Keras keeps it as (rows, columns, filters, channels)
                kernel = kernel.transpose(0, 1, 3, 2)
            self.kernels[name] = upsampling_kernel(kernel, NEAREST if self.nearest else TRANSPOSED)
        self.values = {}  # of kernels, for Winograd
        self.sizes = set()  # of the pictures so far
        signature = [tf.TensorSpec((1, None, None, 3), "float32")]
        self.graphs = {
            options: tf.function(functools.partial(self.run, *options), signature)
            for options in itertools.product(STRIPS.values(), (False, True))
        }

    def __call__(self, pictures):
        size = pictures.shape[1:3]
        if size[0] % 4 or size[1] % 4:  # 'same' padding would have to be shared out differently
            return self.network.predict_on_batch(pictures)
        return np.concatenate([self.graph(*size)(picture[None]).numpy() for picture in pictures])

    def graph(self, height, width):
        """The graph for the next picture of this size."""
        strips = next(count for pixels, count in STRIPS.items() if height * width <= pixels)
        if height < BLOCK * strips:  # every strip needs a row at a quarter of the resolution
            strips = 1
        compiled = height * width in COMPILED and (height, width) in self.sizes
        self.sizes.add((height, width))
        if compiled and not self.values:  # variables: for constants, each would be compiled anew
            names = [name for name in self.kernels if name.startswith("residual")]
            kernels = {name: tf.constant(self.kernels[name]) for name in names}
            self.values = {name: tf.Variable(kernel_values(kernels[name])) for name in names}
        return self.graphs[strips, compiled]

    def run(self, strips, compiled, picture):
        """One picture `(1, height, width, 3)` to the stylized one."""
        x = self.convolution(split(picture, strips, BLOCK), "down1")
        x = self.convolution(x, "down2", strides=2)
        x = join(self.convolution(x, "down3", strides=2))
        for i in range(1, 6):
            convolution = self.convolution
            if compiled:
                convolution = functools.partial(self.winograd, strips=strips)
            y = convolution(x, f"residual{i}_conv1")
            y = convolution(y, f"residual{i}_conv2", relu=False)
            x = [x[0] + y[0]]
        x = self.upsampling(split(x[0], strips), "up1")
        x = self.upsampling(x, "up2")
        x = self.convolution(x, "output", strides=BLOCK, relu=False)
        return 150.0 * tf.tanh(join(x)[0]) + 127.5

    def convolution(self, x, name, strides=1, relu=True):
        kernel = self.kernels[name]
        if strides == 2:  # 'same' padding of an even size: one row, at the bottom
            above, below = (1, 0) if self.reflect else (0, 1)
        else:
            above = below = (len(kernel) - strides) // 2
        mode = "REFLECT" if self.reflect else "CONSTANT"
        x = convolve(x, kernel, strides, above, below, mode)
        if name == "output":
            x = [tf.nn.depth_to_space(strip, BLOCK) for strip in x]
        return self.normalize(x, name, relu)

    def winograd(self, x, name, strips, relu=True):
        """`convolution` for the residual blocks, strip by strip."""
        values = tf.convert_to_tensor(self.values[name])
        padding = [[0, 0], [1, 1], [1, 1], [0, 0]]
        x = tf.pad(x[0], padding, "REFLECT" if self.reflect else "CONSTANT")
        rows = itertools.pairwise(boundaries(tf.shape(x)[1] - 2, strips, TILE))
        y = one_by_one(lambda ab: winograd(x[:, ab[0] : ab[1] + 2], values), rows)
        return self.normalize(join(y), name, relu)

    def upsampling(self, x, name):
        """Nearest or transposed; the first makes one row and column too many on each side."""

        def to_pixels(strip):
            pixels = tf.nn.depth_to_space(strip, 2)
            return pixels[:, 1:-1, 1:-1] if self.nearest else pixels

        # Repeated pixels, mirrored beyond the border, repeat the border itself.
        mode = "SYMMETRIC" if self.nearest and self.reflect else "CONSTANT"
        below = 1 if self.nearest else 0
        x = convolve(x, self.kernels[name], 1, 1, below, mode, to_pixels)
        return self.normalize(x, name)

    def normalize(self, x, name, relu=True):
        """Instance normalization over all strips, then ReLU."""
        gamma, beta = self.norms[f"{name}_norm"]
        if len(x) == 1:
            x = [
                tf.compat.v1.nn.fused_batch_norm(
                    x[0], gamma, beta, epsilon=EPSILON, is_training=True
                )[0]
            ]
        else:
            mean = mean_over(x)
            variance = mean_over(x, lambda strip: tf.math.squared_difference(strip, mean))
            scale = gamma * tf.math.rsqrt(variance + EPSILON)
            offset = beta - mean * scale
            x = one_by_one(lambda strip: strip * scale + offset, x)
        return [tf.nn.relu(strip) for strip in x] if relu else x


def blocked_kernel(kernel, block=BLOCK):
    """The kernel that computes a block of pixels at once: identity 2 of this module.

    Args:
        kernel: `(size, size, channels, filters)`.
        block: pixels a side.

    Returns:
        `(size + block - 1, size + block - 1, channels, block * block * filters)`.
    """
    size, _, channels, filters = kernel.shape
    reach = size + block - 1
    blocked = np.zeros((reach, reach, channels, block, block, filters), "float32")
    for i in range(block):
        for j in range(block):
            blocked[i : i + size, j : j + size, :, i, j] = kernel
    return blocked.reshape(reach, reach, channels, -1)


def upsampling_kernel(kernel, share):
    """The 2 x 2 kernel that makes 2 x 2 new pixels at once: identity 3 of this module.

    Args:
        kernel: `(3, 3, channels, filters)`.
        share: `NEAREST` or `TRANSPOSED`.

    Returns:
        `(2, 2, channels, 4 * filters)`.
    """
    phases = np.einsum("ypr,xqs,rsio->pqiyxo", share, share, kernel)
    return phases.reshape(2, 2, kernel.shape[2], -1)


def convolve(strips, kernel, strides, above, below, mode, after=lambda strip: strip):
    """Convolves a picture in strips, one after the other, so that few are in memory.

    `above` and `below` are the rows of padding at the top and the bottom of the picture, and the
    columns on its left and right; `mode` is `tf.pad`'s; `after` is what to do with each result.
    """
    results = []
    for i, strip in enumerate(strips):
        with tf.control_dependencies(results[-1:]):
            rows = [strips[i - 1][:, -above:]] if i > 0 and above else []
            rows += [strip]
            rows += [strips[i + 1][:, :below]] if strip is not strips[-1] and below else []
            x = join(rows)[0]
            top = above if strip is strips[0] else 0
            bottom = below if strip is strips[-1] else 0
            padding = [[0, 0], [top, bottom], [above, below], [0, 0]]
            if mode != "CONSTANT":
                x, padding = tf.pad(x, padding, mode), "VALID"
            results.append(after(tf.nn.conv2d(x, kernel, strides, padding)))
    return results


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


def one_by_one(function, strips):
    """A function of each strip, one after the other, so that few results are in the making."""
    results = []
    for strip in strips:
        with tf.control_dependencies(results[-1:]):
            results.append(function(strip))
    return results


def mean_over(strips, function=lambda strip: strip):
    """The mean of a function over all pixels of all strips, one number a channel."""
    sums = one_by_one(lambda strip: tf.reduce_sum(function(strip), axis=(1, 2)), strips)
    pixels = sum(tf.shape(strip)[1] * tf.shape(strip)[2] for strip in strips)
    return tf.add_n(sums) / tf.cast(pixels, "float32")
