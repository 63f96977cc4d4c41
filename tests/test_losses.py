import keras
import numpy as np
import pytest
from helpers import PROJECT

from stylenet import images, losses
from stylenet.feed_forward.stylizer import stylize
from stylenet.losses import (
    PRESETS,
    PerceptualLoss,
    Preset,
    content_loss,
    gram_matrix,
    style_loss,
    total_variation_loss,
)
from stylenet.presets import balanced

SIZE = 32


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def pictures(batch=1, seed=0):
    pixels = np.random.default_rng(seed).uniform(0, 255, (batch, SIZE, SIZE, 3))
    return pixels.astype("float32")


def number(tensor):
    return float(keras.ops.convert_to_numpy(tensor))


def array(tensor):
    return keras.ops.convert_to_numpy(tensor)


def gram_by_loops(features):
    batch, height, width, channels = features.shape
    gram = np.zeros((batch, channels, channels))
    for b in range(batch):
        for i in range(channels):
            for j in range(channels):
                product = features[b, :, :, i] * features[b, :, :, j]
                gram[b, i, j] = product.sum() / (channels * height * width)
    return gram


# ---------------------------------------------------------------- the Gram matrix


def test_gram_matrix_of_ones_is_one_over_the_channels():
    np.testing.assert_allclose(
        gram_matrix(np.ones((2, 5, 7, 4), "float32")), np.full((2, 4, 4), 1 / 4)
    )


def test_gram_matrix_of_channels_that_never_meet_is_diagonal():
    features = np.zeros((1, 2, 2, 2), "float32")
    features[0, 0, 0, 0], features[0, 1, 1, 1] = 2.0, 4.0
    np.testing.assert_allclose(gram_matrix(features)[0], np.diag([4, 16]) / (2 * 2 * 2))


def test_gram_matrix_is_that_of_plain_loops():
    features = random(3, 4, 6, 5).astype("float32")
    np.testing.assert_allclose(gram_matrix(features), gram_by_loops(features), atol=1e-6)


def test_gram_matrix_is_symmetric_and_positive_semidefinite():
    gram = array(gram_matrix(random(1, 3, 3, 12).astype("float32")))[0]
    np.testing.assert_allclose(gram, gram.T, atol=1e-7)
    assert np.linalg.eigvalsh(gram).min() > -1e-6


def test_gram_matrix_forgets_where_things_are():
    features = random(1, 4, 6, 3).astype("float32")
    shuffled = np.random.default_rng(1).permutation(features.reshape(24, 3)).reshape(1, 8, 3, 3)
    np.testing.assert_allclose(gram_matrix(shuffled), gram_matrix(features), atol=1e-6)


def test_gram_matrix_of_a_picture_repeated_is_the_same():
    features = random(1, 4, 6, 3).astype("float32")
    tiled = np.tile(features, (1, 2, 3, 1))
    np.testing.assert_allclose(gram_matrix(tiled), gram_matrix(features), atol=1e-6)


@pytest.mark.parametrize("shape", [(4, 6, 3), (24, 3), (1, 1, 4, 6, 3)])
def test_gram_matrix_refuses_what_is_not_a_batch_of_maps(shape):
    with pytest.raises(ValueError, match=rf"\(batch, height, width, channels\).*\({shape[0]}, "):
        gram_matrix(np.zeros(shape, "float32"))


# ---------------------------------------------------------------- content and style


def test_content_loss_of_maps_that_differ_by_two_is_four():
    features = random(2, 3, 4, 5)
    assert number(content_loss(features + 2, features)) == pytest.approx(4)


def test_content_loss_is_the_squared_distance_over_chw():
    a, b = random(3, 4, 6, 5), random(3, 4, 6, 5, seed=1)
    each = [((a[i] - b[i]) ** 2).sum() / (5 * 4 * 6) for i in range(3)]
    assert number(content_loss(a, b)) == pytest.approx(np.mean(each))


