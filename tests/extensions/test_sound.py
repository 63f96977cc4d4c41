"""A sound with another one's texture: what the Gram matrix forgets, what the result keeps."""

import numpy as np
import pytest
from keras import ops
from scipy.io import wavfile

from stylenet import optimization
from stylenet.extensions import sound, spectrograms, synthesis
from stylenet.extensions.recordings import Sound

SECONDS = 3.0
CONTENT = synthesis.melody(SECONDS)
RAIN = synthesis.rain(SECONDS)
TEXTURES = {make.__name__: make for make in (synthesis.rain, synthesis.crackle, synthesis.bells)}
QUICK = {"filters": 8, "num_steps": 3, "progress": False}


def gram(maps, kernel):
    """By NumPy alone: windows of frames, a matrix product, a cut at zero."""
    _, width, _, filters = kernel.shape
    windows = np.lib.stride_tricks.sliding_window_view(maps, width, axis=1)
    responses = np.einsum("ctfw,wfn->ctn", windows, kernel[0]).clip(0).reshape(-1, filters)
    return responses.T @ responses / (filters * len(responses))


@pytest.mark.parametrize("channels", [1, 2])
def test_the_gram_matrix_is_what_numpy_makes_of_it(channels):
    maps = np.random.default_rng(0).normal(size=(channels, 20, 9)).astype("float32")
    kernels = sound.random_filters(9, (1, 3), 5)
    found = sound.grams(ops.convert_to_tensor(maps[None]), kernels)
    for width, kernel in kernels.items():
        np.testing.assert_allclose(found[width][0], gram(maps, kernel), rtol=1e-4, atol=1e-6)


