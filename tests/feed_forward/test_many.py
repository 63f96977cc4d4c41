"""A run of a few steps for two styles, on a narrow network and the lowest layers of a VGG16."""

import csv
import json

import numpy as np
import pytest

from stylenet import images, weights
from stylenet.features import feature_extractor
from stylenet.feed_forward import many
from stylenet.feed_forward.conditional import condition, joined, repeated, with_styles
from stylenet.feed_forward.many import StyledPhotographs, train_many
from stylenet.feed_forward.network import load_network, transform_net
from stylenet.feed_forward.settings import ManySettings, check_many
from stylenet.feed_forward.targets import SIZES, ManyStylesLoss, MaskedGrams, resized
from stylenet.losses import PRESETS, PerceptualLoss, gram_matrix
from stylenet.surroundings import plain

LOW = PRESETS["engstrom"]._replace(
    network="vgg16", content_layers={"block1_conv2": 1.0}, style_layers={"block1_conv1": 1.0}
)
SMALL = {
    "steps": 4,
    "epoch_steps": 2,
    "batch_size": 2,
    "crop_size": 32,
    "width": 4,
    "start": "random",
    "preset": LOW,
}
NAMES = ("wave", "udnie")


@pytest.fixture(autouse=True)
def small_sizes(monkeypatch):
    """Five sizes that a test has the time for."""
    small = (40, 48, 56, 64, 72)
    monkeypatch.setattr("stylenet.feed_forward.targets.SIZES", small)


@pytest.fixture
def data(tmp_path, uncompiled):
    """Two paintings and a folder of photographs."""
    rng = np.random.default_rng(0)
    (tmp_path / "photographs").mkdir()
    for i in range(5):
        image = rng.uniform(0, 255, (40 + i, 50, 3))
        images.save_image(tmp_path / "photographs" / f"{i}.png", image)
    for name in NAMES:
        images.save_image(tmp_path / f"{name}.png", rng.uniform(0, 255, (48, 64, 3)))
    return tmp_path


def run(data, name="a", resume=False, names=NAMES, preview=None, **changes):
    settings = ManySettings(**{**SMALL, **changes})
    return train_many(
        {name: data / f"{name}.png" for name in names},
        [data / "photographs"],
        data / f"{name}.weights.h5",
        settings,
        resume=resume,
        preview=preview,
        preview_epochs=1,
        vgg_weights="random",
    )


def values(network):
    return [np.asarray(variable) for variable in network.trainable_variables]