def test_style_loss_of_matrices_that_differ_by_one_is_their_number_of_entries():
    gram = random(2, 5, 5)
    assert number(style_loss(gram + 1, gram)) == pytest.approx(25)


def test_style_loss_is_the_squared_frobenius_norm_against_one_style_for_all():
    gram, style = random(3, 5, 5), random(1, 5, 5, seed=1)
    each = [np.linalg.norm(gram[i] - style[0], "fro") ** 2 for i in range(3)]
    assert number(style_loss(gram, style)) == pytest.approx(np.mean(each))


def test_content_and_style_loss_are_zero_at_the_target():
    features, gram = random(2, 3, 4, 5), random(1, 5, 5)
    assert number(content_loss(features, features)) == 0
    assert number(style_loss(gram, gram)) == 0


# ---------------------------------------------------------------- total variation


def test_total_variation_of_a_flat_picture_is_zero():
    assert number(total_variation_loss(np.full((2, 5, 7, 3), 9.0))) == 0
    assert number(total_variation_loss(np.full((2, 5, 7, 3), 9.0), squared=True)) == 0


@pytest.mark.parametrize("axis", [1, 2])
def test_total_variation_of_a_step_edge_is_its_length_times_its_height(axis):
    picture = np.zeros((1, 6, 6, 3))
    np.moveaxis(picture, axis, 0)[3:] = 10.0
    assert number(total_variation_loss(picture)) == pytest.approx(6 * 10 * 3)
    # One difference in five along one direction, none along the other.
    assert number(total_variation_loss(picture, squared=True)) == pytest.approx(10**2 / 5)


def test_total_variation_is_that_of_plain_loops():
    images = random(2, 4, 5, 3)
    absolute, down, right = [], [], []
    for b in range(2):
        total = 0.0
        for i in range(4):
            for j in range(5):
                for c in range(3):
                    if i + 1 < 4:
                        down.append(images[b, i + 1, j, c] - images[b, i, j, c])
                        total += abs(down[-1])
                    if j + 1 < 5:
                        right.append(images[b, i, j + 1, c] - images[b, i, j, c])
                        total += abs(right[-1])
        absolute.append(total)
    assert number(total_variation_loss(images)) == pytest.approx(np.mean(absolute))
    expected = np.mean(np.square(down)) + np.mean(np.square(right))
    assert number(total_variation_loss(images, squared=True)) == pytest.approx(expected)


def test_squared_total_variation_does_not_grow_with_the_picture():
    rows, columns = np.mgrid[0:40, 0:60].astype("float64")
    ramp = np.stack([3 * rows + 4 * columns] * 3, axis=2)[None]
    for size in (10, 20, 40):
        found = total_variation_loss(ramp[:, :size, :size], squared=True)
        assert number(found) == pytest.approx(3**2 + 4**2)


# ---------------------------------------------------------------- what all have in common


def scalar_losses():
    target_maps, target_gram = random(1, 4, 5, 3, seed=7), random(1, 3, 3, seed=8)
    return {
        "content": lambda x: content_loss(x, target_maps),
        "style": lambda x: style_loss(gram_matrix(x), target_gram),
        "total variation": total_variation_loss,
        "squared total variation": lambda x: total_variation_loss(x, squared=True),
    }


every_loss = pytest.mark.parametrize("name", scalar_losses())


@every_loss
def test_the_loss_of_a_batch_is_the_mean_of_its_pictures_losses(name):
    loss, batch = scalar_losses()[name], random(4, 4, 5, 3)
    alone = [number(loss(batch[i : i + 1])) for i in range(4)]
    assert number(loss(batch)) == pytest.approx(np.mean(alone))


@every_loss
def test_the_loss_of_a_picture_does_not_depend_on_how_often_it_is_in_the_batch(name):
    loss, one = scalar_losses()[name], random(1, 4, 5, 3)
    assert number(loss(np.repeat(one, 5, axis=0))) == pytest.approx(number(loss(one)))


