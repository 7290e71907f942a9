"""Bars are for people at a terminal, and only when there is something to wait for."""

import io
import sys

import pytest

from interlingua import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put in place by the test itself: pytest takes sys.stderr back between a fixture and its test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "160")
    return stream


def work() -> None:
    with progress.track(10, "teacher [a]", "texts") as bar:
        for _ in range(10):
            bar.advance(1, "loss [0.3]")


def test_no_bar_where_nobody_looks(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", -1.0)
    work()
    assert capsys.readouterr() == ("", "")


def test_no_bar_for_short_work(monkeypatch):
    stream = terminal(monkeypatch)
    work()
    assert stream.getvalue() == ""


def test_a_bar_for_long_work(monkeypatch, capsys):
    stream = terminal(monkeypatch)
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", -1.0)
    work()
    shown = stream.getvalue()
    assert all(part in shown for part in ("teacher [a]", "10/10", "texts", "loss [0.3]")), shown
    assert capsys.readouterr().out == ""


def test_the_bar_ends_when_the_work_fails(monkeypatch):
    stream = terminal(monkeypatch)
    monkeypatch.setattr(progress, "SHOW_AFTER_SECONDS", -1.0)
    with pytest.raises(KeyboardInterrupt), progress.track(10, "teacher", "texts") as bar:
        bar.advance(3)
        raise KeyboardInterrupt
    assert sys.stderr is stream  # rich put its own in place while it drew
    assert "\x1b[?25h" in stream.getvalue()  # and showed the cursor again


def test_a_line_goes_to_stderr(capsys):
    progress.log("12 pairs")
    assert capsys.readouterr() == ("", "12 pairs\n")


def test_a_line_a_minute_where_nobody_looks(monkeypatch, capsys):
    clock = iter([0.0, 0.0, *(30.0 * k for k in range(1, 9))])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.track(12, "training", "steps") as bar:
        bar.advance(4)  # done in an earlier sitting
        for _ in range(8):
            bar.advance(1, "loss 0.3")
    assert capsys.readouterr().err.splitlines() == [
        f"training: {done} of 12 steps, about {left} min left, loss 0.3"
        for done, left in ((6, 3), (8, 2), (10, 1), (12, 1))
    ]
