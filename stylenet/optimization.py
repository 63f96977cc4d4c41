"""Optimizes the pixels of a picture: the backend takes gradients, SciPy or Keras takes steps.

Gatys, Ecker and Bethge 2015, section "Methods", https://arxiv.org/abs/1508.06576;
L-BFGS: Liu and Nocedal 1989, https://doi.org/10.1007/BF01589116
"""

import functools
from typing import NamedTuple

import keras
import numpy as np
from keras import ops
from scipy.optimize import minimize as scipy_minimize

from stylenet import inputs
from stylenet.errors import ends_all
from stylenet.reports import progress_bar
from stylenet.surroundings import plain

# Pairs of steps that L-BFGS remembers; each takes 16 bytes a value. With 10 the loss is 2 % lower
# after 150 steps.
MEMORY = 5
MOST_STEPS, MOST_GREY = 1_000_000, 255.0


class Result(NamedTuple):
    """The picture that an optimization found, and its history.

    `image` is `(height, width, 3)`, float32 in [0, 255]; `history` has a dict a step: each
    weighted term of the loss, and "loss", their sum; `interrupted` tells whether Ctrl-C ended it.
    Where an array is expected, a result counts as its picture: `save_image(path, result)`.
    """

    image: np.ndarray
    history: list
    interrupted: bool = False

    def __array__(self, dtype=None, copy=None):
        return np.array(self.image, dtype) if copy else np.asarray(self.image, dtype)


def value_and_gradient(terms):
    """The terms of a loss and the gradient of their sum with respect to a picture.

    This is all of the package that depends on the backend. TensorFlow compiles the loss; one
    that can't be compiled, say because it loops over a tensor, runs step by step.

    Args:
        terms: a function, tensor `(1, height, width, 3)` to a dict of scalars, by `keras.ops`.

    Returns:
        A function, float32 array `(1, height, width, 3)` to a dict of floats and an array
        like the picture.

    Raises:
        ValueError: a backend other than TensorFlow and JAX, or, on TensorFlow, a loss that does
            not depend on the picture.
    """
    if keras.backend.backend() == "tensorflow":
        run = _tensorflow_gradient(terms)
    elif keras.backend.backend() == "jax":
        run = _jax_gradient(terms)
    else:
        raise ValueError(
            "Expected the Keras backend to be tensorflow or jax. "
            f"Received: {keras.backend.backend()}. Set the environment variable KERAS_BACKEND."
        )

    def evaluate(image):
        values, gradient = run(ops.convert_to_tensor(image, "float32"))
        return {name: float(value) for name, value in values.items()}, np.asarray(gradient)

    return evaluate


def _tensorflow_gradient(terms):
    import tensorflow as tf

    def run(image):
        with tf.GradientTape() as tape:
            tape.watch(image)
            values = terms(image)
            total = sum(values.values())
        gradient = tape.gradient(total, image) if tf.is_tensor(total) else None
        if gradient is None:
            raise ValueError(
                "Expected a loss with a gradient. Received one that does not depend on the "
                "picture. Write it with keras.ops: what NumPy returns is a constant."
            )
        # Where the loss takes single entries, TensorFlow keeps their slopes alone.
        return values, tf.convert_to_tensor(gradient)

    # TensorFlow counts traces by code and warns of many; here it serves many losses.
    compiled = tf.function(functools.partial(run), autograph=False)
    untraceable = tf.errors.OperatorNotAllowedInGraphError, NotImplementedError, TypeError
    way = [compiled]

    def evaluate(image):
        try:
            return way[0](image)
        except untraceable:
            way[0] = run
            return run(image)

    return evaluate


def _jax_gradient(terms):
    import jax

    def total(image):
        values = terms(image)
        return sum(values.values()), values

    gradient = jax.jit(jax.grad(total, has_aux=True))
    return lambda image: gradient(image)[::-1]


