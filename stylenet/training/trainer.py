"""A network in training: losses that are functions, in Keras' own `fit()`."""

import keras


class Trainer(keras.Model):
    """A network and a loss of several terms; `fit()` does the rest.

    Args:
        network: the `keras.Model` to train.
        names: of the terms.

    `fit()` takes batches of pairs, twice the same photographs `(batch, height, width, 3)`. A kind
    of trainer says in `terms(outputs, photographs)` what the terms are, a dict of scalars, and in
    `total(terms)` how they become the loss. Each is a metric of its own beside `loss`.
    """

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

    def _replicas(self):
        """`tf.distribute` adds the gradients of its replicas up; their mean is meant."""
        strategy = getattr(self, "distribute_strategy", None)
        return getattr(strategy, "num_replicas_in_sync", 1)
