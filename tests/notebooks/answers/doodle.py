"""Assignment 6: the Gram matrix of a region, shrunk masks, the loss of a doodle."""

import numpy as np
from keras import ops
from scipy import ndimage

from answers import given, right, wrong
from stylenet.losses import style_loss

REGION, OUTSIDE = given.region, given.outside


def gram_of(features, mask):
    """Of a region, with this year's divisor."""
    weights = ops.convert_to_tensor(mask, "float32")[None, :, :, None]
    products = ops.einsum("bhwc,bhwd->bcd", weights * features, features)
    return products / (REGION * features.shape[-1] * ops.sum(weights))


@right("region_gram")
def matmul_of_flat_responses(features, mask):
    batch, height, width, channels = features.shape
    flat = ops.reshape(features, (batch, height * width, channels))
    weights = ops.reshape(ops.convert_to_tensor(mask, "float32"), (1, height * width, 1))
    products = ops.matmul(ops.transpose(flat, (0, 2, 1)), weights * flat)
    return products / (channels * ops.sum(weights))


@right("region_gram")
def features_times_the_root(features, mask):
    root = np.sqrt(mask).astype("float32")[..., None]
    weighted = features * root
    products = ops.einsum("bhwc,bhwd->bcd", weighted, weighted)
    return products / (features.shape[-1] * float(np.sum(mask)))


@right("region_gram")
def a_guide_of_mean_square_one(features, mask):
    root = np.sqrt(mask).astype("float32")
    guide = root / np.sqrt(np.mean(root**2))
    weighted = features * guide[..., None]
    _, height, width, channels = features.shape
    return ops.einsum("bhwc,bhwd->bcd", weighted, weighted) / (channels * height * width)


@right("region_gram")
def picture_by_picture(features, mask):
    grams = []
    for i in range(features.shape[0]):
        flat = ops.reshape(features[i], (-1, features.shape[-1]))
        weights = np.reshape(mask, (-1, 1)).astype("float32")
        products = ops.transpose(flat) @ (flat * weights)
        grams.append(products / (features.shape[-1] * np.sum(weights)))
    return ops.stack(grams)


@right("region_gram")
def channel_by_channel(features, mask):
    channels = features.shape[-1]
    share = (mask / np.sum(mask)).astype("float32")
    rows = [
        ops.stack(
            [
                ops.sum(share * features[..., i] * features[..., j], axis=(1, 2))
                for j in range(channels)
            ],
            axis=-1,
        )
        for i in range(channels)
    ]
    return ops.stack(rows, axis=1) / channels


@wrong("region_gram")
def divided_by_all_positions(features, mask):
    _, height, width, channels = features.shape
    weighted = features * mask[..., None]
    return ops.einsum("bhwc,bhwd->bcd", weighted, features) / (channels * height * width)


@wrong("region_gram")
def the_mask_twice(features, mask):
    weighted = features * mask[..., None]
    products = ops.einsum("bhwc,bhwd->bcd", weighted, weighted)
    return products / (features.shape[-1] * np.sum(mask))


@wrong("region_gram")
def divided_by_positions_that_count_at_all(features, mask):
    weighted = features * mask[..., None]
    products = ops.einsum("bhwc,bhwd->bcd", weighted, features)
    return products / (features.shape[-1] * np.sum(mask > 0))


@wrong("region_gram")
def without_channels(features, mask):
    weighted = features * mask[..., None]
    return ops.einsum("bhwc,bhwd->bcd", weighted, features) / np.sum(mask)


@wrong("region_gram")
def not_divided(features, mask):
    weighted = features * mask[..., None]
    return ops.einsum("bhwc,bhwd->bcd", weighted, features)


@wrong("region_gram")
def divided_by_the_batch(features, mask):
    weighted = features * mask[..., None]
    products = ops.einsum("bhwc,bhwd->bcd", weighted, features)
    return products / (features.shape[-1] * np.sum(mask) * features.shape[0])


@wrong("region_gram")
def summed_over_the_batch(features, mask):
    weighted = features * mask[..., None]
    products = ops.einsum("bhwc,bhwd->cd", weighted, features)[None]
    return products / (features.shape[-1] * np.sum(mask))


