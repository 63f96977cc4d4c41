"""The loss in less memory is the loss: its terms, its gradient, its targets."""

import keras
import numpy as np
import pytest
from helpers import smooth
from keras import ops

from stylenet import gatys
from stylenet.features import feature_extractor
from stylenet.losses import PRESETS
from stylenet.optimization import value_and_gradient
from stylenet.speed import gatys as speed

# Layers in the strips (one of them at two resolutions), and above them, some of both kinds.
LOW = PRESETS["gatys"]._replace(
    network="vgg16",
    content_layers={"block1_conv2": 1.0, "block3_conv1": 0.5},
    style_layers={"block1_conv1": 1.0, "block2_conv1": 2.0, "block3_conv1": 1.0},
)


def masks(height, width=48):
    ramp = np.linspace(0, 1, height, dtype="float32")[:, None].repeat(width, 1)
    return [ramp, 1 - ramp]


def found(style_loss, image, *arguments, **options):
    """The terms and the gradient, by a network with the same random weights each time."""
    keras.utils.set_random_seed(0)
    return value_and_gradient(style_loss(*arguments, **options))(image[None])


def assert_equal(one, other):
    (terms, gradient), (other_terms, other_gradient) = one, other
    assert other_terms == pytest.approx(terms, rel=1e-5)
    assert sum(other_terms.values()) == pytest.approx(sum(terms.values()), rel=1e-5)
    difference = np.linalg.norm(other_gradient - gradient)
    assert difference < 1e-4 * np.linalg.norm(gradient)


@pytest.mark.parametrize(
    ("height", "masked", "options"),
    [
        (64, False, {}),
        (61, False, {"mean_squares": False}),
        (61, True, {"tv_weight": 10.0}),
        (33, True, {"mean_squares": False, "tv_weight": 1e-6}),
    ],
)
def test_in_strips_the_terms_and_the_gradient_are_the_same(monkeypatch, height, masked, options):
    """Strips overlap, poolings round down, and what is computed twice counts once."""
    monkeypatch.setattr(speed, "STRIP", 10 * 48)
    assert len(list(speed.cut(height, 48))) > 1
    content, image = smooth(height, seed=1), smooth(height, seed=3)
    styles = [smooth(seed=2), smooth(40, 56, seed=4)]
    arguments = (image, content, styles, LOW._replace(**options), [1, 3])
    regions = {"masks": masks(height) if masked else None, "weights": "random"}
    plain, strips = (found(each.StyleLoss, *arguments, **regions) for each in (gatys, speed))
    assert_equal(plain, strips)


@pytest.mark.parametrize(
    ("preset", "network", "pooling"),
    [
        ("gatys", "slim", "max"),
        ("course", "slim", "max"),
        ("gatys", "vgg16", "max"),
        ("course", "vgg16", "average"),
    ],
)
def test_so_they_are_at_all_layers_of_both_presets(monkeypatch, preset, network, pooling):
    monkeypatch.setattr(speed, "STRIP", 20 * 64)
    content, style, image = (smooth(64, 64, seed) for seed in (1, 2, 3))
    preset = PRESETS[preset]._replace(network=network, pooling=pooling)
    if network == "slim":
        preset = preset._replace(content_layers={"block4_conv1": 1.0})
    weights = "imagenet" if network == "slim" else "random"
    arguments = (image, content, [style], preset)
    plain, strips = (found(each.StyleLoss, *arguments, weights=weights) for each in (gatys, speed))
    assert_equal(plain, strips)


def test_the_targets_are_the_same(monkeypatch):
    monkeypatch.setattr(speed, "STRIP", 10 * 48)
    losses = []
    for each in (gatys, speed):
        keras.utils.set_random_seed(0)
        losses.append(each.StyleLoss(smooth(61), [smooth(seed=2)], LOW, weights="random"))
    plain, strips = losses
    for layer, [gram] in plain.targets.items():
        np.testing.assert_allclose(strips.targets[layer][0], gram, rtol=1e-3, atol=1e-3)
    for layer, maps in plain.content.items():
        np.testing.assert_allclose(strips.content[layer], maps, rtol=1e-3, atol=1e-3)


def test_strips_cover_each_row_once():
    for height in (16, 33, 500, 731):
        strips = list(speed.cut(height, 640))
        assert [rows.top for rows in strips] == [0, *[rows.bottom for rows in strips[:-1]]]
        assert strips[-1].bottom == strips[-1].end == height
        assert all(rows.start <= rows.top < rows.bottom <= rows.end for rows in strips)


def test_the_parts_in_a_row_are_the_extractor():
    names = ["block1_conv2", "block2_conv2", "block3_conv1", "block4_conv1"]
    extractor = feature_extractor("vgg16", names, weights="random")
    x, found = ops.convert_to_tensor(smooth(33, 40)[None]), {}
    expected = extractor(x)
    for part, highest in speed.parts(extractor):
        features = part(x)
        found |= features
        x = features[highest]
    assert [highest for _, highest in speed.parts(extractor)] == [
        "block2_pool",
        "block3_pool",
        "block4_conv1",
    ]
    assert set(found) == {*names, "block2_pool", "block3_pool"}
    for name in names:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-4)
