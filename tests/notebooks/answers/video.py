"""Assignment 5: warping, occlusion, the temporal loss, long-term weights."""

import numpy as np
from keras import ops
from scipy import ndimage

from answers import given, right, wrong

SHARE, SLACK = given.share, given.slack

# Warping


def fetch(image, x, y):
    """Bilinear interpolation of (height, width, channels) at columns x and rows y."""
    image = np.asarray(image)
    channels = [
        ndimage.map_coordinates(image[..., c], [y, x], order=1, mode="nearest")
        for c in range(image.shape[2])
    ]
    return np.stack(channels, axis=2)


def targets(flow, sign=1):
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]]
    return columns + sign * flow[..., 0], rows + sign * flow[..., 1]


def warp(image, flow):
    return fetch(image, *targets(flow))


@right("warp")
def scipy_interpolates(image, flow):
    return warp(image, flow)


@right("warp")
def keras_interpolates(image, flow):
    x, y = targets(flow)
    image = np.float32(image)
    channels = [
        ops.image.map_coordinates(image[..., c], [y, x], order=1, fill_mode="nearest")
        for c in range(image.shape[2])
    ]
    return ops.stack(channels, axis=2)


@right("warp")
def pixel_by_pixel(image, flow):
    height, width, _ = image.shape
    result = np.empty(image.shape)
    for i in range(height):
        for j in range(width):
            x = min(max(j + flow[i, j, 0], 0), width - 1)
            y = min(max(i + flow[i, j, 1], 0), height - 1)
            left, top = int(x), int(y)
            right_, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
            a, b = x - left, y - top
            upper = (1 - a) * image[top, left] + a * image[top, right_]
            lower = (1 - a) * image[bottom, left] + a * image[bottom, right_]
            result[i, j] = (1 - b) * upper + b * lower
    return result


@right("warp")
def sum_of_hats_over_all_pixels(image, flow):
    height, width, _ = image.shape
    x, y = targets(flow)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    columns = np.maximum(1 - abs(x[..., None] - np.arange(width)), 0)
    rows = np.maximum(1 - abs(y[..., None] - np.arange(height)), 0)
    return np.einsum("ijr,ijs,rsc->ijc", rows, columns, image)


@wrong("warp")
def wrong_sign(image, flow):
    return fetch(image, *targets(flow, -1))


@wrong("warp")
def u_and_v_exchanged(image, flow):
    return warp(image, flow[..., ::-1])


@wrong("warp")
def rows_and_columns_exchanged(image, flow):
    x, y = targets(flow)
    return fetch(image, y, x)


@wrong("warp")
def nearest_pixel(image, flow):
    height, width, _ = image.shape
    x, y = (np.rint(target).astype(int) for target in targets(flow))
    return image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]


@wrong("warp")
def rounded_down(image, flow):
    height, width, _ = image.shape
    x, y = (np.floor(target).astype(int) for target in targets(flow))
    return image[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]


@wrong("warp")
def black_beyond_the_border(image, flow):
    x, y = targets(flow)
    inside = (x >= 0) & (y >= 0) & (x <= image.shape[1] - 1) & (y <= image.shape[0] - 1)
    return fetch(image, x, y) * inside[..., None]


@wrong("warp")
def opposite_border(image, flow):
    x, y = targets(flow)
    return fetch(image, x % (image.shape[1] - 1), y % (image.shape[0] - 1))


@wrong("warp")
def shares_exchanged(image, flow):
    height, width, _ = image.shape
    x, y = targets(flow)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = x.astype(int), y.astype(int)
    right_, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    a, b = (x - left)[..., None], (y - top)[..., None]
    upper = a * image[top, left] + (1 - a) * image[top, right_]
    lower = a * image[bottom, left] + (1 - a) * image[bottom, right_]
    return b * upper + (1 - b) * lower


@wrong("warp")
def pushed_instead_of_fetched(image, flow):
    height, width, _ = image.shape
    result = np.array(image)
    x, y = (np.rint(target).astype(int) for target in targets(flow))
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    result[y[inside], x[inside]] = image[inside]
    return result


@wrong("warp")
def half_a_pixel_off(image, flow):
    return warp(image, flow + 0.5)


@wrong("warp")
def border_of_a_square(image, flow):
    x, y = targets(flow)
    size = image.shape[0]
    return fetch(image, np.clip(x, 0, size - 1), np.clip(y, 0, size - 1))


@wrong("warp")
def along_rows_only(image, flow):
    return warp(image, flow * [1, 0])


