"""Several styles in one network: what conditions mix, and what they can't be."""

import numpy as np
import pytest
from keras import ops

from stylenet.feed_forward.conditional import condition, corners, fixed, repeated
from stylenet.feed_forward.network import transform_net
from stylenet.layers import EPSILON, ConditionalInstanceNormalization
from stylenet.weights import save_network
from tests.helpers import smooth

OPTIONS = {"padding": "reflect", "upsampling": "nearest", "width": 4}
STYLES = ("wave", "udnie")


@pytest.fixture(scope="module")
def network():
    """Two styles whose corners all differ."""
    many = transform_net(**OPTIONS, styles=2)
    random = np.random.default_rng(0)
    for layer in many.layers:
        if layer.name.endswith("_norm"):
            layer.set_weights([random.normal(1, 0.3, rows.shape) for rows in layer.get_weights()])
    return many


def drawn(network, row):
    picture = smooth()[None]
    return np.asarray(network([picture, np.asarray(row, "float32")[None]]))


def test_normalization_is_the_equation():
    random = np.random.default_rng(0)
    x = random.normal(3, 2, (2, 5, 6, 3)).astype("float32")
    c = np.array([[1, 0, 0, 0], [0, 0.25, 0.75, 0]], "float32")
    layer = ConditionalInstanceNormalization(4)
    layer(x, c)
    gamma, beta = random.normal(size=(2, 4, 3))
    layer.set_weights([gamma, beta])
    scaled = (x - x.mean((1, 2), keepdims=True)) / np.sqrt(x.var((1, 2), keepdims=True) + EPSILON)
    expected = scaled * (c @ gamma)[:, None, None] + (c @ beta)[:, None, None]
    np.testing.assert_allclose(ops.convert_to_numpy(layer(x, c)), expected, atol=1e-5)


def test_normalization_survives_its_config():
    layer = ConditionalInstanceNormalization(8, name="a")
    again = ConditionalInstanceNormalization.from_config(layer.get_config())
    assert (again.conditions, again.name) == (8, "a")


@pytest.mark.parametrize(
    "strength, stroke, expected",
    [(0, 0, [1, 0, 0, 0]), (0, 1, [0, 1, 0, 0]), (1, 0, [0, 0, 1, 0]), (1, 1, [0, 0, 0, 1])],
)
def test_sliders_at_their_ends_are_a_corner(strength, stroke, expected):
    np.testing.assert_array_equal(corners(strength, stroke), expected)


def test_condition_is_the_share_times_the_corner():
    found = condition(STYLES, {"udnie": 3, "wave": 1}, strength=0.5, stroke=0.25)
    expected = [0.09375, 0.03125, 0.09375, 0.03125, 0.28125, 0.09375, 0.28125, 0.09375]
    np.testing.assert_allclose(found, expected)
    assert found.dtype == "float32"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"shares": "vawe"}, "Expected style to be one of ('wave', 'udnie'). Received: 'vawe'."),
        ({"shares": {}}, "Expected shares of 0 or more, not all 0. Received: []."),
        (
            {"shares": {"wave": 0.0, "udnie": 0.0}},
            "Expected shares of 0 or more, not all 0. Received: [0.0, 0.0].",
        ),
        (
            {"shares": {"wave": -1.0, "udnie": 2.0}},
            "Expected shares of 0 or more, not all 0. Received: [-1.0, 2.0].",
        ),
        (
            {"shares": "wave", "strength": 1.5},
            "Expected strength between 0 and 1. Received: 1.5.",
        ),
        ({"shares": "wave", "stroke": -0.1}, "Expected stroke between 0 and 1. Received: -0.1."),
    ],
)
def test_what_is_no_condition_is_told(arguments, message):
    with pytest.raises(ValueError) as error:
        condition(STYLES, **arguments)
    assert str(error.value) == message


def test_plain_network_is_the_course_s_when_styles_is_none():
    assert transform_net(styles=None).count_params() == 1_677_638


def test_many_styles_add_four_scales_and_shifts_each():
    channels = 4 + 8 + 16 * 11 + 8 + 4 + 3
    plain, many = (transform_net(**OPTIONS, styles=styles) for styles in (None, 3))
    assert many.count_params() - plain.count_params() == 2 * channels * (3 * 4 - 1)


@pytest.mark.parametrize("styles", [0, 513])
def test_number_of_styles_is_checked(styles):
    with pytest.raises(ValueError) as error:
        transform_net(styles=styles)
    assert (
        str(error.value)
        == f"Expected styles to be a whole number from 1 to 512. Received: {styles}."
    )


def test_fixed_network_draws_the_same(network):
    row = condition(STYLES, {"wave": 1, "udnie": 2}, 0.3, 0.8)
    plain = np.asarray(fixed(network, row)(smooth()[None]))
    np.testing.assert_allclose(plain, drawn(network, row), atol=1e-2)


def test_all_styles_of_a_repeated_network_draw_what_the_one_draws():
    single = transform_net(**OPTIONS)
    expected = np.asarray(single(smooth()[None]))
    many = repeated(single, 2)
    for shares in ("wave", "udnie", {"wave": 1, "udnie": 3}):
        row = condition(STYLES, shares, 0.9, 0.2)
        np.testing.assert_allclose(drawn(many, row), expected, atol=1e-3)


def test_a_blend_of_one_and_nothing_is_the_style(network):
    blend = condition(STYLES, {"wave": 1, "udnie": 0}, 0.2, 0.7)
    alone = condition(STYLES, "wave", 0.2, 0.7)
    np.testing.assert_array_equal(blend, alone)
    np.testing.assert_allclose(drawn(network, blend), drawn(network, alone), atol=1e-2)


def test_each_picture_of_a_batch_has_its_own_style(network):
    rows = np.stack([condition(STYLES, name) for name in STYLES])
    both = np.asarray(network([np.repeat(smooth()[None], 2, 0), rows]))
    for picture, row in zip(both, rows, strict=True):
        np.testing.assert_allclose(picture, drawn(network, row)[0], atol=1e-2)
    assert np.abs(both[0] - both[1]).mean() > 1


@pytest.mark.tensorflow
def test_conditions_are_differentiable(network):
    import tensorflow as tf

    picture = tf.constant(smooth()[None])
    row = tf.constant(condition(STYLES, {"wave": 1, "udnie": 1})[None])
    up = tf.constant(np.eye(8, dtype="float32")[5][None])
    with tf.GradientTape() as tape:
        tape.watch(row)
        value = tf.reduce_mean(network([picture, row]))
    slope = float(tf.reduce_sum(tape.gradient(value, row) * up))
    after, before = (
        float(tf.reduce_mean(network([picture, row + step * up]))) for step in (0.01, -0.01)
    )
    assert slope == pytest.approx((after - before) / 0.02, rel=0.05, abs=1e-3)


def test_a_file_of_many_styles_describes_itself(network, tmp_path):
    from stylenet.feed_forward.network import load_network

    path = tmp_path / "many.weights.h5"
    save_network(network, path, OPTIONS | {"styles": list(STYLES)})
    row = condition(STYLES, "udnie", 0.1, 0.4)
    np.testing.assert_allclose(drawn(load_network(path), row), drawn(network, row), atol=1e-2)
