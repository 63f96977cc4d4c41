"""Nobody's files: nothing of somebody else's is replaced, and nothing is left of what failed."""

from faults.table import Row, check, rows

STYLIZE = "stylize photo.png -s mine.weights.h5"


@rows(
    Row(f"{STYLIZE} -o photo.png", "does not replace its input"),
    Row(f"{STYLIZE} -o out.png", "is a folder", there=("out.png/",)),
    Row(f"{STYLIZE} -o notes.txt/out.png", "is not a folder"),
    Row("stylize photos -s mine.weights.h5 -o out", "Expected a folder", there=("out",)),
    Row("stylize photos -s wavve -o out", "Did you mean 'wave'?"),
    Row("demo none.png -o out", "none.png"),
    Row("demo photo.png -o photo.png/out", "photo.png"),
    Row("video clip.gif -s mine.weights.h5 -o x.mp4", "rename it", there=("x.mp4.partial/a",)),
)
def test_outputs_that_can_not_be_written(row, here, capsys):
    check(row, here, capsys)
