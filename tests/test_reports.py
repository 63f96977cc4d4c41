"""What is told: in a terminal, elsewhere, or not at all."""

import io
import sys
from types import ModuleType, SimpleNamespace

import pytest

from stylenet import reports


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def loud():
    yield
    reports.configure()


def test_what_was_made_goes_to_the_standard_output_and_warnings_do_not(capsys):
    reports.tell("Wrote out.png.")
    reports.warn("one was left out")
    assert capsys.readouterr() == ("Wrote out.png.\n", "stylenet: one was left out\n")


def test_quiet_keeps_warnings_alone(capsys):
    reports.configure(quiet=True)
    reports.tell("Wrote out.png.")
    reports.warn("one was left out")
    assert list(reports.progress_bar(range(2))) == [0, 1]
    assert capsys.readouterr() == ("", "stylenet: one was left out\n")


def test_a_status_is_shown_in_a_terminal_until_something_else_is_told(monkeypatch, capsys):
    reports.status("loading ...")
    assert capsys.readouterr() == ("", "")
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    reports.status("loading ...")
    reports.tell("done")
    assert screen.getvalue() == f"{reports.CLEAR}loading ...{reports.CLEAR}"


def test_without_a_terminal_a_bar_is_plain_lines_now_and_then(monkeypatch, capsys):
    monkeypatch.setattr(reports, "SECONDS", 0.0)
    with reports.progress_bar(total=2, unit="step", mininterval=0) as bar:
        bar.update()
        bar.update()
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("2 of 2 after ")
    monkeypatch.setattr(reports, "SECONDS", 10.0)
    assert list(reports.progress_bar(range(3))) == [0, 1, 2]
    assert capsys.readouterr().err == ""


def test_a_bar_has_its_name_in_front(monkeypatch, capsys):
    monkeypatch.setattr(reports, "SECONDS", 0.0)
    list(reports.progress_bar(range(2), desc="64 x 48: ", mininterval=0))
    assert capsys.readouterr().err.splitlines()[-1].startswith("64 x 48: 2 of 2 after ")


@pytest.mark.parametrize("kernel", [True, False])
def test_only_a_notebooks_kernel_has_bars_of_a_notebook(monkeypatch, kernel):
    shell = SimpleNamespace(kernel="a kernel") if kernel else None
    monkeypatch.setitem(sys.modules, "ipykernel", ModuleType("ipykernel"))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with reports.progress_bar(total=1) as bar:
        assert isinstance(bar, reports._lines()) is not kernel
