"""A process that stays, as a page or a notebook, does not grow with each size of picture."""

import os
import subprocess
import sys

import pytest
from helpers import PROJECT

DRAW = """
import sys
import numpy as np, psutil
from stylenet import stylizer
from stylenet.speed import graphs
graphs.OFTEN = 2
if sys.argv[1] == "universal":
    draw = stylizer(np.full((64, 64, 3), 99.0), "universal", levels=(4, 1))
else:
    draw = stylizer("wave")
random = np.random.default_rng(0)
for number in range(int(sys.argv[2])):
    picture = random.uniform(0, 255, (64 + 16 * (number % 7), 80 + 16 * (number // 3), 3))
    for _ in range(2):  # the second picture of a size has a graph of its own
        draw(picture.astype("float32"))
    if number >= 9:
        print(psutil.Process().memory_info().rss)
"""


@pytest.mark.slow
@pytest.mark.parametrize("method, sizes", [("feed_forward", 50), ("universal", 16)])
def test_memory_stays_where_it_is_after_ten_sizes(method, sizes):
    done = subprocess.run(
        [sys.executable, "-c", DRAW, method, str(sizes)],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
    )
    after_ten, *others = map(int, done.stdout.split())
    assert max(others) - after_ten < 250e6
    assert after_ten < 1.6e9
