"""The commands as a user runs them: exit status, one line on stderr, outputs untouched."""

import os
import subprocess
import sys

import numpy as np
import pytest
from helpers import PROJECT, fails, in_process_of_its_own, run

from stylenet import files, images, weights
from stylenet.commands import COMMANDS


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to work in, with a photograph and a style of our own."""
    import keras

    from stylenet.feed_forward.network import transform_net

    keras.utils.set_random_seed(0)
    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(transform_net(**options), tmp_path / "mine.weights.h5", options)
    random = np.random.default_rng(0)
    images.save_image(tmp_path / "photo.png", random.uniform(0, 255, (30, 41, 3)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_does_not_import_tensorflow():
    code = (
        "import sys; sys.argv = ['stylenet', '--help']\n"
        "from stylenet import cli\n"
        "try: cli.main()\n"
        "except SystemExit as e: assert e.code == 0\n"
        "assert not {'tensorflow', 'keras', 'jax', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=True, capture_output=True)


@pytest.mark.parametrize("command", [each.__name__.replace("_", "-") for each in COMMANDS])
def test_every_command_has_help_with_an_example(capsys, command):
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    if command != "styles":
        assert "Example: stylenet" in out


@pytest.mark.slow
def test_errors_are_one_line_in_a_process_of_its_own(here):
    for arguments in (
        ("stylize", "photo.png", "-s", "nobody", "-o", "out.png"),
        ("stylize", "missing.png", "-s", "mine.weights.h5", "-o", "out.png"),
        ("train", "missing.png", "--content", ".", "-o", "x.weights.h5"),
    ):
        result = in_process_of_its_own(*arguments, folder=here)
        assert result.returncode == 2
        assert result.stderr.count("\n") == 1, result.stderr
        assert result.stderr.startswith("stylenet: ")
    assert not (here / "out.png").exists()


def test_a_photograph_becomes_a_picture_of_its_size(here, capsys):
    code, _, _ = run(capsys, "stylize", "photo.png", "-s", "mine.weights.h5", "-o", "out.png")
    assert code == 0
    assert images.load_image("out.png").shape == (30, 41, 3)


def test_max_size_limits_the_longer_side(here, capsys):
    arguments = ("stylize", "photo.png", "-s", "mine.weights.h5", "-o", "o.png")
    code, _, _ = run(capsys, *arguments, "--max-size", 20)
    assert code == 0
    assert max(images.load_image("o.png").shape[:2]) == 20


def test_folders_and_patterns_of_mixed_sizes_go_to_a_folder(here, capsys):
    (here / "in").mkdir()
    for i, size in enumerate([(20, 30, 3), (33, 17, 3)]):
        images.save_image(here / "in" / f"{i}.jpg", np.full(size, 90.0))
    code, _, _ = run(capsys, "stylize", "in", "photo.png", "-s", "mine.weights.h5", "-o", "out")
    assert code == 0
    assert sorted(path.name for path in (here / "out").iterdir()) == ["0.png", "1.png", "photo.png"]
    assert images.load_image("out/1.png").shape == (33, 17, 3)
    code, _, _ = run(
        capsys, "stylize", "in/*.jpg", "-s", "mine.weights.h5", "-o", "two", "--suffix", ".webp"
    )
    assert code == 0
    assert sorted(path.name for path in (here / "two").iterdir()) == ["0.webp", "1.webp"]


def test_a_batch_that_meets_a_bad_file_reports_it_and_goes_on(here, capsys):
    (here / "in").mkdir()
    images.save_image(here / "in" / "a.png", np.full((16, 16, 3), 90.0))
    (here / "in" / "b.png").write_bytes(b"")
    images.save_image(here / "in" / "c.png", np.full((16, 16, 3), 90.0))
    code, _, err = run(capsys, "stylize", "in", "-s", "mine.weights.h5", "-o", "out")
    assert code == 1
    assert "b.png" in err
    assert "Traceback" not in err
    assert sorted(path.name for path in (here / "out").iterdir()) == ["a.png", "c.png"]


def test_folders_inside_folders_are_kept_and_the_rest_is_named(here, capsys):
    (here / "in" / "sub").mkdir(parents=True)
    for name in ("in/a.png", "in/sub/a.png"):
        images.save_image(here / name, np.full((20, 30, 3), 90.0))
    (here / "in" / "notes.txt").touch()
    arguments = ["stylize", "in", "-s", "mine.weights.h5", "-o", "out"]
    code, _, err = run(capsys, *arguments)
    assert code == 0 and "left out: 1 folder, 1 .txt file" in err
    assert [path.name for path in (here / "out").rglob("*.png")] == ["a.png"]
    code, _, _ = run(capsys, *arguments, "--recursive")
    assert code == 0
    found = {str(path.relative_to(here / "out")) for path in (here / "out").rglob("*.png")}
    assert found == {"a.png", "sub/a.png"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.png", "-s", "mine.weights.h5", "-o", "o.png"], "missing.png"),
        (["photo.png", "-s", "nobody", "-o", "o.png"], "nobody"),
        (["photo.png", "-s", "no.weights.h5", "-o", "o.png"], "no.weights.h5"),
        (["photo.png", "-s", "photo.h5", "-o", "o.png"], "photo.h5"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "o.xyz"], ".xyz"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "no/o.png"], "no"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "photo.png"], "does not replace its input"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "o.png", "--strength", "2"], "strength"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "o.png", "--strength", "x"], "strength"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "o.png", "--colors", "red"], "colors"),
        (["photo.png", "-s", "mine.weights.h5", "-o", "o.png", "--max-size", "0"], "max-size"),
        (["empty.png", "-s", "mine.weights.h5", "-o", "o.png"], "empty.png"),
        (["text.jpg", "-s", "mine.weights.h5", "-o", "o.png"], "text.jpg"),
        (["cut.png", "-s", "mine.weights.h5", "-o", "o.png"], "cut.png"),
        (["folder", "-s", "mine.weights.h5", "-o", "out"], "folder"),
        (["photo.png", "photo2.png", "-s", "mine.weights.h5", "-o", "o.png"], "folder"),
        (["photo.png", "-s", "mine.weights.h5"], "output"),
        ([], "photos"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(here, capsys, arguments, message):
    (here / "empty.png").touch()
    (here / "text.jpg").write_text("no picture")
    (here / "photo.h5").write_text("no weights")
    (here / "cut.png").write_bytes((here / "photo.png").read_bytes()[:500])
    (here / "photo2.png").write_bytes((here / "photo.png").read_bytes())
    (here / "folder").mkdir()
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    assert message in fails(capsys, "stylize", *arguments)
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["photo.png", "--content", "folder", "-o", "x.weights.h5"], "folder"),
        (["photo.png", "--content", ".", "-o", "x.weights.h5"], "at least 256 pixels"),
        (["none.png", "--content", ".", "-o", "x.weights.h5"], "none.png"),
        (["photo.png", "--content", ".", "-o", "x.h5"], ".weights.h5"),
        (["photo.png", "--content", ".", "-o", "no/x.weights.h5"], "no/x.weights.h5"),
        (["photo.png", "--content", ".", "-o", "x.weights.h5", "--steps", "7"], "multiple"),
        (["photo.png", "-o", "x.weights.h5"], "content"),
    ],
)
def test_bad_training_input_is_one_line_and_writes_nothing(here, capsys, arguments, message):
    (here / "folder").mkdir()
    before = sorted(here.rglob("*"))
    assert message in fails(capsys, "train", *arguments)
    assert sorted(here.rglob("*")) == before


def test_an_unwritable_output_is_refused(here, capsys, monkeypatch):
    def refuse(path, *arguments):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files, "check_writable", refuse)
    err = fails(capsys, "train", "photo.png", "--content", ".", "-o", "x.weights.h5")
    assert "Permission denied: x.weights.h5" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.h5", "new.weights.h5"], "none.h5"),
        (["photo.png", "new.weights.h5"], "photo.png"),
        (["mine.weights.h5", "new.weights.h5"], "mine.weights.h5"),
        (["mine.weights.h5", "new.h5"], ".weights.h5"),
    ],
)
def test_what_is_no_old_weights_file_is_not_converted(here, capsys, arguments, message):
    before = sorted(here.rglob("*"))
    assert message in fails(capsys, "convert", *arguments)
    assert sorted(here.rglob("*")) == before


GATYS = ["gatys", "photo.png", "photo.png"]


@pytest.fixture
def vgg19_file(tmp_path):
    """VGG19 with random weights, in Keras' format."""
    import keras

    path = tmp_path / "vgg19.weights.h5"
    keras.applications.VGG19(include_top=False, weights=None).save_weights(path)
    return path


