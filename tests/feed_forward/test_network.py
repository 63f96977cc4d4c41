import functools

import keras
import numpy as np
import pytest
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view

from stylenet.feed_forward.network import (
    PADDINGS,
    UPSAMPLINGS,
    transform_net,
    upsampling_block,
)
from stylenet.layers import EPSILON, ReflectionPadding2D
from stylenet.surroundings import plain

VARIANTS = [(padding, upsampling) for padding in PADDINGS for upsampling in UPSAMPLINGS]
all_variants = pytest.mark.parametrize(("padding", "upsampling"), VARIANTS)


@functools.cache
def small_net(padding="zero", upsampling="transposed"):
    return build_small_net(padding, upsampling)


def build_small_net(padding="zero", upsampling="transposed", seed=0):
    """A narrow network whose scales and shifts are not just ones and zeros."""
    network = transform_net(padding, upsampling, width=3)
    random = np.random.default_rng(seed)
    for variable in network.variables:
        if "gamma" in variable.path:
            variable.assign(random.uniform(0.5, 1.5, variable.shape))
        else:
            variable.assign(random.normal(0, 0.1, variable.shape))
    return network


def noise(*shape, seed=1):
    return np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")


def run(network, pictures):
    return keras.ops.convert_to_numpy(network(pictures))


# ---------------------------------------------------------------- architecture


def test_the_defaults_are_the_courses_network():
    network = transform_net()
    kernels = [v for v in network.variables if v.path.endswith("kernel")]
    assert network.count_params() == 1_677_638
    assert len(network.variables) == len(network.trainable_variables) == 48
    assert len(kernels) == 16


def expected_layers():
    residual = [(128, 3, 1, "relu"), (128, 3, 1, "add")] * 5
    return [
        (32, 9, 1, "relu"),
        (64, 3, 2, "relu"),
        (128, 3, 2, "relu"),
        *residual,
        ("transposed", 64, 3, 2, "relu"),
        ("transposed", 32, 3, 2, "relu"),
        (3, 9, 1, "tanh"),
    ]


def test_each_convolution_is_followed_by_instance_norm_and_relu_but_for_sums_and_the_last():
    found = []
    flat = transform_net().layers
    for layer in (item for item in flat if "Conv" in type(item).__name__):
        norm = next_layer(layer)
        assert isinstance(norm, layers.GroupNormalization)
        assert (
            norm.groups == layer.filters and norm.epsilon == EPSILON and norm.center and norm.scale
        )
        assert not layer.use_bias and layer.padding == "same"
        assert layer.activation is keras.activations.linear
        assert layer.kernel_size[0] == layer.kernel_size[1]
        after = next_layer(norm)
        kind = {"ReLU": "relu", "Add": "add"}.get(type(after).__name__, after.name[-4:])
        row = (layer.filters, layer.kernel_size[0], layer.strides[0], kind)
        transposed = isinstance(layer, layers.Conv2DTranspose)
        found.append(("transposed", *row) if transposed else row)
    assert found == expected_layers()


def next_layer(layer):
    (node,) = layer._outbound_nodes
    return node.operation


def test_no_relu_follows_a_residual_sum():
    network = transform_net(width=1)
    for i in range(1, 6):
        following = [
            node.operation for node in network.get_layer(f"residual{i}_add")._outbound_nodes
        ]
        assert not any(isinstance(layer, layers.ReLU) for layer in following)


def test_kernels_start_as_a_truncated_normal_of_a_tenth():
    for layer in transform_net(width=1).layers:
        if "Conv" in type(layer).__name__:
            assert isinstance(layer.kernel_initializer, keras.initializers.TruncatedNormal)
            assert layer.kernel_initializer.stddev == 0.1


def test_all_variants_have_the_same_arrays_in_the_same_order():
    described = [
        [(v.path, tuple(v.shape)) for v in transform_net(*variant, width=2).variables]
        for variant in VARIANTS
    ]
    paths = [[path for path, _ in arrays] for arrays in described]
    shapes = [[shape for _, shape in arrays] for arrays in described]
    assert paths == [paths[0]] * 4
    transposed_kernels = {paths[0].index(f"up{i}/kernel") for i in (1, 2)}
    for variant, row in zip(VARIANTS, shapes, strict=True):
        for i, (shape, reference) in enumerate(zip(row, shapes[0], strict=True)):
            if i in transposed_kernels and variant[1] == "nearest":
                shape = (*shape[:2], shape[3], shape[2])  # (h, w, in, out) to (h, w, out, in)
            assert shape == reference


# ---------------------------------------------------------------- what comes out


@all_variants
@pytest.mark.parametrize("size", [(16, 16), (24, 36), (40, 20)])
def test_multiples_of_four_keep_their_size(padding, upsampling, size):
    assert run(small_net(padding, upsampling), noise(2, *size, 3)).shape == (2, *size, 3)


