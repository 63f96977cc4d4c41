"""What computes, in words."""

import os
import subprocess
import sys

import pytest

from stylenet import devices


def driver(monkeypatch, path, installed):
    monkeypatch.setattr(devices, "DRIVERS", (str(path),))
    monkeypatch.setattr(devices, "_installed", lambda package: installed)


def test_without_a_gpu_the_cores_are_counted(monkeypatch, tmp_path):
    driver(monkeypatch, tmp_path / "none", installed=True)
    assert devices.describe() == f"{devices.cores()} CPU core{'s' * (devices.cores() > 1)}"


def test_a_gpu_that_lies_idle_is_told_with_what_puts_it_to_work(monkeypatch, tmp_path):
    driver(monkeypatch, tmp_path, installed=False)
    assert "a GPU is present" in devices.describe()
    assert devices.describe().endswith("pip install 'stylenet[gpu]'")
    driver(monkeypatch, tmp_path, installed=True)
    assert devices.describe() == "a GPU"


def test_packages_are_found_by_name():
    assert devices._installed("numpy")
    assert not devices._installed("nvidia-cudnn-cu00")


@pytest.mark.parametrize(("before", "expected"), [(None, "4"), ("3", "3")])
def test_xla_has_four_threads_on_few_cores_unless_told_otherwise(before, expected):
    environment = {name: value for name, value in os.environ.items() if name != "NPROC"}
    environment |= {"NPROC": before} if before else {}
    code = (
        "import os\nif hasattr(os, 'sched_setaffinity'): os.sched_setaffinity(0, {min("
        "os.sched_getaffinity(0))})\nimport stylenet\nprint(os.environ.get('NPROC'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [expected]
