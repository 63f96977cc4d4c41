import keras
import numpy as np
import pytest
import scipy.linalg
from keras import ops

from stylenet import wct
from stylenet.moments import moments as moments_of
from stylenet.moments import statistics


def maps(height, width, channels=6, batch=1, seed=0, rank=None):
    """Features with correlated channels, means of their own, and perhaps fewer directions."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(rank or channels, channels))
    features = rng.normal(size=(batch, height, width, rank or channels)) @ mixing
    return (3 * features + rng.uniform(-5, 5, channels)).astype("float32")


def array(tensor):
    return ops.convert_to_numpy(tensor).astype("float64")


def moments(features):
    flat = array(features)[0].reshape(-1, features.shape[-1])
    return flat.mean(axis=0), np.cov(flat.T)


def reference(content, style, alpha=1.0):
    """The transform in float64, by SciPy's matrix roots."""
    flat, other = (x[0].reshape(-1, x.shape[-1]).astype("float64") for x in (content, style))
    roots = [scipy.linalg.sqrtm(np.cov(x.T)) for x in (flat, other)]
    white = (flat - flat.mean(0)) @ np.linalg.inv(roots[0])
    colored = white @ roots[1] + other.mean(0)
    return (alpha * colored + (1 - alpha) * flat).reshape(content.shape)


def test_white_features_have_mean_0_and_the_identity_as_covariance():
    mean, covariance = moments(wct.whiten(maps(20, 30)))
    np.testing.assert_allclose(mean, 0, atol=1e-4)
    np.testing.assert_allclose(covariance, np.eye(6), atol=1e-4)


def test_on_fewer_directions_the_covariance_is_a_projection():
    """The identity on the four directions that hold anything, zero on the others."""
    _, covariance = moments(wct.whiten(maps(20, 30, rank=4)))
    np.testing.assert_allclose(covariance @ covariance, covariance, atol=1e-3)
    assert np.trace(covariance) == pytest.approx(4, abs=1e-3)


def test_colored_features_have_the_styles_mean_and_covariance():
    content, style = maps(20, 30), maps(15, 17, seed=1)
    found = moments(wct.color(wct.whiten(content), style))
    for ours, theirs in zip(found, moments(style), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())


@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_the_transform_agrees_with_matrix_roots_in_double_precision(alpha):
    content, style = maps(20, 30), maps(15, 17, seed=1)
    found = wct.whitening_coloring_transform(content, style, alpha)
    np.testing.assert_allclose(array(found), reference(content, style, alpha), atol=1e-3)


def test_alpha_0_returns_the_content_exactly():
    content = maps(9, 7)
    found = wct.whitening_coloring_transform(content, maps(8, 8, seed=1), 0.0)
    np.testing.assert_array_equal(array(found), content)


def test_the_contents_mean_stays_in_the_blend():
    content, style = maps(20, 30), maps(15, 17, seed=1)
    mean, _ = moments(wct.whitening_coloring_transform(content, style, 0.25))
    expected = 0.25 * moments(style)[0] + 0.75 * moments(content)[0]
    np.testing.assert_allclose(mean, expected, atol=1e-3)


def test_features_of_a_picture_and_itself_are_not_changed():
    content = maps(20, 30)
    found = wct.whitening_coloring_transform(content, content)
    np.testing.assert_allclose(array(found), content, atol=1e-3)


def test_each_picture_of_a_batch_is_transformed_by_itself():
    content = np.concatenate([maps(12, 14, seed=seed) for seed in (1, 2)])
    style = maps(9, 10, seed=3)
    together = array(wct.whitening_coloring_transform(content, style))
    for one, picture in zip(together, content, strict=True):
        alone = wct.whitening_coloring_transform(picture[None], style)
        np.testing.assert_allclose(one, array(alone)[0], rtol=1e-4, atol=1e-3)


def test_statistics_stand_for_the_style():
    content, style = maps(20, 30), maps(15, 17, seed=1)
    found = wct.whitening_coloring_transform(content, statistics(style), 0.6)
    expected = wct.whitening_coloring_transform(content, style, 0.6)
    np.testing.assert_array_equal(array(found), array(expected))


@pytest.mark.parametrize(
    "content, style",
    [
        (maps(2, 2, 16), maps(20, 20, 16, seed=1)),  # fewer positions than channels
        (maps(20, 20, 16), maps(2, 2, 16, seed=1)),
        (np.full((1, 5, 5, 4), 3, "float32"), maps(6, 6, 4)),  # constant channels
        (maps(6, 6, 4), np.full((1, 5, 5, 4), 3, "float32")),
        (maps(1, 1, 4), maps(6, 6, 4)),  # one pixel
        (maps(6, 6, 4), maps(1, 1, 4)),
        (np.zeros((1, 3, 3, 4), "float32"), np.zeros((1, 3, 3, 4), "float32")),
    ],
)
def test_degenerate_features_give_finite_results(content, style):
    found = array(wct.whitening_coloring_transform(content, style))
    assert found.shape == content.shape
    assert np.isfinite(found).all()
    mean = style[0].reshape(-1, style.shape[-1]).mean(axis=0)
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), mean, atol=1e-3)


