"""The figure of lecture 5: what a network costs by its photographs and its steps."""

import json
from pathlib import Path

from stylenet.figures.drawing import PICTURES, Figure, grid


def photographs(measured=PICTURES / "figures" / "photographs.json"):
    """Cost on unseen photographs against steps, a line a number of photographs, and the reverse.

    Args:
        measured: a file that `benchmarks/quality_photographs.py` wrote.
    """
    results = json.loads(Path(measured).read_text())
    cost = {(row["photographs"], row["steps"]): row["total"] / 1e6 for row in results["rows"]}
    counts, steps = (sorted(set(each)) for each in zip(*cost, strict=True))
    drawing, axes = grid(1, 2, aspect=1.3, sharey=True)
    left, right = axes[0]
    for count in counts:
        found = [number for number in steps if (count, number) in cost]
        name = f"{count:,} photograph{'s' * (count > 1)}"
        left.plot(found, [cost[count, number] for number in found], marker="o", label=name)
    for number in steps:
        found = [count for count in counts if (count, number) in cost]
        right.plot(found, [cost[n, number] for n in found], marker="o", label=f"{number} steps")
    left.set(xscale="log", xlabel="steps", ylabel="cost on unseen photographs, million")
    left.set_xticks(steps, [str(number) for number in steps])
    right.set(xscale="log", xlabel="photographs to learn from")
    right.set_xticks(counts, [f"{count:,}" for count in counts])
    for axis in (left, right):
        axis.minorticks_off()
        axis.legend(fontsize=9)
    return Figure(drawing, _caption(results))


def _caption(results):
    settings, unchanged = results["settings"], results["unchanged"]["total"] / 1e6
    return (
        f"What a network of {settings['width']} filters costs that learned {results['style']} from "
        f"few or many photographs, {settings['batch_size']} crops of {settings['crop_size']} "
        f"pixels a step: the loss, seen by slim, on {results['validation']} photographs that no "
        f"run has seen. As they are, these cost {unchanged:.0f} million. One run for each number "
        "of photographs, from a copy, stopped at each mark when its learning rate had fallen, and "
        "continued. benchmarks/quality_photographs.py."
    )
