"""Numbers that stand in the lectures' prose: each is computed here, and found in the text."""

import ast
import json
import re

import numpy as np
import pytest
from helpers import PROJECT, read_notebook

import stylenet
from stylenet import filters
from stylenet.features import feature_extractor
from stylenet.figures import networks
from stylenet.figures.gallery import PAINTINGS
from stylenet.speed.network import fast_network
from stylenet.visualization import receptive_field

FOLDER = PROJECT / "notebooks"


def text(number):
    """A lecture's prose, its lines joined."""
    [path] = FOLDER.glob(f"{number:02}_*.ipynb")
    cells = read_notebook(path).cells
    words = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"\s+", " ", words)


def parameters(number):
    """What the cell tagged `parameters` assigns, where it is a constant."""
    [path] = FOLDER.glob(f"{number:02}_*.ipynb")
    [cell] = [c for c in read_notebook(path).cells if "parameters" in c.metadata.get("tags", [])]
    constants = (node for node in ast.parse(cell.source).body if len(node.targets) == 1)
    return {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in constants
        if isinstance(node.targets[0], ast.Name)
    }


def gram_factors():
    """How much too large a Gram matrix is when divided by the picture's H W and 3 channels."""
    channels = np.array([64, 128, 256, 512, 512])
    own = channels / 4.0 ** np.arange(5)
    return own / 3


@pytest.mark.parametrize(
    "number, words, value",
    [
        (3, "8 / 3 = 2.67 times too large", gram_factors()[3]),
        (3, "counts 7.1 times", gram_factors()[3] ** 2),
        (3, "Block 1 counts 455 times", gram_factors()[0] ** 2),
        (3, "3.75, 100 and 50", 15 / 4),
        (3, "they are 0.75, 100 and 10", 15 / 20),
        (1, "= 104$ numbers", (1 + 2 * 6) * 8),
        (4, "from -22.5 to 277.5", 150 + 127.5),
        (4, "255 is reached at $x \\approx 1.26$", np.arctanh(127.5 / 150)),
        (4, "they would see 21", 1 + 10 * 2),
        (6, "451 x 300 pixels", 451),
        (6, "the next multiple, 452 x 300", -(-451 // 4) * 4),
    ],
)
def test_a_number_in_prose_is_the_computed_one(number, words, value):
    assert words in text(number)
    printed = [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", words)]
    digits = [len(found.partition(".")[2]) for found in re.findall(r"-?\d+(?:\.\d+)?", words)]
    assert any(a == round(value, b) for a, b in zip(printed, digits, strict=True))


def test_block_5_counts_less_than_half():
    assert "block 5 less than half" in text(3) and gram_factors()[4] ** 2 < 0.5


def test_the_network_has_as_many_parameters_as_lecture_4_says():
    assert "1.7 million parameters" in text(4)
    assert round(stylenet.transform_net().count_params() / 1e6, 1) == 1.7


def test_the_receptive_fields_of_lecture_2_are_the_models():
    assert "from 3 pixels in block 1 to 156 in block 5" in text(2)
    layers = ["block1_conv1", "block5_conv1"]
    model = feature_extractor("vgg19", layers, "random")
    assert [receptive_field(model, layer).size for layer in layers] == [3, 156]


def test_the_dropped_filter_of_lecture_1_has_half_the_size_at_twice_the_frequency():
    assert "is the same filter at twice the size" in text(1)
    sizes = [filters.gabor_filter(f, 0.0).kernel.shape[0] for f in (0.1, 0.05)]
    assert sizes[1] / sizes[0] == pytest.approx(2, rel=0.1)


def test_the_library_is_as_near_to_the_network_as_lecture_6_says():
    import keras

    assert "less than a fiftieth of a grey level" in text(6)
    network = stylenet.feed_forward.load_network(parameters(6)["style"])
    picture = np.random.default_rng(0).uniform(0, 255, (1, 64, 96, 3)).astype("float32")
    fast = fast_network(network)(picture)
    exact = network.predict_on_batch(picture)
    assert np.abs(keras.ops.convert_to_numpy(fast) - exact).max() < 1 / 50


def test_gatys_takes_about_300_seconds_for_500_steps_not_an_eighth_of_a_second():
    """The time of one step without the first two, as `stylenet benchmark` measured it."""
    measured = json.loads((PROJECT / "images" / "figures" / "runtimes.json").read_text())
    seconds = measured["seconds"]["gatys"][measured["sizes"].index(256)]
    assert 100 < seconds < 1000
    [path] = FOLDER.glob("09_*.ipynb")
    code = "\n".join(c.source for c in read_notebook(path).cells if c.cell_type == "code")
    assert "timing.measure(" in code and "perf_counter" not in code


def test_lecture_9_judges_a_network_by_its_own_painting():
    [path] = FOLDER.glob("09_*.ipynb")
    code = "\n".join(c.source for c in read_notebook(path).cells if c.cell_type == "code")
    chosen = parameters(9)
    style = chosen["style_name"]
    assert chosen["painting"].endswith(f"paintings/{PAINTINGS.get(style, style)}.jpg")
    assert "stylize(content, style_name)" in code


def test_the_published_times_of_johnson_and_gatys_differ_by_three_orders_of_magnitude():
    assert "a thousand times as long" in text(9)
    times = networks.PUBLISHED_SECONDS
    for slow, quick in zip(times["Gatys et al."], times["Johnson et al."], strict=True):
        assert slow > 1000 * quick


def test_lecture_5_says_what_steps_and_photographs_were_measured_to_do():
    measured = json.loads((PROJECT / "images" / "figures" / "photographs.json").read_text())
    cost = {(row["photographs"], row["steps"]): row["total"] / 1e6 for row in measured["rows"]}
    counts, steps = (sorted(set(each)) for each in zip(*cost, strict=True))
    falls = [cost[count, steps[0]] - cost[count, steps[-1]] for count in counts]
    spreads = [np.ptp([cost[count, number] for count in counts]) for number in steps]
    first, last = steps[0], steps[-1]
    assert (
        f"from {first} to {last} steps the cost of each run falls by {min(falls):.0f} to "
        f"{max(falls):.0f} million"
    ) in text(5)
    assert (
        f"at equal steps the four differ by {min(spreads):.0f} to {max(spreads):.0f} million"
    ) in text(5)
    assert min(cost, key=cost.get)[0] != counts[-1]
    assert f"{last} steps are {last * measured['settings']['batch_size']} crops" in text(5)
