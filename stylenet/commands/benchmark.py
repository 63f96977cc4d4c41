"""The command that times the methods on this machine."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from stylenet.commands import options


def benchmark(
    methods: Annotated[
        list[str] | None,
        Argument(metavar="METHOD", help="feed-forward, gatys, universal, onepass; by default all."),
    ] = None,
    output: Annotated[Path, options.written("What to write: NAME.json.")] = Path("runtimes.json"),
    size: Annotated[
        list[int] | None,
        Option(
            min=32,
            max=16384,
            metavar="PIXELS",
            help="A picture's side; repeatable, or with commas; 256,512,1024 unless given.",
        ),
    ] = None,
    rounds: Annotated[
        int, Option(min=1, max=1000, metavar="NUMBER", help="Each time is the median of so many.")
    ] = 3,
    weights: options.LossWeights = "imagenet",
):
    """Measure the seconds a picture that each method takes on this machine.

    Leave the machine alone meanwhile. Gatys' method: 500 steps, from the time of a few.

    Example: stylenet benchmark feed-forward gatys --size 256,512
    """
    from stylenet import devices, reports
    from stylenet.commands import timing

    timing.check_output(output)
    reports.tell(f"measuring on {devices.describe()} ...")
    result = timing.measure(size or (256, 512, 1024), methods, rounds, weights)
    timing.write(result, output)
    print(result["machine"])
    for method, seconds in result["seconds"].items():
        row = zip(result["sizes"], seconds, strict=True)
        print(f"{method:16}" + "".join(f"{side} px: {value:<12.3g}" for side, value in row))
    reports.tell(f"Wrote {output}.")
