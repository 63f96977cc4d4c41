"""The stylizer on narrow networks with random weights, and on the shipped ones."""

import keras
import numpy as np
import pytest
from keras import ops

from stylenet import encoders, images, wct
from stylenet import levels as level_names
from stylenet.colors import LUMA, keep_colors, match_colors
from stylenet.moments import moments, statistics
from stylenet.speed import graphs
from stylenet.universal import passages
from stylenet.universal import stylizer as universal
from stylenet.universal.decoders import decoder
from stylenet.universal.stylizer import UniversalStylizer
from stylenet.wct import whitening_coloring_transform


def picture(height=48, width=64, seed=0):
    """Blurred noise: neighboring pixels are alike, colors correlated."""
    random = np.random.default_rng(seed)
    small = random.uniform(0, 255, (height // 6 + 2, width // 6 + 2, 3))
    return images.resize(small @ random.dirichlet(np.ones(3), 3), (height, width))


@pytest.fixture(scope="module")
def stylizer():
    """A stylizer of narrow networks with random weights."""
    patch = pytest.MonkeyPatch()
    patch.setitem(encoders.WIDTHS, "slim", (4, 4, 6, 8, 8))
    keras.utils.set_random_seed(0)
    whole = encoders.encoder("slim", encoders.layer_names(), rectified=False)
    decoders = {level: decoder(level) for level in encoders.LEVELS}

    def level_encoder(network, levels, weights="imagenet"):
        names = [encoders.level_name(level) for level in levels]
        return keras.Model(whole.input, {name: whole.get_layer(name).output for name in names})

    patch.setattr(universal, "level_encoder", level_encoder)
    patch.setattr(universal, "load_decoder", lambda level, network: decoders[level])
    yield UniversalStylizer("slim")
    patch.undo()


def test_masks_of_pictures_of_several_sizes(stylizer):
    """A graph for all sizes meets them after one for the first."""
    for size in ((48, 64), (64, 48), (80, 96)):
        content, half = picture(*size), np.zeros(size)
        half[:, : size[1] // 2] = 1
        found = stylizer.stylize(content, [picture(seed=1)], masks=[half], levels=(4, 2), alpha=0.8)
        assert found.shape == content.shape and np.isfinite(found).all()


def test_enlarged_maps_have_no_steps_and_stay_where_they_are():
    ramp = np.broadcast_to(np.arange(6.0)[None, None, :, None], (1, 4, 6, 1)).astype("float32")
    found = np.asarray(passages.enlarge(ramp, 4))
    assert found.shape == (1, 16, 24, 1)
    centers = (np.arange(24) - 1.5) / 4  # in the ramp's own pixels
    np.testing.assert_allclose(found[0, 8, 4:-4, 0], centers[4:-4], atol=0.13)
    assert np.abs(np.diff(found[0, 8, :, 0])).max() < 0.5
    assert np.array_equal(np.asarray(passages.enlarge(ramp, 1)), ramp)


@pytest.mark.parametrize("size", [(48, 64), (50, 37), (5, 70), (1, 1)])
def test_a_result_has_exactly_the_photographs_size_and_range(stylizer, size):
    result = stylizer.stylize(np.full((*size, 3), 90.0) + picture(*size) / 4, picture(40, 56, 1))
    assert result.shape == (*size, 3)
    assert result.dtype == np.float32
    assert np.isfinite(result).all() and result.min() >= 0 and result.max() <= 255


def transformed(features, style_features, alpha, transform="wct"):
    ridge = passages.find_passage(1, transform=transform).ridge
    return whitening_coloring_transform(
        features, style_features, alpha, transform=transform, ridge=ridge
    )


def test_one_level_is_encode_transform_decode(stylizer):
    content, style = picture(), picture(32, 48, 1)
    encoder = universal.level_encoder("slim", [2])
    features, style_features = (encoder(x[None])["block2_conv1"] for x in (content, style))
    changed = transformed(features, style_features, 0.7)
    expected = universal.load_decoder(2, "slim")(changed)
    expected = np.clip(ops.convert_to_numpy(expected)[0], 0, 255)
    found = stylizer.stylize(content, style, alpha=0.7, levels=[2])
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_levels_follow_each_other_in_the_order_given_each_with_its_alpha(stylizer):
    content, style = picture(), picture(seed=1)
    first = stylizer.stylize(content, style, alpha=0.2, levels=[3])
    expected = stylizer.stylize(first, style, alpha=0.9, levels=[1])
    found = stylizer.stylize(content, style, alpha=[0.2, 0.9], levels=[3, 1])
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_the_second_picture_of_a_size_is_drawn_like_the_first(stylizer):
    style = stylizer.encode(picture(seed=1))
    content = picture(80, 48, 5)
    first, second = (stylizer.stylize(content, style, levels=[2, 1]) for _ in range(2))
    np.testing.assert_allclose(first, second, atol=0.05)


def test_alpha_0_is_the_reconstruction(stylizer):
    content = picture()
    found = stylizer.stylize(content, picture(seed=1), alpha=0, levels=[2])
    np.testing.assert_allclose(found, stylizer.reconstruct(content, 2), atol=1e-3)


def test_the_upper_levels_keep_what_their_decoders_do_not_draw(stylizer, monkeypatch):
    content, style = picture(), picture(seed=1)
    found = stylizer.stylize(content, style, alpha=0, levels=[5, 4, 3])
    np.testing.assert_allclose(found, content, atol=0.01)
    drawn = stylizer.reconstruct(content, 4)
    assert np.abs(drawn - content).mean() > 1
    encoder, decoder = universal.level_encoder("slim", [4]), universal.load_decoder(4, "slim")
    features, style_features = (encoder(x[None])["block4_conv1"] for x in (content, style))
    styled = decoder(transformed(features, style_features, 0.7))[0]
    with monkeypatch.context() as patch:
        once = [each._replace(passes=1) for each in passages.RECIPES["detail"]]
        patch.setitem(passages.RECIPES, "detail", once)
        found = stylizer.stylize(content, style, alpha=0.7, levels=[4])
    expected = np.clip(ops.convert_to_numpy(styled) + 0.3 * (content - drawn), 0, 255)
    np.testing.assert_allclose(found, expected, atol=0.05)
    drawn = stylizer.reconstruct(content, 3)
    encoder, decoder = universal.level_encoder("slim", [3]), universal.load_decoder(3, "slim")
    features, style_features = (encoder(x[None])["block3_conv1"] for x in (content, style))
    styled = decoder(transformed(features, style_features, 0.7))[0]
    found = stylizer.stylize(content, style, alpha=0.7, levels=[3])
    expected = ops.convert_to_numpy(styled) + content - ops.convert_to_numpy(decoder(features))[0]
    np.testing.assert_allclose(found, np.clip(expected, 0, 255), atol=0.05)


def test_level_4_draws_twice_and_leaves_as_much_of_the_photograph(stylizer, monkeypatch):
    passes = []

    def step(level, image):
        return lambda image, alpha, *others: passes.append((level, round(float(alpha), 5))) or image

    monkeypatch.setattr(stylizer, "_step", step)
    stylizer.stylize(picture(), picture(seed=1), alpha=0.84, levels=[5, 4, 3])
    assert passes == [(5, 0.84), (4, 0.6), (4, 0.6), (3, 0.84)]  # 0.4 * 0.4 = 1 - 0.84
    for level in encoders.LEVELS:
        passage = passages.find_passage(level)
        left = [np.prod(1 - np.array(passages.strengths(a, passage))) for a in (0.0, 0.3, 1.0)]
        np.testing.assert_allclose(left, [1, 0.7, 0], atol=1e-9)


def test_level_5_drops_more_directions_than_the_others():
    """Of three directions the weakest has 0.25 % of the largest variance, the style hardly any."""
    random = np.random.default_rng(0)
    content = (random.normal(size=(1, 30, 40, 3)) * [1, 0.5, 0.05]).astype("float32")
    style = [statistics((128 + random.normal(size=(1, 30, 40, 3)) / 99).astype("float32"))]

    def rank(level):
        passage = passages.find_passage(level)
        drawn = passages.restyle(content, content, lambda maps: maps, passage, 1.0, style)
        covariance = np.cov(ops.convert_to_numpy(drawn).reshape(-1, 3).T)
        return np.linalg.matrix_rank(covariance, rtol=0.1)

    assert [rank(level) for level in encoders.LEVELS] == [3, 3, 3, 3, 2]


@pytest.mark.parametrize(
    "alpha, covered, decoded",
    [(1.0, None, 1), (1.0, 1.0, 1), (1.0, 0.5, 2), (0.6, None, 2), (0.6, 1.0, 2)],
)
def test_details_are_looked_for_only_where_some_are_left(alpha, covered, decoded):
    """The decoder runs a second time for them."""
    content, runs = 255 * np.random.default_rng(0).random((1, 64, 96, 3), "float32"), []
    masks = [np.full((1, 8, 12, 1), covered, "float32")] if covered else []
    features = content[:, ::8, ::8]

    def decode(maps):
        runs.append(maps)
        return ops.repeat(ops.repeat(maps, 8, axis=1), 8, axis=2)

    passages.restyle(
        ops.convert_to_tensor(content),
        ops.convert_to_tensor(features),
        decode,
        passages.find_passage(4),
        np.float32(alpha),
        [statistics(content)],
        masks,
    )
    assert len(runs) == decoded


@pytest.mark.parametrize("level, sight", [(1, 3), (2, 14), (3, 40)])
def test_plain_ground_changes_as_far_as_a_level_sees_an_object(stylizer, level, sight):
    """The cause of halos: further away, where nothing varies, the ground keeps one color.

    `sight` in pixels: of the encoder, and of the decoder again.
    """
    rows, columns = np.mgrid[:128, :128] - 63.5
    away = np.hypot(rows, columns) - 8
    disc = np.where(away[..., None] < 0, np.float32([60, 70, 120]), np.float32([200, 190, 180]))
    drawn = stylizer.stylize(disc, picture(seed=1), levels=[level], alpha=1)
    far, near = drawn[away > sight], drawn[(away > 0) & (away < sight / 2)]
    np.testing.assert_allclose(far, np.broadcast_to(far[0], far.shape), atol=0.05)
    assert np.abs(near - far[0]).max() > 0.5


def test_details_stay_where_no_mask_is(stylizer):
    content, style = picture(64, 96), picture(seed=1)
    left = np.zeros(content.shape[:2])
    left[:, :48] = 1
    for _ in range(2):  # of a picture's size, the second graph is another one
        found = stylizer.stylize(content, style, masks=[left], levels=[4], alpha=1)
        np.testing.assert_allclose(found[:, 80:], content[:, 80:], atol=0.05)
    everywhere = stylizer.stylize(
        content, style, masks=[np.ones(content.shape[:2])], levels=[4], alpha=1
    )
    np.testing.assert_allclose(
        everywhere, stylizer.stylize(content, style, levels=[4], alpha=1), atol=1
    )


def test_an_encoding_stands_for_the_style(stylizer):
    content, style = picture(), picture(seed=1)
    expected = stylizer.stylize(content, style)
    found = stylizer.stylize(content, stylizer.encode(style))
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_the_shares_of_two_styles_need_not_add_up_to_1(stylizer):
    content, styles = picture(), [picture(seed=1), picture(32, 48, 2)]
    found = stylizer.stylize(content, styles, shares=[1, 3])
    expected = stylizer.stylize(content, styles, shares=[0.25, 0.75])
    np.testing.assert_allclose(found, expected, atol=0.05)
    alone = stylizer.stylize(content, styles, shares=[1, 0])
    np.testing.assert_allclose(alone, stylizer.stylize(content, styles[0]), atol=0.05)


def test_a_mask_of_everything_changes_nothing_and_each_region_gets_its_style(stylizer):
    content, styles = picture(), [picture(seed=1), picture(seed=2)]
    everywhere = np.ones(content.shape[:2])
    found = stylizer.stylize(content, styles[:1], masks=[everywhere], levels=[1], alpha=1)
    expected = stylizer.stylize(content, styles[0], levels=[1], alpha=1)
    np.testing.assert_allclose(found, expected, atol=0.05)
    left = np.zeros(content.shape[:2])
    left[:, :32] = 1
    found = stylizer.stylize(content, styles, masks=[left, 1 - left], levels=[1], alpha=1)
    crop = stylizer.stylize(content[:, :32], styles[0], levels=[1], alpha=1)
    np.testing.assert_allclose(found[:, :30], crop[:, :30], atol=12)  # the border mirrors the crop
    assert np.abs(found[:, 34:] - expected[:, 34:]).mean() > 1


def test_where_no_mask_is_the_photograph_is_only_reconstructed(stylizer):
    content = picture()
    left = np.zeros(content.shape[:2])
    left[:, :32] = 1
    found = stylizer.stylize(content, [picture(seed=1)], masks=[left], levels=[1], alpha=1)
    np.testing.assert_allclose(found[:, 34:], stylizer.reconstruct(content, 1)[:, 34:], atol=1e-3)


def test_the_photographs_colors_can_be_kept_or_given_to_the_style(stylizer):
    content, style = picture(), picture(seed=1)
    plain = stylizer.stylize(content, style, levels=[1])
    kept = stylizer.stylize(content, style, levels=[1], colors="keep")
    np.testing.assert_allclose(kept, keep_colors(plain, content), atol=0.05)
    inside = (kept > 0).all(axis=2) & (kept < 255).all(axis=2)
    np.testing.assert_allclose((kept @ LUMA)[inside], (plain @ LUMA)[inside], atol=0.1)
    matched = stylizer.stylize(content, style, levels=[1], colors="match")
    expected = stylizer.stylize(content, match_colors(style, content), levels=[1])
    np.testing.assert_allclose(matched, expected, atol=0.05)


def test_texture_is_made_from_noise_that_the_seed_decides(stylizer):
    style = stylizer.encode(picture(seed=1))
    one, same, other = (
        stylizer.synthesize_texture(style, (40, 33), passes=1, seed=seed) for seed in (0, 0, 1)
    )
    assert one.shape == (40, 33, 3)
    # Whitening amplifies the rounding in which two graphs differ.
    assert np.abs(one - same).mean() < 0.05 * np.abs(one - other).mean()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"alpha": 1.2}, r"alpha between 0 and 1\. Received: 1\.2"),
        ({"alpha": [0.5, 0.5]}, "one for each of 5 levels"),
        ({"levels": (6,)}, r"levels among .* Received: \[6\]"),
        ({"levels": ()}, "Received: none"),
        ({"colors": "none"}, "colors to be one of"),
        ({"shares": [1, 1]}, "share for each of 1 styles"),
        ({"shares": [0]}, "not all 0"),
        ({"masks": [np.ones((3, 3))]}, "masks of the photograph's size"),
        ({"masks": [np.zeros((48, 64))]}, "Received an empty one"),
    ],
)
def test_impossible_options_are_refused_by_name(stylizer, options, message):
    with pytest.raises(ValueError, match=message):
        stylizer.stylize(picture(), picture(seed=1), **options)


