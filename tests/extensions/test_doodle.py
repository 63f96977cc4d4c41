"""Doodles: each region has its own style, edges stay, layers count alike."""

import numpy as np
import pytest
from helpers import assert_same, fails, run
from keras import ops

from stylenet import devices, images, optimization
from stylenet.extensions import doodle, regions
from stylenet.figures.drawing import PICTURES, painting
from stylenet.losses import gram_matrix
from stylenet.moments import moments

RED, BLUE = (200.0, 40.0, 30.0), (30.0, 60.0, 190.0)


def halves(size, edge=None, colors=(RED, BLUE)):
    """Two colors, the second right of a column or of a column a row."""
    edge = size[1] // 2 if edge is None else edge
    right = np.arange(size[1])[None] >= np.broadcast_to(edge, size[0])[:, None]
    return np.where(right[..., None], colors[1], colors[0])


def two_styles(side=128):
    """Mosaic on the left, waves on the right, and the map."""
    pair = np.hstack([painting("mosaic.jpg", side), painting("seigaiha.jpg", side)])
    return pair, halves(pair.shape[:2])


def gram(image, mask, layer):
    """Of the pixels in a mask, computed by NumPy."""
    from stylenet.features import feature_extractor

    maps = np.asarray(feature_extractor("slim", [layer], pooling="average")(image[None])[layer])[0]
    seen = regions.shrink(mask, layer) > 0
    flat = maps[seen].astype("float64")
    return flat.T @ flat / flat.size


# ---------------------------------------------------------------- the loss


def test_the_loss_of_the_painting_itself_is_nothing():
    pair, colors = two_styles(64)
    labels = regions.label(colors, regions.colors_of(colors))
    terms = doodle.RegionLoss(pair, labels, labels)(ops.convert_to_tensor(pair[None]))
    assert list(terms) == [f"style {layer}" for layer in doodle.LAYERS]
    assert max(float(value) for value in terms.values()) < 1e-8


def test_the_loss_is_that_of_the_equation():
    pair, colors = two_styles(64)
    source = regions.label(colors, np.array([RED, BLUE]))
    target = np.zeros((96, 96), int)
    target[40:] = 1
    picture = np.random.default_rng(0).uniform(0, 255, (96, 96, 3)).astype("float32")
    terms = doodle.RegionLoss(pair, source, target)(ops.convert_to_tensor(picture[None]))
    for layer in ("block1_conv1", "block2_conv1", "block3_conv1"):
        expected = 0.0
        for number in (0, 1):
            of_painting = gram(pair, source == number, layer)
            of_picture = gram(picture, target == number, layer)
            error = np.square(of_picture - of_painting).sum() / np.square(of_painting).sum()
            expected += (target == number).mean() * error
        assert float(terms[f"style {layer}"]) == pytest.approx(expected, rel=1e-3)


def test_a_guided_gram_matrix_does_not_grow_with_the_region():
    maps = ops.ones((1, 24, 24, 5))
    for width in (24, 60, 90):
        mask = np.zeros((96, 96), bool)
        mask[:, :width] = True
        found = ops.convert_to_numpy(gram_matrix(doodle.guide(mask, "block3_conv1") * maps))
        np.testing.assert_allclose(found, np.full((1, 5, 5), 1 / 5), rtol=1e-5)


def test_the_relative_error_is_one_for_nothing_and_zero_for_the_target():
    target = ops.convert_to_tensor([[[3.0, 1.0], [1.0, 2.0]]])
    assert float(doodle.relative_error(target, target)) == 0
    assert float(doodle.relative_error(0 * target, target)) == 1
    assert float(doodle.relative_error(3 * target, target)) == pytest.approx(4)


def test_noise_has_each_regions_colors():
    pair, colors = two_styles(96)
    source = regions.label(colors, np.array([RED, BLUE]))
    target = source[:, ::-1]
    grain = doodle.noise(pair * 0.2 + 100, source, target)  # so that nothing is clipped
    for number in (0, 1):
        wanted, found = (pair * 0.2 + 100)[source == number], grain[target == number]
        np.testing.assert_allclose(found.mean(axis=0), wanted.mean(axis=0), atol=1)
        np.testing.assert_allclose(found.std(axis=0), wanted.std(axis=0), rtol=0.05)


# ---------------------------------------------------------------- pictures


@pytest.fixture(scope="module", params=doodle.METHODS)
def painted(request):
    """A slanted edge between two styles."""
    pair, colors = two_styles(128)
    edge = np.linspace(40, 88, 96)
    drawn = halves((96, 128), edge)
    options = {"num_steps": 40, "scales": 2, "progress": False}
    return request.param, doodle.paint(drawn, pair, colors, method=request.param, **options), edge


