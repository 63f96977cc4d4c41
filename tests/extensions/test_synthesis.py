"""The lecture's sounds: pitches, partials, no constant part, the same each time."""

import numpy as np
import pytest

from stylenet.extensions import synthesis

SOUNDS = (synthesis.melody, synthesis.rain, synthesis.crackle, synthesis.bells, synthesis.choir)


def spectrum(samples, rate):
    heights = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return np.fft.rfftfreq(len(samples), 1 / rate), heights


@pytest.mark.parametrize("make", SOUNDS)
def test_a_sound_is_the_same_each_time_and_has_no_constant_part(make):
    sound = make(2.0)
    np.testing.assert_array_equal(sound.samples, make(2.0).samples)
    assert len(sound.samples) == 2 * sound.rate
    assert sound.samples.mean() == pytest.approx(0, abs=1e-6)
    assert sound.samples.std() == pytest.approx(synthesis.LOUDNESS, rel=1e-4)


@pytest.mark.parametrize("make", SOUNDS)
@pytest.mark.parametrize("rate", [4000, 8000, 48_000])
def test_sounds_can_be_made_at_any_rate(make, rate):
    sound = make(1.0, rate)
    assert sound.rate == rate and np.isfinite(sound.samples).all()


@pytest.mark.parametrize("make", [synthesis.rain, synthesis.crackle, synthesis.choir])
def test_another_seed_is_another_sound(make):
    assert np.abs(make(1.0, seed=1).samples - make(1.0).samples).max() > 0.01


@pytest.mark.parametrize("frequency", [110, 220, 440])
def test_a_plucked_string_sounds_at_its_pitch_and_dies_away(frequency):
    string = synthesis.pluck(frequency, 2.0)
    places, heights = spectrum(string, synthesis.RATE)
    low = places < 1.5 * frequency
    assert places[low][heights[low].argmax()] == pytest.approx(frequency, rel=0.01)
    assert np.abs(string[-2000:]).max() < 0.2 * np.abs(string).max()
    assert abs(string.mean()) < 1e-4


def test_a_bell_has_partials_that_are_no_harmonics():
    places, heights = spectrum(synthesis.bells(4.0).samples[:, 0], synthesis.RATE)
    for partial in (0.56, 0.92, 1.19, 1.7):
        near = np.abs(places - 330 * partial) < 2
        assert heights[near].max() > 20 * np.median(heights[places < 1000])


def test_sparks_are_rare_and_rain_is_steady():
    """The kurtosis of a Gaussian is 3."""

    def kurtosis(sound):
        return np.mean(sound.samples**4) / np.mean(sound.samples**2) ** 2

    assert kurtosis(synthesis.crackle()) > 4 * kurtosis(synthesis.rain())
    assert kurtosis(synthesis.choir()) < kurtosis(synthesis.rain())
