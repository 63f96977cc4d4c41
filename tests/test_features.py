import contextlib
import hashlib
import http.server
import shutil
import threading
from functools import partial
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import applications

from stylenet import features, weights
from stylenet.features import NETWORKS, feature_extractor

KERAS = {
    "vgg16": (applications.VGG16, applications.vgg16.preprocess_input),
    "vgg19": (applications.VGG19, applications.vgg19.preprocess_input),
}
VGG16 = NETWORKS["vgg16"].filename


def blocks(model):
    return [layer.name for layer in model.layers if layer.name.startswith("block")]


def pictures(height=32, width=48, batch=2):
    random = np.random.default_rng(0)
    return random.uniform(0, 255, (batch, height, width, 3)).astype("float32")


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def all_layers(network):
    return [f"block{i}_conv{j}" for i in range(1, 6) for j in range(1, depth(network, i) + 1)]


def depth(network, block):
    return 2 if block < 3 else 3 if network == "vgg16" else 4


def keras_features(network, arrays, images):
    """The same layers by keras.applications, which preprocesses outside of the network."""
    build, preprocess = KERAS[network]
    model = build(include_top=False, weights=None)
    model.set_weights(arrays)
    outputs = {name: model.get_layer(name).output for name in all_layers(network)}
    found = keras.Model(model.input, outputs)(preprocess(images.copy()))
    return {name: array(maps) for name, maps in found.items()}


@pytest.fixture(scope="module")
def vgg16():
    """VGG16 with random kernels and biases, every layer of it."""
    keras.utils.set_random_seed(0)
    extractor = feature_extractor("vgg16", all_layers("vgg16"), weights="random")
    for variable in extractor.variables:
        if variable.path.endswith("bias"):
            variable.assign(np.random.default_rng(0).normal(size=variable.shape))
    return extractor


@pytest.fixture(scope="module")
def vgg16_path(vgg16, tmp_path_factory):
    """The weights of `vgg16` in the layout of the file that Keras publishes."""
    path = tmp_path_factory.mktemp("weights") / VGG16
    kernels = {v.path: array(v) for v in vgg16.variables}
    names = [name.encode() for name in ("input_1", *blocks(vgg16), "block5_pool")]
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = names
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.0.0"
        for name in (name.decode() for name in names):
            group = file.create_group(name)
            group.attrs["weight_names"] = []
            if "conv" in name:
                group.attrs["weight_names"] = [f"{name}_W_1:0".encode(), f"{name}_b_1:0".encode()]
                group[f"{name}_W_1:0"] = kernels[f"{name}/kernel"]
                group[f"{name}_b_1:0"] = kernels[f"{name}/bias"]
    return path


# ---------------------------------------------------------------- features


def test_every_layer_of_vgg16_is_that_of_keras(vgg16):
    found, expected = vgg16(pictures()), keras_features("vgg16", vgg16.get_weights(), pictures())
    assert list(found) == list(expected)
    for name, maps in expected.items():
        np.testing.assert_allclose(array(found[name]), maps, rtol=1e-4, atol=1e-4 * maps.max())


def test_every_layer_of_the_real_vgg19_is_that_of_keras(vgg19_path):
    extractor = feature_extractor("vgg19", all_layers("vgg19"), weights=vgg19_path)
    with h5py.File(vgg19_path) as file:
        arrays = [file[name][f"{name}_{x}_1:0"][()] for name in all_layers("vgg19") for x in "Wb"]
    found, expected = extractor(pictures()), keras_features("vgg19", arrays, pictures())
    assert list(found) == list(expected)
    for name, maps in expected.items():
        np.testing.assert_allclose(array(found[name]), maps, rtol=1e-4, atol=1e-4 * maps.max())


def test_preprocessing_is_part_of_the_extractor(vgg16):
    """First convolution in NumPy at one pixel: RGB to BGR, minus ImageNet's mean."""
    images = pictures(batch=1)
    patch = images[0, 4:7, 9:12, ::-1] - np.array([103.939, 116.779, 123.68])
    kernel, bias = vgg16.get_layer("block1_conv1").get_weights()
    expected = np.maximum(np.einsum("hwi,hwio->o", patch, kernel) + bias, 0)
    np.testing.assert_allclose(array(vgg16(images)["block1_conv1"])[0, 5, 10], expected, atol=1e-2)


def test_the_pictures_are_not_overwritten(vgg16):
    images = pictures(16, 16)
    before = images.copy()
    vgg16(images)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (50, 20)])
def test_maps_of_any_size_are_halved_at_each_pooling(vgg16, size):
    found = vgg16(pictures(*size, batch=1))
    for name, maps in found.items():
        halvings = int(name[5]) - 1
        assert maps.shape[1:3] == (size[0] >> halvings, size[1] >> halvings)


