"""Measures speed and memory side by side with PyTorch, and prints Markdown tables.

    python benchmarks/speed.py --sections inference,gatys,video,memory,start --output speed.md

Each framework has a worker process of its own. The variants are asked in turn (A B C A B C ...),
so that a slow phase of the machine hits all; a ratio is the median over the rounds of a
variant's time divided by the baseline's time of the same round. See benchmarks/README.md.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from variants import ENVIRONMENTS, GPU, REGISTRY

FOLDER = Path(__file__).resolve().parent
SIZES = {
    "inference": [256, 512, 1024],
    "training": [256],
    "host": [256],
    "gatys": [512],
    "universal": [512],
    "video": [512],
    "memory": [512, 1024, 2048],
    "universal memory": [1024],
}


class Worker:
    """The process of one framework."""

    def __init__(self, framework):
        paths = [str(FOLDER.parent), os.environ.get("PYTHONPATH", "")]
        environment = {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **os.environ,
            **ENVIRONMENTS[framework],
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(FOLDER / "variants.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        )

    def ask(self, section, name, size):
        """Seconds, or GB, of a variant at a size."""
        print(json.dumps([section, name, size]), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{name} failed at {size} px; see above.")
        return float(line)

    def close(self):
        """Ends the process."""
        self.process.stdin.close()
        self.process.wait()


def measure_times(section, names, size, rounds):
    """Times every variant once a round.

    Returns:
        A dict: name to a list of seconds, one a round.
    """
    variants = REGISTRY[section]
    workers = {framework: Worker(framework) for framework in {variants[n].framework for n in names}}
    times = {name: [] for name in names}
    try:
        for i in range(rounds + 1):
            for name in names:
                seconds = workers[variants[name].framework].ask(section, name, size)
                if i > 0:  # the first round warms up
                    times[name].append(seconds)
    finally:
        for worker in workers.values():
            worker.close()
    return times


def measure_memory(section, name, size):
    """Peak memory in GB of a fresh process, its imports included."""
    worker = Worker(REGISTRY[section][name].framework)
    try:
        return worker.ask(section, name, size)
    finally:
        worker.close()


def time_table(section, names, sizes, rounds):
    """Rows of median seconds and of median ratios to the first variant."""
    cells = {name: [] for name in names}
    for size in sizes:
        times = measure_times(section, names, size, rounds)
        for name in names:
            pairs = zip(times[name], times[names[0]], strict=True)
            ratio = statistics.median(ours / theirs for ours, theirs in pairs)
            seconds = statistics.median(times[name])
            digits = 3 if seconds > 0.1 else 5
            cells[name] += [f"{seconds:.{digits}f} [{min(times[name]):.{digits}f}]", f"{ratio:.2f}"]
    heads = [head for size in sizes for head in (f"{size} px, s [best]", "ratio")]
    return table([section, *heads], [[name, *row] for name, row in cells.items()])


def memory_table(section, names, sizes):
    """Rows of peak memory."""
    rows = [
        [name, *(f"{measure_memory(section, name, size):.2f}" for size in sizes)] for name in names
    ]
    return table([f"peak {section}, GB", *(f"{size} px" for size in sizes)], rows)


def start_table(rounds):
    """How long the command line takes to print its help."""
    command = [sys.executable, "-c", "from stylenet.cli import main; main()", "--help"]
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=FOLDER.parent)
        times.append(time.perf_counter() - start)
    row = ["`stylenet --help`", f"{statistics.median(times):.2f} [{min(times):.2f}]"]
    return table(["start", "s [best]"], [row])


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def installed_variants(section):
    """The names of a section's variants whose framework is there; the baseline must be."""
    missing = {f for f in ENVIRONMENTS if importlib.util.find_spec(f) is None}
    variants = REGISTRY[section].items()
    if "torch" in missing and any(it.framework == "torch" for _, it in variants):
        raise SystemExit("PyTorch is missing: install it with `pip install stylenet[benchmark]`.")
    return [name for name, it in variants if it.framework not in missing and (GPU or not it.gpu)]


def chosen_variants(section, words):
    """The first variant of a section, and those whose names have one of the words."""
    first, *others = installed_variants(section)
    return [first, *(name for name in others if any(word in name for word in words))]


def options():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    sections = [*REGISTRY, "start"]
    parser.add_argument("--sections", default=",".join(sections), help="default: %(default)s")
    parser.add_argument("--sizes", help="pixels, for instance 256,512; default: each section's")
    parser.add_argument("--rows", default="", help="words with commas; rows that have one of them")
    parser.add_argument("--rounds", type=int, default=9, help="default: %(default)s")
    parser.add_argument("--output", type=Path, help="a Markdown file to write as well")
    chosen = parser.parse_args()
    chosen.sections, chosen.rows = chosen.sections.split(","), chosen.rows.split(",")
    unknown = sorted(set(chosen.sections) - set(sections))
    if unknown:
        parser.error(f"expected sections among {', '.join(sections)}; received {unknown}")
    return chosen


def main():
    """Measures the chosen sections, printing each table as soon as it is complete."""
    chosen = options()
    tables = [f"{platform.machine()}, {os.cpu_count()} cores, {chosen.rounds} rounds"]
    for section in chosen.sections:
        sizes = SIZES.get(section, [512])
        if chosen.sizes:
            sizes = [int(size) for size in chosen.sizes.split(",")]
        if section == "start":
            tables.append(start_table(chosen.rounds))
        elif section.endswith("memory"):
            tables.append(memory_table(section, installed_variants(section), sizes))
        else:
            names = chosen_variants(section, chosen.rows)
            tables.append(time_table(section, names, sizes, chosen.rounds))
        print(tables[-1], end="\n\n", flush=True)
    if chosen.output:
        chosen.output.write_text("\n\n".join(tables) + "\n")


if __name__ == "__main__":
    main()