@pytest.mark.slow
def test_a_region_has_its_own_style_and_not_the_others(painted):
    method, result, edge = painted
    pair, colors = two_styles(128)
    pair = images.resize(pair, (64, 128))
    source = regions.label(images.resize(colors, (64, 128)), np.array([RED, BLUE]))
    target = (np.arange(128)[None] >= edge[:, None]).astype(int)
    losses = np.zeros((2, 2))
    for layer in doodle.LAYERS:
        of_painting = [gram(pair, source == number, layer) for number in (0, 1)]
        of_result = [gram(result.image, target == number, layer) for number in (0, 1)]
        for own, other in np.ndindex(2, 2):
            error = np.square(of_result[own] - of_painting[other]).sum()
            losses[own, other] += error / np.square(of_painting[other]).sum()
    limit = {"gatys": 0.15, "universal": 0.5}[method]
    assert losses[0, 0] < limit * losses[0, 1], losses
    assert losses[1, 1] < limit * losses[1, 0], losses


def edge_distances(method, size=(96, 128), num_steps=40, **options):
    """Of a slanted edge between red and blue cloth, in pixels, row by row.

    A row's edge is as far from the left as the row has pixels that are redder than blue, wherever
    they lie: each pixel of the wrong color counts.
    """
    height, width = size
    grain = np.random.default_rng(0).normal(0, 30, (width // 2, width, 3))
    cloth = np.clip(halves(grain.shape[:2]) + grain, 0, 255)
    edge = np.linspace(width * 5 / 16, width * 11 / 16, height)
    told = {"num_steps": num_steps, "scales": 2, "progress": False} | options
    drawn = halves(size, edge)
    result = doodle.paint(drawn, cloth, halves(grain.shape[:2]), method=method, **told)
    redness = (result.image[..., 0] - result.image[..., 2]) > 0
    return np.abs(redness.sum(axis=1) - edge)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "most"), [("gatys", 2), ("universal", 4)])
def test_an_edge_of_the_doodle_stays(method, most):
    assert edge_distances(method).max() <= most


def test_a_finer_size_begins_with_its_regions_mirrored(monkeypatch):
    """Of one step, the picture that was evaluated is the result."""
    pair, colors = two_styles(128)
    seen = []

    def mirror(picture, labels):
        seen.append((picture.shape[:2], labels.shape))
        return np.full_like(picture, 7.0)

    monkeypatch.setattr(regions, "mirror", mirror)
    found = doodle.paint(halves((96, 128)), pair, colors, num_steps=1, scales=2, progress=False)
    assert seen == [((96, 128), (96, 128))]
    np.testing.assert_allclose(found.image, 7.0, atol=1e-3)


def test_the_steps_of_each_size_are_told_with_the_size(monkeypatch):
    pair, colors = two_styles(128)
    told = []

    def step(loss, image, num_steps, progress):
        told.append(progress)
        return optimization.Result(image, [{}])

    monkeypatch.setattr(doodle, "minimize", step)
    doodle.paint(halves((96, 128)), pair, colors, scales=2)
    assert told == ["64 x 48: ", "128 x 96: "]
    doodle.paint(halves((96, 128)), pair, colors, scales=1, progress=False)
    assert not told[-1]


def test_ctrl_c_ends_all_sizes_and_keeps_the_best_so_far(monkeypatch):
    pair, colors = two_styles(128)
    drawn = halves((96, 128))
    whole = doodle.paint(drawn, pair, colors, num_steps=8, scales=2, progress=False)
    interrupt(monkeypatch, after=5)
    found = doodle.paint(drawn, pair, colors, num_steps=8, scales=2, progress=False)
    assert found.image.shape == drawn.shape and len(found.history) == 5
    losses, expected = ([step["loss"] for step in each.history[:5]] for each in (found, whole))
    np.testing.assert_allclose(losses, expected, rtol=1e-3)


def test_ctrl_c_between_two_sizes_keeps_the_coarser_one(monkeypatch):
    pair, colors = two_styles(128)
    interrupt(monkeypatch, after=4)
    found = doodle.paint(halves((96, 128)), pair, colors, num_steps=4, scales=2, progress=False)
    assert found.image.shape == (96, 128, 3) and len(found.history) == 4


def test_ctrl_c_before_the_first_step_is_one(monkeypatch):
    pair, colors = two_styles(64)
    interrupt(monkeypatch, after=0)
    with pytest.raises(KeyboardInterrupt):
        doodle.paint(halves((48, 64)), pair, colors, num_steps=4, progress=False)


def interrupt(monkeypatch, after):
    """Ctrl-C, pressed after so many steps; pressed once."""
    gradient, steps = optimization.value_and_gradient, iter(range(10**6))

    def interrupted(terms):
        evaluate = gradient(terms)

        def once(image):
            if next(steps) == after:
                raise KeyboardInterrupt
            return evaluate(image)

        return once

    monkeypatch.setattr(optimization, "value_and_gradient", interrupted)


def test_the_same_seed_gives_the_same_picture_of_the_doodles_size():
    pair, colors = two_styles(64)
    drawn = halves((45, 61))
    options = {"num_steps": 3, "scales": 2, "progress": False}
    first, second = (doodle.paint(drawn, pair, colors, seed=1, **options) for _ in range(2))
    assert first.image.shape == (45, 61, 3)
    assert_same(second.image, first.image)
    assert len(first.history) == 3  # the coarser size would be too small
    assert np.array_equal(np.asarray(first), first.image)
    assert first.map.shape[:2] == (30, 61)