def test_the_features_are_a_dict_in_the_order_asked_for():
    names = ["block2_conv1", "block1_conv2"]
    extractor = feature_extractor("vgg16", names, weights="random")
    found = extractor(pictures(16, 16, batch=1))
    assert [found[name].shape[-1] for name in names] == [128, 64]
    assert sorted(found) == sorted(names)


def test_layers_above_the_highest_are_not_computed():
    assert blocks(feature_extractor("vgg19", ["block2_conv1"], weights="random")) == [
        "block1_conv1",
        "block1_conv2",
        "block1_pool",
        "block2_conv1",
    ]


def test_the_extractor_is_frozen(vgg16):
    assert not vgg16.trainable
    assert vgg16.trainable_variables == []
    assert len(vgg16.variables) == 26


# ---------------------------------------------------------------- weights files


def assert_loaded(extractor, vgg16):
    for found, expected in zip(extractor.get_weights(), vgg16.get_weights(), strict=False):
        np.testing.assert_array_equal(found, expected)


def test_a_file_in_keras_layout_is_loaded_by_its_path(vgg16, vgg16_path):
    for path in (vgg16_path, str(vgg16_path)):
        extractor = feature_extractor("vgg16", all_layers("vgg16"), weights=path)
        assert_loaded(extractor, vgg16)


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine on which no weights are: neither in a folder, nor in the cache, nor online."""
    for name in ("project", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.delenv("STYLENET_WEIGHTS", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(weights, "weights_folder", lambda: tmp_path / "project")
    cached = partial(keras.utils.get_file, cache_dir=tmp_path / "cache")
    monkeypatch.setattr(keras.utils, "get_file", cached)
    monkeypatch.setattr(features, "URL", "http://127.0.0.1:9/")  # the port that discards
    return tmp_path


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def assert_names_three_ways_out(error):
    message = str(error.value)
    assert "\n" not in message and VGG16 in message
    for way in ("as `weights`", "STYLENET_WEIGHTS", "connect to the internet"):
        assert way in message


def test_without_network_the_error_names_the_file_and_three_ways_to_provide_it(nowhere):
    with pytest.raises(FileNotFoundError) as error:
        feature_extractor("vgg16", ["block1_conv1"])
    assert_names_three_ways_out(error)
    assert files(nowhere) == []


def test_the_project_is_searched_before_the_cache_and_the_variables_folder_before_both(
    nowhere, monkeypatch
):
    content = b"cached"
    (nowhere / "cache" / "models").mkdir()
    (nowhere / "cache" / "models" / VGG16).write_bytes(content)
    md5 = hashlib.md5(content).hexdigest()

    def found():
        return weights.find_weights(VGG16, features.URL + VGG16, md5)

    assert found() == str(nowhere / "cache" / "models" / VGG16)
    (nowhere / "project" / VGG16).touch()
    assert found() == str(nowhere / "project" / VGG16)
    (nowhere / "own").mkdir()
    monkeypatch.setenv("STYLENET_WEIGHTS", str(nowhere / "own"))
    assert found() == str(nowhere / "project" / VGG16)
    (nowhere / "own" / VGG16).touch()
    assert found() == str(nowhere / "own" / VGG16)


def test_the_variables_folder_is_used_by_the_extractor(nowhere, monkeypatch, vgg16, vgg16_path):
    monkeypatch.setenv("STYLENET_WEIGHTS", str(vgg16_path.parent))
    assert_loaded(feature_extractor("vgg16", ["block1_conv2"]), vgg16)


def test_an_explicit_path_comes_before_all_others(nowhere, monkeypatch, vgg16, vgg16_path):
    (nowhere / "project" / VGG16).write_text("not this one")
    monkeypatch.setenv("STYLENET_WEIGHTS", str(nowhere / "project"))
    assert_loaded(feature_extractor("vgg16", ["block1_conv2"], weights=vgg16_path), vgg16)


@contextlib.contextmanager
def served(content, length=None):
    """An HTTP server on this machine that answers every request with `content`."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(length or len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", requests
        finally:
            server.shutdown()
            thread.join()


def expect_md5(monkeypatch, content):
    md5 = hashlib.md5(content).hexdigest()
    monkeypatch.setitem(NETWORKS, "vgg16", NETWORKS["vgg16"]._replace(md5=md5))


