"""Assignment 4: covariance, whitening, coloring, the blend."""

import numpy as np
from keras import ops

from answers import given, right, wrong

DDOF, THRESHOLD, ALPHA = given.ddof, given.threshold, given.alpha


def flatten(features):
    features = np.asarray(features)
    return features.reshape(features.shape[0], -1, features.shape[-1])


def spread(features):
    flat = flatten(features)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat.transpose(0, 2, 1) @ flat / (flat.shape[1] - DDOF)


def center(features):
    features = np.asarray(features)
    return features - features.mean(axis=(1, 2), keepdims=True)


def apply(features, matrices):
    return np.einsum("bhwc,bcd->bhwd", features, matrices)


def swap(matrices):
    return matrices.transpose(0, 2, 1)


# The covariance


@right("covariance")
def numpys_covariance(features):
    return np.stack(
        [np.atleast_2d(np.cov(flat, rowvar=False, ddof=DDOF)) for flat in flatten(features)]
    )


@right("covariance")
def einsum_of_centered_features(features):
    features = ops.convert_to_tensor(features)
    _, height, width, _ = features.shape
    centered = features - ops.mean(features, axis=(1, 2), keepdims=True)
    return ops.einsum("bhwc,bhwd->bcd", centered, centered) / (height * width - DDOF)


@right("covariance")
def position_by_position(features):
    batch, height, width, channels = features.shape
    result = np.zeros((batch, channels, channels))
    for b in range(batch):
        mean = features[b].mean(axis=(0, 1))
        for i in range(height):
            for j in range(width):
                result[b] += np.outer(features[b, i, j] - mean, features[b, i, j] - mean)
    return result / (height * width - DDOF)


@right("covariance")
def channels_first(features):
    batch, _, _, channels = features.shape
    psi = np.moveaxis(features, 3, 1).reshape(batch, channels, -1)
    psi = psi - psi.mean(axis=2, keepdims=True)
    return psi @ psi.swapaxes(1, 2) / (psi.shape[2] - DDOF)


@wrong("covariance")
def not_centered(features):
    flat = flatten(features)
    return swap(flat) @ flat / (flat.shape[1] - DDOF)


@wrong("covariance")
def divided_by_another_count(features):
    count = flatten(features).shape[1]
    return spread(features) * (count - DDOF) / (count - 1 + DDOF)


@wrong("covariance")
def not_divided(features):
    return spread(features) * (flatten(features).shape[1] - DDOF)


@wrong("covariance")
def divided_like_a_gram_matrix(features):
    flat = flatten(features)
    return spread(features) * (flat.shape[1] - DDOF) / (flat.shape[1] * flat.shape[2])


@wrong("covariance")
def centered_over_the_channels(features):
    flat = flatten(features)
    flat = flat - flat.mean(axis=2, keepdims=True)
    return swap(flat) @ flat / (flat.shape[1] - DDOF)


@wrong("covariance")
def centered_by_one_number(features):
    flat = flatten(features) - features.mean()
    return swap(flat) @ flat / (flat.shape[1] - DDOF)


@wrong("covariance")
def centered_over_the_batch(features):
    flat = flatten(features)
    flat = flat - flat.mean(axis=(0, 1), keepdims=True)
    return swap(flat) @ flat / (flat.shape[1] - DDOF)


@wrong("covariance")
def positions_by_positions(features):
    flat = flatten(center(features))
    return flat @ swap(flat) / (flat.shape[1] - DDOF)


@wrong("covariance")
def reshaped_where_it_should_be_transposed(features):
    batch, _, _, channels = features.shape
    psi = center(features).reshape(batch, channels, -1)
    return psi @ swap(psi) / (psi.shape[2] - DDOF)


@wrong("covariance")
def all_pictures_as_one(features):
    flat = features.reshape(-1, features.shape[-1])
    return np.stack([np.atleast_2d(np.cov(flat, rowvar=False, ddof=DDOF))] * len(features))


@wrong("covariance")
def covariance_of_the_first_picture(features):
    return spread(features[:1])


@wrong("covariance")
def covariance_of_square_pictures(features):
    flat = flatten(center(features))
    with np.errstate(all="ignore"):
        return swap(flat) @ flat / (features.shape[1] ** 2 - DDOF)


@wrong("covariance")
def identity_added(features):
    return spread(features) + np.eye(features.shape[-1])


