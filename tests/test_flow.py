"""Optical flow, warping and occlusion; scenes whose flow is arithmetic; pairs of known flow."""

import struct

import numpy as np
import pytest

pytest.importorskip("cv2")

from scipy.ndimage import map_coordinates

from stylenet import flow, images
from stylenet.figures.drawing import photograph
from stylenet.video.scenes import Motion, Scene

RANDOM = np.random.default_rng(0)


@pytest.fixture
def noise():
    return RANDOM.uniform(0, 255, (20, 30, 3)).astype("float32")


def constant(size, right, down):
    return np.full((*size, 2), (right, down), "float32")


PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")
SIZE = (256, 320)
PANS = {f"pan {name}": Scene(photograph(name), SIZE, Motion(-6.3, 3.7)) for name in PHOTOGRAPHS}
# Seen from later, a zoom out hides a frame of the picture; a zoom in hides nothing.
ZOOMS = {
    f"zoom {name}": Scene(photograph(name), SIZE, Motion(0.4, -0.2, 1 / 1.03))
    for name in PHOTOGRAPHS
}
DISC = Scene(
    photograph("coffee.png"),
    (300, 400),
    Motion(1.3, 0.4),
    photograph("astronaut.png"),
    60,
    Motion(-12, 3),
)
SCENES = PANS | ZOOMS | {"disc": DISC}


def precision_and_recall(found, true):
    hits = np.sum(found & true)
    return hits / np.sum(found), hits / np.sum(true)


def errors(a, b, where):
    return np.mean(np.square(a - b)[where])


# Warping


def test_no_flow_changes_nothing(noise):
    np.testing.assert_array_equal(flow.warp(noise, constant((20, 30), 0, 0)), noise)


def test_a_flow_of_whole_pixels_shifts(noise):
    shifted = flow.warp(noise, constant((20, 30), 2, -3))
    np.testing.assert_array_equal(shifted[3:, :-2], noise[:-3, 2:])


def test_beyond_the_border_the_border_is_repeated(noise):
    shifted = flow.warp(noise, constant((20, 30), 100, 0))
    np.testing.assert_array_equal(shifted, np.repeat(noise[:, -1:], 30, axis=1))


def test_warping_interpolates_like_scipy(noise):
    vectors = RANDOM.uniform(-2, 2, (20, 30, 2)).astype("float32")
    y, x = np.mgrid[:20, :30] + np.moveaxis(vectors, 2, 0)[::-1]
    for channel in range(3):
        expected = map_coordinates(noise[..., channel], (y, x), order=1, mode="nearest")
        # OpenCV rounds places to a 32nd of a pixel.
        np.testing.assert_allclose(flow.warp(noise, vectors)[..., channel], expected, atol=12)
        assert np.mean(np.abs(flow.warp(noise, vectors)[..., channel] - expected)) < 2


def test_single_channel_maps_are_warped_too(noise):
    vectors = RANDOM.uniform(-2, 2, (20, 30, 2)).astype("float32")
    np.testing.assert_array_equal(
        flow.warp(noise[..., 0], vectors), flow.warp(noise, vectors)[..., 0]
    )


def test_a_flow_of_another_size_is_refused(noise):
    with pytest.raises(ValueError, match=r"\(height, width, 2\)"):
        flow.warp(noise, constant((20, 31), 0, 0))
    with pytest.raises(ValueError, match="interpolation"):
        flow.warp(noise, constant((20, 30), 0, 0), "nearest")


def test_a_resized_flow_points_to_the_same_things():
    vectors = flow.resize_flow(constant((20, 30), 3, -1), (40, 45))
    np.testing.assert_allclose(vectors, constant((40, 45), 4.5, -2))


# Estimated flow


