"""The temporal loss, and frames optimized with it."""

import json

import numpy as np
import pytest

pytest.importorskip("cv2")

from helpers import assert_same
from keras import ops

from stylenet import flow, images
from stylenet.figures.drawing import photograph
from stylenet.optimization import value_and_gradient
from stylenet.video import temporal
from stylenet.video.scenes import Motion, Scene
from stylenet.video.temporal import Target, TemporalStylizer, temporal_loss, with_targets

RANDOM = np.random.default_rng(0)
SIZE = (6, 7)
IMAGE, FIRST, SECOND = RANDOM.uniform(0, 255, (3, *SIZE, 3)).astype("float32")
SCENE = Scene(photograph("coffee.png"), (64, 80), Motion(3, -2))
FRAMES = [SCENE.frame(time) for time in range(5)]
STYLE = photograph("chelsea.png")[:64, :64]


def nothing(image):
    """A loss without a term."""
    return {}


def gradient(*targets, weight=10.0, image=IMAGE):
    return value_and_gradient(with_targets(nothing, targets, weight))(image[None])[1][0]


@pytest.fixture
def near_frames(monkeypatch):
    """Instead of VGG19: results shall be like their frames."""

    def loss(frame, styles, preset, weights):
        return lambda image: {"content": ops.mean(ops.square(image - frame))}

    monkeypatch.setattr(temporal, "StyleLoss", loss)


def stylizer(num_steps=1, **options):
    """With one step the result is the start: the only picture whose loss was computed."""
    return TemporalStylizer(STYLE, num_steps=num_steps, weights="random", **options)


def test_the_temporal_loss_is_a_weighted_mean_square():
    weights = RANDOM.uniform(0, 1, SIZE).astype("float32")
    expected = np.sum(weights[..., None] * np.square(IMAGE - FIRST)) / IMAGE.size
    np.testing.assert_allclose(
        temporal_loss(IMAGE[None], FIRST[None], weights), expected, rtol=1e-5
    )


def test_its_gradient_is_that_of_finite_differences():
    target = Target(FIRST, RANDOM.uniform(0, 1, SIZE).astype("float32"))
    found = gradient(target)
    terms = with_targets(nothing, [target], 10.0)
    for place in [(0, 0, 0), (5, 6, 2), (2, 3, 1)]:
        values = []
        for sign in (1, -1):
            moved = IMAGE.copy()
            moved[place] += 2 * sign
            values.append(float(terms(moved[None])["temporal 1"]))
        np.testing.assert_allclose(found[place], (values[0] - values[1]) / 4, rtol=1e-2)


def test_each_weight_acts_on_its_own_pixel():
    weights = np.zeros(SIZE, "float32")
    weights[2, 5] = 1
    found = gradient(Target(FIRST, weights))
    expected = np.zeros((*SIZE, 3))
    expected[2, 5] = 10 * 2 * (IMAGE - FIRST)[2, 5] / IMAGE.size
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_pixel_is_held_by_the_nearest_frame_that_shows_it():
    left = np.zeros(SIZE, "float32")
    left[:, :3] = 1
    found = gradient(Target(FIRST, left), Target(SECOND, np.ones(SIZE, "float32")))
    both = np.where(left[..., None], FIRST, SECOND)
    np.testing.assert_allclose(found, 20 * (IMAGE - both) / IMAGE.size, rtol=1e-4, atol=1e-5)


def test_the_first_frame_starts_from_itself_or_from_noise():
    np.testing.assert_allclose(stylizer()(FRAMES[0]), FRAMES[0], atol=1e-3)
    one, two = (stylizer(start="noise", offsets=())(FRAMES[0]) for _ in range(2))
    assert_same(one, two)
    assert np.std(one - FRAMES[0]) > 50


def test_the_next_frame_starts_from_the_result_before_warped(near_frames):
    stylize = stylizer()
    stylize.past.appendleft((FRAMES[0], 255 - FRAMES[0]))
    result = stylize(FRAMES[1])
    there = flow.optical_flow(FRAMES[1], FRAMES[0], preset="fine")
    back = flow.optical_flow(FRAMES[0], FRAMES[1], preset="fine")
    trusted = flow.trusted(there, back)[..., None]
    expected = np.where(trusted, flow.warp(255 - FRAMES[0], there), FRAMES[1])
    np.testing.assert_allclose(result, expected, atol=1e-3)
    assert 0.5 < trusted.mean() < 1


