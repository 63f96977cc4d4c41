"""Old weights files, written here by hand, against a forward pass that knows only NumPy."""

import json
import os
from itertools import chain

import h5py
import numpy as np
import pytest
from old_weights import (
    RESIDUALS,
    keras_layers,
    random_arrays,
    write_keras,
    write_npz,
    write_weights_alone,
    write_whole_model,
)

from stylenet.feed_forward import legacy
from stylenet.feed_forward.network import load_network

pytestmark = [
    pytest.mark.filterwarnings("error"),
    # Keras' TensorFlow backend on NumPy 2, not ours
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SIZE = (16, 20)


def picture():
    return np.random.default_rng(1).uniform(0, 255, (*SIZE, 3)).astype("float32")


# The network from its definition, in float64, with the arrays as the old programs keep them.


def same_padding(size, kernel_size, stride):
    """TensorFlow's: an odd pixel of padding goes to the end."""
    total = max((-(-size // stride) - 1) * stride + kernel_size - size, 0)
    return total // 2, total - total // 2


def convolve(x, kernel, stride=1):
    height, width = (-(-size // stride) for size in x.shape[:2])
    x = np.pad(x, [*(same_padding(size, len(kernel), stride) for size in x.shape[:2]), (0, 0)])
    y = np.zeros((height, width, kernel.shape[3]))
    for row, column in np.ndindex(kernel.shape[:2]):
        shifted = x[row:, column:][: stride * height : stride, : stride * width : stride]
        y += shifted @ kernel[row, column]
    return y


def convolve_transposed(x, kernel, stride=2):
    """Each pixel adds its multiple of the kernel; what the padding had added is cut off."""
    height, width = x.shape[:2]
    y = np.zeros((stride * height + 2, stride * width + 2, kernel.shape[2]))
    for row, column in np.ndindex(kernel.shape[:2]):
        shifted = y[row:, column:][: stride * height : stride, : stride * width : stride]
        shifted += x @ kernel[row, column].T
    top, left = (same_padding(stride * size, len(kernel), stride)[0] for size in (height, width))
    return y[top : top + stride * height, left : left + stride * width]


def tensorflow_scale(variance):
    return np.sqrt(variance + 1e-3)


def keras_contrib_scale(variance):
    return np.sqrt(variance) + 1e-3


def forward(x, arrays, scale):
    remaining = iter(arrays)

    def step(x, convolution, *options, relu=True):
        kernel, gamma, beta = (array.astype("float64") for array in next(remaining))
        y = convolution(x, kernel, *options)
        y = (y - y.mean((0, 1))) / scale(y.var((0, 1))) * gamma + beta
        return np.maximum(y, 0) if relu else y

    x = step(x.astype("float64"), convolve)
    x = step(x, convolve, 2)
    x = step(x, convolve, 2)
    for _ in range(RESIDUALS):
        x = x + step(step(x, convolve), convolve, relu=False)
    x = step(x, convolve_transposed)
    x = step(x, convolve_transposed)
    return 150 * np.tanh(step(x, convolve, relu=False)) + 127.5


WRITERS = {
    "old.npz": write_npz,
    "old.h5": write_weights_alone,
    "whole.h5": write_whole_model,
}


@pytest.fixture(scope="module")
def arrays():
    return random_arrays()


@pytest.fixture(params=WRITERS)
def old_file(request, tmp_path, arrays):
    path = tmp_path / request.param
    WRITERS[request.param](path, arrays)
    return path


@pytest.fixture
def npz(tmp_path, arrays):
    path = tmp_path / "old.npz"
    write_npz(path, arrays)
    return path


def run(network, x):
    return np.asarray(network(x[None]))[0]


def refused(error, message, old, folder):
    """Converting fails with one line that names the file, and writes nothing."""
    before = sorted(folder.iterdir())
    with pytest.raises(error, match=message) as raised:
        legacy.convert(old, folder / "new.weights.h5")
    assert str(old) in str(raised.value) and "\n" not in str(raised.value)
    assert sorted(folder.iterdir()) == before


# At most, rounding costs 0.001 grey levels here and keras_contrib's epsilon 0.035; gamma and beta
# exchanged, or two layers, cost 60 and more on average.


def test_converted_file_computes_the_picture_of_the_tensorflow_original(old_file, arrays, tmp_path):
    legacy.convert(old_file, tmp_path / "new.weights.h5")
    network = load_network(tmp_path / "new.weights.h5")
    expected = forward(picture(), arrays, tensorflow_scale)
    np.testing.assert_allclose(run(network, picture()), expected, rtol=0, atol=0.01)


def test_picture_differs_from_keras_contribs_by_its_epsilon_alone(old_file, arrays):
    expected = forward(picture(), arrays, keras_contrib_scale)
    result = run(legacy.load_legacy(old_file), picture())
    np.testing.assert_allclose(result, expected, rtol=0, atol=0.1)


def test_transposed_kernel_with_exchanged_channels_is_refused(arrays, tmp_path):
    swapped = [list(triple) for triple in arrays]
    swapped[13][0] = swapped[13][0].swapaxes(2, 3)
    write_npz(tmp_path / "old.npz", swapped)
    message = r"up1/kernel .*\(3, 3, 128, 64\) instead of floats of shape \(3, 3, 64, 128\)"
    refused(ValueError, message, tmp_path / "old.npz", tmp_path)


def test_weights_go_by_their_names_within_a_layer(arrays, tmp_path):
    layers = [(name, weights[::-1]) for name, weights in keras_layers(arrays)]
    write_keras(tmp_path / "old.h5", layers)
    network = legacy.load_legacy(tmp_path / "old.h5")
    np.testing.assert_array_equal(network.get_layer("down1_norm").beta, arrays[0][2])


def test_network_nested_as_one_layer_is_read(arrays, tmp_path):
    nested = [weight for _, weights in keras_layers(arrays) for weight in weights]
    write_keras(tmp_path / "old.h5", [("input_1", []), ("model_1", nested)], "model_weights")
    network = legacy.load_legacy(tmp_path / "old.h5")
    for variable, array in zip(network.weights, chain(*arrays), strict=True):
        np.testing.assert_array_equal(variable, array)


def test_loss_network_behind_the_network_is_left_out(arrays, tmp_path):
    loss_network = [
        ("block1_conv1/kernel:0", np.ones((3, 3, 3, 64), "float32")),
        ("block1_conv1/bias:0", np.ones(64, "float32")),
    ]
    layers = [*keras_layers(arrays), ("block1_conv1", loss_network), ("block1_pool", [])]
    write_keras(tmp_path / "old.h5", layers, "model_weights")
    network = legacy.load_legacy(tmp_path / "old.h5")
    np.testing.assert_array_equal(network.get_layer("output").kernel, arrays[-1][0])


def test_float64_and_float16_arrays_become_float32(arrays, tmp_path):
    for dtype in ("float64", "float16"):
        write_npz(tmp_path / "old.npz", [[a.astype(dtype) for a in triple] for triple in arrays])
        kernel = legacy.load_legacy(tmp_path / "old.npz").get_layer("down1").kernel
        assert kernel.dtype == "float32"
        np.testing.assert_array_equal(kernel, arrays[0][0].astype(dtype).astype("float32"))


def test_converted_file_tells_how_to_build_the_network(npz, tmp_path):
    legacy.convert(npz, tmp_path / "new.weights.h5")
    with h5py.File(tmp_path / "new.weights.h5") as file:
        options = json.loads(file.attrs["stylenet"])
    assert options == {"padding": "zero", "upsampling": "transposed", "width": 32}


def test_convert_returns_the_network_that_it_wrote(npz, tmp_path):
    network = legacy.convert(npz, str(tmp_path / "new.weights.h5"))
    written = load_network(tmp_path / "new.weights.h5")
    for one, other in zip(network.weights, written.weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_float16_file_has_half_the_size_and_nearly_the_picture(npz, arrays, tmp_path):
    for dtype in ("float32", "float16"):
        legacy.convert(npz, tmp_path / f"{dtype}.weights.h5", dtype)
    sizes = [(tmp_path / f"{dtype}.weights.h5").stat().st_size for dtype in legacy.DTYPES]
    assert sizes[1] < 0.55 * sizes[0]
    result = run(load_network(tmp_path / "float16.weights.h5"), picture())
    error = np.abs(result - forward(picture(), arrays, tensorflow_scale)).mean()
    assert error < 1


def test_existing_output_is_replaced_and_nothing_else_is_left(npz, tmp_path):
    (tmp_path / "new.weights.h5").write_text("before")
    legacy.convert(npz, tmp_path / "new.weights.h5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.weights.h5", "old.npz"]
    load_network(tmp_path / "new.weights.h5")


def test_existing_output_survives_a_failure(tmp_path):
    (tmp_path / "old.npz").write_text("no weights")
    (tmp_path / "new.weights.h5").write_text("before")
    with pytest.raises(ValueError, match="neither"):
        legacy.convert(tmp_path / "old.npz", tmp_path / "new.weights.h5")
    assert (tmp_path / "new.weights.h5").read_text() == "before"


@pytest.mark.parametrize("part", [0.0, 0.5, 0.999])
def test_truncated_file_is_refused(old_file, tmp_path, part):
    content = old_file.read_bytes()
    old_file.write_bytes(content[: int(part * len(content))])
    refused(ValueError, "copy it again", old_file, tmp_path)


def test_archive_with_a_changed_byte_is_refused(npz, tmp_path):
    content = bytearray(npz.read_bytes())
    content[len(content) // 2] ^= 255
    npz.write_bytes(content)
    refused(ValueError, "CRC", npz, tmp_path)


def test_text_file_is_refused(tmp_path):
    (tmp_path / "old.h5").write_text("These are not weights.\n")
    refused(ValueError, "neither, or it is cut short", tmp_path / "old.h5", tmp_path)


def test_missing_file_is_named(tmp_path):
    refused(FileNotFoundError, "no file", tmp_path / "old.h5", tmp_path)


def test_folder_is_refused(tmp_path):
    (tmp_path / "old.h5").mkdir()
    refused(IsADirectoryError, "is a folder", tmp_path / "old.h5", tmp_path)


def test_device_is_refused(tmp_path):
    refused(ValueError, "not a regular file", os.devnull, tmp_path)


def test_npz_of_47_arrays_is_refused(arrays, tmp_path):
    np.savez(tmp_path / "old.npz", *list(chain(*arrays))[:-1])
    message = r"instead of 48 arrays, arr_0 to arr_47, it has 47 \(arr_0, arr_1, arr_2, \.\.\.\)"
    refused(ValueError, message, tmp_path / "old.npz", tmp_path)


def test_npz_with_names_of_its_own_is_refused(tmp_path):
    np.savez(tmp_path / "old.npz", kernel=np.ones(3), bias=np.ones(3))
    refused(ValueError, r"it has 2 \(kernel, bias\)", tmp_path / "old.npz", tmp_path)


def test_npz_with_python_objects_is_refused_unread(arrays, tmp_path):
    arrays = [list(triple) for triple in arrays]
    arrays[4][1] = np.array([{}] * 128, dtype=object)
    write_npz(tmp_path / "old.npz", arrays)
    refused(ValueError, "allow_pickle=False", tmp_path / "old.npz", tmp_path)


def test_missing_layer_is_counted(arrays, tmp_path):
    write_keras(tmp_path / "old.h5", keras_layers(arrays)[:-3])
    message = "instead of 16 arrays of each kind .*'kernel': 16, 'gamma': 15, 'beta': 15"
    refused(ValueError, message, tmp_path / "old.h5", tmp_path)


def test_convolution_with_a_bias_is_refused(arrays, tmp_path):
    layers = keras_layers(arrays)
    layers[1][1].append(("conv2d_1/bias:0", np.zeros(32, "float32")))
    write_keras(tmp_path / "old.h5", layers)
    refused(ValueError, "'conv2d_1/bias:0', neither", tmp_path / "old.h5", tmp_path)


def test_layer_that_is_listed_but_absent_is_named(arrays, tmp_path):
    write_keras(tmp_path / "old.h5", keras_layers(arrays))
    with h5py.File(tmp_path / "old.h5", "r+") as file:
        del file["conv2d_7"]
    refused(ValueError, "conv2d_7", tmp_path / "old.h5", tmp_path)


def test_network_of_another_width_is_refused(arrays, tmp_path):
    arrays = [[array[..., ::2] for array in triple] for triple in arrays]
    write_keras(tmp_path / "old.h5", keras_layers(arrays))
    message = r"down1/kernel .*\(9, 9, 3, 16\) instead of floats of shape \(9, 9, 3, 32\)"
    refused(ValueError, message, tmp_path / "old.h5", tmp_path)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(arrays, tmp_path, value):
    arrays = [[array.copy() for array in triple] for triple in arrays]
    arrays[2][1][5] = value
    write_npz(tmp_path / "old.npz", arrays)
    refused(ValueError, "down3_norm/gamma it has NaN", tmp_path / "old.npz", tmp_path)


def test_converted_file_needs_no_conversion(npz, tmp_path):
    legacy.convert(npz, tmp_path / "once.weights.h5")
    refused(ValueError, "Keras 3 needs no conversion", tmp_path / "once.weights.h5", tmp_path)


@pytest.mark.parametrize("name", ["new.h5", "new.npz", "new", "new.weights.h5.bak"])
def test_suffix_of_the_output_is_checked_before_reading(tmp_path, name):
    with pytest.raises(ValueError, match=r"ends in \.weights\.h5. Received"):
        legacy.convert(tmp_path / "missing.npz", tmp_path / name)


def test_unknown_dtype_is_refused_before_reading(tmp_path):
    with pytest.raises(ValueError, match=r"dtype .* Received: 'int8'"):
        legacy.convert(tmp_path / "missing.npz", tmp_path / "new.weights.h5", "int8")


def test_nothing_is_made_for_an_input_that_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*missing\.npz"):
        legacy.convert(tmp_path / "missing.npz", tmp_path / "nowhere" / "new.weights.h5")
    assert not (tmp_path / "nowhere").exists()


def test_output_that_is_a_folder_is_refused_before_reading(tmp_path):
    (tmp_path / "new.weights.h5").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        legacy.convert(tmp_path / "missing.npz", tmp_path / "new.weights.h5")


@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_input_is_never_overwritten(arrays, tmp_path, link):
    old = new = tmp_path / "old.weights.h5"
    write_weights_alone(old, arrays)
    content = old.read_bytes()
    if link:
        new = tmp_path / "link.weights.h5"
        link(old, new)
    with pytest.raises(ValueError, match="another output file than the input"):
        legacy.convert(old, new)
    assert old.read_bytes() == content
