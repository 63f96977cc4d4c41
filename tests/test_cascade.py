import json

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import cascade, encoders, weights
from stylenet.autoencoders import decoder, load_decoder
from stylenet.cascade import CascadeSettings, CascadeTrainer, join, part, train_decoders
from stylenet.encoders import LEVELS, level_name
from stylenet.reconstruction import gram_error
from stylenet.wct import whitening_coloring_transform

SETTINGS = {"steps": 4, "epoch_steps": 2, "batch_size": 2, "crop_size": 32}


@pytest.fixture
def encoder(monkeypatch):
    """A narrow slim with random weights."""
    monkeypatch.setitem(encoders.WIDTHS, "slim", (4, 4, 6, 8, 8))
    keras.utils.set_random_seed(1)
    model = encoders.encoder("slim", [level_name(level) for level in LEVELS], rectified=False)
    model.trainable = False
    monkeypatch.setattr(cascade, "level_encoder", lambda *args: model)
    return model


@pytest.fixture
def start(encoder, tmp_path):
    """The output of an earlier run: random decoders."""
    output = tmp_path / "start.weights.h5"
    for level in LEVELS:
        options = {"level": level, "network": "slim"}
        weights.save_network(decoder(level), part(output, level), options)
    return str(output)


def array(tensor):
    return ops.convert_to_numpy(tensor)


def run(photo_paths, output, start, resume=False, **changes):
    settings = CascadeSettings(**{**SETTINGS, "start": start, **changes})
    return train_decoders([photo_paths[0].parent], output, settings, resume=resume)


def test_terms_are_those_of_the_stylizers_result(encoder, monkeypatch):
    """The first photograph in the style of the second, by the stylizer itself, level by level."""
    from stylenet import universal

    decoders = {level: decoder(level) for level in LEVELS}
    settings = CascadeSettings(**SETTINGS, style_weight=2.0, content_weight=0.5)
    trainer = CascadeTrainer(encoder, join(decoders), settings)
    batch = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype("float32")
    outputs = trainer(batch)
    terms = trainer.terms(outputs, batch)

    def level_encoder(network, levels, weights=None):
        names = [level_name(level) for level in levels]
        return keras.Model(encoder.input, {n: encoder.get_layer(n).output for n in names})

    monkeypatch.setattr(universal, "level_encoder", level_encoder)
    monkeypatch.setattr(universal, "load_decoder", lambda level, network: decoders[level])
    stylizer = universal.UniversalStylizer("slim")
    results = [stylizer.stylize(batch[i], batch[1 - i], 1.0, (5, 4, 3, 2, 1)) for i in (0, 1)]
    np.testing.assert_allclose(array(outputs["styled"]), results, atol=0.1)

    seen, found = encoder(batch), encoder(np.stack(results))
    shares = {"block1_conv1": 0.1, "block2_conv1": 0.1, "block3_conv1": 0.2, "block4_conv1": 0.5}
    shares["block5_conv1"] = 0.1
    style = sum(s * float(gram_error(found[n], seen[n][::-1])) for n, s in shares.items())
    assert float(terms["style"]) == pytest.approx(style, rel=1e-2)
    maps = seen["block4_conv1"]
    target = whitening_coloring_transform(maps, maps[::-1])
    content = np.mean((array(found["block4_conv1"]) - array(target)) ** 2)
    assert float(terms["content"]) == pytest.approx(content, rel=1e-2)
    drawn = [array(decoders[level](seen[level_name(level)])) for level in LEVELS]
    pixels = sum(np.mean((each - batch) ** 2) for each in drawn) / 64**2
    assert float(terms["pixels"]) == pytest.approx(pixels, rel=1e-3)
    assert float(trainer.total(terms)) == pytest.approx(pixels + 2 * style + content / 2, rel=1e-2)


def test_a_run_writes_each_decoder_with_a_record_of_what_it_began_with(
    encoder, start, photo_paths, tmp_path
):
    first, second = tmp_path / "first.weights.h5", tmp_path / "second.weights.h5"
    run(photo_paths, first, start)
    trained = run(photo_paths, second, str(first))
    for level in LEVELS:
        found = load_decoder(level, "slim", part(second, level))
        for ours, theirs in zip(found.get_weights(), trained[level].get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        record = json.loads((tmp_path / f"second_decoder{level}.json").read_text())
        assert record["network"] == {"level": level, "network": "slim"}
        assert record["sha256"] == weights.sha256(part(second, level))
        assert record["training"]["settings"]["start"] == "first.weights.h5"
        assert record["training"]["before"]["settings"]["start"] == "start.weights.h5"


def test_all_five_decoders_learn_and_the_encoder_does_not(encoder, start, photo_paths, tmp_path):
    before = [array(v).copy() for v in encoder.variables]
    trained = run(photo_paths, tmp_path / "mine.weights.h5", start)
    for level in LEVELS:
        begun = load_decoder(level, "slim", part(start, level))
        changes = [
            np.abs(ours - theirs).max()
            for ours, theirs in zip(trained[level].get_weights(), begun.get_weights(), strict=True)
        ]
        assert min(changes) > 0
    for ours, theirs in zip(encoder.variables, before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_cut_and_resumed_is_exactly_the_uncut_run(
    encoder, start, photo_paths, tmp_path, monkeypatch
):
    uncut = run(photo_paths, tmp_path / "uncut.weights.h5", start)

    class Cut(keras.callbacks.Callback):
        def __init__(self, *args, **options):
            super().__init__()

        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(cascade, "Preview", Cut)
        settings = CascadeSettings(**SETTINGS, start=start)
        folder, output = [photo_paths[0].parent], tmp_path / "cut.weights.h5"
        train_decoders(folder, output, settings, preview=photo_paths[0])
    cut = run(photo_paths, tmp_path / "cut.weights.h5", start, resume=True)
    for level in LEVELS:
        for ours, theirs in zip(cut[level].get_weights(), uncut[level].get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