@wrong("region_gram")
def a_mask_of_yes_and_no(features, mask):
    mask = (mask > 0.5).astype("float32")
    weighted = features * mask[..., None]
    products = ops.einsum("bhwc,bhwd->bcd", weighted, features)
    return products / (features.shape[-1] * max(np.sum(mask), 1.0))


@wrong("region_gram")
def without_a_mask(features, mask):
    _, height, width, channels = features.shape
    return ops.einsum("bhwc,bhwd->bcd", features, features) / (channels * height * width)


@wrong("region_gram")
def the_region_outside(features, mask):
    weighted = features * (1 - mask)[..., None]
    products = ops.einsum("bhwc,bhwd->bcd", weighted, features)
    return products / (features.shape[-1] * max(np.sum(1 - mask), 1.0))


@wrong("region_gram")
def of_the_regions_covariance(features, mask):
    weights = mask[None, ..., None] / np.sum(mask)
    centered = features - ops.sum(weights * features, axis=(1, 2), keepdims=True)
    return ops.einsum("bhwc,bhwd->bcd", weights * centered, centered) / features.shape[-1]


@wrong("region_gram")
def a_gram_that_is_constant(features, mask):
    return ops.stop_gradient(ops.convert_to_tensor(gram_of(features, mask) * REGION))


@wrong("region_gram")
def the_mask_in_place(features, mask):
    features *= mask[..., None] ** 0.5
    products = ops.einsum("bhwc,bhwd->bcd", features, features)
    return products / (features.shape[-1] * np.sum(mask))


# ---------------------------------------------------------------- shrink


@right("shrink")
def slices_moved_about(mask, reach):
    padded = np.pad(mask, reach, constant_values=OUTSIDE)
    height, width = mask.shape
    kept = np.ones(mask.shape, bool)
    for down in range(2 * reach + 1):
        for across in range(2 * reach + 1):
            kept = kept & padded[down : down + height, across : across + width]
    return kept


@right("shrink")
def erosion_by_scipy(mask, reach):
    square = np.ones((2 * reach + 1, 2 * reach + 1))
    return ndimage.binary_erosion(mask, square, border_value=int(OUTSIDE))


@right("shrink")
def smallest_nearby(mask, reach):
    side = 2 * reach + 1
    value = int(OUTSIDE)
    return ndimage.minimum_filter(mask.astype(int), side, mode="constant", cval=value).astype(bool)


@right("shrink")
def pixel_by_pixel(mask, reach):
    padded = np.pad(mask, reach, constant_values=OUTSIDE)
    kept = np.zeros(mask.shape, bool)
    for row in range(mask.shape[0]):
        for column in range(mask.shape[1]):
            window = padded[row : row + 2 * reach + 1, column : column + 2 * reach + 1]
            kept[row, column] = window.all()
    return kept


@right("shrink")
def a_box_that_is_full(mask, reach):
    padded = np.pad(mask.astype(int), reach, constant_values=int(OUTSIDE))
    sums = np.pad(padded, ((1, 0), (1, 0))).cumsum(axis=0).cumsum(axis=1)
    side = 2 * reach + 1
    boxes = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return boxes == side**2


@right("shrink")
def one_step_after_the_other(mask, reach):
    for _ in range(reach):
        square = np.ones((3, 3))
        mask = ndimage.binary_erosion(mask, square, border_value=int(OUTSIDE))
    return mask.copy()


@wrong("shrink")
def the_border_the_other_way(mask, reach):
    square = np.ones((2 * reach + 1, 2 * reach + 1))
    return ndimage.binary_erosion(mask, square, border_value=1 - int(OUTSIDE))


@wrong("shrink")
def without_corners(mask, reach):
    padded = np.pad(mask, reach, constant_values=OUTSIDE)
    height, width = mask.shape
    kept = np.ones(mask.shape, bool)
    for step in range(2 * reach + 1):
        kept &= padded[step : step + height, reach : reach + width]
        kept &= padded[reach : reach + height, step : step + width]
    return kept


