"""The queue of trainings: what its judge needs is there before the hours of training."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from stylenet import images

going_on = importlib.import_module("continue")  # a word of Python's


@pytest.mark.parametrize("job", [{"name": "slim_decoder5"}, {"name": "a", "painting": "a.jpg"}])
def test_a_missing_painting_is_told_before_the_training(tmp_path, job):
    photographs = tmp_path / "photographs"
    images.save_image(photographs / "of animals" / "cat.jpg", np.full((40, 50, 3), 90.0))
    folders = SimpleNamespace(photographs=photographs, validation=tmp_path, paintings=tmp_path)
    names = [f"{name}.jpg" for name in going_on.PAINTINGS] + [job.get("painting", "b.jpg")]
    for name in names[:-1]:
        images.save_image(tmp_path / name, np.full((40, 50, 3), 90.0))
    if "painting" in job:
        with pytest.raises(FileNotFoundError, match=r"a\.jpg"):
            going_on.check([job], folders)
    images.save_image(tmp_path / names[-1], np.full((40, 50, 3), 90.0))
    going_on.check([job], folders)
    (tmp_path / names[0]).unlink()
    with pytest.raises(FileNotFoundError, match=names[0]):
        going_on.check([job], folders)


def test_nice_counts_among_all_programs_where_linux_groups_them(tmp_path, monkeypatch):
    monkeypatch.setattr("os.nice", lambda more: 15 + more)
    group = tmp_path / "autogroup"
    going_on.give_way(group)
    assert not group.exists()  # another system, or a kernel without such groups
    group.write_text("0")
    going_on.give_way(group)
    assert group.read_text() == "15"
    going_on.give_way(tmp_path)  # nothing to write into


def test_each_job_of_the_queue_trains_what_ships():
    shipped = {path.name for path in going_on.weights.weights_folder().glob("*.weights.h5")}
    for job in going_on.queue():
        assert {f"{name}.weights.h5" for name in going_on.names_of(job)} <= shipped


def test_decoders_that_lose_the_palette_are_not_better():
    before = {"content": 4.0, "style": 3.0, "color": 8.0}
    assert going_on.is_better(before, {"content": 3.0, "style": 3.5, "color": 8.7})
    assert not going_on.is_better(before, {"content": 3.0, "style": 3.5, "color": 8.9})
    assert not going_on.is_better(before, {"content": 3.0, "style": 4.0, "color": 8.0})


def test_what_is_drawn_is_judged_at_both_strengths_and_by_its_colors(tmp_path, monkeypatch):
    images.save_image(tmp_path / "photograph.png", np.full((32, 32, 3), 90.0))
    for name in going_on.PAINTINGS:
        images.save_image(tmp_path / f"{name}.jpg", np.full((40, 50, 3), 200.0))

    class Stylizer:
        def encode(self, painting):
            return painting

        def stylize(self, photograph, style, alpha):
            return photograph + 10 * alpha * np.array([1.0, 1.0, 1.0])

    monkeypatch.setattr(going_on, "UniversalStylizer", Stylizer)
    monkeypatch.setattr(going_on, "PerceptualLoss", lambda *told: None)
    seen = []

    def measure(loss, photographs, draw, painting):
        seen.append(float(np.mean(draw(photographs[0][None]))))
        return {"content": seen[-1], "style": 2.0, "color": 3.0}

    monkeypatch.setattr(going_on, "measure", measure)
    folders = SimpleNamespace(validation=tmp_path / "photograph.png", paintings=tmp_path)
    found = going_on.drawn(folders)
    assert sorted(set(seen)) == pytest.approx([96.0, 100.0])
    assert found == pytest.approx({"content": 98.0, "style": 2.0, "color": 3.0})
