"""The commands as a user runs them: exit status, one line on stderr, outputs untouched."""

import dataclasses
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from helpers import PROJECT, fails, in_process_of_its_own, run, shown_in_a_terminal

import stylenet
from stylenet import devices, files, images, reports, weights
from stylenet.commands import COMMANDS, add_style, options, program, train, train_decoder
from stylenet.feed_forward.settings import ManySettings, StyleSettings
from stylenet.presets import PRESETS
from stylenet.universal.settings import DecoderSettings


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """The path of a style of our own."""
    import keras

    from stylenet.feed_forward.network import transform_net

    keras.utils.set_random_seed(0)
    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    path = tmp_path_factory.mktemp("style") / "mine.weights.h5"
    weights.save_network(transform_net(**options), path, options)
    return path


@pytest.fixture
def here(mine, tmp_path, monkeypatch):
    """A folder to work in, with a photograph and a style of our own."""
    shutil.copy(mine, tmp_path)
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


@pytest.mark.parametrize("words", [[], ["stylize"]])
def test_help_shows_no_type_of_a_flag(capsys, words):
    _, out, _ = run(capsys, *words, "--help")
    assert "--help" in out and "<bool>" not in out


@pytest.mark.parametrize("word", ["--help", "--quiet"])
def test_in_a_terminal_the_first_word_comes_at_once_and_goes(word, here):
    first, *others = shown_in_a_terminal("styles", folder=here)
    assert first == f"{reports.CLEAR}starting ..."
    assert "".join(others).startswith(f"{reports.CLEAR}composition_vii ")
    assert "starting" not in "".join(shown_in_a_terminal("styles", word, folder=here))


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
        (["photo.png", "-s", "mine.weights.h5", "-o", "photo.png/o.png"], "is not a folder"),
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
        (["photo.png", "photo2.png", "-s", "wave,mine.weights.h5"], "one network"),
        (["photo.png"], "--style"),
        ([], "PHOTO"),
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
        (["photo.png", "--content", ".", "-o", "photo.png/x.weights.h5"], "is not a folder"),
        (
            ["photo.png", "-s", "photo.png", "--content", ".", "-o", "x.weights.h5"],
            "different names",
        ),
        (["photo.png", "--content", ".", "-o", "x.weights.h5", "--steps", "7"], "multiple"),
        (["photo.png", "-o", "x.weights.h5"], "content"),
    ],
)
def test_bad_training_input_is_one_line_and_writes_nothing(here, capsys, arguments, message):
    (here / "folder").mkdir()
    before = sorted(here.rglob("*"))
    assert message in fails(capsys, "train", *arguments)
    assert sorted(here.rglob("*")) == before


LOSSES = {"network": "vgg16", "style_layers": {"block1_conv1": 1.0}, "tv_weight": 0.0}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("train a.jpg", StyleSettings()),
        ("train a.jpg --width 8 --start wave", StyleSettings(width=8, start="wave")),
        (
            "train a.jpg --network vgg16 --style-layer block1_conv1 --tv-weight 0",
            StyleSettings(preset=PRESETS["engstrom"]._replace(**LOSSES)),
        ),
        ("train a.jpg -s b.jpg --seed 3", ManySettings(seed=3)),
        ("train-decoder 2 --style-weight 0", DecoderSettings(level=2, style_weight=0.0)),
    ],
)
def test_options_are_the_settings_of_their_names(capsys, monkeypatch, words, expected):
    found = []

    def stop(*given, **more):
        found.append(given[-1])
        raise ValueError("Stopped.")

    for check in ("feed_forward.settings.check", "feed_forward.settings.check_many"):
        monkeypatch.setattr(f"stylenet.{check}", stop)
    monkeypatch.setattr("stylenet.universal.settings.check", stop)
    told = fails(capsys, *words.split(), "--content", ".", "-o", "x.weights.h5")
    assert told == "stylenet: Stopped.\n" and found == [expected]


# What the training commands use themselves; "weights" are the loss network's.
OWN = {"painting", "content", "output", "style", "weights", "preview", "resume", "overwrite"}
OF_LOSS = {"network", "content_layer", "style_layers", "content_weight", "style_weight"}
OF_TRAIN = OWN | OF_LOSS | {"tv_weight", "preview_epochs", "tensorboard", "devices"}


