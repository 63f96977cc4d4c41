"""Assignment 3: what VGG expects, the loss over layers, a step of Adam, the loop."""

import keras
import numpy as np
from keras import ops

from answers import given, right, wrong

BGR_MEAN = np.array(given.mean, "float32")
BLUE, GREEN, RED = given.mean
B1, B2 = given.betas
ADAM_EPSILON, RATE = given.adam_epsilon, given.learning_rate


# What VGG expects


@right("preprocess")
def channels_taken_apart(images):
    red, green, blue = images[..., 0], images[..., 1], images[..., 2]
    return ops.stack([blue - BLUE, green - GREEN, red - RED], axis=-1)


@right("preprocess")
def mean_first_then_flipped(images):
    return ops.flip(images - BGR_MEAN[::-1], axis=-1)


@right("preprocess")
def permutation_matrix(images):
    exchange = np.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]], "float32")
    return ops.matmul(images, exchange) - BGR_MEAN


@right("preprocess")
def channels_by_index(images):
    return ops.subtract(ops.take(images, [2, 1, 0], axis=-1), BGR_MEAN)


@wrong("preprocess")
def order_forgotten(images):
    return images - BGR_MEAN[::-1]


@wrong("preprocess")
def order_forgotten_mean_in_bgr(images):
    return images - BGR_MEAN


@wrong("preprocess")
def mean_forgotten(images):
    return images[..., ::-1]


@wrong("preprocess")
def mean_in_the_order_of_rgb(images):
    return images[..., ::-1] - BGR_MEAN[::-1]


@wrong("preprocess")
def mean_added(images):
    return images[..., ::-1] + BGR_MEAN


@wrong("preprocess")
def scaled_to_one_first(images):
    return images[..., ::-1] / 255 - BGR_MEAN


@wrong("preprocess")
def scaled_to_one_with_its_mean(images):
    return (images[..., ::-1] - BGR_MEAN) / 255


@wrong("preprocess")
def width_reversed(images):
    return images[:, :, ::-1] - BGR_MEAN


@wrong("preprocess")
def means_of_the_picture_itself(images):
    return images[..., ::-1] - ops.mean(images[..., ::-1], axis=(1, 2), keepdims=True)


@wrong("preprocess")
def keras_overwrites_its_argument(images):
    return keras.applications.vgg19.preprocess_input(images)


@wrong("preprocess")
def preprocessed_in_place(images):
    if isinstance(images, np.ndarray):
        images -= BGR_MEAN[::-1]
        return images[..., ::-1]
    return images[..., ::-1] - BGR_MEAN


@wrong("preprocess")
def preprocessed_first_picture(images):
    return images[:1, ..., ::-1] - BGR_MEAN


@wrong("preprocess")
def preprocessed_constant(images):
    return ops.stop_gradient(images[..., ::-1] - BGR_MEAN)


# The loss over several layers


def content_loss(features, content_features):
    return ops.mean(ops.square(features - content_features))


def gram_matrix(features):
    _, height, width, channels = features.shape
    gram = ops.einsum("bhwc,bhwd->bcd", features, features)
    return gram / (channels * height * width)


def style_loss(gram, style_gram):
    return ops.mean(ops.sum(ops.square(gram - style_gram), axis=(1, 2)))


def contents(features, targets):
    return [content_loss(features[name], maps) for name, maps in targets.items()]


def styles(features, targets):
    return [style_loss(gram_matrix(features[name]), gram) for name, gram in targets.items()]


@right("gatys_loss")
def running_total(features, content_features, style_grams, content_weight, style_weight):
    total = 0.0
    for name in content_features:
        total += content_weight * content_loss(features[name], content_features[name])
    for name in style_grams:
        total += style_weight * style_loss(gram_matrix(features[name]), style_grams[name])
    return total


@right("gatys_loss")
def one_loop_over_all_layers(features, content_features, style_grams, content_weight, style_weight):
    losses = []
    for name, maps in features.items():
        if name in content_features:
            losses.append(content_weight * ops.mean((maps - content_features[name]) ** 2))
        if name in style_grams:
            difference = gram_matrix(maps) - style_grams[name]
            losses.append(style_weight * ops.sum(difference**2) / maps.shape[0])
    return ops.sum(ops.stack(losses))


