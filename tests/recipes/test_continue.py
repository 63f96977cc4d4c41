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
    for job in going_on.queue():
        if job["name"] == going_on.TOGETHER:
            continue
        assert (going_on.weights.weights_folder() / f"{job['name']}.weights.h5").is_file()
