"""All figures by name, and the function that writes them."""

from pathlib import Path

from stylenet import errors, files, inputs
from stylenet.figures.clips import video
from stylenet.figures.doodles import doodle
from stylenet.figures.drawing import PICTURES, save
from stylenet.figures.extensions import sound
from stylenet.figures.gallery import raccoon, universal, ways
from stylenet.figures.garments import clothes
from stylenet.figures.gatys import (
    content_reconstruction,
    excitement,
    falling_loss,
    opening,
    ratios,
    style_reconstruction,
    style_statistics,
)
from stylenet.figures.learning import photographs
from stylenet.figures.networks import perceptual_loss, runtimes, transform_net
from stylenet.figures.review import taxonomy
from stylenet.figures.seeing import (
    daisy,
    field,
    first_layer,
    gabor,
    gram_matrices,
    receptive_fields,
    total_variation,
)

FIGURES = {
    function.__name__: function
    for function in (
        opening,
        gabor,
        daisy,
        field,
        first_layer,
        receptive_fields,
        excitement,
        content_reconstruction,
        style_reconstruction,
        gram_matrices,
        ratios,
        style_statistics,
        falling_loss,
        total_variation,
        transform_net,
        perceptual_loss,
        photographs,
        taxonomy,
        runtimes,
        video,
        raccoon,
        ways,
        universal,
        doodle,
        clothes,
        sound,
    )
}

FORMATS = ("png", "jpg", "svg", "pdf")
# Photographs that a palette would spoil.
JPEGS = (
    "opening",
    "daisy",
    "receptive_fields",
    "content_reconstruction",
    "style_reconstruction",
    "style_statistics",
    "total_variation",
    "video",
    "raccoon",
    "ways",
    "universal",
    "doodle",
    "clothes",
)


def draw(names=None, folder=None, kind=None):
    """Draws figures, yielding each name with the path of its PNG or the error that prevented it.

    Args:
        names: of `FIGURES`; all by default.
        folder: for `NAME.png` and `NAME.txt`, the caption; made if need be. By default
            `images/figures/` of the project, or the current folder where the package was installed
            without it.
        kind: "png", "jpg", "svg" or "pdf"; by default PNG, and JPEG for photographs.

    Yields:
        `(name, path)`, or `(name, error)` for a figure whose weights or packages are absent.

    Raises:
        ValueError: an unknown name or kind.
        OSError: a folder that can't be written to.
    """
    names = list(names or FIGURES)
    for name in names:
        inputs.choice("figure", name, FIGURES)
    if kind is not None:
        inputs.choice("format", kind, FORMATS)
    folder = Path(folder or (PICTURES / "figures" if PICTURES.name == "images" else "."))
    files.check_writable(folder / f"{names[0]}.png")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        try:
            with errors.in_a_row():
                figure = FIGURES[name]()
        except (FileNotFoundError, ImportError) as error:
            yield name, error
            continue
        path = folder / f"{name}.{kind or default_format(name)}"
        save(figure, path)
        path.with_suffix(".txt").write_text(f"{figure.caption}\n")
        yield name, path


def default_format(name):
    """The format of a figure that is stored in the project."""
    return "jpg" if name in JPEGS else "png"