@all_variants
def test_other_sizes_grow_to_the_next_multiple_of_four(padding, upsampling):
    assert run(small_net(padding, upsampling), noise(1, 21, 30, 3)).shape == (1, 24, 32, 3)


@all_variants
def test_output_is_that_of_an_independent_computation(padding, upsampling):
    network, pictures = small_net(padding, upsampling), noise(2, 20, 24, 3)
    weights = {variable.path: np.float64(variable) for variable in network.variables}
    expected = [forward(picture, weights, padding, upsampling) for picture in np.float64(pictures)]
    np.testing.assert_allclose(run(network, pictures), expected, atol=0.02)


def forward(x, weights, padding, upsampling):
    """The network in NumPy, one picture (height, width, channels)."""

    def normalized(x, name):
        x = (x - x.mean((0, 1))) / np.sqrt(x.var((0, 1)) + 1e-3)
        return x * weights[f"{name}_norm/gamma"] + weights[f"{name}_norm/beta"]

    def convolved(x, name, stride=1):
        kernel = weights[f"{name}/kernel"]
        size = kernel.shape[0]
        if padding == "reflect":
            before = after = size // 2
        else:  # as TensorFlow: the odd pixel at the bottom and on the right
            total = size - stride
            before, after = total // 2, total - total // 2
        mode = "reflect" if padding == "reflect" else "constant"
        x = np.pad(x, ((before, after), (before, after), (0, 0)), mode)
        windows = sliding_window_view(x, (size, size), (0, 1))[::stride, ::stride]
        return normalized(np.einsum("hwcij,ijco->hwo", windows, kernel), name)

    def doubled(x, name):
        if upsampling == "nearest":
            return convolved(x.repeat(2, 0).repeat(2, 1), name)
        kernel = weights[f"{name}/kernel"]
        height, width = x.shape[:2]
        result = np.zeros((2 * height + 1, 2 * width + 1, kernel.shape[2]))
        for row in range(height):
            for column in range(width):
                patch = np.einsum("c,ijoc->ijo", x[row, column], kernel)
                result[2 * row : 2 * row + 3, 2 * column : 2 * column + 3] += patch
        return normalized(result[: 2 * height, : 2 * width], name)

    def relu(x):
        return np.maximum(x, 0)

    x = relu(convolved(x, "down1"))
    x = relu(convolved(x, "down2", 2))
    x = relu(convolved(x, "down3", 2))
    for i in range(1, 6):
        y = relu(convolved(x, f"residual{i}_conv1"))
        x = x + convolved(y, f"residual{i}_conv2")
    x = relu(doubled(x, "up1"))
    x = relu(doubled(x, "up2"))
    return 150 * np.tanh(convolved(x, "output")) + 127.5


def test_output_lies_within_150_of_the_middle_and_fills_that_range():
    network = build_small_net()
    network.get_layer("output_norm").gamma.assign([50.0] * 3)
    pictures = run(network, noise(1, 24, 24, 3))
    assert pictures.min() == pytest.approx(-22.5, abs=0.1) and pictures.min() >= -22.5
    assert pictures.max() == pytest.approx(277.5, abs=0.1) and pictures.max() <= 277.5


