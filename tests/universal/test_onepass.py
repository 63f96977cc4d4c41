"""Any painting in one pass: a narrow network, a few steps on the lowest layers of VGG16."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import images, weights
from stylenet.feed_forward.stylizer import stylize
from stylenet.layers import ChannelStatistics
from stylenet.losses import PRESETS, gram_matrix
from stylenet.universal import onepass, onepass_training
from stylenet.universal.onepass import OnePass, onepass_net, style_net
from stylenet.universal.onepass_training import (
    OnePassSettings,
    OnePassTrainer,
    PaintedPhotographs,
    PaintingsLoss,
    apart,
    build,
    train_onepass,
)

LOW = PRESETS["engstrom"]._replace(
    network="vgg16", content_layers={"block1_conv2": 1.0}, style_layers={"block1_conv1": 1.0}
)
SMALL = {
    "steps": 4,
    "epoch_steps": 2,
    "batch_size": 2,
    "crop_size": 48,
    "width": 12,
    "conditions": 4,
    "preset": LOW,
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of paintings and one of photographs."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for kind in ("photographs", "paintings"):
        (folder / kind).mkdir()
        for i in range(3):
            image = rng.uniform(0, 255, (60 + i, 64, 3))
            images.save_image(folder / kind / f"{i}.png", image)
    return folder


def run(data, name="a", resume=False, **changes):
    settings = OnePassSettings(**{**SMALL, **changes})
    folders = [data / "paintings"], [data / "photographs"]
    output = data / f"{name}.weights.h5"
    return train_onepass(*folders, output, settings, resume=resume, vgg_weights="random")


@pytest.fixture(scope="module")
def trained(data):
    """The path of a network's weights after a few steps."""
    run(data, "trained", learning_rate=0.02)
    return data / "trained.weights.h5"


@pytest.fixture(scope="module")
def stylizer(trained):
    return OnePass(trained)


def picture(seed, height=48, width=64):
    return np.random.default_rng(seed).uniform(0, 255, (height, width, 3)).astype("float32")


# ---------------------------------------------------------------- statistics and conditions


def test_statistics_are_means_and_deviations():
    x = picture(0)[None]
    found = np.asarray(ChannelStatistics()(x))[0]
    np.testing.assert_allclose(found, [*x.mean((0, 1, 2)), *x.std((0, 1, 2))], rtol=1e-4)


def test_a_painting_of_one_color_has_the_same_condition_at_every_size():
    network = style_net(4)
    grey = lambda *size: np.full((1, *size, 3), 90.0, "float32")  # noqa: E731
    strength = np.full((1, 1), 0.3, "float32")
    small, large = (network([grey(*size), strength]) for size in ((32, 48), (80, 64)))
    np.testing.assert_allclose(small, large, atol=1e-4)
    assert float(small[0, 0]) == 1.0


def test_all_of_it_has_at_most_a_million_parameters_and_two_megabytes(tmp_path):
    network = onepass_net()
    assert network.count_params() < 1e6
    path = tmp_path / "onepass.weights.h5"
    weights.save_network(network, path, {}, dtype="float16")
    assert path.stat().st_size < 2e6


def test_slim_sees_the_painting_and_does_not_learn():
    network, _ = build(OnePassSettings(**SMALL))
    seen = network.get_layer("style").get_layer("seen")
    assert not seen.trainable_variables
    from stylenet.features import feature_extractor

    painting = picture(1)[None]
    slim = feature_extractor("slim", list(seen.output))(painting)
    for name, responses in seen(painting).items():
        np.testing.assert_allclose(responses, slim[name], atol=1e-4)


def test_a_fresh_network_copies_the_photograph_whatever_the_painting_and_the_strength():
    network, _ = build(OnePassSettings(**SMALL))
    photograph = images.resize(picture(2, 6, 8), (48, 64))[None]
    drawn = [
        np.asarray(network([photograph, picture(seed)[None], np.full((1, 1), s, "float32")]))
        for seed, s in ((3, 0.0), (4, 1.0))
    ]
    np.testing.assert_allclose(*drawn, atol=1e-2)
    assert np.corrcoef(drawn[0].ravel(), photograph.ravel())[0, 1] > 0.9


# ---------------------------------------------------------------- drawing


