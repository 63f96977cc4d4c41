import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders
from stylenet.features import feature_extractor


def pictures(height=48, width=64, seed=0):
    return np.random.default_rng(seed).uniform(0, 255, (1, height, width, 3)).astype("float32")


def array(tensor):
    return ops.convert_to_numpy(tensor)


def test_the_layers_are_those_of_vgg19_up_to_the_level():
    vgg = keras.applications.VGG19(include_top=False, weights=None)
    names = [layer.name for layer in vgg.layers if "conv" in layer.name]
    assert encoders.layer_names() == names[: names.index("block5_conv1") + 1]
    assert encoders.layer_names(2) == names[: names.index("block2_conv1") + 1]


@pytest.mark.parametrize("network", ["slim", "vgg19"])
def test_each_level_halves_the_picture_and_has_the_widths_of_its_block(network):
    names = [encoders.level_name(level) for level in encoders.LEVELS]
    maps = encoders.encoder(network, names)(pictures(32, 48))
    for level, width in zip(encoders.LEVELS, encoders.WIDTHS[network], strict=True):
        size = 2 ** (level - 1)
        assert maps[encoders.level_name(level)].shape == (1, 32 // size, 48 // size, width)


def test_far_from_the_border_vgg19_with_reflection_is_keras_vgg19():
    names = ["block1_conv1", "block2_conv1", "block3_conv1"]
    keras.utils.set_random_seed(0)
    expected = feature_extractor("vgg19", names, weights="random")
    model = encoders.encoder("vgg19", names)
    for layer in encoders.layer_names(3):
        model.get_layer(layer).set_weights(expected.get_layer(layer).get_weights())
    picture = pictures()
    for name, maps in expected(picture).items():
        border = 4 if name == "block3_conv1" else 6
        ours, theirs = (
            array(x)[:, border:-border, border:-border] for x in (model(picture)[name], maps)
        )
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3 * theirs.max())


def test_a_constant_picture_has_constant_responses_up_to_the_border():
    """With zeros around the picture they would differ there, and be drawn as a frame."""
    for maps in encoders.encoder("slim", encoders.layer_names())(
        np.full((1, 48, 48, 3), 200, "float32")
    ).values():
        maps = array(maps)
        np.testing.assert_allclose(maps, np.broadcast_to(maps[:, :1, :1], maps.shape), atol=1e-4)


def test_mirroring_a_picture_mirrors_nothing_but_the_kernels():
    """Reflection treats the left border like the right one."""
    model = encoders.encoder("slim", ["block1_conv1"])
    picture, layer = pictures(), model.get_layer("block1_conv1")
    plain = array(model(picture)["block1_conv1"])
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel[:, ::-1], bias])
    mirrored = array(model(picture[:, :, ::-1])["block1_conv1"])
    np.testing.assert_allclose(mirrored, plain[:, :, ::-1], atol=1e-5)


def test_unknown_networks_and_levels_are_refused():
    with pytest.raises(ValueError, match=r"one of \('vgg19', 'slim'\)\. Received: 'vgg'"):
        encoders.check("vgg", [1])
    with pytest.raises(ValueError, match=r"among .* Received: \[0, 6\]"):
        encoders.check("slim", [0, 1, 6])
    with pytest.raises(ValueError, match="Received: none"):
        encoders.check("slim", [])


def test_the_shipped_slim_is_a_loss_network_of_both_kinds():
    """The losses of a picture against itself are zero, against noise they are not."""
    from stylenet import gatys, losses

    random = np.random.default_rng(0)
    picture = np.broadcast_to(random.uniform(0, 255, (48, 1, 3)), (48, 48, 3)).astype("float32")
    noise = random.uniform(0, 255, (1, 48, 48, 3)).astype("float32")
    perceptual = losses.PerceptualLoss(
        picture, losses.PRESETS["engstrom"]._replace(network="slim", tv_weight=0.0)
    )
    preset = losses.PRESETS["gatys"]._replace(network="slim")
    optimized = gatys.StyleLoss(picture, [picture], preset)
    for loss in (
        lambda x: float(perceptual.total(perceptual(x, picture[None]))),
        lambda x: float(sum(optimized(x).values())),
    ):
        assert abs(loss(picture[None])) < 1e-3 * loss(noise)
