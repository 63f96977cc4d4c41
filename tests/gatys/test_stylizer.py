import keras
import numpy as np
import pytest
from helpers import smooth

from stylenet import gatys, images
from stylenet.gatys.stylizer import starting_image
from stylenet.losses import Preset

# Low layers of a random network: quick, and everything below holds for any weights.
LOW = Preset(
    network="vgg16",
    content_layers={"block2_conv1": 1.0},
    style_layers={"block1_conv1": 1.0, "block2_conv1": 2.0},
)
QUICK = {"preset": LOW, "weights": "random", "progress": False}


@pytest.fixture(autouse=True)
def same_random_weights():
    keras.utils.set_random_seed(0)


def test_the_result_has_the_photographs_size_and_a_smaller_loss():
    result = gatys.stylize(smooth(33, 45), smooth(40, 50, 1), num_steps=15, **QUICK)
    assert result.image.shape == (33, 45, 3)
    assert result.image.dtype == "float32"
    losses = [step["loss"] for step in result.history]
    assert len(losses) == 15
    assert min(losses) < 0.5 * losses[0]


def test_the_network_that_ships_needs_no_file():
    result = gatys.stylize(smooth(), smooth(seed=1), network="slim", num_steps=15, progress=False)
    losses = [step["loss"] for step in result.history]
    assert min(losses) < 0.5 * losses[0]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_same_seed_gives_the_same_picture(optimizer):
    results = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(0)
        options = {**QUICK, "start": "noise", "seed": seed, "optimizer": optimizer}
        results.append(gatys.stylize(smooth(), smooth(seed=1), num_steps=4, **options).image)
    np.testing.assert_allclose(results[0], results[1], atol=0.05)
    assert np.abs(results[0] - results[2]).mean() > 1


def test_a_start_of_ones_own_is_taken():
    seen = []
    start = smooth(seed=5)
    options = {**QUICK, "start": start, "callback": lambda n, terms, image: seen.append(image)}
    gatys.stylize(smooth(), smooth(seed=1), num_steps=1, **options)
    np.testing.assert_allclose(seen[0], start, rtol=1e-6)


