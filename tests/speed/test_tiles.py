"""Tiles: they cover a picture, see what they need, and draw what the whole picture does."""

import numpy as np
import pytest

from stylenet import images
from stylenet.encoders import LEVELS, level_name
from stylenet.moments import moments
from stylenet.speed import tiles
from stylenet.universal import UniversalStylizer
from stylenet.universal.decoders import level_encoder, load_decoder


def picture(height, width, seed=0):
    """Blurred noise: neighboring pixels are alike, colors correlated."""
    random = np.random.default_rng(seed)
    small = random.uniform(0, 255, (height // 6 + 2, width // 6 + 2, 3))
    return images.resize(small @ random.dirichlet(np.ones(3), 3), (height, width))


@pytest.fixture(scope="module")
def stylizer():
    return UniversalStylizer()


@pytest.fixture
def small_tiles(monkeypatch):
    """A function: from now on pictures go in tiles of 192 pixels, 32 of them new at level 5."""

    def start():
        monkeypatch.setattr(tiles, "WHOLE", 0)
        monkeypatch.setattr(tiles, "SIDE", 192)

    return start


@pytest.mark.parametrize("margin", [1, 12, 80])
@pytest.mark.parametrize("size", [(16, 64), (208, 992), (1040, 400)])
def test_tiles_cover_a_picture_once_and_are_seen_alike(small_tiles, size, margin):
    small_tiles()
    covered, found = np.zeros((1, *size)), tiles.tiles(*size, margin)
    for own, decoded, encoded in found:
        own.of(covered)[...] += 1
        for inner, outer in ((own, decoded), (decoded, encoded)):
            for a, b, side in zip(inner, outer, size, strict=True):
                assert b.start <= max(a.start - margin, 0) and b.end >= min(a.end + margin, side)
    assert (covered == 1).all()
    for areas in list(zip(*found, strict=True))[1:]:
        assert len({(e - s, f - t) for (s, e), (t, f) in areas}) == 1


@pytest.mark.parametrize("level", LEVELS)
def test_a_response_sees_no_further_than_its_reach(level):
    """A changed pixel changes the responses nearby alone, and these the pixels nearby."""
    encoder, name = level_encoder("slim", [level]), level_name(level)
    decoder, size = load_decoder(level), 2 ** (level - 1)
    for height, changed in ((480, 240), (480, 255)):
        plain = picture(height, 32)[None]
        other = plain.copy()
        other[:, changed] = 255 - other[:, changed]
        before, after = (np.asarray(encoder(x)[name]) for x in (plain, other))
        rows = np.flatnonzero((before != after).any(axis=(0, 2, 3))) * size
        own = changed // size * size
        assert rows.min() + tiles.reach(level) >= own >= rows.max() - tiles.reach(level)
        other = before.copy()
        other[:, changed // size] += 1
        before, after = (np.asarray(decoder(x)) for x in (before, other))
        rows = np.flatnonzero((before != after).any(axis=(0, 2, 3))) // size * size
        assert rows.min() + tiles.reach(level) >= own >= rows.max() - tiles.reach(level)


@pytest.mark.parametrize("levels", [(5,), (4,), (3,), (2, 1)])
def test_tiles_draw_what_the_whole_picture_does(stylizer, small_tiles, levels):
    content, style = picture(250, 330), stylizer.encode(picture(200, 180, 1))
    whole = stylizer.stylize(content, style, 0.8, levels)
    small_tiles()
    found = stylizer.stylize(content, style, 0.8, levels)
    assert found.shape == whole.shape
    np.testing.assert_allclose(found, whole, atol=0.2)
    assert np.abs(found - content).mean() > 5


def test_tiles_draw_each_style_where_its_mask_is(stylizer, small_tiles):
    content, styles = picture(250, 330), [picture(100, 90, 1), picture(90, 100, 2)]
    left = np.linspace(1, 0, 330, dtype="float32") * np.ones((250, 1), "float32")
    options = {"masks": [left, (1 - left) / 2], "levels": (4, 2)}
    whole = stylizer.stylize(content, styles, **options)
    small_tiles()
    np.testing.assert_allclose(stylizer.stylize(content, styles, **options), whole, atol=0.2)


def test_a_large_style_is_encoded_and_a_large_picture_decoded_in_tiles(stylizer, small_tiles):
    image = picture(250, 330)
    whole, drawn = stylizer.encode(image, (4, 1)), stylizer.reconstruct(image, 4)
    small_tiles()
    found = stylizer.encode(image, (4, 1))
    for level in (4, 1):
        for ours, theirs in zip(found.levels[level], whole.levels[level], strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-3 * np.abs(theirs).max())
    np.testing.assert_allclose(stylizer.reconstruct(image, 4), drawn, atol=0.01)


@pytest.mark.parametrize("weighted", [False, True])
def test_joint_moments_are_those_of_all_features(weighted):
    random = np.random.default_rng(0)
    mixed = random.normal(size=(1, 20, 30, 6)) @ random.normal(size=(6, 6))
    features = (300 + mixed).astype("float32")  # mean of squares - square of mean would cancel
    mask = random.uniform(0, 1, (1, 20, 30, 1)).astype("float32")
    mask[:, :4] = 0
    parts = [
        moments(features[:, rows], mask[:, rows] if weighted else None)
        for rows in (slice(0, 4), slice(4, 5), slice(5, 20))
    ]
    weights = mask.ravel().astype("float64") if weighted else np.ones(600)
    flat = features.astype("float64").reshape(600, 6)
    mean = weights @ flat / weights.sum()
    covariance = (weights[:, None] * (flat - mean)).T @ (flat - mean) / (weights.sum() - 1)
    count, found_mean, found_covariance = tiles.joint_moments(parts)
    np.testing.assert_allclose(count, weights.sum(), rtol=1e-5)
    np.testing.assert_allclose(found_mean.ravel(), mean, rtol=1e-6)
    np.testing.assert_allclose(found_covariance[0], covariance, rtol=1e-3, atol=1e-3)
