"""Image filters, from Gabor's to the first layer of a network.

Field, "Relations between the statistics of natural images and the response properties of
cortical cells", 1987, https://doi.org/10.1364/JOSAA.4.002379: photographs have amplitude spectra
that fall as 1/f, and filters one octave wide, such as those of the visual cortex, describe them by
few large responses. Networks trained on photographs find such filters again: Krizhevsky, Sutskever
and Hinton 2012, https://doi.org/10.1145/3065386, figure 3.

Differences from the papers:

| here                                           | Field 1987                            |
|------------------------------------------------|---------------------------------------|
| Gabor filters, one frequency at a time         | a code of all scales and orientations |
| sparse: a large kurtosis, as in Field 1994     | how few of the cells respond          |
| luminance of sRGB, as photographs are stored   | calibrated intensities                |
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage, signal, stats
from skimage.feature import daisy
from skimage.filters import gabor_kernel

from stylenet.colors import LUMA
from stylenet.images import as_image


class Gabor(NamedTuple):
    """A Gabor filter: a wave under a Gaussian.

    `kernel` is complex `(size, size)`, its parts a quarter of a wave apart; `frequency` is in
    cycles a pixel; `orientation`, that in which the wave runs, in radians from the horizontal.
    """

    kernel: np.ndarray
    frequency: float
    orientation: float


class Slope(NamedTuple):
    """A power law: amplitude ~ 1 / f^slope, with the ends of its 95 % confidence interval."""

    slope: float
    low: float
    high: float


def luminance(image):
    """The luminance `(height, width)` of a picture, in [0, 255]."""
    return as_image(image) @ LUMA


def gabor_filter(frequency, orientation=0.0, bandwidth=1.0):
    """A Gabor filter without response to flat areas.

    Args:
        frequency: of the wave, in cycles a pixel, below 0.5.
        orientation: in which the wave runs, in radians from the horizontal.
        bandwidth: of the filter, in octaves between its half heights.

    Returns:
        A `Gabor`, whose kernel has mean 0 and squares that add up to 1.

    Raises:
        ValueError: a frequency outside of (0, 0.5), or a bandwidth of 0 or less.

    Reference: Daugman 1985, https://doi.org/10.1364/JOSAA.2.001160
    """
    if not 0 < frequency < 0.5 or bandwidth <= 0:
        raise ValueError(
            "Expected a frequency between 0 and 0.5 cycles a pixel and a positive bandwidth. "
            f"Received: {frequency}, {bandwidth}."
        )
    kernel = gabor_kernel(frequency, orientation, bandwidth)
    envelope = np.abs(kernel)
    kernel = kernel - envelope * kernel.sum() / envelope.sum()
    return Gabor(kernel / np.linalg.norm(kernel), frequency, orientation)


def gabor_bank(frequencies=(0.05, 0.1, 0.2, 0.4), orientations=6, bandwidth=1.0):
    """Gabor filters of several scales, each in evenly spaced orientations.

    Args:
        frequencies: in cycles a pixel.
        orientations: how many between 0 and pi.
        bandwidth: in octaves.

    Returns:
        A list of `Gabor`, scale by scale.
    """
    angles = np.arange(orientations) * np.pi / orientations
    return [gabor_filter(f, angle, bandwidth) for f in frequencies for angle in angles]


def respond(image, kernel):
    """The response of a filter at every pixel where it lies within the picture.

    Args:
        image: `(height, width, 3)` in [0, 255], or its luminance `(height, width)`.
        kernel: real or complex; the modulus of a complex response does not depend on where
            the wave begins.

    Returns:
        `(height - size + 1, width - size + 1)`, real or complex like the kernel.

    Raises:
        ValueError: the picture is smaller than the kernel.
    """
    gray = luminance(image) if np.ndim(image) == 3 else np.asarray(image)
    if any(side < size for side, size in zip(gray.shape, kernel.shape, strict=True)):
        raise ValueError(
            f"Expected a picture of at least {kernel.shape}, the filter's size. "
            f"Received: {gray.shape}."
        )
    return signal.fftconvolve(gray, kernel[::-1, ::-1].conj(), mode="valid")


def grating(size, frequency, orientation=0.0):
    """A texture that one filter matches: a wave, `(size, size, 3)` in [0, 255]."""
    rows, columns = np.mgrid[:size, :size]
    along = columns * np.cos(orientation) + rows * np.sin(orientation)
    wave = 127.5 + 100 * np.cos(2 * np.pi * frequency * along)
    return np.repeat(wave[..., None], 3, axis=2).astype("float32")


def daisy_descriptors(image, step=48, radius=20, rings=2, histograms=6, orientations=8):
    """DAISY: histograms of the directions of edges, on rings around points of a grid.

    Args:
        image: `(height, width, 3)` in [0, 255].
        step: pixels between two points.
        radius: of the outer ring, in pixels.
        rings: how many.
        histograms: on each ring.
        orientations: directions in a histogram.

    Returns:
        The descriptors `(rows, columns, length)`, and a picture of them on the photograph,
        `(height, width, 3)` in [0, 255].

    Reference: Tola, Lepetit and Fua 2010, https://doi.org/10.1109/TPAMI.2009.77
    """
    descriptors, drawing = daisy(
        luminance(image) / 255,
        step=step,
        radius=radius,
        rings=rings,
        histograms=histograms,
        orientations=orientations,
        visualize=True,
    )
    return descriptors, np.clip(255 * drawing, 0, 255).astype("float32")


def amplitude_spectrum(image):
    """How much of each frequency a picture holds, averaged over orientations.

    Args:
        image: `(height, width, 3)` in [0, 255].

    Returns:
        Frequencies in cycles a pixel, from 2 cycles a picture to 0.5, and mean amplitudes.
    """
    gray = luminance(image)
    side = min(gray.shape)
    top, left = ((length - side) // 2 for length in gray.shape)
    square = gray[top : top + side, left : left + side]
    window = np.hanning(side)
    spectrum = np.abs(np.fft.fft2((square - square.mean()) * np.outer(window, window)))
    rows, columns = np.meshgrid(*[np.fft.fftfreq(side) * side] * 2, indexing="ij")
    ring = np.rint(np.hypot(rows, columns)).astype(int)
    radii = np.arange(2, side // 2)
    return radii / side, ndimage.mean(spectrum, ring, radii)


def spectral_slope(images):
    """The exponent of the falling amplitude spectrum, fitted for each picture.

    Equal numbers of points an octave count alike: a line is fitted to the logarithms at
    frequencies spaced evenly on a logarithmic scale, up to 0.25 cycles a pixel, since beyond
    cameras and reductions have smoothed.

    Args:
        images: pictures, at least two.

    Returns:
        A `Slope`: the mean over the pictures, and Student's interval.

    Reference: Field 1987: about 1.
    """
    if len(images) < 2:
        raise ValueError(f"Expected at least two pictures. Received: {len(images)}.")
    slopes = []
    for image in images:
        frequencies, amplitudes = amplitude_spectrum(image)
        points = np.geomspace(frequencies[0], 0.25, 32)
        levels = np.interp(np.log(points), np.log(frequencies), np.log(amplitudes))
        slopes.append(-np.polyfit(np.log(points), levels, 1)[0])
    mean, error = np.mean(slopes), stats.sem(slopes)
    return Slope(mean, *(mean + error * stats.t.ppf([0.025, 0.975], len(slopes) - 1)))


def sparseness(images, bandwidth=None, frequency=0.1, orientations=4):
    """How sparsely filters describe pictures: the kurtosis of their responses.

    A Gaussian distribution has kurtosis 0; many small and few large responses, a large one.

    Args:
        images: pictures.
        bandwidth: of Gabor filters, in octaves; None for the pixels themselves.
        frequency: of the filters, in cycles a pixel.
        orientations: how many filters.

    Returns:
        The mean over pictures and filters.

    Reference: Field 1994, What is the goal of sensory coding?,
    https://doi.org/10.1162/neco.1994.6.4.559
    """
    if bandwidth is None:
        return float(np.mean([stats.kurtosis(luminance(image), axis=None) for image in images]))
    bank = gabor_bank((frequency,), orientations, bandwidth)
    return float(
        np.mean(
            [
                stats.kurtosis(respond(image, gabor.kernel.real), axis=None)
                for image in images
                for gabor in bank
            ]
        )
    )


def fit_wave(kernel, size=64):
    """The frequency and the orientation that a small filter answers to most.

    Args:
        kernel: `(height, width)`, or `(height, width, 3)` in RGB.
        size: points a side of the frequency plane that are tried.

    Returns:
        The frequency in cycles a pixel, 0 for a filter that likes flat areas best, and the
        orientation in radians in [0, pi), from the horizontal.
    """
    kernel = np.asarray(kernel, "float64")
    planes = np.moveaxis(kernel, 2, 0) if kernel.ndim == 3 else kernel[None]
    power = sum(np.abs(np.fft.fft2(plane, (size, size))) ** 2 for plane in planes)
    row, column = np.unravel_index(np.argmax(power), power.shape)
    y, x = np.fft.fftfreq(size)[[row, column]]
    return float(np.hypot(x, y)), float(np.arctan2(y, x) % np.pi)