def test_a_region_that_the_coarsest_size_loses_is_no_error():
    pair, colors = two_styles(128)
    drawn = halves((128, 128))
    drawn[60, 20:100] = (90.0, 250.0, 250.0)
    drawn[61:63, 20:100] = (90.0, 250.0, 250.0)
    colors[:8, :8] = (90.0, 250.0, 250.0)
    result = doodle.paint(drawn, pair, colors, num_steps=2, progress=False)
    assert np.isfinite(result.image).all()


def test_a_part_of_a_style_is_encoded_as_its_pixels_alone():
    from stylenet.universal import UniversalStylizer

    stylizer = UniversalStylizer()
    pair, _ = two_styles(64)
    mask = np.zeros(pair.shape[:2])
    mask[:, :64] = 1
    found = stylizer.encode(pair, (2, 1), mask=mask).levels
    maps = np.asarray(
        stylizer._encoder(ops.convert_to_tensor(pair[None]), ["block1_conv1"])["block1_conv1"]
    )
    _, mean, covariance = moments(maps[:, :, :64])
    np.testing.assert_allclose(found[1].mean, mean, atol=1e-4)
    root = np.asarray(found[1].root, "float64")[0]
    np.testing.assert_allclose(root @ root, np.asarray(covariance)[0], atol=1e-2)
    whole = stylizer.encode(pair, (2, 1), mask=np.ones(pair.shape[:2])).levels
    for level, plain in stylizer.encode(pair, (2, 1)).levels.items():
        np.testing.assert_allclose(whole[level].mean, plain.mean, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"method": "patches"}, "method"),
        ({"scales": 0}, "scales"),
        ({"num_steps": 0}, "num_steps"),
        ({"network": "vgg20"}, "network"),
        ({"painting_map": np.zeros((32, 64, 3))}, "each color of the doodle"),
        ({"painting_map": halves((64, 64))}, "proportions"),
    ],
)
def test_what_is_refused(options, told):
    pair, colors = two_styles(32)
    told_map = {"painting_map": colors} | options
    with pytest.raises(ValueError, match=told):
        doodle.paint(halves((32, 48)), pair, progress=False, **told_map)


# ---------------------------------------------------------------- the command and the examples


@pytest.fixture
def here(tmp_path, monkeypatch):
    pair, colors = two_styles(64)
    plain, drawn = np.full((32, 64, 3), RED), halves((48, 64))
    named = {"painting": pair, "map": colors, "doodle": drawn, "plain": plain}
    for name, picture in named.items():
        images.save_image(tmp_path / f"{name}.png", picture)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_paints_as_python_does(here, capsys):
    arguments = ["doodle", "doodle.png", "painting.png", "--map", "map.png", "-o", "out.png"]
    code, out, _ = run(capsys, *arguments, "--steps", 3, "--scales", 1)
    first, last = out.splitlines()
    assert first == f"drawing 64 x 48 with painting.png, by gatys on {devices.describe()} ..."
    assert code == 0 and last.startswith("Wrote out.png")
    options = {"num_steps": 3, "scales": 1, "progress": False}
    expected = doodle.paint("doodle.png", "painting.png", "map.png", **options)
    assert np.abs(images.load_image("out.png") - np.rint(expected)).max() <= 1
    assert not (here / "out_map.png").exists()


def test_without_a_map_the_one_that_was_found_is_written_and_does_the_same(here, capsys):
    arguments = ["doodle", "doodle.png", "painting.png", "--method", "universal"]
    assert run(capsys, *arguments, "-o", "out.png")[0] == 0
    assert run(capsys, *arguments, "--map", "out_map.png", "-o", "again.png")[0] == 0
    difference = images.load_image("again.png") - images.load_image("out.png")
    assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("painting.png doodle.png -o out.png", "flat colors"),
        ("doodle.png painting.png --map plain.png -o out.png", "each color of the doodle"),
        ("doodle.png painting.png --map none.png -o out.png", "none.png"),
        ("doodle.png painting.png -o doodle.png", "does not replace its input"),
        ("doodle.png painting.png --map map.png -o map.png", "does not replace its input"),
        ("doodle.png painting.png --map map.png -o out.png --method both", "'both' is not one of"),
    ],
)
def test_what_the_command_refuses_is_one_line(here, capsys, arguments, told):
    before = sorted(here.iterdir())
    assert told in fails(capsys, "doodle", *arguments.split())
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "source"), [("coast", "three_styles_map"), ("night", "starry_night_map")]
)
def test_the_doodles_of_the_lecture_fit_their_maps_and_come_from_the_script(name, source):
    import importlib.util

    path = PICTURES / "make_doodles.py"
    module = importlib.util.module_from_spec(
        spec := importlib.util.spec_from_file_location("make_doodles", path)
    )
    spec.loader.exec_module(module)
    stored = images.load_image(PICTURES / "doodles" / f"{name}.png")
    assert np.array_equal(stored, np.asarray(getattr(module, name)()))
    colors = regions.colors_of(stored)
    found = regions.label(images.load_image(PICTURES / "doodles" / f"{source}.png"), colors)
    assert set(np.unique(found)) == set(range(len(colors)))
