"""How slim was finished: encoder and decoders learn together, so that little of a picture is lost.

Wang et al., "Collaborative Distillation for Ultra-Resolution Universal Style Transfer", CVPR
2020, https://arxiv.org/abs/2003.08436

    loss = mean of log l_k + mean of log p_k,    p_k = E (y_k - x)^2 / 64^2

with l_k as in `stylenet.distillation`, x a photograph and y_k what the decoder of level k draws.

Differences from the paper: logarithms instead of weights; five decoders at once.
"""

import keras
from keras import ops

from stylenet import encoders, images, weights
from stylenet.autoencoders import level_encoder, load_decoder
from stylenet.distillation import PHOTOGRAPHS, TERMS, DistillationTrainer, heads
from stylenet.encoders import CONTRAST
from stylenet.fitting import FitSettings, fit
from stylenet.photographs import Photographs
from stylenet.runs import Run, run_record

PIXELS = {f"pixels{level}": f"picture{level}" for level in encoders.LEVELS}


def collaborate(
    content, output, encoder, decoders, settings=None, *, resume=False, vgg_weights="imagenet"
):
    """Trains a narrow encoder and its five decoders together.

    Args:
        content: paths of photographs, folders or patterns.
        output: NAME.weights.h5, the encoder; see `runs.Run` for what lies beside it. Decoders are
            written to NAME_decoder1.weights.h5 to NAME_decoder5.weights.h5.
        encoder: a weights file from `distillation.distill`.
        decoders: five weights files, level 1 first.
        settings: `FitSettings`.
        resume: continue exactly where the checkpoint was written.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The encoder, and the decoders as a dict, level to `keras.Model`.

    Raises:
        FileNotFoundError, ValueError: bad input.

    Reference: https://arxiv.org/abs/2003.08436
    """
    settings, run = settings or FitSettings(), Run(output)
    paths = images.find_images(content)
    keras.utils.set_random_seed(settings.seed)
    teacher = level_encoder("vgg19", weights=vgg_weights)
    names = [encoders.level_name(level) for level in encoders.LEVELS]
    student = weights.fill(lambda: encoders.encoder("slim", names, name="slim"), encoder)
    pairs = zip(encoders.LEVELS, decoders, strict=True)
    models = {level: load_decoder(level, "slim", path) for level, path in pairs}
    for model in models.values():
        model.trainable = True
    first = Photographs(paths, settings.crop_size, PHOTOGRAPHS, settings.seed + 1).batch(0)[0]
    predictions, scales = heads(teacher, student, first)
    trainer = CollaborationTrainer(teacher, together(student, predictions, models), scales)
    losses, seconds = fit(trainer, settings, paths, run, resume)
    starts = (encoder, *decoders)
    write(run, student, models, starts, settings, len(paths), losses, seconds)
    return student, models


def together(student, predictions, decoders):
    """One network from photographs to the predicted responses and to all reconstructions."""
    pictures = {
        PIXELS[f"pixels{level}"]: decoder(student.output[encoders.level_name(level)])
        for level, decoder in decoders.items()
    }
    return keras.Model(student.input, {**predictions, **pictures}, name="collaborators")


def write(run, student, decoders, starts, settings, photographs, losses, seconds):
    """The encoder with its record, and each decoder with its own."""
    networks = {run.output.name: (student, "encoder", {"widths": encoders.WIDTHS["slim"]})}
    for level, decoder in decoders.items():
        name = run.output.name.replace(weights.SUFFIX, f"_decoder{level}{weights.SUFFIX}")
        networks[name] = (decoder, "decoder", {"level": level, "network": "slim"})
    for start, (name, (network, kind, options)) in zip(starts, networks.items(), strict=True):
        beside = Run(run.output.with_name(name))
        weights.save_network(network, beside.output, options)
        record = run_record(beside, kind, options, settings, photographs, seconds, losses)
        before = weights.record_of(start)
        if before:
            record["training"]["before"] = before["training"]
        weights.write_json(beside.record, record)


class CollaborationTrainer(DistillationTrainer):
    """Lets a network predict a frozen teacher's levels and draw each photograph again from each.

    Args:
        teacher: the encoder to learn from.
        network: from `together`.
        scales: as in `DistillationTrainer`.

    The relative errors l_k and p_k are metrics.
    """

    def __init__(self, teacher, network, scales, **kwargs):
        super().__init__(teacher, network, scales, (*TERMS, *PIXELS), **kwargs)

    def terms(self, outputs, photographs):
        pixels = {
            term: ops.mean(ops.square((outputs[name] - photographs) / CONTRAST))
            for term, name in PIXELS.items()
        }
        return {**super().terms(outputs, photographs), **pixels}

    def total(self, terms):
        return 2 * super().total(terms)  # the mean over levels of both kinds together
