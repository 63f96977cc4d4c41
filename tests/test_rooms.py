"""The house: which room may know which, and what users are shown of it."""

import ast
import doctest
import importlib
import os
import pydoc
import subprocess
import sys
import typing

import pytest
from helpers import PROJECT

import stylenet
from stylenet import quiet

PACKAGE = PROJECT / "stylenet"
PICTURES = (
    *("files", "memory", "extras", "decoding", "images", "sheets", "inputs", "colors", "weights"),
    *("catalog", "compact"),
    *("quality", "reports", "devices", "quiet", "errors", "locks"),
)
FORMULAS = (
    *("layers", "encoders", "features", "losses", "moments", "wct", "flow", "filters"),
    *("visualization", "optimization", "presets", "levels", "surroundings"),
)
METHODS = ("gatys", "feed_forward", "universal", "super_resolution", "extensions")
SHARED = ("training", "speed")
ABOVE = (
    *("stylizers", "advising", "video", "pipeline", "cluster", "batch"),
    *("figures", "notebook", "exercises", "page"),
    *("commands", "cli", "__main__"),
)
BUILDERS = ("layers", "encoders", "features", "feed_forward.network", "universal.decoders")


def modules():
    """Every module of the package by its name, without `stylenet.`."""
    paths = sorted(PACKAGE.rglob("*.py"))
    names = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in paths}
    return {name.removesuffix(".__init__"): path for name, path in names.items()}


def imports(path, known, everywhere=True):
    """The package's modules that a file imports; without those inside functions unless asked."""
    tree = ast.parse(path.read_text())
    nodes = ast.walk(tree) if everywhere else tree.body
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stylenet"):
            room = node.module.removeprefix("stylenet").lstrip(".")
            for alias in node.names:
                inner = f"{room}.{alias.name}".lstrip(".")
                found.add(inner if inner in known else room)
        elif isinstance(node, ast.Import):
            found |= {
                alias.name.removeprefix("stylenet").lstrip(".")
                for alias in node.names
                if alias.name.startswith("stylenet")
            }
    return {name for name in found if name in known and name not in ("", "__init__")}


def graph(everywhere=True):
    known = modules()
    return {name: imports(path, known, everywhere) for name, path in known.items()}


def room(name):
    return name.split(".")[0]


def arrows(lower, upper, everywhere=True):
    return [
        f"{name} -> {other}"
        for name, others in graph(everywhere).items()
        if room(name) in lower
        for other in others
        if room(other) in upper
    ]


def test_every_module_stands_in_a_known_place():
    places = {*PICTURES, *FORMULAS, *METHODS, *SHARED, *ABOVE, "__init__"}
    assert {room(name) for name in modules()} <= places


def test_no_modules_import_each_other_in_a_circle():
    edges = graph(everywhere=False)

    def circle(name, path):
        if name in path:
            return [*path[path.index(name) :], name]
        return next(filter(None, (circle(other, [*path, name]) for other in edges[name])), None)

    assert not list(filter(None, (circle(name, []) for name in edges)))


def test_pictures_do_not_know_formulas_and_formulas_no_methods():
    assert not arrows(PICTURES, (*FORMULAS, *METHODS, *SHARED, *ABOVE))
    assert not arrows(FORMULAS, (*METHODS, "training", *ABOVE))


def test_methods_do_not_know_who_uses_them():
    assert not arrows(METHODS, ABOVE, everywhere=False)
    assert not arrows(SHARED, ABOVE)


def test_builders_do_not_know_what_only_buys_speed():
    edges = graph()
    assert not [
        (name, other) for name in BUILDERS for other in edges[name] if room(other) == "speed"
    ]


def test_a_room_has_no_more_than_fourteen_modules_and_a_module_is_no_book():
    counts = {}
    for name, path in modules().items():
        counts[room(name)] = counts.get(room(name), 0) + 1
        assert len(path.read_text().splitlines()) <= 350, name
    assert max(counts.values()) <= 20, counts


# ---------------------------------------------------------------- the public face