def test_a_heavy_temporal_term_holds_the_picture(near_frames):
    results = []
    for weight in (0.0, 1e6):
        stylize = stylizer(num_steps=8, temporal_weight=weight)
        stylize.past.appendleft((FRAMES[0], 255 - FRAMES[0]))
        results.append(stylize(FRAMES[1]))
    target = temporal.fetch(FRAMES[1], FRAMES[0], 255 - FRAMES[0])
    free, held = (np.mean(np.square(r - target.warped)[target.weights == 1]) for r in results)
    assert held < 0.1 * free


def test_the_long_term_looks_back_so_many_frames(near_frames, monkeypatch):
    stylize, seen = stylizer(offsets=(1, 3)), []
    fetch = temporal.fetch

    def remember(frame, other, result):
        seen.append([np.array_equal(other, known) for known in FRAMES].index(True))
        return fetch(frame, other, result)

    monkeypatch.setattr(temporal, "fetch", remember)
    for frame in FRAMES:
        stylize(frame)
    assert seen == [0, 1, 2, 0, 3, 1]


def test_a_cut_starts_afresh(near_frames):
    stylize = stylizer(offsets=(1, 2))
    other = photograph("astronaut.png")[:64, :80]
    for frame in FRAMES[:2]:
        stylize(frame)
    np.testing.assert_allclose(stylize(other), other, atol=1e-3)
    assert len(stylize.past) == 1


def test_a_restored_stylizer_goes_on_where_it_stopped(near_frames):
    one, two = stylizer(offsets=(1, 2)), stylizer(offsets=(1, 2))
    for frame in FRAMES[:3]:
        one(frame)
    two.restore(one.state())
    assert_same(two(FRAMES[3]), one(FRAMES[3]))


def test_a_description_tells_one_from_another():
    same, other = stylizer().description, stylizer(num_steps=2).description
    assert same == stylizer().description
    assert {name for name in same if same[name] != other[name]} == {"num_steps"}
    brighter = TemporalStylizer(STYLE + 1, num_steps=1, weights="random").description
    assert {name for name in same if same[name] != brighter[name]} == {"style"}
    assert json.loads(json.dumps(same))["offsets"] == [1]


@pytest.mark.parametrize("options", [{"strength": 1.5}, {"colors": "red"}])
def test_impossible_options_are_refused_by_name(options):
    (name, value), *_ = options.items()
    with pytest.raises(ValueError, match=rf"Expected .*{name}.* Received: .*{value}"):
        stylizer(**options)


@pytest.mark.parametrize("offsets", [(2, 1), (0,), (1, 1)])
def test_offsets_count_from_the_nearest(offsets):
    with pytest.raises(ValueError, match="offset"):
        stylizer(offsets=offsets)


def test_a_second_pass_goes_backward_and_blends_with_the_neighbor(near_frames, tmp_path):
    paths = []
    for number, frame in enumerate(FRAMES[:3]):
        paths.append(tmp_path / f"{number}.png")
        images.save_image(paths[-1], frame)
    results = list(temporal.passes(stylizer(), paths, tmp_path, 2))
    order = [path.name for path in results]
    assert order == [f"00_00000{i}.png" for i in (0, 1, 2)] + [
        f"01_00000{i}.png" for i in (2, 1, 0)
    ]
    first = [images.load_image(path) for path in results[:3]]
    second = [images.load_image(path) for path in results[:2:-1]]
    np.testing.assert_array_equal(second[2], first[2])  # the last has no neighbor yet
    frames = [images.load_image(path) for path in paths]
    target = temporal.fetch(frames[1], frames[2], second[2])
    expected = first[1] + 0.5 * target.weights[..., None] * (target.warped - first[1])
    np.testing.assert_allclose(second[1], expected, atol=0.51)


def test_results_of_earlier_passes_are_kept(near_frames, tmp_path):
    images.save_image(tmp_path / "0.png", FRAMES[0])
    images.save_image(tmp_path / "00_000000.png", FRAMES[1])
    (path,) = temporal.passes(stylizer(), [tmp_path / "0.png"], tmp_path, 1)
    np.testing.assert_array_equal(images.load_image(path), np.rint(FRAMES[1]))
