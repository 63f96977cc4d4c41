"""Assignment 2: reflection padding, instance normalization, blocks, upsampling."""

import numpy as np
from keras import layers, ops

from answers import given, right, wrong

EPSILON = given.epsilon


def pad(x, padding, mode="reflect"):
    border = (padding, padding)
    return np.pad(x, ((0, 0), border, border, (0, 0)), mode)


def normalize(x, gamma, beta, epsilon=EPSILON):
    x = np.asarray(x)
    mean, variance = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def convolve(x, kernel, strides=1, padding="valid"):
    return ops.conv(ops.convert_to_tensor(x, "float32"), kernel, strides, padding)


# Reflection padding


@right("reflection_padding")
def numpy_pads(x, padding):
    return pad(x, padding)


@right("reflection_padding")
def flipped_slices_joined(x, padding):
    for axis in (1, 2):
        near = ops.take(x, range(padding, 0, -1), axis=axis)
        last = x.shape[axis] - 1
        far = ops.take(x, range(last - 1, last - 1 - padding, -1), axis=axis)
        x = ops.concatenate([near, x, far], axis=axis)
    return x


@right("reflection_padding")
def indices_folded_back(x, padding):
    def mirrored(length):
        index = np.abs(np.arange(-padding, length + padding))
        return np.minimum(index, 2 * (length - 1) - index)

    return x[:, mirrored(x.shape[1])][:, :, mirrored(x.shape[2])]


@right("reflection_padding")
def one_ring_at_a_time(x, padding):
    for ring in range(padding):
        step = 2 * ring + 1
        x = np.concatenate([x[:, step : step + 1], x, x[:, -step - 1 : -step]], axis=1)
        x = np.concatenate([x[:, :, step : step + 1], x, x[:, :, -step - 1 : -step]], axis=2)
    return x


@wrong("reflection_padding")
def zeros_around(x, padding):
    return pad(x, padding, "constant")


@wrong("reflection_padding")
def border_repeated_once(x, padding):
    return pad(x, padding, "symmetric")


@wrong("reflection_padding")
def border_repeated_always(x, padding):
    return pad(x, padding, "edge")


@wrong("reflection_padding")
def opposite_side(x, padding):
    return pad(x, padding, "wrap")


@wrong("reflection_padding")
def rows_only(x, padding):
    return np.pad(x, ((0, 0), (padding, padding), (0, 0), (0, 0)), "reflect")


@wrong("reflection_padding")
def above_and_left_only(x, padding):
    return np.pad(x, ((0, 0), (padding, 0), (padding, 0), (0, 0)), "reflect")


@wrong("reflection_padding")
def two_pixels_always(x, padding):
    return pad(x, 2)


@wrong("reflection_padding")
def padding_of_square_pictures(x, padding):
    length = x.shape[1]
    index = np.abs(np.arange(-padding, length + padding))
    index = np.minimum(index, 2 * (length - 1) - index)
    return x[:, index][:, :, index]


@wrong("reflection_padding")
def padding_of_the_first_picture(x, padding):
    return pad(x[:1], padding)


@wrong("reflection_padding")
def not_flipped(x, padding):
    near, far = x[:, 1 : padding + 1], x[:, -padding - 1 : -1]
    x = np.concatenate([near, x, far], axis=1)
    near, far = x[:, :, 1 : padding + 1], x[:, :, -padding - 1 : -1]
    return np.concatenate([near, x, far], axis=2)


# Instance normalization


@right("instance_normalization")
def numpys_variance(x, gamma, beta, epsilon=EPSILON):
    return normalize(x, gamma, beta, epsilon)


@right("instance_normalization")
def moments_of_keras(x, gamma, beta, epsilon=EPSILON):
    mean, variance = ops.moments(x, axes=(1, 2), keepdims=True)
    return (x - mean) * (gamma * ops.rsqrt(variance + epsilon)) + beta