@right("gatys_loss")
def everything_by_hand(features, content_features, style_grams, content_weight, style_weight):
    content = style = 0.0
    for name, target in content_features.items():
        content += ops.sum(ops.square(features[name] - target)) / float(np.prod(target.shape))
    for name, target in style_grams.items():
        batch, height, width, channels = features[name].shape
        psi = ops.reshape(features[name], (batch, height * width, channels))
        gram = ops.matmul(ops.swapaxes(psi, 1, 2), psi) / (height * width * channels)
        style += ops.sum(ops.square(gram - target)) / batch
    return content * content_weight + style * style_weight


@right("gatys_loss")
def picture_by_picture(features, content_features, style_grams, content_weight, style_weight):
    batch = next(iter(features.values())).shape[0]
    total = 0.0
    for i in range(batch):
        one = {name: maps[i : i + 1] for name, maps in features.items()}
        target = {name: maps[i : i + 1] for name, maps in content_features.items()}
        total += content_weight * sum(contents(one, target)) / batch
        total += style_weight * sum(styles(one, style_grams)) / batch
    return total


@wrong("gatys_loss")
def weights_exchanged(features, content_features, style_grams, content_weight, style_weight):
    return running_total(features, content_features, style_grams, style_weight, content_weight)


@wrong("gatys_loss")
def weights_forgotten(features, content_features, style_grams, content_weight, style_weight):
    return running_total(features, content_features, style_grams, 1, 1)


@wrong("gatys_loss")
def content_forgotten(features, content_features, style_grams, content_weight, style_weight):
    return style_weight * sum(styles(features, style_grams))


@wrong("gatys_loss")
def mean_over_the_layers(features, content_features, style_grams, content_weight, style_weight):
    content = sum(contents(features, content_features)) / len(content_features)
    style = sum(styles(features, style_grams)) / len(style_grams)
    return content_weight * content + style_weight * style


@wrong("gatys_loss")
def last_layer_only(features, content_features, style_grams, content_weight, style_weight):
    content = style = 0
    for name, maps in content_features.items():
        content = content_loss(features[name], maps)
    for name, gram in style_grams.items():
        style = style_loss(gram_matrix(features[name]), gram)
    return content_weight * content + style_weight * style


@wrong("gatys_loss", KeyError)
def every_layer_compared(features, content_features, style_grams, content_weight, style_weight):
    content = sum(content_loss(features[name], content_features[name]) for name in features)
    style = sum(styles(features, style_grams))
    return content_weight * content + style_weight * style


@wrong("gatys_loss")
def same_layers_for_both(features, content_features, style_grams, content_weight, style_weight):
    both = {name: gram for name, gram in style_grams.items() if name in content_features}
    return running_total(features, content_features, both, content_weight, style_weight)


@wrong("gatys_loss")
def style_compared_by_means(features, content_features, style_grams, content_weight, style_weight):
    style = sum(
        ops.mean(ops.square(gram_matrix(features[name]) - gram))
        for name, gram in style_grams.items()
    )
    return content_weight * sum(contents(features, content_features)) + style_weight * style


@wrong("gatys_loss")
def gram_with_another_layers_size(
    features, content_features, style_grams, content_weight, style_weight
):
    _, height, width, channels = next(iter(features.values())).shape
    style = 0.0
    for name, target in style_grams.items():
        gram = ops.einsum("bhwc,bhwd->bcd", features[name], features[name])
        style += style_loss(gram / (height * width * channels), target)
    return content_weight * sum(contents(features, content_features)) + style_weight * style


@wrong("gatys_loss")
def batch_divided_twice(features, content_features, style_grams, content_weight, style_weight):
    batch = next(iter(features.values())).shape[0]
    content_weight = content_weight / batch
    return running_total(
        features, content_features, style_grams, content_weight, style_weight / batch
    )


