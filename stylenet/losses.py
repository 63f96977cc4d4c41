"""The losses of neural style transfer: content, style and total variation.

Gatys, Ecker and Bethge, "A Neural Algorithm of Artistic Style", 2015,
https://arxiv.org/abs/1508.06576, in the normalization of Johnson, Alahi and Fei-Fei, 2016,
https://arxiv.org/abs/1603.08155.

The functions are pure and unweighted, and average over the batch, so that a weight means the
same at every batch size. `PerceptualLoss` keeps the targets and applies the weights, once.

Differences from the paper:

| here                                             | paper                              |
|--------------------------------------------------|------------------------------------|
| Gram matrix / (C H W), as Johnson et al.         | Gatys: Gram matrix, loss / 4 C^2 N^2 |
| preset "engstrom": mean squares instead of sums  | -                                  |
"""

import keras
from keras import ops

from stylenet.features import feature_extractor
from stylenet.presets import FIRST_OF_BLOCKS as FIRST_OF_BLOCKS
from stylenet.presets import PRESETS as PRESETS
from stylenet.presets import Preset as Preset
from stylenet.presets import balanced, check_trained
from stylenet.presets import find_preset as find_preset


def gram_matrix(features):
    """Correlations between the channels of feature maps.

    G = psi psi^T / (C H W), psi the features as a C x (H W) matrix.

    Args:
        features: `(batch, height, width, channels)`.

    Returns:
        `(batch, channels, channels)`, symmetric, positive semidefinite.

    Raises:
        ValueError: features that do not have four axes.

    Reference: Johnson et al. 2016, equation 3.

    Example:
        >>> maps = ops.ones((1, 4, 5, 2))  # two channels that are always one
        >>> ops.convert_to_numpy(gram_matrix(maps))[0].tolist()
        [[0.5, 0.5], [0.5, 0.5]]
    """
    if len(features.shape) != 4:
        raise ValueError(
            "Expected features of shape (batch, height, width, channels). "
            f"Received shape {tuple(features.shape)}; add a batch axis to a single picture."
        )
    _, height, width, channels = ops.shape(features)
    psi = ops.reshape(features, (-1, height * width, channels))
    gram = ops.matmul(ops.transpose(psi, (0, 2, 1)), psi)
    return gram / ops.cast(channels * height * width, gram.dtype)


def content_loss(features, content_features):
    """Content loss: how far a picture's features are from those of the photograph.

    l = ||phi(y) - phi(c)||^2 / (C H W), averaged over the batch.

    Args:
        features: of the picture, `(batch, height, width, channels)`.
        content_features: of the photograph, the same shape.

    Returns:
        A scalar, 0 for equal features.

    Reference: Johnson et al. 2016, equation 2.

    Example:
        >>> float(content_loss(ops.ones((1, 4, 5, 2)), ops.zeros((1, 4, 5, 2))))
        1.0
    """
    return ops.mean(ops.square(features - content_features))


def style_loss(gram, style_gram):
    """Style loss: how far the channel correlations of a picture are from those of the style.

    l = ||G(y) - G(s)||_F^2, averaged over the batch.

    Args:
        gram: `(batch, channels, channels)`, from `gram_matrix`.
        style_gram: the same shape, or `(1, channels, channels)`.

    Returns:
        A scalar, 0 for equal matrices.

    Reference: Johnson et al. 2016, equation 4.

    Example:
        >>> float(style_loss(ops.ones((1, 2, 2)), ops.zeros((1, 2, 2))))
        4.0
    """
    return ops.mean(ops.sum(ops.square(gram - style_gram), axis=(1, 2)))


