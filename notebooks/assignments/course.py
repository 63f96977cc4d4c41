"""Makes the class's version of the assignments, and grades what comes back, with nbgrader.

    python course.py release out/                 # out/assignments/ and out/assignments.zip
    python course.py grade SUBMISSIONS out/       # out/grades.csv, out/feedback/

`SUBMISSIONS` has a folder a student with any of `1_losses.ipynb` ... `5_video.ipynb` in it, or
deeper. The programs of students run as they are: grade on a machine that holds nothing else.
"""

import csv
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import nbformat
import typer
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from tqdm import tqdm
from traitlets.config import Config
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
STUB = """# YOUR CODE HERE
raise NotImplementedError("Write this function, then run its cell again.")"""
COLUMNS = ("student", "assignment", "points", "of", "by_hand", "missed", "answer")

app = typer.Typer(help=__doc__.split("\n")[0], add_completion=False, rich_markup_mode=None)


def assignments():
    """The names of the assignments."""
    return sorted(folder.name for folder in SOURCE.iterdir() if folder.is_dir())


def nbgrader(root, timeout=None):
    """The API of nbgrader, for a folder with a gradebook, submissions and what becomes of them."""
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = str(SOURCE)
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = "*Your answer here.*"
    config.Execute.timeout = timeout
    # Warnings and TensorFlow's log would cost a test's points: nbgrader counts stderr as an error.
    config.IgnorePattern.enabled, config.IgnorePattern.pattern = True, ".*"
    # nbgrader starts `alembic`, which lies beside this Python.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    return api


def generate(root, timeout=None):
    """Fills the gradebook, and `release/` with the notebooks without solutions."""
    api = nbgrader(root, timeout)
    for name in assignments():
        result = api.generate_assignment(name)
        if not result["success"]:
            raise ValueError(f"{name} can't be released: {why(result)}")
    return api


@app.command()
def release(output: Annotated[Path, Argument(help="Folder of the release and its archive.")]):
    """Makes the notebooks without solutions and hidden tests, and an archive for the class."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.resolve()) as work:
        generate(work)
        made = Path(work, "class", "assignments")
        shutil.copytree(Path(work, "release"), made)
        shutil.copyfile(HERE / "class.md", made / "README.md")
        for picture in PICTURES:
            target = made / "images" / picture
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(IMAGES / picture, target)
        archive = shutil.make_archive(str(Path(work, "assignments")), "zip", made.parent, made.name)
        os.replace(archive, output / "assignments.zip")
        shutil.rmtree(output / "assignments", ignore_errors=True)
        os.replace(made, output / "assignments")
    print(output / "assignments.zip")


@app.command()
def grade(
    submissions: Annotated[Path, Argument(help="A folder a student.")],
    output: Annotated[Path, Argument(help="Folder of grades.csv and feedback/.")],
    timeout: Annotated[int, Option(min=1, help="Seconds that a cell may take.")] = 120,
):
    """Grades submissions into a table, with nbgrader's feedback pages."""
    found = collect(submissions)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.resolve()) as work:
        api = generate(work, timeout)
        rows = [grade_one(api, Path(work), *one) for one in tqdm(found, unit="notebook")]
        table = Path(work, "grades.csv")
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        os.replace(table, output / "grades.csv")
        shutil.rmtree(output / "feedback", ignore_errors=True)
        if Path(work, "feedback").is_dir():
            os.replace(Path(work, "feedback"), output / "feedback")
    print(output / "grades.csv")
    return int(any("points" not in row for row in rows))


def collect(submissions):
    """All submissions of a folder: (student, assignment, path), the newest of several."""
    if not submissions.is_dir():
        raise FileNotFoundError(f"No folder {submissions}: it should have a folder a student.")
    found = {}
    for path in submissions.glob("*/**/*.ipynb"):
        student = path.relative_to(submissions).parts[0]
        if path.stem in assignments() and ".ipynb_checkpoints" not in path.parts:
            found.setdefault((student, path.stem), []).append(path)
    if not found:
        names = ", ".join(f"{name}.ipynb" for name in assignments())
        raise ValueError(f"No submission in {submissions}: expected STUDENT/ with one of {names}.")
    return [(*key, max(found[key], key=lambda path: path.stat().st_mtime)) for key in sorted(found)]


def grade_one(api, root, student, assignment, path):
    """Grades one notebook; the row of the table, without points where that fails."""
    target = root / "submitted" / student / assignment / path.name
    target.parent.mkdir(parents=True)
    shutil.copyfile(path, target)
    row = {"student": student, "assignment": assignment}
    result = api.autograde(assignment, student)
    if not result["success"]:
        return {**row, "missed": f"not graded: {why(result)}"}
    api.generate_feedback(assignment, student)
    cells = nbformat.read(root / "autograded" / student / assignment / path.name, 4).cells
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in cells}
    with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
        grades = book.find_submission(assignment, student).notebooks[0].grades
        tests = [grade for grade in grades if grade.cell.cell_type == "code"]
        row["points"] = f"{sum(grade.auto_score or 0 for grade in tests):g}"
        row["of"] = f"{sum(grade.max_score for grade in tests):g}"
        row["by_hand"] = f"{sum(grade.max_score for grade in grades if grade not in tests):g}"
        row["missed"] = "\n".join(
            f"{grade.name.removeprefix('test_')} ({grade.max_score:g}): {reason(cells, grade.name)}"
            for grade in tests
            if not grade.auto_score
        )
    row["answer"] = cells["answer"].source if "answer" in cells else ""
    return row


def reason(cells, name):
    """What a failed test says, in one line."""
    if name not in cells:
        return "its cell of tests is missing"
    for output in cells[name].outputs:
        if output.output_type == "error":
            lines = [line.strip() for line in output.evalue.splitlines() if line.strip()]
            said = [line for line in lines if not line.startswith("Not equal to tolerance")]
            return said[0] if said else output.ename
    return "the cell did not run"


def why(result):
    """What stopped nbgrader, in one line: the end of the first traceback of its log."""
    lines = [line.strip() for line in result.get("log", result["error"]).splitlines()]
    said = [line for line in lines if line and not line.startswith("[")]
    return said[-1] if said else lines[-1]


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
