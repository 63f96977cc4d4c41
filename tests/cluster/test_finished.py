"""What counts as finished in a folder of results; and a machine without Ray."""

import json
import sys

import pytest
from helpers import fails, smooth

import stylenet
from stylenet import cluster, images, weights
from stylenet.cluster.finished import NAME


def own_style(path):
    from stylenet.feed_forward.network import transform_net

    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(transform_net(**options), path, options)


@pytest.fixture
def task(tmp_path, monkeypatch):
    """A photograph and its result, which are both there, and a style of our own."""
    own_style(tmp_path / "mine.weights.h5")
    for name in ("photo.png", "out/photo.png"):
        images.save_image(tmp_path / name, smooth())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "photo.png", tmp_path / "out" / "photo.png"


def lacks(task, draw, max_size=None):
    return cluster.Finished("out", draw, max_size).lacking([task]) == [task]


BLEND = {"klee_senecio": 2, "the_kiss": 1}


@pytest.mark.parametrize("style", ["mine.weights.h5", "wave", "many/the_kiss", BLEND], ids=str)
def test_what_one_style_has_finished_no_other_has(task, style):
    draw = stylenet.stylizer(style)
    assert lacks(task, draw)
    cluster.Finished("out", draw).add(*task)
    assert not lacks(task, draw) and lacks(task, draw, 99)
    assert lacks(task, stylenet.stylizer(style, strength=0.25))
    assert lacks(task, stylenet.stylizer("udnie"))


def test_paintings_are_told_apart_by_their_pixels(task):
    first, second = (stylenet.stylizer(smooth(seed=seed), "onepass") for seed in (0, 1))
    cluster.Finished("out", first).add(*task)
    assert not lacks(task, first) and lacks(task, second)


def test_weights_that_changed_under_the_same_name_are_another_style(task):
    cluster.Finished("out", stylenet.stylizer("mine.weights.h5")).add(*task)
    own_style("mine.weights.h5")
    assert lacks(task, stylenet.stylizer("mine.weights.h5"))


@pytest.mark.parametrize("number", [0, 1], ids=["photograph", "result"])
def test_a_file_that_somebody_touched_is_drawn_anew(task, number):
    draw = stylenet.stylizer("wave")
    cluster.Finished("out", draw).add(*task)
    images.save_image(task[number], smooth(seed=1))
    assert lacks(task, draw)
    task[number].unlink()
    assert lacks(task, draw)


def test_what_cannot_be_recognized_is_never_finished(task):
    for draw in (stylenet.stylizers.Stylizer(lambda: None), lambda picture: picture):
        cluster.Finished("out", draw).add(*task)
        assert lacks(task, draw)


def test_a_record_that_was_cut_counts_as_far_as_it_goes(tmp_path):
    (tmp_path / NAME).write_text(json.dumps(["0.png", [1]]) + '\n["1.png", [')
    assert cluster.Finished(tmp_path, None).known == {"0.png": [1]}


def test_without_ray_a_sentence_says_what_to_install(task, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    line = ["stylize", "photo.png", "-s", "wave", "-o", "new.png", "--ray", "local"]
    assert "This needs Ray: pip install 'stylenet[cluster]'." in fails(capsys, *line)
