"""Photographs one after the other: what happens at the same time, what does not, what fails."""

import threading

import numpy as np
import pytest
from helpers import lines_told, smooth

from stylenet import batch, images, pipeline

WAIT = 600  # seconds, at most, for what another thread is to do meanwhile


@pytest.fixture
def tasks(tmp_path):
    """Five photographs of different widths, and where their results go."""
    tasks = []
    for number in range(5):
        path = tmp_path / f"{number}.png"
        images.save_image(path, smooth(32, 40 + number))
        tasks.append((path, tmp_path / "drawn" / f"{number}.png"))
    return tasks


def negative(picture):
    return 255 - picture


def number_of(picture):
    return picture.shape[1] - 40


def test_results_are_those_of_each_photograph_drawn_alone(tasks):
    assert list(pipeline.draw_in_turn(tasks, negative)) == [(*task, None) for task in tasks]
    for path, target in tasks:
        np.testing.assert_array_equal(images.load_image(target), negative(images.load_image(path)))


def test_while_one_is_drawn_the_next_is_read_and_the_last_is_written(tasks, monkeypatch):
    read = [threading.Event() for _ in tasks]
    written = [threading.Event() for _ in tasks]
    load, save = images.load_image, images.save_image

    def loaded(path, max_size=None):
        picture = load(path, max_size)
        read[number_of(picture)].set()
        return picture

    def saved(path, picture):
        save(path, picture)
        written[number_of(picture)].set()

    def draw(picture):
        number = number_of(picture)
        assert number + 1 == len(tasks) or read[number + 1].wait(WAIT)
        assert number == 0 or written[number - 1].wait(WAIT)
        return picture

    monkeypatch.setattr(images, "load_image", loaded)
    monkeypatch.setattr(images, "save_image", saved)
    assert len(list(pipeline.draw_in_turn(tasks, draw))) == len(tasks)


def test_only_one_photograph_is_read_ahead_and_one_waits_to_be_written(tasks, monkeypatch):
    read, drawn, free = [], [], threading.Event()
    load, save = images.load_image, images.save_image

    def loaded(path, max_size=None):
        read.append(path)
        return load(path, max_size)

    def saved(path, picture):
        assert free.wait(WAIT)  # a slow disk
        save(path, picture)

    def draw(picture):
        assert len(read) <= len(drawn) + 2
        drawn.append(picture)
        if len(drawn) == 2:
            free.set()
        assert len(drawn) <= 2 or free.is_set()
        return picture

    monkeypatch.setattr(images, "load_image", loaded)
    monkeypatch.setattr(images, "save_image", saved)
    assert len(list(pipeline.draw_in_turn(tasks, draw))) == len(tasks)


def test_each_failure_is_one_line_and_the_rest_is_done(tasks, capsys, monkeypatch):
    def draw(picture):
        if number_of(picture) == 1:
            raise ValueError("cannot be drawn")
        return picture

    def full(path, picture):
        if number_of(picture) == 3:
            raise OSError("cannot be written")
        return save(path, picture)

    save = images.save_image
    monkeypatch.setattr(images, "save_image", full)
    paths = [path for path, _ in tasks]
    paths[0].write_bytes(b"no picture")
    assert batch.draw_files(paths, tasks[0][1].parent, draw) == 1
    first, second, third = lines_told(capsys.readouterr().err)
    assert str(paths[0]) in first and "cannot be drawn" in second and "cannot be written" in third
    assert sorted(path.name for path in tasks[0][1].parent.iterdir()) == ["2.png", "4.png"]


def test_a_fault_of_the_program_is_no_photographs(tasks):
    def draw(picture):
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        list(pipeline.draw_in_turn(tasks, draw))
