import functools
import hashlib
import json

import keras
import numpy as np
import pytest

from stylenet import weights
from stylenet.feed_forward.network import PADDINGS, UPSAMPLINGS, load_network, transform_net
from stylenet.weights import network_options, save_network, style_file, styles

VARIANTS = [
    {"padding": padding, "upsampling": upsampling, "width": 2}
    for padding in PADDINGS
    for upsampling in UPSAMPLINGS
]
OPTIONS = VARIANTS[-1]


def network_of(options, seed=0):
    return _network_of(json.dumps(options), seed)


@functools.cache
def _network_of(options, seed):
    options = json.loads(options)
    network = transform_net(**options)
    random = np.random.default_rng(seed)
    for variable in network.variables:
        variable.assign(random.normal(0, 0.1, variable.shape))
    return network


def arrays(network):
    return [keras.ops.convert_to_numpy(variable) for variable in network.variables]


def assert_same_arrays(a, b, rtol=0):
    assert [v.path for v in a.variables] == [v.path for v in b.variables]
    for x, y in zip(arrays(a), arrays(b), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol)


def assert_one_line_naming(error, path):
    message = str(error.value)
    assert "\n" not in message
    assert str(path) in message


@pytest.fixture
def path(tmp_path):
    return tmp_path / "wave.weights.h5"


# ---------------------------------------------------------------- saving and loading


@pytest.mark.parametrize("options", VARIANTS)
def test_a_file_brings_back_the_network_and_its_options(options, path):
    network = network_of(options)
    save_network(network, path, options)
    loaded = load_network(path)
    assert network_options(path) == options
    assert_same_arrays(loaded, network)
    pictures = np.random.default_rng(1).uniform(0, 255, (1, 16, 20, 3)).astype("float32")
    np.testing.assert_array_equal(loaded(pictures), network(pictures))


def test_half_precision_loses_less_than_a_thousandth_and_halves_the_file(tmp_path):
    options = {"width": 12}
    network = network_of(options)
    whole, half = tmp_path / "whole.weights.h5", tmp_path / "half.weights.h5"
    save_network(network, whole, options)
    save_network(network, half, options, dtype="float16")
    loaded = load_network(half)
    assert {v.dtype for v in loaded.variables} == {"float32"}
    for found, expected in zip(arrays(loaded), arrays(network), strict=True):
        # Half of the last of 11 bits; below 6e-5 the numbers are equally spaced.
        np.testing.assert_allclose(found, expected, rtol=2**-11, atol=2**-25)
    assert any((a != b).any() for a, b in zip(arrays(loaded), arrays(network), strict=True))
    assert half.stat().st_size < 0.65 * whole.stat().st_size
    assert network_options(half) == options


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_keras_loads_the_file_too(path, dtype):
    network, other = network_of(OPTIONS), transform_net(**OPTIONS)
    save_network(network, path, OPTIONS, dtype=dtype)
    other.load_weights(path)
    assert_same_arrays(other, network, rtol=2**-10 if dtype == "float16" else 0)


def test_a_file_without_a_description_holds_the_courses_network(path):
    network = transform_net()
    network.save_weights(path)
    assert network_options(path) == {}
    assert_same_arrays(load_network(path), network)


def test_a_path_may_be_a_string_and_lie_in_the_present_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    network = network_of(OPTIONS)
    save_network(network, "wave.weights.h5", OPTIONS)
    assert_same_arrays(load_network("wave.weights.h5"), network)


def test_saving_leaves_nothing_but_the_file(path):
    for dtype in ("float32", "float16"):
        save_network(network_of(OPTIONS), path, OPTIONS, dtype=dtype)
        assert list(path.parent.iterdir()) == [path]


def fail(*_, **__):
    raise OSError("No space left on device")


