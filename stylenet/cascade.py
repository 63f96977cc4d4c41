"""All decoders trained together, as universal style transfer uses them: one after the other.

Li, Fang, Yang, Wang, Lu and Yang, "Universal Style Transfer via Feature Transforms", NIPS 2017,
https://arxiv.org/abs/1705.08086

A decoder that does its own level well may undo what a higher one drew: its strokes are what the
lower encoder hardly sees. So each photograph of a batch is drawn in the next one's style through
all five levels, and the result is compared with that style.

Differences from the paper:

| here                                                | paper                              |
|-----------------------------------------------------|------------------------------------|
| the five decoders together, after each by itself    | each by itself                     |
| the result has the style's Gram matrices, and the   | -                                  |
| transformed responses of level 4                    |                                    |
"""

from dataclasses import dataclass

import keras
from keras import ops

from stylenet import fitting, images, weights
from stylenet.autoencoders import level_encoder, load_decoder
from stylenet.encoders import CONTRAST, LEVELS, level_name
from stylenet.losses import content_loss
from stylenet.reconstruction import following, restyled, texture_loss
from stylenet.runs import Run, run_record
from stylenet.settings import FitSettings
from stylenet.training import Preview, Trainer
from stylenet.universal import restyle
from stylenet.wct import statistics

TERMS = ("pixels", "style", "content")
STRUCTURE = 4  # the level whose responses say where things are


@dataclass(frozen=True)
class CascadeSettings(FitSettings):
    """`FitSettings`, the weights of style and content loss, and what the run begins with.

    The pixel loss, of what each decoder draws again, weighs 1. `start` is the output of an earlier
    run; None stands for the shipped decoders.

    Raises:
        ValueError: an impossible number or an unknown optimizer.
    """

    style_weight: float = 3.0
    content_weight: float = 0.3
    start: str | None = None


class CascadeTrainer(Trainer):
    """Draws photographs again at each level, and in each other's styles through all levels.

    Args:
        encoder: a picture to a dict of responses at all levels, frozen, also what compares
            pictures; the mean squares of its responses are about 1.
        network: from `join`.
        settings: `CascadeSettings`.

    x a photograph, f_k its responses at level k, D_k a decoder, z the photograph in the style of
    the next one, phi the encoder, G a Gram matrix, t_4 the responses f_4 transformed:

    pixels = sum_k E (D_k(f_k) - x)^2 / 64^2;   content = E (phi_4(z) - t_4)^2
    style = sum_k share_k ||G_k(z) - G_k(s)||^2 / ||G_k(s)||^2,  s the next photograph
    """

    def __init__(self, encoder, network, settings, **kwargs):
        super().__init__(network, TERMS, **kwargs)
        self.encoder, self.settings = encoder, settings
        self.looks = {
            level: keras.Model(encoder.input, encoder.get_layer(level_name(level)).output)
            for level in LEVELS
        }

    def call(self, photographs):
        seen = self.encoder(photographs)
        decode = {level: self.network.get_layer(f"slim_decoder{level}") for level in LEVELS}
        return {
            "seen": seen,
            "drawn": {level: decode[level](seen[level_name(level)]) for level in LEVELS},
            "styled": self.styled(photographs, seen, decode),
        }

    def styled(self, pictures, seen, decode):
        """Each photograph in the style of the next one."""
        for level in reversed(LEVELS):
            style = statistics(following(seen[level_name(level)]))
            features = self.looks[level](pictures)
            pictures = restyle(pictures, features, decode[level], level, 1.0, [style])
        return pictures

    def terms(self, outputs, photographs):
        seen, found = outputs["seen"], self.encoder(outputs["styled"])
        squares = [
            ops.mean(ops.square((drawn - photographs) / CONTRAST))
            for drawn in outputs["drawn"].values()
        ]
        structure = level_name(STRUCTURE)
        return {
            "pixels": sum(squares),
            "style": texture_loss(found, {name: following(seen[name]) for name in seen}),
            "content": content_loss(found[structure], restyled(seen[structure])),
        }

    def total(self, terms):
        settings = self.settings
        return (
            terms["pixels"]
            + settings.style_weight * terms["style"]
            + settings.content_weight * terms["content"]
        )


def join(decoders):
    """One network of slim's five decoders: a dict, level to responses, to a dict of pictures."""
    inputs = {
        f"level{level}": keras.Input(decoders[level].input.shape[1:], name=f"level{level}")
        for level in LEVELS
    }
    outputs = {f"level{level}": decoders[level](inputs[f"level{level}"]) for level in LEVELS}
    return keras.Model(inputs, outputs, name="slim_decoders")


def part(output, level):
    """Where a run puts one level's decoder: NAME_decoderLEVEL.weights.h5."""
    run = Run(output)
    name = run.output.name.removesuffix(weights.SUFFIX)
    return run.output.with_name(f"{name}_decoder{level}{weights.SUFFIX}")


def train_decoders(content, output, settings=None, *, resume=False, preview=None):
    """Trains slim's five decoders together, on photographs alone.

    Args:
        content: paths of photographs, folders or patterns.
        output: NAME.weights.h5; see `runs.Run` for what lies beside it. Each decoder has a file
            of its own too, see `part`.
        settings: `CascadeSettings`.
        resume: continue exactly where the checkpoint was written; only `steps` may have grown.
        preview: a photograph that is drawn again at level 4 now and then.

    Returns:
        A dict, level to decoder.

    Raises:
        FileNotFoundError, ValueError: bad input, before anything slow begins.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.
    """
    settings, run = settings or CascadeSettings(), Run(output)
    run.check()
    paths, photograph = images.find_images(content), None
    if preview:
        photograph, _ = images.pad_to_multiple(images.load_image(preview, 512), 16)
    start = fitting.begin(settings, paths, run, resume)
    keras.utils.set_random_seed(settings.seed)
    begin = {level: settings.start and part(settings.start, level) for level in LEVELS}
    decoders = {level: load_decoder(level, "slim", begin[level]) for level in LEVELS}
    for decoder in decoders.values():
        decoder.trainable = True
    encoder = level_encoder("slim")
    trainer = CascadeTrainer(encoder, join(decoders), settings)
    fitting.prepare(trainer, settings, run, start)
    callbacks = []
    if photograph is not None:
        draw = lambda pictures: decoders[4](trainer.looks[4](pictures))  # noqa: E731
        callbacks.append(Preview(photograph, run.previews, settings.epoch_steps, draw=draw))
    fitted = fitting.fit(trainer, settings, paths, run, start, callbacks)
    weights.save_network(trainer.network, run.output, {"network": "slim", "levels": LEVELS})
    weights.write_json(run.record, run_record(run, "decoders", {}, settings, fitted))
    for level, decoder in decoders.items():
        _save(decoder, part(output, level), {"level": level, "network": "slim"}, settings, fitted)
    return decoders


def _save(decoder, path, options, settings, fitted):
    """A decoder, and a record beside it that tells what it began with."""
    weights.save_network(decoder, path, options)
    record = run_record(Run(path), "decoder", options, settings, fitted)
    begun = part(settings.start, options["level"]) if settings.start else None
    before = weights.record_of(begun or weights.shipped_file(f"slim_decoder{options['level']}"))
    if before:
        record["training"]["before"] = before["training"]
    weights.write_json(Run(path).record, record)