@every_loss
def test_gradients_are_those_of_finite_differences(name):
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("finite differences need double precision: set KERAS_BACKEND=tensorflow")
    loss, x, step = scalar_losses()[name], random(2, 4, 5, 3), 1e-6
    variable = tf.Variable(x)
    with tf.GradientTape() as tape:
        value = loss(variable)
    expected = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        expected[index] = (number(loss(above)) - number(loss(below))) / (2 * step)
    np.testing.assert_allclose(tape.gradient(value, variable), expected, atol=1e-7)


def test_jax_gives_the_same_losses(run_on_jax):
    a, b = (random(2, 5, 6, 4, seed=seed).astype("float32") for seed in (0, 1))
    found = run_on_jax(
        "from stylenet.losses import content_loss, gram_matrix, style_loss, total_variation_loss\n"
        "a, b = arrays['a'], arrays['b']\n"
        "results['gram'] = gram_matrix(a)\n"
        "results['content'] = content_loss(a, b)\n"
        "results['style'] = style_loss(gram_matrix(a), gram_matrix(b)[:1])\n"
        "results['tv'] = total_variation_loss(a)\n"
        "results['squared'] = total_variation_loss(a, squared=True)\n",
        a=a,
        b=b,
    )
    expected = {
        "gram": gram_matrix(a),
        "content": content_loss(a, b),
        "style": style_loss(gram_matrix(a), gram_matrix(b)[:1]),
        "tv": total_variation_loss(a),
        "squared": total_variation_loss(a, squared=True),
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], array(value), rtol=1e-5, atol=1e-7)


# ---------------------------------------------------------------- PerceptualLoss


STYLE = pictures(seed=3)[0]


@pytest.fixture(scope="module", params=PRESETS)
def perceptual(request):
    """The loss of a preset, seen by a random network."""
    keras.utils.set_random_seed(0)
    return PerceptualLoss(STYLE, request.param, weights="random")


def recomputed(loss, images, content_images):
    """The three terms in NumPy, from the extractor's features."""
    preset = loss.preset
    seen, content, style = (
        {layer: array(maps).astype("float64") for layer, maps in loss.extractor(batch).items()}
        for batch in (images, content_images, STYLE[None])
    )
    style_term = 0.0
    for layer in preset.style_layers:
        difference = gram_by_einsum(seen[layer]) - gram_by_einsum(style[layer])
        squares = (difference**2).sum((1, 2)).mean()
        channels = seen[layer].shape[-1]
        style_term += squares / channels**2 if preset.mean_squares else squares
    down, right = np.diff(images.astype("float64"), axis=1), np.diff(images, axis=2)
    if preset.mean_squares:
        tv = (down**2).mean() + (right**2).mean()
    else:
        tv = (np.abs(down).sum() + np.abs(right).sum()) / len(images)
    [layer] = preset.content_layers
    return {"content": ((seen[layer] - content[layer]) ** 2).mean(), "style": style_term, "tv": tv}


def gram_by_einsum(features):
    return np.einsum("bhwi,bhwj->bij", features, features) / np.prod(features.shape[1:])


def values(terms):
    return {name: number(term) for name, term in terms.items()}


def test_the_johnson_preset_is_the_papers():
    layers = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3")
    assert PRESETS["johnson"][:6] == (
        "vgg16",
        {"block2_conv2": 1.0},
        dict.fromkeys(layers, 1.0),
        1.0,
        5.0,
        1e-6,
    )
    assert not PRESETS["johnson"].mean_squares


def test_the_engstrom_preset_is_that_of_fast_style_transfer():
    layers = ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1")
    assert PRESETS["engstrom"][:6] == (
        "vgg19",
        {"block4_conv2": 1.0},
        dict.fromkeys(layers, 1.0),
        7.5,
        100.0,
        200.0,
    )
    assert PRESETS["engstrom"].mean_squares


