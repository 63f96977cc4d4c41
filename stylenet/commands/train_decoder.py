"""The command that trains a decoder of universal style transfer."""

from typing import Annotated

from typer import Argument, Option

from stylenet.commands import options

WEIGHT = "In another photograph's style; the pixel loss weighs 1."


def train_decoder(
    level: Annotated[int, Argument(min=1, max=5, metavar="LEVEL", help="1 to 5.")],
    content: options.Content,
    output: options.Weights,
    network: Annotated[
        options.ENCODERS, Option(help="The encoder; slim ships with stylenet.")
    ] = "slim",
    weights: Annotated[
        str, Option(metavar="FILE", help="Of the encoder: imagenet (slim's own), or a file.")
    ] = "imagenet",
    steps: options.TrainingSteps = 2_000,
    epoch_steps: options.EpochSteps = 100,
    batch_size: options.BatchSize = 4,
    crop_size: Annotated[
        int, Option(min=32, metavar="PIXELS", help="A crop's side, a multiple of 16.")
    ] = 128,
    optimizer: Annotated[
        options.OPTIMIZERS, Option(help="muon learns more a step, and takes longer for it.")
    ] = "muon",
    learning_rate: options.LearningRate = 1e-3,
    feature_weight: Annotated[float, options.amount("Of what the encoder sees.")] = 1.0,
    texture_weight: Annotated[float, options.amount("Of the Gram matrices' errors.")] = 1.0,
    style_weight: Annotated[float, options.amount(f"Of the style loss. {WEIGHT}")] = 1.0,
    content_weight: Annotated[float, options.amount(f"Of the content loss. {WEIGHT}")] = 0.3,
    start: Annotated[
        str | None,
        Option(metavar="FILE", help="Weights of the same or of a lower level to begin with."),
    ] = None,
    after_higher: Annotated[
        bool, Option("--after-higher", help="Style what the shipped higher levels have drawn.")
    ] = False,
    seed: options.Seed = 0,
    preview: Annotated[
        str | None, Option(metavar="PHOTO", help="A photograph to reconstruct now and then.")
    ] = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
):
    """Train a decoder for universal style transfer, on photographs alone.

    Example: stylenet train-decoder 3 --content photographs -o mine.weights.h5
    """
    given = locals()  # all options, by their names
    from stylenet import universal
    from stylenet.universal.settings import DecoderSettings, check

    settings = options.settings_of(DecoderSettings, given)
    more = {"resume": resume, "overwrite": overwrite, "preview": preview}
    more["encoder_weights"] = weights
    more["told"] = (
        f"Wrote {output}. Use it from Python: "
        f"stylenet.universal.load_decoder({level}, {network!r}, {str(output)!r})"
    )
    options.train(check, universal, "train_decoder", content, output, settings, **more)
