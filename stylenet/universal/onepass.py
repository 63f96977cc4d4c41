"""Any painting in one pass: a small network sees the painting and sets up a feed-forward network.

Ghiasi, Lee, Kudlur, Dumoulin and Shlens, "Exploring the structure of a real-time, arbitrary neural
artistic stylization network", 2017, https://arxiv.org/abs/1705.06830

A feed-forward network of many styles (`feed_forward.conditional`) has of each style only the scales
and the shifts of its normalizations, and a condition c chooses among them or mixes them. Here c is
not chosen but computed, from the means and the deviations of what an encoder sees in a painting p:

    y = T(x, c),    c = (1, f(m(p), strength)),    m = mean and deviation of each channel, 5 depths

With c known, T is a feed-forward network like any other (`OnePass.network_for`): a painting costs a
glance, and a photograph what it costs there, or less, since T is narrower.

Differences from the paper:

| here                                               | paper                                   |
|----------------------------------------------------|-----------------------------------------|
| slim's first levels and two layers that learn      | Inception-v3                            |
| means and deviations at five depths                | means at one                            |
| the downsampling layers are conditional too        | these have plain instance normalization |
| strength is an input, after Babaeizadeh and        | -                                       |
| Ghiasi 2018, https://arxiv.org/abs/1811.08560      |                                         |

How it is trained stands in `stylenet.universal.onepass_training`.
"""

import functools
import os

import keras
import numpy as np
from keras import layers, ops

from stylenet import images, inputs, weights
from stylenet.encoders import encoder, level_name, preprocess
from stylenet.feed_forward.conditional import MIDDLE, fixed
from stylenet.feed_forward.network import transform_net
from stylenet.feed_forward.stylizer import paint
from stylenet.layers import ChannelStatistics, ReflectionPadding2D
from stylenet.speed.network import fast_network
from stylenet.surroundings import plain

WIDTH = 20  # of the feed-forward network
CONDITIONS = 44  # entries of a condition; the first is always 1
SEEN = (1, 2, 3)  # levels of slim, which stay as they are
COARSE, HIDDEN = 64, 64  # channels of the two layers above these, and units of f's
SMALLEST = 32  # pixels, of a painting's shorter side


@plain()
def style_net(conditions=CONDITIONS):
    """What sees a painting: statistics at five depths, and of them a condition.

    Args:
        conditions: the length of the condition.

    Returns:
        A `keras.Model`: paintings `(batch, height, width, 3)` in [0, 255], of at least 32 pixels a
        side, and strengths `(batch, 1)` in [0, 1], to conditions `(batch, conditions)`, whose first
        entry is 1. Its layer "seen" is slim up to block3_conv1, frozen.
    """
    paintings = keras.Input((None, None, 3), name="paintings")
    strengths = keras.Input((1,), name="strengths")
    seen = encoder("slim", [level_name(level) for level in SEEN], name="seen")
    seen.trainable = False
    maps = [preprocess(paintings, "slim"), *seen(paintings).values()]
    for i in (1, 2):
        x = ReflectionPadding2D(1, name=f"coarse{i}_pad")(maps[-1])
        maps.append(layers.Conv2D(COARSE, 3, 2, activation="relu", name=f"coarse{i}")(x))
    found = [ChannelStatistics(name=f"statistics{i}")(each) for i, each in enumerate(maps)]
    x = layers.Concatenate(name="statistics", dtype="float32")(found)
    x = layers.Dense(HIDDEN, activation="relu", dtype="float32", name="summary")(x)
    x = layers.Concatenate(name="wish", dtype="float32")([x, strengths])
    x = layers.Dense(HIDDEN, activation="relu", dtype="float32", name="hidden")(x)
    x = layers.Dense(conditions - 1, dtype="float32", name="mixture")(x)
    outputs = layers.Concatenate(name="condition", dtype="float32")([ops.ones_like(strengths), x])
    return keras.Model([paintings, strengths], outputs, name="style")