@wrong("gatys_loss")
def loss_of_the_first_picture(
    features, content_features, style_grams, content_weight, style_weight
):
    one = {name: maps[:1] for name, maps in features.items()}
    target = {name: maps[:1] for name, maps in content_features.items()}
    return running_total(one, target, style_grams, content_weight, style_weight)


@wrong("gatys_loss")
def centered_in_place(features, content_features, style_grams, content_weight, style_weight):
    style = sum(styles(features, style_grams))
    content = 0.0
    for name, target in content_features.items():
        difference = features[name]
        difference -= target
        content += ops.mean(ops.square(difference))
    return content_weight * content + style_weight * style


@wrong("gatys_loss")
def loss_constant(features, content_features, style_grams, content_weight, style_weight):
    fixed = {name: ops.stop_gradient(maps) for name, maps in features.items()}
    return running_total(fixed, content_features, style_grams, content_weight, style_weight)


# A step of Adam


def adam(image, slope, moments, step, rate):
    m = B1 * moments[0] + (1 - B1) * slope
    v = B2 * moments[1] + (1 - B2) * slope**2
    change = m / (1 - B1**step) / (np.sqrt(v / (1 - B2**step)) + ADAM_EPSILON)
    return image - rate * change, (m, v)


@right("adam_step")
def moments_moved_toward_the_gradient(image, slope, moments, step, learning_rate):
    m, v = (np.array(moment) for moment in moments)
    m += (1 - B1) * (slope - m)
    v += (1 - B2) * (np.square(slope) - v)
    corrected_m, corrected_v = m / (1 - B1**step), v / (1 - B2**step)
    return image - learning_rate * corrected_m / (corrected_v**0.5 + ADAM_EPSILON), (m, v)


@right("adam_step")
def operations_of_keras(image, slope, moments, step, learning_rate):
    m = ops.add(ops.multiply(B1, moments[0]), ops.multiply((1 - B1), slope))
    v = ops.add(ops.multiply(B2, moments[1]), ops.multiply((1 - B2), ops.square(slope)))
    change = ops.divide(m / (1 - B1**step), ops.sqrt(v / (1 - B2**step)) + ADAM_EPSILON)
    return ops.subtract(image, learning_rate * change), (m, v)


@right("adam_step")
def value_by_value(image, slope, moments, step, learning_rate):
    result = np.empty(image.shape)
    m, v = np.empty(image.shape), np.empty(image.shape)
    for index in np.ndindex(image.shape):
        m[index] = B1 * moments[0][index] + (1 - B1) * slope[index]
        v[index] = B2 * moments[1][index] + (1 - B2) * slope[index] ** 2
        first, second = m[index] / (1 - B1**step), v[index] / (1 - B2**step)
        result[index] = image[index] - learning_rate * first / (second**0.5 + ADAM_EPSILON)
    return result, [m, v]


@right("adam_step")
def corrections_folded_into_the_rate(image, slope, moments, step, learning_rate):
    root = np.sqrt(1 - B2**step)
    m, v = B1 * moments[0] + (1 - B1) * slope, B2 * moments[1] + (1 - B2) * slope * slope
    rate = learning_rate * root / (1 - B1**step)
    return image - rate * m / (np.sqrt(v) + ADAM_EPSILON * root), (m, v)


def careless(divide):
    """Adam with another direction: `divide(m, v, step, slope)`."""

    def step_of(image, slope, moments, step, learning_rate):
        m = B1 * moments[0] + (1 - B1) * slope
        v = B2 * moments[1] + (1 - B2) * slope**2
        return image - learning_rate * divide(m, v, step, slope), (m, v)

    return step_of


@wrong("adam_step")
def corrections_forgotten(image, slope, moments, step, learning_rate):
    step_of = careless(lambda m, v, step, slope: m / (np.sqrt(v) + ADAM_EPSILON))
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def only_the_mean_corrected(image, slope, moments, step, learning_rate):
    step_of = careless(lambda m, v, step, slope: m / (1 - B1**step) / (np.sqrt(v) + ADAM_EPSILON))
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def corrected_as_in_the_first_step(image, slope, moments, step, learning_rate):
    return adam(image, slope, moments, 1, learning_rate)


