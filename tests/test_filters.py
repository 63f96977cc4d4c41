from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from stylenet import filters, images

CONTENT = Path(__file__).parents[1] / "images" / "content"


@pytest.fixture(scope="module")
def photographs():
    return [images.load_image(path, 512) for path in sorted(CONTENT.iterdir())]


def noise_with_slope(slope, size=256, seed=0):
    """Random phases, amplitudes 1 / f^slope: no photograph, but its spectrum is known."""
    rows, columns = np.meshgrid(*[np.fft.fftfreq(size)] * 2, indexing="ij")
    radius = np.hypot(rows, columns)
    radius[0, 0] = 1
    white = np.fft.fft2(np.random.default_rng(seed).normal(size=(size, size)))
    picture = np.fft.ifft2(white / radius**slope).real
    picture = 127 + 30 * picture / picture.std()
    return np.repeat(picture[..., None], 3, axis=2)


# ---------------------------------------------------------------- Gabor


def test_a_gabor_filter_ignores_flat_areas_and_has_length_one():
    kernel = filters.gabor_filter(0.1, 0.5).kernel
    assert abs(kernel.sum()) < 1e-9
    assert np.linalg.norm(kernel) == pytest.approx(1)


@pytest.mark.parametrize("bandwidth", [0.7, 1.0, 1.5])
def test_the_bandwidth_is_that_between_half_heights(bandwidth):
    """By the Fourier transform of the wave's line, in octaves."""
    kernel = filters.gabor_filter(0.1, 0.0, bandwidth).kernel
    spectrum = np.abs(np.fft.fft(kernel.sum(axis=0), 4096))[:2048]
    above = np.flatnonzero(spectrum > spectrum.max() / 2)
    assert np.log2(above[-1] / above[0]) == pytest.approx(bandwidth, rel=0.15)


@pytest.mark.parametrize("number", range(12))
def test_a_grating_excites_the_filter_of_its_frequency_and_orientation_most(number):
    bank = filters.gabor_bank((0.05, 0.1, 0.2), 4)
    texture = filters.grating(128, bank[number].frequency, bank[number].orientation)
    strengths = [np.abs(filters.respond(texture, gabor.kernel)).mean() for gabor in bank]
    assert np.argmax(strengths) == number


def test_the_bank_has_every_scale_in_every_orientation():
    bank = filters.gabor_bank((0.1, 0.2), 3)
    expected = [(f, angle * np.pi / 3) for f in (0.1, 0.2) for angle in range(3)]
    found = [(gabor.frequency, gabor.orientation) for gabor in bank]
    np.testing.assert_allclose(found, expected)


def test_a_response_is_the_correlation_at_each_place(photographs):
    kernel = filters.gabor_filter(0.2, 0.7).kernel
    response = filters.respond(photographs[0], kernel)
    height, width = kernel.shape
    patch = filters.luminance(photographs[0])[20 : 20 + height, 30 : 30 + width]
    np.testing.assert_allclose(response[20, 30], np.sum(patch * kernel.conj()), rtol=1e-6)


def test_the_modulus_does_not_depend_on_where_the_wave_begins():
    texture = filters.grating(100, 0.1)
    response = np.abs(filters.respond(texture, filters.gabor_filter(0.1).kernel))
    assert response.std() < 0.01 * response.mean()


@pytest.mark.parametrize("frequency, bandwidth", [(0, 1), (0.5, 1), (0.1, 0)])
def test_impossible_filters_are_refused(frequency, bandwidth):
    with pytest.raises(ValueError, match="cycles a pixel"):
        filters.gabor_filter(frequency, bandwidth=bandwidth)


def test_a_picture_smaller_than_the_filter_is_refused():
    with pytest.raises(ValueError, match="filter's size"):
        filters.respond(np.zeros((5, 5, 3)), filters.gabor_filter(0.05).kernel)


# ---------------------------------------------------------------- DAISY


