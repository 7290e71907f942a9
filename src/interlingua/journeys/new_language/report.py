"""What became of a language, as a page and as text."""

from pathlib import Path
from typing import Any

from interlingua.outputs import write_whole

WIDTH, HEIGHT, MARGIN = 640, 200, 38


def write(result: dict[str, Any], file: Path) -> None:
    """Render `result` (what job.run returns) to `file`; the page loads nothing from anywhere."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("interlingua.journeys.new_language", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    stages = [stage | {"chart": _chart(stage["dev"])} for stage in result["stages"]]
    curve = [[point["pairs"], point["xsim"]] for point in result["curve"]]
    page = environment.get_template("report.html.jinja").render(result=result, stages=stages, curve=_chart(curve))
    with write_whole(file) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _chart(points: list[list[int | float]]) -> dict[str, Any] | None:
    """Points as SVG coordinates, from zero; None where two are not there to be joined."""
    if len(points) < 2:
        return None
    last, top = max(x for x, _ in points), 1.1 * max(y for _, y in points) or 1.0
    line = [
        (
            round(MARGIN + (WIDTH - 2 * MARGIN) * x / last, 1),
            round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * y / top, 1),
        )
        for x, y in points
    ]
    ticks = [
        {"value": round(top * k / 3, 2), "y": round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * k / 3, 1)}
        for k in range(4)
    ]
    return {"width": WIDTH, "height": HEIGHT, "margin": MARGIN, "last": int(last), "line": line, "ticks": ticks}


def text(result: dict[str, Any]) -> str:
    """What the terminal shows."""
    resources, vocabulary = result["resources"], result["vocabulary"]
    lines = [
        f"{result['name']} ({result['language']}): {resources['texts']:,} sentences, {resources['words']:,} words, "
        f"{resources['pairs']:,} pairs",
        "letters: "
        + ", ".join(f"{share:g} % {script.title()}" for script, share in list(resources["scripts"].items())[:3]),
        *(f"warning: {warning}" for warning in resources["warnings"]),
        "",
        f"{'':<40}{'before':>10}{'after':>10}",
        *(
            f"{words:<40}{vocabulary['before'][name]:>10.2f}{vocabulary['after'][name]:>10.2f}"
            for words, name in (("tokens per word", "tokens_per_word"), ("unknown tokens %", "unknown"))
        ),
    ]
    for name, quality in result["quality"].items():
        for metric, label in (("accuracy", "translations found %"), ("xsim", "xsim error %")):
            lines.append(
                f"{label + ', ' + name:<40.40}{quality['before'][metric]:>10.2f}{quality['after'][metric]:>10.2f}"
            )
    lines += ["", "pairs learned from, and xsim error on held-out pairs"]
    lines += [f"  {point['pairs']:>9,}{point['xsim']:>10.2f}" for point in result["curve"]]
    lines += [f"  {line}" for line in outlook(result)]
    lines += [
        "",
        "stage, steps, seconds",
        *(f"  {s['name']:<12}{s['steps']:>8,}{s['seconds']:>10.1f}" for s in result["stages"]),
    ]
    return "\n".join([*lines, "", f"the pack: {result['pack']['folder']}, {result['pack']['megabytes']:g} MB"])


def outlook(result: dict[str, Any]) -> list[str]:
    """What more pairs would likely bring, in words."""
    law = result["forecast"]
    if law is None:
        return ["too few points, or no fall of the error among them: nothing can be said of more data"]
    return [
        f"with {int(pairs):,} pairs perhaps {error:.2f} (the curve drawn on; measured points miss it by up to "
        f"{law['spread']:.2f})"
        for pairs, error in law["expected"].items()
    ]