@wrong("adam_step")
def steps_counted_from_zero(image, slope, moments, step, learning_rate):
    with np.errstate(all="ignore"):
        return adam(image, slope, moments, step - 1, learning_rate)


@wrong("adam_step")
def epsilon_forgotten(image, slope, moments, step, learning_rate):
    with np.errstate(all="ignore"):
        step_of = careless(
            lambda m, v, step, slope: m / (1 - B1**step) / np.sqrt(v / (1 - B2**step))
        )
        return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def epsilon_inside_the_root(image, slope, moments, step, learning_rate):
    step_of = careless(
        lambda m, v, step, slope: m / (1 - B1**step) / np.sqrt(v / (1 - B2**step) + 1e-4)
    )
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def root_forgotten(image, slope, moments, step, learning_rate):
    step_of = careless(
        lambda m, v, step, slope: m / (1 - B1**step) / (v / (1 - B2**step) + ADAM_EPSILON)
    )
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def gradient_in_place_of_its_mean(image, slope, moments, step, learning_rate):
    step_of = careless(
        lambda m, v, step, slope: slope / (np.sqrt(v / (1 - B2**step)) + ADAM_EPSILON)
    )
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def only_the_sign(image, slope, moments, step, learning_rate):
    step_of = careless(lambda m, v, step, slope: np.sign(slope))
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def uphill(image, slope, moments, step, learning_rate):
    return adam(image, slope, moments, step, -learning_rate)


@wrong("adam_step")
def plain_gradient_descent(image, slope, moments, step, learning_rate):
    return image - learning_rate * slope, moments


@wrong("adam_step")
def moments_not_kept(image, slope, moments, step, learning_rate):
    return adam(image, slope, moments, step, learning_rate)[0], moments


@wrong("adam_step")
def corrected_moments_kept(image, slope, moments, step, learning_rate):
    image, (m, v) = adam(image, slope, moments, step, learning_rate)
    return image, (m / (1 - B1**step), v / (1 - B2**step))


@wrong("adam_step")
def betas_exchanged(image, slope, moments, step, learning_rate):
    m, v = B2 * moments[0] + (1 - B2) * slope, B1 * moments[1] + (1 - B1) * slope**2
    change = m / (1 - B2**step) / (np.sqrt(v / (1 - B1**step)) + ADAM_EPSILON)
    return image - learning_rate * change, (m, v)


@wrong("adam_step")
def moments_in_place(image, slope, moments, step, learning_rate):
    m, v = moments
    m *= B1
    m += (1 - B1) * slope
    v *= B2
    v += (1 - B2) * slope**2
    with np.errstate(all="ignore"):  # m and v may be one array
        change = m / (1 - B1**step) / (np.sqrt(v / (1 - B2**step)) + ADAM_EPSILON)
    return image - learning_rate * change, (m, v)


@wrong("adam_step")
def picture_in_place(image, slope, moments, step, learning_rate):
    result, moments = adam(image, slope, moments, step, learning_rate)
    image[...] = result
    return image, moments


# The loop


@right("optimize")
def all_pictures_kept(evaluate, start, num_steps, learning_rate=RATE):
    image, moments, pictures, losses = start, (0 * start, 0 * start), [], []
    for step in range(num_steps):
        loss, slope = evaluate(image)
        pictures.append(image)
        losses.append(loss)
        image, moments = adam(image, slope, moments, step + 1, learning_rate)
        image = np.minimum(np.maximum(image, 0), 255)
    return pictures[int(np.argmin(losses))], losses


@right("optimize")
def smallest_loss_remembered(evaluate, start, num_steps, learning_rate=RATE):
    image, m, v = np.array(start), np.zeros(start.shape), np.zeros(start.shape)
    best, smallest, history, step = None, float("inf"), [], 1
    while step <= num_steps:
        loss, slope = evaluate(image)
        if loss < smallest:
            best, smallest = image.copy(), loss
        history += [loss]
        image, (m, v) = adam(image, slope, (m, v), step, learning_rate)
        image = ops.convert_to_numpy(ops.clip(image, 0, 255))
        step += 1
    return best, history


