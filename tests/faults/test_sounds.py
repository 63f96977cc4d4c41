"""Sounds that are none, too short, too long or broken: one line each, and nothing is left."""

import re
import signal

import numpy as np
import pytest
from faults.table import Row, check, rows
from faults.test_kills import begin
from scipy.io import wavfile

from stylenet.extensions import load_sound, save_sound, synthesis


@pytest.fixture
def here(here):
    """With sounds of a second, and what only looks like sounds."""
    for make in (synthesis.melody, synthesis.rain):
        save_sound(here / f"{make.__name__}.wav", make(1.0, 8000))
    samples = load_sound(here / "melody.wav").samples
    odd = {
        "silence": np.zeros((8000, 1)),
        "nan": np.where(np.arange(8000)[:, None] == 9, np.nan, samples),
        "one": samples[:1],
        "none": samples[:0],
        "long": np.tile(samples, (121, 1)),
        "surround": np.tile(samples, (1, 6)),
        "clipped": np.clip(40 * samples, -1, 1),
        "eight": np.round(128 + 90 * samples).astype("uint8"),
    }
    for name, values in odd.items():
        values = values if values.dtype == "uint8" else values.astype("float32")
        wavfile.write(here / f"{name}.wav", 8000, values)
    whole = (here / "melody.wav").read_bytes()
    (here / "cut.wav").write_bytes(whole[:40])
    (here / "text.wav").write_text("no sound" * 99)
    (here / "empty.wav").touch()
    (here / "folder.wav").mkdir()
    return here


@rows(
    Row("sound silence.wav rain.wav -o o.wav", ("silence", "'silence.wav'")),
    Row("sound melody.wav silence.wav -o o.wav", ("silence", "'silence.wav'")),
    Row("sound nan.wav rain.wav -o o.wav", "'nan.wav' to be finite"),
    Row("sound one.wav rain.wav -o o.wav", "from 0.5 to 120 seconds. Received: 0.000125."),
    Row("sound none.wav rain.wav -o o.wav", "'none.wav'"),
    Row("sound long.wav rain.wav -o o.wav", "from 0.5 to 120 seconds. Received: 121."),
    Row("sound surround.wav rain.wav -o o.wav", "one or two channels"),
    Row("sound cut.wav rain.wav -o o.wav", "Cannot read 'cut.wav'"),
    Row("sound text.wav rain.wav -o o.wav", "Cannot read 'text.wav'"),
    Row("sound empty.wav rain.wav -o o.wav", "Cannot read 'empty.wav'"),
    Row("sound folder.wav rain.wav -o o.wav", "'folder.wav' is not a regular file"),
    Row("sound nowhere.wav rain.wav -o o.wav", "There is no file 'nowhere.wav'"),
    Row("sound photo.png rain.wav -o o.wav", "'photo.png'"),
    Row("sound https://a.org/a.wav rain.wav -o o.wav", "Received an address"),
    Row("sound melody.wav rain.wav -o o.mp3", "ends in one of .wav, .flac"),
    Row("sound melody.wav rain.wav -o folder.wav", "is a folder"),
    Row("sound melody.wav rain.wav -o melody.wav", "does not replace its input"),
    Row("sound melody.wav rain.wav -o /dev/null", "ends in one of"),
    Row("sound melody.wav -o o.wav", "STYLE"),
    Row("sound melody.wav rain.wav --steps 0", "--steps"),
    Row("sound melody.wav rain.wav --strength 2", "--strength"),
    Row("sound melody.wav rain.wav --onset-weight nan", "onset"),
)
def test_what_is_no_sound_is_refused(row, here, capsys):
    pytest.importorskip("av")
    check(row, here, capsys)


@pytest.mark.slow
@rows(
    Row("sound eight.wav clipped.wav --steps 2 -o o.wav", status=0, left=("o.wav",)),
    Row("sound melody.wav rain.wav --steps 2", status=0, left=("melody_rain.wav",)),
    Row("sound melody.wav rain.wav --steps 2 -o new/o.wav", status=0, left=("new/o.wav",)),
)
def test_odd_sounds_are_drawn(row, here, capsys):
    assert re.search(r"giving \w+.wav the texture of \w+.wav ...\n", check(row, here, capsys))
    [name] = row.left
    assert load_sound(here / name).samples.shape == (8000, 1)


@pytest.mark.slow
@pytest.mark.usefixtures("none_goes_on")
def test_ctrl_c_writes_the_best_so_far(here):
    process = begin(here, "sound melody.wav rain.wav -o o.wav --steps 100000")
    told = []
    for line in process.stderr:  # a line every ten seconds
        told.append(line)
        if " of 50000" in line:  # the first of three rounds
            process.send_signal(signal.SIGINT)
            break
    process.communicate(timeout=3600)
    assert load_sound(here / "o.wav").seconds == pytest.approx(1), told
