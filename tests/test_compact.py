import h5py
import numpy as np
import pytest

from stylenet import compact, weights
from stylenet.feed_forward.network import load_network, transform_net

OPTIONS = {"padding": "reflect", "upsampling": "nearest", "width": 8, "styles": ["a", "b"]}


@pytest.fixture
def network():
    network = transform_net("reflect", "nearest", 8, styles=2)
    random = np.random.default_rng(0)
    for variable in network.variables:
        variable.assign(random.normal(0, 0.3, variable.shape))
    return network


def test_no_weight_is_off_by_more_than_half_a_step():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 5, 7)).astype("float32")
    numbers, steps = compact.integers(kernel)
    assert numbers.dtype == np.int8
    assert numbers.min() >= -127
    np.testing.assert_allclose(steps, np.abs(kernel).max(axis=(0, 1, 2)) / 127, rtol=1e-6)
    assert (np.abs(numbers * steps - kernel) <= steps / 2 * 1.001).all()


def test_a_filter_of_zeros_stays_one():
    numbers, steps = compact.integers(np.zeros((3, 3, 2, 4), "float32"))
    assert not numbers.any() and np.isfinite(steps).all()


def test_a_file_of_8_bits_brings_back_kernels_to_a_step_and_the_rest_to_16_bits(network, tmp_path):
    path = tmp_path / "many.weights.h5"
    weights.save_network(network, path, OPTIONS, dtype="int8")
    for layer, loaded in zip(network.layers, load_network(path).layers, strict=True):
        for before, after in zip(layer.get_weights(), loaded.get_weights(), strict=True):
            bound = np.abs(before) * 2**-11 + 2**-25
            if before.ndim == 4 and min(before.shape[2:]) > 3:
                bound = np.abs(before).max(axis=(0, 1, 2)) / 254 * 1.001
            assert (np.abs(after - before) <= bound).all(), layer.name


def test_a_drawing_changes_by_less_than_three_grey_levels(network, tmp_path):
    path = tmp_path / "many.weights.h5"
    weights.save_network(network, path, OPTIONS, dtype="int8")
    picture = np.random.default_rng(1).uniform(0, 255, (1, 32, 32, 3)).astype("float32")
    inputs = [picture, np.eye(8, dtype="float32")[:1]]
    pair = [each.predict_on_batch(inputs) for each in (network, load_network(path))]
    assert np.sqrt(np.mean(np.square(pair[0] - pair[1]))) < 3


def test_thirty_two_styles_fit_into_two_and_a_half_megabytes(tmp_path):
    network = transform_net("reflect", "nearest", 32, styles=32)
    random = np.random.default_rng(0)
    for variable in network.variables:  # noise: nothing of it can be compressed away
        variable.assign(random.normal(0, 1, variable.shape))
    path = tmp_path / "many.weights.h5"
    weights.save_network(network, path, OPTIONS, dtype="int8")
    assert path.stat().st_size < 2_500_000


def test_other_files_are_read_as_they_are(tmp_path):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["a"] = np.ones(3)
    with compact.unpacked(path) as same:
        assert same == path
    with compact.unpacked(tmp_path / "none.h5") as same:
        assert same == tmp_path / "none.h5"
