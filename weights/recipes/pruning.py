"""A narrow copy of a network, layer by layer, in closed form: the start of its distillation.

He, Zhang and Sun, "Channel Pruning for Accelerating Very Deep Neural Networks", ICCV 2017,
https://arxiv.org/abs/1707.06168

Of each layer the channels that tell most about the others are kept, and their kernels are fitted
anew, by least squares, to what the narrow layers below deliver.

Differences from the paper:

| here                                          | paper                            |
|-----------------------------------------------|----------------------------------|
| channels chosen by a pivoted Cholesky factor  | by LASSO                         |
| a layer's own outputs decide which it keeps   | the next layer's outputs         |
| each channel scaled to mean square one        | -                                |
"""

import numpy as np
from keras import ops

from stylenet import encoders
from stylenet.universal.least_squares import convolve, fit_convolution, pool, sample


def prune(teacher, student, photographs, seed=0):
    """Sets a narrow encoder's weights so that it does what a wide one does, as well as it can.

    Args:
        teacher: `encoders.encoder("vgg19", ...)`.
        student: `encoders.encoder("slim", ...)`.
        photographs: `(count, height, width, 3)`, sides multiples of 16.
        seed: decides the positions that are looked at.
    """
    random = np.random.default_rng(seed)
    photographs = ops.convert_to_tensor(photographs, "float32")
    wide, narrow = (
        ops.convert_to_numpy(encoders.preprocess(photographs, network))
        for network in ("vgg19", "slim")
    )
    for layer in encoders.layer_names():
        if layer.endswith("conv1") and layer != encoders.level_name(1):
            wide, narrow = pool(wide), pool(narrow)
        before = convolve(wide, *teacher.get_layer(layer).get_weights())
        wide = np.maximum(before, 0)
        rows = wide[sample(wide.shape[:3], random)]
        kept = independent_channels(rows, student.get_layer(layer).filters)
        # Where a ReLU gives zero, what came before it still tells how far below.
        kernel, bias = fit_convolution(narrow, before[..., kept], random)
        narrow = np.maximum(convolve(narrow, kernel, bias), 0)
        scale = np.sqrt(np.mean(np.square(narrow), axis=(0, 1, 2))) + 1e-6
        narrow /= scale
        student.get_layer(layer).set_weights([kernel / scale, bias / scale])


def independent_channels(rows, count):
    """The channels that tell most about the others: the pivots of a Cholesky factor.

    Each next channel is the one that those before predict worst, in squared error.

    Args:
        rows: `(samples, channels)`.
        count: how many.

    Returns:
        Their numbers, the most telling first.
    """
    covariance = np.cov(rows.T.astype("float64"))
    left, factor, kept = np.diag(covariance).copy(), np.zeros((len(covariance), 0)), []
    for _ in range(count):
        best = int(np.argmax(np.where(np.isin(np.arange(len(left)), kept), -1, left)))
        column = covariance[:, best] - factor @ factor[best]
        column /= np.sqrt(max(left[best], 1e-12))
        factor, left = np.column_stack([factor, column]), left - np.square(column)
        kept.append(best)
    return np.array(kept)
