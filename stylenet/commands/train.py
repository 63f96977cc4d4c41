"""The commands that train feed-forward networks: for one style, for several, for one more."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet.commands import options


def train(
    content: options.Content,
    output: options.Weights,
    painting: Annotated[
        list[Path] | None,
        Argument(metavar="PAINTING", help="What gives the style, or several styles; or -s."),
    ] = None,
    style: Annotated[
        list[Path] | None,
        Option("-s", "--style", metavar="PAINTING", help="What gives the style; repeatable."),
    ] = None,
    steps: options.TrainingSteps = 20_000,
    epoch_steps: options.EpochSteps = 100,
    batch_size: Annotated[
        int | None, options.count("Crops of photographs a step: 4, of many styles 8.")
    ] = None,
    crop_size: options.CropSize = 256,
    style_size: options.StyleSize = None,
    optimizer: Annotated[
        options.OPTIMIZERS | None,
        Option(help="muon learns more a step, and takes longer for it: of many styles, else adam."),
    ] = None,
    learning_rate: Annotated[
        float | None,
        options.amount("At the beginning; it falls to 2 % of it: 1e-3, of many styles 2e-3."),
    ] = None,
    preset: Annotated[
        options.PRESETS, Option(help="Loss network, its layers, and weights.")
    ] = "engstrom",
    network: options.LossNetwork = None,
    weights: options.LossWeights = "imagenet",
    content_layer: Annotated[
        str | None, Option(metavar="LAYER", help="For instance block4_conv2; the preset's.")
    ] = None,
    style_layers: Annotated[
        list[str] | None,
        Option("--style-layer", metavar="LAYER", help="Repeatable, or with commas; the preset's."),
    ] = None,
    content_weight: options.ContentWeight = None,
    style_weight: options.StyleWeight = None,
    tv_weight: options.TvWeight = None,
    padding: Annotated[
        Literal["zero", "reflect"], Option(help="What lies beyond the border.")
    ] = "reflect",
    upsampling: Annotated[
        Literal["nearest", "transposed"], Option(help="How the network enlarges.")
    ] = "nearest",
    width: Annotated[int, options.count("Filters of the first convolution.")] = 32,
    start: Annotated[
        str | None,
        Option(
            metavar="STYLE",
            help="identity, random, a shipped style or a weights file; of many styles wave.",
        ),
    ] = None,
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16"],
        Option(help="auto: mixed_bfloat16 on a recent GPU, else float32."),
    ] = "auto",
    seed: options.Seed = 0,
    devices: Annotated[int, options.count("Share each batch among so many.")] = 1,
    preview: Annotated[
        str | None, Option(metavar="PHOTO", help="A photograph to draw now and then.")
    ] = None,
    preview_epochs: Annotated[int, options.count("Checkpoints between two previews.")] = 5,
    tensorboard: Annotated[
        str | None, Option(metavar="FOLDER", help="For TensorBoard's logs.")
    ] = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
):
    """Train a network for one style, or for several; weights, record and checkpoint side by side.

    Example: stylenet train painting.jpg --content photographs -o my.weights.h5
    """
    given = locals()  # all options, by their names
    paintings = [*(painting or ()), *(style or ())]
    if not paintings:
        raise ValueError("Expected a painting, for instance -s painting.jpg.")
    from stylenet.feed_forward.settings import ManySettings, StyleSettings

    kind = StyleSettings if len(paintings) == 1 else ManySettings
    settings = options.settings_of(kind, given, preset=_preset(given))
    more = {"resume": resume, "overwrite": overwrite, "vgg_weights": weights}
    more |= {"preview": preview, "preview_epochs": preview_epochs}
    if len(paintings) == 1:
        more |= {"devices": devices, "tensorboard": tensorboard}
        _train_one(paintings[0], content, output, settings, **more)
    else:
        _check_several(style_size, tensorboard, devices)
        _train_many(_by_name(paintings), content, output, settings, **more)


def add_style(
    painting: Annotated[Path, Argument(metavar="PAINTING", help="What gives the style.")],
    to: Annotated[
        str,
        Option(metavar="FILE", help="A network of many styles; the shipped one is many."),
    ],
    content: options.Content,
    output: options.Weights,
    name: Annotated[
        str | None, Option(metavar="NAME", help="Of the style; the file's unless given.")
    ] = None,
    steps: options.TrainingSteps = 200,
    epoch_steps: options.EpochSteps = 50,
    batch_size: options.BatchSize = 4,
    crop_size: options.CropSize = 128,
    learning_rate: options.LearningRate = 2e-2,
    weights: options.LossWeights = "imagenet",
    seed: options.Seed = 0,
    preview: Annotated[
        str | None, Option(metavar="PHOTO", help="A photograph to draw at every checkpoint.")
    ] = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
):
    """Add a style to a network of many: its convolutions stay, a style's scales and shifts learn.

    Example: stylenet add-style painting.jpg --to many --content photographs -o mine.weights.h5
    """
    given = locals()  # all options, by their names
    from stylenet.feed_forward.settings import ManySettings
    from stylenet.weights import network_options

    if "styles" not in network_options(to):
        raise ValueError(f"Expected a network of many styles as --to. Received: {to!r}, of one.")
    settings = options.settings_of(ManySettings, given, convolutions="frozen", start=to)
    paintings = {name or painting.name.split(".")[0]: painting}
    more = {"resume": resume, "overwrite": overwrite, "preview": preview, "preview_epochs": 1}
    _train_many(paintings, content, output, settings, vgg_weights=weights, **more)


def _preset(given):
    """The preset by its name, or with what was chosen in place of its own."""
    from stylenet.presets import find_preset

    layer, layers = given["content_layer"], given["style_layers"]
    changes = options.chosen(
        network=given["network"],
        content_layers={layer: 1.0} if layer else None,
        style_layers=dict.fromkeys(layers, 1.0) if layers else None,
        content_weight=given["content_weight"],
        style_weight=given["style_weight"],
        tv_weight=given["tv_weight"],
    )
    return find_preset(given["preset"])._replace(**changes) if changes else given["preset"]


def _check_several(style_size, tensorboard, devices):
    """Raises a ValueError for what only a run of one painting has."""
    for name, value in {"style-size": style_size, "tensorboard": tensorboard}.items():
        if value is not None:
            raise ValueError(f"Expected --{name} for one painting. Received several paintings.")
    if devices > 1:
        raise ValueError("Expected one device for several paintings.")


def _by_name(paintings):
    """The styles, called as the files are."""
    named = {path.name.split(".")[0]: path for path in paintings}
    if len(named) < len(paintings):
        raise ValueError("Expected paintings of different names, after which styles are called.")
    return named


def _train_one(painting, content, output, settings, **more):
    from stylenet import feed_forward as room
    from stylenet.feed_forward.settings import check

    told = f"Wrote {output}. Use it: stylenet stylize photo.jpg -s {output}"
    options.train(check, room, "train", painting, content, output, settings, told=told, **more)


def _train_many(paintings, content, output, settings, **more):
    from stylenet import feed_forward as room
    from stylenet.feed_forward.settings import check_many as check

    given = paintings, content, output, settings
    told = f"Wrote {output}. Use it: stylenet stylize photo.jpg -s {output}/{next(iter(paintings))}"
    options.train(check, room, "train_many", *given, told=told, **more)