@right("instance_normalization")
def channel_by_channel(x, gamma, beta, epsilon=EPSILON):
    result = np.empty_like(x)
    for b in range(x.shape[0]):
        for c in range(x.shape[3]):
            values = x[b, :, :, c]
            deviation = np.sqrt(np.mean((values - values.mean()) ** 2) + epsilon)
            result[b, :, :, c] = gamma[c] / deviation * (values - values.mean()) + beta[c]
    return result


@right("instance_normalization")
def group_normalization_of_one_channel(x, gamma, beta, epsilon=EPSILON):
    layer = layers.GroupNormalization(groups=-1, epsilon=epsilon)
    layer.build(x.shape)
    layer.set_weights([gamma, beta])
    return layer(x)


@right("instance_normalization")
def mean_of_squares_minus_squared_mean(x, gamma, beta, epsilon=EPSILON):
    x = np.asarray(x, "float64")
    flat = x.reshape(x.shape[0], -1, x.shape[3])
    mean = flat.mean(axis=1)[:, None, None]
    variance = (flat**2).mean(axis=1)[:, None, None] - mean**2
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def over(axes, x, gamma, beta, epsilon):
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@wrong("instance_normalization")
def batch_normalization(x, gamma, beta, epsilon=EPSILON):
    return over((0, 1, 2), x, gamma, beta, epsilon)


@wrong("instance_normalization")
def layer_normalization(x, gamma, beta, epsilon=EPSILON):
    return over((1, 2, 3), x, gamma, beta, epsilon)


@wrong("instance_normalization")
def over_channels(x, gamma, beta, epsilon=EPSILON):
    with np.errstate(all="ignore"):
        return over(3, x, gamma, beta, epsilon)


@wrong("instance_normalization")
def row_by_row(x, gamma, beta, epsilon=EPSILON):
    return over(2, x, gamma, beta, epsilon)


@wrong("instance_normalization")
def epsilon_outside_the_root(x, gamma, beta, epsilon=EPSILON):
    mean, deviation = x.mean((1, 2), keepdims=True), x.std((1, 2), keepdims=True)
    return gamma * (x - mean) / (deviation + epsilon) + beta


@wrong("instance_normalization")
def epsilon_not_used(x, gamma, beta, epsilon=EPSILON):
    return normalize(x, gamma, beta, EPSILON)


@wrong("instance_normalization")
def epsilon_forgotten(x, gamma, beta, epsilon=EPSILON):
    with np.errstate(all="ignore"):
        return normalize(x, gamma, beta, 0)


@wrong("instance_normalization")
def divided_by_the_variance(x, gamma, beta, epsilon=EPSILON):
    mean, variance = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True)
    return gamma * (x - mean) / (variance + epsilon) + beta


@wrong("instance_normalization")
def variance_over_n_minus_one(x, gamma, beta, epsilon=EPSILON):
    mean, variance = x.mean((1, 2), keepdims=True), x.var((1, 2), keepdims=True, ddof=1)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@wrong("instance_normalization")
def mean_left_in(x, gamma, beta, epsilon=EPSILON):
    return gamma * x / np.sqrt(x.var((1, 2), keepdims=True) + epsilon) + beta


@wrong("instance_normalization")
def scale_and_shift_exchanged(x, gamma, beta, epsilon=EPSILON):
    return normalize(x, beta, gamma, epsilon)


@wrong("instance_normalization")
def shifted_before_it_is_scaled(x, gamma, beta, epsilon=EPSILON):
    return gamma * (normalize(x, 1, 0, epsilon) + beta)