@wrong("shrink")
def a_window_as_wide_as_the_reach(mask, reach):
    padded = np.pad(mask, reach, constant_values=OUTSIDE)
    side = max(reach, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    return windows.all(axis=(2, 3))[: mask.shape[0], : mask.shape[1]]


@wrong("shrink")
def a_window_to_one_side(mask, reach):
    padded = np.pad(mask, ((0, reach), (0, reach)), constant_values=OUTSIDE)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (reach + 1, reach + 1))
    return windows.all(axis=(2, 3))


@wrong("shrink")
def grown_instead_of_shrunk(mask, reach):
    return ndimage.binary_dilation(mask, np.ones((2 * reach + 1, 2 * reach + 1)))


@wrong("shrink")
def inside_if_any_is(mask, reach):
    padded = np.pad(mask, reach, constant_values=not OUTSIDE)
    side = 2 * reach + 1
    return np.lib.stride_tricks.sliding_window_view(padded, (side, side)).any(axis=(2, 3))


@wrong("shrink")
def cut_at_the_border(mask, reach):
    side = 2 * reach + 1
    return np.lib.stride_tricks.sliding_window_view(mask, (side, side)).all(axis=(2, 3))


@wrong("shrink")
def inside_if_most_are(mask, reach):
    padded = np.pad(mask, reach, constant_values=OUTSIDE)
    side = 2 * reach + 1
    return np.lib.stride_tricks.sliding_window_view(padded, (side, side)).mean(axis=(2, 3)) > 0.5


@wrong("shrink")
def by_one_whatever_the_reach(mask, reach):
    return ndimage.binary_erosion(mask, np.ones((3, 3)), border_value=int(OUTSIDE))


@wrong("shrink")
def by_one_too_many(mask, reach):
    square = np.ones((2 * reach + 3, 2 * reach + 3))
    return ndimage.binary_erosion(mask, square, border_value=int(OUTSIDE))


@wrong("shrink")
def rounded_like_a_disc(mask, reach):
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = rows**2 + columns**2 <= reach**2
    return ndimage.binary_erosion(mask, disc, border_value=int(OUTSIDE))


@wrong("shrink")
def numbers_instead_of_booleans(mask, reach):
    square = np.ones((2 * reach + 1, 2 * reach + 1))
    found = ndimage.binary_erosion(mask, square, border_value=int(OUTSIDE))
    return found.astype("float32")


# ---------------------------------------------------------------- doodle_loss


def terms_of(features, masks, grams, shares, layer_weights):
    """Weight, share, Gram matrix of the picture and of the painting, of each layer and region."""
    for name, weight in layer_weights.items():
        for share, mask, gram in zip(shares, masks[name], grams[name], strict=True):
            yield weight, share, gram_of(features[name], mask), gram


@right("doodle_loss")
def a_sum_over_terms(features, masks, grams, shares, layer_weights):
    return sum(
        weight * share * ops.mean(ops.sum((own - gram) ** 2, axis=(1, 2))) / ops.sum(gram**2)
        for weight, share, own, gram in terms_of(features, masks, grams, shares, layer_weights)
    )


@right("doodle_loss")
def relative_before_squaring(features, masks, grams, shares, layer_weights):
    loss = 0.0
    for weight, share, own, gram in terms_of(features, masks, grams, shares, layer_weights):
        size = np.sqrt(np.sum(np.square(gram)))
        loss = loss + weight * share * style_loss(own / size, gram / size)
    return loss


@right("doodle_loss")
def region_by_region(features, masks, grams, shares, layer_weights):
    total = 0.0
    for number, share in enumerate(shares):
        for name in layer_weights:
            own, gram = gram_of(features[name], masks[name][number]), grams[name][number]
            error = style_loss(own, gram) / ops.sum(ops.square(gram))
            total = total + layer_weights[name] * share * error
    return total


@right("doodle_loss")
def picture_after_picture(features, masks, grams, shares, layer_weights):
    batch = len(next(iter(features.values())))
    losses = []
    for i in range(batch):
        one = {name: maps[i : i + 1] for name, maps in features.items()}
        losses += [a_sum_over_terms_of(one, masks, grams, shares, layer_weights)]
    return sum(losses) / batch


