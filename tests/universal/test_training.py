import json

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders, weights
from stylenet.training.callbacks import NonFiniteLoss
from stylenet.training.outputs import read_checkpoint
from stylenet.universal import textures
from stylenet.universal import training as reconstruction
from stylenet.universal.decoders import decoder, load_decoder
from stylenet.universal.inversion import begin
from stylenet.universal.training import DecoderSettings, DecoderTrainer, train_decoder
from stylenet.wct import whitening_coloring_transform

SETTINGS = {"steps": 4, "epoch_steps": 2, "batch_size": 2, "crop_size": 32, "level": 2}


@pytest.fixture
def encoder(monkeypatch):
    """A narrow slim with random weights."""
    monkeypatch.setitem(encoders.WIDTHS, "slim", (4, 4, 6, 8, 8))
    keras.utils.set_random_seed(1)
    names = [encoders.level_name(level) for level in encoders.LEVELS]
    model = encoders.encoder("slim", names, rectified=False)
    model.trainable = False
    monkeypatch.setattr(reconstruction, "level_encoder", lambda *args: model)
    return model


@pytest.fixture
def photo_paths(photo_paths, uncompiled):
    """For runs of a few steps."""
    return photo_paths


def trainer_of(encoder, **changes):
    settings = DecoderSettings(**{**SETTINGS, **changes})
    return DecoderTrainer(encoder, decoder(settings.level), encoder, settings)


def photographs():
    return np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")


def run(photo_paths, output, resume=False, **changes):
    settings = DecoderSettings(**{**SETTINGS, **changes})
    return train_decoder([photo_paths[0].parent], output, settings, resume=resume)


def gram(maps):
    maps = np.maximum(maps, 0)
    return np.tensordot(maps, maps, ([0, 1], [0, 1])) / maps.size


def gram_error(ours, theirs):
    """Relative, but to a small number at least."""
    norm = max(np.sqrt(np.sum(gram(theirs) ** 2)), textures.SMALLEST)
    return np.sum((gram(ours) - gram(theirs)) ** 2) / norm**2


def share(name):
    """Of a level in the texture loss."""
    return textures.SHARES[encoders.block_and_number(name)[0]]


def test_terms_are_relative_errors_of_pixels_features_and_textures(encoder):
    weights = {"feature_weight": 0.2, "texture_weight": 3.0}
    trainer = trainer_of(encoder, **weights, style_weight=0, content_weight=0)
    batch = photographs()
    outputs = trainer(batch)
    drawn = ops.convert_to_numpy(outputs["pictures"])
    terms = trainer.terms(outputs, batch)
    assert float(terms["pixels"]) == pytest.approx(np.mean(((drawn - batch) / 64) ** 2), rel=1e-4)
    features, textures = [], 0.0
    for name, ours in encoder(drawn).items():
        ours, theirs = (ops.convert_to_numpy(maps) for maps in (ours, encoder(batch)[name]))
        features.append(np.mean((ours - theirs) ** 2))
        for y, x in zip(ours, theirs, strict=True):
            textures += share(name) * gram_error(y, x) / 2
    assert set(terms) == {"pixels", "features", "textures"} and len(features) == 5
    assert float(terms["features"]) == pytest.approx(np.mean(features), rel=1e-3)
    assert float(terms["textures"]) == pytest.approx(textures, rel=1e-3)
    expected = terms["pixels"] + 0.2 * terms["features"] + 3 * terms["textures"]
    assert float(trainer.total(terms)) == pytest.approx(float(expected))


def test_each_photograph_is_drawn_in_the_style_of_the_next_one(encoder):
    trainer = trainer_of(encoder, style_weight=2.0, content_weight=0.5)
    batch = photographs()
    outputs = trainer(batch)
    terms = trainer.terms(outputs, batch)
    drawn = encoder(np.clip(ops.convert_to_numpy(outputs["styled"]), 0, 255))
    drawn, seen = (
        {n: ops.convert_to_numpy(m) for n, m in of.items()} for of in (drawn, encoder(batch))
    )
    style = sum(
        share(name) * gram_error(drawn[name][i], seen[name][1 - i]) / 2
        for name in seen
        for i in (0, 1)
    )
    assert float(terms["style"]) == pytest.approx(style, rel=1e-3)
    x = seen["block2_conv1"]
    target = ops.convert_to_numpy(whitening_coloring_transform(x, x[::-1]))
    content = np.mean((drawn["block2_conv1"] - target) ** 2)
    assert float(terms["content"]) == pytest.approx(content, rel=1e-3)
    without = sum(float(terms[name]) for name in ("pixels", "features", "textures"))
    total = without + 2 * float(terms["style"]) + 0.5 * float(terms["content"])
    assert float(trainer.total(terms)) == pytest.approx(total, rel=1e-5)


