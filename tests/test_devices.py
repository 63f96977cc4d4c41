"""What computes, in words."""

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
