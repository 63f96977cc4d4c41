"""Inputs that nobody thinks of: names, links, pipes and files that are something else."""

import os
import shutil

import numpy as np
import pytest
from faults.table import Row, check, rows

STYLIZE = "stylize photo.png -s mine.weights.h5"


@pytest.fixture
def here(here):
    """With a link to itself and one to nothing, a pipe, a page, arrays, odd names."""
    (here / "loop").symlink_to("loop")
    (here / "nothing.png").symlink_to("nowhere.png")
    os.mkfifo(here / "pipe.png")
    (here / "page.png").write_text("<html>")
    (here / "folder.weights.h5").mkdir()
    (here / "zeros.mp4").write_bytes(bytes(2000))
    (here / "torn.json").write_text("[1, 2")
    np.savez(here / "arrays.npz", a=np.zeros(3))
    shutil.copy(here / "photo.png", here / "-o.png")
    shutil.copy(here / "photo.png", here / "[1].png")
    return here


@rows(
    Row("stylize loop -s mine.weights.h5 -o o.png", "There is no file or folder 'loop'"),
    Row("stylize nothing.png -s mine.weights.h5 -o o.png", "no file or folder 'nothing.png'"),
    Row("stylize pipe.png -s mine.weights.h5 -o o.png", "is not a regular file"),
    Row("stylize page.png -s mine.weights.h5 -o o.png", "cannot identify image file"),
    Row("stylize photo.png -s folder.weights.h5 -o o.png", "there is none: folder.weights.h5"),
    Row("stylize photo.png -s arrays.npz -o o.png", "to hold the weights", unsaid="convert"),
    Row("stylize photo.png -s ./torn.json -o o.png", "weights file ending in", unsaid="convert"),
    Row("stylize '**/*.heic' -s mine.weights.h5 -o o.png", "It holds nothing"),
    Row(f"{STYLIZE} -o /dev/null", "file name that ends in"),
    Row(f"{STYLIZE} -o loop/o.png", "loop' is not a folder"),
    Row(f"{STYLIZE} -o o.png --max-size 1e3", "max-size"),
    Row(f"{STYLIZE} -o o.png --strength -0.0001", "strength"),
    Row("demo photo.png loop -o out", "loop"),
    Row("universal photo.png -s painting.png -o o.png --levels 6", "levels among"),
    Row("universal photo.png -s painting.png -o o.png --share 1e999", "Expected shares"),
    Row("universal photo.png -s photos -o o.png", "'photos' is a folder"),
    Row("gatys photo.png -s painting.png -o o.png --seed -5", "seed to be a whole number from 0"),
    Row("gatys photo.png -s painting.png -o o.png --start pipe.png", "not a regular file"),
    Row("gatys photo.png -s painting.png -o o.png --weights none", "There is no file none"),
    Row("train painting.png --content photos -o x.weights.h5 --seed -1", "from 0 to 4294967295"),
    Row("train painting.png --content photos -o x.weights.h5 --crop-size 1000", "64 x 64 pixels"),
    Row("train painting.png --content photos -o .weights.h5", "ends in .weights.h5"),
    Row("train painting.png --content photos -o loop/x.weights.h5", "loop' is not a folder"),
    Row("train-decoder 0 --content photos -o x.weights.h5", "LEVEL"),
    Row("video zeros.mp4 -s mine.weights.h5 -o o.mp4", "expected an intact video"),
    Row("video frames -s mine.weights.h5 -o o.mp4 --rate nan", "rate"),
    Row("video frames -s mine.weights.h5 -o frames", "does not replace its input"),
    Row("convert arrays.npz x.weights.h5", "instead of 48 arrays"),
    Row("convert /dev/zero x.weights.h5", "not a regular file"),
    Row("benchmark feed-forward -o torn.json", "rename it"),
    Row("app --port 0", "port"),
)
def test_odd_inputs_are_told_in_one_line(row, here, capsys):
    check(row, here, capsys)


@rows(
    Row("stylize -s mine.weights.h5 -o o.png -- -o.png", (), 0, ("o.png",)),
    Row("stylize '[1].png' -s mine.weights.h5 -o o.png", (), 0, ("o.png",)),
)
def test_odd_names_of_photographs_are_drawn(row, here, capsys):
    check(row, here, capsys)
