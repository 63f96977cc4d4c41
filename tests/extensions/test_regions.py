"""Regions by color, by k-means, and as layers see them."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from stylenet import images
from stylenet.extensions import regions
from stylenet.figures.drawing import PICTURES

RED, GREEN, BLUE = (200.0, 40.0, 30.0), (40.0, 160.0, 60.0), (30.0, 60.0, 190.0)


def flag(size=(60, 90), colors=(RED, GREEN, BLUE)):
    """Three vertical stripes."""
    stripe = np.arange(size[1]) * len(colors) // size[1]
    return np.broadcast_to(np.array(colors)[stripe], (*size, 3)).copy()


def test_the_colors_of_a_doodle_are_found_the_most_frequent_first():
    doodle = flag()
    doodle[:, :45] = RED
    found = regions.colors_of(doodle)
    assert found[0].tolist() == list(RED)
    assert {tuple(color) for color in found.tolist()} == {RED, GREEN, BLUE}


def test_blended_edges_and_jpeg_make_no_colors_of_their_own(tmp_path):
    large = flag((240, 360))
    doodle = images.resize(large, (60, 90))
    images.save_image(tmp_path / "doodle.jpg", doodle)
    for seen in (doodle, images.load_image(tmp_path / "doodle.jpg")):
        colors = regions.colors_of(seen)
        assert len(colors) == 3
        labels = regions.label(seen, colors)
        wanted = regions.label(flag(), colors)
        assert (labels != wanted).mean() < 0.02


@pytest.mark.parametrize("name", ["coast", "night"])
def test_a_doodle_that_is_reduced_keeps_its_colors(name):
    """Along a level edge, a whole row may be a blend."""
    path = PICTURES / "doodles" / f"{name}.png"
    whole = regions.colors_of(images.load_image(path))
    for size in (384, 300, 200, 128):
        colors = regions.colors_of(images.load_image(path, size))
        assert {*map(tuple, colors.tolist())} == {*map(tuple, whole.tolist())}


def test_a_blend_of_two_colors_is_no_third_one():
    """Between red and blue lies purple, which is a region elsewhere."""
    purple = (115.0, 50.0, 110.0)
    doodle = flag((60, 90), (RED, BLUE, purple))
    doodle[:, 30] = purple
    doodle[:, 29:31] = (100.0, 110.0, 110.0)  # near none
    labels = regions.label(doodle, np.array([RED, BLUE, purple], "float32"))
    assert set(np.unique(labels[:, :60])) == {0, 1}


@pytest.mark.parametrize("doodle", ["photograph", "noise"])
def test_what_is_no_doodle_is_refused(doodle):
    picture = {
        "photograph": images.load_image(PICTURES / "content" / "chelsea.png", 128),
        "noise": np.random.default_rng(0).uniform(0, 255, (60, 60, 3)),
    }[doodle]
    with pytest.raises(ValueError, match="flat colors"):
        regions.colors_of(picture)


def test_a_map_without_a_color_names_it():
    with pytest.raises(ValueError, match="without #1e3cbe"):
        regions.label(flag((60, 90), (RED, GREEN)), np.array([RED, GREEN, BLUE]))


def test_a_map_of_other_proportions_is_refused():
    colors = regions.colors_of(flag())
    with pytest.raises(ValueError, match="proportions, 90 x 60"):
        regions.label_map(flag((60, 60)), colors, (60, 90))
    labels = regions.label_map(flag((120, 180)), colors, (60, 90))
    assert np.array_equal(labels, regions.label(flag(), colors))


@pytest.mark.parametrize("size", [(30, 45), (20, 30), (120, 180)])
def test_regions_at_another_size_are_pillows(size):
    labels = np.random.default_rng(0).integers(0, 5, (60, 90))
    pillow = Image.fromarray(labels.astype("uint8")).resize(size[::-1], Image.Resampling.NEAREST)
    assert np.array_equal(regions.sample(labels, size), np.asarray(pillow))


def test_a_painting_of_three_colors_falls_into_these_and_is_named_by_the_nearest():
    random = np.random.default_rng(0)
    palette = ((150, 70, 60), (90, 140, 100), (60, 80, 140))  # paler than the doodle's
    painting = np.clip(flag((80, 120), palette) + random.normal(0, 10, (80, 120, 3)), 0, 255)
    for colors in ((RED, GREEN, BLUE), (BLUE, RED, GREEN)):
        found = regions.segment(painting, np.array(colors))
        wanted = regions.label(flag((80, 120), (RED, GREEN, BLUE)), np.array(colors))
        assert (found == wanted).mean() > 0.97
        assert np.array_equal(found, regions.segment(painting, np.array(colors)))


@pytest.mark.parametrize("layer", ["block1_conv1", "block1_conv2", "block2_conv1", "block3_conv1"])
def test_the_receptive_field_is_where_a_response_has_a_gradient(layer):
    """With random weights and average pooling, whose gradient reaches every pixel."""
    from keras import ops

    from stylenet.features import feature_extractor
    from stylenet.optimization import value_and_gradient

    extractor = feature_extractor("vgg19", [layer], "random", "average")
    side, step = regions.field(layer)

    def response(image):
        maps = extractor(image)[layer]
        middle = 64 // step // 2
        return {"response": ops.sum(ops.square(maps[:, middle, middle]))}

    picture = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3)).astype("float32")
    _, gradient = value_and_gradient(response)(picture)
    rows, columns = np.nonzero(np.abs(gradient[0]).sum(axis=2))
    assert np.ptp(rows) + 1 == np.ptp(columns) + 1 == side
    center = 64 // step // 2 * step + (step - 1) / 2
    assert (rows.min() + rows.max()) / 2 == center


def test_fields_of_higher_layers():
    assert [regions.field(f"block{i}_conv1") for i in range(1, 6)] == [
        (3, 1),
        (10, 2),
        (24, 4),
        (68, 8),
        (156, 16),
    ]


@pytest.mark.parametrize("layer", ["block2_conv1", "block3_conv1"])
def test_a_shrunk_mask_knows_no_pixel_outside(layer):
    """Half of the field, pixel by pixel."""
    mask = np.zeros((64, 96), bool)
    mask[10:60, 20:80] = True
    shrunk = regions.shrink(mask, layer)
    side, step = regions.field(layer)
    reach = {"block2_conv1": 2, "block3_conv1": 6}[layer]
    assert abs(2 * reach - side / 2) <= 1
    for row, column in np.ndindex(shrunk.shape):
        top, left = step * row + step // 2, step * column + step // 2
        window = mask[max(0, top - reach) : top + reach, max(0, left - reach) : left + reach]
        assert shrunk[row, column] == window.all()


def test_the_border_of_the_picture_shrinks_nothing():
    assert regions.shrink(np.ones((48, 64), bool), "block3_conv1").all()


@pytest.mark.parametrize("layer", [f"block{i}_conv1" for i in range(1, 6)])
def test_something_is_left_of_a_small_region(layer):
    for mask in (np.zeros((80, 80), bool), np.zeros((80, 80), bool)):
        mask[33:36, 20:70] = True
        assert regions.shrink(mask, layer).sum() > 0


def test_shrinking_leaves_a_quarter():
    """Of a disc of 40 pixels across, which block 5 sees whole."""
    rows, columns = np.mgrid[:160, :160]
    disc = (rows - 80) ** 2 + (columns - 80) ** 2 < 20**2
    for layer, step in (("block4_conv1", 8), ("block3_conv1", 4)):
        left = regions.shrink(disc, layer).sum() * step**2
        assert disc.sum() / 4 <= left <= disc.sum()
    eroded = ndimage.binary_erosion(disc, np.ones((12, 12)))
    assert regions.shrink(disc, "block3_conv1").sum() * 16 == pytest.approx(eroded.sum(), rel=0.15)


def test_a_region_goes_on_as_far_as_its_edge_mirrored():
    """Columns count from 0; the region on the left ends with the ninth, three before it are new."""
    picture = np.broadcast_to(np.arange(20.0)[None, :, None], (6, 20, 3))
    labels = (np.arange(20) > 9)[None].repeat(6, axis=0).astype(int)
    found = regions.mirror(picture, labels, depth=3)[2, :, 1]
    left, right = [0, 1, 2, 3, 4, 5, 6, 5, 4, 3], [16, 15, 14, 13, 14, 15, 16, 17, 18, 19]
    assert found.tolist() == left + right


def test_nothing_is_mirrored_where_there_is_one_region_or_one_pixel_of_it():
    picture = np.random.default_rng(0).uniform(0, 255, (9, 12, 3))
    assert np.array_equal(regions.mirror(picture, np.zeros((9, 12), int)), picture)
    dots = np.indices((9, 12)).sum(axis=0) % 2
    assert np.array_equal(regions.mirror(picture, dots), picture)


def test_a_thin_part_is_filled_by_itself_not_by_a_large_part_of_its_region():
    labels = np.zeros((40, 60), int)
    labels[:, :30] = labels[10:15, 40:55] = 1
    picture = np.where(labels[..., None] == 1, 100.0, 0) * np.ones(3)
    picture[10:15, 40:55] = 200
    found = regions.mirror(picture, labels)
    assert (found[10:15, 40:55] == 200).all() and (found[:, :30] == 100).all()
    assert (found[labels == 0] == 0).all()