def test_the_terms_are_those_of_an_independent_computation(perceptual):
    images, content_images = pictures(2, seed=4), pictures(2, seed=5)
    found = values(perceptual(images, content_images))
    expected = recomputed(perceptual, images, content_images)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert value > 0
        assert found[name] == pytest.approx(value, rel=1e-3), name


def test_the_total_is_the_weighted_sum_of_the_terms(perceptual):
    preset = perceptual.preset
    terms = {"content": 2.0, "style": 3.0, "tv": 5.0}
    expected = 2 * preset.content_weight + 3 * preset.style_weight + 5 * preset.tv_weight
    assert perceptual.total(terms) == pytest.approx(expected)


def test_content_is_zero_at_the_photograph_and_style_at_the_style(perceptual):
    photograph = pictures(seed=6)
    assert number(perceptual(photograph, photograph)["content"]) == 0
    at_style, elsewhere = (perceptual(x, photograph)["style"] for x in (STYLE[None], photograph))
    assert number(at_style) < 1e-6 * number(elsewhere)


def test_the_total_does_not_depend_on_the_batch_size(perceptual):
    image, photograph = pictures(seed=4), pictures(seed=5)
    one = number(perceptual.total(perceptual(image, photograph)))
    three = perceptual(np.repeat(image, 3, axis=0), np.repeat(photograph, 3, axis=0))
    assert number(perceptual.total(three)) == pytest.approx(one, rel=1e-4)


def test_the_total_of_a_batch_is_the_mean_of_its_pictures_totals(perceptual):
    images, photographs = pictures(2, seed=4), pictures(2, seed=5)
    alone = [
        number(perceptual.total(perceptual(images[i : i + 1], photographs[i : i + 1])))
        for i in range(2)
    ]
    both = number(perceptual.total(perceptual(images, photographs)))
    assert both == pytest.approx(np.mean(alone), rel=1e-4)


@pytest.mark.parametrize(
    ("weight", "term"),
    [("content_weight", "content"), ("style_weight", "style"), ("tv_weight", "tv")],
)
def test_a_weight_scales_its_own_term_and_no_other(perceptual, weight, term):
    terms = {"content": 2.0, "style": 3.0, "tv": 5.0}
    before, preset = perceptual.total(terms), perceptual.preset
    perceptual.preset = preset._replace(**{weight: getattr(preset, weight) + 10})
    try:
        assert perceptual.total(terms) - before == pytest.approx(10 * terms[term])
    finally:
        perceptual.preset = preset


def test_the_style_is_seen_once(perceptual, monkeypatch):
    targets = {layer: gram.copy() for layer, gram in perceptual.style_grams.items()}
    calls = []
    monkeypatch.setattr(losses, "gram_matrix", lambda maps: calls.append(1) or gram_matrix(maps))
    for seed in (4, 5):
        perceptual(pictures(seed=seed), pictures(seed=6))
    assert len(calls) == 2 * len(targets)  # those of the pictures, none of the style
    assert list(targets) == list(perceptual.preset.style_layers)
    for layer, gram in targets.items():
        np.testing.assert_array_equal(perceptual.style_grams[layer], gram)


def test_the_loss_network_is_frozen(perceptual):
    assert not perceptual.trainable
    assert perceptual.trainable_variables == []
    assert perceptual.extractor.trainable_variables == []


def test_a_preset_of_your_own_is_taken_as_it_is():
    preset = PRESETS["johnson"]._replace(
        content_layers={"block1_conv1": 1.0}, style_layers={"block1_conv2": 1.0}, style_weight=9.0
    )
    loss = PerceptualLoss(STYLE, preset, weights="random")
    assert list(loss.style_grams) == ["block1_conv2"]
    assert loss.total({"content": 0.0, "style": 1.0, "tv": 0.0}) == 9.0