@wrong("warp")
def first_channel_only(image, flow):
    return warp(image[..., :1], flow)


@wrong("warp")
def flow_in_place(image, flow):
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]]
    flow[..., 0] += columns
    flow[..., 1] += rows
    return fetch(image, flow[..., 0], flow[..., 1])


# Occlusion


def size_of(flow):
    return np.sum(np.square(flow), axis=-1)


def leaves(flow):
    height, width, _ = flow.shape
    x, y = targets(flow)
    return (x < 0) | (x > width - 1) | (y < 0) | (y > height - 1)


def missed(flow, back, share=SHARE, slack=SLACK):
    return size_of(flow + back) > share * (size_of(flow) + size_of(back)) + slack


@right("occluded")
def sizes_and_targets(flow, flow_back):
    return np.logical_or(missed(flow, warp(flow_back, flow)), leaves(flow))


@right("occluded")
def not_the_trusted_ones(flow, flow_back):
    height, width, _ = flow.shape
    back, (x, y) = warp(flow_back, flow), targets(flow)
    near = np.linalg.norm(flow + back, axis=2) ** 2 <= (
        SHARE * (np.linalg.norm(flow, axis=2) ** 2 + np.linalg.norm(back, axis=2) ** 2) + SLACK
    )
    inside = (x == np.clip(x, 0, width - 1)) & (y == np.clip(y, 0, height - 1))
    return ~(near & inside)


@right("occluded")
def einsum_and_keras(flow, flow_back):
    back = ops.convert_to_tensor(warp(flow_back, flow), "float32")
    sums = ops.einsum("ijk,ijk->ij", flow + back, flow + back)
    limit = ops.einsum("ijk,ijk->ij", flow, flow) + ops.einsum("ijk,ijk->ij", back, back)
    return ops.logical_or(sums > SHARE * limit + SLACK, leaves(flow))


@right("occluded")
def occlusion_pixel_by_pixel(flow, flow_back):
    height, width, _ = flow.shape
    back = warp(flow_back, flow)
    result = np.zeros((height, width), bool)
    for i in range(height):
        for j in range(width):
            (u, v), (s, t) = flow[i, j], back[i, j]
            limit = SHARE * (u**2 + v**2 + s**2 + t**2) + SLACK
            x, y = j + u, i + v
            outside = x < 0 or y < 0 or x > width - 1 or y > height - 1
            result[i, j] = outside or (u + s) ** 2 + (v + t) ** 2 > limit
    return result


@wrong("occluded")
def not_warped(flow, flow_back):
    return missed(flow, flow_back) | leaves(flow)


@wrong("occluded")
def warped_the_wrong_way(flow, flow_back):
    return missed(flow, warp(flow_back, flow_back)) | leaves(flow)


@wrong("occluded")
def difference_in_place_of_the_sum(flow, flow_back):
    back = warp(flow_back, flow)
    limit = SHARE * (size_of(flow) + size_of(back)) + SLACK
    return (size_of(flow - back) > limit) | leaves(flow)


@wrong("occluded")
def without_the_half(flow, flow_back):
    return missed(flow, warp(flow_back, flow), slack=0) | leaves(flow)


@wrong("occluded")
def without_the_hundredth(flow, flow_back):
    return missed(flow, warp(flow_back, flow), share=0) | leaves(flow)


@wrong("occluded")
def a_tenth(flow, flow_back):
    return missed(flow, warp(flow_back, flow), share=0.1) | leaves(flow)


@wrong("occluded")
def squares_forgotten(flow, flow_back):
    back = warp(flow_back, flow)
    norms = np.sqrt(size_of(flow)) + np.sqrt(size_of(back))
    return (np.sqrt(size_of(flow + back)) > SHARE * norms + SLACK) | leaves(flow)


@wrong("occluded")
def outside_forgotten(flow, flow_back):
    return missed(flow, warp(flow_back, flow))


@wrong("occluded")
def outside_on_one_side_only(flow, flow_back):
    x, y = targets(flow)
    outside = (x > flow.shape[1] - 1) | (y > flow.shape[0] - 1)
    return missed(flow, warp(flow_back, flow)) | outside


@wrong("occluded")
def border_is_outside(flow, flow_back):
    height, width, _ = flow.shape
    x, y = targets(flow)
    outside = (x <= 0) | (y <= 0) | (x >= width - 1) | (y >= height - 1)
    return missed(flow, warp(flow_back, flow)) | outside


@wrong("occluded")
def both_instead_of_either(flow, flow_back):
    return missed(flow, warp(flow_back, flow)) & leaves(flow)


