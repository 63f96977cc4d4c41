"""A network that starts by copying the photograph, so that it needs only learn to restyle it.

From random weights a network first forgets the photograph, paints texture everywhere, and takes
long to find the picture again. Here some channels carry the picture through instead: a stride
of two becomes four channels, one for each of the four pixels it merges ("space to depth"), and
the upsampling puts them back. The other channels start at random and are free to learn.

Differences from the paper: Johnson et al. 2016 start from random weights. The idea of starting
residual branches at zero is that of Goyal et al. 2017, https://arxiv.org/abs/1706.02677
"""

import itertools

import numpy as np

OFFSET = 3.0  # keeps a normalized channel above zero, so that ReLU leaves it as it is
NOISE = 0.01  # how much of the random weights stays in the channels that copy
CONTRAST = 0.45  # of the output, in units of 150 grey levels


def start_as_identity(network):
    """Sets a fresh network's weights so that it copies the photograph.

    Every channel of the copy has the contrast that instance normalization gives it, about 65
    grey levels around 127.5. With "nearest" upsampling, which can't tell the four pixels
    apart, the copy is blurred to a quarter of the resolution.

    Args:
        network: from `transform_net`, `width` 12 or more, with its initial random weights.

    Raises:
        ValueError: the network is too narrow for 48 channels at a quarter of the resolution.
    """
    if network.get_layer("down3").filters < 48:
        raise ValueError("Expected a network of width 12 or more, to copy 48 values a position.")
    _connect(network, "down1", [(4, 4, i, i, 1.0) for i in range(3)])
    _connect(network, "down2", _downsampling(network, "down2", 3))
    _connect(network, "down3", _downsampling(network, "down3", 12))
    for i in range(1, 6):
        _silence(network, f"residual{i}_conv2")
    _connect(network, "up1", _upsampling(network, "up1", 12))
    _connect(network, "up2", _upsampling(network, "up2", 3))
    _connect(network, "output", [(4, 4, i, i, 1.0) for i in range(3)], CONTRAST, 0.0)


def _connect(network, name, connections, scale=1.0, offset=OFFSET):
    """Lets the outputs of `connections`, (row, column, input, output, weight), copy inputs."""
    layer, norm = network.get_layer(name), network.get_layer(f"{name}_norm")
    kernel = np.array(layer.kernel)
    if "Transpose" in type(layer).__name__:
        kernel = kernel.swapaxes(2, 3)  # (height, width, out, in), and a view
    outputs = sorted({output for *_, output, _ in connections})
    kernel[..., outputs] *= NOISE
    for row, column, source, output, weight in connections:
        kernel[row, column, source, output] += weight
    gamma, beta = np.array(norm.gamma), np.array(norm.beta)
    gamma[outputs], beta[outputs] = scale, offset
    layer.kernel.assign(kernel.swapaxes(2, 3) if "Transpose" in type(layer).__name__ else kernel)
    norm.gamma.assign(gamma)
    norm.beta.assign(beta)


def _downsampling(network, name, channels):
    """Pixel (a, b) of every 2 x 2 square goes to channel 4 i + 2 a + b.

    TensorFlow's 'same' padding begins a stride at the square's first pixel; explicit padding
    of one pixel begins it one pixel earlier.
    """
    first = 0 if network.get_layer(name).padding == "same" else 1
    return [
        (first + a, first + b, i, 4 * i + 2 * a + b, 1.0)
        for i, a, b in itertools.product(range(channels), (0, 1), (0, 1))
    ]


def _upsampling(network, name, channels):
    """The inverse; for repeated pixels, the square's mean, interpolated linearly."""
    if "Transpose" in type(network.get_layer(name)).__name__:
        return [
            (a, b, 4 * i + 2 * a + b, i, 1.0)
            for i, a, b in itertools.product(range(channels), (0, 1), (0, 1))
        ]
    taps = list(enumerate((0.25, 0.5, 0.25)))
    return [
        (row, column, 4 * i + phase, i, down * right / 4)
        for (row, down), (column, right) in itertools.product(taps, taps)
        for i, phase in itertools.product(range(channels), range(4))
    ]


def _silence(network, name):
    """The residual branch adds nothing at first."""
    gamma = network.get_layer(f"{name}_norm").gamma
    gamma.assign(np.zeros(gamma.shape))