def total_variation_loss(images, squared=False):
    """Total variation: how much neighboring pixels differ.

    l = sum_ij |y_(i,j+1) - y_(i,j)| + |y_(i+1,j) - y_(i,j)|, averaged over the batch.

    Args:
        images: `(batch, height, width, 3)`.
        squared: take the mean of the squared differences of each direction and add the two,
            which does not grow with the picture: the form that feed-forward networks train on.

    Returns:
        A scalar, 0 for a flat picture.

    Reference: Johnson et al. 2016, section 3.2; Mahendran and Vedaldi 2015,
    https://arxiv.org/abs/1412.0035

    Example:
        >>> stripes = ops.reshape(ops.convert_to_tensor([0.0, 9.0, 0.0]), (1, 1, 3, 1))
        >>> float(total_variation_loss(stripes))
        18.0
    """
    down = images[:, 1:] - images[:, :-1]
    right = images[:, :, 1:] - images[:, :, :-1]
    if squared:
        return ops.mean(ops.square(down)) + ops.mean(ops.square(right))
    absolute = ops.sum(ops.abs(down), axis=(1, 2, 3)) + ops.sum(ops.abs(right), axis=(1, 2, 3))
    return ops.mean(absolute)


@keras.saving.register_keras_serializable(package="stylenet")
class PerceptualLoss(keras.layers.Layer):
    """Content, style and total variation of pictures, seen by a loss network.

    loss = content_weight l_content + style_weight sum_j l_style,j + tv_weight l_TV

    Args:
        style_image: `(height, width, 3)`, RGB in [0, 255]; its Gram matrices are computed once.
        preset: one of `PRESETS`: "johnson" (the paper: VGG16), "engstrom" (Engstrom's
            fast-style-transfer: VGG19, mean squares), "gatys" or "course"; or a `Preset` of your
            own, for instance `PRESETS["johnson"]._replace(style_weight=10)`.
        weights: of the loss network, as in `features.feature_extractor`.
        prepare: a function of the loss network, applied before that sees the style: with
            `speed.accelerate` a large painting takes seconds on a CPU, without it minutes.

    Raises:
        ValueError: an unknown preset, or a style that is not one RGB picture.
        FileNotFoundError: the loss network's weights are nowhere to be found.

    Reference: Johnson et al. 2016, section 3.2, https://arxiv.org/abs/1603.08155
    """

    def __init__(self, style_image, preset="johnson", weights="imagenet", prepare=None, **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.preset = balanced(check_trained(preset))
        if getattr(style_image, "ndim", 0) != 3 or style_image.shape[-1] != 3:
            raise ValueError(
                "Expected style_image of shape (height, width, 3). "
                f"Received shape {getattr(style_image, 'shape', None)}."
            )
        network, pooling = self.preset.network, self.preset.pooling
        layers = list(dict.fromkeys((*self.preset.style_layers, *self.preset.content_layers)))
        self.extractor = feature_extractor(network, layers, weights, pooling)
        if prepare:
            prepare(self.extractor)
        self.built = True
        features = self.features(ops.convert_to_tensor(style_image[None], "float32"))
        self.style_grams = {
            layer: ops.convert_to_numpy(gram_matrix(features[layer]))
            for layer in self.preset.style_layers
        }

    def call(self, images, content_images):
        """The three unweighted terms.

        Args:
            images: results, `(batch, height, width, 3)`, RGB in [0, 255].
            content_images: the photographs, the same shape and range.

        Returns:
            A dict of scalars: "content", "style" and "tv".
        """
        features = self.features(images)
        content_features = self.features(content_images)
        return {
            "content": sum(
                weight * content_loss(features[layer], content_features[layer])
                for layer, weight in self.preset.content_layers.items()
            ),
            "style": self.style_term(features),
            "tv": total_variation_loss(images, squared=self.preset.mean_squares),
        }

    def features(self, images):
        """What the loss network sees, in single precision: sums of squares need its range."""
        return {name: ops.cast(x, "float32") for name, x in self.extractor(images).items()}

    def style_term(self, features):
        """The weighted sum over the style layers; each a mean square if the preset says so."""
        terms = []
        for layer, weight in self.preset.style_layers.items():
            target = self.style_grams[layer]
            entries = target.shape[-1] ** 2 if self.preset.mean_squares else 1
            terms.append(weight * style_loss(gram_matrix(features[layer]), target) / entries)
        return sum(terms)

    def total(self, terms):
        """The weighted sum of the dict that a call returns."""
        return (
            self.preset.content_weight * terms["content"]
            + self.preset.style_weight * terms["style"]
            + self.preset.tv_weight * terms["tv"]
        )