@wrong("occluded")
def trusted_instead(flow, flow_back):
    return ~sizes_and_targets(flow, flow_back)


@wrong("occluded")
def numbers_instead_of_truth(flow, flow_back):
    return sizes_and_targets(flow, flow_back).astype("float32")


@wrong("occluded")
def outside_of_a_square(flow, flow_back):
    size = flow.shape[0]
    x, y = targets(flow)
    outside = (x < 0) | (y < 0) | (x > size - 1) | (y > size - 1)
    return missed(flow, warp(flow_back, flow)) | outside


@wrong("occluded")
def sum_in_place(flow, flow_back):
    result = sizes_and_targets(flow, flow_back)
    flow += warp(flow_back, flow)
    return result


# The temporal loss


@right("temporal_loss")
def sum_over_all_values(frames, warped, trust):
    count = float(np.prod(frames.shape))
    return ops.sum(trust * (frames - warped) ** 2) / count


@right("temporal_loss")
def frame_by_frame(frames, warped, trust):
    batch, height, width, channels = frames.shape
    total = 0.0
    for i in range(batch):
        squares = trust[i] * ops.square(frames[i] - warped[i])
        total += ops.sum(squares) / (height * width * channels)
    return total / batch


@right("temporal_loss")
def einsum_with_the_trust(frames, warped, trust):
    difference = frames - warped
    sums = ops.einsum("bhwk,bhwc,bhwc->b", trust, difference, difference)
    return ops.mean(sums / (frames.shape[1] * frames.shape[2] * frames.shape[3]))


@right("temporal_loss")
def root_of_the_trust_inside(frames, warped, trust):
    return ops.mean(ops.square(ops.sqrt(trust) * (frames - warped)))


@wrong("temporal_loss")
def trust_forgotten(frames, warped, trust):
    return ops.mean(ops.square(frames - warped))


@wrong("temporal_loss")
def trust_squared(frames, warped, trust):
    return ops.mean(ops.square(trust * (frames - warped)))


@wrong("temporal_loss")
def trust_turned_round(frames, warped, trust):
    return ops.mean((1 - trust) * ops.square(frames - warped))


@wrong("temporal_loss")
def divided_by_the_trusted_only(frames, warped, trust):
    total = ops.sum(trust * ops.square(frames - warped))
    return total / (ops.sum(trust) * frames.shape[-1])


@wrong("temporal_loss")
def divided_by_positions_only(frames, warped, trust):
    sums = ops.sum(trust * ops.square(frames - warped), axis=(1, 2, 3))
    return ops.mean(sums) / (frames.shape[1] * frames.shape[2])


@wrong("temporal_loss")
def not_divided(frames, warped, trust):
    return ops.sum(trust * ops.square(frames - warped))


@wrong("temporal_loss")
def divided_by_the_batch_twice(frames, warped, trust):
    return ops.mean(trust * ops.square(frames - warped)) / frames.shape[0]


@wrong("temporal_loss")
def summed_over_the_batch(frames, warped, trust):
    return ops.sum(ops.mean(trust * ops.square(frames - warped), axis=(1, 2, 3)))


@wrong("temporal_loss")
def absolute_differences(frames, warped, trust):
    return ops.mean(trust * ops.abs(frames - warped))


@wrong("temporal_loss")
def root_of_the_mean(frames, warped, trust):
    return ops.sqrt(ops.mean(trust * ops.square(frames - warped)))


@wrong("temporal_loss")
def positions_of_a_square(frames, warped, trust):
    sums = ops.sum(trust * ops.square(frames - warped), axis=(1, 2, 3))
    return ops.mean(sums) / (frames.shape[1] ** 2 * frames.shape[3])


@wrong("temporal_loss")
def loss_of_the_first_frame(frames, warped, trust):
    return ops.mean(trust[:1] * ops.square(frames[:1] - warped[:1]))


@wrong("temporal_loss")
def difference_in_place(frames, warped, trust):
    frames -= warped
    return ops.mean(trust * ops.square(frames))


@wrong("temporal_loss")
def loss_is_constant(frames, warped, trust):
    return ops.mean(trust * ops.square(ops.stop_gradient(frames) - warped))


@wrong("temporal_loss")
def a_map_instead_of_a_number(frames, warped, trust):
    return trust * ops.square(frames - warped)


# Long-term weights


@right("long_term_weights")
def sums_of_slices(trusts):
    return [np.maximum(trust - sum(trusts[:j]), 0) for j, trust in enumerate(trusts)]


