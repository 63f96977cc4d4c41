"""Keras' settings of the whole process, as another network of the same program may need them."""

import contextlib
import threading

import keras
import numpy as np
import pytest
from helpers import assert_same, smooth

from stylenet import UniversalStylizer, gatys, images, stylize, train
from stylenet.feed_forward.network import transform_net
from stylenet.feed_forward.settings import StyleSettings
from stylenet.losses import PRESETS
from stylenet.surroundings import plain

WAIT = 600  # seconds, at most, for what another thread is to do meanwhile
STRANGE = ("float64", "channels_first", "mixed_bfloat16")
PICTURES = smooth(40, 52), smooth(48, 48, seed=1)


def settings():
    return keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy().name


def put(floatx, data_format, policy):
    keras.config.set_floatx(floatx)
    keras.config.set_image_data_format(data_format)
    keras.config.set_dtype_policy(policy)


@contextlib.contextmanager
def strange():
    before = settings()
    put(*STRANGE)
    try:
        yield
    finally:
        put(*before)


def assert_nothing_changes(draw):
    """The same result whatever is set; and what is set stays."""
    expected = draw()
    keras.utils.clear_session(free_memory=False)
    with strange():
        result = draw()
        assert settings() == STRANGE
    assert_same(result, expected)
    assert np.asarray(result).dtype == "float32"


def narrow_network():
    keras.utils.set_random_seed(0)
    return transform_net(padding="reflect", upsampling="nearest", width=4)


def test_inside_everything_is_plain_and_outside_as_before():
    with strange():
        with plain():
            assert settings() == ("float32", "channels_last", "float32")
            with plain("mixed_bfloat16"):  # the outer one has decided
                assert settings() == ("float32", "channels_last", "float32")
        assert settings() == STRANGE
        with pytest.raises(ZeroDivisionError), plain():
            1 / 0  # noqa: B018
        assert settings() == STRANGE


def test_a_thread_that_ends_first_does_not_disturb_the_other():
    entered, leave = threading.Event(), threading.Event()

    def other():
        with plain():
            entered.set()
            assert leave.wait(WAIT)

    with strange():
        thread = threading.Thread(target=other)
        thread.start()
        assert entered.wait(WAIT)
        with plain():
            leave.set()
            thread.join()
            assert settings() == ("float32", "channels_last", "float32")
        assert settings() == STRANGE


def test_of_feed_forward_networks():
    assert_nothing_changes(lambda: stylize(smooth(40, 52), narrow_network()))


def test_of_universal_style_transfer():
    def draw():
        return UniversalStylizer().stylize(*PICTURES, levels=(2, 1))

    assert_nothing_changes(draw)


def test_of_gatys_method():
    def draw():
        return gatys.stylize(*PICTURES, network="slim", num_steps=2, progress=False).image

    assert_nothing_changes(draw)


def test_of_training(tmp_path, uncompiled):
    images.save_image(tmp_path / "painting.png", smooth(48, 48, seed=1))
    images.save_image(tmp_path / "photo.png", smooth(40, 52))
    preset = PRESETS["engstrom"]._replace(
        network="slim", content_layers={"block1_conv2": 1.0}, style_layers={"block1_conv1": 1.0}
    )
    run = StyleSettings(
        steps=2, epoch_steps=1, batch_size=1, crop_size=32, width=4, start="random", preset=preset
    )

    def last_kernel():
        target = tmp_path / "x.weights.h5"
        network = train(
            tmp_path / "painting.png", [tmp_path / "photo.png"], target, run, overwrite=True
        )
        return network.get_layer("output").get_weights()[0]

    assert_nothing_changes(last_kernel)
