"""Files of sounds: every kind of WAV says the same, what is none is refused."""

import numpy as np
import pytest
from scipy.io import wavfile

from stylenet.extensions import recordings
from stylenet.extensions.recordings import Sound, check_sound, load_sound, save_sound

RATE = 8000
SINE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
KINDS = {
    "uint8": lambda x: np.round(128 + 127 * x).astype("uint8"),
    "int16": lambda x: np.round(32767 * x).astype("int16"),
    "int32": lambda x: np.round((2**31 - 1) * x).astype("int32"),
    "float32": lambda x: x.astype("float32"),
    "float64": lambda x: x,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_number_says_the_same(kind, tmp_path):
    wavfile.write(tmp_path / "sine.wav", RATE, KINDS[kind](SINE))
    sound = load_sound(tmp_path / "sine.wav")
    assert sound.rate == RATE and sound.samples.dtype == "float32"
    np.testing.assert_allclose(sound.samples[:, 0], SINE, atol=1 / 100 if kind == "uint8" else 1e-4)


def test_a_file_of_24_bits_is_read(tmp_path):
    """Written by hand: SciPy has no such type."""
    whole = np.round((2**23 - 1) * SINE).astype("<i4")
    data = whole.view("uint8").reshape(-1, 4)[:, :3].tobytes()
    head = np.array([16, 1 | 1 << 16, RATE, 3 * RATE, 3 | 24 << 16], "<u4").tobytes()
    size = np.array([36 + len(data)], "<u4").tobytes()
    length = np.array([len(data)], "<u4").tobytes()
    (tmp_path / "sine.wav").write_bytes(
        b"RIFF" + size + b"WAVEfmt " + head + b"data" + length + data
    )
    np.testing.assert_allclose(load_sound(tmp_path / "sine.wav").samples[:, 0], SINE, atol=1e-6)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("channels", [1, 2])
def test_what_is_saved_is_read_again(suffix, channels, tmp_path):
    if suffix == ".flac":
        pytest.importorskip("av")
    samples = np.stack([SINE, SINE[::-1]][:channels], axis=1).astype("float32")
    save_sound(tmp_path / f"sine{suffix}", Sound(samples, RATE))
    found = load_sound(tmp_path / f"sine{suffix}")
    assert found.rate == RATE
    np.testing.assert_allclose(found.samples, samples, atol=1e-4)


def test_a_film_has_a_sound(tmp_path):
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "sine.mp3"), "w") as container:
        stream = container.add_stream("mp3", rate=44100, layout="stereo")
        tone = np.sin(2 * np.pi * 440 * np.arange(2 * 44100) / 44100).astype("float32")
        frame = av.AudioFrame.from_ndarray(np.stack([tone, 0 * tone]), "fltp", "stereo")
        frame.sample_rate = 44100
        container.mux([*stream.encode(frame), *stream.encode()])
    sound = load_sound(tmp_path / "sine.mp3")
    assert sound.rate == 44100 and sound.seconds == pytest.approx(2, abs=0.1)
    left, right = sound.samples[44100:].std(axis=0)
    assert left == pytest.approx(0.5**0.5, rel=0.05) and right < 0.01


def test_what_is_too_loud_becomes_less_loud_and_is_not_cut(tmp_path):
    save_sound(tmp_path / "loud.wav", (3 * SINE, RATE))
    np.testing.assert_allclose(load_sound(tmp_path / "loud.wav").samples[:, 0], 2 * SINE, atol=1e-3)


@pytest.mark.parametrize(
    "samples, rate, said",
    [
        (np.zeros(RATE), RATE, "silence"),
        (np.full(RATE, 0.7), RATE, "silence"),  # a constant part alone
        (np.where(np.arange(RATE) == 9, np.nan, SINE), RATE, "NaN"),
        (np.where(np.arange(RATE) == 9, np.inf, SINE), RATE, "infinite"),
        (SINE[:1], RATE, "from 0.5 to 120 seconds"),
        (SINE[:0], RATE, "from 0.5 to 120 seconds"),
        (np.resize(SINE, 121 * RATE), RATE, "Received: 121"),
        (np.stack([SINE] * 6, axis=1), RATE, "one or two channels"),
        (SINE, 0, "rate"),
        (SINE, 44100.5, "rate"),
        (SINE > 0, RATE, "array of bool"),
    ],
)
def test_what_is_no_sound_is_refused(samples, rate, said):
    with pytest.raises(ValueError, match=said):
        check_sound((samples, rate))


def test_samples_without_a_rate_are_refused():
    with pytest.raises(ValueError, match="samples and a rate"):
        check_sound(SINE)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\x24\0\0\0WAVEfmt ", b"no sound at all" * 99])
def test_a_file_that_is_no_sound_is_refused_by_name(data, tmp_path):
    pytest.importorskip("av")
    (tmp_path / "broken.wav").write_bytes(data)
    with pytest.raises(ValueError, match=r"Cannot read '.*broken.wav'"):
        load_sound(tmp_path / "broken.wav")


@pytest.mark.parametrize("length", [30, 44, 45, 5000])
def test_a_file_cut_off_is_read_as_far_as_it_goes_or_refused(length, tmp_path):
    wavfile.write(tmp_path / "whole.wav", RATE, KINDS["int16"](SINE))
    (tmp_path / "cut.wav").write_bytes((tmp_path / "whole.wav").read_bytes()[:length])
    with pytest.raises(ValueError, match=r"cut.wav"):
        load_sound(tmp_path / "cut.wav")


def test_targets_are_checked_before_the_work(tmp_path):
    with pytest.raises(ValueError, match=r"ends in one of .wav, .flac"):
        recordings.check_target(tmp_path / "out.mp3")
    with pytest.raises(ValueError, match="does not replace its input"):
        recordings.check_target(tmp_path / "a.wav", [tmp_path / "x" / ".." / "a.wav"])
