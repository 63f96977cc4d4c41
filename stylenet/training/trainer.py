"""A network in training: losses that are functions, in Keras' own `fit()`."""

import itertools

import keras


class Trainer(keras.Model):
    """A network and a loss of several terms; `fit()` does the rest.

    Args:
        network: the `keras.Model` to train.
        names: of the terms.

    `fit()` takes batches of pairs, twice the same photographs `(batch, height, width, 3)`. A kind
    of trainer says in `terms(outputs, photographs)` what the terms are, a dict of scalars, and in
    `total(terms)` how they become the loss. Each is a metric of its own beside `loss`.

    With an `album`, an `album.Album`, the photographs of a batch may be dicts `{"places": ...}`
    that say where in the album they lie. They are cut before `call` and `compute_loss` see them.
    """

    album = None

    def __init__(self, network, names, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}
        self.built = True  # the network and the loss come with their variables

    def call(self, inputs):
        return self.network(inputs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        terms = self.terms(y_pred, y)
        for name, tracker in self.trackers.items():
            tracker.update_state(terms[name])
        return self.total(terms) / self._replicas()

    def train_step(self, *args):
        """Keras' own, after crops are cut; it is given (state, data) on JAX, else data alone."""
        *state, data = args
        results = super().train_step(*state, self._cut(data, *state) if self.album else data)
        return self._with_axes(results) if self._on_several_machines() else results

    def _maybe_symbolic_build(self, **options):
        """All is built already; Keras 3.15 stumbles over batches that are spread over machines."""
        if not self._on_several_machines():
            super()._maybe_symbolic_build(**options)

    def _on_several_machines(self):
        strategy = type(getattr(self, "distribute_strategy", None)).__name__
        return strategy == "CollectiveAllReduceStrategy"

    @staticmethod
    def _with_axes(logs):
        """Keras 3.15 takes means over the machines along an axis that losses don't have."""
        return {name: value[None] for name, value in logs.items()}

    def make_train_function(self, force=False):
        """On JAX, Keras calls a compiled step `steps_per_execution` times; here the steps are one.

        `train_function` is then a program that loops over so many batches.
        """
        made = self.train_function is not None and not force
        super().make_train_function(force)
        if keras.backend.backend() == "jax" and self.steps_per_execution > 1 and not made:
            self.train_function = looped(self.train_step, self.steps_per_execution)

    def _cut(self, data, state=None):
        """A batch whose photographs are pictures."""
        variables = zip(self.non_trainable_variables, state[1], strict=True) if state else ()
        with keras.StatelessScope(state_mapping=list(variables)):
            return keras.tree.traverse(self._crops, data)

    def _crops(self, part):
        return self.album(part["places"]) if isinstance(part, dict) and "places" in part else None

    def _replicas(self):
        """`tf.distribute` adds the gradients of its replicas up; their mean is meant."""
        strategy = getattr(self, "distribute_strategy", None)
        return getattr(strategy, "num_replicas_in_sync", 1)


def looped(step, count):
    """A function of a state and an iterator of batches that takes `count` steps in one program.

    Args:
        step: a function of a state and a batch to logs and a state, in JAX.
        count: of steps; fewer where the batches end.
    """
    import jax

    def body(state, batch):
        logs, state = step(state, batch)
        return state, logs

    def steps(state, batches):
        stacked = jax.tree.map(lambda *leaves: jax.numpy.stack(leaves), *batches)
        state, logs = jax.lax.scan(body, state, stacked)
        return jax.tree.map(lambda values: values[-1], logs), state

    compiled = jax.jit(steps, donate_argnums=0)

    def function(state, iterator):
        batches = list(itertools.islice(iterator, count))
        if not batches:
            raise StopIteration
        return compiled(state, batches)

    return function