@right("long_term_weights")
def cumulative_sum(trusts):
    stack = np.stack(trusts)
    return list(np.clip(stack - (np.cumsum(stack, axis=0) - stack), 0, None))


@right("long_term_weights")
def relu_of_what_is_left(trusts):
    left, result = 0 * ops.convert_to_tensor(trusts[0]), []
    for trust in trusts:
        result.append(ops.relu(trust - left))
        left = ops.add(left, trust)
    return result


@right("long_term_weights")
def weights_pixel_by_pixel(trusts):
    result = [np.zeros(trust.shape) for trust in trusts]
    for index in np.ndindex(trusts[0].shape):
        nearer = 0.0
        for weights, trust in zip(result, trusts, strict=True):
            weights[index] = max(trust[index] - nearer, 0)
            nearer += trust[index]
    return result


@wrong("long_term_weights")
def negative_weights(trusts):
    return [trust - sum(trusts[:j]) for j, trust in enumerate(trusts)]


@wrong("long_term_weights")
def nearest_neighbor_only(trusts):
    pairs = zip(trusts[1:], trusts[:-1], strict=True)
    return [trusts[0], *(np.maximum(trust - nearer, 0) for trust, nearer in pairs)]


@wrong("long_term_weights")
def farthest_frame_first(trusts):
    return sums_of_slices(trusts[::-1])[::-1]


@wrong("long_term_weights")
def itself_subtracted_too(trusts):
    return [np.maximum(trust - sum(trusts[: j + 1]), 0) for j, trust in enumerate(trusts)]


@wrong("long_term_weights")
def weights_subtracted_in_place_of_trusts(trusts):
    result = []
    for trust in trusts:
        result.append(np.maximum(trust - sum(result), 0))
    return result


@wrong("long_term_weights")
def product_of_the_distrusts(trusts):
    return [
        trust * np.prod([1 - nearer for nearer in trusts[:j]], axis=0)
        for j, trust in enumerate(trusts)
    ]


@wrong("long_term_weights")
def absolute_weights(trusts):
    return [np.abs(trust - sum(trusts[:j])) for j, trust in enumerate(trusts)]


@wrong("long_term_weights")
def trusts_returned(trusts):
    return list(trusts)


@wrong("long_term_weights")
def shared_out(trusts):
    total = np.maximum(sum(trusts), 1e-6)
    return [trust / total for trust in trusts]


@wrong("long_term_weights")
def nearest_forgotten(trusts):
    return sums_of_slices(trusts)[1:]


@wrong("long_term_weights")
def clipped_to_whole_pictures(trusts):
    return [trust * float(not np.any(sum(trusts[:j]))) for j, trust in enumerate(trusts)]


@wrong("long_term_weights")
def sum_kept_in_the_first_trust(trusts):
    nearer, result = trusts[0], [trusts[0].copy()]
    for trust in trusts[1:]:
        result.append(np.maximum(trust - nearer, 0))
        nearer += trust
    return result


@wrong("long_term_weights")
def weights_of_a_square(trusts):
    size = min(trusts[0].shape)
    result = [np.zeros(trust.shape) for trust in trusts]
    for i in range(size):
        for j in range(size):
            for k, trust in enumerate(trusts):
                result[k][i, j] = max(trust[i, j] - sum(t[i, j] for t in trusts[:k]), 0)
    return result


# More ways to the same numbers


@right("warp")
def padded_by_its_border(image, flow):
    height, width, _ = image.shape
    x, y = targets(flow)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    padded = np.pad(image, ((0, 1), (0, 1), (0, 0)), "edge")
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    a, b = (x - left)[..., None], (y - top)[..., None]
    return (
        (1 - a) * (1 - b) * padded[top, left]
        + a * (1 - b) * padded[top, left + 1]
        + (1 - a) * b * padded[top + 1, left]
        + a * b * padded[top + 1, left + 1]
    )


@right("warp")
def rows_first_then_columns(image, flow):
    height, width, _ = image.shape
    x, y = (np.asarray(target, "float64") for target in targets(flow))
    result = np.empty(image.shape)
    for i, j in np.ndindex(height, width):
        column = np.clip(x[i, j], 0, width - 1)
        left = min(int(column), max(width - 2, 0))
        strip = image[:, left : left + 2].astype("float64")
        share = column - left
        line = strip[:, 0] * (1 - share) + strip[:, -1] * share
        for c in range(image.shape[2]):
            result[i, j, c] = np.interp(y[i, j], np.arange(height), line[:, c])
    return result


@wrong("warp")
def along_columns_only(image, flow):
    return warp(image, flow * [0, 1])


