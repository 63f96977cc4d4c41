"""Nobody's files: nothing of somebody else's is replaced, and nothing is left of what failed."""

import json
import subprocess
import sys

from faults.table import Row, check, rows
from helpers import PROJECT

from stylenet.locks import locked

STYLIZE = "stylize photo.png -s mine.weights.h5"
TRAIN = "train painting.png --content photos --steps 2 --epoch-steps 1 --batch-size 1"
TRAIN += " --crop-size 32 --width 4 --start random --network slim"
DECODER = "train-decoder 1 --content photos --steps 2 --epoch-steps 1 --batch-size 2 --crop-size 32"
RUNS = ("x.weights.h5", "x.json", "x.csv", "x.checkpoint.npz")


@rows(
    Row(f"{STYLIZE} -o photo.png", "does not replace its input"),
    Row(f"{STYLIZE} -o out.png", "is a folder", there=("out.png/",)),
    Row(f"{STYLIZE} -o notes.txt/out.png", "is not a folder"),
    Row(f"{STYLIZE} -o ''", "Expected values that are not empty"),
    Row(f"{STYLIZE} --output=", "Expected values that are not empty"),
    Row("stylize photos -s mine.weights.h5 -o out", "Expected a folder", there=("out",)),
    Row("stylize photos -s mine.weights.h5 -o notes.txt/out", "notes.txt' is a file"),
    Row("stylize photos -s mine.weights.h5 -o out", "is a folder", there=("out/1.png/",)),
    Row("stylize photos -s mine.weights.h5 -o out --suffix /../../x.png", "is not one of"),
    Row("stylize photos -s wavve -o out", "Did you mean 'wave'?"),
    Row("universal photos painting.png -o out --network slin", "Did you mean 'slim'?"),
    Row("universal photos painting.png -o out --colors kep", "Did you mean 'keep'?"),
    Row("universal photos none.png -o out", "none.png"),
    Row("demo none.png -o out", "none.png"),
    Row("demo photo.png -o photo.png/out", "photo.png' is a file"),
    Row("demo photo.png -o notes.txt", "notes.txt' is a file"),
    Row("demo photo.png -o .", "is a folder", there=("contact_sheet.png/",)),
    Row("gatys photo.png painting.png -o out.png --preset gaty", "Did you mean 'gatys'?"),
    Row("gatys photo.png painting.png -o out.png --optimizer adan", "Did you mean 'adam'?"),
    Row("gatys photo.png painting.png -o photo.png", "does not replace its input"),
    Row("video clip.gif -s mine.weights.h5 -o clip.gif", "does not replace its input"),
    Row("video clip.gif -s mine.weights.h5 -o notes.txt/x.mp4", "is not a folder"),
    Row("video clip.gif -s mine.weights.h5 -o x.mp4", "rename it", there=("x.mp4.partial/a",)),
    Row("video clip.gif -s mine.weights.h5 -o x.mp4 --method fats", "Did you mean 'fast'?"),
    Row("video clip.gif -s wav -o x.mp4", "Did you mean 'wave'?"),
    Row("benchmark feed-forward -o notes.json", "rename it", there=("notes.json",)),
    Row("benchmark feed-forward -o notes.txt/x.json", "is not a folder"),
    Row("benchmark feedforward -o x.json", "Did you mean 'feed-forward'?"),
    Row("figures gabbor -o .", "Did you mean 'gabor'?"),
    Row("convert mine.weights.h5 mine.weights.h5 --overwrite", "Expected another output file"),
)
def test_outputs_and_names_are_checked_before_anything_is_made(row, here, capsys):
    check(row, here, capsys)


