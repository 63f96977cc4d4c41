"""Makes the class's version of the assignments, and grades what comes back, with nbgrader.

    python course.py release out/ --seed 2027     # out/assignments/ and out/assignments.zip
    python course.py grade SUBMISSIONS out/ --seed 2027

`SUBMISSIONS` has a folder a student with any of `1_losses.ipynb` ... `6_doodle.ipynb` in it, or
deeper, or archives; `grade` writes `out/grades.csv`, `out/feedback/` for students, and
`out/feedback_with_hidden_tests/` for the lecturer. The programs of students run as they are:
grade on a machine that holds nothing else.
"""

import csv
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import grading
import nbformat
import typer
import variants
from submissions import collect
from tqdm import tqdm
from typer import Argument, Option

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "source"
IMAGES = HERE.parent.parent / "images"
PICTURES = (  # that the last cell of an assignment shows
    "content/chelsea.png",
    "content/coffee.png",
    "style/mosaic.jpg",
    "style/seigaiha.jpg",
    "style/strokes.jpg",
    "CREDITS.md",
)
COLUMNS = (
    *("student", "assignment", "points", "of", "by_hand", "missed", "notes", "answer"),
    *("file", "seconds"),
)
PAGES = {True: "feedback", False: "feedback_with_hidden_tests"}  # for students? the folder

app = typer.Typer(help=__doc__.split("\n")[0], add_completion=False, rich_markup_mode=None)
Seed = Annotated[int | None, Option(min=0, help="A variant: other numbers, other hidden tests.")]


def assignments():
    """The names of the assignments."""
    return sorted(folder.name for folder in SOURCE.iterdir() if folder.is_dir())


def generate(root, seed=None):
    """Fills the gradebook, and `release/` with the notebooks without solutions."""
    for name in assignments():
        notebook = nbformat.read(SOURCE / name / f"{name}.ipynb", 4)
        path = root / "source" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(variants.variant(notebook, name, seed), path)
        path.chmod(0o444)
    api = grading.nbgrader(root, root / "source")
    for name in assignments():
        result = api.generate_assignment(name)
        if not result["success"]:
            raise ValueError(f"{name} can't be released: {grading.why(result)}")


@app.command()
def release(
    output: Annotated[Path, Argument(help="Folder of the release and its archive.")],
    seed: Seed = None,
):
    """Makes the notebooks without solutions and hidden tests, and an archive for the class."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.resolve()) as work:
        generate(Path(work), seed)
        made = Path(work, "class", "assignments")
        shutil.copytree(Path(work, "release"), made)
        shutil.copyfile(HERE / "class.md", made / "README.md")
        for picture in PICTURES:
            target = made / "images" / picture
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(IMAGES / picture, target)
        for path in made.rglob("*.ipynb"):
            path.chmod(0o644)
        archive = shutil.make_archive(str(Path(work, "assignments")), "zip", made.parent, made.name)
        os.replace(archive, output / "assignments.zip")
        shutil.rmtree(output / "assignments", ignore_errors=True)
        os.replace(made, output / "assignments")
    print(output / "assignments.zip")


@app.command()
def grade(
    submissions: Annotated[Path, Argument(help="A folder or an archive a student.")],
    output: Annotated[Path, Argument(help="Folder of grades.csv and the feedback.")],
    seed: Seed = None,
    timeout: Annotated[int, Option(min=1, help="Seconds that a cell may take.")] = 120,
):
    """Grades submissions into a table, with nbgrader's feedback pages."""
    tasks = {name: functions(name) for name in assignments()}
    found = collect(submissions, tasks)
    output.mkdir(parents=True, exist_ok=True)
    for folder in PAGES.values():
        shutil.rmtree(output / folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as course:
        generate(Path(course), seed)
        rows = []
        for one in tqdm(found, unit="notebook"):
            rows.append(row_of(one, Path(course), timeout, output))
            write_table(rows, output / "grades.csv")
    print(f"{output / 'grades.csv'}: the points")
    print(f"{output / PAGES[True]}: pages for students")
    print(f"{output / PAGES[False]}: pages for you alone")
    return int(any("points" not in row for row in rows))


def functions(name):
    """The functions that an assignment has students write."""
    cells = nbformat.read(SOURCE / name / f"{name}.ipynb", 4).cells
    return {
        cell.metadata.nbgrader.grade_id
        for cell in cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def row_of(submission, course, timeout, output):
    """The row of the table; whatever goes wrong with one submission, the next follows."""
    row = {name: getattr(submission, name) for name in ("student", "assignment", "file")}
    if submission.problem:
        notes = "\n".join(submission.notes)
        return {**row, "missed": f"not graded: {submission.problem}"[:350], "notes": notes}
    folder = re.sub(r'[/\\:*?"<>|\x00-\x1f]', "_", submission.student).strip(" .") or "_"

    def keep(page, students):
        target = output / PAGES[students] / folder / page.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, target)

    try:
        return {**row, **grading.grade(submission, course, timeout, keep)}
    except Exception as error:
        said = " ".join(f"{type(error).__name__}: {error}".split())
        return {**row, "missed": f"not graded: {said}"[:350]}


def write_table(rows, path):
    """Writes the table beside its place and moves it there."""
    beside = path.with_suffix(".part")
    with beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({name: plain(text) for name, text in row.items()} for row in rows)
    os.replace(beside, path)


def plain(text):
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def main():
    """Runs the program; an error is one line on stderr and exit status 2."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except typer.Exit as leaving:
        sys.exit(leaving.exit_code)
    except Exception as error:
        if not isinstance(error, ValueError | OSError | typer.BadParameter) and not hasattr(
            error, "format_message"
        ):
            raise
        text = error.format_message() if hasattr(error, "format_message") else str(error)
        print(f"course.py: {text}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
