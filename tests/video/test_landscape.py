"""The landscape that lectures film, and a pole that passes in front of it."""

import numpy as np
import pytest

from stylenet import flow
from stylenet.video.landscape import landscape
from stylenet.video.scenes import Motion, Scene


@pytest.fixture(scope="module")
def country():
    return landscape((208, 600), seed=0)


@pytest.fixture(scope="module")
def scene(country):
    wood = np.full((96, 40, 3), (100, 70, 50), "float32")
    return Scene(country, (96, 160), Motion(3.0), wood, 9, Motion(-3.0), pole=True)


def test_a_landscape_is_blue_above_and_green_below(country):
    assert country.shape == (208, 600, 3) and country.dtype == np.float32
    assert country.min() >= 0 and country.max() <= 255
    sky, meadow = country[:20].mean(axis=(0, 1)), country[-30:].mean(axis=(0, 1))
    assert sky.argmax() == 2 and meadow.argmax() == 1


def test_a_landscape_is_the_same_for_its_seed_alone(country):
    np.testing.assert_array_equal(landscape((208, 600), seed=0), country)
    assert np.abs(landscape((208, 600), seed=1) - country).mean() > 5


def test_a_pole_stands_from_top_to_bottom_and_moves(scene):
    for time, left in ((0, 80 - 9), (4, 80 - 9 - 12)):
        column = scene.frame(time)[:, left + 1 : left + 17]
        np.testing.assert_allclose(column, np.broadcast_to((100, 70, 50), column.shape), atol=1)


def test_what_comes_back_from_behind_the_pole_was_seen_four_frames_ago(scene):
    """The pole, 18 pixels wide, passes 6 pixels a frame: hidden for three frames."""
    seen = [1.0 - scene.occluded(6, 6 - back) for back in (1, 2, 4)]
    shares = [weights.mean(axis=0) for weights in flow.long_term_weights(seen)]
    right_of_pole = slice(80 - 18 + 9, 80 - 18 + 9 + 6)
    assert [share[right_of_pole].mean().round(1) for share in shares] == [0.0, 0.0, 1.0]


def test_the_flow_fetches_the_landscape_and_the_pole(scene):
    now, before = scene.frame(2), scene.frame(1)
    warped = flow.warp(before, scene.flow(2, 1), "bicubic")
    seen = ~scene.occluded(2, 1)
    moved, fetched = (np.square(one - now)[seen].mean() for one in (before, warped))
    assert fetched < 0.1 * moved