@pytest.mark.parametrize(
    ("command", "kinds", "own"),
    [
        (train, (StyleSettings, ManySettings), OF_TRAIN),
        (add_style, (ManySettings,), OWN | {"to", "name"}),
        (train_decoder, (DecoderSettings,), OWN - {"painting", "style"}),
    ],
)
def test_every_option_of_a_training_is_a_setting_or_used_by_the_command(command, kinds, own):
    """`settings_of` leaves out what is no setting: an option misspelled would do nothing."""
    fields = {field.name for kind in kinds for field in dataclasses.fields(kind)}
    names = set(inspect.signature(command).parameters)
    assert names - fields - own == set()
    assert len(names & fields) > 5


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
        (["old.npz", "mine.weights.h5"], "--overwrite"),
    ],
)
def test_what_is_no_old_weights_file_is_not_converted(here, capsys, arguments, message):
    before = sorted(here.rglob("*"))
    assert message in fails(capsys, "convert", *arguments)
    assert sorted(here.rglob("*")) == before


GATYS = ["gatys", "photo.png", "-s", "photo.png"]


@pytest.fixture(scope="module")
def vgg19_file(tmp_path_factory):
    """VGG19 with random weights, in Keras' format."""
    import keras

    path = tmp_path_factory.mktemp("vgg19") / "vgg19.weights.h5"
    keras.applications.VGG19(include_top=False, weights=None).save_weights(path)
    return path


def test_gatys_draws_a_picture_of_the_photographs_size(here, capsys, vgg19_file):
    images.save_image("left.png", np.tile([[[255.0] * 3], [[0.0] * 3]], (15, 1, 1)).repeat(41, 1))
    options = ["--steps", 2, "--weights", vgg19_file, "--mask", "left.png", "--colors", "keep"]
    code, out, _ = run(capsys, *GATYS, "-o", "out.png", *options, "--tv-weight", 1)
    assert code == 0
    assert "41 x 30 pixels take about" in out and "GB of memory" in out
    assert images.load_image("out.png").shape == (30, 41, 3)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["-o", "photo.png"], "does not replace its input"),
        (["-o", "out.txt"], "file name that ends in"),
        (["-o", "photo.png/out.png"], "is not a folder"),
        (["missing.png", "-o", "out.png"], "missing.png"),
        (["-o", "out.png", "--mask", "missing.png"], "missing.png"),
        (["-o", "out.png", "--start", "missing.png"], "missing.png"),
        (["-o", "out.png", "--colors", "none"], "'none' is not one of 'style'"),
        (["-o", "out.png", "--preset", "cours"], "Did you mean 'course'?"),
        (["-o", "out.png", "--optimizer", "none"], "'none' is not one of 'lbfgs'"),
        (["-o", "out.png", "--share", "1,2"], "share for each"),
        (["-o", "out.png", "--scales", "9"], "at the coarsest"),
        (["-o", "out.png", "--weights", "missing.h5"], "missing.h5"),
        (["-o", "out.png", "--steps", "0"], "steps"),
    ],
)
def test_bad_input_of_gatys_is_one_line_and_writes_nothing(
    here, capsys, vgg19_file, arguments, message
):
    if "--weights" not in arguments:
        arguments = [*arguments, "--weights", str(vgg19_file)]
    before = sorted(here.iterdir())
    assert message in fails(capsys, *GATYS, *arguments)
    assert sorted(here.iterdir()) == before


def test_unknown_commands_and_options_are_one_line(capsys):
    assert "nothing" in fails(capsys, "nothing")
    assert "--nothing" in fails(capsys, "styles", "--nothing")
    assert "Did you mean 'stylize'" in fails(capsys, "styliez")


def test_a_misread_line_names_the_help_of_its_command(capsys):
    assert fails(capsys, "universal").endswith("Try 'stylenet universal --help'.\n")
    assert fails(capsys, "nothing").endswith("Try 'stylenet --help'.\n")


def test_every_option_and_argument_has_a_sentence_and_a_word_for_its_type():
    for name, command in typer.main.get_command(program.app).commands.items():
        for each in command.params:
            assert (each.help or "").strip().endswith((".", "!")), (name, each.name)
            known = each.is_flag if each.param_type_name == "option" else False
            choices = each.type_descriptor.is_choice
            assert known or choices or each.metavar, (name, each.name)


def test_one_thing_has_one_name_in_all_commands():
    """What gives the style, how much, loss networks and their weights, sizes."""
    taken = {
        name
        for command in typer.main.get_command(program.app).commands.values()
        for each in command.params
        for name in each.opts
    }
    assert {"--style", "--strength", "--network", "--weights", "--scales", "--levels"} <= taken
    assert not taken & {"--alpha", "--vgg-weights", "--encoder-weights", "--loss-network"}


def test_old_names_work_with_a_note(here, capsys):
    arguments = ["photo.png", "photo.png", "-o", "out.png", "--levels", "2,1"]
    code, _, err = run(capsys, "universal", *arguments, "--alpha", 0)
    assert code == 0
    assert err == "stylenet: note: --alpha is now called --strength.\n"
    assert images.load_image("out.png").shape == (30, 41, 3)