def test_an_encoding_of_another_network_or_of_too_few_levels_is_refused(stylizer):
    encoding = stylizer.encode(picture(), levels=[1, 2])
    with pytest.raises(ValueError, match=r"Received: slim at levels \(1, 2\)"):
        stylizer.stylize(picture(), encoding)
    with pytest.raises(ValueError, match="encoded by slim"):
        stylizer.stylize(picture(), encoding._replace(network="vgg19"), levels=[1])
    with pytest.raises(ValueError, match="Received an encoding"):
        stylizer.stylize(picture(), encoding, levels=[1], colors="match")


def parts(height=48, width=64):
    """Three regions of a picture, one of them faded."""
    masks = np.zeros((3, height, width), "float32")
    masks[0, :20], masks[1, 20:, :30], masks[2, 20:, 30:] = 1, 1, 0.5
    return masks


def test_regions_are_encoded_as_one_after_the_other_are(stylizer):
    style, content = picture(seed=1), picture()
    together = stylizer.encode_regions(style, parts(), (4, 1))
    alone = [stylizer.encode(style, (4, 1), mask=mask) for mask in parts()]
    assert [each.levels.keys() for each in together] == [{4: 0, 1: 0}.keys()] * 3
    drawn = [
        stylizer.stylize(content, found, 0.8, (4, 1), masks=parts()) for found in (together, alone)
    ]
    np.testing.assert_allclose(*drawn, atol=1e-3)


