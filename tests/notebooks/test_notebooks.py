"""The lectures: each runs from a clean kernel, offline, and keeps the conventions of the course.

    python -m pytest -m notebooks tests/notebooks    # runs them all, several minutes

They run with small numbers in place of those in the cell tagged `parameters`, with VGG19 where
`STYLENET_WEIGHTS` has it, and without; `KERAS_BACKEND=jax` runs them on JAX.
"""

import ast
import itertools
import os
import re

import nbformat
import openings
import psutil
import pytest
from helpers import LECTURES, PROJECT
from helpers import read_notebook as read

FOLDER = PROJECT / "notebooks"
CLOSING = ("## What to remember", "## Try", "## References")

# In place of the numbers of the parameters cell.
SMALL = {
    "00_first_picture": {"max_size": 96},
    "01_filters": {"size": 128, "num_channels": 1, "dream_size": 32, "dream_steps": 2},
    "02_gatys": {"size": 64, "num_steps": 8, "small_size": 48, "small_steps": 4},
    "03_losses": {"size": 64, "sweep_size": 64, "sweep_steps": 5, "denoising_steps": 3},
    "04_network": {"size": 64, "timed_sizes": (32, 64)},
    "05_training": {
        "style_size": 128,
        "crop_size": 64,
        "epochs": 2,
        "epoch_steps": 2,
        "added_steps": 2,
    },
    "06_inference": {"size": 96, "stroke_sizes": (64, 96)},
    "07_universal": {"size": 96, "alphas": [0.0, 1.0]},
    "08_video": {"size": (48, 64), "radius": 6, "num_frames": 4, "optimized_steps": 2},
    "09_review": {"size": 64, "timed_size": 64, "timed_rounds": 1, "quality_steps": 4},
    "10_extensions": {"seconds": 1.0, "num_steps": 3, "filters": 16, "size": 96, "doodle_steps": 2},
}
NEED_VGG = ("01_filters", "02_gatys", "03_losses", "05_training", "08_video", "09_review")


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def python(source):
    """A cell without the lines that only IPython understands."""
    return ast.parse(re.sub(r"(?m)^(\s*)[!%].*$", r"\1pass", source))


lectures = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)


@lectures
def test_lecture_is_stored_without_outputs_and_as_a_valid_notebook(path):
    notebook = read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(notebook))
    assert path.read_text() == nbformat.writes(notebook) + "\n"


@lectures
def test_lecture_opens_in_the_fixed_way(path):
    opening, install, imports = read(path).cells[0], *code_cells(read(path))[:2]
    number = int(path.stem[:2])
    assert opening.source.startswith(f"# {number}. ")
    assert opening.source == openings.opening(opening.source, path.stem)
    assert install.source == openings.setup(path.stem)
    for row in ("**You will see**", "**Run time**", "**Before this**"):
        assert row in opening.source
    assert "badge" not in opening.source and openings.link(path.stem) in opening.source
    assert openings.picture(path.stem) in opening.source
    assert imports.metadata.tags == ["imports"]


def test_every_stored_figure_is_shown_in_a_lecture():
    text = "\n".join(cell.source for path in LECTURES for cell in read(path).cells)
    stored = (PROJECT / "images" / "figures").iterdir()
    names = {path.stem for path in stored if path.suffix in (".png", ".jpg", ".gif")}
    assert len(names) > 20
    for name in names:
        shown = rf"images/figures/{name}\.(png|jpg|gif)\)|figures\.{name}\("
        assert re.search(shown, text), f"{name} is shown nowhere"


def test_each_topic_of_the_course_is_in_the_cell_that_the_table_names():
    table = (PROJECT / "CONTRIBUTING.md").read_text()
    rows = re.findall(r"(?m)^\| .+ \| (\d+) \| `([\w-]+)` \|$", table)
    assert len(rows) > 30 and {int(number) for number, _ in rows} == set(range(11))
    for number, name in rows:
        [path] = FOLDER.glob(f"{number:0>2}_*.ipynb")
        assert name in {cell.id for cell in read(path).cells}, (number, name)


@lectures
def test_lecture_imports_in_one_cell_and_uses_what_it_imports(path):
    cells = code_cells(read(path))[1:]
    importing = [
        cell
        for cell in cells
        if any(
            isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(python(cell.source))
        )
    ]
    assert [cell.metadata.get("tags") for cell in importing] == [["imports"]]
    rest = "\n".join(cell.source for cell in cells if cell is not importing[0])
    for node in python(importing[0].source).body:
        for alias in node.names:
            assert re.search(rf"\b{(alias.asname or alias.name).split('.')[0]}\b", rest), alias.name


