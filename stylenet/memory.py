"""How much memory there is, how large a picture fits into it, and what is said where it ends.

Each method forecasts what it takes: `feed_forward.memory`, `gatys.memory`, `universal.memory`.
"""

import contextlib
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
STEPS = 32  # sizes that are tried, parts of a picture's own
SHARE = 0.9  # of what there is: other programs need some, and forecasts err
# What the backends and their libraries say.
SIGNS = ("RESOURCE_EXHAUSTED", "OOM when allocating", "out of memory", "create a memory object")


class OutOfMemory(MemoryError):
    """Memory is at its end; the text says of which picture, and what to do."""


def free():
    """The memory that this process can have in all, in GB (10^9): what it has, and what is free.

    What the system limits counts: address space (`ulimit -v`), and a container's memory.
    """
    import psutil  # not needed for the first word that a command says

    process = psutil.Process()
    own = process.memory_info()
    found = [own.rss + psutil.virtual_memory().available, *_limits_of_groups()]
    if hasattr(process, "rlimit"):
        limit = process.rlimit(psutil.RLIMIT_AS)[0]
        found += [own.rss + limit - own.vms] if limit != psutil.RLIM_INFINITY else []
    return min(found) / 1e9


def fitting(needed, height, width, available=None):
    """The longer side at which a picture fits into the memory that there is.

    Args:
        needed: a function, height and width in pixels to GB; see `Stylizer.memory`.
        height: of the picture, in pixels.
        width: the same.
        available: in GB, by default nine tenths of `free`.

    Returns:
        Pixels: the picture's own longer side if it fits as it is, and too if no size fits.
    """
    available = SHARE * free() if available is None else available
    for step in range(STEPS, 0, -1):
        sides = [max(1, side * step // STEPS) for side in (height, width)]
        if needed(*sides) <= available:
            return max(sides)
    return max(height, width)


def ended(error):
    """Whether an error says, in whatever words, that there is no more memory."""
    known = isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
    return known or any(sign in str(error) for sign in SIGNS)


@contextlib.contextmanager
def told(size, needed=None, name=""):
    """Of a picture for which memory is too small, one sentence instead of a library's words.

    Args:
        size: (height, width) of the picture, in pixels.
        needed: a forecast, as in `fitting`, or None.
        name: of the picture's file, if it has one.

    Raises:
        OutOfMemory: what runs inside ended for want of memory.
    """
    try:
        yield
    except Exception as error:
        if not ended(error):
            raise
        text = str(error) if isinstance(error, OutOfMemory) else _sentence(*size, needed)
        raise OutOfMemory(f"{name}: {text}" if name else text) from error


def _sentence(height, width, needed):
    forecast = f", about {needed(height, width):.1f} GB" if needed else ""
    side = max(1, max(height, width) // 2)
    return (
        f"Expected memory for {width} x {height} pixels{forecast}. Received: too little, of the "
        f"{free():.1f} GB that there are. Draw a smaller picture, for instance with "
        f"--max-size {side}."
    )


def _limits_of_groups():
    """What Linux allows the control groups that this process is in, in bytes."""
    with contextlib.suppress(OSError):
        group = Path("/proc/self/cgroup").read_text().rpartition("::")[2].strip()
        own = GROUPS / group.lstrip("/")
        for folder in (own, *own.parents):
            with contextlib.suppress(OSError, ValueError):
                yield int((folder / "memory.max").read_text())