def test_regions_go_through_the_encoder_once(stylizer, monkeypatch):
    fresh, seen = UniversalStylizer("slim"), []

    def encode(image, names, whole=stylizer._encoder):
        seen.append(names)
        return whole(image, names)

    monkeypatch.setattr(fresh, "_encoder", encode)
    fresh.encode_regions(picture(), parts(), (2, 1))
    assert seen == [["block1_conv1", "block2_conv1"]]


@pytest.mark.parametrize(
    ("masks", "told"),
    [
        ([np.ones((9, 9))], "photograph's size"),
        ([np.ones((48, 64)), np.zeros((48, 64))], "Received an empty one"),
    ],
)
def test_regions_that_do_not_fit_are_refused(stylizer, masks, told):
    with pytest.raises(ValueError, match=told):
        stylizer.encode_regions(picture(), masks)


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match="Received: 'vgg16'"):
        UniversalStylizer("vgg16")


def test_files_are_read_once_and_a_step_computes_what_its_level_needs(stylizer, monkeypatch):
    loaded, computed = [], []
    load_encoder, load_decoder = universal.level_encoder, universal.load_decoder

    def frozen_encoder(model, network):
        def encode(pictures, names):
            computed.append(names)
            return {name: model(pictures)[name] for name in names}

        return encode

    monkeypatch.setattr(universal, "frozen_encoder", frozen_encoder)
    monkeypatch.setattr(
        universal, "level_encoder", lambda *a: loaded.append("encoder") or load_encoder(*a)
    )
    monkeypatch.setattr(
        universal,
        "load_decoder",
        lambda level, net: loaded.append(level) or load_decoder(level, net),
    )
    fresh = UniversalStylizer("slim")
    for size in (48, 64):
        fresh.stylize(picture(size), picture(seed=1))
    assert sorted(loaded, key=str) == [1, 2, 3, 4, 5, "encoder"]
    levels = [encoders.level_name(level) for level in encoders.LEVELS]
    assert sorted(set(map(tuple, computed))) == sorted([tuple(levels), *zip(levels)])


