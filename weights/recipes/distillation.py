"""How slim was made: a narrow encoder that learns to see what VGG19 sees.

Wang et al., "Collaborative Distillation for Ultra-Resolution Universal Style Transfer", CVPR
2020, https://arxiv.org/abs/2003.08436

At each of the five levels a linear map of the narrow encoder's responses predicts VGG19's:

    l_k = E ||A_k g_k + b_k - f_k||^2 / E ||f_k - mean f_k||^2,    loss = mean of log l_k

Differences from the paper:

| here                                               | paper                               |
|----------------------------------------------------|-------------------------------------|
| begins as a pruned VGG19, in closed form           | random weights                      |
| logarithms, so that each level weighs the same     | sums of squares                     |
| a linear map a level, not kept afterwards          | the same ("linear embedding")       |
| decoders are trained afterwards                    | together with their decoders        |
"""

import keras
import numpy as np
from keras import ops
from pruning import prune

from stylenet import encoders, images, weights
from stylenet.speed.convolution import accelerate
from stylenet.training.outputs import Run
from stylenet.training.photographs import Photographs
from stylenet.training.records import write_result
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.settings import FitSettings
from stylenet.training.trainer import Trainer
from stylenet.universal.decoders import level_encoder
from stylenet.universal.least_squares import linear_head

PHOTOGRAPHS = 96  # of which the closed form is computed
TERMS = tuple(f"level{level}" for level in encoders.LEVELS)


@globals_kept()
def distill(content, output, settings=None, *, start=None, resume=False, vgg_weights="imagenet"):
    """Trains a narrow encoder to see what VGG19 sees.

    Args:
        content: paths of photographs, folders or patterns.
        output: NAME.weights.h5; see `training.Run` for what lies beside it.
        settings: `FitSettings`.
        start: the weights of an earlier run, to go on from; by default a pruned teacher.
        resume: continue exactly where the checkpoint was written.
        vgg_weights: as `weights` in `features.feature_extractor`.

    Returns:
        The encoder.

    Raises:
        FileNotFoundError, ValueError: bad input.

    Reference: https://arxiv.org/abs/2003.08436
    """
    settings, run = settings or FitSettings(), Run(output)
    paths = images.find_images(content, recursive=True)
    run.check(resume)
    with begun(run, settings, paths, resume) as (settings, beginning):
        teacher = level_encoder("vgg19", weights=vgg_weights, rectified=True)
        first = Photographs(paths, settings.crop_size, PHOTOGRAPHS, settings.seed + 1).batch(0)[0]
        student, predictor, scales = build(teacher, first, settings, start)
        for model in (teacher, student, predictor):
            accelerate(model)
        trainer = DistillationTrainer(teacher, predictor, scales)
        prepare(trainer, settings, run, beginning)
        fitted = fit(trainer, settings, paths, run, beginning)
        before = {"before": weights.record_of(start)["training"]} if start else {}
        options = {"widths": encoders.WIDTHS["slim"]}
        write_result(run, student, "encoder", options, settings, fitted, before)
    return student


def build(teacher, photographs, settings, start=None):
    """The student, the network that predicts the teacher's levels from it, and their scales.

    A level's scale is the root of the teacher's variance, summed over channels.
    """
    names = [encoders.level_name(level) for level in encoders.LEVELS]
    student = encoders.encoder("slim", names, name="slim")
    if start:
        student.set_weights(
            weights.fill(lambda: encoders.encoder("slim", names), start).get_weights()
        )
    else:
        prune(teacher, student, photographs, settings.seed)
    predictions, scales = heads(teacher, student, photographs)
    return student, keras.Model(student.input, predictions, name="predictor"), scales


def heads(teacher, student, photographs):
    """The student's predictions of the teacher's levels, a dict of tensors, and their scales."""
    wide, narrow = (_responses(model, photographs) for model in (teacher, student))
    scales = {name: float(np.sqrt(wide[name].var(axis=(0, 1, 2)).sum())) for name in wide}
    predictions = {
        name: linear_head(narrow[name], wide[name], scale, f"{name}_head")(student.output[name])
        for name, scale in scales.items()
    }
    return predictions, scales


def _responses(model, photographs):
    """A dict of arrays, as `model.predict` gives, which would compile for a minute."""
    batches = [model(photograph[None]) for photograph in photographs]
    return {
        name: np.concatenate([ops.convert_to_numpy(batch[name]) for batch in batches])
        for name in batches[0]
    }


class DistillationTrainer(Trainer):
    """Lets a network predict a frozen teacher's levels; the loss is the mean of log l_k.

    Args:
        teacher: the encoder to learn from.
        network: photographs to predictions, a dict, layer name to `responses / scale`.
        scales: a dict, layer name to the root of the teacher's variance, summed over channels.

    The relative errors l_k are metrics. Their logarithms weigh a level with an error of 0.01 as
    much as one with 0.5: the lower levels are what the upper ones build on.
    """

    def __init__(self, teacher, network, scales, **kwargs):
        super().__init__(network, TERMS, **kwargs)
        self.teacher, self.scales = teacher, scales

    def terms(self, predictions, photographs):
        targets = self.teacher(photographs)
        return {
            term: ops.mean(ops.sum(ops.square(predictions[name] - targets[name] / scale), axis=-1))
            for term, (name, scale) in zip(TERMS, self.scales.items(), strict=True)
        }

    def total(self, terms):
        return sum(ops.log(value) for value in terms.values()) / len(terms)
