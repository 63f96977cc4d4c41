"""Trains slim's decoders together, on what all five levels draw in the end.

    python weights/recipes/together.py FOLDER --photographs DIR --paintings DIR DIR
        [--steps 700] [--epoch-steps 25] [--batch-size 1] [--crop-size 192] [--pixel-weight 2]

One level at a time learns to draw what that level sees; whether the next levels keep it, it is not
told. Here a photograph goes through all five in the style of a painting, as
`stylenet.universal.passages` says, and the decoders of levels 5 to 3 learn from VGG19's content and
style loss of the result, and from its colors. Levels 2 and 1, which draw nearly what they see,
stay as they are, since no details of the photograph are put back after them. Gram matrices hardly
see colors: with level 1 free and no loss of colors, The Scream lost its orange. Paintings of
`onepass.KEPT_BACK` are never seen. Interrupted, the same command goes on where the last checkpoint
was written. `ship_universal.py` ships what lies in FOLDER.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import ops
from onepass import paintings

from stylenet import images, inputs, presets, weights
from stylenet.encoders import CONTRAST, LEVELS, level_name
from stylenet.moments import statistics
from stylenet.speed.convolution import accelerate
from stylenet.training.outputs import Run
from stylenet.training.records import run_record
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.settings import FitSettings
from stylenet.training.trainer import Trainer
from stylenet.universal.decoders import level_encoder, load_decoder
from stylenet.universal.onepass_training import PaintedPhotographs, PaintingsLoss
from stylenet.universal.passages import find_passage, restyle, strengths

LEARNING = LEVELS[2:]
WEAKEST = 0.55  # alpha; the other end is 1
# What slim's photographs lose at alpha 0.6, in units of the content loss, and how many times that
# at 1: the weaker the style, the more a change of the content counts.
CONTENT, GROWTH = 3.6e5, 1.65
OPTIONS = (  # of the command
    *("steps", "epoch_steps", "batch_size", "crop_size", "learning_rate", "seed"),
    *("share_weight", "color_weight", "pixel_weight"),
)


@dataclass(frozen=True)
class TogetherSettings(FitSettings):
    """`FitSettings`, and what counts beside the content.

    Args:
        share_weight: of the share of the photograph's own style loss that is left.
        color_weight: of the share of the distance between the photograph's and the painting's
            colors that is left.
        pixel_weight: of the squared error of what each decoder makes of the photograph itself, so
            that they remain decoders.
        **others: as in `FitSettings`.

    Raises:
        ValueError: an impossible number, or an unknown optimizer.
    """

    steps: int = 700
    epoch_steps: int = 25
    batch_size: int = 1
    crop_size: int = 192
    learning_rate: float = 2e-4
    share_weight: float = 6.0
    color_weight: float = 3.0
    pixel_weight: float = 2.0

    def __post_init__(self):
        super().__post_init__()
        for name in ("share_weight", "color_weight", "pixel_weight"):
            inputs.number(name, getattr(self, name), 0, presets.HEAVIEST)


class FiveLevels(keras.Model):
    """All passes of `stylenet.universal` through all levels, with decoders that learn.

    A call takes photographs and paintings `(batch, height, width, 3)`, RGB in [0, 255], and
    strengths `(batch,)`, of which the first is that of all, and returns the results.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.encoder = level_encoder("slim")
        self.levels = [load_decoder(level) for level in LEVELS]
        accelerate(self.encoder)
        for level, decoder in zip(LEVELS, self.levels, strict=True):
            decoder.trainable = level in LEARNING
            accelerate(decoder)
        self.built = True  # the decoders come with their variables

    def call(self, inputs):
        pictures, paintings, strength = inputs
        seen, alpha = self.encoder(paintings), alpha_of(strength)
        for level, decoder in reversed(list(zip(LEVELS, self.levels, strict=True))):
            passage, style = find_passage(level), [statistics(seen[level_name(level)])]
            for part in strengths(alpha, passage):
                features = self.encoder(pictures)[level_name(level)]
                pictures = restyle(pictures, features, decoder, passage, part, style)
        return pictures

    def reconstructions(self, photographs):
        """What each decoder makes of photographs as they are, a list."""
        seen = self.encoder(photographs)
        names = map(level_name, LEVELS)
        return [decoder(seen[name]) for name, decoder in zip(names, self.levels, strict=True)]


