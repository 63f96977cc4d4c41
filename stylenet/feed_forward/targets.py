"""The losses of many styles at once: each picture of a batch has its own painting and its own size.

A painting is seen at five sizes. A painting at a large size has large strokes, and a network that
matches its statistics draws them large: Jing et al. 2018, https://arxiv.org/abs/1802.07101.
"""

import json

import keras
import numpy as np
from keras import ops

from stylenet import files, images
from stylenet.features import feature_extractor
from stylenet.losses import find_preset, gram_matrix
from stylenet.presets import balanced
from stylenet.weights import reading

SIZES = (400, 526, 693, 912, 1200)  # pixels, a painting's longer side: equal steps of a factor 1.32
STROKES = tuple(np.linspace(0.0, 1.0, len(SIZES)))  # the slider at each


class ManyStylesLoss(keras.layers.Layer):
    """Content, style and total variation a picture, in the preset's means and without its weights.

    Args:
        preset: as in `losses.PerceptualLoss`; one that takes mean squares.
        weights: of the loss network, as in `features.feature_extractor`.

    Before a call, `find_targets` or `set_targets`. The former numbers targets painting by painting,
    five sizes each.

    Raises:
        ValueError: an unknown preset, or one of sums.
        FileNotFoundError: the loss network's weights are nowhere to be found.
    """

    def __init__(self, preset="engstrom", weights="imagenet", **kwargs):
        super().__init__(trainable=False, dtype="float32", **kwargs)
        self.preset = balanced(find_preset(preset))
        if not self.preset.mean_squares:
            raise ValueError(
                "Expected a preset of mean squares, such as 'engstrom', since pictures of one "
                f"batch are compared. Received: {preset!r}."
            )
        layers = list(dict.fromkeys((*self.preset.style_layers, *self.preset.content_layers)))
        network, pooling = self.preset.network, self.preset.pooling
        self.extractor = feature_extractor(network, layers, weights, pooling)
        self.grams = {}
        self.built = True

    def find_targets(self, paintings, path):
        """Reads the targets of paintings at all sizes, or sees the paintings and writes them.

        Args:
            paintings: paths.
            path: an .npz file, so that a resumed run need not see the paintings again.
        """
        seen = [fingerprint(painting) for painting in paintings]
        identity = json.dumps([seen, self.preset, SIZES])
        if self._load(path, identity):
            return
        self.set_targets([(painting, size) for painting in paintings for size in SIZES])
        arrays = {layer: ops.convert_to_numpy(gram) for layer, gram in self.grams.items()}
        with files.written_whole(path) as part:
            np.savez(part, **arrays, identity=identity)

    def set_targets(self, sights):
        """Sees paintings.

        Args:
            sights: pairs, a painting's path and the length of its longer side in pixels.
        """
        seen, rows = MaskedGrams(self.extractor, list(self.preset.style_layers)), []
        for path, size in sights:
            picture, inside = self._laid_out(resized(path, size))
            found = seen.predict_on_batch([picture[None], inside[None]])
            rows.append({layer: np.asarray(gram)[0] for layer, gram in found.items()})
        self._keep({layer: np.stack([row[layer] for row in rows]) for layer in rows[0]})

    def _load(self, path, identity):
        """Returns False if there are no targets, or others."""
        if not path.is_file():
            return False
        with reading(path, "the targets of a training run"), np.load(path) as file:
            if str(file["identity"]) != identity:
                return False
            self._keep({layer: file[layer] for layer in self.preset.style_layers})
        return True

    def call(self, pictures, photographs, targets):
        """The three unweighted terms of each picture.

        Args:
            pictures: results, `(batch, height, width, 3)`, RGB in [0, 255].
            photographs: what they were drawn from, the same shape and range.
            targets: integers `(batch,)`.

        Returns:
            A dict of `(batch,)`: "content", "style" and "tv".
        """
        return self.terms(pictures, self.features(photographs), targets)

    def terms(self, pictures, content, targets):
        """The same, where the features of the photographs are known.

        Args:
            pictures: as in `call`.
            content: a dict, content layer to its features of the photographs.
            targets: as in `call`.
        """
        features = self.features(pictures)
        return {
            "content": sum(
                weight * _mean_square(features[layer] - content[layer])
                for layer, weight in self.preset.content_layers.items()
            ),
            "style": sum(
                weight
                * _mean_square(
                    gram_matrix(features[layer]) - ops.take(self.grams[layer], targets, axis=0)
                )
                for layer, weight in self.preset.style_layers.items()
            ),
            "tv": _mean_square(pictures[:, 1:] - pictures[:, :-1])
            + _mean_square(pictures[:, :, 1:] - pictures[:, :, :-1]),
        }

    def features(self, pictures):
        """What the loss network sees, a dict, in single precision."""
        return {name: ops.cast(x, "float32") for name, x in self.extractor(pictures).items()}

    def _laid_out(self, painting):
        """A painting and where it is, on a canvas if each shape of picture has to be compiled."""
        inside = np.ones((*painting.shape[:2], 1), "float32")
        if keras.backend.backend() != "jax" or self.preset.network == "slim":
            return painting, inside  # slim continues what it sees beyond the border, not zeros
        return on_canvas(painting), on_canvas(inside)

    def _keep(self, grams):
        """As variables: constants of this size would be compiled into the step."""
        for layer, values in grams.items():
            variable = self.add_weight(shape=values.shape, name=f"{layer}_grams", trainable=False)
            variable.assign(values)
            self.grams[layer] = variable


