"""A Ray cluster of two nodes on this machine, small enough for two cores."""

import threading

import pytest

NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}

PATIENCE = {  # on a machine that does other things as well
    "USAGE_STATS_ENABLED": "0",
    "agent_register_timeout_ms": "300000",
    "worker_niceness": "0",
}


def patiently(start, tries=5, **options):
    """What Ray starts; it gives up after half a minute, which a busy machine may take."""
    try:
        return start(**options)
    except Exception as error:
        if tries == 1 or "timed out during startup" not in str(error):
            raise
    return patiently(start, tries - 1, **options)


@pytest.fixture(scope="session")
def nodes():
    """A cluster of one node, to which others are added."""
    pytest.importorskip("ray", reason="Ray is missing: pip install 'stylenet[cluster]'")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        for name, value in PATIENCE.items():
            patch.setenv(f"RAY_{name}", value)
        head = {**NODE, "include_dashboard": False}
        cluster = patiently(Cluster, head_node_args=head, initialize_head=True)
        yield cluster
        cluster.shutdown()


@pytest.fixture
def two_nodes(nodes):
    """The cluster, with a second node, and that node; this process is connected."""
    import ray

    second = patiently(nodes.add_node, **NODE)
    ray.init(nodes.address, logging_level="ERROR", log_to_driver=False)
    yield nodes, second
    ray.shutdown()
    if second in nodes.list_all_nodes():
        nodes.remove_node(second)


@pytest.fixture
def deadly(two_nodes, tmp_path):
    """Turns a function into one whose second call on the second node is the end of that node.

    Calls elsewhere are two at most until then, so that it comes in the middle. Also a path, which
    exists once the node has ended.
    """
    nodes, second = two_nodes
    log, ended, over = tmp_path / "begun.txt", tmp_path / "ended", threading.Event()

    def turned(function):
        name, begun, end = second.node_id, str(log), str(ended)

        def draw(picture):
            import time
            from pathlib import Path

            import ray

            here = ray.get_runtime_context().get_node_id()
            with open(begun, "a") as file:
                file.write(f"{here}\n")
            calls = Path(begun).read_text().split().count(here)
            while here == name and calls > 1:
                time.sleep(0.01)  # until this process ends with its node
            while calls > 2 and not Path(end).exists():
                time.sleep(0.01)
            return function(picture)

        return draw

    def kill():
        while not over.wait(0.01):
            if log.exists() and log.read_text().split().count(second.node_id) > 1:
                nodes.remove_node(second, allow_graceful=False)
                ended.touch()
                return

    thread = threading.Thread(target=kill)
    thread.start()
    yield turned, ended
    over.set()
    thread.join()
