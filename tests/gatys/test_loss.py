import functools
import importlib

import keras
import numpy as np
import pytest
from helpers import smooth
from keras import ops
from PIL import Image

from stylenet.gatys.loss import StyleLoss, gatys_loss
from stylenet.losses import PRESETS, Preset
from stylenet.optimization import value_and_gradient

# Low layers of a random network: quick, and everything below holds for any weights.
LOW = Preset(
    network="vgg16",
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 1.0, "block2_conv1": 2.0},
)
random_loss = functools.partial(StyleLoss, weights="random")


@pytest.fixture(autouse=True)
def same_random_weights():
    keras.utils.set_random_seed(0)


def terms_of(loss, image):
    return {name: float(value) for name, value in loss(ops.convert_to_tensor(image[None])).items()}


def features_of(loss, image):
    return {name: np.asarray(maps)[0] for name, maps in loss.extractor(image[None]).items()}


def test_the_loss_of_the_target_is_zero():
    picture = smooth()
    terms = terms_of(random_loss(picture, [picture], LOW), picture)
    assert set(terms) == {"content block2_conv1", "style block1_conv1", "style block2_conv1"}
    assert all(abs(value) < 1e-3 for value in terms.values())


def test_the_terms_are_those_of_gatys_notebook_in_numpy():
    """Content: mean square. Style: 1000 / C^2 times the mean square between F F^T / HW."""
    content, style, image = smooth(seed=1), smooth(40, 40, seed=2), smooth(seed=3)
    loss = random_loss(content, [style], LOW)
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
    loss = random_loss(content, [style], course)
    ours, painting = (features_of(loss, x)["block1_conv1"] for x in (image, style))
    grams = [np.einsum("hwi,hwj->ij", maps, maps) / maps.size for maps in (ours, painting)]
    expected = course.style_weight * np.sum((grams[0] - grams[1]) ** 2)
    assert terms_of(loss, image)["style block1_conv1"] == pytest.approx(expected, rel=1e-3)


def test_a_layers_weight_changes_its_own_term_alone():
    content, style, image = smooth(seed=1), smooth(seed=2), smooth(seed=3)
    before = terms_of(random_loss(content, [style], LOW._replace(tv_weight=1.0)), image)
    for kind in ("content", "style"):
        weights = getattr(LOW, f"{kind}_layers")
        for layer in weights:
            changed = {f"{kind}_layers": {**weights, layer: 3 * weights[layer]}}
            keras.utils.set_random_seed(0)
            loss = random_loss(content, [style], LOW._replace(tv_weight=1.0, **changed))
            after = terms_of(loss, image)
            changed = [name for name in before if after[name] != pytest.approx(before[name])]
            assert changed == [f"{kind} {layer}"]
            assert after[changed[0]] == pytest.approx(3 * before[changed[0]], rel=1e-4)


def test_the_gradient_agrees_with_finite_differences():
    content, style, image = smooth(seed=1), smooth(seed=2), smooth(seed=3)
    loss = random_loss(content, [style], LOW._replace(tv_weight=1.0))
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
        found[name] = terms_of(random_loss(content, pictures, LOW, shares), image)
    assert found["all first"] == pytest.approx(found["first"], rel=1e-4)
    assert found["equal"] == pytest.approx(found["equal numbers"], rel=1e-4)
    assert found["equal"] != pytest.approx(found["first"], rel=1e-2)


def test_a_mask_of_ones_changes_nothing():
    content, style, image = smooth(seed=1), smooth(seed=2), smooth(seed=3)
    plain = terms_of(random_loss(content, [style], LOW), image)
    keras.utils.set_random_seed(0)
    masked = terms_of(random_loss(content, [style], LOW, masks=[np.ones((32, 48))]), image)
    assert masked == pytest.approx(plain, rel=1e-4)


def test_a_style_acts_within_its_mask_alone():
    """One convolution of 3 x 3 sees one pixel beyond the mask."""
    mask = np.zeros((32, 48))
    mask[:, :24] = 1
    preset = LOW._replace(content_layers={}, style_layers={"block1_conv1": 1.0})
    loss = random_loss(smooth(seed=1), [smooth(seed=2)], preset, masks=[mask])
    _, gradient = value_and_gradient(loss)(smooth(seed=3)[None])
    assert (gradient[0, :, 25:] == 0).all()
    assert (np.abs(gradient[0, :, :24]).max(axis=-1) > 0).mean() > 0.9


def test_an_empty_mask_is_refused():
    with pytest.raises(ValueError, match="cover something"):
        random_loss(smooth(), [smooth()], LOW, masks=[np.zeros((32, 48))])


# ---------------------------------------------------------------- backends

SCRIPT = """
from stylenet.losses import Preset
from {module} import StyleLoss
from stylenet.optimization import value_and_gradient
loss = StyleLoss(arrays["content"], [arrays["style"]], Preset(**{preset!r}), weights={weights!r})
terms, results["gradient"] = value_and_gradient(loss)(arrays["image"][None])
results.update(terms)
"""


@pytest.mark.slow
@pytest.mark.parametrize("module", ["stylenet.gatys.loss", "stylenet.speed.gatys"])
def test_tensorflow_and_jax_agree_on_loss_and_gradient(module, tmp_path, run_on_jax):
    weights, preset = str(tmp_path / "vgg16.weights.h5"), LOW._replace(tv_weight=1.0)
    keras.applications.VGG16(include_top=False, weights=None).save_weights(weights)
    content, style, image = (smooth(64, 64, seed) for seed in (1, 2, 3))
    loss = importlib.import_module(module).StyleLoss(content, [style], preset, weights=weights)
    terms, gradient = value_and_gradient(loss)(image[None])
    code = SCRIPT.format(module=module, preset=preset._asdict(), weights=weights)
    theirs = run_on_jax(code, content=content, style=style, image=image)
    assert set(theirs) == {*terms, "gradient"}
    for name, value in terms.items():
        assert theirs[name] == pytest.approx(value, rel=1e-4)
    difference = np.linalg.norm(gradient - theirs["gradient"])
    assert difference < 1e-4 * np.linalg.norm(gradient)


def test_the_loss_takes_pictures_of_all_kinds_and_is_that_of_the_method():
    photograph, painting = smooth(32, 48), smooth(32, 32, seed=1)
    loss = gatys_loss(
        Image.fromarray(np.rint(photograph).astype("uint8")), painting, network="slim"
    )
    picture = ops.convert_to_tensor(smooth(32, 48, seed=2)[None])
    chosen = PRESETS["gatys"]._replace(network="slim")
    expected = StyleLoss(np.rint(photograph), [painting], chosen)(picture)
    assert loss(picture).keys() == expected.keys()
    for name, value in loss(picture).items():
        np.testing.assert_allclose(float(value), float(expected[name]), rtol=1e-5)
