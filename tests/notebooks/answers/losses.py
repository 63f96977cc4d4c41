"""Assignment 1: content, Gram matrix, style, total variation."""

import keras
import numpy as np
from keras import ops

from answers import right, wrong


@right("content_loss")
def sum_divided_by_its_terms(features, content_features):
    count = np.prod(features.shape)
    return ops.sum((features - content_features) ** 2) / float(count)


@right("content_loss")
def picture_by_picture(features, content_features):
    batch = features.shape[0]
    losses = [ops.mean(ops.square(features[i] - content_features[i])) for i in range(batch)]
    return sum(losses) / batch


@right("content_loss")
def einsum_of_the_difference(features, content_features):
    difference = features - content_features
    _, height, width, channels = features.shape
    squares = ops.einsum("bhwc,bhwc->b", difference, difference)
    return ops.mean(squares) / (channels * height * width)


@wrong("content_loss")
def content_without_divisor(features, content_features):
    return ops.sum(ops.square(features - content_features))


@wrong("content_loss")
def content_divided_by_the_batch_twice(features, content_features):
    return ops.mean(ops.square(features - content_features)) / features.shape[0]


@wrong("content_loss")
def content_never_divided_by_the_batch(features, content_features):
    return ops.sum(ops.mean(ops.square(features - content_features), axis=(1, 2, 3)))


@wrong("content_loss")
def absolute_difference(features, content_features):
    return ops.mean(ops.abs(features - content_features))


@wrong("content_loss")
def root_of_the_mean_square(features, content_features):
    return ops.sqrt(ops.mean(ops.square(features - content_features)))


@wrong("content_loss")
def half_as_gatys_has_it(features, content_features):
    return ops.mean(ops.square(features - content_features)) / 2


@wrong("content_loss")
def divided_by_channels_only(features, content_features):
    difference = ops.sum(ops.square(features - content_features), axis=(1, 2, 3))
    return ops.mean(difference) / features.shape[-1]


@wrong("content_loss")
def divided_as_if_square(features, content_features):
    difference = ops.sum(ops.square(features - content_features), axis=(1, 2, 3))
    return ops.mean(difference) / (features.shape[-1] * features.shape[1] ** 2)


@wrong("content_loss")
def first_picture_only(features, content_features):
    return ops.mean(ops.square(features[0] - content_features[0]))


@wrong("content_loss")
def content_in_place(features, content_features):
    features -= content_features
    return ops.mean(ops.square(features))


@wrong("content_loss")
def content_constant(features, content_features):
    return ops.mean(ops.square(ops.stop_gradient(features) - content_features))


@wrong("content_loss")
def one_loss_a_picture(features, content_features):
    return ops.mean(ops.square(features - content_features), axis=(1, 2, 3))


@right("gram_matrix")
def matmul_of_flat_features(features):
    batch, height, width, channels = features.shape
    flat = ops.reshape(features, (batch, height * width, channels))
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / (channels * height * width)


@right("gram_matrix")
def psi_as_in_the_equation(features):
    batch, height, width, channels = features.shape
    psi = ops.reshape(ops.transpose(features, (0, 3, 1, 2)), (batch, channels, height * width))
    psi = psi / (channels * height * width) ** 0.5
    return psi @ ops.transpose(psi, (0, 2, 1))


@right("gram_matrix")
def loops_over_channels(features):
    _, height, width, channels = features.shape
    rows = []
    for i in range(channels):
        row = [ops.sum(features[..., i] * features[..., j], axis=(1, 2)) for j in range(channels)]
        rows.append(ops.stack(row, axis=-1))
    return ops.stack(rows, axis=1) / (channels * height * width)


@right("gram_matrix")
def tensordot_picture_by_picture(features):
    grams = [
        ops.tensordot(picture, picture, axes=((0, 1), (0, 1))) / float(np.prod(picture.shape))
        for picture in (features[i] for i in range(features.shape[0]))
    ]
    return ops.stack(grams)


@wrong("gram_matrix")
def gram_without_divisor(features):
    return ops.einsum("bhwc,bhwd->bcd", features, features)