class MaskedGrams(keras.Model):
    """The Gram matrices of a picture that fills only a part of a canvas.

    Zeros are put beyond its border after every convolution, as a convolution itself puts zeros
    there, so that they are exactly those of the picture alone. One shape of canvas then serves
    pictures of many.

    Args:
        extractor: a `features.feature_extractor`; with VGG, or with masks of ones alone.
        layers: the names of those asked for.

    A call takes a pair, pictures `(batch, height, width, 3)` and masks `(batch, height, width, 1)`,
    1 in a rectangle at the top left and 0 elsewhere, and returns a dict, layer name to
    `(batch, channels, channels)`.
    """

    def __init__(self, extractor, layers, **kwargs):
        super().__init__(autocast=False, **kwargs)  # a mask's mean needs single precision
        self.blocks = [layer for layer in extractor.layers if layer.name.startswith("block")]
        self.preprocess = keras.Model(extractor.inputs[0], self.blocks[0].input)
        self.chosen, self.built = layers, True
        self.jit_compile = keras.backend.backend() == "jax"  # TensorFlow would compile each size

    def call(self, inputs):
        pictures, inside = inputs
        x, grams = self.preprocess(pictures), {}
        x = x * ops.cast(inside, x.dtype)
        for layer in self.blocks:
            x = layer(x)
            if layer.name.endswith("_pool"):  # windows that reach beyond the border are left away
                inside = 1.0 - ops.max_pool(1.0 - inside, 2, strides=2)
            if not layer.name.endswith("_pad"):
                x = x * ops.cast(inside, x.dtype)
            if layer.name in self.chosen:
                share = ops.mean(inside, axis=(1, 2, 3))[:, None, None]
                grams[layer.name] = gram_matrix(ops.cast(x, "float32")) / share
        return grams


def on_canvas(picture):
    """A picture at the top left of a square of zeros, one of two: two shapes instead of many."""
    side = SIZES[2] if max(picture.shape) <= SIZES[2] else SIZES[-1]
    height, width, _ = picture.shape
    return np.pad(picture, ((0, side - height), (0, side - width), (0, 0)))


def fingerprint(painting):
    """Two paintings of one size are told apart by the sum of their pixels."""
    image = images.load_image(painting)
    return f"{image.shape} {float(np.sum(image, dtype='float64')):.1f}"


def resized(painting, size):
    """A painting whose longer side has `size` pixels, enlarged if need be."""
    image = images.load_image(painting)
    height, width = image.shape[:2]
    scale = size / max(height, width)
    return images.resize(image, (round(height * scale), round(width * scale)))


def _mean_square(x):
    """Of each entry of a batch."""
    return ops.mean(ops.square(x), axis=tuple(range(1, len(x.shape))))