@pytest.mark.parametrize("size", [(17, 23), (48, 64), (61, 50)])
def test_a_result_has_the_photograph_s_size(stylizer, size):
    drawn = stylizer.stylize(picture(1, *size), picture(2))
    assert drawn.shape == (*size, 3) and drawn.min() >= 0 and drawn.max() <= 255


def test_a_painting_may_be_smaller_than_the_network_sees(stylizer):
    assert np.isfinite(stylizer.condition(picture(2, 5, 7))).all()


def test_a_painting_s_own_network_draws_what_both_together_draw(stylizer):
    photograph, painting = picture(1), picture(2)
    both = stylizer.network([photograph[None], painting[None], np.full((1, 1), 0.7, "float32")])
    own = stylizer.network_for(stylizer.condition(painting, 0.7))
    expected = np.clip(np.asarray(both)[0], 0, 255)
    np.testing.assert_allclose(stylize(photograph, own), expected, atol=0.05)
    drawn = stylizer.stylize(photograph, painting, 0.7)
    np.testing.assert_allclose(drawn, expected, atol=0.05)


def test_paintings_and_strengths_tell(stylizer):
    photograph = picture(1)
    grey = np.full((48, 48, 3), 60.0, "float32")
    weak, strong = (stylizer.stylize(photograph, grey, s) for s in (0.0, 1.0))
    other = stylizer.stylize(photograph, picture(2), 0.0)
    assert np.abs(weak - strong).max() > 0.01 and np.abs(weak - other).max() > 0.01


def test_all_of_the_share_to_one_painting_is_that_painting_alone(stylizer):
    photograph = picture(1)
    alone = stylizer.stylize(photograph, picture(2))
    both = stylizer.stylize(photograph, [picture(2), picture(3)], shares=[3, 0])
    np.testing.assert_allclose(both, alone, atol=1e-3)


def test_a_strength_out_of_range_is_told(stylizer):
    with pytest.raises(ValueError, match="strength"):
        stylizer.stylize(picture(1), picture(2), 1.5)


# ---------------------------------------------------------------- the loss