@wrong("gram_matrix")
def divided_by_positions_only(features):
    _, height, width, _ = features.shape
    return ops.einsum("bhwc,bhwd->bcd", features, features) / (height * width)


@wrong("gram_matrix")
def divided_by_the_pictures_size(features):
    _, height, width, _ = features.shape
    return ops.einsum("bhwc,bhwd->bcd", features, features) / (3 * height * width)


@wrong("gram_matrix")
def gram_divided_by_the_batch_too(features):
    return ops.einsum("bhwc,bhwd->bcd", features, features) / float(np.prod(features.shape))


@wrong("gram_matrix")
def positions_by_positions(features):
    batch, height, width, channels = features.shape
    flat = ops.reshape(features, (batch, height * width, channels))
    return ops.matmul(flat, ops.transpose(flat, (0, 2, 1))) / (channels * height * width)


@wrong("gram_matrix")
def reshaped_where_it_should_be_transposed(features):
    batch, height, width, channels = features.shape
    psi = ops.reshape(features, (batch, channels, height * width))
    return ops.matmul(psi, ops.transpose(psi, (0, 2, 1))) / (channels * height * width)


@wrong("gram_matrix")
def batch_mixed(features):
    batch, height, width, channels = features.shape
    flat = ops.reshape(features, (batch * height * width, channels))
    gram = ops.matmul(ops.transpose(flat), flat) / (channels * height * width)
    return ops.stack([gram / batch] * batch)


@wrong("gram_matrix")
def gram_of_the_first_picture(features):
    _, height, width, channels = features.shape
    flat = ops.reshape(features[0], (height * width, channels))
    return (ops.transpose(flat) @ flat / (channels * height * width))[None]


@wrong("gram_matrix")
def gram_of_square_pictures(features):
    _, height, _, channels = features.shape
    return ops.einsum("bhwc,bhwd->bcd", features, features) / (channels * height**2)


@wrong("gram_matrix")
def centered_like_a_covariance(features):
    _, height, width, channels = features.shape
    centered = features - ops.mean(features, axis=(1, 2), keepdims=True)
    return ops.einsum("bhwc,bhwd->bcd", centered, centered) / (channels * height * width)


@wrong("gram_matrix")
def identity_added(features):
    _, height, width, channels = features.shape
    gram = ops.einsum("bhwc,bhwd->bcd", features, features) / (channels * height * width)
    return gram + ops.eye(channels, dtype="float32")


@wrong("gram_matrix")
def gram_in_place(features):
    _, height, width, channels = features.shape
    features /= np.float32(np.sqrt(channels * height * width))
    return ops.einsum("bhwc,bhwd->bcd", features, features)


@wrong("gram_matrix")
def gram_constant(features):
    return ops.stop_gradient(matmul_of_flat_features(features))


@right("style_loss")
def entry_by_entry(gram, style_gram):
    difference = gram - style_gram
    batch, channels, _ = difference.shape
    total = 0.0
    for b in range(batch):
        for i in range(channels):
            for j in range(channels):
                total = total + difference[b, i, j] ** 2
    return total / batch


@right("style_loss")
def trace_of_the_product(gram, style_gram):
    difference = gram - style_gram
    product = ops.matmul(difference, ops.transpose(difference, (0, 2, 1)))
    return ops.mean(ops.trace(product, axis1=1, axis2=2))


@right("style_loss")
def einsum_of_the_entries(gram, style_gram):
    difference = gram - style_gram
    return ops.einsum("bij,bij->", difference, difference) / difference.shape[0]


@right("style_loss")
def mean_times_the_entries(gram, style_gram):
    return ops.mean(ops.square(gram - style_gram)) * gram.shape[-1] ** 2


@wrong("style_loss")
def mean_of_the_entries(gram, style_gram):
    return ops.mean(ops.square(gram - style_gram))


@wrong("style_loss")
def summed_over_the_batch(gram, style_gram):
    return ops.sum(ops.square(gram - style_gram))


@wrong("style_loss")
def style_divided_by_the_batch_twice(gram, style_gram):
    return entry_by_entry(gram, style_gram) / gram.shape[0]