def test_pictures_of_a_batch_do_not_influence_each_other():
    network, pictures = small_net(), noise(3, 16, 16, 3)
    alone = np.concatenate([run(network, pictures[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(run(network, pictures), alone, atol=0.01)


def test_training_and_inference_give_the_same_picture():
    network, pictures = small_net(), noise(1, 16, 16, 3)
    trained = keras.ops.convert_to_numpy(network(pictures, training=True))
    np.testing.assert_array_equal(trained, run(network, pictures))


def test_of_a_scaled_picture_only_the_epsilon_of_the_first_norm_notices():
    """Without a bias z(x / 255) = z(x) / 255, so that 1e-3 beside var(z) becomes 65 beside it."""
    network, pictures = build_small_net(), noise(1, 32, 32, 3)
    norm = network.get_layer("down1_norm")
    norm.beta.assign(np.zeros(3))
    first = keras.Model(network.input, [network.get_layer("down1").output, norm.output])
    responses, whole = first(pictures)
    _, scaled = first(pictures / 255)
    variance = np.var(keras.ops.convert_to_numpy(responses), (1, 2))
    ratio = np.sqrt((variance + EPSILON) / (variance + 255**2 * EPSILON))
    np.testing.assert_allclose(scaled, whole * ratio, atol=1e-4)
    assert 0.97 < ratio.min() < ratio.max() < 1
    difference = np.abs(run(network, pictures) - run(network, pictures / 255))
    assert difference.mean() < 150 * (1 - ratio.min())


# ---------------------------------------------------------------- borders and checkerboards


def stripes(size=32):
    """Vertical ones: a flat picture would leave instance norm nothing but rounding errors."""
    return np.tile(noise(1, 1, size, 3), (1, size, 1, 1))


def spread(pictures):
    """The largest difference within a column."""
    return np.ptp(pictures, axis=1).max()


def test_vertical_stripes_get_no_frame_with_reflection():
    assert spread(run(small_net("reflect", "nearest"), stripes())) < 0.1


def test_vertical_stripes_get_a_frame_with_zeros():
    assert spread(run(small_net("zero", "nearest"), stripes())) > 10


def test_vertical_stripes_get_a_checkerboard_from_transposed_convolutions():
    assert spread(run(small_net("reflect", "transposed"), stripes())) > 10


def upsampled_flat_map(upsampling):
    inputs = keras.Input((None, None, 4))
    block = upsampling_block(inputs, 4, name="up", padding="zero", upsampling=upsampling)
    model = keras.Model(inputs, block)
    kernel = model.get_layer("up").kernel
    kernel.assign(np.random.default_rng(0).uniform(0, 1, kernel.shape))
    model.get_layer("up_norm").beta.assign(np.full(4, 5.0))
    maps = run(model, np.ones((1, 12, 12, 4), "float32"))
    assert maps.min() > 0  # so that ReLU hides nothing
    return maps


def test_nearest_upsampling_leaves_the_inside_of_a_flat_map_flat():
    inside = upsampled_flat_map("nearest")[:, 1:-1, 1:-1]
    assert np.ptp(inside, axis=(1, 2)).max() < 1e-3


def test_transposed_upsampling_leaves_a_checkerboard():
    inside = upsampled_flat_map("transposed")[:, 2:-2, 2:-2]
    assert np.ptp(inside, axis=(1, 2)).min() > 0.1
    for row in (0, 1):
        for column in (0, 1):
            assert np.ptp(inside[:, row::2, column::2], axis=(1, 2)).max() < 1e-3


def test_reflection_mirrors_without_repeating_the_border():
    maps = noise(2, 5, 7, 3)
    expected = np.pad(maps, ((0, 0), (3, 3), (3, 3), (0, 0)), "reflect")
    np.testing.assert_array_equal(run(ReflectionPadding2D(3), maps), expected)


def test_reflection_knows_its_output_shape():
    layer = ReflectionPadding2D(4)
    assert layer.compute_output_shape((2, 10, 12, 3)) == (2, 18, 20, 3)
    assert layer.compute_output_shape((None, None, None, 3)) == (None, None, None, 3)


# ---------------------------------------------------------------- options, files, backends


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": "mirror"}, r"padding to be one of \('zero', 'reflect'\).*'mirror'"),
        ({"upsampling": "bilinear"}, r"upsampling to be one of .*'nearest'\).*'bilinear'"),
        ({"width": 0}, r"width to be a whole number from 1 to 512\. Received: 0"),
    ],
)
def test_unknown_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        transform_net(**options)


def test_width_is_the_number_of_filters_of_the_first_convolution():
    network = transform_net(width=5)
    filters = [network.get_layer(name).filters for name in ("down1", "down2", "down3", "up2")]
    assert filters == [5, 10, 20, 5]


def test_pictures_stay_single_precision_in_mixed_precision():
    with plain("mixed_bfloat16"):
        network = transform_net(width=1)
    assert network.get_layer("down1").compute_dtype == "bfloat16"
    assert network.get_layer("output_tanh").compute_dtype == "float32"
    assert keras.backend.standardize_dtype(network.output.dtype) == "float32"


@all_variants
def test_a_keras_file_brings_the_network_back_without_lambda_layers(padding, upsampling, tmp_path):
    network, pictures = small_net(padding, upsampling), noise(1, 16, 20, 3)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert not any(isinstance(layer, layers.Lambda) for layer in loaded.layers)
    np.testing.assert_array_equal(run(loaded, pictures), run(network, pictures))


def test_jax_gives_the_same_pictures(run_on_jax, tmp_path):
    variants = [("zero", "transposed"), ("reflect", "nearest")]
    pictures, expected = noise(1, 16, 20, 3), {}
    for padding, upsampling in variants:
        network = small_net(padding, upsampling)
        network.save_weights(tmp_path / f"{padding}.weights.h5")
        expected[padding] = run(network, pictures)
    found = run_on_jax(
        "from stylenet.feed_forward.network import transform_net\n"
        f"for padding, upsampling in {variants}:\n"
        "    network = transform_net(padding, upsampling, width=3)\n"
        f"    network.load_weights(rf'{tmp_path}/{{padding}}.weights.h5')\n"
        "    results[padding] = network(arrays['pictures'])\n",
        pictures=pictures,
    )
    assert found.keys() == expected.keys()
    for padding, result in found.items():
        np.testing.assert_allclose(result, expected[padding], atol=0.02)