@right("optimize")
def a_generator_of_pairs(evaluate, start, num_steps, learning_rate=RATE):
    def steps():
        image, moments = start, (np.zeros_like(start), np.zeros_like(start))
        for step in range(1, num_steps + 1):
            loss, slope = evaluate(image)
            yield loss, image
            image, moments = adam(image, slope, moments, step, learning_rate)
            image = image.clip(0, 255)

    pairs = list(steps())
    return min(pairs, key=lambda pair: pair[0])[1], [loss for loss, _ in pairs]


def loop(evaluate, start, num_steps, learning_rate=RATE, clip=(0, 255), step_of=adam, first=1):
    """The loop as it should be; the wrong answers change a part."""
    image, moments, best, history = start, (0 * start, 0 * start), start, []
    for step in range(first, first + num_steps):
        loss, slope = evaluate(image)
        if not history or loss < min(history):
            best = image
        history.append(loss)
        image, moments = step_of(image, slope, moments, step, learning_rate)
        image = np.clip(image, *clip) if clip else image
    return best, history, image


@wrong("optimize")
def last_picture(evaluate, start, num_steps, learning_rate=RATE):
    _, history, image = loop(evaluate, start, num_steps, learning_rate)
    return image, history


@wrong("optimize")
def start_returned(evaluate, start, num_steps, learning_rate=RATE):
    return start, loop(evaluate, start, num_steps, learning_rate)[1]


@wrong("optimize")
def not_clipped(evaluate, start, num_steps, learning_rate=RATE):
    return loop(evaluate, start, num_steps, learning_rate, clip=None)[:2]


@wrong("optimize")
def clipped_at_the_end_only(evaluate, start, num_steps, learning_rate=RATE):
    best, history, _ = loop(evaluate, start, num_steps, learning_rate, clip=None)
    return np.clip(best, 0, 255), history


@wrong("optimize")
def clipped_to_one(evaluate, start, num_steps, learning_rate=RATE):
    return loop(evaluate, start, num_steps, learning_rate, clip=(0, 1))[:2]


@wrong("optimize")
def first_step_is_zero(evaluate, start, num_steps, learning_rate=RATE):
    with np.errstate(all="ignore"):
        return loop(evaluate, start, num_steps, learning_rate, first=0)[:2]


@wrong("optimize")
def moments_forgotten(evaluate, start, num_steps, learning_rate=RATE):
    def step_of(image, slope, moments, step, rate):
        return adam(image, slope, (0 * image, 0 * image), step, rate)

    return loop(evaluate, start, num_steps, learning_rate, step_of=step_of)[:2]


@wrong("optimize")
def step_never_counted(evaluate, start, num_steps, learning_rate=RATE):
    def step_of(image, slope, moments, step, rate):
        return adam(image, slope, moments, 1, rate)

    return loop(evaluate, start, num_steps, learning_rate, step_of=step_of)[:2]


@wrong("optimize")
def learning_rate_ignored(evaluate, start, num_steps, learning_rate=RATE):
    return loop(evaluate, start, num_steps)[:2]


@wrong("optimize")
def one_step_too_few(evaluate, start, num_steps, learning_rate=RATE):
    return loop(evaluate, start, num_steps - 1, learning_rate)[:2]


@wrong("optimize")
def evaluated_once_more_at_the_end(evaluate, start, num_steps, learning_rate=RATE):
    best, history, image = loop(evaluate, start, num_steps, learning_rate)
    return (image if evaluate(image)[0] < min(history) else best), history


@wrong("optimize")
def picture_after_the_best_one(evaluate, start, num_steps, learning_rate=RATE):
    image, moments, best, history = start, (0 * start, 0 * start), start, []
    for step in range(1, num_steps + 1):
        loss, slope = evaluate(image)
        history.append(loss)
        image, moments = adam(image, slope, moments, step, learning_rate)
        image = np.clip(image, 0, 255)
        if loss <= min(history):
            best = image
    return best, history


@wrong("optimize")
def worst_picture(evaluate, start, num_steps, learning_rate=RATE):
    seen = []

    def noted(image):
        loss, slope = evaluate(image)
        seen.append((loss, image))
        return loss, slope

    history = loop(noted, start, num_steps, learning_rate)[1]
    return max(seen, key=lambda pair: pair[0])[1], history