def test_scales_go_from_coarse_to_fine_each_started_from_the_last():
    seen = []
    options = {**QUICK, "scales": 2, "callback": lambda n, terms, image: seen.append(image)}
    result = gatys.stylize(smooth(64, 96), smooth(64, 64, 1), num_steps=3, **options)
    assert [image.shape[:2] for image in seen] == [(32, 48)] * 3 + [(64, 96)] * 3
    assert len(result.history) == 6
    losses = [step["loss"] for step in result.history[:3]]
    best = np.clip(seen[int(np.argmin(losses))], 0, 255)
    upper = seen[3].reshape(32, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.abs(upper - best).mean() < np.abs(smooth(64, 96)[::2, ::2] - best).mean()


def test_ctrl_c_ends_all_scales_and_keeps_the_best_so_far():
    def interrupt(number, terms, image):
        if number == 3:
            raise KeyboardInterrupt

    options = {**QUICK, "scales": 2, "callback": interrupt}
    result = gatys.stylize(smooth(64, 70), smooth(64, 64, 1), num_steps=9, **options)
    assert result.image.shape == (64, 70, 3)
    assert len(result.history) == 3 and result.interrupted


def test_kept_colors_are_the_photographs():
    photo = smooth()
    result = gatys.stylize(photo, smooth(seed=1), num_steps=5, colors="keep", **QUICK).image
    clipped = (result <= 0) | (result >= 255)
    chroma = (result - photo)[~clipped.any(axis=-1)]
    np.testing.assert_allclose(chroma, chroma[:, :1].repeat(3, axis=1), atol=1e-2)


def test_matched_colors_reach_the_loss():
    gray = np.repeat(smooth()[..., :1], 3, axis=2)
    result = gatys.stylize(gray, gray, num_steps=1, colors="match", **QUICK)
    colorful = gatys.stylize(gray, smooth(seed=1), num_steps=1, **QUICK)
    assert result.history[0]["style block1_conv1"] < colorful.history[0]["style block1_conv1"]


def test_a_texture_has_no_content_and_its_own_size():
    result = gatys.synthesize_texture(smooth(), (20, 24), num_steps=10, **QUICK)
    assert result.image.shape == (20, 24, 3)
    assert not any(name.startswith("content") for name in result.history[0])
    assert result.history[-1]["loss"] < 0.5 * result.history[0]["loss"]


def test_a_result_can_be_saved_as_it_is(tmp_path):
    result = gatys.stylize(smooth(), smooth(seed=1), num_steps=2, **QUICK)
    images.save_image(tmp_path / "a.png", result)
    np.testing.assert_array_equal(images.load_image(tmp_path / "a.png"), np.rint(result.image))


def test_the_forecast_of_memory_is_near_what_was_measured():
    measured = {(256, 256): 1.25, (512, 512): 1.52, (1024, 1024): 2.85, (1000, 1500, 3): 4.18}
    for size, found in measured.items():
        assert gatys.memory(*size) == pytest.approx(found, rel=0.05), size


def test_a_reconstruction_comes_from_noise_to_the_photograph():
    photo = smooth()
    options = {"network": "vgg16", "weights": "random", "progress": False}
    result = gatys.reconstruct(photo, "block1_conv1", num_steps=60, **options)
    assert set(result.history[0]) == {"content block1_conv1", "loss"}
    noise = starting_image("noise", photo.shape, 0)
    assert np.abs(result.image - photo).mean() < 0.2 * np.abs(noise - photo).mean()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"shares": [1, 2]}, "share for each of 1"),
        ({"shares": [0]}, "not all 0"),
        ({"masks": []}, "mask for each of 1"),
        ({"masks": [np.ones((3, 3))]}, "photograph's size"),
        ({"colors": "none"}, "colors to be one of"),
        ({"scales": 0}, "scales to be a whole number from 1 to 12"),
        ({"scales": 3}, "coarsest pictures are of 16 pixels"),
        ({"start": "white"}, "start to be one of"),
        ({"start": np.zeros((3, 3, 3))}, "photograph's shape"),
        ({"preset": "other"}, "preset to be one of"),
        ({"pooling": "none"}, "pooling to be one of"),
        ({"network": "vgg11"}, "network to be one of"),
        ({"num_steps": 0}, "num_steps to be a whole number from 1"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        gatys.stylize(smooth(), smooth(), **{"num_steps": 1, **QUICK, **options})


def steps_between(picture, at):
    """How much pixels differ from their neighbors toward the middle, so far from the border."""
    lines = [picture, picture[::-1], picture.swapaxes(0, 1), picture.swapaxes(0, 1)[::-1]]
    return np.mean([np.abs(side[at] - side[at + 1]).mean() for side in lines])


def test_the_border_is_as_quiet_as_what_lies_inside():
    """Zeros beyond the border are no reason for noise on it; without a margin it is 1.45."""
    options = {"network": "slim", "num_steps": 40, "progress": False}
    result = gatys.stylize(smooth(64, 72), smooth(64, 64, seed=1), **options).image
    assert steps_between(result, 0) < 1.25 * steps_between(result, 3)


def test_a_callback_sees_the_picture_without_its_margin():
    seen = []
    content = smooth(32, 48)
    gatys.stylize(
        content,
        smooth(32, 32, seed=1),
        network="slim",
        num_steps=2,
        progress=False,
        callback=lambda number, terms, picture: seen.append(picture),
    )
    np.testing.assert_array_equal(seen[0], content)


def test_a_mask_keeps_its_place_in_the_margin():
    """A style whose mask is the right half draws nothing on the left, at both sizes."""
    content, style = smooth(64, 64), smooth(64, 64, seed=1)
    mask = np.zeros((64, 64), "float32")
    mask[:, 32:] = 1.0
    options = {"network": "slim", "num_steps": 8, "progress": False, "content_weight": 100.0}
    result = gatys.stylize(content, [style], masks=[mask], scales=2, **options).image
    change = np.abs(result - content).mean(axis=2)
    assert change[:, :16].mean() < 0.5 * change[:, 48:].mean()
