import keras
import numpy as np
import pytest

from stylenet.feed_forward.identity import start_as_identity
from stylenet.feed_forward.network import transform_net


def picture():
    """Smooth color ramps and a disc, 64 x 64."""
    y, x = np.mgrid[:64, :64].astype("float32")
    disc = 120 * ((x - 30) ** 2 + (y - 36) ** 2 < 200)
    return np.stack([2 * x + disc / 2, 3 * y, 255 - x - y - disc / 3], axis=-1).clip(0, 255)


@pytest.mark.parametrize("padding", ["zero", "reflect"])
@pytest.mark.parametrize(("upsampling", "least"), [("transposed", 0.98), ("nearest", 0.9)])
def test_a_fresh_network_draws_the_photograph(padding, upsampling, least):
    keras.utils.set_random_seed(0)
    network = transform_net(padding, upsampling)
    start_as_identity(network)
    result = np.asarray(network(picture()[None]))[0]
    for channel in range(3):
        pair = result[8:-8, 8:-8, channel], picture()[8:-8, 8:-8, channel]
        assert np.corrcoef(*(values.ravel() for values in pair))[0, 1] > least


def test_random_weights_do_not_draw_it():
    keras.utils.set_random_seed(0)
    result = np.asarray(transform_net()(picture()[None]))[0]
    correlations = [
        np.corrcoef(result[..., i].ravel(), picture()[..., i].ravel())[0, 1] for i in range(3)
    ]
    assert max(np.abs(correlations)) < 0.9


def test_channels_that_do_not_copy_stay_random():
    keras.utils.set_random_seed(0)
    network = transform_net()
    before = np.array(network.get_layer("down2").kernel)
    start_as_identity(network)
    after = np.array(network.get_layer("down2").kernel)
    np.testing.assert_array_equal(after[..., 12:], before[..., 12:])
    assert np.abs(after[..., :12] - before[..., :12]).max() > 0.5


def test_a_network_too_narrow_for_a_copy_is_refused():
    with pytest.raises(ValueError, match="width 12 or more"):
        start_as_identity(transform_net(width=8))
