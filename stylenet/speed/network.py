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
   join the strips. In the largest, the two layers of full resolution, which are cheap, are
   computed twice instead of kept: once for mean and variance, then for the next layer. See
   `stylenet.speed.strips`.

From the second picture of a size on, the residual blocks go Winograd's way, see
`stylenet.speed.convolution`: compiling that takes half a second for each size.
"""

import functools
import itertools

import keras
import numpy as np

from stylenet.layers import EPSILON
from stylenet.speed.convolution import TILE, kernel_values, tensorflow_on_cpu, winograd

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

    from stylenet.speed.strips import (
        Layer,
        boundaries,
        join,
        joint_moments,
        moments,
        one_by_one,
        split,
        windows,
    )

BLOCK = 4
# For pictures of up to so many pixels: the number of strips, and whether the layers of full
# resolution are computed twice. One strip and once is fastest, the others take less memory.
STRIPS = {640 * 640: (1, False), 1200 * 1200: (6, False), float("inf"): (8, True)}
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
    if not tensorflow_on_cpu():
        return network.predict_on_batch
    return FastNetwork(network)


class FastNetwork:
    """`transform_net` as a TensorFlow graph with constant weights; see `fast_network`.

    Between its methods a picture is a list of strips, see `stylenet.speed.strips`.
    """

    def __init__(self, network):
        layers = {layer.name: layer for layer in network.layers}
        self.network = network
        self.reflect = "down1_pad" in layers
        weights = {name: layer.get_weights() for name, layer in layers.items() if layer.weights}
        self.norms = {name: value for name, value in weights.items() if name.endswith("_norm")}
        kernels = {name: value[0] for name, value in weights.items() if len(value) == 1}
        self.layers = build_layers(kernels, self.reflect, "up1_repeat" in layers)
        self.values = {}  # of kernels, for Winograd
        self.sizes = set()  # of the pictures so far
        signature = [tf.TensorSpec((1, None, None, 3), "float32")]
        self.graphs = {
            (*option, compiled): tf.function(
                functools.partial(self.run, *option, compiled), signature, autograph=False
            )
            for option, compiled in itertools.product(STRIPS.values(), (False, True))
        }

    def __call__(self, pictures):
        size = pictures.shape[1:3]
        if size[0] % 4 or size[1] % 4:  # 'same' padding would have to be shared out differently
            return self.network.predict_on_batch(pictures)
        results = [np.asarray(self.graph(*size)(picture[None])) for picture in pictures]
        return np.concatenate(results) if len(results) > 1 else results[0]

    def graph(self, height, width):
        """The graph for the next picture of this size."""
        option = next(option for pixels, option in STRIPS.items() if height * width <= pixels)
        if height < 2 * BLOCK * option[0]:  # a strip must hold the margins of its neighbors
            option = (1, False)
        compiled = height * width in COMPILED and (height, width) in self.sizes
        self.sizes.add((height, width))
        if compiled and not self.values:  # variables: for constants, each would be compiled anew
            kernels = {name: tf.constant(layer.kernel) for name, layer in self.layers.items()}
            self.values = {
                name: tf.Variable(kernel_values(kernel))
                for name, kernel in kernels.items()
                if name.startswith("residual")
            }
        return self.graphs[*option, compiled]

    def run(self, strips, twice, compiled, picture):
        """One picture `(1, height, width, 3)` to the stylized one."""
        pair = self.twice if twice else self.once
        x = pair(split(picture, strips, BLOCK), "down1", "down2")
        x = join(self.one(x, "down3"))
        for i in range(1, 6):
            residual = functools.partial(self.winograd, strips=strips) if compiled else self.one
            y = residual(x, f"residual{i}_conv1")
            y = residual(y, f"residual{i}_conv2", relu=False)
            x = [x[0] + y[0]]
        x = self.one(split(x[0], strips), "up1")
        x = pair(x, "up2", "output", relu=False)
        return 150.0 * tf.tanh(join(x)[0]) + 127.5

    def one(self, x, name, relu=True):
        """Convolution, instance normalization, ReLU."""
        layer = self.layers[name].in_graph()
        y = one_by_one(layer, windows(x, layer.above, layer.below))
        return self.normalize(y, name, relu)

    def once(self, x, first, second, relu=True):
        """Two such layers."""
        return self.one(self.one(x, first), second, relu)

    def twice(self, x, first, second, relu=True):
        """Two such layers; strips of the first are computed twice instead of kept.

        Once for mean and variance, then again with the margins that the second layer needs.
        """
        layer, following = self.layers[first].in_graph(), self.layers[second].in_graph()
        strips = windows(x, layer.above, layer.below)
        parts = one_by_one(lambda window: moments(layer(window)), strips)
        scale, offset = self.scale_and_offset(first, *joint_moments(parts))

        def both(window):
            y = tf.nn.relu(layer(window) * scale + offset)
            return following.apply(y, window.top, window.bottom)

        above = layer.above + -(-following.above // layer.zoom)
        below = layer.below + -(-following.below // layer.zoom)
        return self.normalize(one_by_one(both, windows(x, above, below)), second, relu)

    def winograd(self, x, name, strips, relu=True):
        """`one` for the residual blocks, strip by strip."""
        values = tf.convert_to_tensor(self.values[name])
        padding = [[0, 0], [1, 1], [1, 1], [0, 0]]
        x = tf.pad(x[0], padding, "REFLECT" if self.reflect else "CONSTANT")
        rows = itertools.pairwise(boundaries(tf.shape(x)[1] - 2, strips, TILE))
        y = one_by_one(lambda ab: winograd(x[:, ab[0] : ab[1] + 2], values), rows)
        return self.normalize(join(y), name, relu)

    def normalize(self, x, name, relu=True):
        """Instance normalization over all strips, then ReLU."""
        if len(x) == 1:
            gamma, beta = self.norms[f"{name}_norm"]
            x = [
                tf.compat.v1.nn.fused_batch_norm(
                    x[0], gamma, beta, epsilon=EPSILON, is_training=True
                )[0]
            ]
        else:
            mean, variance = joint_moments(one_by_one(moments, x))
            scale, offset = self.scale_and_offset(name, mean, variance)
            x = one_by_one(lambda strip: strip * scale + offset, x)
        return [tf.nn.relu(strip) for strip in x] if relu else x

    def scale_and_offset(self, name, mean, variance):
        """Normalization as one multiplication and one addition a channel."""
        gamma, beta = self.norms[f"{name}_norm"]
        scale = gamma * tf.math.rsqrt(variance + EPSILON)
        return scale, beta - mean * scale


def build_layers(kernels, reflect, nearest):
    """The layers of the network, name to `Layer`, from its kernels."""
    mode = "REFLECT" if reflect else "CONSTANT"
    layers = {}
    for name, kernel in kernels.items():
        if name.startswith("up"):
            layers[name] = upsampling_layer(kernel, reflect, nearest)
        elif name == "output":
            margin = (len(kernel) - 1) // 2
            to_pixels = functools.partial(tf.nn.depth_to_space, block_size=BLOCK)
            layers[name] = Layer(blocked_kernel(kernel), BLOCK, margin, margin, mode, to_pixels)
        elif name in ("down2", "down3"):  # 'same' padding of an even size: one row, at the bottom
            above, below = (1, 0) if reflect else (0, 1)
            layers[name] = Layer(kernel, 2, above, below, mode)
        else:
            margin = len(kernel) // 2
            layers[name] = Layer(kernel, 1, margin, margin, mode)
    return layers


def upsampling_layer(kernel, reflect, nearest):
    """Nearest or transposed; nearest makes one row and column too many on each side."""
    if not nearest:  # Keras keeps it as (rows, columns, filters, channels)
        kernel = upsampling_kernel(kernel.transpose(0, 1, 3, 2), TRANSPOSED)
        to_pixels = functools.partial(tf.nn.depth_to_space, block_size=2)
        return Layer(kernel, 1, 1, 0, "CONSTANT", to_pixels, zoom=2)
    # Repeated pixels, mirrored beyond the border, repeat the border itself.
    mode = "SYMMETRIC" if reflect else "CONSTANT"
    kernel = upsampling_kernel(kernel, NEAREST)
    return Layer(kernel, 1, 1, 1, mode, lambda y: tf.nn.depth_to_space(y, 2)[:, 1:-1, 1:-1], zoom=2)


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
