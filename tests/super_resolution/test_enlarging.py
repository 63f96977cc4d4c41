"""Enlarging: the network, its training, tiles, and the command."""

import keras
import numpy as np
import pytest
from helpers import fails, run, smooth
from keras import ops

from stylenet import images, weights
from stylenet.super_resolution import (
    Enlarger,
    SuperResolutionSettings,
    SuperResolutionTrainer,
    enlarge,
    enlarger,
    shrink,
    super_resolution_net,
    train_super_resolution,
)

SMALL = {"steps": 4, "epoch_steps": 2, "batch_size": 2, "crop_size": 32, "width": 4, "blocks": 1}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The path of a network with random weights in every layer."""
    keras.utils.set_random_seed(0)
    network = super_resolution_net(4, 2)
    random = np.random.default_rng(0)
    for variable in network.variables:
        variable.assign(random.normal(0, 0.2, variable.shape))
    path = tmp_path_factory.mktemp("weights") / "mine.weights.h5"
    weights.save_network(network, path, {"width": 4, "blocks": 2})
    return path


@pytest.fixture
def photo_paths(photo_paths, uncompiled):
    """For runs of a few steps."""
    return photo_paths


def test_an_untrained_network_is_the_bicubic_enlargement():
    picture = smooth(24, 32)[None]
    expected = ops.image.resize(picture, (96, 128), interpolation="bicubic")
    drawn = ops.convert_to_numpy(super_resolution_net(8, 2)(picture))
    inside = (slice(None), slice(8, -8), slice(8, -8))  # libraries differ at the border
    np.testing.assert_allclose(drawn[inside], ops.convert_to_numpy(expected)[inside], atol=1e-3)
    flat = np.full((1, 16, 20, 3), 200.0, "float32")
    np.testing.assert_allclose(super_resolution_net(8, 2)(flat), 200.0, atol=1e-3)


def test_shrinking_keeps_flat_pictures_and_the_mean():
    np.testing.assert_allclose(shrink(np.full((1, 32, 48, 3), 77.0, "float32")), 77.0, atol=1e-3)
    picture = smooth(64, 64)[None]
    small = ops.convert_to_numpy(shrink(picture))
    assert small.shape == (1, 16, 16, 3)
    blocks = picture.reshape(1, 16, 4, 16, 4, 3).mean(axis=(2, 4))
    assert np.abs(small - blocks)[:, 2:-2, 2:-2].max() < 8  # waves of 25 pixels or more


def test_the_terms_are_mean_squares_of_pixels_and_of_responses():
    random = np.random.default_rng(0)
    drawn, photographs = random.uniform(0, 255, (2, 2, 16, 16, 3)).astype("float32")
    pictures = keras.Input((None, None, 3))
    double = keras.Model(pictures, {"twice": 2 * pictures})
    trainer = SuperResolutionTrainer(super_resolution_net(4, 1), double)
    terms = {name: float(x) for name, x in trainer.terms(drawn, photographs).items()}
    pixels = np.mean((drawn - photographs) ** 2)
    assert terms == pytest.approx({"pixels": pixels, "features": 4 * pixels}, rel=1e-5)
    assert trainer.total(terms) == terms["features"]
    plain = SuperResolutionTrainer(super_resolution_net(4, 1))
    assert plain.total({"pixels": 3.0}) == 3.0


@pytest.mark.parametrize("loss", ["pixels", "perceptual"])
def test_a_run_that_is_cut_ends_where_one_that_is_not_does(loss, photo_paths, tmp_path):
    folder = [photo_paths[0].parent]
    options = {**SMALL, "loss": loss, "network": "slim"}
    whole, cut = tmp_path / "whole.weights.h5", tmp_path / "cut.weights.h5"
    expected = train_super_resolution(folder, whole, SuperResolutionSettings(**options))
    # The rate falls along the whole run, so the run of two steps is one of four that was stopped.
    calls = []

    class Cut(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            calls.append(epoch)
            raise KeyboardInterrupt

    import stylenet.super_resolution.training as training

    original = training.fit
    training.fit = lambda *arguments: original(*arguments, [Cut()])
    try:
        with pytest.raises(KeyboardInterrupt):
            train_super_resolution(folder, cut, SuperResolutionSettings(**options))
    finally:
        training.fit = original
    settings = SuperResolutionSettings(**options)
    found = train_super_resolution(folder, cut, settings, resume=True)
    assert calls == [0]
    for a, b in zip(expected.variables, found.variables, strict=True):
        np.testing.assert_array_equal(a, b)
    record = weights.read_record(tmp_path / "cut.json")
    assert record["kind"] == "super_resolution" and record["training"]["settings"]["loss"] == loss


def test_training_brings_the_loss_down(tmp_path):
    """Edges, which a bicubic enlargement blurs."""
    (tmp_path / "edges").mkdir()
    for seed in range(3):
        edges = 255.0 * (smooth(48, 48, seed) > 127)
        images.save_image(tmp_path / "edges" / f"{seed}.png", edges)
    options = {**SMALL, "width": 8, "steps": 60, "epoch_steps": 20, "learning_rate": 3e-3}
    settings = SuperResolutionSettings(**options, loss="pixels")
    train_super_resolution([tmp_path / "edges"], tmp_path / "x.weights.h5", settings)
    names, *rows = (line.split(",") for line in (tmp_path / "x.csv").read_text().splitlines())
    losses = [float(row[names.index("loss")]) for row in rows]
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize(("name", "value"), [("loss", "l1"), ("width", 0), ("network", "alexnet")])
def test_impossible_settings_are_told(name, value):
    with pytest.raises(ValueError, match=name):
        SuperResolutionSettings(**{name: value})


@pytest.mark.parametrize("size", [(70, 41), (16, 100), (32, 64)])
def test_tiles_draw_what_the_whole_picture_draws(size, trained, monkeypatch):
    draw = Enlarger(trained)
    picture = smooth(*size)
    whole = draw.draw(picture)
    assert whole.shape == (4 * size[0], 4 * size[1], 3) and 0 <= whole.min() <= whole.max() <= 255
    monkeypatch.setattr(enlarger, "SIDE", 32)
    assert len(list(enlarger.tiles(*size))) > 1 or size == (32, 64)
    np.testing.assert_allclose(draw.draw(picture), whole, atol=1e-2)


def test_tiles_cover_each_pixel_once_and_see_its_neighborhood():
    height, width = 300, 530
    count = np.zeros((1, height, width), int)
    for own, seen in enlarger.tiles(height, width):
        own.of(count)[...] += 1
        for inner, outer, side in zip(own, seen, (height, width), strict=True):
            assert outer.start <= max(0, inner.start - 16)
            assert outer.end >= min(side, inner.end + 16)
    assert (count == 1).all()


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (np.zeros((8, 40, 3)), "at least 16 x 16 pixels. Received: 40 x 8"),
        (np.full((20, 20, 3), 0.5), "255"),
    ],
)
def test_what_can_not_be_enlarged_is_told(picture, message, trained):
    with pytest.raises(ValueError, match=message):
        enlarge(picture, trained)


def test_the_command_writes_a_picture_four_times_as_large(trained, capsys, tmp_path):
    images.save_image(tmp_path / "small.png", smooth(20, 30))
    out = tmp_path / "large.png"
    command = ("enlarge", tmp_path / "small.png", "-o", out)
    code, told, _ = run(capsys, *command, "--trained", trained)
    assert code == 0 and "large.png" in told
    assert told.startswith("drawing 30 x 20 with mine.weights.h5, 4 times as wide and high, on ")
    assert images.load_image(out).shape == (80, 120, 3)


@pytest.mark.parametrize(
    ("trained", "message"),
    [("pixel", "Did you mean 'pixels'"), ("none.weights.h5", "there is none"), ("wave", "NAME")],
)
def test_the_command_tells_what_it_does_not_know(trained, message, capsys, tmp_path):
    images.save_image(tmp_path / "small.png", smooth(20, 30))
    assert message in fails(capsys, "enlarge", tmp_path / "small.png", "--trained", trained)


def test_a_network_of_another_kind_is_refused(tmp_path):
    path = weights.shipped_file("wave")
    with pytest.raises(ValueError, match="network that enlarges"):
        Enlarger(path)


@pytest.mark.parametrize("loss", ["perceptual", "pixels"])
def test_a_shipped_network_is_nearer_than_bicubic_in_its_own_loss(loss):
    """On a photograph that ships, reduced by four."""
    from stylenet.features import feature_extractor

    photograph = images.load_image(weights.weights_folder().parent / "images/content/astronaut.png")
    photograph = photograph[:256, 100:356]
    small = ops.convert_to_numpy(shrink(photograph[None]))[0].clip(0, 255)
    smooth = ops.convert_to_numpy(ops.image.resize(small[None], (256, 256), "bicubic"))[0]
    extractor = feature_extractor("slim", ["block2_conv2"])

    def error(drawn):
        if loss == "pixels":
            return np.mean((drawn - photograph) ** 2)
        [ours], [theirs] = (extractor(x[None]).values() for x in (drawn, photograph))
        return float(ops.mean(ops.square(ours - theirs)))

    assert error(enlarge(small, loss)) < 0.95 * error(smooth.clip(0, 255))
