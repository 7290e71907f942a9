"""The quickstart's results as one self-contained page, and as a table for the terminal."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interlingua import languages
from interlingua.outputs import write_whole

CHART_WIDTH, CHART_HEIGHT, MARGIN = 640, 220, 34


def write(result: dict[str, Any], file: Path) -> None:
    """Render `result` (what job.run returns) to `file`; the page loads nothing from anywhere."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("interlingua.journeys.quickstart", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    accuracy = [
        {"code": code, "name": languages.name(code), "before": result["before"]["accuracy"][code], "after": after}
        for code, after in sorted(result["after"]["accuracy"].items(), key=lambda item: -item[1])
    ]
    page = environment.get_template("report.html.jinja").render(
        result=result, accuracy=accuracy, chart=_chart(result["curve"])
    )
    with write_whole(file) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _chart(curve: Mapping[str, Sequence[Sequence[int | float]]]) -> dict[str, Any]:
    """The loss curve as SVG coordinates. The scale ends a little above the first logged training loss: earlier
    values are off the paper.
    """
    points = [*curve["train"], *curve["dev"]]
    last = max((step for step, _ in points), default=1)
    top = 1.1 * max([loss for step, loss in points if step >= last * 0.05], default=1.0)

    def place(step: int | float, loss: float) -> tuple[float, float]:
        x = MARGIN + (CHART_WIDTH - 2 * MARGIN) * step / max(1, last)
        return round(x, 1), round(CHART_HEIGHT - MARGIN - (CHART_HEIGHT - 2 * MARGIN) * min(loss, top) / top, 1)

    lines = {name: [place(step, loss) for step, loss in losses if loss <= top] for name, losses in curve.items()}
    ticks = [{"value": round(top * k / 4, 2), "y": place(0, top * k / 4)[1]} for k in range(5)]
    return {"width": CHART_WIDTH, "height": CHART_HEIGHT, "margin": MARGIN, "last": last, "ticks": ticks, **lines}


def table(result: dict[str, Any]) -> str:
    """What the terminal shows."""
    before, after, mining = result["before"], result["after"], result["mining"]
    lines = [f"{'translation retrieval, held-out sentences':<44}{'before':>8}{'after':>8}"]
    for code, accuracy in sorted(after["accuracy"].items(), key=lambda item: -item[1]):
        lines.append(f"  {languages.name(code):<28}{code:<14}{before['accuracy'][code]:>7.1f}%{accuracy:>7.1f}%")
    lines.append(f"{'mean':<44}{before['mean_accuracy']:>7.1f}%{after['mean_accuracy']:>7.1f}%")
    for key, label in (
        ("similarity_of_translations", "cosine of translations"),
        ("similarity_of_others", "cosine of unrelated sentences"),
    ):
        lines.append(f"{label:<44}{before[key]:>8.2f}{after[key]:>8.2f}")
    lines += [
        "",
        f"mined {mining['mined']:,} pairs out of {mining['texts']:,} shuffled sentences: "
        f"precision {mining['precision']:.1f}%, recall {mining['recall']:.1f}%, F1 {mining['f1']:.1f}%",
    ]
    for kind, mark in (("right", "+"), ("wrong", "-")):
        lines += [
            f"  {mark} {row['score']:.2f}  {row['source']}  =  {row['target']}" for row in mining["samples"][kind][:3]
        ]
    return "\n".join(lines)