@plain()
def onepass_net(width=WIDTH, conditions=CONDITIONS):
    """Both networks in one: pictures, paintings and strengths to pictures.

    Args:
        width: of the feed-forward network, see `transform_net`.
        conditions: the length of a condition.

    Returns:
        A `keras.Model`: pictures `(batch, height, width, 3)`, sides multiples of four, paintings
        `(batch, height', width', 3)`, all in [0, 255], and strengths `(batch, 1)`, to pictures in
        (-22.5, 277.5). Its layers "style" and "transform_net" are the two networks.

    Raises:
        ValueError: a width or number of conditions out of range.

    Reference: Ghiasi et al. 2017, https://arxiv.org/abs/1705.06830
    """
    pictures = keras.Input((None, None, 3), name="pictures")
    paintings = keras.Input((None, None, 3), name="paintings")
    strengths = keras.Input((1,), name="strengths")
    draw = transform_net("reflect", "nearest", width, conditions=conditions)
    condition = style_net(conditions)([paintings, strengths])
    outputs = draw([pictures, condition])
    return keras.Model([pictures, paintings, strengths], outputs, name="onepass")


class OnePass:
    """Any painting in one pass: seen once, then a feed-forward network like any other.

    Args:
        path: a weights file from `train_onepass`, or None for the shipped one.

    Raises:
        ValueError, FileNotFoundError: no such file, or one that does not fit.

    Reference: Ghiasi et al. 2017, https://arxiv.org/abs/1705.06830
    """

    def __init__(self, path: str | os.PathLike | None = None):
        path = weights.shipped_file("onepass") if path is None else weights.style_file(path)
        options = weights.network_options(path)
        self.network = weights.fill(lambda: onepass_net(**options), path)
        self._style = self.network.get_layer("style")
        self._draw = self.network.get_layer("transform_net")

    @plain()
    def condition(self, style_image: images.Picture, strength: float = MIDDLE) -> np.ndarray:
        """What the network remembers of a painting.

        Args:
            style_image: `(height, width, 3)`, RGB in [0, 255], of the size that its strokes are to
                have; mirrored to 32 pixels a side if it is smaller.
            strength: 0, a quarter of the style's weight, to 1, four times it.

        Returns:
            float32 `(conditions,)`. Those of several paintings may be mixed.

        Raises:
            ValueError: something that is no picture, or a strength out of range.
        """
        inputs.fraction("strength", strength)
        painting = inputs.picture(style_image, "style_image")
        if min(painting.shape[:2]) < SMALLEST:
            painting, _ = images.pad_to_multiple(painting, SMALLEST)
        found = self._style([painting[None], np.array([[strength]], "float32")])
        return ops.convert_to_numpy(found)[0]

    @plain()
    def network_for(self, condition):
        """The feed-forward network that a condition makes.

        Args:
            condition: `(conditions,)`, from `condition`, or a mixture of these with shares that
                sum to one.

        Returns:
            A `keras.Model` from `transform_net`, which all of `stylenet.feed_forward` takes.
        """
        return fixed(self._draw, condition)

    def stylize(
        self,
        content_image: images.Picture,
        style_images,
        strength: float = MIDDLE,
        *,
        shares=None,
    ) -> np.ndarray:
        """Draws a photograph in the style of one or several paintings.

        Args:
            content_image: `(height, width, 3)`, RGB in [0, 255], any size.
            style_images: a picture or a list of them, as in `condition`.
            strength: as in `condition`.
            shares: a number a painting, by default equal; their sum does not matter.

        Returns:
            float32 `(height, width, 3)` in [0, 255], exactly the photograph's size.

        Raises:
            ValueError: something that is no picture, or impossible numbers.
        """
        content = inputs.picture(content_image)
        return paint(content, self.stylizer(style_images, strength, shares=shares))

    def stylizer(self, style_images, strength=MIDDLE, *, shares=None):
        """The function of batches that draws in a style: see `feed_forward.stylizer.load_style`.

        Args:
            style_images: as in `stylize`.
            strength: as in `condition`.
            shares: as in `stylize`.

        Returns:
            A callable, `(batch, height, width, 3)`, sides multiples of four, to the same shape.
        """
        styles = inputs.as_list(style_images)
        shares = inputs.shares(shares, len(styles))
        found = [self.condition(style, strength) for style in styles]
        return fast_network(self.network_for(np.tensordot(shares, found, 1)))


@functools.lru_cache(maxsize=2)
def load(path=None):
    """`OnePass`, loaded once, then remembered."""
    return OnePass(path)
