"""What is timed, how often, and what becomes of it; no test depends on a time."""

import json

import numpy as np
import pytest
from helpers import fails, run

from stylenet import errors, gatys
from stylenet.commands import timing


class Clock:
    """Stands in for `time.perf_counter`: time passes only by `work`."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(timing.time, "perf_counter", lambda: self.now)

    def work(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def invented(monkeypatch):
    """Two methods whose times are known: so many nanoseconds a pixel, and per cent a round."""
    methods = {
        "feed-forward": lambda size, rounds, loss_network: size**2 * 1e-9,
        "slow": lambda size, rounds, loss_network: size**2 * 1e-6 + rounds / 100,
    }
    monkeypatch.setattr(timing, "METHODS", methods)


def test_the_median_leaves_out_two_runs_to_get_warm(clock):
    durations = iter([50.0, 20.0, 3.0, 1.0, 2.0])
    assert timing.seconds(lambda picture: clock.work(next(durations)), 40, rounds=3) == 2.0
    assert next(durations, None) is None


def test_gatys_time_is_that_of_500_warm_steps(clock, monkeypatch):
    def stylize(content, style, num_steps, callback, **options):
        assert content.shape == style.shape == (40, 40, 3)
        assert (options["network"], options["weights"]) == ("slim", "a file")
        for step in range(num_steps):
            clock.work(60.0 if step < 2 else 0.5)
            callback(step + 1, {}, content)

    monkeypatch.setattr(gatys, "stylize", stylize)
    assert timing._gatys(40, 3, {"network": "slim", "weights": "a file"}) == 500 * 0.5


def test_ctrl_c_ends_a_measurement_instead_of_one_optimization_of_it(monkeypatch):
    seen = lambda *arguments: errors.ends_all() or 1.0  # noqa: E731
    monkeypatch.setattr(timing, "METHODS", {"gatys like": seen})
    assert timing.measure((32,), progress=False)["seconds"] == {"gatys like": [True]}
    assert not errors.ends_all()


def test_each_method_has_a_number_a_size(invented):
    result = timing.measure((32, 64), rounds=2, progress=False)
    assert result["sizes"] == [32, 64]
    assert result["seconds"] == {
        "feed-forward": [32**2 * 1e-9, 64**2 * 1e-9],
        "slow": [32**2 * 1e-6 + 0.02, 64**2 * 1e-6 + 0.02],
    }
    assert "cores" in result["machine"] and "Keras" in result["machine"]
    assert timing.measure((32,), ["slow"], progress=False)["seconds"].keys() == {"slow"}


def test_gatys_time_is_that_of_the_loss_network_asked_for(monkeypatch):
    seen = []
    monkeypatch.setitem(timing.METHODS, "gatys", lambda *call: seen.append(call) or 1.0)
    timing.measure((32,), ["gatys"], 2, "imagenet", progress=False, network="slim")
    assert seen == [(32, 2, {"network": "slim", "weights": "imagenet"})]


def test_a_network_runs_and_takes_time():
    seconds = timing.measure((32,), ["feed-forward"], rounds=1, progress=False)["seconds"]
    assert seconds["feed-forward"][0] > 0


def test_pictures_are_random_but_the_same_each_time():
    first, again, other = timing._picture(32), timing._picture(32), timing._picture(32, seed=1)
    np.testing.assert_array_equal(first, again)
    assert first.shape == (32, 32, 3) and np.abs(first - other).mean() > 50


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"methods": ["oil"]}, r"method to be one of \('feed-forward'"),
        ({"rounds": 0}, "rounds to be a whole number from 1"),
        ({"sizes": (31,)}, "size to be a whole number from 32"),
        ({"sizes": ()}, "at least one size"),
    ],
)
def test_impossible_measurements_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        timing.measure(progress=False, **arguments)


def test_absent_weights_are_told_before_anything_is_timed(clock, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.h5"):
        timing.measure((32,), weights=tmp_path / "none.h5", progress=False)


def test_the_command_writes_what_it_prints(invented, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = run(capsys, "benchmark", "slow", "--size", 100, "--rounds", 1)
    assert code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["runtimes.json"]
    result = json.loads((tmp_path / "runtimes.json").read_text())
    assert result["seconds"] == {"slow": [pytest.approx(0.02)]}
    assert result["machine"] in out and "100 px: 0.02" in out


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["-o", "times.txt"], "times.txt"),
        (["oil"], "oil"),
        (["--size", "8"], "size"),
        (["--rounds", "0"], "rounds"),
        (["gatys", "--weights", "none.h5"], "none.h5"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    capsys, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    assert message in fails(capsys, "benchmark", *arguments)
    assert not list(tmp_path.iterdir())
