import keras
import numpy as np
import pytest
from keras import ops

from stylenet import gatys
from stylenet.gatys import loss as loss_module
from stylenet.gatys.loss import PRESETS, Preset, StyleLoss
from stylenet.optimization import value_and_gradient

# Low layers of a random network: quick, and everything below holds for any weights.
LOW = Preset(
    network="vgg16",
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 1.0, "block2_conv1": 2.0},
)
QUICK = {"preset": LOW, "weights": None, "progress": False}


def smooth(height=32, width=48, seed=0):
    """A picture of a few waves."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / 8
    waves = [np.sin(a * rows + b * columns + c) for a, b, c in rng.uniform(-2, 2, (3, 3))]
    return (127 + 100 * np.stack(waves, axis=-1)).astype("float32")


@pytest.fixture(autouse=True)
def same_random_weights():
    keras.utils.set_random_seed(0)


def terms_of(loss, image):
    return {name: float(value) for name, value in loss(ops.convert_to_tensor(image[None])).items()}


def features_of(loss, image):
    return {name: np.asarray(maps)[0] for name, maps in loss.extractor(image[None]).items()}


# ---------------------------------------------------------------- loss


def test_the_loss_of_the_target_is_zero():
    picture = smooth()
    terms = terms_of(StyleLoss(picture, [picture], LOW), picture)
    assert set(terms) == {"content block2_conv1", "style block1_conv1", "style block2_conv1"}
    assert all(abs(value) < 1e-3 for value in terms.values())


def test_the_terms_are_those_of_gatys_notebook_in_numpy():
    """Content: mean square. Style: 1000 / C^2 times the mean square between F F^T / HW."""
    content, style, image = smooth(seed=1), smooth(40, 40, seed=2), smooth(seed=3)
    loss = StyleLoss(content, [style], LOW)
    terms = terms_of(loss, image)
    ours, photo, painting = (features_of(loss, x) for x in (image, content, style))
    expected = np.mean((ours["block2_conv1"] - photo["block2_conv1"]) ** 2)
    assert terms["content block2_conv1"] == pytest.approx(expected, rel=1e-4)
    for layer, weight in LOW.style_layers.items():
        grams = []
        for maps in (ours[layer], painting[layer]):
            flat = maps.reshape(-1, maps.shape[-1]).astype("float64")
            grams.append(flat.T @ flat / len(flat))
        expected = weight * 1e3 / len(grams[0]) ** 2 * np.mean((grams[0] - grams[1]) ** 2)
        assert terms[f"style {layer}"] == pytest.approx(expected, rel=1e-3)


def test_the_course_preset_sums_the_squares_of_differences_of_f_ft_over_chw():
    course = LOW._replace(mean_squares=False, style_weight=PRESETS["course"].style_weight)
    content, style, image = smooth(seed=1), smooth(40, 40, seed=2), smooth(seed=3)
    loss = StyleLoss(content, [style], course)
    ours, painting = (features_of(loss, x)["block1_conv1"] for x in (image, style))
    grams = [np.einsum("hwi,hwj->ij", maps, maps) / maps.size for maps in (ours, painting)]
    expected = course.style_weight * np.sum((grams[0] - grams[1]) ** 2)
    assert terms_of(loss, image)["style block1_conv1"] == pytest.approx(expected, rel=1e-3)


def test_a_layers_weight_changes_its_own_term_alone():
    content, style, image = smooth(seed=1), smooth(seed=2), smooth(seed=3)
    before = terms_of(StyleLoss(content, [style], LOW._replace(tv_weight=1.0)), image)
    for kind in ("content", "style"):
        weights = getattr(LOW, f"{kind}_layers")
        for layer in weights:
            changed = {f"{kind}_layers": {**weights, layer: 3 * weights[layer]}}
            keras.utils.set_random_seed(0)
            loss = StyleLoss(content, [style], LOW._replace(tv_weight=1.0, **changed))
            after = terms_of(loss, image)
            changed = [name for name in before if after[name] != pytest.approx(before[name])]
            assert changed == [f"{kind} {layer}"]
            assert after[changed[0]] == pytest.approx(3 * before[changed[0]], rel=1e-4)


def test_the_gradient_agrees_with_finite_differences():
    content, style, image = smooth(seed=1), smooth(seed=2), smooth(seed=3)
    loss = StyleLoss(content, [style], LOW._replace(tv_weight=1.0))
    evaluate = value_and_gradient(loss)
    _, gradient = evaluate(image[None])
    for seed in range(3):
        direction = np.random.default_rng(seed).normal(size=image.shape) + np.sign(gradient[0])
        step = (0.5 * direction / np.abs(direction).max()).astype("float32")
        ahead, behind = (sum(evaluate((image + s * step)[None])[0].values()) for s in (1, -1))
        assert np.sum(gradient * step) == pytest.approx((ahead - behind) / 2, rel=1e-2)


def test_of_two_styles_the_shares_decide():
    content, image = smooth(seed=1), smooth(seed=3)
    styles = [smooth(seed=2), smooth(seed=4)]
    found = {}
    for name, pictures, shares in (
        ("first", styles[:1], None),
        ("all first", styles, [7, 0]),
        ("equal", styles, None),
        ("equal numbers", styles, [3, 3]),
    ):
        keras.utils.set_random_seed(0)
        found[name] = terms_of(StyleLoss(content, pictures, LOW, shares), image)
    assert found["all first"] == pytest.approx(found["first"], rel=1e-4)
    assert found["equal"] == pytest.approx(found["equal numbers"], rel=1e-4)
    assert found["equal"] != pytest.approx(found["first"], rel=1e-2)


def test_a_mask_of_ones_changes_nothing():
    content, style, image = smooth(seed=1), smooth(seed=2), smooth(seed=3)
    plain = terms_of(StyleLoss(content, [style], LOW), image)
    keras.utils.set_random_seed(0)
    masked = terms_of(StyleLoss(content, [style], LOW, masks=[np.ones((32, 48))]), image)
    assert masked == pytest.approx(plain, rel=1e-4)


def test_a_style_acts_within_its_mask_alone():
    """One convolution of 3 x 3 sees one pixel beyond the mask."""
    mask = np.zeros((32, 48))
    mask[:, :24] = 1
    preset = LOW._replace(content_layers={}, style_layers={"block1_conv1": 1.0})
    loss = StyleLoss(smooth(seed=1), [smooth(seed=2)], preset, masks=[mask])
    _, gradient = value_and_gradient(loss)(smooth(seed=3)[None])
    assert (gradient[0, :, 25:] == 0).all()
    assert (np.abs(gradient[0, :, :24]).max(axis=-1) > 0).mean() > 0.9


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("height", [64, 61, 33])
def test_strips_change_neither_the_terms_nor_the_gradient(monkeypatch, masked, height):
    """Strips overlap, poolings round down, and what is computed twice counts once."""
    preset = LOW._replace(content_layers={"block1_conv2": 1.0, "block3_conv1": 1.0})
    content, image = smooth(height, seed=1), smooth(height, seed=3)
    masks = [np.linspace(0, 1, height)[:, None].repeat(48, 1)] if masked else None
    found = []
    for pixels in (10**6, 10 * 48):
        monkeypatch.setattr(loss_module, "STRIP", pixels)
        keras.utils.set_random_seed(0)
        loss = StyleLoss(content, [smooth(seed=2)], preset, masks=masks)
        found.append(value_and_gradient(loss)(image[None]))
    (terms, gradient), (strip_terms, strip_gradient) = found
    assert strip_terms == pytest.approx(terms, rel=1e-5)
    np.testing.assert_allclose(strip_gradient, gradient, atol=1e-5 * np.abs(gradient).max())


def test_an_empty_mask_is_refused():
    with pytest.raises(ValueError, match="cover something"):
        StyleLoss(smooth(), [smooth()], LOW, masks=[np.zeros((32, 48))])


# ---------------------------------------------------------------- pictures


def test_the_result_has_the_photographs_size_and_a_smaller_loss():
    result = gatys.stylize(smooth(33, 45), smooth(40, 50, 1), 15, **QUICK)
    assert result.image.shape == (33, 45, 3)
    assert result.image.dtype == "float32"
    losses = [step["loss"] for step in result.history]
    assert len(losses) == 15
    assert min(losses) < 0.5 * losses[0]


def test_the_network_that_ships_needs_no_file():
    result = gatys.stylize(smooth(), smooth(seed=1), 15, network="slim", progress=False)
    losses = [step["loss"] for step in result.history]
    assert min(losses) < 0.5 * losses[0]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_same_seed_gives_the_same_picture(optimizer):
    results = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(0)
        options = {**QUICK, "start": "noise", "seed": seed, "optimizer": optimizer}
        results.append(gatys.stylize(smooth(), smooth(seed=1), 4, **options).image)
    np.testing.assert_allclose(results[0], results[1], atol=0.05)
    assert np.abs(results[0] - results[2]).mean() > 1


def test_a_start_of_ones_own_is_taken():
    seen = []
    start = smooth(seed=5)
    options = {**QUICK, "start": start, "callback": lambda n, terms, image: seen.append(image)}
    gatys.stylize(smooth(), smooth(seed=1), 1, **options)
    np.testing.assert_allclose(seen[0], start, rtol=1e-6)


def test_levels_go_from_coarse_to_fine_each_started_from_the_last():
    seen = []
    options = {**QUICK, "levels": 2, "callback": lambda n, terms, image: seen.append(image)}
    result = gatys.stylize(smooth(64, 96), smooth(64, 64, 1), 3, **options)
    assert [image.shape[:2] for image in seen] == [(32, 48)] * 3 + [(64, 96)] * 3
    assert len(result.history) == 6
    losses = [step["loss"] for step in result.history[:3]]
    best = np.clip(seen[int(np.argmin(losses))], 0, 255)
    upper = seen[3].reshape(32, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.abs(upper - best).mean() < np.abs(smooth(64, 96)[::2, ::2] - best).mean()


def test_kept_colors_are_the_photographs():
    photo = smooth()
    result = gatys.stylize(photo, smooth(seed=1), 5, colors="keep", **QUICK).image
    clipped = (result <= 0) | (result >= 255)
    chroma = (result - photo)[~clipped.any(axis=-1)]
    np.testing.assert_allclose(chroma, chroma[:, :1].repeat(3, axis=1), atol=1e-2)


def test_matched_colors_reach_the_loss():
    gray = np.repeat(smooth()[..., :1], 3, axis=2)
    result = gatys.stylize(gray, gray, 1, colors="match", **QUICK)
    colorful = gatys.stylize(gray, smooth(seed=1), 1, **QUICK)
    assert result.history[0]["style block1_conv1"] < colorful.history[0]["style block1_conv1"]


def test_a_texture_has_no_content_and_its_own_size():
    result = gatys.synthesize_texture(smooth(), (20, 24), 10, **QUICK)
    assert result.image.shape == (20, 24, 3)
    assert not any(name.startswith("content") for name in result.history[0])
    assert result.history[-1]["loss"] < 0.5 * result.history[0]["loss"]


def test_the_forecast_of_memory_is_near_what_was_measured():
    measured = {(256, 256): 1.25, (512, 512): 1.52, (1024, 1024): 2.85, (1000, 1500, 3): 4.18}
    for size, found in measured.items():
        assert gatys.memory(*size) == pytest.approx(found, rel=0.05), size


def test_a_reconstruction_comes_from_noise_to_the_photograph():
    photo = smooth()
    options = {"network": "vgg16", "weights": None, "progress": False}
    result = gatys.reconstruct(photo, "block1_conv1", 60, **options)
    assert set(result.history[0]) == {"content block1_conv1", "loss"}
    noise = gatys.starting_image("noise", photo.shape, 0)
    assert np.abs(result.image - photo).mean() < 0.2 * np.abs(noise - photo).mean()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"style_weights": [1, 2]}, "style weight for each of 1"),
        ({"style_weights": [0]}, "not all 0"),
        ({"masks": []}, "mask for each of 1"),
        ({"masks": [np.ones((3, 3))]}, "photograph's size"),
        ({"colors": "none"}, "colors to be one of"),
        ({"levels": 0}, "levels of 1 or more"),
        ({"levels": 3}, "coarsest pictures of 16 pixels"),
        ({"start": "white"}, "start to be one of"),
        ({"start": np.zeros((3, 3, 3))}, "photograph's shape"),
        ({"preset": "other"}, "preset to be one of"),
        ({"pooling": "none"}, "pooling to be one of"),
        ({"network": "vgg11"}, "network to be one of"),
        ({"num_steps": 0}, "at least one step"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gatys.stylize(smooth(), smooth(), **{"num_steps": 1, **QUICK, **options})


# ---------------------------------------------------------------- backends

SCRIPT = """
from stylenet.gatys.loss import Preset, StyleLoss
from stylenet.optimization import value_and_gradient
loss = StyleLoss(arrays["content"], [arrays["style"]], Preset(**{preset!r}), weights={weights!r})
terms, results["gradient"] = value_and_gradient(loss)(arrays["image"][None])
results.update(terms)
"""


@pytest.mark.slow
def test_tensorflow_and_jax_agree_on_loss_and_gradient(tmp_path, run_on_jax):
    weights, preset = str(tmp_path / "vgg16.weights.h5"), LOW._replace(tv_weight=1.0)
    keras.applications.VGG16(include_top=False, weights=None).save_weights(weights)
    content, style, image = (smooth(64, 64, seed) for seed in (1, 2, 3))
    loss = StyleLoss(content, [style], preset, weights=weights)
    terms, gradient = value_and_gradient(loss)(image[None])
    code = SCRIPT.format(preset=preset._asdict(), weights=weights)
    theirs = run_on_jax(code, content=content, style=style, image=image)
    assert set(theirs) == {*terms, "gradient"}
    for name, value in terms.items():
        assert theirs[name] == pytest.approx(value, rel=1e-4)
    difference = np.linalg.norm(gradient - theirs["gradient"])
    assert difference < 1e-4 * np.linalg.norm(gradient)