@wrong("covariance")
def correlation(features):
    deviations = flatten(features).std(axis=1, ddof=DDOF)
    return spread(features) / deviations[:, :, None] / deviations[:, None, :]


@wrong("covariance")
def centered_in_place(features):
    features -= features.mean(axis=(1, 2), keepdims=True)
    return spread(features)


# Whitening


def directions(features):
    return np.linalg.eigh(spread(features))


def inverse_roots(values, power=-0.5):
    kept = values > THRESHOLD * values[:, -1:]
    return np.where(kept, np.where(kept, values, 1) ** power, 0)


def whiten(features):
    values, vectors = directions(features)
    return apply(center(features), vectors * inverse_roots(values)[:, None] @ swap(vectors))


@right("whiten")
def singular_values_of_the_features(features):
    result = np.empty(features.shape)
    for b, flat in enumerate(flatten(center(features))):
        _, singular, turned = np.linalg.svd(flat, full_matrices=False)
        kept = singular**2 > THRESHOLD * singular[0] ** 2
        scales = np.sqrt(len(flat) - DDOF) / singular[kept]
        result[b] = (flat @ turned[kept].T * scales @ turned[kept]).reshape(features.shape[1:])
    return result


@right("whiten")
def diagonal_matrices(features):
    result = []
    for matrix, centered in zip(spread(features), center(features), strict=True):
        values, vectors = np.linalg.eigh(matrix)
        scales = [value**-0.5 if value > THRESHOLD * values.max() else 0 for value in values]
        result.append(centered @ (vectors @ np.diag(scales) @ vectors.T).T)
    return np.stack(result)


@right("whiten")
def pseudoinverse_of_the_root(features):
    values, vectors = directions(features)
    roots = vectors * np.sqrt(np.maximum(values, 0))[:, None] @ swap(vectors)
    inverses = [np.linalg.pinv(root, rcond=THRESHOLD**0.5, hermitian=True) for root in roots]
    return apply(center(features), np.stack(inverses))


@right("whiten")
def singular_values_of_the_covariance(features):
    left, values, _ = np.linalg.svd(spread(features))
    scales = np.where(values > THRESHOLD * values[:, :1], 1, 0) / np.sqrt(np.maximum(values, 1e-30))
    flat = np.einsum("bnc,bcd,bd,bed->bne", flatten(center(features)), left, scales, left)
    return flat.reshape(features.shape)


@wrong("whiten")
def mean_left_in(features):
    values, vectors = directions(features)
    return apply(features, vectors * inverse_roots(values)[:, None] @ swap(vectors))


@wrong("whiten")
def mean_added_back(features):
    return whiten(features) + features.mean(axis=(1, 2), keepdims=True)


@wrong("whiten")
def colored_instead(features):
    values, vectors = directions(features)
    return apply(center(features), vectors * inverse_roots(values, 0.5)[:, None] @ swap(vectors))


@wrong("whiten")
def root_forgotten(features):
    values, vectors = directions(features)
    return apply(center(features), vectors * inverse_roots(values, -1)[:, None] @ swap(vectors))


@wrong("whiten")
def not_turned_back(features):
    values, vectors = directions(features)
    return apply(center(features), vectors * inverse_roots(values)[:, None])


@wrong("whiten")
def eigenvectors_as_rows(features):
    values, vectors = directions(features)
    vectors = swap(vectors)
    return apply(center(features), vectors * inverse_roots(values)[:, None] @ swap(vectors))


@wrong("whiten")
def cholesky(features):
    lower = np.linalg.cholesky(spread(features) + 1e-12 * np.eye(features.shape[-1]))
    return apply(center(features), swap(np.linalg.inv(lower)))


@wrong("whiten")
def channels_on_their_own(features):
    deviations = features.std(axis=(1, 2), keepdims=True, ddof=DDOF)
    return center(features) / np.maximum(deviations, 1e-8)


@wrong("whiten")
def identity_added_to_the_covariance(features):
    values, vectors = directions(features)
    return apply(center(features), vectors * ((values + 1) ** -0.5)[:, None] @ swap(vectors))


@wrong("whiten")
def empty_directions_kept(features):
    values, vectors = directions(features)
    with np.errstate(all="ignore"):
        scales = np.maximum(values, 1e-20) ** -0.5
        return apply(center(features), vectors * scales[:, None] @ swap(vectors))