def test_graphs_of_many_sizes_are_not_all_kept(stylizer, monkeypatch):
    monkeypatch.setattr(graphs, "OFTEN", 2)
    style = stylizer.encode(picture(seed=1))
    for number in range(graphs.GRAPHS + 3):
        for _ in range(2):  # the second time with a graph of this size
            stylizer.stylize(picture(32, 32 + 16 * number), style, levels=[1])
    assert stylizer._steps[1].graph.cache_info().currsize == graphs.GRAPHS


# Transforms and recipes


def drawing(transform="wct", recipe="detail", level=2, alpha=1.0):
    """What one level draws, and what was known of it: features, the style's, the decoder."""
    content, style = picture(), picture(seed=1)
    found = UniversalStylizer(recipe=recipe, transform=transform).stylize(
        content, style, alpha, levels=[level]
    )
    encoder = universal.level_encoder("slim", [level])
    maps = [encoder(x[None])[encoders.level_name(level)] for x in (content, style)]
    return found, *maps, universal.load_decoder(level, "slim")


@pytest.mark.parametrize("transform", ["adain", "transport"])
def test_a_level_draws_with_the_transform_that_was_chosen(stylizer, transform):
    found, features, style_features, decoder = drawing(transform, alpha=0.7)
    changed = transformed(features, style_features, 0.7, transform=transform)
    expected = np.clip(ops.convert_to_numpy(decoder(changed))[0], 0, 255)
    np.testing.assert_allclose(found, expected, atol=0.05)
    assert np.abs(found - drawing()[0]).mean() > 0.1


