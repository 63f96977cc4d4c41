"""Writes what all lectures begin with: the link to Colab, a picture, and the first cell.

And `docs/lectures/README.md`, the page that shows every lecture's figures.

python notebooks/openings.py            # with the repository that notebooks/REPOSITORY names
make notebooks REPO=name/stylenet       # in a fork: names another one, and writes it everywhere
"""

import re
import sys
from pathlib import Path

import nbformat

FOLDER = Path(__file__).parent
STORED = FOLDER.parent / "images" / "figures"
PAGE = FOLDER.parent / "docs" / "lectures" / "README.md"
COLAB = "https://colab.research.google.com/github"
# A picture of images/figures/ for each lecture, and what it shows.
PICTURES = {
    "00_first_picture": ("raccoon.jpg", "A raccoon, The Great Wave, and the raccoon drawn like it"),
    "01_filters": ("gabor.png", "Gabor filters, and where a photograph answers to them"),
    "02_gatys": ("opening.jpg", "Content, style, and both in one picture"),
    "03_losses": ("total_variation.jpg", "A photograph with and without noise"),
    "04_network": ("transform_net.png", "The feed-forward network, layer by layer"),
    "05_training": ("perceptual_loss.png", "What a network learns from: the perceptual loss"),
    "06_inference": ("styles.jpg", "A cat and a launch pad in every shipped style"),
    "07_universal": ("universal.jpg", "One photograph in the style of five paintings, untrained"),
    "08_video": ("video.jpg", "A clip in a style: each frame by itself, and consistent"),
    "09_review": ("runtimes.png", "Seconds a picture: published, and here"),
    "10_extensions": ("sound.png", "A melody, rain, and the melody with the texture of rain"),
}
NEEDED = "lazy-loader scikit-image tqdm typer"  # Colab has most; what is there stays as it is
MORE = {"08_video": " av", "10_extensions": " opencv-python-headless"}
SETUP = """\
import os
import pathlib
import sys

if "COLAB_RELEASE_TAG" in os.environ:  # on Colab: fetch the project, and what is missing there
    folder = pathlib.Path.home() / "stylenet"
    if not folder.is_dir():
        !git clone --quiet --depth 1 https://github.com/{repository} {{folder}}
    %cd -q {{folder}}/notebooks
    %pip install --quiet {packages}
    sys.path.insert(0, "..")
import stylenet.notebook  # starts Keras, without TensorFlow's messages"""


def repository():
    """Owner and name on GitHub, from the file REPOSITORY."""
    return (FOLDER / "REPOSITORY").read_text().strip()


def link(name):
    """The line that opens a lecture in Colab; a text, since a badge is broken offline."""
    return f"[Open in Colab]({COLAB}/{repository()}/blob/main/notebooks/{name}.ipynb)"


def picture(name):
    """The line that shows a lecture's picture, wherever the repository is looked at."""
    file, text = PICTURES[name]
    return f"![{text}](../images/figures/{file})"


def setup(name):
    """The source of the first code cell."""
    return SETUP.format(repository=repository(), packages=NEEDED + MORE.get(name, ""))


def opening(source, name):
    """An opening cell with this link and picture below its title."""
    title, rest = source.split("\n", 1)
    body = re.sub(r"^\n*(?:\[.*\n+|!\[.*\n+)*", "", rest)
    return f"{title}\n\n{link(name)}\n\n{picture(name)}\n\n{body}"


def write(path):
    """Brings a lecture's first two cells up to date."""
    notebook = nbformat.read(path, as_version=4)
    first, code = notebook.cells[0], next(c for c in notebook.cells if c.cell_type == "code")
    first.source, code.source = opening(first.source, path.stem), setup(path.stem)
    path.write_text(nbformat.writes(notebook) + "\n")


def figures(notebook):
    """The stored figures that a lecture shows or draws, in order: name to what the lecture says."""
    text = "\n".join(cell.source for cell in notebook.cells)
    found = re.findall(r"!\[([^\]]*)\]\(\.\./images/figures/(\w+)\.|\bfigures\.(\w+)\(", text)
    told = {}
    for alternative, shown, drawn in found:
        told.setdefault(shown or drawn, alternative)
    return told


def section(path):
    """A lecture's part of the page: title, what there is to see, its figures with captions."""
    notebook = nbformat.read(path, as_version=4)
    source = notebook.cells[0].source
    title = source.split("\n", 1)[0].removeprefix("# ")
    seen = re.search(r"\*\*You will see\*\* \| (.*) \|", source)[1]
    lines = [f"## [{title}](../../notebooks/{path.name})", f"You will see {seen}."]
    for name, alternative in figures(notebook).items():
        [file] = [f for f in STORED.glob(f"{name}.*") if f.suffix in (".png", ".jpg", ".gif")]
        caption = file.with_suffix(".txt")
        text = caption.read_text().strip() if caption.is_file() else f"{alternative}."
        lines += [f"![{name}](../../images/figures/{file.name})", text]
    return "\n\n".join(lines)


def page(paths):
    """The page with every lecture's figures."""
    head = (
        "# The lectures in pictures\n\nFor minutes and what to prepare: [lectures](../lectures.md)."
    )
    return "\n\n".join([head, *map(section, paths)]) + "\n"


def main():
    """Writes all lectures, for another repository if one is named."""
    if len(sys.argv) > 1:
        name = sys.argv[1].removeprefix("https://github.com/").removesuffix(".git").strip("/")
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
            sys.exit(f"Expected a repository as OWNER/NAME. Received: {sys.argv[1]!r}.")
        (FOLDER / "REPOSITORY").write_text(f"{name}\n")
    paths = sorted(FOLDER.glob("[0-9]*.ipynb"))
    for path in paths:
        write(path)
    if STORED.is_dir():
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(paths))


if __name__ == "__main__":
    main()