def test_gatys_draws_a_picture_of_the_photographs_size(here, capsys, vgg19_file):
    images.save_image("left.png", np.tile([[[255.0] * 3], [[0.0] * 3]], (15, 1, 1)).repeat(41, 1))
    options = ["--steps", 2, "--vgg-weights", vgg19_file, "--mask", "left.png", "--colors", "keep"]
    code, out, _ = run(capsys, *GATYS, "-o", "out.png", *options, "--tv-weight", 1)
    assert code == 0
    assert "41 x 30 pixels take about" in out and "GB of memory" in out
    assert images.load_image("out.png").shape == (30, 41, 3)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["-o", "photo.png"], "does not replace its input"),
        (["-o", "out.txt"], "file name that ends in"),
        (["-o", "no/out.png"], "folder does not exist"),
        (["missing.png", "-o", "out.png"], "missing.png"),
        (["-o", "out.png", "--mask", "missing.png"], "missing.png"),
        (["-o", "out.png", "--start", "missing.png"], "missing.png"),
        (["-o", "out.png", "--colors", "none"], "colors to be one of"),
        (["-o", "out.png", "--preset", "none"], "preset to be one of"),
        (["-o", "out.png", "--optimizer", "none"], "optimizer to be one of"),
        (["-o", "out.png", "--share", "1", "--share", "2"], "share for each"),
        (["-o", "out.png", "--levels", "9"], "at the coarsest"),
        (["-o", "out.png", "--vgg-weights", "missing.h5"], "missing.h5"),
        (["-o", "out.png", "--steps", "0"], "steps"),
    ],
)
def test_bad_input_of_gatys_is_one_line_and_writes_nothing(
    here, capsys, vgg19_file, arguments, message
):
    if "--vgg-weights" not in arguments:
        arguments = [*arguments, "--vgg-weights", str(vgg19_file)]
    before = sorted(here.iterdir())
    assert message in fails(capsys, *GATYS, *arguments)
    assert sorted(here.iterdir()) == before