def test_the_error_of_gram_matrices_does_not_see_where_things_are_nor_how_bright_the_pair_is():
    random = np.random.default_rng(0)
    x, y = random.uniform(-0.1, 2, (2, 1, 8, 8, 4)).astype("float32")
    loss = float(textures.gram_error(y, x))
    assert float(textures.gram_error(x, x)) == 0 < loss
    assert float(textures.gram_error(3 * y, 3 * x)) == pytest.approx(loss, rel=1e-4)
    mirrored = textures.gram_error(y[:, ::-1], x[:, :, ::-1])
    assert float(mirrored) == pytest.approx(loss, rel=1e-4)
    assert float(textures.gram_error(np.zeros_like(x), x)) == pytest.approx(1, rel=1e-4)
    nothing = float(textures.gram_error(x, np.zeros_like(x)))
    assert nothing == pytest.approx(np.sum(gram(x[0]) ** 2) / textures.SMALLEST**2, rel=1e-3)


def test_after_the_higher_levels_a_photograph_is_drawn_as_the_stylizer_does(encoder, monkeypatch):
    from stylenet.universal import stylizer as universal

    decoders = {level: decoder(level) for level in encoders.LEVELS}
    monkeypatch.setattr(reconstruction, "load_decoder", lambda level, network: decoders[level])
    settings = DecoderSettings(**{**SETTINGS, "level": 3, "after_higher": True})
    trainer, batch = DecoderTrainer(encoder, decoders[3], encoder, settings), photographs()
    outputs = trainer(batch)

    def level_encoder(network, levels, weights="imagenet"):
        names = [encoders.level_name(level) for level in levels]
        return keras.Model(encoder.input, {n: encoder.get_layer(n).output for n in names})

    monkeypatch.setattr(universal, "level_encoder", level_encoder)
    monkeypatch.setattr(universal, "load_decoder", lambda level, network: decoders[level])
    stylizer = universal.UniversalStylizer("slim")
    results = {
        levels: np.stack([stylizer.stylize(batch[i], batch[1 - i], 1.0, levels) for i in (0, 1)])
        for levels in ((5, 4), (5, 4, 3))
    }
    np.testing.assert_allclose(outputs["styled"], results[5, 4, 3], atol=0.1)
    before, seen = encoder(results[5, 4])["block3_conv1"], encoder(batch)["block3_conv1"]
    np.testing.assert_allclose(outputs["before"]["block3_conv1"], before, atol=0.01)
    before = outputs["before"]["block3_conv1"]
    target = whitening_coloring_transform(before, seen[::-1])
    # As if the photographs had been drawn, which are not alike what came before.
    terms = trainer.terms(outputs | {"styled": ops.convert_to_tensor(batch)}, batch)
    content = np.mean((ops.convert_to_numpy(seen) - ops.convert_to_numpy(target)) ** 2)
    assert float(terms["content"]) == pytest.approx(content, rel=1e-3)


def test_pixels_alone_need_no_critic(encoder):
    weights = {"feature_weight": 0, "texture_weight": 0, "style_weight": 0, "content_weight": 0}
    trainer, batch = trainer_of(encoder, **weights), photographs()
    terms = trainer.terms(trainer(batch), batch)
    assert set(terms) == {"pixels"}
    assert float(trainer.total(terms)) == float(terms["pixels"])


def test_another_network_is_read_at_its_level_and_judged_by_the_critic(encoder):
    class Doubled:
        def __call__(self, pictures):
            return {name: 2 * maps for name, maps in encoder(pictures).items()}

    batch, settings = photographs(), DecoderSettings(**SETTINGS)
    network = decoder(2)
    outputs = DecoderTrainer(Doubled(), network, encoder, settings)(batch)
    seen = encoder(batch)
    np.testing.assert_allclose(
        outputs["pictures"], network(2 * seen["block2_conv1"]), rtol=1e-4, atol=1e-2
    )
    np.testing.assert_allclose(outputs["seen"]["block2_conv1"], seen["block2_conv1"], rtol=1e-5)


