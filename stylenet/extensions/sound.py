"""A sound with the texture of another: Gram matrices of a spectrogram.

Ulyanov and Lebedev 2016, "Audio texture synthesis and style transfer",
https://dmitryulyanov.github.io/audio-texture-synthesis-and-style-transfer/

The spectrogram is a picture one pixel high, as wide as there are frames, and where a pixel of a
photograph has three colors, a frame has hundreds of frequencies. A convolution along time, whose
filters are random and never trained, answers to patterns of a few frames; its Gram matrix forgets
when they were [1].

Differences from the text:

| here                                                      | there                               |
|-----------------------------------------------------------|-------------------------------------|
| 512 filters each of three widths, 1, 3 and 9 frames [2]   | 4096 of 11                          |
| levels in the style's own unit, frequency by frequency    | logarithms as they are              |
| from the content and a little noise: silence has no       | from the content, or from noise     |
| pattern that could grow                                   |                                     |
| a small term for the onsets of the content                | -                                   |
| Griffin-Lim's fast variant, from the content's phases,    | Griffin-Lim once, from random ones  |
| three times: the optimization goes on from what is heard  |                                     |
| two channels share their Gram matrix                      | mono                                |

[1] Huzaifah and Wyse 2019, https://arxiv.org/abs/1901.10240
[2] Antognini, Hoffman and Weiss 2018, https://arxiv.org/abs/1806.08002
"""

import math
from typing import NamedTuple

import numpy as np
from keras import ops
from scipy.signal import resample_poly

from stylenet import inputs
from stylenet.extensions import recordings, spectrograms
from stylenet.extensions.recordings import Sound
from stylenet.losses import gram_matrix, style_loss
from stylenet.optimization import MOST_STEPS, minimize

WIDTHS = (1, 3, 9)  # frames of 12 ms
FILTERS = 512  # of each width
NOISE = 0.7  # of the style's deviation
STEADIEST = 0.3  # of the typical deviation: what a frequency without any is divided by
ONSET_WEIGHT, RANGE_WEIGHT = 0.01, 0.01
ROUNDS = 4, 2, 2  # eighths of the steps
LARGEST_WEIGHT, WIDEST, MOST_FILTERS = 1e6, 30, 8192  # half a second has 30 frames at least


class Stylized(NamedTuple):
    """A sound in another one's style, and what was measured.

    `sound` is the result; `spectrogram`, `(channels, frames, frequencies)` in [0, 255], what was
    optimized, before a sound was made of it; `history` as in `optimization.Result`. `style_left`
    and `onsets` are pairs of numbers, of that spectrogram and of the sound: the share of the
    content's style loss that is left, and the correlation of onset strengths with the content's.
    """

    sound: Sound
    spectrogram: np.ndarray
    history: list
    style_left: tuple
    onsets: tuple


def random_filters(frequencies, widths=WIDTHS, filters=FILTERS, seed=0):
    """Convolutions along time that nobody trained: normal weights, of mean square 2 / inputs.

    Args:
        frequencies: of a spectrogram, the channels of the convolutions.
        widths: in frames.
        filters: of each width.
        seed: of the weights.

    Returns:
        A dict, width to float32 `(1, width, frequencies, filters)`.
    """
    random = np.random.default_rng(seed)
    return {
        width: random.normal(
            0, math.sqrt(2 / (width * frequencies)), (1, width, frequencies, filters)
        ).astype("float32")
        for width in widths
    }


def grams(maps, kernels):
    """The Gram matrix of each convolution's responses, cut off at zero; no frame is made up.

    Args:
        maps: of spectrograms, a tensor `(batch, channels, frames, frequencies)`.
        kernels: of `random_filters`.

    Returns:
        A dict, width to `(batch, filters, filters)`.
    """
    return {
        width: gram_matrix(ops.relu(ops.conv(maps, kernel, padding="valid")))
        for width, kernel in kernels.items()
    }


