import numpy as np
import pytest

from stylenet import weights
from stylenet.colors import keep_colors
from stylenet.feed_forward import stylizer as inference
from stylenet.feed_forward.network import transform_net


@pytest.fixture(scope="module")
def network():
    import keras

    keras.utils.set_random_seed(1)
    return transform_net("reflect", "nearest", width=4)


@pytest.fixture
def photograph():
    return np.random.default_rng(0).uniform(0, 255, (37, 50, 3)).astype("float32")


@pytest.mark.parametrize("size", [(64, 64), (37, 50), (15, 18), (4, 4), (1, 1), (1, 40), (17, 3)])
def test_result_has_exactly_the_photographs_size(network, size):
    content = np.random.default_rng(0).uniform(0, 255, (*size, 3))
    result = inference.stylize(content, network)
    assert result.shape == (*size, 3)
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 255


def test_a_multiple_of_four_is_not_padded(network):
    content = np.random.default_rng(0).uniform(0, 255, (20, 32, 3)).astype("float32")
    expected = np.clip(np.asarray(network(content[None]))[0], 0, 255)
    np.testing.assert_allclose(inference.stylize(content, network), expected, atol=0.01)


def test_another_size_is_mirrored_and_cut_back(network, photograph):
    padded = np.pad(photograph, ((0, 3), (0, 2), (0, 0)), mode="reflect")
    expected = np.clip(np.asarray(network(padded[None]))[0, :37, :50], 0, 255)
    np.testing.assert_allclose(inference.stylize(photograph, network), expected, atol=0.01)


def test_strength_zero_is_the_photograph_and_one_the_style(network, photograph):
    full = inference.stylize(photograph, network)
    np.testing.assert_array_equal(inference.stylize(photograph, network, strength=0), photograph)
    padded = np.pad(photograph, ((0, 3), (0, 2), (0, 0)), mode="reflect")
    plain = np.clip(np.asarray(network(padded[None]))[0, :37, :50], 0, 255)
    np.testing.assert_allclose(full, plain, atol=0.01)


def test_distance_from_the_photograph_grows_in_proportion_to_strength(network, photograph):
    full = np.linalg.norm(inference.stylize(photograph, network) - photograph)
    for strength in (0.1, 0.25, 0.5, 0.75, 0.9):
        result = inference.stylize(photograph, network, strength)
        distance = np.linalg.norm(result - photograph)
        assert distance == pytest.approx(strength * full, rel=1e-4)


def test_the_input_is_not_changed(network, photograph):
    before = photograph.copy()
    for strength in (0.0, 0.5, 1.0):
        inference.stylize(photograph, network, strength)[:] = 0
    np.testing.assert_array_equal(photograph, before)


def test_kept_colors_are_the_photographs_chroma(network):
    # Mid-grey tones leave room, so that no value is clipped.
    content = np.random.default_rng(0).uniform(110, 140, (32, 32, 3)).astype("float32")
    result = inference.stylize(content, network, strength=1.0, colors="keep")
    stylized = inference.stylize(content, network)
    np.testing.assert_allclose(result, keep_colors(stylized, content), atol=1e-3)
    assert np.abs(result - stylized).max() > 1


def test_a_weights_file_and_its_network_draw_the_same(network, photograph, tmp_path):
    path = tmp_path / "mine.weights.h5"
    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(network, path, options)
    np.testing.assert_allclose(
        inference.stylize(photograph, path), inference.stylize(photograph, network), atol=1e-3
    )


def test_a_replaced_weights_file_is_read_again(network, photograph, tmp_path):
    path = tmp_path / "mine.weights.h5"
    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(network, path, options)
    before = inference.stylize(photograph, path)
    weights.save_network(transform_net(**options), path, options)
    assert np.abs(inference.stylize(photograph, path) - before).max() > 1


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (np.zeros((8, 8, 2)), {}, r"\(height, width, 3\).*\(8, 8, 2\)"),
        (np.zeros((0, 8, 3)), {}, r"\(height, width, 3\)"),
        (np.full((8, 8, 3), 300.0), {}, r"\[0, 255\].*300"),
        (np.full((8, 8, 3), np.nan), {}, r"\[0, 255\].*NaN"),
        (np.zeros((8, 8, 3)), {"strength": 1.5}, "strength between 0 and 1.*1.5"),
        (np.zeros((8, 8, 3)), {"strength": float("nan")}, "strength between 0 and 1"),
        (np.zeros((8, 8, 3)), {"colors": "mine"}, "colors.*mine"),
    ],
)
def test_what_is_no_picture_or_no_option_is_refused(network, content, arguments, message):
    with pytest.raises(ValueError, match=message):
        inference.stylize(content, network, **arguments)


def test_an_unknown_style_lists_the_shipped_ones(photograph):
    with pytest.raises(ValueError, match=r"Expected a shipped style.*'nobody'"):
        inference.stylize(photograph, "nobody")
