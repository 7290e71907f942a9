"""Charts of results, as SVG or PNG by the file's name: curves with their spread, histograms of similarity,
reliability of probabilities.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from interlingua.errors import ConfigError, MissingDependency
from interlingua.evaluation.calibration import BINS, by_confidence, calibration_error
from interlingua.evaluation.scatter import COLOURS
from interlingua.outputs import write_whole

SUFFIXES = (".svg", ".png")


@dataclass(frozen=True)
class Line:
    """One curve: its points, and the spread around each."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    spread: Sequence[float]


def checked(file: Path | None) -> None:
    """Raise ConfigError for a file that is not named as a plot, MissingDependency without matplotlib: before the
    work.
    """
    if file is None:
        return
    if file.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{file}: a plot is an SVG or PNG file, its name must end in .svg or .png")
    _matplotlib()


def curves(file: Path, title: str, lines: Sequence[Line], across: str, up: str) -> None:
    """Curves over a logarithmic axis, the spread as a band."""
    with _axes(file, title, across, up) as axes:
        for line, colour in zip(lines, _colours(len(lines)), strict=True):
            x, y, spread = (np.asarray(values, float) for values in (line.x, line.y, line.spread))
            axes.plot(x, y, color=colour, marker="o", markersize=3, label=line.name, gid=f"curve {line.name}")
            axes.fill_between(x, y - spread, y + spread, color=colour, alpha=0.15, linewidth=0)
        points = sorted({x for line in lines for x in line.x})
        axes.set_xscale("log", base=2)
        axes.set_xticks(points, [f"{x:g}" for x in points])
        axes.legend(frameon=False)


def lines(file: Path, title: str, drawn: Sequence[Line], across: str, up: str) -> None:
    """Lines through many points over a plain axis."""
    with _axes(file, title, across, up) as axes:
        for line, colour in zip(drawn, _colours(len(drawn)), strict=True):
            axes.plot(line.x, line.y, color=colour, label=line.name, gid=f"curve {line.name}")
        axes.legend(frameon=False)


def histogram(file: Path, title: str, groups: Mapping[str, Float[np.ndarray, " _"]], across: str) -> None:
    """How often each value occurs in each group, as shares of the group, over common bins."""
    everything = np.concatenate(list(groups.values()))
    edges = np.linspace(float(everything.min()), max(float(everything.max()), float(everything.min()) + 1e-6), 41)
    with _axes(file, title, across, "share of the pairs (%)") as axes:
        for (name, values), colour in zip(groups.items(), _colours(len(groups)), strict=True):
            share = 100 * np.histogram(values, edges)[0] / len(values)
            axes.stairs(share, edges, color=colour, fill=True, alpha=0.2)
            axes.stairs(share, edges, color=colour, label=f"{name} ({len(values):,})")
        axes.legend(frameon=False)


def reliability(file: Path, title: str, confidence: Float[np.ndarray, " N"], right: Bool[np.ndarray, " N"]) -> None:
    """How often a prediction is right that is made with a certain confidence, beside the diagonal where both are one.

    Guo et al. 2017, arXiv:1706.04599, figure 1. The area of a point is the share of the predictions in its bin.
    """
    bins = by_confidence(confidence, right)
    error = 100 * calibration_error(confidence, right)
    with _axes(file, f"{title}: expected calibration error {error:.1f} %", "confidence", "share that is right") as axes:
        axes.plot([0, 1], [0, 1], color="#bbbbbb", linestyle="--")
        drawn = [each for each in bins if each.count]
        axes.plot([each.confidence for each in drawn], [each.right for each in drawn], color=COLOURS[0])
        sizes = [20 + 400 * each.count / len(confidence) for each in drawn]
        axes.scatter(
            [each.confidence for each in drawn], [each.right for each in drawn], s=sizes, color=COLOURS[0], alpha=0.6
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xticks(np.linspace(0, 1, BINS + 1))


def _colours(number: int) -> list[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(number)]


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError as error:
        raise MissingDependency("plots", "eval") from error
    return matplotlib


def precision(file: Path, scores: Float[np.ndarray, " P"], estimates: Float[np.ndarray, " P"]) -> None:
    """The estimated precision of mined pairs over their scores (best first), and what share of them is kept above
    each.
    """
    places = sorted({round(at * (len(scores) - 1) / 200) for at in range(201)})
    score, flat = [float(scores[place]) for place in places], [0.0] * len(places)
    estimated = Line("estimated precision (%)", score, [100 * float(estimates[place]) for place in places], flat)
    share = [100 * (place + 1) / len(scores) for place in places]
    kept = Line("share of the candidates kept (%)", score, share, flat)
    lines(file, "Precision of mined pairs, estimated from their scores", [estimated, kept], "score above", "%")


@contextmanager
def _axes(file: Path, title: str, across: str, up: str) -> Iterator[Any]:
    """One chart to draw on; written whole afterwards. The same data gives the same bytes."""
    matplotlib = _matplotlib()
    from matplotlib.figure import Figure  # no pyplot: it keeps global state and looks for a display

    with matplotlib.rc_context({"svg.hashsalt": "interlingua", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7.5, 5), layout="constrained")
        axes = figure.subplots()
        axes.set_title(title, loc="left")
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.grid(color="#eeeeee")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        yield axes
        kind = file.suffix.lower()[1:]
        with write_whole(file) as temporary:
            figure.savefig(temporary, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
