import keras
import numpy as np
import pruning
from keras import ops

from stylenet import encoders
from stylenet.universal import least_squares


def rows(count=500, channels=8, rank=None, seed=0):
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(rank or channels, channels))
    return random.normal(size=(count, rank or channels)) @ mixing


def test_independent_channels_span_the_others():
    """Of eight channels of rank 3, the first three chosen tell all of the others."""
    x = rows(rank=3)
    kept = pruning.independent_channels(x, 3)
    assert len(set(kept.tolist())) == 3
    centered = x - x.mean(0)
    predicted = centered[:, kept] @ np.linalg.lstsq(centered[:, kept], centered, rcond=None)[0]
    np.testing.assert_allclose(predicted, centered, atol=1e-6)


def test_the_first_channel_kept_is_that_of_the_largest_variance():
    x = rows(channels=5)
    x[:, 3] *= 10
    assert pruning.independent_channels(x, 2)[0] == 3


def test_a_pruned_encoder_does_what_the_wide_one_does_as_far_as_it_can(monkeypatch):
    """With all of the channels, the same up to order and scale; and each of mean square one."""
    widths = {"vgg19": (4, 6, 8, 8, 8), "slim": (4, 6, 8, 8, 8)}
    monkeypatch.setattr(encoders, "WIDTHS", widths)
    keras.utils.set_random_seed(0)
    names = ["block1_conv1", "block2_conv1"]
    teacher, student = (encoders.encoder(n, encoders.layer_names()) for n in widths)
    photographs = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 3)).astype("float32")
    pruning.prune(teacher, student, photographs)
    wide, narrow = teacher(photographs), student(photographs)
    for name in names:
        x = ops.convert_to_numpy(narrow[name]).reshape(-1, narrow[name].shape[-1])
        y = ops.convert_to_numpy(wide[name]).reshape(len(x), -1)
        np.testing.assert_allclose(np.mean(x**2, axis=0), 1, rtol=0.05)
        matrix, bias = least_squares.fit_linear(x, y)
        error = np.sum((x @ matrix + bias - y) ** 2) / np.sum((y - y.mean(0)) ** 2)
        assert error < 0.01