def test_repetition_and_commas_are_one(capsys):
    command = typer.main.get_command(program.app).commands["universal"]
    for words in (["--share", "2,1"], ["--share", "2", "--share", "1"], ["--share=2,1"]):
        context = command.make_context("universal", ["photo.png", *words])
        assert context.params["share"] == [2.0, 1.0]


def test_a_file_with_a_comma_in_its_name_is_one(here):
    (here / "a,b.png").touch()
    command = typer.main.get_command(program.app).commands["universal"]
    context = command.make_context(
        "universal", ["photo.png", "-s", "a,b.png,c.png", "-s", "a,b.png"]
    )
    assert context.params["style"] == ["a", "b.png", "c.png", "a,b.png"]


def test_a_missing_folder_is_made_and_the_last_line_says_what_was_written(here, capsys):
    arguments = ["stylize", "photo.png", "-s", "mine.weights.h5", "-o", "new/folder/out.png"]
    code, out, err = run(capsys, *arguments)
    assert code == 0 and err == ""
    first, last = out.splitlines()
    assert first == f"drawing 41 x 30 with mine on {devices.describe()} ..."
    assert re.fullmatch(r"Wrote new/folder/out.png after \d+\.\d s\.", last)
    assert images.load_image("new/folder/out.png").shape == (30, 41, 3)
    assert run(capsys, *arguments, "--quiet") == (0, "", "")


def test_without_an_output_the_result_is_called_after_photograph_and_style(here, capsys):
    code, _, _ = run(capsys, "stylize", "photo.png", "-s", "mine.weights.h5")
    assert code == 0
    assert (here / "photo_mine.png").is_file()
    assert options.output_for(["a", "b"], ["x.jpg", "y.jpg"]) == Path("photographs_x_y")
    assert options.output_for([here], ["wave"]) == Path(f"{here.name}_wave")


@pytest.mark.slow
def test_stylize_takes_the_method_that_can_draw_a_painting(here, capsys):
    code, out, _ = run(capsys, "stylize", "photo.png", "-s", "photo.png", "-o", "out.png")
    assert code == 0
    assert out.startswith("drawing 41 x 30 with photo.png, by onepass on ")
    photo = images.load_image("photo.png")
    expected = stylenet.universal.OnePass().stylize(photo, photo, 0.5)
    assert np.abs(images.load_image("out.png") - np.rint(expected)).max() <= 1


@pytest.mark.slow
def test_one_pass_draws_with_a_network_of_ones_own(here, capsys):
    from stylenet.universal.onepass import OnePass, onepass_net

    options = {"width": 12, "conditions": 3}
    weights.save_network(onepass_net(**options), here / "any.weights.h5", options)
    arguments = ["universal", "photo.png", "-s", "photo.png", "-o", "out.png"]
    more = ["--method", "onepass", "--weights", "any.weights.h5", "--strength", 0.7]
    assert run(capsys, *arguments, *more)[0] == 0
    photo = images.load_image("photo.png")
    expected = OnePass(here / "any.weights.h5").stylize(photo, photo, 0.7)
    assert np.abs(images.load_image("out.png") - np.rint(expected)).max() <= 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--levels", "2,1"], "--levels"),
        (["--network", "vgg19"], "--network"),
        (["--recipe", "li", "--transform", "adain"], "--recipe and --transform"),
        (["--strength", "0.2,0.4"], "several strengths"),
    ],
)
def test_one_pass_refuses_what_it_does_not_have(here, capsys, words, told):
    arguments = ["universal", "photo.png", "-s", "photo.png", "--method", "onepass", *words]
    said = fails(capsys, *arguments)
    assert "--method levels" in said and told in said


def test_universal_takes_a_recipe_and_a_transform(here, capsys):
    arguments = ["universal", "photo.png", "-s", "photo.png", "-o", "out.png", "--levels", "2,1"]
    assert run(capsys, *arguments, "--recipe", "li", "--transform", "transport")[0] == 0
    photo = images.load_image("photo.png")
    told = {"recipe": "li", "transform": "transport"}
    expected = stylenet.UniversalStylizer(**told).stylize(photo, photo, 0.6, (2, 1))
    assert np.abs(images.load_image("out.png") - np.rint(expected)).max() <= 1
    assert "transport" in fails(capsys, *arguments, "--transform", "transprot")


def test_a_style_where_a_painting_belongs_names_the_command(here, capsys):
    told = fails(capsys, "universal", "photo.png", "-s", "wave")
    assert "stylenet stylize photo.png -s wave" in told


