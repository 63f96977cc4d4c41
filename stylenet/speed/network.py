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

import copy
import functools
import itertools
from typing import NamedTuple

import keras
import numpy as np

from stylenet.layers import EPSILON
from stylenet.speed.convolution import tensorflow_on_cpu
from stylenet.speed.graphs import Recent
from stylenet.speed.kernels import NEAREST, TRANSPOSED, blocked_kernel, upsampling_kernel
from stylenet.speed.winograd import TILE, kernel_values, winograd

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


class Plan(NamedTuple):
    """In which order a picture is computed.

    Args:
        strips: how many.
        twice: whether the layers of full resolution are computed twice instead of kept.
        winograd: whether the residual blocks go Winograd's way, compiled for the picture's size.
    """

    strips: int
    twice: bool = False
    winograd: bool = False


# For pictures of up to so many pixels; the first is the fastest, the others take less memory.
PLANS = {640 * 640: Plan(1), 1200 * 1200: Plan(6), float("inf"): Plan(8, twice=True)}
SIZES = 8  # of the last pictures: what comes again is worth compiling
# Sizes, in pixels, worth compiling for: small pictures are quick, and large ones take memory.
COMPILED = range(128 * 128, 1400 * 1400)


def fast_network(network):
    """The fastest known way to run a network on pictures.

    Args:
        network: from `transform_net`, at any width. Its weights are copied: call again after
            changing them.

    Returns:
        A function: pictures `(batch, height, width, 3)`, float32 in [0, 255], to what
        `network` makes of them, a NumPy array, equal to within 0.01 grey levels: on TensorFlow
        without a GPU a `FastNetwork`, on JAX `jitted`, else `network.predict_on_batch`.
    """
    if tensorflow_on_cpu():
        return FastNetwork(network)
    return jitted(network) if keras.backend.backend() == "jax" else network.predict_on_batch


def jitted(network):
    """A network on JAX, compiled for each size, with weights that stay on the device.

    What `predict_on_batch` does besides takes as long as a GPU needs for a picture.
    """
    import jax

    groups = network.trainable_variables, network.non_trainable_variables
    weights = [[jax.numpy.array(variable.value) for variable in group] for group in groups]

    @jax.jit
    def draw(weights, pictures):
        return network.stateless_call(*weights, pictures, training=False)[0]

    return lambda pictures: np.asarray(draw(weights, pictures))


class FastNetwork:
    """`transform_net` as a TensorFlow graph with constant weights; see `fast_network`.

    Between its methods a picture is a list of strips, see `stylenet.speed.strips`.
    """

    def __init__(self, network):
        layers = {layer.name: layer for layer in network.layers}
        self.network = network
        self.reflect = "down1_pad" in layers
        weights = {name: layer.get_weights() for name, layer in layers.items() if layer.weights}
        norms = {name: value for name, value in weights.items() if name.endswith("_norm")}
        self.norms = tf.nest.map_structure(tf.constant, norms)
        kernels = {name: value[0] for name, value in weights.items() if len(value) == 1}
        self.layers = build_layers(kernels, self.reflect, "up1_repeat" in layers)
        self.values = {}  # of kernels, for Winograd
        self.sizes = Recent(SIZES)
        self.graphs = {}  # a plan each

    def __call__(self, pictures):
        size = pictures.shape[1:3]
        odd = size[0] % 4 or size[1] % 4  # 'same' padding would have to be shared out differently
        if odd and self.network:
            return self.network.predict_on_batch(pictures)
        results = [np.asarray(self.graph(*size)(picture[None], self.norms)) for picture in pictures]
        return np.concatenate(results) if len(results) > 1 else results[0]

    def with_norms(self, norms):
        """The same network with other scales and shifts; both share what was compiled.

        Args:
            norms: a dict, name of a normalization to its scale and its shift, `(channels,)`.

        Sides of pictures must be multiples of four.
        """
        twin = copy.copy(self)
        twin.norms = tf.nest.map_structure(lambda x: tf.constant(x, "float32"), norms)
        twin.network = None
        return twin

    def graph(self, height, width):
        """The graph for the next picture of this size."""
        plan = self.plan(height, width)
        if plan.winograd and not self.values:  # variables: each constant would be compiled anew
            kernels = {name: tf.constant(layer.kernel) for name, layer in self.layers.items()}
            for name, kernel in kernels.items():
                if name.startswith("residual"):
                    self.values[name] = tf.Variable(kernel_values(kernel))
        if plan not in self.graphs:
            norms = tf.nest.map_structure(lambda x: tf.TensorSpec(x.shape, x.dtype), self.norms)
            signature = [tf.TensorSpec((1, None, None, 3), "float32"), norms]
            run = functools.partial(self.run, plan=plan)
            self.graphs[plan] = tf.function(run, signature, autograph=False)
        return self.graphs[plan]

    def plan(self, height, width):
        """The plan for the next picture of this size."""
        pixels = height * width
        plan = next(plan for most, plan in PLANS.items() if pixels <= most)
        if height < 2 * BLOCK * plan.strips:  # a strip must hold the margins of its neighbors
            plan = Plan(1)
        known = self.sizes.meet((height, width)) > 1
        return plan._replace(winograd=known and pixels in COMPILED)

    def run(self, picture, norms, plan):
        """One picture `(1, height, width, 3)` to the one that is drawn with these norms."""
        inside = copy.copy(self)
        inside.norms = norms
        return inside.drawn(picture, plan)

    def drawn(self, picture, plan):
        """The same with its own norms."""
        pair = self.twice if plan.twice else self.once
        x = pair(split(picture, plan.strips, BLOCK), "down1", "down2")
        x = join(self.one(x, "down3"))
        for i in range(1, 6):
            y = self.residual(x, f"residual{i}_conv1", plan)
            y = self.residual(y, f"residual{i}_conv2", plan, relu=False)
            x = [x[0] + y[0]]
        x = self.one(split(x[0], plan.strips), "up1")
        x = pair(x, "up2", "output", relu=False)
        return 150.0 * tf.tanh(join(x)[0]) + 127.5

    def residual(self, x, name, plan, relu=True):
        """A layer of a residual block, in a picture that is one strip."""
        if plan.winograd:
            return self.winograd(x, name, plan.strips, relu)
        return self.one(x, name, relu)

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
            layers[name] = Layer(
                blocked_kernel(kernel, BLOCK), BLOCK, margin, margin, mode, to_pixels
            )
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