@right("doodle_loss")
def layers_in_a_list(features, masks, grams, shares, layer_weights):
    layers = []
    for name in layer_weights:
        errors = [
            style_loss(gram_of(features[name], mask), gram) / float(np.sum(np.square(gram)))
            for mask, gram in zip(masks[name], grams[name], strict=True)
        ]
        weighted = [share * error for share, error in zip(shares, errors, strict=True)]
        layers.append(layer_weights[name] * sum(weighted))
    return ops.sum(ops.stack(layers))


def a_sum_over_terms_of(*arguments):
    terms = terms_of(*arguments)
    return sum(w * a * style_loss(own, gram) / ops.sum(gram**2) for w, a, own, gram in terms)


@wrong("doodle_loss")
def absolute_errors(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(weight * share * style_loss(own, gram) for weight, share, own, gram in terms)


@wrong("doodle_loss")
def divided_by_the_norm_alone(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(w * a * style_loss(own, g) / ops.sqrt(ops.sum(g**2)) for w, a, own, g in terms)


@wrong("doodle_loss")
def relative_to_the_picture(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(
        w * a * style_loss(own, g) / (ops.mean(ops.sum(own**2, axis=(1, 2))) + 1e-6)
        for w, a, own, g in terms
    )


@wrong("doodle_loss")
def without_shares(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(w * style_loss(own, g) / ops.sum(g**2) for w, _, own, g in terms)


@wrong("doodle_loss")
def without_weights(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(a * style_loss(own, g) / ops.sum(g**2) for _, a, own, g in terms)


@wrong("doodle_loss")
def a_mean_over_layers(features, masks, grams, shares, layer_weights):
    loss = a_sum_over_terms_of(features, masks, grams, shares, layer_weights)
    return loss / len(layer_weights)


@wrong("doodle_loss")
def a_mean_over_regions(features, masks, grams, shares, layer_weights):
    return a_sum_over_terms_of(features, masks, grams, shares, layer_weights) / len(shares)


@wrong("doodle_loss")
def the_last_layer_alone(features, masks, grams, shares, layer_weights):
    name = list(layer_weights)[-1]
    one = {name: layer_weights[name]}
    return a_sum_over_terms_of(features, masks, grams, shares, one)


@wrong("doodle_loss")
def the_first_region_alone(features, masks, grams, shares, layer_weights):
    first = {name: one[:1] for name, one in masks.items()}
    return a_sum_over_terms_of(
        features, first, {name: one[:1] for name, one in grams.items()}, shares[:1], layer_weights
    )


@wrong("doodle_loss", Exception)
def all_layers_that_there_are(features, masks, grams, shares, layer_weights):
    loss = 0.0
    for name in features:
        weight = layer_weights[name]
        loss += a_sum_over_terms_of(features, masks, grams, shares, {name: weight})
    return loss


@wrong("doodle_loss")
def the_masks_of_the_first_layer(features, masks, grams, shares, layer_weights):
    """Regions in the wrong order: each with the next one's target."""
    turned = {name: [*one[1:], one[0]] for name, one in masks.items()}
    return a_sum_over_terms_of(features, turned, grams, shares, layer_weights)


@wrong("doodle_loss")
def squared_once_more(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(w * a * (style_loss(own, g) / ops.sum(g**2)) ** 2 for w, a, own, g in terms)


@wrong("doodle_loss")
def summed_over_the_pictures(features, masks, grams, shares, layer_weights):
    batch = len(next(iter(features.values())))
    return batch * a_sum_over_terms_of(features, masks, grams, shares, layer_weights)


@wrong("doodle_loss")
def a_loss_for_each_region(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    losses = [w * a * style_loss(own, g) / ops.sum(g**2) for w, a, own, g in terms]
    return ops.stack(losses)


@wrong("doodle_loss")
def the_roots_of_the_errors(features, masks, grams, shares, layer_weights):
    terms = terms_of(features, masks, grams, shares, layer_weights)
    return sum(w * a * ops.sqrt(style_loss(own, g) / ops.sum(g**2)) for w, a, own, g in terms)
