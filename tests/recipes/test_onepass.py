"""What the network for any painting learns from, and how it is measured."""

import numpy as np
import onepass
import quality_onepass
import ship_onepass

from stylenet import images
from stylenet.losses import PRESETS, content_loss, gram_matrix
from stylenet.universal.onepass_training import OnePassSettings, PaintingsLoss

LOW = PRESETS["engstrom"]._replace(
    network="vgg16", content_layers={"block1_conv2": 1.0}, style_layers={"block1_conv1": 1.0}
)


def test_paintings_that_are_kept_back_are_not_learned_from(tmp_path):
    for name in ("wave_uehara", "udnie", "p0001"):
        images.save_image(tmp_path / f"{name}.png", np.full((20, 20, 3), 90.0))
    assert {path.stem for path in onepass.paintings([tmp_path])} == {"udnie", "p0001"}


def test_no_painting_of_the_table_is_kept_back():
    assert len(set(onepass.KEPT_BACK)) == 8
    assert not set(onepass.KEPT_BACK) & set(quality_onepass.TABLE)


def test_a_command_asks_for_the_same_run():
    command = ship_onepass.equivalent(OnePassSettings(steps=400, epoch_steps=50).as_dict())
    assert "--steps 400 --epoch-steps 50 --batch-size 4 --crop-size 256" in command
    assert "--start" not in command


def test_the_judge_measures_content_and_the_style_s_share(monkeypatch):
    monkeypatch.setitem(quality_onepass.PRESETS, "engstrom", LOW)
    random = lambda preset: PaintingsLoss(preset, "random")  # noqa: E731
    monkeypatch.setattr(quality_onepass, "PaintingsLoss", random)
    rng = np.random.default_rng(0)
    photographs, drawn = rng.integers(0, 256, (2, 3, 32, 32, 3)).astype("float32")
    painting = rng.uniform(0, 255, (40, 48, 3)).astype("float32")
    judge = quality_onepass.Judge(photographs)
    told, results = judge.rows(judge.painting(painting), {0.5: drawn, 1.0: photographs})
    np.testing.assert_array_equal(results[0], drawn)
    half, unchanged = told["rows"]
    assert unchanged["content"] == 0 and abs(unchanged["share"] - 1) < 1e-5
    seen = [judge.extractor(each) for each in (drawn, photographs, painting[None])]
    content = float(content_loss(*(each["block1_conv2"] for each in seen[:2])))
    np.testing.assert_allclose(half["content"], content, rtol=1e-4)
    grams = [np.asarray(gram_matrix(each["block1_conv1"])) for each in seen]
    far = [np.square(each - grams[2]).mean() for each in grams[:2]]
    np.testing.assert_allclose(half["share"], far[0] / far[1], rtol=1e-3)


def test_a_mean_is_one_of_shares():
    one = {"rows": [{"strength": 1, "content": 2.0, "style": 9.0, "share": 0.2}]}
    other = {"rows": [{"strength": 1, "content": 4.0, "style": 1.0, "share": 0.4}]}
    (row,) = quality_onepass.mean_of([one, other], [1])
    np.testing.assert_allclose([row["content"], row["share"]], [3.0, 0.3])
