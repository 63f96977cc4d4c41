"""Sounds as pictures: scales, Griffin-Lim, onsets."""

import numpy as np
import pytest

from stylenet.extensions import spectrograms, synthesis

RATE = 22_050
MELODY = synthesis.melody(2.0)
SAMPLES = spectrograms.of_loudness_one(MELODY.samples)


@pytest.mark.parametrize("rate", [8000, 22_050, 44_100, 48_000, 96_000])
def test_windows_last_about_as_long_at_any_rate(rate):
    fourier = spectrograms.transform(rate)
    assert fourier.m_num / rate == pytest.approx(0.046, rel=0.42)  # to the next power of two
    assert fourier.hop == fourier.m_num // 4


def test_a_sine_is_one_line_of_its_frequency_and_half_its_amplitude():
    frequency = 40 * RATE / 1024
    wave = np.sin(2 * np.pi * frequency * np.arange(RATE) / RATE)[:, None]
    wave = spectrograms.of_loudness_one(wave)
    found = np.abs(spectrograms.complex_spectrogram(wave, RATE))[0, 10:-10]
    np.testing.assert_array_equal(found.argmax(axis=1), 40)
    np.testing.assert_allclose(found[:, 40], 0.5**0.5, rtol=1e-3)  # of loudness 1


def test_levels_and_magnitudes_are_inverse():
    values = np.array([0, 1e-4, 0.01, 1, 9.9])
    np.testing.assert_allclose(spectrograms.magnitudes(spectrograms.levels(values)), values, 1e-3)
    assert spectrograms.levels(spectrograms.WHITE) == 255


def test_how_loud_a_sound_is_leaves_its_picture():
    quiet, loud = (spectrograms.spectrogram(g * MELODY.samples, RATE) for g in (0.01, 5.0))
    np.testing.assert_allclose(quiet, loud, atol=0.01)


def test_with_the_right_phases_the_sound_comes_back():
    spectrum = spectrograms.complex_spectrogram(SAMPLES, RATE)
    found = spectrograms.griffin_lim(np.abs(spectrum), RATE, len(SAMPLES), spectrum, num_steps=2)
    np.testing.assert_allclose(found, SAMPLES, atol=1e-3)


def test_griffin_lim_comes_nearer_step_by_step_and_momentum_nearer_still():
    wanted = np.abs(spectrograms.complex_spectrogram(SAMPLES, RATE))
    random = np.random.default_rng(0)
    phases = np.exp(2j * np.pi * random.uniform(size=wanted.shape))

    def left(num_steps, momentum):
        sound = spectrograms.griffin_lim(wanted, RATE, len(SAMPLES), phases, num_steps, momentum)
        return spectrograms.spectral_convergence(sound, wanted, RATE)

    few, many, fast = left(4, 0.0), left(32, 0.0), left(32, 0.99)
    assert few > many > fast


def test_stereo_keeps_its_sides():
    samples = np.concatenate([MELODY.samples, synthesis.rain(2.0).samples], axis=1)
    both = spectrograms.complex_spectrogram(samples, RATE)
    sound = spectrograms.griffin_lim(np.abs(both), RATE, len(samples), both, num_steps=2)
    for side in (0, 1):
        assert np.corrcoef(sound[:, side], samples[:, side])[0, 1] > 0.99


def test_onsets_are_where_the_notes_begin():
    strength = spectrograms.onset_strength(spectrograms.spectrogram(*MELODY))
    seconds = (np.arange(len(strength)) + spectrograms.transform(RATE).p_min) * 256 / RATE
    loud = seconds[strength > 0.3 * strength.max()]
    far = np.abs(loud[:, None] - np.arange(0, 2, 0.5))
    assert far.min(axis=0).max() < 0.04  # each note has an onset
    assert far.min(axis=1).max() < 0.04  # and each onset is a note


def test_onset_strength_is_the_mean_of_what_rises():
    levels = np.array([[[0.0, 10], [4, 6], [4, 6], [0, 8]]])
    np.testing.assert_allclose(spectrograms.onset_strength(levels), [2, 0, 1])


def test_correlation_is_numpys_and_nothing_of_a_constant():
    random = np.random.default_rng(0)
    one, other = random.normal(size=(2, 50))
    assert spectrograms.correlation(one, other) == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert spectrograms.correlation(one, np.ones(50)) == 0