@pytest.mark.parametrize(("preset", "limit"), [("medium", 0.3), ("fine", 0.12)])
@pytest.mark.parametrize("name", PANS | ZOOMS)
def test_dis_finds_the_flow_of_a_known_scene(name, preset, limit):
    scene = SCENES[name]
    found = flow.optical_flow(scene.frame(1), scene.frame(0), preset=preset)
    distance = np.linalg.norm(found - scene.flow(1, 0), axis=2)
    assert np.mean(distance[~scene.occluded(1, 0)]) < limit


def test_half_the_resolution_finds_it_too():
    scene = SCENES["pan chelsea.png"]
    found = flow.optical_flow(scene.frame(1), scene.frame(0), scale=0.5)
    distance = np.linalg.norm(found - scene.flow(1, 0), axis=2)
    assert np.mean(distance[~scene.occluded(1, 0)]) < 0.5


def test_tiny_pictures_stand_still():
    assert not flow.optical_flow(np.zeros((5, 90, 3)), np.ones((5, 90, 3))).any()


def test_pictures_of_two_sizes_and_unknown_presets_are_refused(noise):
    with pytest.raises(ValueError, match="one shape"):
        flow.optical_flow(noise, noise[1:])
    with pytest.raises(ValueError, match="preset"):
        flow.optical_flow(noise, noise, preset="best")


@pytest.fixture(params=range(4))
def chairs(request):
    """Two frames and the true flow from the first to the second."""
    from helpers import PROJECT

    folder = PROJECT.parent / "shared" / "video" / "flying_chairs"
    if not folder.is_dir():
        pytest.skip(f"no pairs of known flow in {folder}")
    number = request.param
    frames = [images.load_image(folder / f"{number}_frame{i}.png") for i in (0, 1)]
    return *frames, flow.read_flow(folder / f"{number}_flow.flo")


def test_true_flow_more_than_halves_the_difference_of_flying_chairs(chairs):
    first, second, true = chairs
    seen = ~flow.occluded(true, flow.optical_flow(second, first))
    before = errors(second, first, seen)
    after = errors(flow.warp(second, true), first, seen)
    found = flow.optical_flow(first, second)
    distance = np.linalg.norm(found - true, axis=2)
    print(
        f"squared difference {before:.0f}, warped {after:.0f}; end-point error of DIS "
        f"{distance.mean():.2f} px, where seen in both {distance[seen].mean():.2f} px"
    )
    assert after < 0.5 * before
    assert np.median(distance[seen]) < 0.5


# Occlusion


@pytest.mark.parametrize("name", SCENES)
def test_the_true_flow_finds_what_is_hidden(name):
    scene = SCENES[name]
    found = flow.occluded(scene.flow(1, 0), scene.flow(0, 1))
    precision, recall = precision_and_recall(found, scene.occluded(1, 0))
    assert precision > 0.9
    assert recall > 0.9


@pytest.mark.parametrize("name", PANS | ZOOMS)
def test_estimated_flow_finds_what_is_hidden(name):
    scene = SCENES[name]
    now, before = scene.frame(1), scene.frame(0)
    pairs = (now, before), (before, now)
    found = flow.occluded(*(flow.optical_flow(*pair, preset="fine") for pair in pairs))
    precision, recall = precision_and_recall(found, scene.occluded(1, 0))
    print(f"{name}: precision {precision:.3f}, recall {recall:.3f}")
    assert precision > 0.9
    assert recall > 0.9


def test_targets_outside_are_those_beyond_the_outermost_pixels():
    outside = flow.leaves_picture(constant((4, 6), 1.5, -1))
    expected = np.zeros((4, 6), bool)
    expected[0] = expected[:, -2:] = True
    np.testing.assert_array_equal(outside, expected)


def test_a_way_back_that_does_not_lead_home_is_occlusion():
    size = (20, 30)
    forth = constant(size, 2, 0)
    assert not flow.occluded(forth, -forth)[:, :-2].any()
    # |w + v|^2 = 1 > 0.01 (4 + 9) + 0.5 = 0.63, and 0.49 < 0.01 (4 + 7.29) + 0.5
    assert flow.occluded(forth, constant(size, -3, 0)).all()
    assert not flow.occluded(forth, constant(size, -2.7, 0))[:, :-2].any()