@wrong("optimize")
def best_losses_only(evaluate, start, num_steps, learning_rate=RATE):
    best, history, _ = loop(evaluate, start, num_steps, learning_rate)
    return best, list(np.minimum.accumulate(history))


@wrong("optimize")
def start_overwritten(evaluate, start, num_steps, learning_rate=RATE):
    best, history, _ = loop(evaluate, start.copy(), num_steps, learning_rate)
    start[...] = best
    return start, history


@wrong("optimize", ValueError)
def moments_of_a_square(evaluate, start, num_steps, learning_rate=RATE):
    size = start.shape[0]
    moments = np.zeros((size, size, 3)), np.zeros((size, size, 3))
    image, best, history = start, start, []
    for step in range(1, num_steps + 1):
        loss, slope = evaluate(image)
        if not history or loss < min(history):
            best = image
        history.append(loss)
        image, moments = adam(image, slope, moments, step, learning_rate)
        image = np.clip(image, 0, 255)
    return best, history


# More ways to the same numbers


@right("preprocess")
def subtracted_in_two_steps(images):
    blue_green_red = ops.concatenate([images[..., i : i + 1] for i in (2, 1, 0)], axis=-1)
    return blue_green_red - ops.reshape(BGR_MEAN, (1, 1, 1, 3))


@right("preprocess")
def channels_split(images):
    red, green, blue = ops.split(ops.convert_to_tensor(images), 3, axis=-1)
    return ops.concatenate([blue - BLUE, green - GREEN, red - RED], axis=3)


@right("preprocess")
def loop_over_pictures(images):
    return ops.stack([ops.flip(picture, axis=2) - BGR_MEAN for picture in images])


@wrong("preprocess")
def rounded_means(images):
    return images[..., ::-1] - 10 * np.round(BGR_MEAN / 10)


@wrong("preprocess")
def mean_of_the_means(images):
    return images[..., ::-1] - float(np.mean(BGR_MEAN))


@wrong("preprocess")
def clipped_at_zero(images):
    return ops.maximum(images[..., ::-1] - BGR_MEAN, 0)


@right("gatys_loss")
def lists_summed(features, content_features, style_grams, content_weight, style_weight):
    weighted = [content_weight * loss for loss in contents(features, content_features)]
    weighted += [style_weight * loss for loss in styles(features, style_grams)]
    return sum(weighted)


@right("gatys_loss")
def names_in_sorted_order(features, content_features, style_grams, content_weight, style_weight):
    content = style = 0
    for name in sorted(features):
        if name in content_features:
            content = content + content_loss(features[name], content_features[name])
        if name in style_grams:
            style = style + style_loss(gram_matrix(features[name]), style_grams[name])
    return ops.add(content * content_weight, style * style_weight)


@wrong("gatys_loss")
def weights_squared(features, content_features, style_grams, content_weight, style_weight):
    weights = content_weight**2, style_weight**2
    return running_total(features, content_features, style_grams, *weights)


@wrong("gatys_loss")
def style_weight_for_both(features, content_features, style_grams, content_weight, style_weight):
    return running_total(features, content_features, style_grams, style_weight, style_weight)


@wrong("gatys_loss")
def product_of_the_losses(features, content_features, style_grams, content_weight, style_weight):
    content = content_weight * sum(contents(features, content_features))
    return content * style_weight * sum(styles(features, style_grams))


@wrong("gatys_loss")
def numpy_sum(features, content_features, style_grams, content_weight, style_weight):
    loss = running_total(features, content_features, style_grams, content_weight, style_weight)
    return np.float32(loss)


@right("adam_step")
def in_single_precision(image, slope, moments, step, learning_rate):
    image, slope, m, v = (np.float32(array) for array in (image, slope, *moments))
    m = np.float32(B1) * m + np.float32(1 - B1) * slope
    v = np.float32(B2) * v + np.float32(1 - B2) * slope * slope
    change = m / (1 - B1**step) / (np.sqrt(v / (1 - B2**step)) + ADAM_EPSILON)
    return image - learning_rate * change, (m, v)