@rows(
    *(
        Row(f"{command} -o x.weights.h5 {more}", "that this program did not write", there=(name,))
        for command in (TRAIN, DECODER)
        for name in ("x.json", "x.csv")
        for more in ("", "--overwrite", "--resume")
    ),
    Row(f"{TRAIN} -o x.weights.h5", "did not write", there=("x.checkpoint.npz",)),
    Row(f"{TRAIN} -o x.weights.h5", "did not write", there=("x.previews/holiday.png",)),
    Row(f"{TRAIN} -o x.weights.h5", "is a folder", there=("x.csv/",)),
    Row(f"{TRAIN} -o x.weights.h5", "is a folder", there=("x.checkpoint.npz/",)),
    Row(f"{TRAIN} -o x.weights.h5 --tensorboard notes.txt", "notes.txt' is a file"),
    Row(f"{TRAIN} -o mine.weights.h5 --start mine.weights.h5", ("--resume", "--overwrite")),
    Row(f"{TRAIN} -o mine.weights.h5", ("--resume", "--overwrite")),
    Row(f"{TRAIN} -o x.weights.h5 --resume", "Expected a checkpoint to resume from"),
    Row(f"{TRAIN} -o x.weights.h5 --resume --overwrite", "either resume or overwrite"),
    Row(f"{TRAIN} -o x.weights.h5 --preset enstrom", "Did you mean 'engstrom'?"),
    Row(f"{TRAIN} -o x.weights.h5 --optimizer muom", "Did you mean 'muon'?"),
    Row(f"{TRAIN} -o x.weights.h5 --learning-rate nan", "learning-rate"),
    Row(f"{TRAIN} -o x.weights.h5 --learning-rate inf", "learning_rate to be a number"),
    Row(f"{TRAIN} -o x.weights.h5 --style-weight nan", "style-weight"),
    Row(f"{TRAIN} -o x.weights.h5 --batch-size 1000000", "batch_size to be a whole number"),
    Row(f"{TRAIN} -o x.weights.h5 --width 100000000", "width to be a whole number"),
    Row(f"{TRAIN} -o x.weights.h5 --weights none.h5", "There is no file none.h5"),
    Row(f"{DECODER} -o x.weights.h5 --network slimm", "Did you mean 'slim'?"),
    Row(f"{DECODER} -o x.weights.h5 --texture-weight nan", "texture-weight"),
    Row(f"{DECODER} -o x.weights.h5 --start none.h5", "none.h5"),
    Row(f"{DECODER} -o mine.weights.h5", ("--resume", "--overwrite")),
)
def test_runs_replace_nothing_that_is_not_theirs(row, here, capsys):
    check(row, here, capsys)


@rows(Row(f"{TRAIN} -o x.weights.h5", (), 0, RUNS), Row(f"{DECODER} -o x.weights.h5", (), 0, RUNS))
def test_an_earlier_run_is_told_with_both_ways_out(row, here, capsys, uncompiled):
    check(row, here, capsys)
    check(row._replace(said=("--resume", "--overwrite"), status=2, left=()), here, capsys)
    check(
        row._replace(command=f"{row.command} --resume", said="more steps", status=2), here, capsys
    )
    (here / "x.weights.h5").unlink()  # as if it was cut when only that was missing
    check(row._replace(command=f"{row.command} --resume"), here, capsys, changes=("x.json",))
    assert json.loads((here / "x.json").read_text())["bytes"] == len(
        (here / "x.weights.h5").read_bytes()
    )


@rows(
    Row(f"{TRAIN} -o x.weights.h5", "another process"),
    Row(f"{DECODER} -o x.weights.h5", "another process"),
    Row("video clip.gif -s mine.weights.h5 -o x.gif", "another process"),
)
def test_a_second_process_with_one_output_is_told(row, here, capsys):
    with locked(here / row.command.split(" -o ")[1]):
        check(row, here, capsys)


def test_typos_are_told_before_tensorflow_is_imported(here):
    """As whoever waits for them notices: all in one process, whose modules are looked at."""
    commands = (
        "stylize photo.png -s wavve -o o.png",
        "stylize photo.png -s wave -o o.png --colors kep",
        "universal photo.png painting.png -o o.png --network slin",
        "gatys photo.png painting.png -o o.png --preset gaty",
        "video clip.gif -s wavve -o o.mp4",
        "video clip.gif -o o.mp4 --method fats",
        f"{TRAIN} -o o.weights.h5 --preset enstrom",
        f"{TRAIN} -o o.weights.h5 --start wavve",
        f"{DECODER} -o o.weights.h5 --network slin",
        "benchmark gaty -o o.json",
    )
    code = (
        "import sys\n"
        "from stylenet import cli\n"
        f"for command in {commands!r}:\n"
        "    sys.argv = ['stylenet', *command.split()]\n"
        "    try: cli.main()\n"
        "    except SystemExit as error: assert error.code == 2, command\n"
        "    assert not {'tensorflow', 'keras', 'jax'} & set(sys.modules), command\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=here,
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(commands) and all("Did you mean" in line for line in lines), lines
