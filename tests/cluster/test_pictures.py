"""Photographs drawn through Ray: the same to the bit, each once, whatever ends in the middle."""

import os

import numpy as np
import pytest
from helpers import fails, in_process_of_its_own, lines_told, run, smooth

import stylenet
from stylenet import batch, cluster, images, weights
from stylenet.cluster.finished import NAME

pytest.importorskip("ray", reason="Ray is missing: pip install 'stylenet[cluster]'")
pytestmark = pytest.mark.slow

COUNT = 8


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, with photographs and a style of our own."""
    from stylenet.feed_forward.network import transform_net

    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(transform_net(**options), tmp_path / "mine.weights.h5", options)
    (tmp_path / "photos").mkdir()
    for number in range(COUNT):
        images.save_image(tmp_path / f"photos/{number}.png", smooth(30 + number, 44, number))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.png")}


def test_a_folder_is_drawn_as_without_ray_and_not_again(here, capsys, two_nodes):
    """One node of a process each, which load the network, of a file of our own."""
    (here / "photos" / "broken.png").write_bytes(b"no picture")
    line = ["stylize", "photos", "-s", "mine.weights.h5", "-o"]
    alone = run(capsys, *line, "alone")
    code, out, err = run(capsys, *line, "out", "--ray", "auto")
    assert (code, lines_told(err)) == (1, lines_told(alone[2])) and alone[0] == 1
    assert f"drawing {COUNT + 1} photographs with mine on 2 machines, 2 at a time" in out
    assert (
        bytes_of(here / "out") == bytes_of(here / "alone") and len(bytes_of(here / "out")) == COUNT
    )

    before = {path.name: path.stat().st_mtime_ns for path in (here / "out").glob("*.png")}
    images.save_image("photos/0.png", smooth(50, 60))  # another photograph
    (here / "out" / "1.png").write_bytes((here / "out" / "2.png").read_bytes())  # another result
    (here / "out" / "3.png").unlink()
    code, out, _ = run(capsys, *line, "out", "--ray", "auto")
    assert f"{COUNT - 3} of {COUNT + 1} are finished already." in out
    after = {path.name: path.stat().st_mtime_ns for path in (here / "out").glob("*.png")}
    assert {name for name in after if after[name] != before[name]} == {"0.png", "1.png", "3.png"}
    assert images.load_image("out/0.png").shape == (50, 60, 3)
    run(capsys, *line, "alone")
    assert bytes_of(here / "out") == bytes_of(here / "alone")


def test_a_node_that_is_killed_in_the_middle_loses_nothing_and_doubles_nothing(here, deadly):
    turned, ended = deadly
    draw = turned(lambda picture: 255 - picture)
    tasks = [(path, here / "out" / path.name) for path in sorted((here / "photos").iterdir())]
    finished = cluster.Finished(here / "out", draw)
    done = list(cluster.draw_pictures(tasks, draw, "auto", None, finished))
    assert ended.exists()
    assert sorted(path for path, _, error in done if error is None) == [path for path, _ in tasks]
    for path, target in tasks:
        np.testing.assert_array_equal(images.load_image(target), 255 - images.load_image(path))
    assert len(list((here / "out").iterdir())) == COUNT  # and no half ones


def test_a_process_that_always_ends_costs_its_photograph_alone(here, two_nodes, capsys):
    def draw(picture):
        if picture.shape[0] == 32:
            os._exit(1)
        return picture

    assert batch.draw_files("photos", "out", draw, ray="auto") == 1
    [line] = lines_told(capsys.readouterr().err)
    assert line.startswith(f"stylenet: photos{os.sep}2.png: The machine or its process ended")
    assert len(bytes_of(here / "out")) == COUNT - 1


def test_a_style_that_cannot_be_loaded_ends_the_run_with_a_line(here, two_nodes, capsys):
    def load():
        raise ValueError("no such style here")

    with pytest.raises(ConnectionError, match=r"On the machine [\d.]+: .*no such style here"):
        batch.draw_files("photos", "out", stylenet.stylizers.Stylizer(load), ray="auto")


def test_notes_and_failures_name_the_photograph(here, two_nodes, capsys):
    needed = lambda height, width: 10_000 if width > 22 else 0.0  # noqa: E731
    draw = stylenet.stylizers.Stylizer(lambda: lambda picture: picture, memory=needed)
    assert batch.draw_files(["photos/0.png", "photos/1.png"], "out", draw, ray="auto") == 0
    lines = sorted(lines_told(capsys.readouterr().err))
    assert [line.split(":")[1] for line in lines] == [" photos/0.png", " photos/1.png"]
    assert all("drawn with --max-size 22" in line for line in lines)


def test_local_starts_a_cluster_that_ends_with_the_run(here):
    arguments = ["stylize", "photos/0.png", "-s", "mine.weights.h5", "-o"]
    for output, *more in (("out.png", "--ray", "local"), ("alone.png",)):
        done = in_process_of_its_own(*arguments, output, *more, folder=here)
        assert (done.returncode, done.stderr) == (0, "")
    assert (here / "out.png").read_bytes() == (here / "alone.png").read_bytes()
    assert not (here / NAME).exists()


def test_a_cluster_that_is_not_there_is_a_line(here, capsys):
    line = ["stylize", "photos", "-s", "mine.weights.h5", "-o", "out", "--ray", "127.0.0.1:1"]
    assert "Expected a Ray cluster at '127.0.0.1:1'" in fails(capsys, *line)