@pytest.mark.parametrize("precisions", [("float64", "float32"), ("float32", "float64")])
def test_content_and_style_may_have_different_precisions(precisions):
    content, style = (
        features.astype(precision)
        for features, precision in zip((maps(9, 8), maps(7, 6, seed=1)), precisions, strict=True)
    )
    mask = np.ones((1, 9, 8, 1), precisions[1])
    for found in (
        wct.color(wct.whiten(content, mask), style),
        wct.whitening_coloring_transform(content, style, mask=mask),
        wct.whitening_coloring_transform(content, statistics(style)),
        wct.transform_regions(content, [statistics(style)], [mask]),
    ):
        assert keras.backend.standardize_dtype(found.dtype) == precisions[0]
        np.testing.assert_allclose(array(found), reference(content, style), atol=1e-3)


def test_features_without_four_axes_and_other_alphas_are_refused():
    for function in (wct.whiten, statistics):
        with pytest.raises(ValueError, match="batch, height, width, channels"):
            function(np.zeros((4, 4, 3), "float32"))
    for alpha in (-0.1, 1.1):
        with pytest.raises(ValueError, match="alpha in"):
            wct.whitening_coloring_transform(maps(4, 4), maps(4, 4), alpha)


@pytest.mark.slow
def test_jax_agrees(run_on_jax):
    code = """
from stylenet import wct
found = wct.whitening_coloring_transform(arrays["content"], arrays["style"], 0.6)
results["found"] = np.asarray(found)
"""
    content, style = maps(20, 30), maps(15, 17, seed=1)
    found = run_on_jax(code, content=content, style=style)["found"]
    np.testing.assert_allclose(found, reference(content, style, 0.6), atol=2e-3)


def test_the_gradient_takes_the_matrices_as_given():
    """Upstream times M^T without its mean, M = whitening times coloring; eigenvalues may agree."""
    tf = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("gradients are taken on TensorFlow")
    random = np.random.default_rng(0)
    content, style, upstream = random.normal(size=(3, 1, 6, 7, 4)).astype("float32")
    content[..., 2:] = 1  # two eigenvalues of 0
    x = tf.constant(content)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(wct.whitening_coloring_transform(x, style) * upstream)
    found = tape.gradient(loss, x).numpy().reshape(-1, 4)

    def power(maps, exponent):
        values, vectors = np.linalg.eigh(np.cov(maps.reshape(-1, 4).T))
        kept = values > 1e-5 * values.max()
        return (vectors[:, kept] * values[kept] ** exponent) @ vectors[:, kept].T

    expected = upstream.reshape(-1, 4) @ (power(content, -0.5) @ power(style, 0.5)).T
    np.testing.assert_allclose(found, expected - expected.mean(axis=0), atol=1e-4)


def test_directions_below_the_threshold_are_dropped():
    random = np.random.default_rng(0)
    content = random.normal(size=(1, 30, 40, 3)).astype("float32") * [1, 0.5, 0.01]
    style = random.normal(size=(1, 30, 40, 3)).astype("float32")
    transform = wct.whitening_coloring_transform
    full, some = (
        array(transform(content.astype("float32"), style, threshold=t)) for t in (1e-5, 1e-2)
    )
    ranks = [np.linalg.matrix_rank(np.cov(x.reshape(-1, 3).T), 0.01) for x in (full, some)]
    assert ranks == [3, 2]


# Other transforms


def moved(content, style, transform):
    """The mean square of the way that features go, and where they arrive."""
    found = array(wct.whitening_coloring_transform(content, style, transform=transform))
    return np.mean((found - content) ** 2), moments(found)


def test_transport_gives_the_styles_mean_and_covariance_by_a_shorter_way():
    content, style = maps(20, 30), maps(15, 17, seed=1)
    way, found = moved(content, style, "transport")
    for ours, theirs in zip(found, moments(style), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())
    longer, _ = moved(content, style, "wct")
    assert way < 0.95 * longer


def test_the_way_of_transport_is_the_wasserstein_distance_of_gaussians():
    """|m_c - m_s|^2 + tr(C_c + C_s - 2 (C_c^(1/2) C_s C_c^(1/2))^(1/2)), by SciPy."""
    content, style = maps(20, 30), maps(15, 17, seed=1)
    (mean, covariance), (other_mean, other) = moments(content), moments(style)
    root = scipy.linalg.sqrtm(covariance)
    middle = scipy.linalg.sqrtm(root @ other @ root)
    # Covariances are divided by N - 1, a mean of squares by N.
    spread = np.trace(covariance + other - 2 * middle) * (600 - 1) / 600
    expected = (np.sum((mean - other_mean) ** 2) + spread) / len(mean)
    assert moved(content, style, "transport")[0] == pytest.approx(expected, rel=1e-3)


