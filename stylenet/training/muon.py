"""Muon, an optimizer for kernels: every direction in them learns equally fast.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks",
https://kellerjordan.github.io/posts/muon; the scale is that of Liu et al. 2025, "Muon is Scalable
for LLM Training", https://arxiv.org/abs/2502.16982, so that Adam's learning rates fit.

Keras' own `Muon` treats matrices alone, and a kernel of a convolution has four axes.
"""

import keras
from keras import ops

# Five steps of x <- a x + b (x x') x + c (x x')^2 x bring all singular values to about one.
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
STEPS = 5
RMS = 0.2  # of an update in units of the learning rate, as Adam's


@keras.saving.register_keras_serializable(package="stylenet")
class Muon(keras.optimizers.Adam):
    """Muon for the kernels of convolutions, Adam for everything else.

    A kernel `(height, width, channels, filters)` is taken as a matrix with one column a filter.
    Kernels from or to pictures, with three channels or filters or fewer, are left to Adam.

    Args:
        learning_rate: a float or a schedule.
        momentum: of Muon, Nesterov's.
        kernel_rate: the learning rate of kernels, as a part of that of everything else.
        **kwargs: `keras.optimizers.Adam`'s.

    Reference: https://kellerjordan.github.io/posts/muon
    """

    def __init__(self, learning_rate=0.001, momentum=0.95, kernel_rate=1.0, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.momentum, self.kernel_rate = momentum, kernel_rate

    def update_step(self, gradient, variable, learning_rate):
        if len(variable.shape) == 4:
            learning_rate = learning_rate * self.kernel_rate
        if len(variable.shape) != 4 or min(variable.shape[2:]) <= 3:
            return super().update_step(gradient, variable, learning_rate)
        average = self._momentums[self._get_variable_index(variable)]
        self.assign(average, self._mixed(average, gradient))
        update = ops.reshape(self._mixed(average, gradient), (-1, variable.shape[3]))
        scale = RMS * max(update.shape) ** 0.5 * ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, ops.reshape(scale * orthogonal(update), variable.shape))

    def _mixed(self, average, gradient):
        return self.momentum * average + (1 - self.momentum) * gradient

    def get_config(self):
        own = {"momentum": self.momentum, "kernel_rate": self.kernel_rate}
        return super().get_config() | own


def orthogonal(matrix):
    """A matrix with the singular vectors of `matrix` and singular values between 0.7 and 1.2.

    Args:
        matrix: `(rows, columns)`. Singular values below a thousandth of the greatest stay small.
    """
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = ops.transpose(matrix) if tall else matrix
    x = x / (ops.norm(x) + 1e-12)
    for _ in range(STEPS):
        gram = x @ ops.transpose(x)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return ops.transpose(x) if tall else x