def test_filters_are_the_same_each_time_and_of_a_known_size():
    one, same, other = (sound.random_filters(50, (3,), 64, seed)[3] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 0.01
    assert np.mean(one**2) == pytest.approx(2 / (3 * 50), rel=0.05)


LONG_RAIN = spectrograms.spectrogram(*synthesis.rain(8.0))


def distances(shuffled, widths=(1, 3, 9)):
    """Of Gram matrices of rain and of rain in another order, relative."""
    levels = (LONG_RAIN - LONG_RAIN.mean(axis=(0, 1))) / LONG_RAIN.std()
    kernels = sound.random_filters(levels.shape[-1], widths, 32)
    found = []
    for kernel in kernels.values():
        one, other = gram(levels, kernel), gram(levels[:, shuffled], kernel)
        found.append(np.linalg.norm(one - other) / np.linalg.norm(one))
    return found


def test_shuffled_frames_leave_the_gram_matrix_of_one_frame_and_not_of_many():
    one, three, nine = distances(np.random.default_rng(0).permutation(LONG_RAIN.shape[1]))
    assert one < 1e-5
    assert min(three, nine) > 0.05


def test_shuffled_pieces_leave_the_gram_matrix_up_to_their_borders():
    frames = np.arange(LONG_RAIN.shape[1])
    pieces = np.array_split(frames, 6)
    order = np.concatenate([pieces[number] for number in (3, 0, 5, 2, 4, 1)])
    alone = np.random.default_rng(0).permutation(frames)
    for in_pieces, one_by_one in list(zip(distances(order), distances(alone), strict=True))[1:]:
        assert in_pieces < 0.03
        assert in_pieces < one_by_one / 4


def test_the_content_has_the_whole_style_loss_and_the_style_none():
    content, style = (spectrograms.spectrogram(*each) for each in (CONTENT, RAIN))
    loss = sound.SoundLoss(content, style, sound.random_filters(content.shape[-1], filters=16))
    assert loss.style(content) == pytest.approx(1, rel=1e-4)
    assert loss.style(style) == pytest.approx(0, abs=1e-6)
    terms = loss(ops.convert_to_tensor(content[None]))
    assert float(terms["onsets"]) == pytest.approx(0, abs=1e-4)


def test_the_term_of_onsets_is_what_numpy_makes_of_it():
    content, style = (spectrograms.spectrogram(*each) for each in (CONTENT, RAIN))
    kernels = sound.random_filters(content.shape[-1], (3,), 4)
    terms = sound.SoundLoss(content, style, kernels, 2.0)(ops.convert_to_tensor(style[None]))
    rises = [np.maximum(np.diff(each[0], axis=0), 0).mean(axis=1) for each in (content, style)]
    assert float(terms["onsets"]) == pytest.approx(2 - 2 * np.corrcoef(*rises)[0, 1], rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("texture", TEXTURES)
def test_the_style_arrives_and_the_onsets_stay(texture):
    result = sound.stylize_sound(CONTENT, TEXTURES[texture](SECONDS), progress=False)
    assert max(result.style_left) < 0.05
    assert min(result.onsets) > 0.8


@pytest.mark.slow
def test_a_style_in_other_order_is_the_same_style():
    """Pieces of half a second, in another order: the loss of one result, judged by the other."""
    pieces = np.split(RAIN.samples, 6)
    shuffled = Sound(np.concatenate([pieces[n] for n in (3, 0, 5, 2, 4, 1)]), RAIN.rate)
    result = sound.stylize_sound(CONTENT, shuffled, progress=False)
    content, style = (spectrograms.spectrogram(*each) for each in (CONTENT, RAIN))
    judge = sound.SoundLoss(content, style, sound.random_filters(content.shape[-1]))
    assert judge.style(result.spectrogram) == pytest.approx(result.style_left[0], abs=0.02)


def test_the_result_is_as_long_and_about_as_loud_as_the_content_and_has_its_rate():
    content = Sound(np.tile(0.1 * CONTENT.samples[:33_333], (1, 2)), 44_100)
    found = sound.stylize_sound(content, synthesis.rain(1.0, 8000), **QUICK).sound
    assert found.samples.shape == (33_333, 2) and found.rate == 44_100
    assert 0.5 < found.samples.std() / content.samples.std() < 2


def test_no_strength_is_the_content():
    found = sound.stylize_sound(CONTENT, RAIN, strength=0.0, **QUICK)
    assert found.style_left == pytest.approx((1, 1), rel=0.02)
    assert np.corrcoef(found.sound.samples[:, 0], CONTENT.samples[:, 0])[0, 1] > 0.99


def test_two_equal_sides_stay_equal():
    found = sound.stylize_sound((np.tile(CONTENT.samples, (1, 2)), 22_050), RAIN, **QUICK).sound
    np.testing.assert_allclose(*found.samples.T, atol=1e-3)


def test_eight_bits_and_clipping_are_sounds(tmp_path):
    eight = np.round(128 + 127 * CONTENT.samples / np.abs(CONTENT.samples).max()).astype("uint8")
    wavfile.write(tmp_path / "eight.wav", CONTENT.rate, eight)
    clipped = np.clip(50 * CONTENT.samples, -1, 1)
    found = sound.stylize_sound(tmp_path / "eight.wav", (clipped, CONTENT.rate), **QUICK)
    assert np.isfinite(found.sound.samples).all() and np.abs(found.sound.samples).max() <= 1


def test_ctrl_c_keeps_the_best_so_far(monkeypatch):
    whole = sound.stylize_sound(CONTENT, RAIN, **{**QUICK, "num_steps": 12})
    gradient = optimization.value_and_gradient

    def interrupted(terms):
        evaluate, steps = gradient(terms), iter(range(6))

        def once(image):
            if next(steps) == 5:
                raise KeyboardInterrupt
            return evaluate(image)

        return once

    monkeypatch.setattr(optimization, "value_and_gradient", interrupted)
    found = sound.stylize_sound(CONTENT, RAIN, **{**QUICK, "num_steps": 100})
    assert len(found.history) == 5
    np.testing.assert_allclose(
        [step["loss"] for step in found.history],
        [step["loss"] for step in whole.history[:5]],
        rtol=1e-4,
    )
    assert found.style_left[0] == pytest.approx(
        min(sum(v for n, v in step.items() if "style" in n) for step in found.history), abs=0.05
    )


@pytest.mark.parametrize(
    "options",
    [
        {"strength": 2},
        {"num_steps": 0},
        {"onset_weight": -1},
        {"widths": (10**6,)},
        {"widths": ()},
        {"filters": 0},
    ],
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(ValueError, match="Expected"):
        sound.stylize_sound(CONTENT, RAIN, **{**QUICK, **options})
