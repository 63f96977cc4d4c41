"""The command that times the methods on this machine."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def benchmark(
    methods: Annotated[
        list[str] | None, Argument(help="feed-forward, gatys, universal; by default all.")
    ] = None,
    output: Annotated[Path, Option("-o", "--output", help="A JSON file.")] = Path("runtimes.json"),
    size: Annotated[
        list[int] | None, Option(min=32, help="Pixels a side; repeatable; 256, 512 and 1024.")
    ] = None,
    rounds: Annotated[int, Option(min=1, help="The median of so many.")] = 3,
    vgg_weights: Annotated[str, Option(help="imagenet, or a file.")] = "imagenet",
):
    """Measure the seconds a picture that each method takes on this machine.

    Leave the machine alone meanwhile. Gatys' method: 500 steps, from the time of a few.

    Example: stylenet benchmark feed-forward gatys --size 256 --size 512
    """
    from stylenet.commands import timing

    if not output.parent.is_dir() or output.suffix != ".json":
        raise ValueError(f"Expected NAME.json in an existing folder. Received: {output}")
    result = timing.measure(size or (256, 512, 1024), methods, rounds, vgg_weights)
    timing.write(result, output)
    print(result["machine"])
    for method, seconds in result["seconds"].items():
        row = zip(result["sizes"], seconds, strict=True)
        print(f"{method:16}" + "".join(f"{side} px: {value:<12.3g}" for side, value in row))
    print(output)
