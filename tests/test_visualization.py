import keras
import numpy as np
import pytest

from stylenet import visualization
from stylenet.features import feature_extractor
from stylenet.figures.drawing import photograph

QUICK = {"network": "vgg16", "weights": "random", "progress": False}


@pytest.fixture(scope="module")
def extractor():
    keras.utils.set_random_seed(0)
    return feature_extractor("vgg16", ["block1_conv2", "block2_conv1", "block3_conv1"], "random")


def test_receptive_fields_of_vgg_grow_as_its_kernels_say(extractor):
    """Two 3 x 3 kernels see 5 pixels; a pooling adds one and doubles the step, and so on."""
    fields = [
        visualization.receptive_field(extractor, f"block{block}_conv{layer}")
        for block, layer in ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1))
    ]
    assert [field.size for field in fields] == [3, 5, 10, 14, 24]
    assert [field.stride for field in fields] == [1, 1, 2, 2, 4]


@pytest.mark.parametrize("layer", ["block1_conv2", "block2_conv1", "block3_conv1"])
def test_pixels_outside_of_the_receptive_field_change_nothing(extractor, layer):
    """And those at its corners do."""
    field = visualization.receptive_field(extractor, layer)
    place = 40 // field.stride
    first = field.start + field.stride * place
    random = np.random.default_rng(0)
    picture = random.uniform(0, 255, (80, 80, 3)).astype("float32")
    outside = random.uniform(0, 255, (80, 80, 3)).astype("float32")
    inside = slice(first, first + field.size)
    outside[inside, inside] = picture[inside, inside]
    corner = picture.copy()
    corner[first, first] = 255 - corner[first, first]
    before, same, changed = (
        np.asarray(extractor(x[None])[layer])[0, place, place] for x in (picture, outside, corner)
    )
    np.testing.assert_allclose(same, before, rtol=1e-4, atol=1e-3)
    assert np.abs(changed - before).max() > 1e-3


def test_patches_are_the_receptive_fields_of_the_strongest_answers(extractor):
    random = np.random.default_rng(0)
    pictures = [random.uniform(0, 255, (30, 40, 3)).astype("float32") for _ in range(4)]
    patches = visualization.exciting_patches(extractor, pictures, "block2_conv1", 5, count=3)
    field = visualization.receptive_field(extractor, "block2_conv1")
    strongest = []
    for picture in pictures:
        answers = np.asarray(extractor(picture[None])["block2_conv1"])[0, :, :, 5]
        row, column = np.argwhere(answers == answers.max())[0] * field.stride + field.start
        padded = np.pad(picture, ((9, 9), (9, 9), (0, 0)), constant_values=127.5)
        strongest.append((answers.max(), padded[row + 9 : row + 19, column + 9 : column + 19]))
    strongest.sort(key=lambda pair: -pair[0])
    assert len(patches) == 3
    for patch, (_, expected) in zip(patches, strongest, strict=False):
        np.testing.assert_array_equal(patch, expected)


def test_a_patch_beyond_the_border_is_grey():
    field = visualization.ReceptiveField(5, 1, -2)
    patch = visualization._patch(np.zeros((8, 8, 3), "float32"), field, (0, 7))
    assert patch.shape == (5, 5, 3)
    assert (patch[:2] == 127.5).all() and (patch[:, 3:] == 127.5).all()
    assert (patch[2:, :3] == 0).all()


def test_a_picture_excites_its_channel_more_than_noise_does():
    keras.utils.set_random_seed(0)
    result = visualization.exciting_picture("block1_conv2", 3, 32, num_steps=30, **QUICK)
    assert result.image.shape == (32, 32, 3)
    assert result.history[-1]["response"] < min(-0.1, 1.5 * result.history[0]["response"])


def test_channels_that_are_silent_or_answer_to_the_border_are_not_chosen():
    maps = np.zeros((16, 16, 4))
    maps[0, :, 1] = maps[:, 15, 1] = 99.0  # the border alone
    maps[8, 8, 2], maps[6, 9, 3] = 1.0, 2.0
    assert visualization.lively_channels(maps) == [3, 2]
    assert visualization.lively_channels(maps, count=1) == [3]
    assert visualization.lively_channels(maps[:3, :3], margin=4) == [1]  # no margin in 3 places


def test_channels_of_vgg19_that_are_dead_or_see_the_border_are_not_chosen(vgg19_path):
    dead = {"block3_conv1": {211}, "block4_conv1": {42, 405}}
    extractor = feature_extractor("vgg19", list(dead), str(vgg19_path))
    for name in ("coffee.png", "chelsea.png"):
        maps = extractor.predict_on_batch(photograph(name, 320)[None])
        for layer, channels in dead.items():
            assert not channels & set(visualization.lively_channels(maps[layer][0], 10))


def test_a_channel_that_faint_noise_does_not_reach_is_excited_too():
    """Slim's channels that answer most to a photograph: the first of block 5 was grey for ever."""
    layer = "block5_conv1"
    maps = feature_extractor("slim", [layer], "imagenet").predict_on_batch(
        photograph("coffee.png", 320)[None]
    )[layer][0]
    for channel in visualization.lively_channels(maps, 3):
        result = visualization.exciting_picture(
            layer, channel, 64, network="slim", num_steps=8, progress=False
        )
        assert result.history[-1]["response"] < result.history[0]["response"] < 0
        assert result.image.std() > 15


def test_the_pixels_stay_about_within_0_and_255():
    keras.utils.set_random_seed(0)
    seen = []
    visualization.exciting_picture(
        "block1_conv2",
        3,
        32,
        callback=lambda n, t, image: seen.append(image.copy()),
        num_steps=40,
        **QUICK,
    )
    assert seen[-1].min() > -60 and seen[-1].max() < 315


def test_unknown_layers_and_channels_are_refused(extractor):
    with pytest.raises(ValueError, match=r"channel of block1_conv2 in 0 \.\.\. 63"):
        visualization.exciting_picture("block1_conv2", 64, 32, num_steps=1, **QUICK)
    with pytest.raises(ValueError, match="channel of block2_conv1"):
        visualization.exciting_patches(extractor, [np.zeros((20, 20, 3))], "block2_conv1", -1)
    with pytest.raises(ValueError, match="No such layer"):
        visualization.receptive_field(extractor, "block9_conv1")