def test_weights_are_downloaded_once_and_then_found_in_the_cache(
    nowhere, monkeypatch, vgg16, vgg16_path
):
    content = vgg16_path.read_bytes()
    expect_md5(monkeypatch, content)
    with served(content) as (url, requests):
        monkeypatch.setattr(features, "URL", url)
        for _ in range(2):
            assert_loaded(feature_extractor("vgg16", ["block1_conv2"]), vgg16)
    assert requests == [f"/vgg16/{VGG16}"]
    assert files(nowhere) == [nowhere / "cache" / "models" / VGG16]


def test_a_download_with_a_wrong_checksum_is_never_used(nowhere, monkeypatch):
    expect_md5(monkeypatch, b"what Keras publishes")
    with served(b"something else") as (url, requests):
        monkeypatch.setattr(features, "URL", url)
        for _ in range(2):
            with pytest.raises(FileNotFoundError, match="hash does not match") as error:
                feature_extractor("vgg16", ["block1_conv1"])
    assert_names_three_ways_out(error)
    assert len(requests) == 2


def test_a_download_that_breaks_off_leaves_no_file(nowhere, monkeypatch):
    content = b"half of the file"
    expect_md5(monkeypatch, content)
    with served(content, length=2 * len(content)) as (url, _):
        monkeypatch.setattr(features, "URL", url)
        with pytest.raises(FileNotFoundError) as error:
            feature_extractor("vgg16", ["block1_conv1"])
    assert_names_three_ways_out(error)
    assert files(nowhere) == []


# ---------------------------------------------------------------- what is refused


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match=r"\('vgg16', 'vgg19', 'slim'\)\. Received: 'resnet'"):
        feature_extractor("resnet", ["block1_conv1"])


@pytest.mark.parametrize("names", [["relu4_2"], ["block1_conv1", "block3_conv4"], ["pictures"]])
def test_an_unknown_layer_is_told_the_known_ones(names):
    with pytest.raises(ValueError, match=rf"block1_conv1, .*Received: \['{names[-1]}'\]"):
        feature_extractor("vgg16", names, weights="random")


def test_no_layers_are_refused():
    with pytest.raises(ValueError, match="Received: none"):
        feature_extractor("vgg16", [], weights="random")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"There is no file .*missing\.h5"):
        feature_extractor("vgg16", ["block1_conv1"], weights=tmp_path / "missing.h5")


def assert_refused(network, path):
    with pytest.raises(ValueError, match="to hold the weights of") as error:
        feature_extractor(network, ["block1_conv1"], weights=path)
    message = str(error.value)
    assert "\n" not in message
    assert str(path) in message and network in message


def test_weights_of_another_network_are_refused(vgg16_path):
    assert_refused("vgg19", vgg16_path)


def test_the_real_vgg19_is_no_vgg16(vgg19_path):
    assert_refused("vgg16", vgg19_path)


@pytest.mark.parametrize("suffix", [".h5", ".weights.h5", ".txt"])
def test_text_is_refused(tmp_path, suffix):
    path = tmp_path / f"notes{suffix}"
    path.write_text("not HDF5")
    assert_refused("vgg16", path)


def test_a_truncated_file_is_refused(tmp_path, vgg16_path):
    path = tmp_path / "truncated.h5"
    path.write_bytes(vgg16_path.read_bytes()[:-100_000])
    assert_refused("vgg16", path)


def test_an_hdf5_file_without_layers_is_refused(tmp_path):
    path = tmp_path / "empty.h5"
    h5py.File(path, "w").close()
    assert_refused("vgg16", path)


def test_a_file_that_is_not_keras_own_is_used_which_is_said_once(capsys, tmp_path, vgg16_path):
    path = tmp_path / "other.h5"
    path.write_bytes(Path(vgg16_path).read_bytes())
    for _ in range(2):
        feature_extractor("vgg16", ["block1_conv1"], weights=path)
    said = capsys.readouterr().err
    assert said.startswith(f"stylenet: {path} is not the file of vgg16 that Keras publishes")
    assert said.count("\n") == 1 and "MD5 6d6bbae143d832006294945121d1f1fc" in said


def test_four_kilobytes_of_zeros_in_the_real_vgg19_are_noticed(capsys, tmp_path, vgg19_path):
    feature_extractor("vgg19", ["block1_conv1"], weights=vgg19_path)
    assert capsys.readouterr().err == ""
    path = tmp_path / "zeros.h5"
    shutil.copy(vgg19_path, path)
    with h5py.File(path, "r+") as file:
        group = file["block3_conv2"]
        kernel = next(group[name] for name in group.attrs["weight_names"])
        kernel[0, 0, :4, :256] = 0
    feature_extractor("vgg19", ["block1_conv1"], weights=path)
    assert "zeros.h5 is not the file of vgg19 that Keras publishes" in capsys.readouterr().err
