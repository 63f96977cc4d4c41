"""Five decoders that learn together, from what all levels draw in the end."""

import json

import numpy as np
import pytest
import ship_universal
import together
from keras import ops

from stylenet import images, weights
from stylenet.training.run import fit
from stylenet.universal.stylizer import UniversalStylizer


@pytest.fixture
def pictures():
    """A smooth photograph and a smooth painting, as batches of one."""
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (2, 6, 6, 3)).astype("float32")
    return [each[None] for each in ops.convert_to_numpy(ops.image.resize(coarse, (96, 96)))]


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_pictures_go_through_the_levels_as_they_do_in_use(pictures, strength):
    photograph, painting = pictures
    drawn = together.FiveLevels()([photograph, painting, np.array([strength], "float32")])
    alpha = 1.0 if strength else together.WEAKEST
    expected = UniversalStylizer().stylize(photograph[0], painting[0], alpha)
    difference = np.abs(np.clip(ops.convert_to_numpy(drawn)[0], 0, 255) - expected)
    assert difference.mean() < 0.1
    assert np.abs(expected - photograph[0]).mean() > 5


def test_a_weaker_style_makes_the_content_count_more():
    trainer = together.TogetherTrainer(None, None, together.TogetherSettings())
    terms = {"content": 3.6e5, "style": 0.25, "color": 0.3, "pixels": 0.1}
    weak, strong = (float(trainer.total(terms, alpha)) for alpha in (0.6, 1.0))
    assert weak == pytest.approx(1 + 6 * 0.25 + 3 * 0.3 + 2 * 0.1)
    assert strong == pytest.approx(1 / 1.65 + 6 * 0.25 + 3 * 0.3 + 2 * 0.1)


@pytest.fixture
def data(tmp_path, uncompiled):
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        images.save_image(tmp_path / f"{name}.png", random.uniform(0, 255, (40, 44, 3)))
    return tmp_path


def cut_after_a_step(trainer, settings, content, run, start, callbacks, stream):
    """`fit` that is interrupted after its first checkpoint."""
    stop = together.keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: 1 / 0)
    return fit(trainer, settings, content, run, start, [stop], stream)


def test_each_decoder_learns_also_after_a_cut_and_ships_with_the_whole_story(data, monkeypatch):
    told = [data / "a.png"], [data / "b.png"], data / "x"
    settings = together.TogetherSettings(steps=2, epoch_steps=1, crop_size=32, learning_rate=1e-3)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(together, "fit", cut_after_a_step)
        together.train_together(*told, settings, vgg_weights="random")
    whole = together.train_together(*told, settings, resume=True, vgg_weights="random")
    assert [path.name for path in whole] == [
        f"slim_decoder{n}.weights.h5" for n in together.LEARNING
    ]
    for level, path in zip(together.LEARNING, whole, strict=True):
        ours = together.load_decoder(level, path=path).get_weights()
        theirs = together.load_decoder(level).get_weights()
        assert all(np.isfinite(x).all() for x in ours)
        assert all(np.abs(x - y).max() > 0 for x, y in zip(ours, theirs, strict=True))
    shipped = weights.record_of(weights.shipped_file("slim_decoder4"))
    monkeypatch.setattr(weights, "weights_folder", lambda: data)
    record = ship_universal.ship("slim", whole[1])
    assert record["training"]["settings"]["steps"] == 2
    before = ship_universal.stages(record["training"])[:-1]
    known = [run["settings"] for run in ship_universal.stages(shipped["training"])]
    assert [run["settings"] for run in before] == known
    card = ship_universal.describe(json.loads((data / "slim_decoder4.json").read_text()))
    assert "together.py" in card and "--crop-size 32" in card and "train-decoder 4" in card
    assert "--learning-rate 0.001" in card and "--pixel-weight 2.0" in card