@wrong("whiten")
def roots_of_negative_rounding_errors(features):
    values, vectors = directions(features)
    with np.errstate(all="ignore"):
        return apply(center(features), vectors * (values**-0.5)[:, None] @ swap(vectors))


@wrong("whiten")
def threshold_without_the_largest(features):
    values, vectors = directions(features)
    scales = np.where(values > THRESHOLD, np.maximum(values, THRESHOLD) ** -0.5, 0)
    return apply(center(features), vectors * scales[:, None] @ swap(vectors))


@wrong("whiten")
def threshold_of_one(features):
    values, vectors = directions(features)
    scales = np.where(values > 1, np.maximum(values, 1) ** -0.5, 0)
    return apply(center(features), vectors * scales[:, None] @ swap(vectors))


@wrong("whiten")
def matrix_of_the_first_picture(features):
    values, vectors = directions(features[:1])
    matrix = vectors[0] * inverse_roots(values)[0] @ vectors[0].T
    return center(features) @ matrix


@wrong("whiten", ValueError)
def square_pictures_whitened(features):
    batch, height, _, channels = features.shape
    centered = center(features).reshape(batch, height * height, channels)
    values, vectors = directions(features)
    matrices = vectors * inverse_roots(values)[:, None] @ swap(vectors)
    return (centered @ matrices).reshape(features.shape)


@wrong("whiten")
def whitened_in_place(features):
    features -= features.mean(axis=(1, 2), keepdims=True)
    return whiten(features)


# Coloring


def roots_of(style_features, power=0.5):
    values, vectors = directions(style_features)
    values = np.maximum(values, 1e-12)
    return vectors * (values**power)[:, None] @ swap(vectors)


def mean_of(features):
    return np.asarray(features).mean(axis=(1, 2), keepdims=True)


@right("color")
def singular_value_decomposition(features, style_features):
    left, values, turned = np.linalg.svd(spread(style_features))
    return apply(features, left * np.sqrt(values)[:, None] @ turned) + mean_of(style_features)


@right("color")
def colored_picture_by_picture(features, style_features):
    result = np.empty(features.shape)
    for b in range(len(features)):
        flat = style_features[b].reshape(-1, features.shape[-1])
        values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(flat.T, ddof=DDOF)))
        root = vectors @ np.diag(np.clip(values, 0, None) ** 0.5) @ vectors.T
        result[b] = features[b] @ root + flat.mean(axis=0)
    return result


@right("color")
def direction_by_direction(features, style_features):
    result = np.zeros(features.shape) + mean_of(style_features)
    values, vectors = directions(style_features)
    for b in range(len(features)):
        for value, vector in zip(values[b], vectors[b].T, strict=True):
            result[b] += np.sqrt(max(value, 0)) * np.multiply.outer(features[b] @ vector, vector)
    return result


@right("color")
def root_from_the_styles_own_axes(features, style_features):
    _, singular, turned = np.linalg.svd(flatten(center(style_features)), full_matrices=False)
    count = style_features.shape[1] * style_features.shape[2]
    flat = flatten(features) @ swap(turned) * (singular / np.sqrt(count - DDOF))[:, None] @ turned
    return flat.reshape(features.shape) + mean_of(style_features)


@wrong("color")
def mean_forgotten(features, style_features):
    return apply(features, roots_of(style_features))


@wrong("color")
def own_mean_added(features, style_features):
    return apply(features, roots_of(style_features)) + mean_of(features)


@wrong("color")
def one_mean_for_all_channels(features, style_features):
    mean = np.asarray(style_features).mean(axis=(1, 2, 3), keepdims=True)
    return apply(features, roots_of(style_features)) + mean


@wrong("color")
def one_mean_for_the_batch(features, style_features):
    mean = np.asarray(style_features).mean(axis=(0, 1, 2))
    return apply(features, roots_of(style_features)) + mean


@wrong("color")
def covariance_in_place_of_its_root(features, style_features):
    return apply(features, spread(style_features)) + mean_of(style_features)


@wrong("color")
def whitened_once_more(features, style_features):
    return apply(features, roots_of(style_features, -0.5)) + mean_of(style_features)


