"""Memory that tensors leave is used again, instead of going back to the system after each step.

glibc asks the system for a block of its own for whatever is larger than a threshold, and gives it
back when it is freed; the next block comes as zeros, page by page, which costs as much as many a
layer. By itself it learns from what is freed: the threshold grows to 32 MB. It stops learning where
a program sets one of its limits, and TensorFlow sets one when `fit()` opens a stream of batches.

Reference: mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD,
https://man7.org/linux/man-pages/man3/mallopt.3.html
"""

import ctypes
import sys

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # what malloc.h calls them
LARGEST = 32 * 2**20  # bytes, the threshold at which glibc's own rule ends


def reuse_memory():
    """Sets glibc's limits to what it would have learned; elsewhere nothing happens.

    Returns:
        Whether it did.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if not hasattr(libc, "mallopt"):
        return False
    # Of what is free at the end, twice the threshold is kept, as by glibc's own rule.
    limits = {MMAP_THRESHOLD: LARGEST, TRIM_THRESHOLD: 2 * LARGEST}
    return all(libc.mallopt(name, size) for name, size in limits.items())