@wrong("style_loss")
def norm_without_its_square(gram, style_gram):
    difference = ops.sum(ops.square(gram - style_gram), axis=(1, 2))
    return ops.mean(ops.sqrt(difference))


@wrong("style_loss")
def a_quarter_as_gatys_has_it(gram, style_gram):
    return entry_by_entry(gram, style_gram) / 4


@wrong("style_loss")
def absolute_entries(gram, style_gram):
    return ops.mean(ops.sum(ops.abs(gram - style_gram), axis=(1, 2)))


@wrong("style_loss")
def diagonal_only(gram, style_gram):
    difference = ops.diagonal(gram - style_gram, axis1=1, axis2=2)
    return ops.mean(ops.sum(ops.square(difference), axis=1))


@wrong("style_loss", IndexError)
def each_picture_its_own_style(gram, style_gram):
    batch = gram.shape[0]
    return sum(ops.sum(ops.square(gram[i] - style_gram[i])) for i in range(batch)) / batch


@wrong("style_loss")
def style_of_the_first_picture(gram, style_gram):
    return ops.sum(ops.square(gram[0] - style_gram[0]))


@wrong("style_loss")
def style_in_place(gram, style_gram):
    gram -= style_gram
    return ops.mean(ops.sum(ops.square(gram), axis=(1, 2)))


@wrong("style_loss")
def style_constant(gram, style_gram):
    return ops.stop_gradient(entry_by_entry(gram, style_gram))


@right("total_variation_loss")
def one_loop_a_direction(images):
    batch, height, width, _ = images.shape
    total = 0.0
    for i in range(height - 1):
        total = total + ops.sum(ops.abs(images[:, i + 1] - images[:, i]))
    for j in range(width - 1):
        total = total + ops.sum(ops.abs(images[:, :, j + 1] - images[:, :, j]))
    return total / batch


@right("total_variation_loss")
def by_diff(images):
    down, right_ = ops.diff(images, axis=1), ops.diff(images, axis=2)
    return (ops.sum(ops.abs(down)) + ops.sum(ops.abs(right_))) / images.shape[0]


@right("total_variation_loss")
def larger_minus_smaller(images):
    def steps(a, b):
        return ops.sum(ops.maximum(a, b) - ops.minimum(a, b), axis=(1, 2, 3))

    down = steps(images[:, 1:, :, :], images[:, :-1, :, :])
    return ops.mean(down + steps(images[:, :, 1:, :], images[:, :, :-1, :]))


@wrong("total_variation_loss")
def to_the_right_only(images):
    return ops.mean(ops.sum(ops.abs(images[:, :, 1:] - images[:, :, :-1]), axis=(1, 2, 3)))


@wrong("total_variation_loss")
def squared_differences(images):
    down, right_ = ops.diff(images, axis=1), ops.diff(images, axis=2)
    return (ops.sum(ops.square(down)) + ops.sum(ops.square(right_))) / images.shape[0]


@wrong("total_variation_loss")
def means_instead_of_sums(images):
    return ops.mean(ops.abs(ops.diff(images, axis=1))) + ops.mean(ops.abs(ops.diff(images, axis=2)))


@wrong("total_variation_loss")
def opposite_borders_joined(images):
    down = ops.abs(ops.roll(images, -1, axis=1) - images)
    right_ = ops.abs(ops.roll(images, -1, axis=2) - images)
    return (ops.sum(down) + ops.sum(right_)) / images.shape[0]


@wrong("total_variation_loss")
def signs_left_in(images):
    return (ops.sum(ops.diff(images, axis=1)) + ops.sum(ops.diff(images, axis=2))) / images.shape[0]


@wrong("total_variation_loss")
def variation_of_the_whole_batch(images):
    return ops.sum(ops.abs(ops.diff(images, axis=1))) + ops.sum(ops.abs(ops.diff(images, axis=2)))


@wrong("total_variation_loss")
def variation_divided_by_the_batch_twice(images):
    return by_diff(images) / images.shape[0]


