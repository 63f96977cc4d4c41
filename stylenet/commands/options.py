"""Arguments and options that several commands share, each with one name and one meaning."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet import reports

NETWORKS = Literal["vgg19", "vgg16", "slim"]
ENCODERS = Literal["slim", "vgg19"]
OPTIMIZERS = Literal["adam", "muon"]
PRESETS = Literal["gatys", "course", "engstrom", "johnson"]
STATISTICS = Literal["gram", "moments", "sliced"]
FORMATS = Literal[".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"]


def _styles(incomplete: str):
    """Names of shipped styles and files that begin as what was typed, for the shell."""
    from stylenet.catalog import styles

    folder = Path(incomplete).parent if incomplete else Path()
    files = [str(path) for path in folder.glob("*")] if folder.is_dir() else []
    return [name for name in (*styles(), *files) if name.startswith(incomplete)]


def count(text):
    """An option whose value is 1 or more."""
    return Option(min=1, metavar="NUMBER", help=text)


def amount(text):
    """An option whose value is 0.0 or more."""
    return Option(min=0.0, metavar="NUMBER", help=text)


def part(text):
    """An option whose value is between 0 and 1."""
    return Option(min=0, max=1, metavar="NUMBER", help=text)


def written(text):
    """The option that says what to write."""
    return Option("-o", "--output", metavar="FILE", help=text)


Photos = Annotated[
    list[str], Argument(metavar="PHOTO", help="Photographs, folders of them, or patterns.")
]
Content = Annotated[
    list[str],
    Option(metavar="FOLDER", help="Photographs: folders or patterns; repeatable, or with commas."),
]
Style = Annotated[
    list[str],
    Option(
        "-s",
        "--style",
        metavar="STYLE",
        help="A shipped style's name, a weights file, or a painting; paintings may be several, and "
        "styles that share a network.",
        autocompletion=_styles,
    ),
]
Paintings = Annotated[
    list[str] | None,
    Option(
        "-s",
        "--style",
        metavar="PAINTING",
        help="A painting, or several: repeatable, or with commas.",
    ),
]
Output = Annotated[
    Path | None, written("A picture, or a folder for several; PHOTO_STYLE.png unless given.")
]
Weights = Annotated[Path, written("What to write: NAME.weights.h5.")]
MaxSize = Annotated[
    int | None,
    Option(min=16, metavar="PIXELS", help="Of the photograph's longer side, at most."),
]
StyleSize = Annotated[
    int | None,
    Option(min=16, metavar="PIXELS", help="Of the painting's longer side: larger, larger strokes."),
]
Strength = Annotated[float, part("From the content, 0, to the full style, 1.")]
Colors = Annotated[
    Literal["style", "match", "keep"],
    Option(
        help="The style's; match: the painting is recolored like the photograph before; keep: "
        "the photograph's own."
    ),
]
Suffix = Annotated[FORMATS, Option(help="Format of the pictures in a folder.")]
Recursive = Annotated[
    bool, Option("--recursive", help="Folders inside folders too; results keep them.")
]
Advice = Annotated[
    bool,
    Option("--advice", help="Draw the first photo small, tell how much will be kept, and end."),
]
Ray = Annotated[
    str | None,
    Option(
        metavar="ADDRESS",
        help="Draw on the machines of a Ray cluster: HOST:6379, or auto; local starts one here.",
    ),
]
Stroke = Annotated[
    float | None,
    part("Of a style that shares a network: from small strokes, 0, to large ones, 1."),
]
Share = Annotated[
    list[float] | None,
    Option(metavar="NUMBER", help="How much of each style; repeatable, or with commas."),
]
Mask = Annotated[
    list[Path] | None,
    Option(
        metavar="PICTURE",
        help="White where a painting applies, one for each; repeatable, or with commas.",
    ),
]
LossWeights = Annotated[
    str,
    Option(
        "--weights",
        metavar="FILE",
        help="Of the loss network: imagenet, which Keras downloads once, or a file.",
    ),
]
Steps = Annotated[
    int, Option(min=1, max=1_000_000, metavar="NUMBER", help="Steps of the optimizer.")
]
Scales = Annotated[
    int, Option(min=1, max=12, metavar="NUMBER", help="Sizes from coarse to fine, doubling.")
]
TrainingSteps = Annotated[int, count("Steps of the run.")]
EpochSteps = Annotated[int, count("Steps between two checkpoints.")]
BatchSize = Annotated[int, count("Crops of photographs a step.")]
CropSize = Annotated[
    int, Option(min=32, metavar="PIXELS", help="A crop's side, a multiple of four.")
]
LearningRate = Annotated[float, amount("At the beginning; it falls to 2 % of it.")]
Seed = Annotated[int, Option(metavar="NUMBER", help="Of what is random.")]
LossNetwork = Annotated[
    NETWORKS | None, Option(help="The loss network; the preset's unless given.")
]
ContentWeight = Annotated[float | None, amount("Of the content loss; the preset's.")]
StyleWeight = Annotated[float | None, amount("Of the style loss; the preset's.")]
TvWeight = Annotated[float | None, amount("Of the total variation; the preset's.")]
Overwrite = Annotated[bool, Option("--overwrite", help="Replace an earlier run.")]
Resume = Annotated[bool, Option("--resume", help="Go on exactly where an interrupted run stopped.")]


def chosen(**values):
    """What was given on the command line, a dict: None or [] stands for what was not."""
    return {name: value for name, value in values.items() if value is not None and value != []}


def alike(given, method):
    """The options of a method that its command calls as it does.

    Args:
        given: all options of the command, a dict; what was not given is the method's default.
        method: one of `stylizers.METHODS`.

    Returns:
        A dict, name to value, for `stylizer`.
    """
    from stylenet.stylizers import options_of

    names = {*options_of(method), "colors"}
    return chosen(**{name: value for name, value in given.items() if name in names})


def settings_of(kind, given, **more):
    """Settings from the options that are called as they are.

    Args:
        kind: a dataclass of settings.
        given: all options of a command, a dict; None leaves a setting as it is by default.
        **more: settings that are no options.
    """
    names = {field.name for field in dataclasses.fields(kind)}
    own = {name: value for name, value in given.items() if name in names}
    return kind(**chosen(**own) | more)


def train(check, room, name, *arguments, told, **more):
    """Checks a run, then imports what trains, which takes seconds, trains, and says so.

    Args:
        check: a function of all that follows, which raises what is wrong with it.
        room: the package that trains.
        name: of its function.
        *arguments: of both.
        told: what was written and how it is used.
        **more: options of both.
    """
    check(*arguments, **more)
    reports.status("loading TensorFlow ...")
    getattr(room, name)(*arguments, **more)
    reports.tell(told)


def photos_and_paintings(words, style):
    """The photographs and the paintings of a command whose paintings once came second.

    Args:
        words: what was given without an option.
        style: what was given as `--style`, or None.

    Returns:
        Two lists.

    Raises:
        ValueError: there is no painting, or a shipped style's name instead of one.
    """
    words, style = list(words), list(style or ())
    if not style:
        words, style = words[:1], words[1:]
    if not style:
        raise ValueError("Expected a painting, for instance -s painting.jpg. Received none.")
    from stylenet.catalog import is_shipped

    names = [each for each in style if is_shipped(each) and not Path(each).exists()]
    if names:
        raise ValueError(
            f"Expected a painting's file. Received: {names[0]!r}, a shipped style: "
            f"stylenet stylize {words[0]} -s {names[0]}"
        )
    return words, style


def paintings_of(style):
    """The styles if all of them are pictures; else []."""
    from stylenet.images import INPUT_SUFFIXES

    style = list(style)
    return style if all(each.lower().endswith(INPUT_SUFFIXES) for each in style) else []


def blend(styles, shares=None):
    """One style as it is; several, which share a network, as a dict, name to share.

    Raises:
        ValueError: another number of shares, or styles that do not share a network.
    """
    styles = list(styles)
    if len(styles) == 1 and shares is None:
        return styles[0]
    from stylenet import catalog

    shares = [1.0] * len(styles) if shares is None else shares
    if len(shares) != len(styles):
        raise ValueError(f"Expected a share a style, {len(styles)}. Received: {len(shares)}.")
    mixed = dict(zip(styles, shares, strict=True))
    catalog.find(mixed)
    return mixed


def tell_advice(photo, paintings, method, max_size, chosen):
    """Tells what a method with the options chosen will keep of a photograph, from a small one."""
    from stylenet import images
    from stylenet.advising import SIZE, advice

    reports.status(f"drawing {photo} in {SIZE} pixels ...")
    shares = advice(images.load_image(photo, max_size), paintings, method, **chosen)
    reports.clear()
    print(
        f"These options keep about {shares.structure:.0%} of the photograph's structure and leave "
        f"{shares.style_left:.0%} of the way to the style."
    )


def output_for(photos, styles, suffix=".png"):
    """Where results go unless said otherwise: PHOTO_STYLE.png, or the folder PHOTOS_STYLE."""
    names = "_".join(Path(each).name.split(".")[0] for each in styles)
    first = Path(photos[0])
    if len(photos) == 1 and first.is_file():
        return Path(f"{first.stem}_{names}{suffix}")
    single = len(photos) == 1 and first.is_dir()
    return Path(f"{first.resolve().name if single else 'photographs'}_{names}")