@wrong("color")
def style_not_turned_back(features, style_features):
    values, vectors = directions(style_features)
    roots = vectors * np.sqrt(np.maximum(values, 0))[:, None]
    return apply(features, roots) + mean_of(style_features)


@wrong("color")
def cholesky_of_the_style(features, style_features):
    identity = np.eye(style_features.shape[-1])
    lower = np.linalg.cholesky(spread(style_features) + 1e-9 * identity)
    return apply(features, swap(lower)) + mean_of(style_features)


@wrong("color")
def deviations_only(features, style_features):
    deviations = np.asarray(style_features).std(axis=(1, 2), keepdims=True, ddof=DDOF)
    return features * deviations + mean_of(style_features)


@wrong("color")
def style_divided_by_another_count(features, style_features):
    count = style_features.shape[1] * style_features.shape[2]
    scale = np.sqrt((count - DDOF) / (count - 1 + DDOF))
    return scale * apply(features, roots_of(style_features)) + mean_of(style_features)


@wrong("color")
def root_of_a_negative_rounding_error(features, style_features):
    values, vectors = directions(style_features)
    with np.errstate(all="ignore"):
        roots = vectors * np.sqrt(values)[:, None] @ swap(vectors)
    return apply(features, roots) + mean_of(style_features)


@wrong("color")
def style_of_the_first_picture(features, style_features):
    first = style_features[:1]
    return features @ roots_of(first)[0] + mean_of(first)


@wrong("color", ValueError)
def style_of_the_same_size(features, style_features):
    return apply(features, roots_of(style_features)) + 0 * style_features + mean_of(style_features)


@wrong("color")
def colored_in_place(features, style_features):
    result = apply(features, roots_of(style_features)) + mean_of(style_features)
    features[...] = result
    return features


# The blend


def color(features, style_features):
    return apply(features, roots_of(style_features)) + mean_of(style_features)


def stylized(content, style):
    return color(whiten(content), style)


@right("transform")
def from_the_content_toward_the_style(content, style, alpha=ALPHA):
    return content + alpha * (stylized(content, style) - content)


@right("transform")
def blended_one_by_one(content, style, alpha=ALPHA):
    pairs = zip(stylized(content, style), content, strict=True)
    return np.stack([alpha * new + (1 - alpha) * old for new, old in pairs])


@right("transform")
def einsum_of_both(content, style, alpha=ALPHA):
    return np.einsum("s,sbhwc->bhwc", [alpha, 1 - alpha], [stylized(content, style), content])


@right("transform")
def one_matrix_for_both(content, style, alpha=ALPHA):
    values, vectors = directions(content)
    white = vectors * inverse_roots(values)[:, None] @ swap(vectors)
    matrix = alpha * white @ roots_of(style) + (1 - alpha) * np.eye(content.shape[-1])
    mean = alpha * mean_of(style) + (1 - alpha) * mean_of(content)
    return apply(center(content), matrix) + mean


@wrong("transform")
def alpha_the_wrong_way_round(content, style, alpha=ALPHA):
    return (1 - alpha) * stylized(content, style) + alpha * content


@wrong("transform")
def mean_of_the_content_lost(content, style, alpha=ALPHA):
    return alpha * stylized(content, style) + (1 - alpha) * center(content)


@wrong("transform")
def whitened_features_blended_in(content, style, alpha=ALPHA):
    return alpha * stylized(content, style) + (1 - alpha) * whiten(content)


@wrong("transform")
def alpha_ignored(content, style, alpha=ALPHA):
    return stylized(content, style)


@wrong("transform")
def half_by_default(content, style, alpha=0.5):
    return alpha * stylized(content, style) + (1 - alpha) * content


@wrong("transform")
def content_added_in_full(content, style, alpha=ALPHA):
    return alpha * stylized(content, style) + content


@wrong("transform")
def whitening_forgotten(content, style, alpha=ALPHA):
    return alpha * color(content, style) + (1 - alpha) * content


@wrong("transform")
def coloring_forgotten(content, style, alpha=ALPHA):
    return alpha * whiten(content) + (1 - alpha) * content


@wrong("transform")
def style_and_content_exchanged(content, style, alpha=ALPHA):
    return alpha * stylized(style, content)[:, :1, :1] + (1 - alpha) * content


@wrong("transform")
def alpha_inside_the_coloring(content, style, alpha=ALPHA):
    return color(alpha * whiten(content), style) * alpha + (1 - alpha) * content