@wrong("total_variation_loss")
def between_channels_too(images):
    return by_diff(images) + ops.sum(ops.abs(ops.diff(images, axis=3))) / images.shape[0]


@wrong("total_variation_loss")
def between_pictures_of_the_batch(images):
    across = ops.sum(ops.abs(images[1:] - images[:-1])) if images.shape[0] > 1 else 0.0
    return by_diff(images) + across


@wrong("total_variation_loss")
def loops_for_square_pictures(images):
    batch, height, _, _ = images.shape
    total = 0.0
    for i in range(height - 1):
        total = total + ops.sum(ops.abs(images[:, i + 1] - images[:, i]))
        total = total + ops.sum(ops.abs(images[:, :, i + 1] - images[:, :, i]))
    return total / batch


@wrong("total_variation_loss")
def variation_in_place(images):
    loss = by_diff(images)
    if isinstance(images, np.ndarray):
        images[:, :-1] -= images[:, 1:]
    return loss


@wrong("total_variation_loss")
def variation_constant(images):
    return ops.stop_gradient(by_diff(images))


# More ways to the same numbers


@right("content_loss")
def loss_of_keras(features, content_features):
    return keras.losses.MeanSquaredError()(content_features, features)


@right("content_loss")
def content_mapped_over_the_batch(features, content_features):
    difference = ops.subtract(features, content_features)
    return ops.mean(ops.vectorized_map(lambda one: ops.mean(ops.square(one)), difference))


@right("content_loss")
def loop_over_both_tensors(features, content_features):
    total = 0.0
    for picture, target in zip(features, content_features, strict=True):
        total = total + ops.mean(ops.square(picture - target))
    return total / len(features)


@right("content_loss")
def pictures_taken_by_index(features, content_features):
    total = 0.0
    for i in range(features.shape[0]):
        difference = ops.take(features, i, axis=0) - content_features[i]
        total += ops.sum(difference**2) / float(np.prod(features.shape[1:]))
    return total / features.shape[0]


@right("content_loss")
def squared_norm_of_flat_differences(features, content_features):
    batch = features.shape[0]
    flat = ops.reshape(features - content_features, (batch, -1))
    return ops.mean(ops.sum(flat * flat, axis=1) / flat.shape[1])


@wrong("content_loss")
def minimum_over_the_batch(features, content_features):
    return ops.min(ops.mean(ops.square(features - content_features), axis=(1, 2, 3)))


@wrong("content_loss", (AssertionError, NotImplementedError))
def content_by_numpy(features, content_features):
    return np.mean(np.square(np.asarray(features) - np.asarray(content_features)))


@right("gram_matrix")
def mapped_over_the_batch(features):
    def one(picture):
        flat = ops.reshape(picture, (-1, picture.shape[-1]))
        return ops.matmul(ops.transpose(flat), flat) / float(np.prod(picture.shape))

    return ops.vectorized_map(one, ops.convert_to_tensor(features))


@right("gram_matrix")
def loop_over_pictures(features):
    grams = []
    for picture in features:
        height, width, channels = picture.shape
        flat = ops.reshape(picture, (height * width, channels))
        grams.append(ops.matmul(ops.transpose(flat), flat) / (height * width * channels))
    return ops.stack(grams)


@right("gram_matrix")
def outer_products_of_positions(features):
    outer = ops.expand_dims(features, -1) * ops.expand_dims(features, -2)
    return ops.mean(outer, axis=(1, 2)) / features.shape[-1]


@wrong("gram_matrix")
def root_of_the_divisor(features):
    _, height, width, channels = features.shape
    return ops.einsum("bhwc,bhwd->bcd", features, features) / (channels * height * width) ** 0.5


@wrong("gram_matrix")
def normalized_to_cosines(features):
    features = features / ops.sqrt(ops.sum(ops.square(features), axis=(1, 2), keepdims=True))
    return ops.einsum("bhwc,bhwd->bcd", features, features)


@wrong("gram_matrix")
def numpy_methods(features):
    flat = features.reshape(features.shape[0], -1, features.shape[-1])
    return flat.transpose(0, 2, 1) @ flat / float(np.prod(features.shape[1:]))


