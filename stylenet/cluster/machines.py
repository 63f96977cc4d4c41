"""The machines of a Ray cluster: found or started, and given tasks, a few more than they have room
for.
"""

import contextlib
import os
import re
import socket
from typing import NamedTuple

from stylenet import devices, extras

THREADS = "TF_NUM_INTRAOP_THREADS"  # TensorFlow reads it; unless it is set, all cores
WAITING = 2  # tasks handed out for each that can run, so that no machine waits for the next
STORE = 200_000_000  # bytes of memory for pictures on their way, of a cluster that is started here
SECONDS = 5.0  # after which machines are counted anew
RETRIES = 3  # of a task whose process or machine has ended


class Machines(NamedTuple):
    """What a cluster has: `count` machines, room for `slots` tasks, and what each of these takes.

    `options` are those of `ray.remote`.
    """

    count: int
    slots: int
    options: dict

    def describe(self):
        """In words: "2 machines, 8 at a time on 2 cores"."""
        cores = self.options["num_cpus"]
        kind = f"{cores:g} core{'s' * (cores > 1)}"
        kind = "a GPU" if "num_gpus" in self.options else kind
        return f"{self.count} machine{'s' * (self.count > 1)}, {self.slots} at a time on {kind}"


@contextlib.contextmanager
def connected(address):
    """A connection to a Ray cluster, which ends with the block; one that there is already stays.

        with connected("local"):
            ...

    Args:
        address: "local" starts a cluster on this machine, which ends with the block; "auto" finds
            the one that this machine belongs to; "HOST:6379" and "ray://HOST:10001" name one.

    Raises:
        ImportError: Ray is not installed.
        ConnectionError: there is no such cluster.
    """
    ray = extras.load("ray")
    if ray.is_initialized():
        yield
        return
    _check_reachable(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent home
    own = {"num_cpus": devices.cores(), "object_store_memory": STORE, "include_dashboard": False}
    try:
        ray.init(
            address,
            logging_level="ERROR",
            log_to_driver=False,
            **(own if address == "local" else {}),
        )
    except Exception as error:
        raise ConnectionError(_not_there(address, error)) from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_reachable(address):
    """Raises a ConnectionError where nobody listens: Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdigit()):
        return
    try:
        socket.create_connection((host, int(port)), SECONDS).close()
    except OSError as error:
        raise ConnectionError(_not_there(address, error.strerror or error)) from error


def _not_there(address, reason):
    return (
        f"Expected a Ray cluster at {address!r} (local starts one here). Received: "
        f"{' '.join(str(reason).split())[:200].rstrip('.')}."
    )


def threads():
    """The threads that TensorFlow draws a picture with, here and on all machines.

    With another number it adds in another order, which changes the last digits.
    """
    return int(os.environ.get(THREADS) or devices.cores())


def machines():
    """What the connected cluster has at this moment.

    A task takes as many cores as TensorFlow uses threads here, see `threads`, or the largest
    machine's.

    Where there are GPUs, each task takes one, and machines without are left out: drawings of both
    kinds would differ in the last digits.

    Returns:
        `Machines`.
    """
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = [int(node["GPU"]) for node in nodes if node.get("GPU")]
    if gpus:
        return Machines(len(gpus), sum(gpus), {"num_gpus": 1, "num_cpus": 1})
    cores = [node["CPU"] for node in nodes if node.get("CPU")]
    share = min(threads(), max(cores, default=1))
    slots = [int(count // share) for count in cores if count >= share]
    return Machines(len(slots), sum(slots), {"num_cpus": share})


def spread(function, tasks, arguments):
    """Runs a function once for each task, on whatever machines there are.

    A task whose machine has ended is run again on another, up to `RETRIES` times.

    Args:
        function: of a module that the other machines have, too.
        tasks: a list.
        arguments: a function of a task, which gives the arguments; called late, one task after the
            other.

    Yields:
        A task, and what the function returned; in the order in which they are done. Instead of
        that, the exception of `arguments`, or a ConnectionError if machines went on ending.

    Raises:
        ConnectionError: the function itself failed.
    """
    import ray

    waiting, running = list(reversed(tasks)), {}
    remote = ray.remote(max_retries=RETRIES)(function)
    while waiting or running:
        found = machines()
        while waiting and len(running) < max(1, WAITING * found.slots):
            task = waiting.pop()
            try:
                running[remote.options(**found.options).remote(*arguments(task))] = task
            except (OSError, ValueError) as error:
                yield task, error
        done, _ = ray.wait(list(running), timeout=SECONDS) if running else ([], [])
        for reference in done:
            yield running.pop(reference), _received(reference)


def stream(function, tasks, arguments):
    """Runs a generator once for each task, on whatever machines there are.

    Args:
        function: a generator function, as in `spread`. What it yields for the same arguments has to
            be the same: where a machine has ended, another begins anew.
        tasks: a list.
        arguments: as in `spread`.

    Yields:
        A task, and the next of what its generator yields; of each task in order, each once.

    Raises:
        ConnectionError: the function failed, or machines went on ending.
    """
    import ray

    waiting, running = list(reversed(tasks)), {}
    remote = ray.remote(max_retries=RETRIES, num_returns="streaming")(function)
    while waiting or running:
        found = machines()
        while waiting and len(running) < max(1, found.slots):
            task = waiting.pop()
            running[remote.options(**found.options).remote(*arguments(task))] = task
        done, _ = ray.wait(list(running), timeout=SECONDS)
        for generator in done:
            try:
                result = _received(next(generator))
            except StopIteration:
                del running[generator]
                continue
            if isinstance(result, ConnectionError):
                raise result
            yield running[generator], result


def _received(reference):
    import ray

    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        place = re.search(r"ip=([^,)]+)", str(error))  # not all of Ray's errors have it by itself
        where = f"On the machine {place[1]}" if place else "On a machine of the cluster"
        raise ConnectionError(f"{where}: {_last_line(error)}") from error
    except ray.exceptions.RayError as error:
        return ConnectionError(f"The machine or its process ended: {_last_line(error)}")


def _last_line(error):
    return str(error).strip().splitlines()[-1]
