"""Feature extractors: what VGG16 and VGG19, trained to name objects, see in a picture.

Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
2014, https://arxiv.org/abs/1409.1556

Beside them stands slim, a narrow VGG19 that ships with the project: it learned to see what VGG19
sees, from photographs (`weights/recipes/distillation.py`), and continues borders by reflection.

Layers go by Keras' names. Since Keras fuses a convolution with its ReLU, `block4_conv2` is
what papers call relu4_2.

Differences from the paper: none; the dense layers are left away, and layers above the highest
one asked for are not computed.
"""

import functools
import hashlib
from pathlib import Path
from typing import Literal, NamedTuple

import keras
from keras import applications

from stylenet import encoders, inputs, presets, reports
from stylenet.surroundings import plain
from stylenet.weights import check_source, find_weights, reading, shipped_file

# MD5 of VGG19 with 8 bits a weight in blocks 4 and 5, with which the shipped weights were trained.
REDUCED = "04ba140460ac7f3b9218dc7aa5b18680"
URL = "https://storage.googleapis.com/tensorflow/keras-applications/"


class Network(NamedTuple):
    """A pre-trained network of keras.applications, and its weights without dense layers."""

    build: callable
    preprocess: callable
    filename: str
    md5: str


NETWORKS = {
    "vgg16": Network(
        applications.VGG16,
        applications.vgg16.preprocess_input,
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "6d6bbae143d832006294945121d1f1fc",
    ),
    "vgg19": Network(
        applications.VGG19,
        applications.vgg19.preprocess_input,
        "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "253f8cb515780f3b799900260a226db6",
    ),
}


@plain()
def feature_extractor(
    network: Literal["vgg16", "vgg19", "slim"],
    layer_names,
    weights="imagenet",
    pooling: Literal["max", "average"] = "max",
):
    """A frozen network that returns the responses of the named layers.

    Preprocessing (RGB to BGR, minus ImageNet's mean) is part of the extractor.

    Args:
        network: "vgg16", "vgg19" or "slim" (up to block5_conv1; needs no download).
        layer_names: for instance `["block1_conv1", "block4_conv2"]`.
        weights: "imagenet", "random", or the path of an HDF5 file in Keras' layout. "imagenet"
            is looked for in the folder that the environment variable STYLENET_WEIGHTS names,
            then in the project's `weights/`, then in Keras' cache, and else downloaded by Keras.
            For "slim" it is the shipped file. A file that loads, but is not the one that Keras
            publishes, is used, which is said on stderr.
        pooling: "max", as trained, or "average", which Gatys et al. found smoother.

    Returns:
        A `keras.Model`, RGB pictures `(batch, height, width, 3)` in [0, 255], of any size of
        at least 16 pixels (slim: 32), to a dict, layer name to `(batch, height', width',
        channels)`.

    Raises:
        ValueError: an unknown network, layer or pooling, or weights that do not fit.
        FileNotFoundError: weights that are nowhere to be found.

    Reference: https://keras.io/api/applications/vgg/

    Example:
        >>> extractor = feature_extractor("slim", ["block1_conv1", "block3_conv1"])
        >>> tuple(extractor(keras.ops.zeros((1, 64, 48, 3)))["block3_conv1"].shape[:3])
        (1, 16, 12)
    """
    inputs.choice("network", network, presets.NETWORKS)
    inputs.choice("pooling", pooling, presets.POOLINGS)
    vgg = _build(network)
    _check_layers(network, vgg, layer_names)
    if pooling == "average":
        vgg = keras.models.clone_model(vgg, clone_function=_average)
    if weights != "random":
        path = _find(network, weights)
        _load(vgg, path)
        _tell_of_another(network, path, Path(path).stat().st_mtime_ns)
    outputs = {name: vgg.get_layer(name).output for name in layer_names}
    extractor = keras.Model(vgg.inputs[0], outputs, name=f"{network}_features")
    extractor.trainable = False
    extractor.jit_compile = False  # else `predict` compiles anew for every size of picture
    return extractor


def _build(network):
    """The whole network, with random weights."""
    if network == "slim":
        return encoders.encoder("slim", encoders.layer_names(), name="slim")
    inputs = keras.Input((None, None, 3), name="pictures")
    build, preprocess, *_ = NETWORKS[network]
    return build(include_top=False, weights=None, input_tensor=preprocess(inputs))


def _average(layer):
    """A layer's clone, with average instead of max pooling."""
    if isinstance(layer, keras.layers.MaxPooling2D):
        return keras.layers.AveragePooling2D(
            layer.pool_size, layer.strides, layer.padding, name=layer.name
        )
    return layer.__class__.from_config(layer.get_config())


def _check_layers(network, model, layer_names):
    known = [layer.name for layer in model.layers if layer.name.startswith("block")]
    unknown = [name for name in layer_names if name not in known]
    if unknown or not layer_names:
        raise ValueError(
            f"Expected layers of {network}, which has {', '.join(known)}. "
            f"Received: {unknown or 'none'}."
        )


def _find(network, weights):
    if weights == "imagenet" and network == "slim":
        return str(shipped_file("slim"))
    if weights == "imagenet":
        _, _, filename, md5 = NETWORKS[network]
        return find_weights(filename, f"{URL}{network}/{filename}", md5)
    return str(check_source(weights))


def _load(model, path):
    with reading(path, f"the weights of {model.name} without its dense layers in Keras' layout"):
        model.load_weights(path)


@functools.cache
def _tell_of_another(network, path, _modified):
    """Says, once, that a file is not the one that Keras publishes, as one that was damaged."""
    if network not in NETWORKS:
        return
    with Path(path).open("rb") as file:
        found = hashlib.file_digest(file, "md5").hexdigest()
    if found not in (NETWORKS[network].md5, REDUCED):
        reports.warn(
            f"{path} is not the file of {network} that Keras publishes: expected MD5 "
            f"{NETWORKS[network].md5}, received {found}. Unless it is meant to be another, it is "
            "damaged: download it again."
        )