class SoundLoss:
    """The loss of a spectrogram: one term a width of filters, and the onsets of the content.

    style = sum_w ||G_w - G_w(style)||^2 / ||G_w(content) - G_w(style)||^2 / number of widths
    onsets = 1 - correlation of onset strengths with the content's
    range = mean square of what is below black or above white

    So the content has style 1 and onsets 0, whatever the two sounds are. The filters see
    (y - mean) / deviation, each frequency with the style's own: what is common in the style is 0,
    and silence, which is rare in it, answers.

    Args:
        content: a spectrogram `(channels, frames, frequencies)` in [0, 255].
        style: another, of as many frequencies.
        kernels: of `random_filters`.
        onset_weight: of the onsets; 0 leaves them out.

    A call takes a tensor `(1, channels, frames, frequencies)` and returns a dict of scalars.
    """

    def __init__(self, content, style, kernels, onset_weight=ONSET_WEIGHT):
        self.kernels = {width: ops.convert_to_tensor(each) for width, each in kernels.items()}
        self.mean, deviation = style.mean(axis=(0, 1)), style.std(axis=(0, 1))
        typical = np.sqrt(np.mean(np.square(deviation)))
        self.deviation = np.maximum(deviation, max(STEADIEST * typical, 1e-3))
        self.targets, begin = self._grams(style[None]), self._grams(content[None])
        self.units = {
            width: max(float(style_loss(begin[width], target)), 1e-12) * len(kernels)
            for width, target in self.targets.items()
        }
        self.onset_weight = onset_weight
        onsets = spectrograms.onset_strength(content)
        onsets = onsets - onsets.mean()
        self.onsets = ops.convert_to_tensor(onsets / max(np.linalg.norm(onsets), 1e-9), "float32")

    def _grams(self, levels):
        return grams((ops.convert_to_tensor(levels) - self.mean) / self.deviation, self.kernels)

    def __call__(self, levels):
        found = self._grams(levels)
        terms = {
            f"style {width}": style_loss(found[width], target) / self.units[width]
            for width, target in self.targets.items()
        }
        if self.onset_weight:
            terms["onsets"] = self.onset_weight * (1 - self._correlation(levels))
        outside = levels - ops.clip(levels, 0.0, 255.0)
        terms["range"] = RANGE_WEIGHT * ops.mean(ops.square(outside))
        return terms

    def _correlation(self, levels):
        rises = ops.mean(ops.relu(levels[:, :, 1:] - levels[:, :, :-1]), axis=(0, 1, 3))
        rises = rises - ops.mean(rises)
        return ops.sum(self.onsets * rises) / ops.sqrt(ops.sum(ops.square(rises)) + 1e-9)

    def style(self, levels):
        """The share of the content's style loss that a spectrogram has."""
        terms = self(ops.convert_to_tensor(levels[None]))
        return float(sum(value for name, value in terms.items() if name.startswith("style")))