@plain()
def minimize(
    terms, image, num_steps, optimizer="lbfgs", learning_rate=10.0, callback=None, progress=True
):
    """Minimizes a loss over the pixels of a picture.

    Args:
        terms: the loss, see `value_and_gradient`.
        image: where to start, `(height, width, 3)`.
        num_steps: evaluations of the loss and its gradient.
        optimizer: "lbfgs" (SciPy) or "adam" (Keras).
        learning_rate: Adam's, in grey levels; it falls along a cosine to nothing.
        callback: called after each step with its number from 1, the dict of terms, and the
            picture `(height, width, 3)` that was evaluated.
        progress: show the step, the loss and the time left; a text is put before them.

    Returns:
        A `Result`: of all pictures seen, the one of the smallest loss. So does Ctrl-C, except
        inside of `errors.in_a_row`.

    Raises:
        ValueError: an unknown optimizer, no steps, or a term that is no longer finite.
    """
    inputs.choice("optimizer", optimizer, OPTIMIZERS)
    inputs.number("num_steps", num_steps, 1, MOST_STEPS, whole=True)
    inputs.number("learning_rate", learning_rate, 0, MOST_GREY)
    start, interrupted = np.asarray(image, "float32")[None], False
    shown = {"desc": progress if isinstance(progress, str) else None, "disable": not progress}
    with progress_bar(total=num_steps, unit="step", **shown) as bar:
        steps = Steps(value_and_gradient(terms), num_steps, callback, bar)
        try:
            OPTIMIZERS[optimizer](steps, start, learning_rate)
        except Finished:
            pass
        except KeyboardInterrupt:
            if steps.best is None or ends_all():
                raise
            interrupted = True
    return Result(np.clip(steps.best[0], 0.0, 255.0), steps.history, interrupted)


class Finished(Exception):
    """Raised when all steps are done."""


class Steps:
    """The evaluations of a loss: counted, recorded, the best picture remembered."""

    def __init__(self, evaluate, num_steps, callback, bar):
        self.evaluate, self.num_steps = evaluate, num_steps
        self.callback, self.bar = callback, bar
        self.history, self.best, self.smallest = [], None, np.inf

    def __call__(self, image):
        """The loss and its gradient at `(1, height, width, 3)`; `Finished` after the last step."""
        if len(self.history) == self.num_steps:
            raise Finished
        terms, gradient = self.evaluate(image)
        loss = sum(terms.values())
        if not np.isfinite(loss):
            bad = [name for name, value in terms.items() if not np.isfinite(value)]
            raise ValueError(
                f"Expected finite losses, but {' and '.join(bad)} became {terms[bad[0]]} at step "
                f"{len(self.history) + 1}. Lower the learning rate or the term's weight."
            )
        if loss < self.smallest:
            self.best, self.smallest = np.array(image), loss
        self.history.append({**terms, "loss": loss})
        self.bar.set_postfix({"loss": f"{loss:.4g}"}, refresh=False)
        self.bar.update()
        if self.callback:
            self.callback(len(self.history), terms, image[0])
        return loss, gradient


def _lbfgs(steps, image, learning_rate):
    """SciPy's L-BFGS-B without bounds; where rounding makes a line search fail, it starts anew."""
    # The first step has length 1; in this unit that is one grey level a value.
    unit = np.sqrt(image.size)

    def function(flat):
        loss, gradient = steps((unit * flat.reshape(image.shape)).astype("float32"))
        return loss, unit * gradient.reshape(-1).astype("float64")

    options = {"maxcor": MEMORY, "maxiter": steps.num_steps, "ftol": 0.0, "gtol": 0.0}
    options["maxfun"] = 2 * steps.num_steps  # `steps` ends it
    start, before = image, np.inf
    while True:
        flat = start.reshape(-1) / unit
        scipy_minimize(function, flat, jac=True, method="L-BFGS-B", options=options)
        if not steps.smallest < before:
            return
        start, before = steps.best, steps.smallest


def _adam(steps, image, learning_rate):
    schedule = keras.optimizers.schedules.CosineDecay(learning_rate, steps.num_steps)
    optimizer = keras.optimizers.Adam(schedule)
    pixels = keras.Variable(image)
    while True:
        _, gradient = steps(ops.convert_to_numpy(pixels))
        optimizer.apply([ops.convert_to_tensor(gradient)], [pixels])


OPTIMIZERS = {"lbfgs": _lbfgs, "adam": _adam}