def test_where_covariances_commute_transport_is_whitening_and_coloring():
    rng = np.random.default_rng(0)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    content, style = (
        wct.whiten(maps(12, 12, 4, seed=seed)) @ np.float32(np.diag(scales) @ turn.T)
        for seed, scales in ((0, [1, 2, 3, 4]), (1, [5, 1, 0.5, 2]))
    )
    found, expected = (
        array(wct.whitening_coloring_transform(content, style, transform=transform))
        for transform in ("transport", "wct")
    )
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("ridge", [0.01, 0.1, 1.0])
def test_a_ridge_takes_from_the_styles_covariance_what_it_has_added(ridge):
    """M^T (C_c + r C_s) M = C_s, and the mean is the style's."""
    content, style = maps(20, 30), maps(15, 17, seed=1)
    change = wct.change(moments_of(content), style, ridge=ridge)
    matrix, (mean, covariance) = array(change.matrix)[0], moments(wct.apply(change, content))
    other_mean, other = moments(style)
    whole = covariance + ridge * matrix.T @ other @ matrix
    np.testing.assert_allclose(whole, other, atol=1e-4 * np.abs(other).max())
    np.testing.assert_allclose(mean, other_mean, atol=1e-3)


@pytest.mark.parametrize("transform", wct.TRANSFORMS)
def test_with_a_ridge_no_direction_grows_without_bound(transform):
    """Two channels apart: by sqrt(s / (c + r s)), at most by 1 / sqrt(r), however small c is."""
    random, deviations = np.random.default_rng(0), np.array([3.0, 1e-3])
    content = wct.whiten(random.normal(size=(1, 20, 30, 2)).astype("float32")) * deviations
    style = 2 * wct.whiten(random.normal(size=(1, 20, 30, 2)).astype("float32"))
    change = wct.change(moments_of(content), style, transform=transform, threshold=0.0, ridge=0.1)
    expected = np.diag(np.sqrt(4 / (deviations**2 + 0.1 * 4)))
    np.testing.assert_allclose(array(change.matrix)[0], expected, atol=1e-3)
    assert expected.max() < 1 / np.sqrt(0.1)


@pytest.mark.parametrize("transform", ["wct", "transport"])
@pytest.mark.parametrize("ridge", [0.01, 0.1])
def test_the_bound_of_a_ridge_holds_in_every_direction(transform, ridge):
    """Whatever the covariances are: C_c + r C_s is at least r C_s, and powers keep that order."""
    content, style = maps(20, 30, rank=4) * 0.01, maps(15, 17, seed=1)
    options = {"transform": transform, "threshold": 0.0}
    bound = 1 / np.sqrt(ridge)
    change = wct.change(moments_of(content), style, ridge=ridge, **options)
    assert np.linalg.norm(array(change.matrix)[0], 2) <= 1.001 * bound
    free = wct.change(moments_of(content), style, **options)
    assert np.linalg.norm(array(free.matrix)[0], 2) > 2 * bound


def test_adain_is_each_channel_shifted_and_scaled():
    content, style = maps(20, 30), maps(15, 17, seed=1)
    found = array(wct.whitening_coloring_transform(content, style, transform="adain"))
    x, y = (features.astype("float64") for features in (content, style))
    (mean, deviation), (other, wanted) = (
        (z.mean(axis=(1, 2)), z.std(axis=(1, 2), ddof=1)) for z in (x, y)
    )
    expected = (x - mean[:, None, None]) / deviation[:, None, None] * wanted[:, None, None]
    np.testing.assert_allclose(found, expected + other[:, None, None], atol=1e-3)


@pytest.mark.parametrize("transform", ["adain", "transport"])
def test_each_transform_leaves_the_style_itself_as_it_is(transform):
    content = maps(20, 30, rank=4)
    found = array(wct.whitening_coloring_transform(content, content, transform=transform))
    np.testing.assert_allclose(found, content, atol=2e-2)


@pytest.mark.parametrize("transform", ["adain", "transport"])
@pytest.mark.parametrize(
    "content, style",
    [
        (maps(2, 2, 16), maps(20, 20, 16, seed=1)),
        (maps(20, 20, 16), maps(2, 2, 16, seed=1)),
        (np.full((1, 5, 5, 4), 3, "float32"), maps(6, 6, 4)),
        (maps(6, 6, 4), np.full((1, 5, 5, 4), 3, "float32")),
        (maps(1, 1, 4), maps(6, 6, 4)),
    ],
)
def test_degenerate_features_give_the_styles_mean(transform, content, style):
    found = array(wct.whitening_coloring_transform(content, style, transform=transform))
    assert np.isfinite(found).all()
    mean = style[0].reshape(-1, style.shape[-1]).mean(axis=0)
    np.testing.assert_allclose(found.mean(axis=(0, 1, 2)), mean, atol=1e-3)


def test_an_unknown_transform_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"transform.*'wct', 'adain', 'transport'"):
        wct.whitening_coloring_transform(maps(4, 4), maps(4, 4), transform="cholesky")