def test_lis_recipe_transforms_rectified_features_and_draws_nothing_else(stylizer):
    """No details, directions above 1e-5 whatever the first is, not clipped in between."""
    found, features, style_features, decoder = drawing(recipe="li", level=5, alpha=0.7)
    features, style_features = map(ops.relu, (features, style_features))
    changed = wct.change(moments(features), style_features, 0.7, threshold=0.0, floor=1e-5)
    expected = ops.convert_to_numpy(decoder(wct.apply(changed, features)))[0]
    np.testing.assert_allclose(found, np.clip(expected, 0, 255), atol=0.05)


def test_lis_recipe_goes_through_each_level_once(stylizer, monkeypatch):
    passes, li = [], UniversalStylizer(recipe="li")

    def step(level, image):
        return lambda image, alpha, *others: passes.append((level, float(alpha))) or image - 300

    monkeypatch.setattr(li, "_step", step)
    result = li.stylize(picture(), picture(seed=1), alpha=1.0)
    assert passes == [(5, 1), (4, 1), (3, 1), (2, 1), (1, 1)]
    assert (result == 0).all()


def test_an_absolute_threshold_follows_the_size_of_the_networks_features():
    found = [passages.find_passage(4, "li", network=network).floor for network in encoders.WIDTHS]
    np.testing.assert_allclose(sorted(found), [1e-5, 1e-5 * 960**2])
    assert all(passages.find_passage(level).floor == 0 for level in encoders.LEVELS)