def alpha_of(strengths):
    """The alpha that the first of a batch's strengths in [0, 1] stands for; of a third it is 1."""
    return WEAKEST + (1.0 - WEAKEST) * ops.minimum(1.5 * strengths[0], 1.0)


class TogetherTrainer(Trainer):
    """Trains the decoders.

    Args:
        network: a `FiveLevels`.
        loss: a `PaintingsLoss`.
        settings: `TogetherSettings`.

    loss = l_content / K(alpha) + share_weight l_style(y, p) / l_style(x, p)
        + color_weight l_color(y, p) / l_color(x, p) + pixel_weight l_pixels
    """

    def __init__(self, network, loss, settings, **kwargs):
        super().__init__(network, ("content", "style", "color", "pixels"), **kwargs)
        self.loss_of_each, self.settings = loss, settings

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        photographs, paintings, strengths = x
        found = self.loss_of_each(y_pred, photographs, paintings)
        errors = [(each - photographs) / CONTRAST for each in self.network.reconstructions(x[0])]
        terms = {name: ops.mean(found[name]) for name in ("content", "style", "color")}
        terms["pixels"] = sum(ops.mean(ops.square(error)) for error in errors) / len(errors)
        for name, tracker in self.trackers.items():
            tracker.update_state(terms[name])
        return self.total(terms, alpha_of(strengths))

    def total(self, terms, alpha):
        """The weighted sum."""
        content = terms["content"] / (CONTENT * GROWTH ** ((alpha - 0.6) / 0.4))
        style = self.settings.share_weight * terms["style"]
        color = self.settings.color_weight * terms["color"]
        return content + style + color + self.settings.pixel_weight * terms["pixels"]


@globals_kept()
def train_together(
    painted, content, folder, settings=None, *, resume=False, vgg_weights="imagenet"
):
    """Trains the shipped decoders on, and writes `slim_decoder3.weights.h5` to 5 with records.

    Args:
        painted: paths of paintings.
        content: paths of photographs.
        folder: the files' `Path`.
        settings: `TogetherSettings`.
        resume: continue where the checkpoint was written.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The paths of the weights.
    """
    settings, run = settings or TogetherSettings(), Run(folder / f"slim_decoders{weights.SUFFIX}")
    with begun(run, settings, content, resume, paintings=len(painted)) as (settings, start):
        network, loss = FiveLevels(), PaintingsLoss(presets.PRESETS["engstrom"], vgg_weights)
        accelerate(loss.extractor)
        trainer = TogetherTrainer(network, loss, settings)
        prepare(trainer, settings, run, start)
        sizes = settings.crop_size, settings.batch_size, settings.seed, start.step
        stream = PaintedPhotographs(content, painted, *sizes)
        fitted = fit(trainer, settings, content, run, start, (), stream)
        levels = [(level, network.levels[level - 1]) for level in LEARNING]
        return [write(*each, folder, settings, fitted) for each in levels]


def write(level, decoder, folder, settings, fitted):
    """A level's weights and their record, which tells of earlier runs too; returns the path."""
    run = Run(folder / f"slim_decoder{level}{weights.SUFFIX}")
    options = {"level": level, "network": "slim"}
    weights.save_network(decoder, run.output, options)
    shipped = weights.record_of(weights.shipped_file(run.output.name.removesuffix(weights.SUFFIX)))
    record = run_record(run, "decoder", options, settings, fitted)
    record["training"]["settings"]["start"] = shipped["file"]
    record["training"]["before"] = shipped["training"]
    weights.write_json(run.record, record)
    return run.output


def main():
    """Trains until the end, or goes on with a run that was cut."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photographs", required=True, nargs="+", help="folders")
    parser.add_argument("--paintings", required=True, nargs="+", help="folders")
    for name in OPTIONS:
        default = getattr(TogetherSettings, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    arguments = vars(parser.parse_args())
    folder, photographs, painted = (
        arguments.pop(name) for name in ("folder", "photographs", "paintings")
    )
    folder.mkdir(parents=True, exist_ok=True)
    settings, checkpoint = TogetherSettings(**arguments), folder / "slim_decoders.checkpoint.npz"
    content = images.find_images(photographs, recursive=True)
    train_together(paintings(painted), content, folder, settings, resume=checkpoint.is_file())


if __name__ == "__main__":
    main()