def stylize_sound(
    content_sound,
    style_sound,
    widths=WIDTHS,
    filters=FILTERS,
    onset_weight=ONSET_WEIGHT,
    strength=1.0,
    num_steps=60,
    seed=0,
    progress=True,
):
    """Gives a sound the texture of another, and keeps what happens when.

    L-BFGS changes the content's spectrogram until the Gram matrices are the style's; Griffin-Lim
    makes a sound of it, which is as long as the content and about as loud. Since no sound has
    exactly that spectrogram, both are repeated, from what the sound has. Timbre and texture move;
    voices, words and genres do not.

    Args:
        content_sound: a path, a `Sound`, or samples and a rate; see `recordings.check_sound`.
        style_sound: another; brought to the content's rate, and mixed to one channel.
        widths: of the random filters, in frames of about 12 ms.
        filters: how many of each width.
        onset_weight: how much the content's onsets count; 0 for style alone.
        strength: from the content's spectrogram, 0, to the full style, 1.
        num_steps: evaluations of the loss, half of them before the first sound is made.
        seed: of the filters and of the noise to begin with.
        progress: show the step, the loss and the time left.

    Returns:
        A `Stylized`. After Ctrl-C, of the best spectrogram so far.

    Raises:
        ValueError: a sound that `check_sound` refuses, or an argument out of range.
        OSError: a file that can't be read.

    Example:
        >>> from stylenet.extensions import synthesis
        >>> options = {"filters": 8, "num_steps": 2, "progress": False}
        >>> result = stylize_sound(synthesis.melody(1.0), synthesis.rain(1.0), **options)
        >>> result.sound.samples.shape
        (22050, 1)
    """
    content = recordings.check_sound(content_sound, "content_sound")
    style = recordings.check_sound(style_sound, "style_sound")
    _check_options(widths, filters, onset_weight, strength, num_steps)
    spectrum = spectrograms.complex_spectrogram(
        spectrograms.of_loudness_one(content.samples), content.rate
    )
    begin = spectrograms.levels(np.abs(spectrum))
    target = spectrograms.spectrogram(_at_rate(style, content.rate), content.rate)
    kernels = random_filters(begin.shape[-1], widths, filters, seed)
    loss = SoundLoss(begin, target, kernels, onset_weight)
    levels, history, phases = _with_noise(begin, loss.deviation, seed), [], spectrum
    for number, steps in enumerate(filter(None, _rounds(num_steps)), 1):
        told = progress and f"round {number}: "
        found = minimize(loss, levels, steps, progress=told)
        history += found.history
        drawn = (begin + strength * (found.image - begin)).astype("float32")
        wanted = spectrograms.magnitudes(drawn)
        samples = spectrograms.griffin_lim(wanted, content.rate, len(content.samples), phases)
        phases = spectrograms.complex_spectrogram(samples, content.rate)
        levels = spectrograms.levels(np.abs(phases))
        if found.interrupted:
            break
    return Stylized(
        Sound(_at_loudness(samples, content.samples), content.rate),
        drawn,
        history,
        tuple(loss.style(each) for each in (drawn, levels)),
        tuple(_same_onsets(each, begin) for each in (drawn, levels)),
    )


def _rounds(num_steps):
    """The steps of each round."""
    _, *more = (num_steps * share // sum(ROUNDS) for share in ROUNDS)
    return [num_steps - sum(more), *more]


def _check_options(widths, filters, onset_weight, strength, num_steps):
    if not widths:
        raise ValueError("Expected at least one width of filters. Received none.")
    for width in widths:
        inputs.number("widths", width, 1, WIDEST, whole=True)
    inputs.number("filters", filters, 1, MOST_FILTERS, whole=True)
    inputs.number("onset_weight", onset_weight, 0, LARGEST_WEIGHT)
    inputs.fraction("strength", strength)
    inputs.number("num_steps", num_steps, 1, MOST_STEPS, whole=True)


def _at_rate(sound, rate):
    """The samples of a sound at another rate, in one channel `(count, 1)`."""
    samples = sound.samples.mean(axis=1, keepdims=True)
    shared = math.gcd(sound.rate, rate)
    return resample_poly(samples, rate // shared, sound.rate // shared)


def _with_noise(levels, deviation, seed):
    """The same noise in both channels: what comes from the middle stays there."""
    noise = NOISE * deviation * np.random.default_rng(seed).normal(size=levels.shape[1:])
    return np.clip(levels + noise, 0, 255).astype("float32")


def _at_loudness(samples, content):
    """Samples in the content's unit, or less: no peak above full scale."""
    samples = samples * spectrograms.loudness(content)
    return (samples / max(1.0, np.abs(samples).max())).astype("float32")


def _same_onsets(levels, content):
    return spectrograms.correlation(*map(spectrograms.onset_strength, (levels, content)))
