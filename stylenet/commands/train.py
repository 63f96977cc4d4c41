"""The command that trains."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def train(
    style: Annotated[Path, Argument(help="The style picture.")],
    content: Annotated[list[str], Option(help="Photographs: folders or patterns; repeatable.")],
    output: Annotated[Path, Option("-o", "--output", help="NAME.weights.h5.")],
    steps: Annotated[int, Option(min=1)] = 20_000,
    epoch_steps: Annotated[int, Option(min=1, help="Steps between two checkpoints.")] = 100,
    batch_size: Annotated[int, Option(min=1)] = 4,
    crop_size: Annotated[int, Option(min=32, help="Pixels, a multiple of four.")] = 256,
    style_size: Annotated[
        int | None, Option(min=1, help="The style's longer side: larger, larger strokes.")
    ] = None,
    optimizer: Annotated[str, Option(help="adam or muon.")] = "adam",
    learning_rate: Annotated[float, Option(min=0.0)] = 1e-3,
    preset: Annotated[str, Option(help="Losses: engstrom, johnson, gatys or course.")] = "engstrom",
    loss_network: Annotated[str | None, Option(help="vgg19, vgg16 or slim.")] = None,
    content_layer: Annotated[str | None, Option(help="For instance block4_conv2.")] = None,
    style_layers: Annotated[list[str] | None, Option("--style-layer", help="Repeatable.")] = None,
    content_weight: Annotated[float | None, Option(min=0.0)] = None,
    style_weight: Annotated[float | None, Option(min=0.0)] = None,
    tv_weight: Annotated[float | None, Option(min=0.0)] = None,
    padding: Annotated[str, Option(help="zero or reflect.")] = "reflect",
    upsampling: Annotated[str, Option(help="nearest or transposed.")] = "nearest",
    width: Annotated[int, Option(min=1, help="Filters of the first convolution.")] = 32,
    start: Annotated[
        str, Option(help="identity, random, a shipped style or a weights file.")
    ] = "identity",
    precision: Annotated[str, Option(help="float32 or mixed_bfloat16.")] = "float32",
    seed: int = 0,
    devices: Annotated[int, Option(min=1, help="Share each batch among so many.")] = 1,
    preview: Annotated[str | None, Option(help="A photograph to style now and then.")] = None,
    preview_epochs: Annotated[int, Option(min=1, help="Checkpoints between previews.")] = 5,
    tensorboard: Annotated[str | None, Option(help="A folder for TensorBoard's logs.")] = None,
    vgg_weights: Annotated[str, Option(help="imagenet, or a file.")] = "imagenet",
    resume: Annotated[bool, Option("--resume", help="Continue exactly where it stopped.")] = False,
):
    """Train a network for one style; its weights, record and checkpoint go side by side.

    Example: stylenet train painting.jpg --content photographs -o my.weights.h5
    """
    from stylenet.feed_forward import training as runs
    from stylenet.feed_forward.training import StyleSettings
    from stylenet.losses import find_preset

    changes = {
        "network": loss_network,
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
    runs.train(
        style,
        content,
        output,
        settings,
        resume=resume,
        devices=devices,
        preview=preview,
        preview_epochs=preview_epochs,
        tensorboard=tensorboard,
        vgg_weights=vgg_weights,
    )
