"""The fast network is the plain one; each of its identities holds alone."""

import keras
import numpy as np
import pytest
from keras import ops

from stylenet.feed_forward.network import PADDINGS, UPSAMPLINGS, transform_net
from stylenet.speed import kernels
from stylenet.speed import network as fast
from stylenet.speed.network import SIZES, Plan

tf = pytest.importorskip("tensorflow")
GREY_LEVELS = 0.01
WHOLE, STRIPS, TWICE = Plan(1), Plan(4), Plan(4, twice=True)
every_way = pytest.mark.parametrize(
    "plan", [WHOLE, STRIPS, TWICE], ids=["whole", "strips", "twice"]
)


@pytest.fixture
def random():
    return np.random.default_rng(0)


def random_network(random, *options, width=8):
    """A network whose normalizations scale and shift, as they do after training."""
    keras.utils.set_random_seed(0)
    network = transform_net(*options, width=width)
    for layer in network.layers:
        if layer.name.endswith("_norm"):
            gamma, beta = layer.get_weights()
            layer.set_weights(
                [random.uniform(0.5, 1.5, gamma.shape), random.normal(0, 0.3, beta.shape)]
            )
    return network


def pictures(random, *shape):
    return random.uniform(0, 255, (*shape, 3)).astype("float32")


def assert_equal_pictures(network, batch):
    expected = ops.convert_to_numpy(network(batch))
    assert expected.std() > 10  # or everything would be equal to everything
    np.testing.assert_allclose(
        fast.fast_network(network)(batch), expected, atol=GREY_LEVELS, rtol=0
    )


@every_way
@pytest.mark.parametrize("upsampling", UPSAMPLINGS)
@pytest.mark.parametrize("padding", PADDINGS)
def test_fast_network_equals_the_plain_one(padding, upsampling, plan, random, monkeypatch):
    monkeypatch.setattr(fast, "PLANS", {0: WHOLE, float("inf"): plan})
    network = random_network(random, padding, upsampling)
    assert_equal_pictures(network, pictures(random, 2, 76, 52))  # 19 and 13 times four


@every_way
def test_fast_network_equals_the_plain_one_at_full_width(plan, random, monkeypatch):
    monkeypatch.setattr(fast, "PLANS", {0: WHOLE, float("inf"): plan})
    network = random_network(random, "reflect", "nearest", width=32)
    assert_equal_pictures(network, pictures(random, 1, 60, 44))


@every_way
@pytest.mark.parametrize("padding", PADDINGS)
def test_the_second_picture_of_a_size_is_compiled_and_equal(padding, plan, random, monkeypatch):
    monkeypatch.setattr(fast, "PLANS", {0: WHOLE, float("inf"): plan})
    monkeypatch.setattr(fast, "COMPILED", range(10**9))
    network = random_network(random, padding, "nearest", width=32)
    run, batch = fast.fast_network(network), pictures(random, 2, 100, 76)
    np.testing.assert_allclose(run(batch), network(batch), atol=GREY_LEVELS, rtol=0)
    assert set(run.graphs) == {plan, plan._replace(winograd=True)}


def test_small_and_single_pictures_are_not_compiled(random):
    run = fast.fast_network(random_network(random))
    for _ in range(2):
        run(pictures(random, 1, 32, 32))
    run(pictures(random, 1, 132, 132))
    assert set(run.graphs) == {WHOLE}


def test_of_many_sizes_the_last_ones_are_known(random):
    run, few = fast.fast_network(random_network(random)), SIZES
    for width in range(2 * few):
        assert not run.plan(400, 400 + 4 * width).winograd
    assert all(run.plan(400, 400 + 4 * width).winograd for width in range(few, 2 * few))
    assert not run.plan(400, 400).winograd
    assert len(run.sizes.times) == few


@pytest.mark.parametrize("upsampling", UPSAMPLINGS)
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("plan", [STRIPS, TWICE], ids=["strips", "twice"])
@pytest.mark.parametrize("height", [12, 28, 32, 36])  # from 32 on, in four strips
def test_low_pictures_equal_the_plain_one(height, padding, upsampling, plan, random, monkeypatch):
    monkeypatch.setattr(fast, "PLANS", {0: WHOLE, float("inf"): plan})
    network = random_network(random, padding, upsampling)
    assert_equal_pictures(network, pictures(random, 1, height, 64))


def test_other_sizes_than_multiples_of_four_equal_the_plain_network(random):
    assert_equal_pictures(random_network(random), pictures(random, 1, 37, 50))


