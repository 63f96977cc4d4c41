"""A share of structure instead of weights: what the shares are, and that a drawing keeps to one."""

import keras
import numpy as np
import pytest
from helpers import smooth
from keras import ops

from stylenet import gatys, stylizer
from stylenet.gatys.balance import WALL, Balance, scattered
from stylenet.gatys.loss import StyleLoss
from stylenet.gatys.margin import framed
from stylenet.losses import Preset

# Low layers of a random network: quick, and everything below holds for any weights.
LOW = Preset(
    network="vgg16",
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 1.0, "block2_conv1": 2.0},
)


@pytest.fixture(autouse=True)
def same_random_weights():
    keras.utils.set_random_seed(0)


def balance(photograph, painting, structure=0.5, preset=LOW):
    loss = StyleLoss(photograph, [painting], preset, weights="random")
    return Balance(loss, photograph, [painting], structure)


def test_the_photograph_has_all_structure_and_all_of_the_way_before_it():
    photograph, painting = smooth(seed=1), smooth(seed=2)
    np.testing.assert_allclose(balance(photograph, painting).shares(photograph), [1, 1], atol=1e-5)


def test_the_painting_is_there():
    photograph, painting = smooth(seed=1), smooth(seed=2)
    assert balance(photograph, painting).shares(painting).style_left < 1e-5


def test_shares_are_those_of_numpy():
    photograph, painting, drawn = (smooth(seed=seed) for seed in (1, 2, 3))
    loss = balance(photograph, painting)
    c, s, y = (
        {name: np.asarray(x, "float64") for name, x in loss.loss.extractor(each[None]).items()}
        for each in (photograph, painting, drawn)
    )
    layer = "block2_conv1"
    photo, scattered = (x[layer].reshape(-1, x[layer].shape[-1]) for x in (c, s))
    nothing = np.mean([np.mean((scattered - each) ** 2) for each in photo])
    found = loss.shares(drawn)
    assert found.structure == pytest.approx(
        1 - np.mean((y[layer] - c[layer]) ** 2) / nothing, rel=1e-3
    )

    def far(features):
        total = 0
        for name, weight in LOW.style_layers.items():
            ours, theirs = (x[name][0].reshape(-1, x[name].shape[-1]) for x in (features, s))
            grams = ours.T @ ours / len(ours) - theirs.T @ theirs / len(theirs)
            total += weight * np.mean(grams**2) / len(grams) ** 2
        return total

    assert found.style_left == pytest.approx(far(y) / far(c), rel=1e-3)


def test_weights_of_content_and_style_do_not_matter():
    photograph, painting, drawn = (smooth(seed=seed) for seed in (1, 2, 3))
    found = []
    for content, style in ((1.0, 1.0), (300.0, 0.01)):
        keras.utils.set_random_seed(0)
        preset = LOW._replace(content_weight=content, style_weight=style)
        loss = balance(photograph, painting, preset=preset)
        found.append([float(x) for x in loss(ops.convert_to_tensor(drawn[None])).values()])
    np.testing.assert_allclose(*found, rtol=1e-4)


@pytest.mark.parametrize("structure", [0.0, 0.4, 1.0])
def test_the_wall_is_nothing_until_too_much_is_lost(structure):
    photograph, painting, drawn = (smooth(seed=seed) for seed in (1, 2, 3))
    loss = balance(photograph, painting, structure)
    for picture in (photograph, 0.7 * photograph + 0.3 * drawn, drawn):
        shares = loss.shares(picture)
        terms = loss(ops.convert_to_tensor(picture[None]))
        expected = WALL * max(structure - shares.structure, 0) ** 2
        assert float(terms["content"]) == pytest.approx(expected, rel=1e-3, abs=1e-6)
        assert float(terms["style"]) == pytest.approx(shares.style_left, rel=1e-4)


@pytest.mark.parametrize("size", [40, 72])
@pytest.mark.parametrize("loud", [1.0, 0.3])
def test_a_drawing_keeps_the_share_at_any_size_and_with_any_painting(size, loud):
    photograph = smooth(size, size, seed=1)
    painting = 128 + loud * (smooth(size, size, seed=2) - 128)
    options = {"preset": LOW, "weights": "random", "progress": False, "num_steps": 40}
    drawn = gatys.stylize(photograph, painting, structure=0.9, **options)
    keras.utils.set_random_seed(0)
    found = balance(framed(photograph), painting).shares(framed(drawn.image))
    assert found.structure == pytest.approx(0.9, abs=0.05)
    assert drawn.history[-1]["style"] < 0.2


def test_chance_counts_each_painting_by_its_share():
    photograph, paintings = smooth(seed=1), [smooth(seed=2), 0.2 * smooth(seed=3)]
    found = []
    for shares in ([1, 0], [0, 1], [3, 1]):
        keras.utils.set_random_seed(0)
        loss = StyleLoss(photograph, paintings, LOW, shares, weights="random")
        found.append(Balance(loss, photograph, paintings, 0.5, shares).all_content)
    first, second, both = found
    assert abs(first / second - 1) > 0.1
    assert both == pytest.approx(0.75 * first + 0.25 * second, rel=1e-4)


def test_errors_name_what_is_expected():
    photograph, painting = smooth(seed=1), smooth(seed=2)
    with pytest.raises(ValueError, match="structure between 0 and 1"):
        gatys.stylize(photograph, painting, structure=1.5)
    with pytest.raises(ValueError, match="either structure or style_weight"):
        gatys.stylize(photograph, painting, structure=0.5, style_weight=3)
    with pytest.raises(ValueError, match="either structure or content_weight"):
        stylizer(painting, "gatys", structure=0.5, content_weight=3)
    with pytest.raises(ValueError, match="with content and with style"):
        balance(photograph, painting, preset=LOW._replace(content_layers={}))
    with pytest.raises(ValueError, match="of another style"):
        balance(photograph, photograph)


def test_scattered_pieces_of_the_photograph_have_no_structure():
    """In the mean of many arrangements."""
    photograph, painting = smooth(seed=1), smooth(seed=2)
    loss = balance(photograph, painting)
    maps = np.asarray(loss.loss.content["block2_conv1"])
    flat = maps.reshape(-1, maps.shape[-1])
    random = np.random.default_rng(0)
    losses = [np.mean((random.permutation(flat) - flat) ** 2) for _ in range(30)]
    assert np.mean(losses) == pytest.approx(scattered(maps, maps), rel=1e-2)