@pytest.mark.parametrize("broken", ["os.replace", "json.dumps", "h5py.Group.create_dataset"])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_failure_leaves_the_old_file_and_no_other(path, monkeypatch, broken, dtype):
    save_network(network_of(OPTIONS), path, OPTIONS)
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(broken, fail)
        with pytest.raises(OSError, match="No space left"):
            save_network(network_of(OPTIONS, seed=1), path, OPTIONS, dtype=dtype)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_of_the_conversion_leaves_no_file(path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("h5py.Dataset.__getitem__", fail)
        with pytest.raises(OSError, match="No space left"):
            save_network(network_of(OPTIONS), path, OPTIONS, dtype="float16")
    assert list(path.parent.iterdir()) == []


# ---------------------------------------------------------------- files that do not fit


def test_a_missing_file_is_named(path):
    with pytest.raises(FileNotFoundError) as error:
        load_network(path)
    assert_one_line_naming(error, path)


def test_a_folder_is_no_weights_file(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        load_network(tmp_path)
    assert_one_line_naming(error, tmp_path)


def assert_refused(path):
    with pytest.raises(ValueError, match="to hold the weights of a stylenet network") as error:
        load_network(path)
    assert_one_line_naming(error, path)


def test_text_is_refused(path):
    path.write_text("not HDF5")
    assert_refused(path)


def test_a_truncated_file_is_refused(path):
    save_network(network_of(OPTIONS), path, OPTIONS)
    path.write_bytes(path.read_bytes()[:-5000])
    assert_refused(path)


def test_weights_of_another_architecture_are_refused(path):
    inputs = keras.Input((4,))
    keras.Model(inputs, keras.layers.Dense(3)(inputs)).save_weights(path)
    assert_refused(path)


def test_weights_of_another_width_are_refused(path):
    save_network(network_of(OPTIONS), path, {**OPTIONS, "width": 3})
    assert_refused(path)


@pytest.mark.parametrize("options", [{"width": 0}, {"depth": 3}, {"padding": "mirror"}, [1]])
def test_options_that_build_no_network_are_refused(path, options):
    save_network(network_of(OPTIONS), path, options)
    assert_refused(path)


# ---------------------------------------------------------------- shipped styles


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A weights folder with the styles wave and candy, and the record of a loss network."""
    folder = tmp_path / "weights"
    folder.mkdir()
    monkeypatch.setattr(weights, "weights_folder", lambda: folder)
    for seed, name in enumerate(("wave", "candy")):
        file = folder / f"{name}.weights.h5"
        save_network(network_of(OPTIONS, seed), file, OPTIONS)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        record = {
            "name": name,
            "kind": "style",
            "file": file.name,
            "sha256": digest,
            "training": {},
        }
        (folder / f"{name}.json").write_text(json.dumps(record))
    slim = record | {"name": "slim", "kind": "features", "file": "slim.weights.h5"}
    (folder / "slim.json").write_text(json.dumps(slim))
    return folder


def test_styles_are_the_records_of_styles_in_alphabetical_order(shipped):
    assert list(styles()) == ["candy", "wave"]
    assert styles()["wave"]["file"] == "wave.weights.h5"


def test_without_records_there_are_no_styles(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "weights_folder", lambda: tmp_path / "missing")
    assert styles() == {}
    with pytest.raises(ValueError, match="none is here"):
        style_file("wave")


def test_a_shipped_style_is_loaded_by_name(shipped):
    assert style_file("wave") == shipped / "wave.weights.h5"
    assert_same_arrays(load_network("wave"), network_of(OPTIONS, seed=0))


def test_a_style_that_was_changed_is_refused(shipped):
    content = bytearray((shipped / "wave.weights.h5").read_bytes())
    content[-1] ^= 1
    (shipped / "wave.weights.h5").write_bytes(content)
    with pytest.raises(ValueError, match="missing or was changed") as error:
        load_network("wave")
    assert_one_line_naming(error, shipped / "wave.weights.h5")
    style_file("candy")


def test_a_style_whose_file_is_missing_is_refused(shipped):
    (shipped / "wave.weights.h5").unlink()
    with pytest.raises(ValueError, match="missing or was changed"):
        style_file("wave")


def test_an_unknown_style_is_told_the_known_ones(shipped):
    with pytest.raises(ValueError, match=r"candy, wave.*Received: 'vawe'"):
        style_file("vawe")


def test_a_path_is_taken_unverified(shipped, path):
    path.write_text("anything")
    assert style_file(path) == path


def test_sha256_is_that_of_the_standard(tmp_path):
    file = tmp_path / "abc"
    file.write_bytes(b"abc")
    assert weights.sha256(file) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_weights_that_are_not_finite_are_not_drawn_with(tmp_path):
    network = transform_net(width=4)
    network.weights[5].assign(np.full(network.weights[5].shape, np.nan))
    save_network(network, tmp_path / "bad.weights.h5", {"width": 4})
    with pytest.raises(ValueError, match=r"bad\.weights\.h5.*not finite"):
        load_network(tmp_path / "bad.weights.h5")


@pytest.mark.parametrize("options", [{"width": 10**8}, {"width": -1}, {"width": "x"}, ["width"], 7])
def test_a_description_that_makes_no_sense_is_refused_before_anything_is_built(tmp_path, options):
    save_network(transform_net(width=4), tmp_path / "bad.weights.h5", options)
    with pytest.raises(ValueError, match=r"Expected .*bad\.weights\.h5"):
        load_network(tmp_path / "bad.weights.h5")


def test_a_misspelled_style_is_recognized():
    with pytest.raises(ValueError, match="Did you mean 'starry_night'"):
        style_file("stary_nite")