def test_unknown_commands_and_options_are_one_line(capsys):
    assert "nothing" in fails(capsys, "nothing")
    assert "--nothing" in fails(capsys, "styles", "--nothing")


def test_every_shipped_style_is_listed_with_its_record(capsys):
    code, out, _ = run(capsys, "styles")
    assert code == 0
    for name, record in weights.styles().items():
        assert name in out
        assert record["summary"] in out


def test_demo_writes_a_picture_a_style_and_a_contact_sheet(here, capsys):
    images.save_image("other.png", np.full((24, 48, 3), 90.0))
    code, out, _ = run(capsys, "demo", "photo.png", "other.png", "-o", "out")
    assert code == 0
    names = {path.name for path in (here / "out").iterdir()}
    drawn = {f"{photo}_{style}.png" for photo in ("photo", "other") for style in weights.styles()}
    assert names == drawn | {"contact_sheet.png"}
    assert all(f"out/{name}" in out for name in names)
    assert len(images.load_image("out/contact_sheet.png")) > 4 * 256


def test_a_suffix_can_not_lead_out_of_the_folder(here, capsys):
    (here / "in").mkdir()
    images.save_image(here / "in" / "a.png", np.full((20, 30, 3), 90.0))
    before = sorted(here.rglob("*"))
    arguments = ["in", "-s", "mine.weights.h5", "-o", "out", "--suffix", "/../../x.png"]
    assert "Expected a suffix among" in fails(capsys, "stylize", *arguments)
    assert sorted(here.rglob("*")) == before


def test_demo_does_not_replace_its_photograph(here, capsys):
    images.save_image(here / "contact_sheet.png", np.full((20, 30, 3), 90.0))
    before = (here / "contact_sheet.png").read_bytes()
    told = fails(capsys, "demo", "contact_sheet.png", "-o", ".")
    assert "does not replace its input" in told
    assert (here / "contact_sheet.png").read_bytes() == before


def test_names_that_are_not_utf_8_are_told_with_replacements(here):
    done = subprocess.run(
        [sys.executable, "-m", "stylenet", "stylize", b"caf\xe9.png", "-s", "wave", "-o", "o.png"],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1 and b"Traceback" not in done.stderr


def test_demo_with_a_missing_photograph_writes_nothing(here, capsys):
    assert "missing.png" in fails(capsys, "demo", "photo.png", "missing.png", "-o", "out")
    assert not (here / "out").exists()
