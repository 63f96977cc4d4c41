"""A Ray cluster of two nodes on this machine, small enough for two cores."""

import pytest

NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}

PATIENCE = {  # on a machine that does other things as well
    "USAGE_STATS_ENABLED": "0",
    "agent_register_timeout_ms": "300000",
    "worker_niceness": "0",
}


@pytest.fixture(scope="session")
def nodes():
    """A cluster of one node, to which others are added."""
    pytest.importorskip("ray", reason="Ray is missing: pip install 'stylenet[cluster]'")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        for name, value in PATIENCE.items():
            patch.setenv(f"RAY_{name}", value)
        cluster = Cluster(head_node_args={**NODE, "include_dashboard": False}, initialize_head=True)
        yield cluster
        cluster.shutdown()


@pytest.fixture
def two_nodes(nodes):
    """The cluster, with a second node, and that node; this process is connected."""
    import ray

    second = nodes.add_node(**NODE)
    ray.init(nodes.address, logging_level="ERROR", log_to_driver=False)
    yield nodes, second
    ray.shutdown()
    if second in nodes.list_all_nodes():
        nodes.remove_node(second)