@lectures
def test_small_parameters_are_parameters(path):
    (cell,) = tagged(read(path), "parameters")
    names = {target.id for node in python(cell.source).body for target in node.targets}
    assert names
    assert set(SMALL.get(path.stem, {})) <= names


@lectures
def test_a_sentence_stands_before_each_cell_and_cells_are_short(path):
    cells = read(path).cells
    for before, cell in itertools.pairwise(cells):
        if cell.cell_type == "code" and cell.id != "setup" and not cell.metadata.get("tags"):
            assert before.cell_type == "markdown", cell.source
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= 15, cell.source
            assert max(map(len, lines)) <= 100, cell.source


@lectures
def test_lecture_asks_questions_and_ends_in_the_fixed_way(path):
    notebook = read(path)
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert [part.splitlines()[0] for part in text[-3:]] == list(CLOSING)
    assert "https://" in text[-1]
    whole = "\n".join(text)
    assert whole.count("<details><summary>") == whole.count("</details>") >= 2


@lectures
def test_links_to_files_of_the_project_lead_somewhere(path):
    for cell in read(path).cells:
        for link in (
            re.findall(r"\]\(([^)#]+)", cell.source) if cell.cell_type == "markdown" else ()
        ):
            if "://" not in link:
                assert (FOLDER / link).exists(), link


def kernel_environment(folder, weights):
    """Warnings visible, no network, and the loss network's weights only where we say."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        # All but what Keras 3.15 on TensorFlow warns of when a variable becomes an array.
        "PYTHONWARNINGS": "default,ignore:__array__ implementation doesn't accept a copy keyword"
        ":DeprecationWarning",
        "https_proxy": "http://127.0.0.1:9",
        "KERAS_HOME": str(folder / "keras"),
        "STYLENET_WEIGHTS": str(weights),
    }
    for name in ("TF_CPP_MIN_LOG_LEVEL", "COLAB_RELEASE_TAG"):
        environment.pop(name, None)
    return environment


def execute(notebook, folder, weights, timeout=3000):
    """The notebook as it is after *Run all*; a cell that takes more seconds fails."""
    from nbclient import NotebookClient

    resources = {"metadata": {"path": str(FOLDER)}}
    client = NotebookClient(notebook, timeout=timeout, resources=resources)
    return client.execute(env=kernel_environment(folder, weights))


@pytest.mark.parametrize("waiting", ["import time; time.sleep(600)", "while True:\n    pass"])
def test_a_cell_that_hangs_fails_and_leaves_no_kernel(waiting, tmp_path):
    """Whether it sleeps or computes; the cells after it are not run."""
    from nbclient.exceptions import CellTimeoutError

    number = tmp_path / "number"
    cells = [f"import os\nopen({str(number)!r}, 'w').write(str(os.getpid()))", waiting, "1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    with pytest.raises(CellTimeoutError, match="timed out"):
        execute(notebook, tmp_path, tmp_path, timeout=3)
    assert not notebook.cells[2].outputs
    assert not number.exists() or not psutil.pid_exists(int(number.read_text()))


def check_outputs(notebook):
    """Nothing in red or random, and something to look at in every two cells."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.get("name") != "stderr", f"{cell.source}\n\n{output.text}"
            assert "WARNING" not in output.get("text", ""), f"{cell.source}\n\n{output.text}"
            assert output.output_type != "error", f"{cell.source}\n\n{output.evalue}"
            assert "RANDOM weights" not in output.get("text", "")
            kinds = [kind for kind in output.get("data", {}) if kind.startswith("image/")]
            assert len(kinds) <= 1, f"{cell.source}\n\nstores a picture as {kinds}"
    shown = [bool(cell.outputs) for cell in code_cells(notebook)][3:]
    assert shown
    assert all(one or two for one, two in itertools.pairwise(shown)), shown


def run(path, folder, weights):
    small = {**SMALL[path.stem]}
    if "folder" in tagged(read(path), "parameters")[0].source:
        small["folder"] = str(folder / "out")
    notebook = read(path)
    (cell,) = tagged(notebook, "parameters")
    cell.source += "".join(f"\n{name} = {value!r}" for name, value in small.items())
    execute(notebook, folder, weights)
    check_outputs(notebook)
    return notebook


@pytest.mark.notebooks
@lectures
def test_lecture_runs_without_vgg(path, tmp_path):
    run(path, tmp_path, tmp_path)


@pytest.mark.notebooks
@pytest.mark.parametrize("name", NEED_VGG)
def test_lecture_runs_with_vgg(name, tmp_path, vgg19_path):
    run(FOLDER / f"{name}.ipynb", tmp_path, vgg19_path.parent)
