"""The lock and the workflow: what is installed and run is what was looked at."""

import re

from helpers import PROJECT
from packaging.requirements import Requirement

LOCK = (PROJECT / "requirements.lock").read_text()
LINES = [line for line in LOCK.splitlines() if line and not line.startswith((" ", "#"))]


def test_every_requirement_is_locked_within_its_range():
    locked = {}
    for line in LINES:
        name, version = re.match(r"([a-z0-9-]+)==([^ ;\\]+)", line).groups()
        locked.setdefault(name, []).append(version)
    wanted = (PROJECT / "requirements.txt").read_text().splitlines()
    for requirement in map(Requirement, (line for line in wanted if line[:1] not in ("", "#"))):
        versions = locked[requirement.name]
        assert all(requirement.specifier.contains(version) for version in versions), requirement


def test_every_locked_package_has_a_hash():
    packages = re.split(r"\n(?=[a-z])", LOCK)[1:]
    assert len(packages) == len(LINES) > 100
    assert all("--hash=sha256:" in package for package in packages)


def test_the_workflow_reads_only_and_names_its_actions_by_commit():
    text = (PROJECT / ".github" / "workflows" / "test.yml").read_text()
    assert "permissions:\n  contents: read\n" in text
    actions = re.findall(r"uses: (\S+)", text)
    assert actions and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in actions)
