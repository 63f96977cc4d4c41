"""Universal style transfer in PyTorch, as the known programs do it: the yardstick.

VGG19 and mirrored decoders with random weights, reflection padding, nearest upsampling; at each of
five levels content and style are encoded, whitened and colored by the SVD of their covariances
(PytorchWCT, https://github.com/sunshineatnoon/PytorchWCT, is the model; written anew).
"""

import itertools

import torch
from torch import nn
from torch_networks import DEVICE

WIDTHS = (64, 128, 256, 512, 512)
CONVOLUTIONS = (2, 2, 4, 4, 1)
THRESHOLD = 1e-5


def convolution(channels, filters):
    """Reflection padding, a 3 x 3 convolution, ReLU."""
    return [nn.ReflectionPad2d(1), nn.Conv2d(channels, filters, 3), nn.ReLU()]


def plan(level):
    """Channels and filters of each convolution up to a level, None for pooling."""
    steps, channels = [], 3
    for block in range(1, level + 1):
        count = CONVOLUTIONS[block - 1] if block < level else 1
        for _ in range(count):
            steps.append((channels, WIDTHS[block - 1]))
            channels = WIDTHS[block - 1]
        if block < level:
            steps.append(None)
    return steps


def encoder(level):
    """VGG19 up to a level."""
    layers = [[nn.MaxPool2d(2)] if step is None else convolution(*step) for step in plan(level)]
    return nn.Sequential(*itertools.chain(*layers)).to(DEVICE)


def decoder(level):
    """Its mirror image; the last convolution has no ReLU."""
    layers = [
        [nn.Upsample(scale_factor=2, mode="nearest")] if step is None else convolution(*step[::-1])
        for step in reversed(plan(level))
    ]
    return nn.Sequential(*itertools.chain(*layers))[:-1].to(DEVICE)


def decompose(features):
    """Mean, vectors and values of the covariance of `(1, channels, height, width)`."""
    flat = features.flatten(2)[0]
    mean = flat.mean(dim=1, keepdim=True)
    centered = flat - mean
    _, values, vectors = torch.linalg.svd(centered @ centered.T / (flat.shape[1] - 1))
    kept = values > THRESHOLD * values[0]
    return centered, mean, vectors.T[:, kept], values[kept]


def transform(content, style, alpha):
    """Whitening and coloring, blended with the content."""
    centered, _, vectors, values = decompose(content)
    white = vectors @ ((values**-0.5)[:, None] * (vectors.T @ centered))
    _, mean, vectors, values = decompose(style)
    colored = vectors @ ((values**0.5)[:, None] * (vectors.T @ white)) + mean
    return alpha * colored.view_as(content) + (1 - alpha) * content


class Stylizer(nn.Module):
    """Levels 5 to 1; both pictures encoded at every level."""

    def __init__(self):
        super().__init__()
        self.encoders = nn.ModuleList(encoder(level) for level in (5, 4, 3, 2, 1))
        self.decoders = nn.ModuleList(decoder(level) for level in (5, 4, 3, 2, 1))

    def forward(self, content, style, alpha=0.6):
        for encode, decode in zip(self.encoders, self.decoders, strict=True):
            content = decode(transform(encode(content), encode(style), alpha))
        return content