def test_terms_of_each_picture_are_those_of_a_single_painting(data):
    loss = ManyStylesLoss(LOW, "random")
    rng = np.random.default_rng(1)
    drawn, photographs = rng.uniform(0, 255, (2, 3, 32, 32, 3)).astype("float32")
    paintings = [data / f"{name}.png" for name in NAMES]
    loss.find_targets(paintings, data / "targets.npz")
    numbers = np.array([7, 0, 4], "int32")
    found = loss(drawn, photographs, numbers)
    for i, number in enumerate(numbers):
        painting = resized(paintings[number // 5], (40, 48, 56, 64, 72)[number % 5])
        single = PerceptualLoss(painting, LOW, "random")
        single.extractor.set_weights(loss.extractor.get_weights())
        features = single.features(painting[None])
        single.style_grams = {
            layer: np.asarray(gram_matrix(features[layer])) for layer in LOW.style_layers
        }
        expected = single(drawn[i : i + 1], photographs[i : i + 1])
        for term, value in expected.items():
            np.testing.assert_allclose(float(found[term][i]), float(value), rtol=1e-4)


def test_gram_matrices_on_a_canvas_are_those_of_the_picture_alone():
    layers = [f"block{i}_conv1" for i in (1, 2, 3, 4)]
    extractor = feature_extractor("vgg16", layers, "random")
    rng = np.random.default_rng(0)
    kernels = [0.1 * rng.normal(size=v.shape) for v in extractor.get_weights()]  # biases too
    extractor.set_weights(kernels)
    picture = rng.uniform(0, 255, (37, 52, 3)).astype("float32")
    canvases = [np.zeros((1, 70, 64, depth), "float32") for depth in (3, 1)]
    canvases[0][0, :37, :52], canvases[1][0, :37, :52] = picture, 1.0
    found = MaskedGrams(extractor, layers).predict_on_batch(canvases)
    for layer, features in extractor(picture[None]).items():
        expected = np.asarray(gram_matrix(features))
        np.testing.assert_allclose(found[layer], expected, rtol=1e-3, atol=1e-4 * expected.max())


def test_gram_matrices_of_a_run_in_half_precision_count_the_mask_exactly():
    """257 of 512 pixels: a sum that half precision does not hold."""
    ones = np.pad(np.ones((1, 257, 2, 1), "float32"), ((0, 0), (0, 255), (0, 0), (0, 0)))
    with plain("mixed_bfloat16"):
        extractor = feature_extractor("vgg19", ["block1_conv1"], "random", "max")
        found = MaskedGrams(extractor, ["block1_conv1"])
        layer = extractor.get_layer("block1_conv1")
        layer.set_weights([np.zeros(layer.kernel.shape), np.ones(layer.bias.shape)])
        (grams,) = found.predict_on_batch((np.repeat(ones, 3, 3), ones)).values()
    assert str(grams.dtype) == "float32"
    scale = grams[0, 0, 0]
    np.testing.assert_allclose(grams, np.full_like(grams, scale))
    whole = np.ones((1, 512, 2, 1), "float32")
    (full,) = found.predict_on_batch((np.repeat(whole, 3, 3), whole)).values()
    np.testing.assert_allclose(scale, full[0, 0, 0], rtol=1e-6)


def test_half_precision_trains_and_saves_float32(data):
    network = run(data, precision="mixed_bfloat16", steps=2)
    assert all(variable.dtype == "float32" for variable in network.weights)
    assert network.get_layer("down2").compute_dtype == "bfloat16"


def test_a_painting_of_slim_is_seen_as_it_is(data):
    slim = LOW._replace(network="slim", content_layers={"block1_conv1": 1.0})
    loss = ManyStylesLoss(slim)
    loss.set_targets([(data / "wave.png", 72)])
    features = loss.extractor(resized(data / "wave.png", 72)[None])["block1_conv1"]
    expected = np.asarray(gram_matrix(features))[0]
    found = np.asarray(loss.grams["block1_conv1"])[0]
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * expected.max())


def test_targets_are_the_same_with_jax(data, run_on_jax):
    loss = ManyStylesLoss(LOW._replace(style_layers={"block2_conv1": 1.0}), "random")
    sights = [(data / "wave.png", size) for size in (40, 56, 72)]
    loss.set_targets(sights)
    program = f"""
from stylenet.feed_forward import targets
from stylenet.losses import PRESETS
targets.SIZES = (40, 48, 56, 64, 72)
low = PRESETS["engstrom"]._replace(
    network="vgg16", content_layers={{"block1_conv2": 1.0}}, style_layers={{"block2_conv1": 1.0}}
)
loss = targets.ManyStylesLoss(low, "random")
loss.extractor.set_weights([arrays[f"w{{i}}"] for i in range(len(arrays))])
loss.set_targets([({str(data / "wave.png")!r}, size) for size in (40, 56, 72)])
results["grams"] = np.asarray(loss.grams["block2_conv1"])
"""
    weights_of = {f"w{i}": value for i, value in enumerate(loss.extractor.get_weights())}
    found = run_on_jax(program, **weights_of)["grams"]
    expected = np.asarray(loss.grams["block2_conv1"])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * expected.max())