@wrong("instance_normalization")
def statistics_of_the_first_picture(x, gamma, beta, epsilon=EPSILON):
    mean, variance = x[:1].mean((1, 2), keepdims=True), x[:1].var((1, 2), keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@wrong("instance_normalization")
def mean_of_square_pictures(x, gamma, beta, epsilon=EPSILON):
    mean = x.sum((1, 2), keepdims=True) / x.shape[1] ** 2
    variance = ((x - mean) ** 2).sum((1, 2), keepdims=True) / x.shape[1] ** 2
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


@wrong("instance_normalization")
def normalized_in_place(x, gamma, beta, epsilon=EPSILON):
    x -= x.mean((1, 2), keepdims=True)
    return gamma * x / np.sqrt(x.var((1, 2), keepdims=True) + epsilon) + beta


# The convolution block


def block(x, layer, strides=1, relu=True):
    x = convolve(pad(x, len(layer["kernel"]) // 2), layer["kernel"], strides)
    x = normalize(x, layer["gamma"], layer["beta"])
    return np.maximum(x, 0) if relu else x


@right("convolution_block")
def numpys_maximum(x, layer, strides=1, relu=True):
    return block(x, layer, strides, relu)


@right("convolution_block")
def strides_after_the_convolution(x, layer, strides=1, relu=True):
    x = convolve(pad(x, len(layer["kernel"]) // 2), layer["kernel"])[:, ::strides, ::strides]
    x = normalize(x, layer["gamma"], layer["beta"])
    return x * (x > 0) if relu else x


@right("convolution_block")
def shifted_pictures_added(x, layer, strides=1, relu=True):
    kernel, (_, height, width, _) = layer["kernel"], x.shape
    padded, total = pad(x, len(kernel) // 2), 0
    for i, row in enumerate(kernel):
        for j, matrix in enumerate(row):
            total = total + padded[:, i : i + height, j : j + width] @ matrix
    total = normalize(total[:, ::strides, ::strides], layer["gamma"], layer["beta"])
    return ops.relu(total) if relu else total


@right("convolution_block")
def a_list_of_steps(x, layer, strides=1, relu=True):
    steps = [
        lambda x: pad(x, (len(layer["kernel"]) - 1) // 2),
        lambda x: convolve(x, layer["kernel"], strides),
        lambda x: normalize(x, layer["gamma"], layer["beta"]),
    ]
    if relu:
        steps.append(lambda x: (x + abs(x)) / 2)
    for step in steps:
        x = step(x)
    return x


@wrong("convolution_block")
def zero_padding(x, layer, strides=1, relu=True):
    x = convolve(pad(x, len(layer["kernel"]) // 2, "constant"), layer["kernel"], strides)
    x = normalize(x, layer["gamma"], layer["beta"])
    return np.maximum(x, 0) if relu else x


@wrong("convolution_block")
def padding_forgotten(x, layer, strides=1, relu=True):
    x = normalize(convolve(x, layer["kernel"], strides), layer["gamma"], layer["beta"])
    return np.maximum(x, 0) if relu else x


@wrong("convolution_block")
def padded_by_the_kernels_size(x, layer, strides=1, relu=True):
    x = np.asarray(convolve(pad(x, len(layer["kernel"])), layer["kernel"], strides))
    x = normalize(x, layer["gamma"], layer["beta"])
    return np.maximum(x, 0) if relu else x


@wrong("convolution_block")
def padded_by_one_always(x, layer, strides=1, relu=True):
    x = normalize(convolve(pad(x, 1), layer["kernel"], strides), layer["gamma"], layer["beta"])
    return np.maximum(x, 0) if relu else x


@wrong("convolution_block")
def relu_before_normalization(x, layer, strides=1, relu=True):
    x = convolve(pad(x, len(layer["kernel"]) // 2), layer["kernel"], strides)
    x = np.maximum(x, 0) if relu else x
    return normalize(x, layer["gamma"], layer["beta"])


@wrong("convolution_block")
def relu_always(x, layer, strides=1, relu=True):
    return block(x, layer, strides)


@wrong("convolution_block")
def relu_never(x, layer, strides=1, relu=True):
    return block(x, layer, strides, relu=False)


@wrong("convolution_block")
def strides_forgotten(x, layer, strides=1, relu=True):
    return block(x, layer, 1, relu)


@wrong("convolution_block")
def strides_after_the_normalization(x, layer, strides=1, relu=True):
    return block(x, layer, 1, relu)[:, ::strides, ::strides]


@wrong("convolution_block")
def normalization_forgotten(x, layer, strides=1, relu=True):
    x = np.asarray(convolve(pad(x, len(layer["kernel"]) // 2), layer["kernel"], strides))
    return np.maximum(x, 0) if relu else x


@wrong("convolution_block")
def normalization_without_scale_and_shift(x, layer, strides=1, relu=True):
    return block(x, {**layer, "gamma": 1, "beta": 0}, strides, relu)


@wrong("convolution_block")
def kernel_turned_round(x, layer, strides=1, relu=True):
    return block(x, {**layer, "kernel": layer["kernel"][::-1, ::-1]}, strides, relu)


@wrong("convolution_block")
def kernel_transposed(x, layer, strides=1, relu=True):
    return block(x, {**layer, "kernel": layer["kernel"].transpose(1, 0, 2, 3)}, strides, relu)


@wrong("convolution_block")
def block_of_the_first_picture(x, layer, strides=1, relu=True):
    return block(x[:1], layer, strides, relu)


@wrong("convolution_block")
def kernel_scaled_in_place(x, layer, strides=1, relu=True):
    layer["kernel"] /= np.abs(layer["kernel"]).max() + 1  # normalization would hide it
    return block(x, {**layer}, strides, relu)


# The residual block


@right("residual_block")
def block_of_a_block(x, first, second):
    return block(block(x, first), second, relu=False) + x


@right("residual_block")
def loop_over_both(x, first, second):
    y = x
    for layer, relu in ((first, True), (second, False)):
        y = block(y, layer, relu=relu)
    return ops.add(x, y)


@right("residual_block")
def residuals_picture_by_picture(x, first, second):
    return np.concatenate([block_of_a_block(x[i : i + 1], first, second) for i in range(len(x))])


@right("residual_block")
def sum_in_a_copy(x, first, second):
    result = np.array(x)
    result += np.asarray(block(block(x, first), second, relu=False))
    return result


@wrong("residual_block")
def relu_in_both(x, first, second):
    return x + block(block(x, first), second)


@wrong("residual_block")
def relu_in_neither(x, first, second):
    return x + block(block(x, first, relu=False), second, relu=False)


@wrong("residual_block")
def relu_in_the_second_only(x, first, second):
    return x + block(block(x, first, relu=False), second)


@wrong("residual_block")
def relu_after_the_sum(x, first, second):
    return np.maximum(block_of_a_block(x, first, second), 0)


@wrong("residual_block")
def input_not_added(x, first, second):
    return block(block(x, first), second, relu=False)


@wrong("residual_block")
def input_of_the_second_added(x, first, second):
    y = block(x, first)
    return y + block(y, second, relu=False)


@wrong("residual_block")
def input_added_twice(x, first, second):
    y = x + block(x, first)
    return x + block(y, second, relu=False)


@wrong("residual_block")
def first_layer_twice(x, first, second):
    return x + block(block(x, first), first, relu=False)


@wrong("residual_block")
def layers_exchanged(x, first, second):
    return x + block(block(x, second), first, relu=False)


@wrong("residual_block")
def side_by_side(x, first, second):
    return x + block(x, first) + block(x, second, relu=False)


@wrong("residual_block")
def mean_instead_of_sum(x, first, second):
    return block_of_a_block(x, first, second) / 2


@wrong("residual_block")
def residual_in_place(x, first, second):
    x += block(block(x, first), second, relu=False)
    return x


@wrong("residual_block")
def residual_of_the_first_picture(x, first, second):
    return x + block(block(x[:1], first), second, relu=False)


# Upsampling


@right("upsample")
def numpys_repeat(x):
    return x.repeat(2, axis=1).repeat(2, axis=2)


@right("upsample")
def layer_of_keras(x):
    return layers.UpSampling2D(2, interpolation="nearest")(x)


@right("upsample")
def kronecker_product(x):
    return np.kron(x, np.ones((1, 2, 2, 1), "float32"))


@right("upsample")
def four_copies_in_place_of_each_pixel(x):
    batch, height, width, channels = x.shape
    blocks = ops.broadcast_to(x[:, :, None, :, None], (batch, height, 2, width, 2, channels))
    return ops.reshape(blocks, (batch, 2 * height, 2 * width, channels))


@right("upsample")
def four_assignments(x):
    batch, height, width, channels = x.shape
    result = np.empty((batch, 2 * height, 2 * width, channels), "float32")
    for i in (0, 1):
        for j in (0, 1):
            result[:, i::2, j::2] = x
    return result


@wrong("upsample")
def tiled(x):
    return np.tile(x, (1, 2, 2, 1))


@wrong("upsample")
def bilinear(x):
    return layers.UpSampling2D(2, interpolation="bilinear")(x)


@wrong("upsample")
def zeros_between(x):
    result = np.zeros((len(x), 2 * x.shape[1], 2 * x.shape[2], x.shape[3]), "float32")
    result[:, ::2, ::2] = x
    return result


@wrong("upsample")
def values_shared_out(x):
    return numpys_repeat(x) / 4


@wrong("upsample")
def width_only(x):
    return x.repeat(2, axis=2)


@wrong("upsample")
def first_axes_of_the_array(x):
    return x.repeat(2, axis=0).repeat(2, axis=1)


@wrong("upsample")
def channels_too(x):
    return numpys_repeat(x).repeat(2, axis=3)


@wrong("upsample")
def repeated_and_reshaped(x):
    batch, height, width, channels = x.shape
    return x.repeat(4).reshape(batch, 2 * height, 2 * width, channels)


@wrong("upsample")
def height_and_width_exchanged(x):
    return numpys_repeat(x).swapaxes(1, 2)


@wrong("upsample")
def loops_over_a_square(x):
    size = x.shape[1]
    result = np.empty((len(x), 2 * size, 2 * size, x.shape[3]), "float32")
    for i in range(2 * size):
        for j in range(2 * size):
            result[:, i, j] = x[:, i // 2, j // 2]
    return result


@wrong("upsample")
def upsampled_first_picture(x):
    return numpys_repeat(x[:1])


# More ways to the same numbers


@right("reflection_padding")
def flipped_by_keras(x, padding):
    for axis in (1, 2):
        length = x.shape[axis]
        inner = ops.flip(ops.take(x, range(1, padding + 1), axis=axis), axis=axis)
        outer = ops.take(x, range(length - padding - 1, length - 1), axis=axis)
        x = ops.concatenate([inner, x, ops.flip(outer, axis=axis)], axis=axis)
    return x


@right("reflection_padding")
def picture_by_picture_and_channel(x, padding):
    planes = [[np.pad(plane, padding, "reflect") for plane in np.moveaxis(p, 2, 0)] for p in x]
    return np.moveaxis(np.array(planes), 1, 3)


@right("reflection_padding")
def selected_by_matrices(x, padding):
    def mirror(length):
        index = np.pad(np.arange(length), padding, "reflect")
        return np.eye(length, dtype="float32")[index]

    return np.einsum("ih,jw,bhwc->bijc", mirror(x.shape[1]), mirror(x.shape[2]), x)


@wrong("reflection_padding")
def corners_left_empty(x, padding):
    result = pad(x, padding, "constant")
    mirrored = pad(x, padding)
    inside = slice(padding, -padding)
    result[:, inside], result[:, :, inside] = mirrored[:, inside], mirrored[:, :, inside]
    return result


@wrong("reflection_padding")
def mirrored_twice(x, padding):
    return pad(x[:, ::-1, ::-1], padding)


@wrong("reflection_padding")
def mean_beyond_the_border(x, padding):
    return pad(x, padding, "mean")


@right("instance_normalization")
def loop_over_pictures(x, gamma, beta, epsilon=EPSILON):
    result = []
    for picture in x:
        centered = picture - np.mean(picture, axis=(0, 1))
        result.append(gamma * centered / np.sqrt(np.mean(centered**2, (0, 1)) + epsilon) + beta)
    return np.stack(result)


@right("instance_normalization")
def batch_normalization_of_each(x, gamma, beta, epsilon=EPSILON):
    pictures = []
    for i in range(len(x)):
        one = ops.convert_to_tensor(x[i : i + 1])
        mean, variance = ops.moments(one, axes=(0, 1, 2))
        pictures.append(ops.batch_normalization(one, mean, variance, -1, beta, gamma, epsilon))
    return ops.concatenate(pictures)


@wrong("instance_normalization")
def smaller_default_epsilon(x, gamma, beta, epsilon=EPSILON / 100):
    return normalize(x, gamma, beta, epsilon)


@wrong("instance_normalization")
def larger_default_epsilon(x, gamma, beta, epsilon=10 * EPSILON):
    return normalize(x, gamma, beta, epsilon)


@wrong("instance_normalization")
def epsilon_squared(x, gamma, beta, epsilon=EPSILON):
    return normalize(x, gamma, beta, epsilon**2)


@wrong("instance_normalization")
def shift_forgotten(x, gamma, beta, epsilon=EPSILON):
    return normalize(x, gamma, 0, epsilon)


@right("convolution_block")
def picture_for_picture(x, layer, strides=1, relu=True):
    return np.concatenate([block(x[i : i + 1], layer, strides, relu) for i in range(len(x))])


@right("convolution_block")
def windows_times_the_kernel(x, layer, strides=1, relu=True):
    kernel = layer["kernel"]
    size = kernel.shape[0]
    padded = pad(x, size // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(1, 2))
    y = np.einsum("bijcrs,rscf->bijf", windows[:, ::strides, ::strides], kernel)
    y = normalize(y, layer["gamma"], layer["beta"])
    return np.where(y > 0, y, 0) if relu else y


@wrong("convolution_block")
def leaky(x, layer, strides=1, relu=True):
    y = block(x, layer, strides, relu=False)
    return np.where(y > 0, y, 0.01 * y) if relu else y


@wrong("convolution_block")
def capped_at_six(x, layer, strides=1, relu=True):
    y = 5 * block(x, layer, strides, relu) if relu else block(x, layer, strides, relu)
    return np.minimum(y, 6) / 5 if relu else y


@wrong("convolution_block")
def same_padding_with_zeros(x, layer, strides=1, relu=True):
    y = normalize(convolve(x, layer["kernel"], strides, "same"), layer["gamma"], layer["beta"])
    return np.maximum(y, 0) if relu else y


@wrong("convolution_block")
def channels_exchanged(x, layer, strides=1, relu=True):
    return block(x, {**layer, "kernel": layer["kernel"][:, :, ::-1]}, strides, relu)


@right("residual_block")
def blocks_by_name(x, first, second):
    inner = block(x=x, layer=first, strides=1, relu=True)
    return np.add(block(x=inner, layer=second, strides=1, relu=False), x)


@wrong("residual_block")
def difference_in_place_of_the_sum(x, first, second):
    return x - block(block(x, first), second, relu=False)


@wrong("residual_block")
def second_layer_twice(x, first, second):
    return x + block(block(x, second), second, relu=False)


@wrong("residual_block")
def one_block_only(x, first, second):
    return x + block(x, second, relu=False)


@right("upsample")
def indices_halved(x):
    rows, columns = np.arange(2 * x.shape[1]) // 2, np.arange(2 * x.shape[2]) // 2
    return x[:, rows][:, :, columns]


@right("upsample")
def resized_by_keras(x):
    size = 2 * x.shape[1], 2 * x.shape[2]
    return ops.image.resize(x, size, interpolation="nearest")


@wrong("upsample")
def shifted_by_one(x):
    return np.roll(numpys_repeat(x), 1, axis=2)


@wrong("upsample")
def four_times(x):
    return numpys_repeat(numpys_repeat(x))