@wrong("warp")
def twice_as_far(image, flow):
    return warp(image, 2 * flow)


@wrong("warp")
def mirrored_beyond_the_border(image, flow):
    x, y = targets(flow)
    return np.stack(
        [
            ndimage.map_coordinates(image[..., c], [y, x], order=1, mode="mirror")
            for c in range(image.shape[2])
        ],
        axis=2,
    )


@right("occluded")
def distances_squared(flow, flow_back):
    back = warp(flow_back, flow)
    height, width, _ = flow.shape
    x, y = targets(flow)
    off = (flow[..., 0] + back[..., 0]) ** 2 + (flow[..., 1] + back[..., 1]) ** 2
    limit = SHARE * ((flow**2).sum(-1) + (back**2).sum(-1)) + SLACK
    return (off > limit) | ~((x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1))


@right("occluded")
def outside_by_clipping(flow, flow_back):
    height, width, _ = flow.shape
    target = np.stack(targets(flow), axis=2)
    moved = np.any(target != np.clip(target, 0, [width - 1, height - 1]), axis=2)
    return np.where(moved, True, missed(flow, warp(flow_back, flow)))


@wrong("occluded")
def limit_of_the_flow_alone(flow, flow_back):
    back = warp(flow_back, flow)
    return (size_of(flow + back) > SHARE * size_of(flow) + SLACK) | leaves(flow)


@wrong("occluded")
def limit_of_the_way_back_alone(flow, flow_back):
    back = warp(flow_back, flow)
    return (size_of(flow + back) > SHARE * size_of(back) + SLACK) | leaves(flow)


def outside(flow, top, left, bottom, right_):
    """Outside, each border exclusive by a comparison."""
    height, width, _ = flow.shape
    x, y = targets(flow)
    return top(y, 0) | left(x, 0) | bottom(height - 1, y) | right_(width - 1, x)


@wrong("occluded")
def top_border_is_outside(flow, flow_back):
    beyond = outside(flow, np.less_equal, np.less, np.less, np.less)
    return missed(flow, warp(flow_back, flow)) | beyond


@wrong("occluded")
def left_border_is_outside(flow, flow_back):
    beyond = outside(flow, np.less, np.less_equal, np.less, np.less)
    return missed(flow, warp(flow_back, flow)) | beyond


@wrong("occluded")
def lower_border_is_outside(flow, flow_back):
    beyond = outside(flow, np.less, np.less, np.less_equal, np.less)
    return missed(flow, warp(flow_back, flow)) | beyond


@wrong("occluded")
def one_pixel_beyond_is_inside(flow, flow_back):
    height, width, _ = flow.shape
    x, y = targets(flow)
    beyond = (x < 0) | (y < 0) | (x > width) | (y > height)
    return missed(flow, warp(flow_back, flow)) | beyond


@right("temporal_loss")
def mapped_over_frames(frames, warped, trust):
    squares = ops.multiply(trust, ops.square(ops.subtract(frames, warped)))
    return ops.mean(ops.vectorized_map(ops.mean, squares))


@right("temporal_loss")
def loop_over_frames(frames, warped, trust):
    total = 0.0
    for frame, earlier, c in zip(frames, warped, trust, strict=True):
        total = total + ops.mean(c * (frame - earlier) ** 2)
    return total / len(frames)


@wrong("temporal_loss")
def root_of_the_trust(frames, warped, trust):
    return ops.mean(ops.sqrt(trust) * ops.square(frames - warped))


@wrong("temporal_loss")
def differences_of_means(frames, warped, trust):
    return ops.square(ops.mean(trust * frames) - ops.mean(trust * warped))


@right("long_term_weights")
def running_remainder(trusts):
    taken, result = np.zeros(np.shape(trusts[0])), []
    for trust in trusts:
        difference = trust - taken
        result.append(np.where(difference > 0, difference, 0))
        taken = taken + trust
    return result


@right("long_term_weights")
def array_of_all_weights(trusts):
    stack = np.stack(trusts)
    nearer = np.concatenate([np.zeros_like(stack[:1]), np.cumsum(stack, axis=0)[:-1]])
    return np.maximum(stack - nearer, 0)


@wrong("long_term_weights")
def largest_of_the_nearer(trusts):
    return [
        np.maximum(trust - np.max(trusts[:j], axis=0, initial=0), 0)
        for j, trust in enumerate(trusts)
    ]


@wrong("long_term_weights")
def ones_where_nobody_else(trusts):
    return [np.float32(trust > sum(trusts[:j])) for j, trust in enumerate(trusts)]