def test_a_style_weighs_a_quarter_to_four_times_the_preset_s(data):
    network = transform_net(width=4, styles=2)
    loss = ManyStylesLoss(LOW, "random")
    trainer = many.ManyTrainer(network, loss, NAMES)
    ones = np.ones(1, "float32")
    only = {name: {"content": 0 * ones, "style": 0 * ones, "tv": 0 * ones} for name in many.TERMS}
    ratios = []
    for strength in (0.0, 0.5, 1.0):
        of = {}
        for name, terms in only.items():
            of[name] = float(trainer.weighted(terms | {name: ones}, strength * ones)[0])
        assert of["content"] / of["tv"] == pytest.approx(LOW.content_weight / LOW.tv_weight)
        ratios.append(of["style"] / of["content"] / (LOW.style_weight / LOW.content_weight))
    np.testing.assert_allclose(ratios, [0.25, 1, 4], rtol=1e-5)


def test_every_style_comes_once_a_turn(photo_paths):
    stream = StyledPhotographs(photo_paths, 32, 2, 0, 0, styles=6)
    for turn in range(3):
        styles = [stream.wish(6 * turn + i)[0] for i in range(6)]
        assert sorted(styles) == list(range(6))


def test_wishes_are_a_function_of_seed_and_number(photo_paths):
    a, b = (StyledPhotographs(photo_paths, 32, 2, 5, first, styles=3) for first in (0, 4))
    for i in range(2):
        for left, right in zip(a.batch(4 + i)[0], b[i][0], strict=True):
            np.testing.assert_array_equal(left, right)
    other = StyledPhotographs(photo_paths, 32, 2, 6, 0, styles=3)
    assert [a.wish(i) for i in range(9)] != [other.wish(i) for i in range(9)]


