"""How decoders are trained: on photographs alone, to draw each again from what an encoder saw,
and to draw it in the style of another.

Li, Fang, Yang, Wang, Lu and Yang, "Universal Style Transfer via Feature Transforms", NIPS 2017,
https://arxiv.org/abs/1705.08086, section 3.1

Differences from the paper:

| here                                                | paper                              |
|-----------------------------------------------------|------------------------------------|
| pixel and feature loss relative to their variances  | sums of squares, weighted 1 : 1    |
| features of slim at all five levels                 | of VGG19 at the decoder's level    |
| a texture loss: Gram matrices as the photograph's   | -                                  |
| responses before the ReLU, but in Gram matrices     | after it                           |
| draws each photograph in another one's style too,   | sees untransformed features alone  |
| perhaps after the higher levels                     |                                    |
| begins with inverses of layers, in closed form      | random weights                     |
| VGG19's begin as slim's, behind a linear map        | -                                  |
| Muon, a learning rate that falls along a cosine     | Adam                               |
| any folder of photographs                           | MS-COCO                            |
"""

from keras import ops

from stylenet import encoders, weights
from stylenet.encoders import CONTRAST, level_name
from stylenet.losses import content_loss
from stylenet.moments import statistics
from stylenet.speed.convolution import accelerate
from stylenet.training.callbacks import Preview
from stylenet.training.outputs import Run
from stylenet.training.records import write_result
from stylenet.training.run import begun, fit, globals_kept, prepare
from stylenet.training.trainer import Trainer
from stylenet.universal.decoders import decoder, level_encoder, load_decoder
from stylenet.universal.inversion import begin
from stylenet.universal.passages import find_passage, restyle, strengths
from stylenet.universal.settings import DecoderSettings, check
from stylenet.universal.textures import texture_loss
from stylenet.wct import whitening_coloring_transform


class DecoderTrainer(Trainer):
    """Draws photographs again from a frozen encoder's responses; trains the decoder.

    Args:
        encoder: a picture to a dict of responses, of which those of the decoder's level are read.
        network: the decoder.
        critic: the frozen encoder that compares pictures, at all levels; its responses have
            mean squares of about 1.
        settings: `DecoderSettings`.

    x a photograph, y what is drawn of its responses, s another photograph, z what is drawn of
    the responses of x with the correlations of those of s (`stylenet.wct`), phi what the critic
    sees, G its Gram matrix, t the critic's responses to x, transformed. If the higher levels come
    before, x in z and t is what they have made of the photograph:

    pixels = E (y - x)^2 / 64^2;   features = E (phi(y) - phi(x))^2, the mean over levels
    textures = sum_k share_k ||G_k(y) - G_k(x)||^2 / ||G_k(x)||^2, half of it level 4's, whose
    errors VGG19's style loss weighs most;   style, the same of z and s
    content = E (phi(z) - t)^2 at the decoder's level

    Squares alone are least for the mean of all pictures that the responses allow. It is smooth,
    and Gram matrices of a smooth picture are wrong.

    Reference: Sajjadi et al. 2017, "EnhanceNet", https://arxiv.org/abs/1612.07919, for texture
    losses; Huang and Belongie 2017, https://arxiv.org/abs/1703.06868, for decoders of
    transformed features
    """

    def __init__(self, encoder, network, critic, settings, **kwargs):
        self.compares = settings.feature_weight > 0 or settings.texture_weight > 0
        self.transfers = settings.style_weight > 0 or settings.content_weight > 0
        names = ["pixels"]
        names += ["features", "textures"] if self.compares else []
        names += ["style", "content"] if self.transfers else []
        super().__init__(network, names, **kwargs)
        self.encoder, self.critic, self.settings = encoder, critic, settings
        self.level = level_name(settings.level)
        higher = range(5, settings.level, -1) if settings.after_higher else ()
        self.higher = {level: load_decoder(level, settings.network) for level in higher}

    def call(self, photographs):
        """What the loss compares.

        Returns:
            A dict: "pictures", the photographs drawn again; "styled", each in the next one's
            style; "seen" and "before", what the critic sees of the photographs and of what is
            drawn in the next one's style, which is the same without higher levels.
        """
        seen = self.critic(photographs)
        ours = seen if self.encoder is self.critic else self.encoder(photographs)
        pictures = self.network(ours[self.level])
        if not self.higher:
            styled = self.network(restyled(ours[self.level]))
            return {"pictures": pictures, "styled": styled, "seen": seen, "before": seen}
        before = photographs
        for level, theirs in self.higher.items():
            before = self.in_next_style(before, ours, level, theirs)
        before = ops.stop_gradient(before)
        styled = self.in_next_style(before, ours, self.settings.level, self.network)
        return {"pictures": pictures, "styled": styled, "seen": seen, "before": self.critic(before)}

    def in_next_style(self, pictures, responses, level, decoder):
        """All passes of `stylenet.universal` through a level; the next photograph is the style."""
        name, passage = level_name(level), find_passage(level)
        style = statistics(following(responses[name]))
        for alpha in strengths(1.0, passage):
            seen = self.encoder(pictures)[name]
            pictures = restyle(pictures, seen, decoder, passage, alpha, [style])
        return pictures

    def terms(self, outputs, photographs):
        pictures, seen = outputs["pictures"], outputs["seen"]
        terms = {"pixels": ops.mean(ops.square((pictures - photographs) / CONTRAST))}
        if self.compares:
            drawn = self.critic(pictures)
            errors = [content_loss(drawn[level], seen[level]) for level in seen]
            terms["features"] = sum(errors) / len(errors)
            terms["textures"] = texture_loss(drawn, seen)
        return terms | self.transfer_terms(outputs) if self.transfers else terms

    def transfer_terms(self, outputs):
        """Style and content loss of photographs, each in the style of the next one."""
        drawn = self.critic(ops.clip(outputs["styled"], 0.0, 255.0))
        style = {level: following(maps) for level, maps in outputs["seen"].items()}
        target = whitening_coloring_transform(outputs["before"][self.level], style[self.level])
        return {
            "style": texture_loss(drawn, style),
            "content": content_loss(drawn[self.level], target),
        }

    def total(self, terms):
        weights = {
            "pixels": 1.0,
            "features": self.settings.feature_weight,
            "textures": self.settings.texture_weight,
            "style": self.settings.style_weight,
            "content": self.settings.content_weight,
        }
        return sum(weights[name] * value for name, value in terms.items())


