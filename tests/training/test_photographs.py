import keras
import numpy as np
import pytest
from PIL import Image

from stylenet import images
from stylenet.training.photographs import Photographs, random_crop

CROP = 16


def photographs(paths, first_step=0, batch_size=2, **options):
    return Photographs(paths, CROP, batch_size, first_step=first_step, **options)


def batches(dataset, count=6):
    return np.stack([dataset[i][0] for i in range(count)])


def one_colored(folder, number):
    """Photographs to tell apart: the red of number i is 10 i."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i:02d}.png" for i in range(number)]
    for i, path in enumerate(paths):
        Image.new("RGB", (30 + i, 40), (10 * i, 0, 0)).save(path)
    return paths


def which(batch):
    return np.rint(batch[..., 0].mean((-1, -2)) / 10).astype(int)


def generator(seed=0):
    return np.random.default_rng(seed)


# ---------------------------------------------------------------- batches


def test_a_batch_is_twice_the_same_photographs_in_range(photo_paths):
    batch, target = photographs(photo_paths, batch_size=3)[0]
    assert batch.shape == (3, CROP, CROP, 3)
    assert batch.dtype == "float32"
    assert 0 <= batch.min() < 50 < 200 < batch.max() <= 255
    np.testing.assert_array_equal(batch, target)


def test_batches_depend_on_seed_and_step_alone(photo_paths):
    one, other = (photographs(photo_paths, seed=3) for _ in range(2))
    backwards = np.stack([other[i][0] for i in reversed(range(6))])[::-1]
    np.testing.assert_array_equal(batches(one), backwards)


def test_another_seed_gives_other_batches(photo_paths):
    a, b = (batches(photographs(photo_paths, seed=seed)) for seed in (0, 1))
    assert not any(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_batches_do_not_repeat(photo_paths):
    found = batches(photographs(photo_paths), 12)
    assert len(np.unique(found.reshape(24, -1), axis=0)) == 24


@pytest.mark.parametrize("step", [1, 4, 9])
def test_continuing_at_a_step_is_the_tail_of_the_uncut_sequence(photo_paths, step):
    uncut = batches(photographs(photo_paths), 12)
    tail = batches(photographs(photo_paths, first_step=step), 12 - step)
    np.testing.assert_array_equal(tail, uncut[step:])


def test_each_pass_takes_every_photograph_once(tmp_path):
    paths = one_colored(tmp_path / "colors", 7)
    taken = which(batches(photographs(paths), 14)).ravel()
    passes = taken.reshape(4, 7)
    assert [sorted(row) for row in passes] == [list(range(7))] * 4
    assert len({tuple(row) for row in passes}) == 4  # each in an order of its own


@pytest.mark.parametrize("ahead", [0, 1, 9])
def test_loading_ahead_does_not_change_the_batches(photo_paths, ahead):
    expected = np.stack([photographs(photo_paths).batch(step)[0] for step in range(6)])
    np.testing.assert_array_equal(batches(photographs(photo_paths, ahead=ahead)), expected)


@pytest.mark.parametrize(("kept", "expected"), [(None, 5), (0, 24)])
def test_photographs_are_decoded_once_as_far_as_memory_goes(
    photo_paths, monkeypatch, kept, expected
):
    found, load = [], images.load_image
    uncut = batches(photographs(photo_paths), 12)
    monkeypatch.setattr(images, "load_image", lambda path: found.append(path) or load(path))
    dataset = photographs(photo_paths, ahead=0, kept=kept)
    np.testing.assert_array_equal(batches(dataset, 12), uncut)
    assert len(found) == expected


# ---------------------------------------------------------------- in fit()


def seen_by_fit(dataset, epochs, initial_epoch=0):
    """The step that each batch of `fit()` belongs to, found by the batch's sum."""
    seen = []

    class Watcher(keras.Model):
        def __init__(self):
            super().__init__()
            self.scale = self.add_weight(shape=(), initializer="zeros", name="scale")

        def call(self, inputs):
            return inputs * self.scale

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            return keras.ops.mean(x) + 0 * self.scale

    class Record(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((batch + 1) * logs["loss"])  # the mean of the epoch so far

    model = Watcher()
    model.compile(keras.optimizers.SGD(0.0))
    model.fit(
        dataset,
        epochs=epochs,
        initial_epoch=initial_epoch,
        steps_per_epoch=4,
        shuffle=False,
        callbacks=[Record()],
        verbose=0,
    )
    sums = np.reshape(seen, (-1, 4))
    return np.diff(sums, axis=1, prepend=0).ravel()


def test_epochs_of_fit_follow_each_other(photo_paths):
    seen = seen_by_fit(photographs(photo_paths), 3)
    expected = batches(photographs(photo_paths), 12).mean((1, 2, 3, 4))
    np.testing.assert_allclose(seen, expected, atol=1e-2)


def test_fit_continues_at_a_step_as_if_it_had_never_stopped(photo_paths):
    uncut = seen_by_fit(photographs(photo_paths), 4)
    tail = seen_by_fit(photographs(photo_paths, first_step=8), 4, initial_epoch=2)
    np.testing.assert_allclose(tail, uncut[8:], atol=1e-2)


# ---------------------------------------------------------------- crops


def ramp(height, width):
    """Red tells the column, green the row."""
    rows, columns = np.mgrid[0:height, 0:width].astype("float32")
    return np.stack([columns, rows, 0 * rows], axis=2)


def slopes(crop):
    """Pixels of the photograph per pixel of the crop, along rows and along columns."""
    inside = crop[4:-4, 4:-4].astype("float64")
    return np.diff(inside[..., 1], axis=0).mean(), np.diff(inside[..., 0], axis=1).mean()


@pytest.mark.parametrize("size", [(200, 110), (90, 250), (128, 128)])
def test_a_photograph_is_never_squashed(size):
    for seed in range(20):
        vertical, horizontal = slopes(random_crop(ramp(*size), 48, generator(seed)))
        assert abs(horizontal) == pytest.approx(vertical, rel=0.02)


def test_the_shorter_side_becomes_one_to_two_crops():
    shorter = [180 / slopes(random_crop(ramp(180, 240), 48, generator(i)))[0] for i in range(60)]
    assert 48 * 0.99 < min(shorter) < 48 * 1.15
    assert 96 * 0.85 < max(shorter) < 96 * 1.01


def test_a_photograph_is_not_enlarged_beyond_its_own_size():
    scales = [1 / slopes(random_crop(ramp(60, 90), 48, generator(i)))[0] for i in range(60)]
    assert min(scales) > 48 / 60 * 0.99
    assert max(scales) < 1.01


def test_a_small_photograph_is_enlarged_to_the_crop():
    crop = random_crop(ramp(20, 20), 40, generator())
    assert crop.shape == (40, 40, 3)
    assert slopes(crop)[0] == pytest.approx(0.5, rel=0.02)


def test_a_photograph_of_the_crops_size_comes_back_as_it_is_or_mirrored():
    photograph = generator(5).uniform(0, 255, (24, 24, 3)).astype("float32")
    crop = random_crop(photograph, 24, generator(0))
    mirrored = np.array_equal(crop, photograph[:, ::-1])
    assert mirrored or np.array_equal(crop, photograph)


def test_half_of_the_crops_are_mirrored_and_none_is_upside_down():
    crops = [random_crop(ramp(24, 24), 24, generator(seed)) for seed in range(200)]
    directions = np.sign([slopes(crop) for crop in crops])
    assert (directions[:, 0] == 1).all()
    assert 75 <= (directions[:, 1] == -1).sum() <= 125  # 3.5 standard deviations


def test_crops_come_from_everywhere():
    crops = [random_crop(ramp(48, 240), 48, generator(seed)) for seed in range(100)]
    centers = np.array([crop[..., 0].mean() for crop in crops])
    assert centers.min() < 40 and centers.max() > 200


# ---------------------------------------------------------------- files that can't be read


def test_files_that_can_not_be_read_are_skipped_and_remembered(photo_paths, tmp_path):
    text, missing = tmp_path / "notes.jpg", tmp_path / "missing.png"
    text.write_text("no picture")
    dataset = photographs([*photo_paths, text, missing])
    assert batches(dataset, 8).shape == (8, 2, CROP, CROP, 3)
    assert dataset.unreadable == {text, missing}


def test_unreadable_files_do_not_make_batches_depend_on_their_order(photo_paths, tmp_path):
    (tmp_path / "notes.jpg").write_text("no picture")
    paths = [*photo_paths, tmp_path / "notes.jpg"]
    forwards, other = photographs(paths), photographs(paths)
    backwards = np.stack([other[i][0] for i in reversed(range(6))])[::-1]
    np.testing.assert_array_equal(batches(forwards), backwards)


def test_files_of_which_none_can_be_read_are_refused(tmp_path):
    paths = [tmp_path / f"{i}.jpg" for i in range(3)]
    for path in paths:
        path.write_text("no picture")
    with pytest.raises(ValueError, match="none of 3 files is one"):
        photographs(paths)[0]


def test_no_paths_are_refused():
    with pytest.raises(ValueError, match="at least one photograph"):
        photographs([])
