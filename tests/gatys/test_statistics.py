import functools

import keras
import numpy as np
import pytest
import scipy.linalg
from helpers import smooth
from keras import ops

from stylenet import gatys, presets
from stylenet.gatys import loss as plain
from stylenet.gatys.statistics import STATISTICS, directions
from stylenet.losses import Preset
from stylenet.optimization import value_and_gradient
from stylenet.speed import gatys as fast

LOW = Preset(
    network="vgg16",
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 1.0, "block2_conv1": 2.0},
)
WASSERSTEIN = ("moments", "sliced")


def maps(seed, height=9, width=7, channels=4):
    """Features whose channels are correlated, shifted and of one sign for the most part."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(1, height, width, channels)) @ random.normal(size=(channels,) * 2)
    return np.float32(noise + random.normal(size=channels))


def distance(name, first, second, guide=1.0):
    of, between = STATISTICS[name].of, STATISTICS[name].distance
    first, second = map(ops.convert_to_tensor, (first, second))
    return float(between(of(first, guide), of(second)))


def test_the_names_are_those_that_presets_know():
    assert tuple(STATISTICS) == presets.STATISTICS


@pytest.mark.parametrize("name", STATISTICS)
def test_places_are_forgotten(name):
    features, other = maps(0), maps(1)
    order = np.random.default_rng(2).permutation(63)
    shuffled = features.reshape(1, 63, 4)[:, order].reshape(features.shape)
    apart = distance(name, features, other)
    assert apart > 0.1
    assert distance(name, shuffled, features) == pytest.approx(0, abs=1e-4 * apart)
    assert distance(name, shuffled, other) == pytest.approx(apart, rel=1e-4)


@pytest.mark.parametrize("name", WASSERSTEIN)
def test_a_shift_costs_its_square(name):
    shift = np.float32([1, -2, 0.5, 3])
    found = distance(name, maps(0) + shift, maps(0))
    assert found == pytest.approx(np.sum(shift**2), rel=1e-3)


@pytest.mark.parametrize("name", WASSERSTEIN)
def test_a_larger_spread_costs_the_square_of_what_each_moves(name):
    """Responses x and 3 x of mean 0 are apart by the mean of |2 x|^2."""
    features = maps(0)
    features -= features.mean(axis=(1, 2))
    expected = np.mean(np.sum(np.square(2 * features), axis=-1))
    assert distance(name, 3 * features, features) == pytest.approx(expected, rel=1e-3)


def test_the_distance_of_gaussians_is_the_formula_in_numpy():
    means, covariances = [], []
    for seed in (0, 1):
        rows = maps(seed).reshape(-1, 4).astype("float64")
        means.append(rows.mean(axis=0))
        covariances.append(np.cov(rows.T, bias=True))
    first, second = covariances
    root = scipy.linalg.sqrtm(second)
    cross = scipy.linalg.sqrtm(root @ first @ root).real
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(first + second - 2 * cross)
    assert distance("moments", maps(0), maps(1)) == pytest.approx(expected, rel=1e-3)


def test_the_sliced_distance_is_that_of_sorted_projections_in_numpy():
    first, second = (np.sort(maps(seed).reshape(-1, 4) @ directions(4), axis=0) for seed in (0, 1))
    expected = np.sum(np.mean((first - second) ** 2, axis=0))
    assert distance("sliced", maps(0), maps(1)) == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(directions(4) @ directions(4).T, np.eye(4), atol=1e-5)


def test_the_sliced_distance_sees_what_moments_do_not():
    """Two values and evenly spread ones of equal mean and variance, in each channel."""
    random = np.random.default_rng(0)
    two = random.permuted(np.tile([-1.0, 1.0], (4, 500)), axis=1)
    even = random.permuted(np.tile(np.sqrt(3) * np.linspace(-1, 1, 1000), (4, 1)), axis=1)
    pair = [np.float32(x.T.reshape(1, 25, 40, 4)) @ directions(4).T for x in (two, even)]
    assert distance("moments", *pair) < 0.05
    # Of a uniform on [-a, a] and two points at +-1: 1 + a^2 / 3 - a, a^2 = 3, a channel.
    assert distance("sliced", *pair) == pytest.approx(4 * (2 - np.sqrt(3)), rel=0.05)


@pytest.mark.parametrize("name", STATISTICS)
def test_the_number_of_places_does_not_count(name):
    features = maps(0, 20, 10)
    twice = np.tile(features, (1, 2, 1, 1))
    assert distance(name, twice, features) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("name", STATISTICS)
def test_a_guide_leaves_the_places_it_covers(name):
    """Half of the places count, twice each: as if there were no others."""
    features, other = maps(0, 8, 6), maps(1)
    guide = np.zeros((8, 6, 1), "float32")
    guide[:4] = np.sqrt(2)
    half = distance(name, features[:, :4], other)
    assert distance(name, features, other, guide) == pytest.approx(half, rel=1e-3)


@pytest.mark.parametrize("name", STATISTICS)
@pytest.mark.parametrize("engine", [plain, fast])
def test_the_gradient_agrees_with_finite_differences(name, engine):
    keras.utils.set_random_seed(0)
    content, style, image = smooth(seed=1), smooth(40, 40, seed=2), smooth(seed=3)
    loss = engine.StyleLoss(content, [style], LOW._replace(statistics=name), weights="random")
    evaluate = value_and_gradient(loss)
    _, gradient = evaluate(image[None])
    for seed in range(2):
        direction = np.random.default_rng(seed).normal(size=image.shape) + np.sign(gradient[0])
        step = (0.5 * direction / np.abs(direction).max()).astype("float32")
        ahead, behind = (sum(evaluate((image + s * step)[None])[0].values()) for s in (1, -1))
        assert np.sum(gradient * step) == pytest.approx((ahead - behind) / 2, rel=2e-2)


@pytest.mark.parametrize("name", STATISTICS)
def test_in_less_memory_the_terms_are_the_same(name, monkeypatch):
    monkeypatch.setattr(fast, "STRIP", 16 * 48)  # three strips
    image, found = smooth(seed=3), []
    masks = [np.repeat([[1.0], [0.0]], 16, axis=0) * np.ones((32, 48))]
    masks.append(1 - masks[0])
    for engine in (plain, fast):
        keras.utils.set_random_seed(0)
        loss = engine.StyleLoss(
            smooth(seed=1),
            [smooth(40, 40, seed=2), smooth(seed=4)],
            LOW._replace(statistics=name),
            masks=masks,
            weights="random",
        )
        terms = loss(ops.convert_to_tensor(image[None]))
        found.append({key: float(value) for key, value in terms.items()})
    assert found[1] == pytest.approx(found[0], rel=1e-3)


@pytest.mark.parametrize("name", WASSERSTEIN)
def test_of_two_styles_the_shares_decide(name):
    content, image = smooth(seed=1), smooth(seed=3)
    styles = [smooth(seed=2), smooth(40, 40, seed=4)]
    found = []
    for pictures, shares in ((styles[:1], None), (styles, [7, 0]), (styles, None)):
        keras.utils.set_random_seed(0)
        preset = LOW._replace(statistics=name)
        loss = plain.StyleLoss(content, pictures, preset, shares, weights="random")
        found.append({k: float(v) for k, v in loss(ops.convert_to_tensor(image[None])).items()})
    assert found[1] == pytest.approx(found[0], rel=1e-4)
    assert found[2] != pytest.approx(found[0], rel=1e-2)


@pytest.mark.parametrize("name", STATISTICS)
def test_a_picture_comes_nearer_to_its_style(name):
    keras.utils.set_random_seed(0)
    draw = functools.partial(gatys.stylize, weights="random", num_steps=8, progress=False)
    history = draw(smooth(seed=1), smooth(40, 40, seed=2), preset=LOW, statistics=name).history
    assert history[-1]["loss"] < 0.5 * history[0]["loss"]
