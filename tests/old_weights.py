"""Weights files as older programs wrote them."""

import h5py
import numpy as np

RESIDUALS = 5
KERNELS = [  # of the 16 convolutions; those of the transposed ones are (height, width, out, in)
    (9, 9, 3, 32),
    (3, 3, 32, 64),
    (3, 3, 64, 128),
    *[(3, 3, 128, 128)] * 2 * RESIDUALS,
    (3, 3, 64, 128),
    (3, 3, 32, 64),
    (9, 9, 32, 3),
]
TRANSPOSED = (13, 14)


def random_arrays(seed=0):
    """For each convolution (kernel, gamma, beta), gamma and beta not to be mistaken."""
    rng = np.random.default_rng(seed)
    arrays = []
    for i, shape in enumerate(KERNELS):
        channels = shape[2] if i in TRANSPOSED else shape[3]
        kernel = rng.normal(0, 1, shape)
        gamma, beta = rng.uniform(0.5, 1.5, channels), rng.normal(0, 0.3, channels)
        arrays.append([array.astype("float32") for array in (kernel, gamma, beta)])
    return arrays


def write_npz(path, arrays):
    np.savez(path, *[array for kernel, gamma, beta in arrays for array in (kernel, beta, gamma)])


def keras_layers(arrays):
    """Layer names in the course's order, each with its arrays: conv2d_10 after conv2d_9."""
    layers, plain, transposed = [("input_1", [])], 0, 0
    for i, (kernel, gamma, beta) in enumerate(arrays):
        plain, transposed = plain + (i not in TRANSPOSED), transposed + (i in TRANSPOSED)
        convolution = f"conv2d_transpose_{transposed}" if i in TRANSPOSED else f"conv2d_{plain}"
        norm = f"instance_normalization_{i + 1}"
        layers.append((convolution, [(f"{convolution}/kernel:0", kernel)]))
        layers.append((norm, [(f"{norm}/gamma:0", gamma), (f"{norm}/beta:0", beta)]))
        layers.append((f"activation_{i + 1}", []))
    return [*layers, ("lambda_1", [])]


def write_keras(path, layers, group=None, encode=np.bytes_):
    def names(group, attribute, values):
        dtype = h5py.string_dtype() if encode is str else None
        values = np.array([encode(value) for value in values], dtype or "S")
        group.attrs.create(attribute, values, dtype=dtype)

    with h5py.File(path, "w") as file:
        model = file.create_group(group) if group else file
        names(model, "layer_names", [name for name, _ in layers])
        for name, arrays in layers:
            layer = model.create_group(name)
            names(layer, "weight_names", [weight for weight, _ in arrays])
            for weight, array in arrays:
                layer[weight] = array


def write_whole_model(path, arrays):
    write_keras(path, keras_layers(arrays), group="model_weights", encode=str)


def write_weights_alone(path, arrays):
    write_keras(path, keras_layers(arrays))
