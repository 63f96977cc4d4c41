"""What a run is trained on, as the backend sees it, and which defaults suit it."""

import keras

from stylenet.training.workers import workers

LOOP = 20  # steps in one call on a GPU: a few calls a second


def on_gpu():
    """Whether the backend computes on a GPU or a TPU."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() != "cpu"
    import tensorflow as tf

    return any(tf.config.list_physical_devices(kind) for kind in ("GPU", "TPU"))


def precision(chosen):
    """The policy of precision that "auto" stands for: half precision where hardware is made for it.

    That is on a TPU, and on NVIDIA's GPUs from Ampere on (compute capability 8).

    Args:
        chosen: one of `feed_forward.settings.PRECISIONS`.
    """
    if chosen != "auto":
        return chosen
    return "mixed_bfloat16" if on_gpu() and _capability() >= 8 else "float32"


def steps_per_execution(settings):
    """How many steps one call takes: a divisor of those of an epoch.

    Args:
        settings: `settings.FitSettings`.
    """
    if keras.backend.backend() == "jax" and workers("jax").count > 1:
        return 1  # each machine has a part of a batch, and a loop would have to stack them
    wanted = settings.steps_per_execution or (LOOP if on_gpu() else 1)
    return max(n for n in range(1, wanted + 1) if settings.epoch_steps % n == 0)


def _capability():
    """NVIDIA's compute capability of the first device; infinite for a TPU, 0 for what has none."""
    if keras.backend.backend() == "jax":
        import jax

        device = jax.devices()[0]
        known = float("inf") if device.platform == "tpu" else 0
        return float(getattr(device, "compute_capability", known))
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        return float("inf")
    details = tf.config.experimental.get_device_details(tf.config.list_physical_devices("GPU")[0])
    return details.get("compute_capability", (0, 0))[0]
