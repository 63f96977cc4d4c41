"""Kernels that compute several pixels at once, which are then laid out by `depth_to_space`."""

import numpy as np

# How the rows (or columns) of a 3 x 3 kernel are shared out: [new pixel, old pixel, kernel row].
# Nearest: the new pixels 2i - 1 and 2i come from the old pixels i - 1 and i.
NEAREST = np.array([[[1, 1, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 1]]], "float32")
# Transposed: the new pixels 2i and 2i + 1 come from the old pixels i - 1 and i.
TRANSPOSED = np.array([[[0, 0, 1], [1, 0, 0]], [[0, 0, 0], [0, 1, 0]]], "float32")


def blocked_kernel(kernel, block):
    """The kernel that computes a block of pixels at once: identity 2 of `stylenet.speed.network`.

    Args:
        kernel: `(size, size, channels, filters)`.
        block: pixels a side.

    Returns:
        `(size + block - 1, size + block - 1, channels, block * block * filters)`.
    """
    size, _, channels, filters = kernel.shape
    reach = size + block - 1
    blocked = np.zeros((reach, reach, channels, block, block, filters), "float32")
    for i in range(block):
        for j in range(block):
            blocked[i : i + size, j : j + size, :, i, j] = kernel
    return blocked.reshape(reach, reach, channels, -1)


def upsampling_kernel(kernel, share):
    """The 2 x 2 kernel that makes 2 x 2 new pixels at once: identity 3 of `stylenet.speed.network`.

    Args:
        kernel: `(3, 3, channels, filters)`.
        share: `NEAREST` or `TRANSPOSED`.

    Returns:
        `(2, 2, channels, 4 * filters)`.
    """
    phases = np.einsum("ypr,xqs,rsio->pqiyxo", share, share, kernel)
    return phases.reshape(2, 2, kernel.shape[2], -1)