def test_one_graph_serves_all_sizes(random):
    run = fast.fast_network(random_network(random))
    for size in (32, 40, 64):
        run(pictures(random, 1, size, size + 4))
    assert run.graphs[WHOLE].experimental_get_tracing_count() == 1


def test_weights_are_copied(random):
    network = random_network(random)
    batch = pictures(random, 1, 32, 32)
    run = fast.fast_network(network)
    before = run(batch)
    network.get_layer("down1").set_weights([random.normal(size=(9, 9, 3, 8))])
    np.testing.assert_array_equal(run(batch), before)


@pytest.mark.parametrize("block", [1, 2, 4])
def test_blocked_convolution_equals_convolution(block, random):
    x = random.normal(size=(1, 16, 24, 5)).astype("float32")
    kernel = random.normal(size=(9, 9, 5, 3)).astype("float32")
    blocked = ops.conv(
        np.pad(x, ((0, 0), (4, 4), (4, 4), (0, 0))), kernels.blocked_kernel(kernel, block), block
    )
    pixels = tf.nn.depth_to_space(blocked, block) if block > 1 else blocked
    expected = ops.conv(x, kernel, padding="same")
    np.testing.assert_allclose(pixels, expected, atol=1e-4)


def test_nearest_kernel_equals_repeating_and_convolving(random):
    x = random.normal(size=(1, 6, 8, 5)).astype("float32")
    kernel = random.normal(size=(3, 3, 5, 4)).astype("float32")
    phases = kernels.upsampling_kernel(kernel, kernels.NEAREST)
    pixels = tf.nn.depth_to_space(ops.conv(np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), phases), 2)
    expected = ops.conv(x.repeat(2, axis=1).repeat(2, axis=2), kernel, padding="same")
    np.testing.assert_allclose(pixels[:, 1:-1, 1:-1], expected, atol=1e-4)


def test_transposed_kernel_equals_transposed_convolution(random):
    x = random.normal(size=(1, 6, 8, 5)).astype("float32")
    kernel = random.normal(size=(3, 3, 4, 5)).astype("float32")  # filters before channels
    phases = kernels.upsampling_kernel(kernel.transpose(0, 1, 3, 2), kernels.TRANSPOSED)
    pixels = tf.nn.depth_to_space(ops.conv(np.pad(x, ((0, 0), (1, 0), (1, 0), (0, 0))), phases), 2)
    expected = ops.conv_transpose(x, kernel, 2, padding="same")
    np.testing.assert_allclose(pixels, expected, atol=1e-4)


def test_strips_normalize_as_the_whole_picture_does(random):
    run = fast.fast_network(random_network(random))
    x = tf.constant(random.normal(300, 2, (1, 24, 20, 8)), "float32")  # a large mean: no cancelling
    gamma, beta = run.norms["down1_norm"]
    for strips in ([x], tf.split(x, [8, 4, 12], axis=1)):
        y = tf.concat(run.normalize(strips, "down1", relu=False), axis=1).numpy()
        np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), beta, atol=1e-3)
        deviation = gamma * np.std(x, axis=(0, 1, 2)) / np.sqrt(np.var(x, axis=(0, 1, 2)) + 1e-3)
        np.testing.assert_allclose(y.std(axis=(0, 1, 2)), deviation, rtol=1e-3)


def test_jax_runs_the_plain_network_with_weights_of_its_own(run_on_jax, random):
    batches = {"one": pictures(random, 1, 16, 20), "two": pictures(random, 2, 24, 20)}
    results = run_on_jax(
        "from stylenet.speed.network import fast_network\n"
        "from stylenet.feed_forward.network import transform_net\n"
        "network = transform_net(width=2)\n"
        "fast = fast_network(network)\n"
        "for name, batch in arrays.items():\n"
        "    results[f'plain {name}'] = network.predict_on_batch(batch)\n"
        "for variable in network.variables:\n"
        "    variable.assign(0 * variable)\n"
        "for name, batch in arrays.items():\n"
        "    found = fast(batch)\n"
        "    assert isinstance(found, np.ndarray)\n"
        "    results[f'fast {name}'] = found",
        **batches,
    )
    for name, batch in batches.items():
        assert results[f"fast {name}"].shape == batch.shape
        np.testing.assert_allclose(
            results[f"fast {name}"], results[f"plain {name}"], atol=GREY_LEVELS
        )