def test_a_ridge_is_for_whitening_alone_and_not_for_the_papers_recipe():
    found = {
        (recipe, transform): {
            passages.find_passage(n, recipe, transform).ridge for n in range(1, 6)
        }
        for recipe in passages.RECIPES
        for transform in wct.TRANSFORMS
    }
    assert found.pop(("detail", "wct")) == {passages.RIDGE}
    assert set.union(*found.values()) == {0.0}


def test_every_recipe_and_transform_has_a_name_that_is_known_without_keras():
    assert tuple(passages.RECIPES) == level_names.RECIPES
    assert tuple(wct.TRANSFORMS) == level_names.TRANSFORMS


def test_an_encoding_for_the_other_recipe_is_refused(stylizer):
    encoding = stylizer.encode(picture(seed=1))
    with pytest.raises(ValueError, match=r"for the recipe 'li'\. Received one for 'detail'"):
        UniversalStylizer(recipe="li").stylize(picture(), encoding)
    again = UniversalStylizer(transform="transport").stylize(picture(), encoding, levels=[1])
    assert again.shape == picture().shape


@pytest.mark.parametrize(
    "options, message",
    [
        ({"transform": "transprot"}, r"'adain', 'transport'.*Did you mean 'transport'"),
        ({"recipe": "details"}, r"'detail', 'li'.*Did you mean 'detail'"),
    ],
)
def test_an_unknown_transform_or_recipe_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        UniversalStylizer(**options)
