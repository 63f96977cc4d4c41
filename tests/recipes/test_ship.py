"""What a record says of the run that made a file."""

import sys

import pytest
import ship

from stylenet.feed_forward.training import StyleSettings
from stylenet.training import records


def test_a_command_that_asks_for_the_same_names_what_is_not_usual():
    settings = StyleSettings(steps=400, epoch_steps=50, start="wave", optimizer="muon").as_dict()
    assert ship.equivalent(settings, "mine") == (
        "stylenet train mine.jpg --content photographs -o mine.weights.h5 "
        "--steps 400 --epoch-steps 50 --optimizer muon --start wave"
    )


@pytest.mark.parametrize(
    "program, expected",
    [
        ("/usr/bin/stylenet", "stylenet train a.jpg -o 'my style.weights.h5'"),
        ("/somewhere/stylenet/__main__.py", "stylenet train a.jpg -o 'my style.weights.h5'"),
        ("recipe.py", None),
        ("/somewhere/stylenet/recipe.py", None),
    ],
)
def test_only_a_command_is_recorded_as_one(monkeypatch, program, expected):
    monkeypatch.setattr(sys, "argv", [program, "train", "a.jpg", "-o", "my style.weights.h5"])
    assert records._command() == expected