@pytest.mark.parametrize("name", stylenet.__all__)
def test_what_is_public_is_there_and_says_what_it_is(name):
    thing = getattr(stylenet, name)
    assert isinstance(thing, str) or (thing.__doc__ or "").strip(), name


@pytest.mark.parametrize("name", (*METHODS, "video", *SHARED, "figures"))
def test_a_room_shows_what_its_stub_names(name):
    module = importlib.import_module(f"stylenet.{name}")
    assert module.__all__ and all(getattr(module, public) is not None for public in module.__all__)
    assert f"    {name} " in stylenet.__doc__  # a line each in help(stylenet)


def test_help_and_a_star_work_without_extras():
    code = "from stylenet import *; import pydoc, stylenet; pydoc.render_doc(stylenet)"
    blocked = "import sys; sys.modules.update(dict.fromkeys(['gradio', 'av', 'cv2', 'nbgrader']));"
    done = subprocess.run(
        [sys.executable, "-c", blocked + code], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_help_shows_the_rooms_and_not_each_module():
    text = pydoc.plain(pydoc.render_doc(stylenet))
    assert "the original method: the pixels of one picture are optimized" in text


EXAMPLES = [
    name
    for name, path in modules().items()
    if ">>>" in path.read_text() and room(name) not in ("video", "commands")
]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_the_docstrings_work(name, tmp_path):
    module = importlib.import_module(f"stylenet.{name}")
    names = {"getfixture": {"tmp_path": tmp_path}.get}
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS, extraglobs=names)
    assert not failed


ROOM_OF = {
    "gatys_loss": "gatys",
    "feature_extractor": "features",
    "whitening_coloring_transform": "wct",
    **dict.fromkeys(
        ("gram_matrix", "content_loss", "style_loss", "total_variation_loss"), "losses"
    ),
}
LECTURED = tuple(ROOM_OF)
FUNCTIONS = [name for name in stylenet.__all__ if callable(getattr(stylenet, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_users_call_has_an_example(name):
    assert ">>>" in getattr(stylenet, name).__doc__


@pytest.mark.parametrize("name", FUNCTIONS)
def test_type_hints_of_what_users_call_can_be_read(name):
    thing = getattr(stylenet, name)
    hints = typing.get_type_hints(thing.__init__ if isinstance(thing, type) else thing)
    assert hints or name in LECTURED


def test_editors_are_told_that_there_are_type_hints():
    assert (PACKAGE / "py.typed").is_file()


def test_what_lectures_teach_has_one_obvious_name():
    for name in LECTURED:
        assert getattr(stylenet, name) is getattr(getattr(stylenet, ROOM_OF[name]), name)


def test_tensorflow_is_imported_in_silence_and_not_before_it_is_needed():
    code = (
        "import sys, stylenet; assert 'tensorflow' not in sys.modules;"
        "import keras; keras.ops.zeros(1)"
    )
    environment = {name: os.environ[name] for name in os.environ if name != quiet.VARIABLE}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr


@pytest.mark.parametrize("level", [None, quiet.LEVEL, "1"])
def test_that_functions_are_compiled_often_is_told_to_who_asks_alone(level):
    """Of functions of the same code, TensorFlow mentions the fifth."""
    code = (
        "import stylenet, tensorflow as tf\n"
        "def function():\n"
        "    return tf.function(lambda x: x + 1)\n"
        "for _ in range(6):\n"
        "    function()(tf.ones(3))\n"
    )
    environment = {name: os.environ[name] for name in os.environ if name != quiet.VARIABLE}
    environment |= {quiet.VARIABLE: level} if level else {}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert ("triggered tf.function retracing" in done.stderr) is (level == "1")


def test_what_the_user_wants_tensorflow_to_say_stays(monkeypatch):
    monkeypatch.setenv(quiet.VARIABLE, "1")
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    before = list(sys.meta_path)
    quiet.silence_tensorflow()
    assert os.environ[quiet.VARIABLE] == "1" and sys.meta_path == before