def test_motion_boundaries_follow_equation_6():
    vectors = np.cumsum(RANDOM.normal(0, 0.05, (20, 30, 2)), axis=0).astype("float32")
    gradients = np.gradient(vectors, axis=(0, 1))
    steep = sum(np.sum(np.square(gradient), axis=2) for gradient in gradients)
    expected = steep > 0.01 * np.sum(np.square(vectors), axis=2) + 0.002
    found = flow.motion_boundaries(vectors)
    np.testing.assert_array_equal(found[1:-1, 1:-1], expected[1:-1, 1:-1])
    assert 0.1 < found.mean() < 0.95
    assert not flow.motion_boundaries(constant((20, 30), 5, 5)).any()


def test_trusted_is_neither_hidden_nor_at_an_edge_of_motion():
    scene = DISC
    forth, back = scene.flow(1, 0), scene.flow(0, 1)
    weights = flow.trusted(forth, back)
    assert set(np.unique(weights)) == {0.0, 1.0}
    bad = flow.occluded(forth, back) | flow.motion_boundaries(forth)
    np.testing.assert_array_equal(weights == 0, bad)


def test_each_pixel_belongs_to_the_nearest_frame_that_shows_it():
    nearest, middle, far = (np.float32([w]) for w in ([1, 0, 0, 0.5], [1, 1, 0, 1], [0, 1, 1, 1]))
    shares = flow.long_term_weights([nearest, middle, far])
    np.testing.assert_array_equal(shares, [[[1, 0, 0, 0.5]], [[0, 1, 0, 0.5]], [[0, 0, 1, 0]]])


# Scenes


def test_a_pan_by_whole_pixels_shifts_the_photograph(noise):
    scene = Scene(np.tile(noise, (3, 3, 1)), (20, 30), Motion(2, -1))
    np.testing.assert_allclose(scene.frame(3)[:-3, 6:], scene.frame(0)[3:, :-6], atol=1e-3)
    np.testing.assert_allclose(scene.flow(3, 0), constant((20, 30), -6, 3), atol=1e-5)


@pytest.mark.parametrize("name", SCENES)
def test_the_flow_of_a_scene_fetches_one_frame_from_another(name):
    scene = SCENES[name]
    now, before = scene.frame(2), scene.frame(0)
    seen = ~scene.occluded(2, 0)
    warped = flow.warp(before, scene.flow(2, 0), "bicubic")
    assert errors(warped, now, seen) < 0.1 * errors(before, now, seen)


def test_forth_and_back_lead_home():
    scene = DISC
    there_and_back = flow.warp(scene.flow(0, 2), scene.flow(2, 0)) + scene.flow(2, 0)
    away = np.abs(there_and_back).max(axis=2)[~scene.occluded(2, 0)]
    assert np.mean(away < 0.01) > 0.995  # but for pixels that the disc's edge crosses


# Files


def test_a_flo_file_is_what_its_description_says(tmp_path):
    vectors = RANDOM.normal(0, 5, (3, 4, 2)).astype("float32")
    flow.write_flow(tmp_path / "a.flo", vectors)
    data = (tmp_path / "a.flo").read_bytes()
    assert data[:4] == b"PIEH"
    assert struct.unpack_from("<fii", data) == (202021.25, 4, 3)
    assert struct.unpack_from("<24f", data, 12) == tuple(vectors.ravel())
    np.testing.assert_array_equal(flow.read_flow(tmp_path / "a.flo"), vectors)


@pytest.mark.parametrize(
    "data", [b"", b"PIEH", b"no flow at all", struct.pack("<fii5f", 202021.25, 4, 3, *[0] * 5)]
)
def test_a_broken_flo_file_is_refused(tmp_path, data):
    (tmp_path / "a.flo").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.flo"):
        flow.read_flow(tmp_path / "a.flo")