def following(responses):
    """For each photograph of a batch, the next one's."""
    return ops.roll(responses, -1, axis=0)


def restyled(responses):
    """Each photograph's responses with the mean and the correlations of the next one's."""
    return whitening_coloring_transform(responses, following(responses))


@globals_kept()
def train_decoder(
    content,
    output,
    settings=None,
    *,
    resume=False,
    overwrite=False,
    preview=None,
    encoder_weights="imagenet",
):
    """Trains a decoder on photographs alone.

    Args:
        content: paths of photographs, folders or patterns.
        output: NAME.weights.h5; see `training.Run` for what lies beside it.
        settings: `DecoderSettings`.
        resume: continue exactly where the checkpoint was written; only `steps` may have grown.
        overwrite: replace an earlier run.
        preview: a photograph to reconstruct now and then.
        encoder_weights: as `weights` in `decoders.level_encoder`.

    Returns:
        The decoder.

    Raises:
        FileNotFoundError, ValueError: bad input, or an earlier run without `resume` or
            `overwrite`, before anything slow begins.
        BlockingIOError: another process is writing the same output.
        NonFiniteLoss: a term is no longer finite; the last checkpoint is kept.

    Reference: Li et al. 2017, section 3.1, https://arxiv.org/abs/1705.08086
    """
    settings, run = settings or DecoderSettings(), Run(output)
    options = {"preview": preview, "encoder_weights": encoder_weights}
    data = check(content, output, settings, resume=resume, overwrite=overwrite, **options)
    with begun(run, settings, data.photographs, resume) as (settings, start):
        trainer = _trainer(data.photographs, settings, encoder_weights, resume)
        prepare(trainer, settings, run, start)
        previews = _previews(trainer, data.preview, run)
        fitted = fit(trainer, settings, data.photographs, run, start, previews)
        options = {"level": settings.level, "network": settings.network}
        before = _before(settings)
        write_result(run, trainer.network, "decoder", options, settings, fitted, before)
    return trainer.network


def _before(settings):
    """For the record: one for VGG19 begins as slim's unless told otherwise."""
    if settings.network == "slim" or settings.start:
        return {}
    shipped = weights.weights_folder() / f"slim_decoder{settings.level}{weights.SUFFIX}"
    return {"before": weights.record_of(shipped)["training"]}


def _trainer(photographs, settings, encoder_weights, resume):
    """The decoder's trainer, before it is compiled; unless a run goes on, it begins as said."""
    encoder = level_encoder(settings.network, encoders.LEVELS, encoder_weights)
    critic = encoder if settings.network == "slim" else level_encoder("slim")
    model = decoder(settings.level, settings.network)
    for each in (model, encoder, critic):
        accelerate(each)
    if not resume:
        begin(model, encoder, critic, photographs, settings)
    trainer = DecoderTrainer(encoder, model, critic, settings)
    for each in trainer.higher.values():
        accelerate(each)
    return trainer


def _previews(trainer, photograph, run):
    if photograph is None:
        return []
    draw = lambda pictures: trainer.network(trainer.encoder(pictures)[trainer.level])  # noqa: E731
    return [Preview(photograph, run.previews, trainer.settings.epoch_steps, draw=draw)]
