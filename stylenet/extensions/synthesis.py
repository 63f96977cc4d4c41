"""Sounds for the lecture, computed: two to be drawn and four textures.

Karplus and Strong 1983, "Digital Synthesis of Plucked-String and Drum Timbres",
https://doi.org/10.2307/3680062; Risset 1969 made bells of decaying partials; a choir is sung by
many who are never quite in tune.
"""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from stylenet.extensions.recordings import Sound

RATE = 22_050
# Steps of half a tone above A3, 220 Hz, a beat each; and a phrase of other rhythm.
MELODY = (0, 3, 7, 12, 10, 7, 3, 5, 7, 3, 0, -2, 0, 3, 7, 0)
LOUDNESS = 0.1


def _pitch(steps):
    return 220.0 * 2 ** (steps / 12)


def _finished(samples, rate):
    """At one loudness, without a constant part."""
    samples = samples - np.mean(samples)
    return Sound((LOUDNESS * samples / np.std(samples)).astype("float32")[:, None], rate)


def pluck(frequency, seconds, rate=RATE, seed=0, damping=0.996):
    """A plucked string: noise that goes round in a delay line, and loses its highs on the way.

    y_t = x_t + damping (y_(t-n) + y_(t-n-1)) / 2, with x noise that lasts n = rate / frequency

    The noise is made to have no constant part: the loop would keep it longest.

    Args:
        frequency: in Hz.
        seconds: how long it is heard.
        rate: samples a second.
        seed: of the noise.
        damping: what is left after a round.

    Returns:
        float64 `(count,)`.
    """
    period = round(rate / frequency - 0.5)
    excitation = np.zeros(round(seconds * rate))
    noise = np.random.default_rng(seed).uniform(-1, 1, period)
    excitation[:period] = (noise - noise.mean())[: len(excitation)]
    feedback = np.zeros(period + 2)
    feedback[0], feedback[period:] = 1.0, -damping / 2
    return lfilter([1.0], feedback, excitation)


def melody(seconds=8.0, rate=RATE, beat=0.5, seed=0):
    """A melody on a plucked string, a note a beat.

    Args:
        seconds: how long.
        rate: samples a second.
        beat: seconds from note to note.
        seed: of the plucks.

    Returns:
        A `Sound`, mono.
    """
    samples = np.zeros(round(seconds * rate))
    for number, time in enumerate(np.arange(0, seconds, beat)):
        start = round(time * rate)
        note = pluck(_pitch(MELODY[number % len(MELODY)]), 4 * beat, rate, seed + number)
        part = samples[start : start + len(note)]
        part += note[: len(part)]
    return _finished(samples, rate)


def rain(seconds=8.0, rate=RATE, drops=60.0, seed=0):
    """Rain: a hiss, and drops that fall at random times, each a short decaying tone.

    Args:
        seconds: how long.
        rate: samples a second.
        drops: a second.
        seed: of what is random.

    Returns:
        A `Sound`, mono.
    """
    random = np.random.default_rng(seed)
    hiss = _band(random.normal(size=round(seconds * rate)), 800, 6000, rate)
    drop = np.arange(round(0.02 * rate)) / rate
    shower = np.zeros_like(hiss)
    for start in random.integers(0, len(hiss) - len(drop), round(drops * seconds)):
        tone = np.sin(2 * np.pi * random.uniform(1500, 6000) * drop)
        shower[start : start + len(drop)] += random.exponential() * np.exp(-drop / 0.004) * tone
    return _finished(hiss / hiss.std() + 2 * shower / shower.std(), rate)


def crackle(seconds=8.0, rate=RATE, sparks=25.0, seed=0):
    """A fire: sparks at random times, each a click that rings, over a low rumble.

    Args:
        seconds: how long.
        rate: samples a second.
        sparks: a second.
        seed: of what is random.

    Returns:
        A `Sound`, mono.
    """
    random = np.random.default_rng(seed)
    count = round(seconds * rate)
    clicks = np.zeros(count)
    places = random.integers(0, count, round(sparks * seconds))
    clicks[places] += random.normal(size=len(places)) * random.exponential(size=len(places))
    burst = np.random.default_rng(seed + 1).normal(size=round(0.006 * rate))
    burst *= np.exp(-np.arange(len(burst)) / (0.0015 * rate))
    sparks = lfilter(burst, [1.0], clicks)
    rumble = _band(random.normal(size=count), 40, 300, rate)
    return _finished(sparks / sparks.std() + 0.4 * rumble / rumble.std(), rate)


def bells(seconds=8.0, rate=RATE, every=0.9, seed=0):
    """A drone of bells: partials that are no harmonics, struck again before they have died.

    Args:
        seconds: how long.
        rate: samples a second.
        every: seconds from stroke to stroke, roughly.
        seed: of the strokes.

    Returns:
        A `Sound`, mono.
    """
    random = np.random.default_rng(seed)
    partials = np.array([0.56, 0.92, 1.19, 1.7, 2.0, 2.74, 3.0, 3.76, 4.07])  # Risset's
    decays = 3.0 / partials
    time = np.arange(round(seconds * rate)) / rate
    samples = np.zeros_like(time)
    for start in np.arange(-3 * every, seconds, every) + random.uniform(0, every / 3):
        heard = time[time >= start] - start
        tones = np.sin(2 * np.pi * 330.0 * partials[:, None] * heard)
        stroke = np.sum(np.exp(-heard / decays[:, None]) * tones, axis=0)
        samples[len(time) - len(heard) :] += random.uniform(0.6, 1) * stroke
    return _finished(samples, rate)


def choir(seconds=8.0, rate=RATE, voices=8, seed=0):
    """A pad like a choir: voices of many harmonics, each slightly out of tune, through an "ah".

    Args:
        seconds: how long.
        rate: samples a second.
        voices: a tone of the chord.
        seed: of tuning and vibrato.

    Returns:
        A `Sound`, mono.
    """
    random = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    buzz = np.zeros_like(time)
    for steps in np.repeat((0, 3, 7, 12), voices):
        pitch = _pitch(steps - 12) * 2 ** (random.normal(0, 0.08) / 12)
        speed, begin = random.uniform(4.5, 6), random.uniform(0, 2 * np.pi, 2)
        wobble = 0.004 * np.sin(2 * np.pi * speed * time + begin[0]) / (2 * np.pi * speed)
        buzz += 2 * ((pitch * (time + wobble) + begin[1]) % 1.0) - 1
    vowel = ((700, 1.0), (1150, 0.5), (2900, 0.15), (3900, 0.08))  # formants of "ah", in Hz
    sung = sum(gain * _band(buzz, 0.9 * high, 1.1 * high, rate) for high, gain in vowel)
    return _finished(sung + 0.02 * buzz, rate)


def _band(samples, low, high, rate):
    """What lies between two frequencies."""
    high = min(high, 0.45 * rate)
    return sosfilt(
        butter(2, (min(low, 0.8 * high), high), "bandpass", fs=rate, output="sos"), samples
    )