@right("style_loss")
def square_of_a_symmetric_matrix(gram, style_gram):
    difference = gram - style_gram
    return ops.mean(ops.trace(ops.matmul(difference, difference), axis1=1, axis2=2))


@right("style_loss")
def upper_triangle_twice(gram, style_gram):
    squares = ops.square(gram - style_gram)
    total = 2 * ops.sum(ops.triu(squares, k=1)) + ops.sum(ops.diagonal(squares, axis1=1, axis2=2))
    return total / gram.shape[0]


@right("style_loss")
def loop_over_matrices(gram, style_gram):
    losses = [ops.sum(ops.square(matrix)) for matrix in ops.subtract(gram, style_gram)]
    return sum(losses) / len(losses)


@right("style_loss")
def style_repeated_for_the_batch(gram, style_gram):
    if style_gram.shape[0] != gram.shape[0]:
        style_gram = ops.repeat(style_gram, gram.shape[0], axis=0)
    return ops.mean(ops.vectorized_map(lambda d: ops.sum(d * d), gram - style_gram))


@wrong("style_loss")
def difference_of_the_norms(gram, style_gram):
    norms = [ops.sum(ops.square(matrix), axis=(1, 2)) for matrix in (gram, style_gram)]
    return ops.mean(ops.abs(norms[0] - norms[1]))


@wrong("style_loss")
def upper_triangle_once(gram, style_gram):
    return ops.sum(ops.triu(ops.square(gram - style_gram))) / gram.shape[0]


@wrong("style_loss")
def mean_matrix_of_the_batch(gram, style_gram):
    return ops.sum(ops.square(ops.mean(gram, axis=0) - style_gram[0]))


@right("total_variation_loss")
def roots_of_squares(images):
    right_ = ops.sqrt(ops.square(images[:, :, 1:] - images[:, :, :-1]) + 1e-12)
    down = ops.sqrt(ops.square(images[:, 1:] - images[:, :-1]) + 1e-12)
    return (ops.sum(right_) + ops.sum(down)) / images.shape[0]


@right("total_variation_loss")
def rows_and_columns_taken(images):
    _, height, width, _ = images.shape
    down = ops.take(images, range(1, height), axis=1) - ops.take(images, range(height - 1), axis=1)
    right_ = ops.take(images, range(1, width), axis=2) - ops.take(images, range(width - 1), axis=2)
    return ops.mean(ops.sum(abs(down), axis=(1, 2, 3)) + ops.sum(abs(right_), axis=(1, 2, 3)))


@right("total_variation_loss")
def border_continued_once(images):
    padded = ops.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)), mode="symmetric")
    down, right_ = padded[:, 1:, :-1] - images, padded[:, :-1, 1:] - images
    return ops.sum(ops.abs(down) + ops.abs(right_)) / images.shape[0]


@right("total_variation_loss")
def picture_for_picture(images):
    def one(picture):
        down = ops.sum(ops.abs(picture[1:] - picture[:-1]))
        return down + ops.sum(ops.abs(picture[:, 1:] - picture[:, :-1]))

    return ops.mean(ops.stack([one(picture) for picture in images]))


@wrong("total_variation_loss")
def zeros_beyond_the_border(images):
    padded = ops.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)))
    down, right_ = padded[:, 1:, :-1] - images, padded[:, :-1, 1:] - images
    return ops.sum(ops.abs(down) + ops.abs(right_)) / images.shape[0]


@wrong("total_variation_loss")
def lengths_of_both_steps(images):
    down = images[:, 1:, :-1] - images[:, :-1, :-1]
    right_ = images[:, :-1, 1:] - images[:, :-1, :-1]
    return ops.sum(ops.sqrt(ops.square(down) + ops.square(right_) + 1e-12)) / images.shape[0]


@wrong("total_variation_loss")
def next_but_one(images):
    down, right_ = images[:, 2:] - images[:, :-2], images[:, :, 2:] - images[:, :, :-2]
    return (ops.sum(ops.abs(down)) + ops.sum(ops.abs(right_))) / images.shape[0]
