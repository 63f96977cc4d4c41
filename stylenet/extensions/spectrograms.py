"""Sounds as pictures and back: spectrograms in grey levels, Griffin-Lim, onsets.

A spectrogram is a picture one pixel high, two in stereo: `(channels, frames, frequencies)`, where
a photograph has `(height, width, 3)`. Its values are logarithms of magnitudes, in [0, 255].

Griffin and Lim 1984, "Signal Estimation from Modified Short-Time Fourier Transform",
https://doi.org/10.1109/TASSP.1984.1164317; the fast variant: Perraudin, Balazs and Søndergaard
2013, https://doi.org/10.1109/WASPAA.2013.6701851
"""

import numpy as np
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

WINDOW = 0.046  # seconds; the power of two samples that is nearest
HOPS = 4  # a window
# In units of the sound's root mean square: below the first, levels follow magnitudes, above it
# their logarithms; the second is white.
BLACK, WHITE = 0.02, 10.0
MOMENTUM = 0.99  # Perraudin et al.'s


def transform(rate):
    """SciPy's short-time Fourier transform: Hann windows of about 46 ms, a quarter of it apart.

    Args:
        rate: samples a second.

    Returns:
        A `scipy.signal.ShortTimeFFT`; a sine of amplitude 2 has magnitude 1.
    """
    size = 2 ** round(np.log2(WINDOW * rate))
    window = hann(size, sym=False)
    return ShortTimeFFT(window, size // HOPS, rate, scale_to="magnitude")


def loudness(samples):
    """The root mean square of a sound without its constant part."""
    return float(np.std(samples - samples.mean(axis=0), dtype="float64"))


def of_loudness_one(samples):
    """Samples `(count, channels)` without their constant part, of root mean square 1."""
    return (samples - samples.mean(axis=0)) / loudness(samples)


def complex_spectrogram(samples, rate):
    """Amplitudes and phases: complex64 `(channels, frames, frequencies)`.

    Args:
        samples: `(count, channels)`.
        rate: samples a second.
    """
    return transform(rate).stft(samples.T).swapaxes(1, 2).astype("complex64")


def levels(magnitudes):
    """Magnitudes as grey levels.

    y = 255 log(1 + m / black) / log(1 + white / black)

    Args:
        magnitudes: of `complex_spectrogram`, an array.

    Returns:
        float32 of its shape in [0, 255].
    """
    scale = 255.0 / np.log1p(WHITE / BLACK)
    return np.clip(scale * np.log1p(magnitudes / BLACK), 0, 255).astype("float32")


def magnitudes(levels):
    """What `levels` came from."""
    return BLACK * np.expm1(np.asarray(levels) / 255.0 * np.log1p(WHITE / BLACK))


def spectrogram(samples, rate):
    """A sound as a picture: float32 `(channels, frames, frequencies)` in [0, 255].

    Args:
        samples: `(count, channels)`, not silent; how loud they are does not matter.
        rate: samples a second.
    """
    return levels(np.abs(complex_spectrogram(of_loudness_one(samples), rate)))


def griffin_lim(magnitudes, rate, count, phases=None, num_steps=64, momentum=MOMENTUM):
    """A sound whose spectrogram has these magnitudes, nearly: phases are found by iterating.

    Of a spectrogram c, P1 keeps what a sound can have (back to samples and forth), and P2 puts the
    magnitudes in: c_n = P1(P2(t_(n-1))), t_n = c_n + momentum (c_n - c_(n-1)).

    Args:
        magnitudes: `(channels, frames, frequencies)`.
        rate: samples a second.
        count: of samples.
        phases: complex, to begin with, of the same shape; their magnitudes do not matter.
        num_steps: iterations.
        momentum: 0 for Griffin and Lim's own algorithm.

    Returns:
        float32 `(count, channels)`.
    """
    fourier = transform(rate)
    wanted = np.swapaxes(magnitudes, 1, 2).astype("float32")
    guess = wanted if phases is None else np.swapaxes(phases, 1, 2)

    def put_in(spectrum):
        found = np.abs(spectrum)  # divided by it, nine times as fast as e^(i angle)
        return wanted * np.divide(spectrum, found, out=np.ones_like(spectrum), where=found > 0)

    before = None
    for _ in range(num_steps):
        now = fourier.stft(fourier.istft(put_in(guess), k1=count))
        guess = now if before is None else now + momentum * (now - before)
        before = now
    return fourier.istft(put_in(guess), k1=count).T.astype("float32")


def spectral_convergence(samples, magnitudes, rate):
    """How far a sound's magnitudes are from those wanted: ||abs S - m|| / ||m||, 0 for equal ones.

    Args:
        samples: `(count, channels)`, as `griffin_lim` gives them.
        magnitudes: `(channels, frames, frequencies)`.
        rate: samples a second.
    """
    found = np.abs(complex_spectrogram(samples, rate))
    return float(np.linalg.norm(found - magnitudes) / np.linalg.norm(magnitudes))


def onset_strength(levels):
    """How much louder each moment is than the one before: the rise of all frequencies, averaged.

    o_t = mean_f max(0, y_(t+1),f - y_t,f), also averaged over channels

    Args:
        levels: a spectrogram `(channels, frames, frequencies)` in [0, 255].

    Returns:
        float `(frames - 1,)` in grey levels.
    """
    return np.maximum(np.diff(levels, axis=1), 0).mean(axis=(0, 2))


def correlation(one, other):
    """Pearson's correlation of two sequences; 0 if one of them is constant."""
    one, other = (each - np.mean(each) for each in (one, other))
    norm = np.linalg.norm(one) * np.linalg.norm(other)
    return float(np.sum(one * other) / norm) if norm else 0.0