def test_an_unknown_preset_is_refused():
    with pytest.raises(ValueError, match=r"\('johnson', 'engstrom', .*Received: 'nobody'"):
        PerceptualLoss(STYLE, "nobody", weights="random")


def test_layers_have_weights():
    """Of two content and two style layers, each loss is weighted within its term."""
    terms = {}
    for name, weights in {"one": (1.0, 0.0), "two": (0.0, 1.0), "both": (2.0, 3.0)}.items():
        layers = dict(zip(("block1_conv1", "block1_conv2"), weights, strict=True))
        preset = PRESETS["engstrom"]._replace(content_layers=layers, style_layers=layers)
        keras.utils.set_random_seed(0)
        loss = PerceptualLoss(STYLE, preset, weights="random")
        terms[name] = values(loss(pictures(seed=4), pictures(seed=5)))
    for kind in ("content", "style"):
        expected = 2 * terms["one"][kind] + 3 * terms["two"][kind]
        assert terms["both"][kind] == pytest.approx(expected, rel=1e-4)


def test_none_are_no_weights():
    with pytest.raises(ValueError, match=r"'imagenet', 'random' or a path\. Received: None"):
        PerceptualLoss(STYLE, "johnson", weights=None)


@pytest.mark.parametrize("shape", [(1, SIZE, SIZE, 3), (SIZE, SIZE), (SIZE, SIZE, 4)])
def test_a_style_that_is_not_one_rgb_picture_is_refused(shape):
    with pytest.raises(ValueError, match=rf"\(height, width, 3\).*\({shape[0]}, {shape[1]}"):
        PerceptualLoss(np.zeros(shape, "float32"), weights="random")


def test_a_style_that_is_a_path_is_refused():
    with pytest.raises(ValueError, match="Received shape None"):
        PerceptualLoss("painting.jpg", weights="random")


def drawn_and_photograph():
    """What the network of the style `wave` makes of a photograph, and that photograph; batches."""
    photograph = images.load_image(PROJECT / "images" / "content" / "chelsea.png", 96)[:64]
    return stylize(photograph, "wave")[None], photograph[None]


@pytest.mark.parametrize("preset", ["engstrom", "gatys"])
def test_seen_by_slim_no_term_drowns_the_others(preset):
    """Weights made for VGG19: style and content are each a part of the loss that counts."""
    painting = images.load_image(PROJECT / "images" / "style" / "mosaic.jpg", 96)
    loss = PerceptualLoss(painting, PRESETS[preset]._replace(network="slim"))
    drawing, photograph = drawn_and_photograph()
    terms = {name: number(value) for name, value in loss(drawing, photograph).items()}
    whole = number(loss.total(terms))
    assert loss.preset.content_weight * terms["content"] > 1e-5 * whole
    assert loss.preset.style_weight * terms["style"] > 1e-5 * whole


def test_slim_gives_a_layer_the_weight_that_makes_it_as_large_as_vgg19s(vgg19_path):
    """Within a factor of three, on pictures of which the factors are means."""
    painting = images.load_image(PROJECT / "images" / "style" / "mosaic.jpg", 96)
    drawing, photograph = drawn_and_photograph()
    for layer, squares in [("block1_conv1", True), ("block3_conv1", True), ("block4_conv1", False)]:
        terms = []
        for network, weights in (("vgg19", vgg19_path), ("slim", "imagenet")):
            layers = {"content_layers": {layer: 1.0}, "style_layers": {layer: 1.0}}
            preset = Preset(network=network, mean_squares=squares, **layers)
            loss = PerceptualLoss(painting, preset, weights)
            terms.append(loss(drawing, photograph))
        for name in ("content", "style"):
            assert 1 / 3 < number(terms[0][name]) / number(terms[1][name]) < 3, (layer, name)


def test_other_networks_keep_their_layers_weights():
    for preset in PRESETS.values():
        assert balanced(preset) == preset