def test_conditions_and_targets_of_a_batch_belong_together(photo_paths):
    stream = StyledPhotographs(photo_paths, 32, 4, 0, 0, styles=3)
    (pictures, conditions), (same, targets, strengths) = stream.batch(2)
    np.testing.assert_array_equal(pictures, same)
    squares = conditions.reshape(4, 3, 2, 2)  # style, strength, stroke
    np.testing.assert_array_equal(squares.sum((2, 3)).argmax(1), targets // len(SIZES))
    np.testing.assert_allclose(squares.sum((1, 3))[:, 1], strengths, rtol=1e-6)
    np.testing.assert_allclose(squares.sum((1, 2))[:, 1], targets % 5 / 4, rtol=1e-6)


def test_strokes_are_as_far_apart_as_sizes():
    ratios = np.divide(SIZES[1:], SIZES[:-1])
    np.testing.assert_allclose(ratios, 3 ** (1 / 4), rtol=2e-3)


def test_run_leaves_weights_record_losses_and_a_sheet(data):
    photograph = data / "photographs" / "0.png"
    network = run(data, preview=photograph)
    assert weights.network_options(data / "a.weights.h5")["styles"] == list(NAMES)
    for before, after in zip(
        values(network), values(load_network(data / "a.weights.h5")), strict=True
    ):
        np.testing.assert_array_equal(before, after)
    record = json.loads((data / "a.json").read_text())
    assert record["kind"] == "styles"
    assert record["styles"] == {name: {"file": f"{name}.png"} for name in NAMES}
    with (data / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    columns = {name for name in rows[0] if not name.startswith("val_")}  # Keras adds empty ones
    assert columns == {"epoch", "loss", "content", "style", "tv", *NAMES}
    assert all(float(rows[1][name]) > 0 for name in NAMES)
    sheet = images.load_image(data / "a.previews" / "step-000004.png")
    assert sheet.shape == (40, 8 * 52, 3)  # the photograph, two styles, and room for five


def test_resumed_run_is_exactly_the_whole_one(data):
    whole = values(run(data, "whole"))

    # The rate falls along the steps asked for, so the first half must be told of all four.
    class Stop(Exception):
        pass

    real = many.fit

    def interrupted(trainer, settings, *arguments):
        import keras

        class AfterAnEpoch(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 1:
                    raise Stop

        return real(trainer, settings, *arguments[:3], [AfterAnEpoch()], arguments[4])

    many.fit = interrupted
    try:
        with pytest.raises(Stop):
            run(data, "half")
    finally:
        many.fit = real
    resumed = values(run(data, "half", resume=True))
    for a, b in zip(whole, resumed, strict=True):
        assert np.abs(a - b).mean() < 1e-5  # threads add up in any order


@pytest.mark.tensorflow
def test_large_paintings_are_seen_by_fast_convolutions(data, no_plain_convolutions):
    run(data, steps=2)


def test_resuming_with_another_painting_is_refused(data):
    run(data, steps=2)
    images.save_image(data / "udnie.png", np.full((48, 64, 3), 30.0))
    with pytest.raises(ValueError, match="Different: styles"):
        run(data, resume=True)


def test_frozen_convolutions_stay_and_scales_learn(data):
    run(data, "first")
    first = load_network(data / "first.weights.h5")
    second = run(data, "second", start=str(data / "first.weights.h5"), convolutions="frozen")
    for layer in first.layers:
        for before, after in zip(
            layer.get_weights(), second.get_layer(layer.name).get_weights(), strict=True
        ):
            changed = np.abs(after - before).max() > 0
            assert changed == layer.name.endswith("_norm"), layer.name


def test_styles_keep_their_scales_in_another_order_and_new_ones_get_the_mean():
    network = repeated(transform_net(width=4), 2)
    layer = network.get_layer("down1_norm")
    layer.set_weights([np.arange(32.0).reshape(8, 4), np.ones((8, 4))])
    other = with_styles(network, ["wave", "udnie"], ["udnie", "new", "wave"])
    gamma = other.get_layer("down1_norm").get_weights()[0].reshape(3, 4, 4)
    old = np.arange(32.0).reshape(2, 4, 4)
    np.testing.assert_array_equal(gamma, [old[1], old.mean(0), old[0]])


def test_another_word_for_the_convolutions_is_refused():
    with pytest.raises(ValueError) as error:
        ManySettings(convolutions="fixed")
    assert str(error.value) == (
        "Expected convolutions to be one of ('learned', 'frozen'). Received: 'fixed'."
    )


def test_a_preset_of_sums_is_refused():
    with pytest.raises(ValueError, match="Expected a preset of mean squares"):
        ManyStylesLoss("johnson", "random")


def test_a_style_is_added_and_the_others_stay(data):
    images.save_image(data / "new.png", np.full((48, 64, 3), 200.0))
    run(data, "first")
    run(data, "second", names=["new"], start=str(data / "first.weights.h5"), convolutions="frozen")
    assert weights.network_options(data / "second.weights.h5")["styles"] == [*NAMES, "new"]
    first, second = (load_network(data / f"{name}.weights.h5") for name in ("first", "second"))
    picture = np.random.default_rng(0).uniform(0, 255, (1, 32, 32, 3)).astype("float32")
    for name in NAMES:
        pair = [
            np.asarray(network([picture, condition(names, name)[None]]))
            for network, names in ((first, NAMES), (second, (*NAMES, "new")))
        ]
        np.testing.assert_allclose(*pair, atol=1e-3)
    record = json.loads((data / "second.json").read_text())
    assert record["styles"]["new"] == {"file": "new.png"}
    assert record["styles"]["wave"] == {"file": "wave.png"}


def test_joined_styles_are_those_of_both_and_the_second_s_where_both_have_one():
    first, second = (transform_net(width=4, styles=count) for count in (2, 1))
    layer = first.get_layer("down1_norm")
    layer.set_weights([np.arange(32.0).reshape(8, 4), np.ones((8, 4))])
    network, names = joined(first, ("a", "b"), second, ("a",))
    gamma = network.get_layer("down1_norm").get_weights()[0]
    assert names == ["b", "a"]
    np.testing.assert_array_equal(gamma[:4], np.arange(32.0).reshape(8, 4)[4:])
    np.testing.assert_array_equal(gamma[4:], second.get_layer("down1_norm").get_weights()[0])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"paintings": {}}, "at least one painting"),
        ({"paintings": {"a/b": "x"}}, "without slashes"),
    ],
)
def test_what_many_styles_can_not_begin_with_is_told(data, changes, message):
    arguments = {"content": [data / "photographs"], "output": data / "a.weights.h5"} | changes
    with pytest.raises(ValueError, match=message):
        check_many(**arguments, settings=ManySettings())