def test_only_the_decoder_is_trained_and_it_learns(encoder):
    trainer = trainer_of(encoder)
    trainer.compile(keras.optimizers.Adam(3e-3), jit_compile=False)
    batch, before = photographs(), [np.array(v) for v in encoder.variables]
    first = float(trainer.total(trainer.terms(trainer(batch), batch)))
    for _ in range(60):
        trainer.train_on_batch(batch, batch)
    assert len(trainer.trainable_variables) == len(trainer.network.weights)
    assert float(trainer.total(trainer.terms(trainer(batch), batch))) < 0.95 * first
    for ours, theirs in zip(encoder.variables, before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_writes_a_decoder_record_log_and_previews(encoder, photo_paths, tmp_path):
    output = tmp_path / "mine.weights.h5"
    model = run(photo_paths, output)
    record = json.loads((tmp_path / "mine.json").read_text())
    assert record["kind"] == "decoder"
    assert record["network"] == {"level": 2, "network": "slim"}
    assert record["training"]["settings"]["texture_weight"] == 1.0
    assert (
        (tmp_path / "mine.csv")
        .read_text()
        .startswith("epoch,content,features,loss,pixels,style,textures")
    )
    for ours, theirs in zip(
        load_decoder(2, "slim", output).get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_cut_and_resumed_is_exactly_the_uncut_run(encoder, photo_paths, tmp_path):
    uncut = run(photo_paths, tmp_path / "uncut.weights.h5").get_weights()

    class Cut(Exception):
        pass

    def stop(*args, **options):
        raise Cut

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Cut):
        real, epochs = reconstruction.Preview, []

        class Interrupt(keras.callbacks.Callback):
            def __init__(self, *args, **options):
                super().__init__()

            def on_epoch_end(self, epoch, logs=None):
                epochs.append(epoch)
                raise Cut

        patch.setattr(reconstruction, "Preview", Interrupt)
        assert real is not Interrupt
        settings = DecoderSettings(**SETTINGS)
        train_decoder(
            [photo_paths[0].parent],
            tmp_path / "cut.weights.h5",
            settings,
            preview=photo_paths[0],
        )
    assert read_checkpoint(tmp_path / "cut.checkpoint.npz")[0] == 2
    cut = run(photo_paths, tmp_path / "cut.weights.h5", resume=True).get_weights()
    for ours, theirs in zip(cut, uncut, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    with pytest.raises(ValueError, match=r"Different: learning_rate"):
        run(photo_paths, tmp_path / "cut.weights.h5", resume=True, steps=6, learning_rate=1.0)


def test_a_decoder_that_starts_from_another_keeps_that_ones_record(encoder, photo_paths, tmp_path):
    run(photo_paths, tmp_path / "low.weights.h5", level=1)
    run(photo_paths, tmp_path / "high.weights.h5", start=str(tmp_path / "low.weights.h5"))
    training = json.loads((tmp_path / "high.json").read_text())["training"]
    assert training["before"]["settings"]["level"] == 1
    assert training["settings"]["start"] == "low.weights.h5"


def test_vgg19s_decoder_begins_as_slims(encoder, monkeypatch, photo_paths, tmp_path):
    """An encoder of the same responses, times a number: the same pictures."""
    run(photo_paths, tmp_path / "slim.weights.h5")
    monkeypatch.setitem(encoders.WIDTHS, "vgg19", encoders.WIDTHS["slim"])
    settings = DecoderSettings(
        **{**SETTINGS, "network": "vgg19", "start": str(tmp_path / "slim.weights.h5")}
    )
    model, source = decoder(2, "vgg19"), load_decoder(2, "slim", tmp_path / "slim.weights.h5")
    begin(model, encoder, encoder, photo_paths, settings)
    seen = encoder(photographs())["block2_conv1"]
    drawn, expected = (ops.convert_to_numpy(each(seen)) for each in (model, source))
    assert np.abs(drawn - expected).mean() < 0.1 * np.abs(expected - 127.5).mean()
    output = tmp_path / "vgg19.weights.h5"
    run(photo_paths, output, network="vgg19", start=settings.start)
    training = json.loads((tmp_path / "vgg19.json").read_text())["training"]
    assert training["before"]["settings"]["network"] == "slim"


def test_the_record_of_vgg19s_decoder_begins_with_slims_that_ships():
    shipped = json.loads((weights.weights_folder() / "slim_decoder2.json").read_text())
    for network, before in (("vgg19", {"before": shipped["training"]}), ("slim", {})):
        settings = DecoderSettings(**{**SETTINGS, "network": network})
        assert reconstruction._before(settings) == before


def test_a_loss_that_is_not_finite_stops_the_run_and_is_named(encoder, photo_paths, tmp_path):
    with pytest.raises(NonFiniteLoss, match="Expected finite losses, but pixels"):
        run(photo_paths, tmp_path / "a.weights.h5", optimizer="adam", learning_rate=1e38)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"level": 6}, "levels among"),
        ({"network": "vgg16"}, "Received: 'vgg16'"),
        ({"crop_size": 40}, "multiple of 16"),
        ({"steps": 3}, "multiple of 2"),
        ({"optimizer": "sgd"}, "Received: 'sgd'"),
        ({"level": 5, "after_higher": True}, "level below 5"),
        ({"style_weight": 0, "content_weight": 0, "after_higher": True}, "weight above 0"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        DecoderSettings(**{**SETTINGS, **changes})