@wrong("transform")
def mean_of_the_style_in_full(content, style, alpha=ALPHA):
    change = stylized(content, style) - mean_of(style)
    return alpha * change + (1 - alpha) * content + mean_of(style)


@wrong("transform")
def blend_of_the_first_picture(content, style, alpha=ALPHA):
    return alpha * stylized(content[:1], style[:1]) + (1 - alpha) * content


@wrong("transform")
def content_in_place(content, style, alpha=ALPHA):
    result = alpha * stylized(content, style)
    content *= np.float32(1 - alpha)
    return result + content


@wrong("transform", ValueError)
def blended_with_the_style(content, style, alpha=ALPHA):
    return alpha * stylized(content, style) + (1 - alpha) * style


# More ways to the same numbers


@right("covariance")
def covariance_of_tensors(features):
    batch, height, width, channels = features.shape
    flat = ops.reshape(ops.convert_to_tensor(features), (batch, height * width, channels))
    flat = flat - ops.mean(flat, axis=1, keepdims=True)
    return ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / (height * width - DDOF)


@right("covariance")
def mean_product_minus_product_of_means(features):
    flat = flatten(features).astype("float64")
    mean, count = flat.mean(axis=1), flat.shape[1]
    products = np.einsum("bnc,bnd->bcd", flat, flat) / count
    return (products - mean[:, :, None] * mean[:, None, :]) * count / (count - DDOF)


@right("covariance")
def numpys_covariance_without_loops_over_one_channel(features):
    return np.array([np.cov(flat.T, ddof=DDOF) for flat in flatten(features)])


@wrong("covariance")
def absolute_products(features):
    return np.abs(spread(features))


@wrong("covariance")
def variances_only(features):
    return spread(features) * np.eye(features.shape[-1])


@right("whiten")
def eigenvalues_of_a_general_matrix(features):
    result = []
    for matrix, centered in zip(spread(features), center(features), strict=True):
        values, vectors = np.linalg.eig(np.float64(matrix))
        values, vectors = values.real, vectors.real
        scales = np.zeros(len(values))
        kept = values > THRESHOLD * values.max()
        scales[kept] = 1 / np.sqrt(values[kept])
        result.append(centered @ (vectors * scales @ vectors.T))
    return np.stack(result)


@right("whiten")
def tensors_throughout(features):
    features = ops.convert_to_tensor(features)
    batch, height, width, channels = features.shape
    centered = features - ops.mean(features, axis=(1, 2), keepdims=True)
    flat = ops.reshape(centered, (batch, height * width, channels))
    covariance = ops.matmul(ops.transpose(flat, (0, 2, 1)), flat) / (height * width - DDOF)
    values, vectors = ops.eigh(covariance)
    kept = values > THRESHOLD * ops.max(values, axis=1, keepdims=True)
    scales = ops.where(kept, ops.rsqrt(ops.where(kept, values, 1.0)), 0.0)
    matrix = ops.matmul(vectors * scales[:, None, :], ops.transpose(vectors, (0, 2, 1)))
    return ops.reshape(ops.matmul(flat, matrix), features.shape)


@right("whiten")
def roots_first_and_dropped_then(features):
    values, vectors = directions(features)
    with np.errstate(all="ignore"):
        scales = 1 / np.sqrt(values)
    scales[values < THRESHOLD * values.max(axis=1, keepdims=True)] = 0
    return apply(center(features), vectors * scales[:, None] @ swap(vectors))


@right("whiten")
def strong_directions_alone(features):
    result = np.zeros(features.shape)
    values, vectors = directions(features)
    for b, centered in enumerate(center(features)):
        for value, vector in zip(values[b], vectors[b].T, strict=True):
            if value >= THRESHOLD * values[b].max():
                result[b] += np.multiply.outer(centered @ vector, vector) / np.sqrt(value)
    return result


def scaled(features, scales):
    """Whitening with other scales along the eigenvectors."""
    values, vectors = directions(features)
    with np.errstate(all="ignore"):
        return apply(center(features), vectors * scales(values)[:, None] @ swap(vectors))


@wrong("whiten")
def absolute_threshold(features):
    return scaled(features, lambda v: np.where(v > THRESHOLD, np.abs(v) ** -0.5, 0))


