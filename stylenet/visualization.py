"""What the layers of a network see: receptive fields, patches that excite, pictures that excite.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks",
https://arxiv.org/abs/1311.2901; Erhan et al. 2009, "Visualizing Higher-Layer Features of a Deep
Network"; Olah, Mordvintsev and Schubert 2017, https://doi.org/10.23915/distill.00007

Differences from the papers: patches are chosen by the largest responses alone, without
deconvolution; a picture is kept smooth by its total variation alone.
"""

from typing import NamedTuple

import keras
import numpy as np
from keras import ops
from scipy import ndimage

from stylenet.features import feature_extractor
from stylenet.images import as_image
from stylenet.losses import total_variation_loss
from stylenet.optimization import minimize
from stylenet.speed.convolution import accelerate

# Noise to begin with: its deviation in grey levels, and how coarse it is, in pixels.
STARTS = ((10, 0), (40, 0), (60, 1), (60, 3), (60, 6))


class ReceptiveField(NamedTuple):
    """Receptive field of a response, in pixels of the picture.

    A side of `size`; neighbors see `stride` further; the first one's field begins at `start`,
    below 0 where it reaches into the padding.
    """

    size: int
    stride: int
    start: int


def receptive_field(model, layer_name):
    """The receptive field of a layer, read from the model.

    With kernel k, stride s and padding p of each layer below, from the lowest upwards:

        size += (k - 1) stride,    start -= p stride,    stride *= s

    Args:
        model: a `keras.Model` of layers in a row, such as a feature extractor.
        layer_name: of a layer of it.

    Returns:
        A `ReceptiveField`.

    Raises:
        ValueError: there is no such layer.

    Reference: Araujo, Norris and Sim 2019, https://doi.org/10.23915/distill.00021
    """
    size, stride, start = 1, 1, 0
    for layer in model.layers[: model.layers.index(model.get_layer(layer_name)) + 1]:
        kernel, step, padding = _window(layer)
        size += (kernel - 1) * stride
        start -= padding * stride
        stride *= step
    return ReceptiveField(size, stride, start)


def _window(layer):
    """The kernel, the stride and the padding before it of a layer."""
    if isinstance(layer, keras.layers.Conv2D):
        kernel, step = layer.kernel_size[0], layer.strides[0]
    elif hasattr(layer, "pool_size"):
        kernel, step = layer.pool_size[0], layer.strides[0]
    else:
        return 1, 1, 0
    return kernel, step, (kernel - step) // 2 if layer.padding == "same" else 0


def lively_channels(maps, count=3, margin=4):
    """The channels that answer most within a picture, the strongest first.

    Some channels of a trained network are silent, others answer to a picture's border alone,
    where zeros begin. So responses near the border do not count.

    Args:
        maps: responses of a layer to a picture, `(height, width, channels)`.
        count: how many channels at most.
        margin: places beside the border that do not count, a quarter of a side at most.

    Returns:
        A list of numbers of channels, all with a response above 0.
    """
    maps = np.asarray(maps)
    down, right = (min(margin, side // 4) for side in maps.shape[:2])
    inner = maps[down : maps.shape[0] - down, right : maps.shape[1] - right]
    strongest = inner.max(axis=(0, 1))
    order = np.argsort(-strongest, kind="stable")[:count]
    return [int(channel) for channel in order if strongest[channel] > 0]


def exciting_patches(extractor, pictures, layer, channel, count=9):
    """The parts of pictures that a channel answers to most, one a picture at most.

    Args:
        extractor: from `features.feature_extractor`, with this layer.
        pictures: a list of `(height, width, 3)` in [0, 255].
        layer: for instance "block3_conv1".
        channel: the number of the channel.
        count: how many at most.

    Returns:
        A list of patches `(size, size, 3)`, a receptive field each, the strongest first;
        beyond a picture's border they are grey.

    Raises:
        ValueError: an unknown layer or channel.
    """
    field = receptive_field(extractor, layer)
    found = []
    for picture in map(as_image, pictures):
        maps = np.asarray(extractor.predict_on_batch(picture[None])[layer])[0]
        _check_channel(channel, maps.shape[-1], layer)
        place = np.unravel_index(np.argmax(maps[..., channel]), maps.shape[:2])
        found.append((maps[(*place, channel)], len(found), _patch(picture, field, place)))
    return [patch for *_, patch in sorted(found, key=lambda item: (-item[0], item[1]))[:count]]


def _patch(picture, field, place):
    """The receptive field of the response at a place, grey where it leaves the picture."""
    margin = field.size
    padded = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)), constant_values=127.5)
    top, left = (margin + field.start + field.stride * index for index in place)
    return padded[top : top + field.size, left : left + field.size]


def exciting_picture(
    layer,
    channel,
    size=96,
    *,
    network="vgg19",
    tv_weight=0.01,
    weights="imagenet",
    num_steps=150,
    seed=0,
    progress=True,
    **options,
):
    """A picture that makes a channel answer strongly everywhere, from grey noise.

    loss = -mean(phi(y)) / mean(|phi(start)|) + tv_weight l_TV(y)

    Args:
        layer: for instance "block3_conv1".
        channel: the number of the channel.
        size: a side, in pixels.
        network: "vgg19", "vgg16" or "slim".
        tv_weight: of the mean squared difference between neighboring pixels.
        weights: as in `features.feature_extractor`.
        num_steps: as in `optimization.minimize`.
        seed: of the noise.
        progress: show the steps and the time left.
        **options: of `optimization.minimize`; the optimizer is Adam unless told otherwise.

    Returns:
        An `optimization.Result`.

    Raises:
        ValueError: an unknown layer or channel.
    """
    extractor = feature_extractor(network, [layer], weights)
    accelerate(extractor)
    noise, maps = _noise_that_excites(extractor, layer, channel, size, seed)
    unit = float(np.abs(maps).mean()) or 1.0

    def terms(image):
        clipped = ops.clip(image, 0.0, 255.0)
        response = ops.mean(extractor(clipped)[layer][..., channel])
        # Beyond [0, 255] only this pulls back.
        outside = ops.mean(ops.square(image - clipped))
        variation = tv_weight * total_variation_loss(image, squared=True)
        return {"response": -response / unit, "tv": variation, "range": outside}

    return minimize(terms, noise, num_steps, progress=progress, **{"optimizer": "adam", **options})


def _noise_that_excites(extractor, layer, channel, size, seed):
    """The faintest noise that the channel answers to, and the layer's maps of it.

    Where all responses are 0, the ReLU has no gradient, and no step leads anywhere.
    """
    white = np.random.default_rng(seed).normal(0, 1, (size, size, 3))
    for deviation, blur in STARTS:
        waves = ndimage.gaussian_filter(white, (blur, blur, 0)) if blur else white
        noise = (127.5 + deviation * waves / waves.std()).astype("float32")
        maps = np.asarray(extractor.predict_on_batch(noise[None])[layer])
        _check_channel(channel, maps.shape[-1], layer)
        if maps[..., channel].max() > 0:
            break
    return noise, maps


def _check_channel(channel, channels, layer):
    if not 0 <= channel < channels:
        raise ValueError(f"Expected a channel of {layer} in 0 ... {channels - 1}. Got: {channel}.")
