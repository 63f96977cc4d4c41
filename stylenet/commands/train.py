"""The command that trains."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet.commands import options


def train(
    content: options.Content,
    output: options.Weights,
    painting: Annotated[
        Path | None, Argument(metavar="PAINTING", help="What gives the style; or -s.")
    ] = None,
    style: Annotated[
        Path | None, Option("-s", "--style", metavar="PAINTING", help="What gives the style.")
    ] = None,
    steps: Annotated[int, Option(min=1, metavar="NUMBER", help="Steps of the run.")] = 20_000,
    epoch_steps: Annotated[
        int, Option(min=1, metavar="NUMBER", help="Steps between two checkpoints.")
    ] = 100,
    batch_size: Annotated[
        int, Option(min=1, metavar="NUMBER", help="Crops of photographs a step.")
    ] = 4,
    crop_size: Annotated[
        int, Option(min=32, metavar="PIXELS", help="A crop's side, a multiple of four.")
    ] = 256,
    style_size: options.StyleSize = None,
    optimizer: Annotated[
        Literal["adam", "muon"], Option(help="muon learns more a step, and takes longer for it.")
    ] = "adam",
    learning_rate: Annotated[
        float, Option(min=0.0, metavar="NUMBER", help="At the beginning; it falls to 2 % of it.")
    ] = 1e-3,
    preset: Annotated[
        options.PRESETS, Option(help="Loss network, its layers, and weights.")
    ] = "engstrom",
    network: Annotated[
        options.NETWORKS | None, Option(help="The loss network; the preset's unless given.")
    ] = None,
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
    width: Annotated[
        int, Option(min=1, metavar="NUMBER", help="Filters of the first convolution.")
    ] = 32,
    start: Annotated[
        str,
        Option(metavar="STYLE", help="identity, random, a shipped style or a weights file."),
    ] = "identity",
    precision: Annotated[
        Literal["auto", "float32", "mixed_bfloat16"],
        Option(help="auto: mixed_bfloat16 on a recent GPU, else float32."),
    ] = "auto",
    seed: options.Seed = 0,
    devices: Annotated[
        int, Option(min=1, metavar="NUMBER", help="Share each batch among so many.")
    ] = 1,
    preview: Annotated[
        str | None, Option(metavar="PHOTO", help="A photograph to draw now and then.")
    ] = None,
    preview_epochs: Annotated[
        int, Option(min=1, metavar="NUMBER", help="Checkpoints between two previews.")
    ] = 5,
    tensorboard: Annotated[
        str | None, Option(metavar="FOLDER", help="For TensorBoard's logs.")
    ] = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
):
    """Train a network for one style; its weights, record and checkpoint go side by side.

    Example: stylenet train painting.jpg --content photographs -o my.weights.h5
    """
    if bool(painting) == bool(style):
        raise ValueError("Expected one painting, for instance -s painting.jpg.")
    from stylenet import reports
    from stylenet.feed_forward.settings import StyleSettings, check
    from stylenet.presets import find_preset

    changes = {
        "network": network,
        "content_layers": {content_layer: 1.0} if content_layer else None,
        "style_layers": dict.fromkeys(style_layers, 1.0) if style_layers else None,
        "content_weight": content_weight,
        "style_weight": style_weight,
        "tv_weight": tv_weight,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    settings = StyleSettings(
        steps=steps,
        epoch_steps=epoch_steps,
        batch_size=batch_size,
        crop_size=crop_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        seed=seed,
        style_size=style_size,
        preset=find_preset(preset)._replace(**changes) if changes else preset,
        padding=padding,
        upsampling=upsampling,
        width=width,
        start=start,
        precision=precision,
    )
    more = {
        "resume": resume,
        "overwrite": overwrite,
        "devices": devices,
        "preview": preview,
        "preview_epochs": preview_epochs,
        "tensorboard": tensorboard,
        "vgg_weights": weights,
    }
    check(painting or style, content, output, settings, **more)
    reports.status("loading TensorFlow ...")
    from stylenet.feed_forward import training

    training.train(painting or style, content, output, settings, **more)
    reports.tell(f"Wrote {output}. Use it: stylenet stylize photo.jpg -s {output}")