def test_the_photographs_distance_is_the_mean_over_all_pairs():
    rng = np.random.default_rng(0)
    drawn, photographs, paintings = rng.normal(size=(3, 4, 5, 5)).astype("float32")
    own, typical = apart(*map(ops.convert_to_tensor, (drawn, photographs, paintings)))
    pairs = np.square(photographs[:, None] - paintings[None]).mean(axis=(2, 3))
    np.testing.assert_allclose(typical, pairs.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(own, np.square(drawn - paintings).mean(axis=(1, 2)), rtol=1e-5)


def test_a_photograph_lacks_all_of_the_style_and_a_painting_nothing():
    loss, photograph, paintings = PaintingsLoss(LOW, "random"), picture(1), picture(2, 48, 128)
    photographs = np.stack([photograph] * 2)
    paintings = np.stack([paintings[:, :64], paintings[:, 64:]])
    unchanged, copied = (
        loss(photographs, photographs, paintings),
        loss(paintings, photographs, paintings),
    )
    for term in ("style", "color"):
        np.testing.assert_allclose(unchanged[term], 1, rtol=1e-3)
        np.testing.assert_allclose(copied[term], 0, atol=1e-6)
    np.testing.assert_allclose(unchanged["content"], 0, atol=1e-6)
    assert (np.asarray(copied["content"]) > 0).all()


def test_terms_are_those_of_the_preset():
    loss = PaintingsLoss(LOW, "random")
    drawn, photographs, paintings = (np.stack([picture(i), picture(i + 9)]) for i in range(3))
    found = loss(drawn, photographs, paintings)
    seen = [loss.extractor(each) for each in (drawn, photographs, paintings)]
    content = np.square(np.asarray(seen[0]["block1_conv2"] - seen[1]["block1_conv2"]))
    np.testing.assert_allclose(found["content"], content.mean(axis=(1, 2, 3)), rtol=1e-4)
    a, b, c = (np.asarray(gram_matrix(each["block1_conv1"])) for each in seen)
    typical = [np.mean([np.square(one - target).mean() for one in b]) for target in c]
    expected = np.square(a - c).mean(axis=(1, 2)) / typical
    np.testing.assert_allclose(found["style"], expected, rtol=1e-3)
    variation = [np.square(np.diff(drawn, axis=axis)).mean(axis=(1, 2, 3)) for axis in (1, 2)]
    np.testing.assert_allclose(found["tv"], sum(variation), rtol=1e-4)


def test_colors_are_compared_wherever_they_are():
    loss, colors = PaintingsLoss(LOW, "random"), picture(1, 12, 16)
    blocks = np.repeat(np.repeat(colors, 4, axis=0), 4, axis=1)
    mirrored = blocks[::-1, ::-1]
    np.testing.assert_allclose(
        loss.colors(blocks[None].copy()), loss.colors(mirrored[None].copy()), atol=1e-3
    )
    apart = np.asarray(loss.colors(blocks[None] + 30.0) - loss.colors(blocks[None].copy()))
    np.testing.assert_allclose(apart[0] - 30 * loss.directions.sum(axis=0), 0, atol=1e-2)


def test_the_stronger_the_style_the_nearer_the_best_mixture_is_to_the_painting():
    photographs, paintings = (np.full((1, 48, 48, 3), grey, "float32") for grey in (140.0, 240.0))
    loss = PaintingsLoss(LOW, "random")
    trainer = OnePassTrainer(onepass_net(12, 4), loss, OnePassSettings(**SMALL))
    mixtures = np.linspace(0, 1, 21, dtype="float32")
    terms = [loss(m * paintings + (1 - m) * photographs, photographs, paintings) for m in mixtures]
    weight = onepass_training.TYPICAL / float(terms[-1]["content"][0])  # the painting then costs 1
    loss.preset = LOW._replace(content_weight=weight, tv_weight=0.0)
    best = []
    for strength in (0.0, 0.5, 1.0):
        s = np.full(1, strength, "float32")
        best.append(mixtures[np.argmin([float(trainer.weighted(each, s)[0]) for each in terms])])
    assert 0 < best[0] < best[1] < best[2]


# ---------------------------------------------------------------- the run


def test_every_painting_comes_once_a_turn_and_batches_follow_from_seed_and_step(data):
    paths, paintings = (sorted((data / name).iterdir()) for name in ("photographs", "paintings"))
    a, b = (PaintedPhotographs(paths, paintings, 48, 3, 5, first) for first in (0, 2))
    ((photographs, painted, strengths),) = a.batch(2)
    for left, right in zip((photographs, painted, strengths), b[0][0], strict=True):
        np.testing.assert_array_equal(left, right)
    assert photographs.shape == painted.shape == (3, 48, 48, 3) and strengths.shape == (3,)
    assert len({round(float(each.mean()), 3) for each in painted}) == 3
    assert not np.array_equal(photographs, painted)


def test_a_resumed_run_is_exactly_the_whole_one(data, uncompiled, monkeypatch):
    values = lambda network: [np.asarray(each) for each in network.variables]  # noqa: E731
    whole = values(run(data, "whole"))

    class Stop(Exception):
        pass

    class AfterAnEpoch(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise Stop

    real = onepass_training.fit
    cut = lambda *told: real(*told[:5], [AfterAnEpoch()], told[6])  # noqa: E731
    with monkeypatch.context() as patched, pytest.raises(Stop):
        patched.setattr(onepass_training, "fit", cut)
        run(data, "half")
    for a, b in zip(whole, values(run(data, "half", resume=True)), strict=True):
        assert np.abs(a - b).mean() < 1e-5  # threads add up in any order


def test_the_record_says_what_was_seen(trained):
    record = json.loads(trained.with_name("trained.json").read_text())
    assert record["kind"] == "onepass" and record["network"] == {"width": 12, "conditions": 4}
    assert record["training"]["paintings"] == 3 and record["training"]["photographs"] == 3
    assert weights.network_options(trained) == {"width": 12, "conditions": 4}


def test_a_run_may_begin_with_an_earlier_one(data, trained, uncompiled):
    network = run(data, "on", steps=2, start=str(trained), learning_rate=1e-9)
    for a, b in zip(network.variables, OnePass(trained).network.variables, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": 8}, "width"),
        ({"conditions": 1}, "conditions"),
        ({"preset": "johnson"}, "mean squares"),
        ({"precision": "half"}, "precision"),
        ({"color_weight": -1}, "color_weight"),
    ],
)
def test_impossible_settings_are_told(changes, words):
    with pytest.raises(ValueError, match=words):
        OnePassSettings(**changes)


def test_the_network_is_loaded_once(trained):
    assert onepass.load(str(trained)) is onepass.load(str(trained))