def test_daisy_has_a_histogram_in_the_middle_and_on_each_place_of_each_ring(photographs):
    photo = photographs[0][:120, :160]
    descriptors, drawing = filters.daisy_descriptors(photo)
    rows, columns = (len(range(20, side - 20, 48)) for side in photo.shape[:2])
    assert descriptors.shape == (rows, columns, (2 * 6 + 1) * 8)
    assert drawing.shape == photo.shape
    assert drawing.min() >= 0 and drawing.max() <= 255


def test_daisy_sees_the_direction_of_an_edge():
    """Edges between left and right have one direction, and its opposite."""
    descriptors, _ = filters.daisy_descriptors(filters.grating(100, 0.05))
    center = descriptors[0, 0, :8]
    assert set(np.argsort(center)[-2:]) == {0, 4}


# ---------------------------------------------------------------- Field


@pytest.mark.parametrize("slope", [0.0, 1.0, 1.5])
def test_the_slope_of_noise_is_the_one_it_was_made_with(slope):
    pictures = [noise_with_slope(slope, seed=seed) for seed in range(4)]
    found = filters.spectral_slope(pictures)
    assert found.slope == pytest.approx(slope, abs=0.1)
    assert found.low < found.slope < found.high


def test_the_spectrum_of_a_grating_peaks_at_its_frequency():
    frequencies, amplitudes = filters.amplitude_spectrum(filters.grating(200, 0.1))
    assert frequencies[np.argmax(amplitudes)] == pytest.approx(0.1)


def test_photographs_fall_about_as_one_over_f(photographs):
    found = filters.spectral_slope(photographs)
    assert 0.8 < found.slope < 1.5


def test_one_picture_has_no_confidence(photographs):
    with pytest.raises(ValueError, match="two pictures"):
        filters.spectral_slope(photographs[:1])


def test_filters_describe_photographs_more_sparsely_than_pixels_do(photographs):
    assert filters.sparseness(photographs, 1.0) > filters.sparseness(photographs) + 1


@pytest.mark.parametrize("frequency", [0.1, 0.2])
def test_filters_of_one_octave_are_sparser_than_narrower_and_wider_ones(photographs, frequency):
    narrow, octave, wide = (filters.sparseness(photographs, b, frequency) for b in (0.5, 1, 2))
    assert octave > narrow and octave > wide


def test_noise_has_no_sparse_description():
    pictures = [noise_with_slope(1.0, seed=seed) for seed in range(4)]
    assert abs(filters.sparseness(pictures, 1.0)) < 0.3


def test_the_sparseness_of_pixels_is_their_kurtosis(photographs):
    gray = photographs[0] @ np.array([0.299, 0.587, 0.114])
    expected = np.mean((gray - gray.mean()) ** 4) / gray.var() ** 2 - 3
    assert filters.sparseness(photographs[:1]) == pytest.approx(expected, rel=1e-4)
    assert stats.kurtosis(gray, axis=None) == pytest.approx(expected)


# ---------------------------------------------------------------- first layers


@pytest.mark.parametrize("orientation", [0.0, 0.6, 1.5, 2.5])
def test_the_wave_of_a_gabor_filter_is_found_again(orientation):
    kernel = filters.gabor_filter(0.2, orientation).kernel.real
    frequency, angle = filters.fit_wave(kernel)
    assert frequency == pytest.approx(0.2, abs=0.02)
    assert np.cos(2 * (angle - orientation)) > 0.98


def test_the_wave_of_a_flat_filter_has_frequency_zero():
    assert filters.fit_wave(np.ones((3, 3, 3)))[0] == 0


def test_an_edge_of_three_pixels_has_the_orientation_across_it():
    edge = np.array([[1, 1, 1], [0, 0, 0], [-1, -1, -1]])
    frequency, angle = filters.fit_wave(np.stack([edge] * 3, axis=2))
    assert 0.1 < frequency < 0.4
    assert angle == pytest.approx(np.pi / 2)