DRAWN = {  # what reaches the method, by the words of the command
    "gatys": {
        "": {"preset": "gatys", "num_steps": 500, "start": "content", "optimizer": "lbfgs"}
        | {"scales": 1, "strength": 1.0, "colors": "style", "weights": "imagenet", "seed": 0},
        "--structure 0.4 --tv-weight 0 --style-size 99 --seed 7": {
            **{"structure": 0.4, "tv_weight": 0.0, "style_size": 99, "seed": 7}
        },
        "--pooling max --share 1 --statistics sliced --network slim": {
            **{"pooling": "max", "shares": [1.0], "statistics": "sliced", "network": "slim"}
        },
    },
    "universal": {
        "": {"style_size": 512, "colors": "style"},
        "--strength 0.3 --transform adain --recipe li": {
            **{"alpha": 0.3, "transform": "adain", "recipe": "li"}
        },
        "--strength 0.3,0.4 --levels 3,1 --network vgg19 --weights w.h5": {
            **{"alpha": [0.3, 0.4], "levels": [3, 1], "network": "vgg19", "weights": "w.h5"}
        },
        "--method onepass --strength 0.2 --share 2 --style-size 99": {
            **{"emphasis": 0.2, "shares": [2.0], "style_size": 99}
        },
    },
}


@pytest.mark.parametrize(
    ("name", "words"), [(name, words) for name, all_words in DRAWN.items() for words in all_words]
)
def test_what_is_given_reaches_the_method(here, monkeypatch, name, words):
    """And what is not given is left to it."""

    class Drawn(Exception):
        pass

    def stop(style, method, **given):
        raise Drawn(method, given)

    monkeypatch.setattr("stylenet.stylizers.stylizer", stop)
    command = [name, "photo.png", "-s", "photo.png", *words.split()]
    with pytest.raises(Drawn) as ended:
        typer.main.get_command(program.app).main(command, standalone_mode=False)
    method, given = ended.value.args
    assert method == ("onepass" if "onepass" in words else name)
    expected = DRAWN[name][""] | DRAWN[name][words]
    assert given == expected
    known = inspect.signature(stylenet.stylizers.METHODS[method]).parameters
    assert given.keys() <= {*known, "strength", "colors"}


@pytest.mark.parametrize("name", ["stylize", "universal", "gatys", "video"])
def test_first_words_are_said_before_anything_slow_is_imported(name, here):
    code = (
        "import sys\n"
        "from stylenet import cli, reports\n"
        "slow = {'numpy', 'PIL', 'keras'}, {'typer', 'pydantic'}\n"
        "reports.status = lambda text: print(text, *(each & set(sys.modules) for each in slow))\n"
        "sys.argv = ['stylenet', sys.argv[1], 'none.png', '-s', 'none.jpg']\n"
        "cli.main()"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", code, name]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    first, second = done.stdout.splitlines()
    assert first == "starting ... set() set()", done.stdout + done.stderr
    assert second.startswith("reading none.png ... set() ")


def test_a_typo_is_told_without_importing_what_takes_seconds(here):
    """Nor what is missing: a style, a choice, a file or a package that is not there."""
    code = (
        "import sys\n"
        "sys.modules['cv2'] = None\n"
        "from stylenet import cli\n"
        "for line in sys.argv[1:]:\n"
        "    sys.argv = ['stylenet', *line.split()]\n"
        "    try: cli.main()\n"
        "    except SystemExit as e: assert e.code == 2, line\n"
        "    assert not {'tensorflow', 'keras', 'jax', 'scipy'} & set(sys.modules), line"
    )
    lines = [
        "stylize photo.png -s waev",
        "stylize photo.pgn -s wave",
        "stylize photo.png -s wave --colors kep",
        "universal photo.png -s panting.jpg",
        "universal photo.png -s photo.png --network slin",
        "gatys photo.png -s photo.png --preset curse",
        "gatys photo.png -s photo.png --mask sky.png",
        "restyle photo.png patern.jpg --mask photo.png",
        "restyle photo.png photo.png --box 1,2,30,20 -o out.png",
        "video clip.mpp4 -s wave -o out.mp4 --method fst",
        "train panting.jpg --content . -o x.weights.h5",
        "train photo.png --content photgraphs -o x.weights.h5",
        "train photo.png --content . -o x.weights.h5 --start waev",
        "train-decoder 7 --content . -o x.weights.h5",
        "train-decoder 3 --content . -o x.h5",
        "convert photo.png new.h5",
    ]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", code, *lines]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == len(lines)


def test_every_shipped_style_is_listed_with_its_record(capsys):
    code, out, _ = run(capsys, "styles")
    assert code == 0
    for name, record in weights.styles().items():
        assert name in out
        assert record["summary"] in out


def test_demo_writes_a_picture_a_style_and_a_contact_sheet(here, capsys):
    images.save_image("other.png", np.full((24, 48, 3), 90.0))
    code, out, _ = run(capsys, "demo", "photo.png", "other.png", "-o", "out")
    assert out.startswith("drawing 2 photographs with ")
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
    assert "'--suffix'" in fails(capsys, "stylize", *arguments)
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