@right("adam_step")
def moments_in_a_copy(image, slope, moments, step, learning_rate):
    m, v, result = moments[0].copy(), moments[1].copy(), np.array(image)
    m *= B1
    m += (1 - B1) * slope
    v *= B2
    v += (1 - B2) * slope**2
    result -= learning_rate * (m / (1 - B1**step)) / ((v / (1 - B2**step)) ** 0.5 + ADAM_EPSILON)
    return result, (m, v)


@wrong("adam_step")
def its_own_epsilon_inside_the_root(image, slope, moments, step, learning_rate):
    step_of = careless(
        lambda m, v, step, slope: m / (1 - B1**step) / np.sqrt(v / (1 - B2**step) + ADAM_EPSILON)
    )
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def a_tenth_of_epsilon(image, slope, moments, step, learning_rate):
    step_of = careless(
        lambda m, v, step, slope: (
            m / (1 - B1**step) / (np.sqrt(v / (1 - B2**step)) + ADAM_EPSILON / 10)
        )
    )
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def epsilon_before_the_correction(image, slope, moments, step, learning_rate):
    step_of = careless(
        lambda m, v, step, slope: (
            m / (1 - B1**step) / (np.sqrt(v) + ADAM_EPSILON) * np.sqrt(1 - B2**step)
        )
    )
    return step_of(image, slope, moments, step, learning_rate)


@wrong("adam_step")
def moments_exchanged(image, slope, moments, step, learning_rate):
    image, (m, v) = adam(image, slope, moments, step, learning_rate)
    return image, (v, m)


@right("optimize")
def recursion(evaluate, start, num_steps, learning_rate=RATE):
    def go(image, moments, step):
        loss, slope = evaluate(image)
        if step == num_steps:
            return [(loss, image)]
        following, moments = adam(image, slope, moments, step, learning_rate)
        return [(loss, image), *go(np.clip(following, 0, 255), moments, step + 1)]

    pairs = go(start, (0 * start, 0 * start), 1)
    losses = [loss for loss, _ in pairs]
    return pairs[losses.index(min(losses))][1], losses


@right("optimize")
def single_precision_and_an_array_of_losses(evaluate, start, num_steps, learning_rate=RATE):
    image = np.asarray(start, "float32")
    moments, losses, best = (np.zeros_like(image), np.zeros_like(image)), np.zeros(num_steps), image
    for i in range(num_steps):
        losses[i], slope = evaluate(image)
        best = image if losses[i] == losses[: i + 1].min() else best
        image, moments = adam(image, slope, moments, i + 1, learning_rate)
        image = np.float32(np.clip(image, 0, 255))
    return best, losses


@wrong("optimize")
def last_evaluated_picture(evaluate, start, num_steps, learning_rate=RATE):
    seen = []
    history = loop(lambda x: (seen.append(x), evaluate(x))[1], start, num_steps, learning_rate)[1]
    return seen[-1], history


@wrong("optimize")
def better_than_the_one_before(evaluate, start, num_steps, learning_rate=RATE):
    image, moments, best, history = start, (0 * start, 0 * start), start, []
    for step in range(1, num_steps + 1):
        loss, slope = evaluate(image)
        if not history or loss < history[-1]:
            best = image
        history.append(loss)
        image, moments = adam(image, slope, moments, step, learning_rate)
        image = np.clip(image, 0, 255)
    return best, history


@wrong("optimize")
def another_default_rate(evaluate, start, num_steps, learning_rate=2 * RATE):
    return loop(evaluate, start, num_steps, learning_rate)[:2]


@wrong("optimize")
def stops_when_the_loss_rises(evaluate, start, num_steps, learning_rate=RATE):
    image, moments, best, history = start, (0 * start, 0 * start), start, []
    for step in range(1, num_steps + 1):
        loss, slope = evaluate(image)
        if history and loss > history[-1]:
            break
        best = image
        history.append(loss)
        image, moments = adam(image, slope, moments, step, learning_rate)
        image = np.clip(image, 0, 255)
    return best, history