@wrong("whiten")
def threshold_over_the_batch(features):
    return scaled(features, lambda v: np.where(v > THRESHOLD * v.max(), np.abs(v) ** -0.5, 0))


@wrong("whiten")
def threshold_on_roots(features):
    def scales(values):
        roots = np.sqrt(np.maximum(values, 0))
        return np.where(roots > THRESHOLD * roots[:, -1:], 1 / roots, 0)

    return scaled(features, scales)


@wrong("whiten")
def absolute_values_plus_hardly_anything(features):
    return scaled(features, lambda v: (np.abs(v) + 1e-30) ** -0.5)


@wrong("whiten")
def threshold_added(features):
    return scaled(features, lambda v: (np.maximum(v, 0) + THRESHOLD) ** -0.5)


@wrong("whiten")
def share_of_the_largest_added(features):
    return scaled(features, lambda v: (np.maximum(v, 0) + THRESHOLD * v[:, -1:]) ** -0.5)


@wrong("whiten")
def clamped_instead_of_dropped(features):
    return scaled(features, lambda v: np.maximum(v, THRESHOLD * v[:, -1:]) ** -0.5)


@wrong("whiten")
def ones_in_dropped_directions(features):
    return scaled(features, lambda v: np.where(v > THRESHOLD * v[:, -1:], np.abs(v) ** -0.5, 1))


@wrong("whiten")
def ten_times_the_threshold(features):
    return scaled(
        features, lambda v: np.where(v > 10 * THRESHOLD * v[:, -1:], np.abs(v) ** -0.5, 0)
    )


@wrong("whiten")
def a_tenth_of_the_threshold(features):
    return scaled(
        features, lambda v: np.where(v > THRESHOLD / 10 * v[:, -1:], np.abs(v) ** -0.5, 0)
    )


@wrong("whiten")
def threshold_of_the_mean_eigenvalue(features):
    def scales(values):
        mean = values.mean(axis=1, keepdims=True)
        return np.where(values > 100 * THRESHOLD * mean, np.abs(values) ** -0.5, 0)

    return scaled(features, scales)


@right("color")
def negative_values_become_zero(features, style_features):
    values, vectors = directions(style_features)
    values[values < 0] = 0
    return apply(features, vectors * np.sqrt(values)[:, None] @ swap(vectors)) + mean_of(
        style_features
    )


@right("color")
def empty_directions_dropped(features, style_features):
    values, vectors = directions(style_features)
    kept = values > 1e-5 * values[:, -1:]
    roots = np.where(kept, np.sqrt(np.where(kept, values, 1)), 0)
    return apply(features, vectors * roots[:, None] @ swap(vectors)) + mean_of(style_features)


@right("color")
def tensors_colored(features, style_features):
    values, vectors = ops.eigh(ops.convert_to_tensor(spread(style_features), "float32"))
    roots = ops.sqrt(ops.relu(values))
    matrix = ops.matmul(vectors * roots[:, None, :], ops.transpose(vectors, (0, 2, 1)))
    colored = ops.einsum("bhwc,bcd->bhwd", ops.convert_to_tensor(features), matrix)
    return colored + ops.mean(ops.convert_to_tensor(style_features), axis=(1, 2), keepdims=True)


@wrong("color")
def root_of_the_root(features, style_features):
    return apply(features, roots_of(style_features, 0.25)) + mean_of(style_features)


@wrong("color")
def mean_subtracted(features, style_features):
    return apply(features, roots_of(style_features)) - mean_of(style_features)


@wrong("color")
def mean_added_before(features, style_features):
    return apply(features + mean_of(style_features), roots_of(style_features))


@right("transform")
def content_returned_for_zero(content, style, alpha=ALPHA):
    if alpha == 0:
        return content
    return alpha * stylized(content, style) + (1 - alpha) * content


@right("transform")
def blended_tensors(content, style, alpha=ALPHA):
    new = ops.convert_to_tensor(stylized(content, style), "float32")
    return ops.add(ops.multiply(alpha, new), ops.multiply(1 - alpha, content))


@wrong("transform")
def alpha_squared(content, style, alpha=ALPHA):
    return alpha**2 * stylized(content, style) + (1 - alpha**2) * content


@wrong("transform")
def colored_by_itself(content, style, alpha=ALPHA):
    return alpha * color(whiten(content), content) + (1 - alpha) * content
