"""List and compare training runs by what they left in their folders."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.evaluation import plots
from interlingua.parameters import Json, menu
from interlingua.progress import log

runs = menu("runs", "List and compare training runs by what they left in their folders.")
Folders = Annotated[tuple[Path, ...], Parameter(help="Folders of runs, or folders that hold them at any depth.")]


@runs.command(name="list")
def list_(folders: Folders = (Path(),), /, *, json: Json = False) -> None:
    """List runs: how far they are, what their best validation measured, how fast they were."""
    from interlingua.training.runs import DEV_LOSS, find

    found = find(folders)
    rows: list[dict[str, Any]] = [
        {
            "run": str(run.folder), "recipe": run.recipe, "state": run.state,
            "steps": f"{run.step:,}" if run.step == run.total else f"{run.step:,} of {run.total:,}",
            "best step": run.best_step, "dev loss": run.best.get(DEV_LOSS, ""),
            "texts/s": run.texts_per_second,
        }
        for run in found
    ]  # fmt: skip
    for run in found:
        if run.damage:
            log(f"warning: {run.damage}")
    printing.show({"runs": [run.as_json() for run in found]}, "\n".join(printing.aligned(rows)), json)


@runs.command
def compare(
    folders: Folders = (Path(),), /, *, figure: str = "dev_loss", plot: Path | None = None, json: Json = False
) -> None:
    """Compare runs: the options in which they differ, and what the best validation of each measured.

    The dev losses of runs that differ in their recipe, or in the data they validate on, do not compare.

    Parameters
    ----------
    figure
        What to sort by and to plot: a figure of the validations, such as dev_loss or spearman.
    plot
        Draw this figure over the steps, one curve a run, into this .svg or .png.

    """
    from interlingua.training import metrics
    from interlingua.training.runs import DEV_LOSS, differing, find

    plots.checked(plot)
    found = find(folders)
    known = dict.fromkeys(name for run in found for name in run.best)
    if figure not in known and (known or figure != DEV_LOSS):
        raise ConfigError(f"--figure {figure}: these runs measured {', '.join(known) or 'nothing yet'}")
    up = 1 if figure == DEV_LOSS or figure.endswith("loss") else -1
    found.sort(key=lambda run: up * run.best.get(figure, up * float("inf")))
    rows = [
        {"run": str(run.folder), "recipe": run.recipe, **options, "best step": run.best_step, **run.best}
        for run, options in zip(found, differing(found), strict=True)
    ]
    if len({run.recipe for run in found}) == 1:
        rows = [{name: value for name, value in row.items() if name != "recipe"} for row in rows]
    if plot is not None:
        curves = [metrics.curve(run.records, "dev", figure, str(run.folder)) for run in found]
        drawn = [one for one in curves if one is not None]
        if not drawn:
            raise ConfigError(f"--plot {plot}: no run has measured {figure} twice, which a curve needs")
        plots.lines(plot, figure, drawn, "step", figure)
        log(f"{plot}: {len(drawn)} curves")
    text = "\n".join([f"{len(found)} runs, the best {figure} first", "", *_wide(rows)])
    printing.show({"runs": rows}, text, json)


def _wide(rows: list[dict[str, Any]]) -> list[str]:
    """A table with a column for each run where there are more facts than runs: a terminal is higher than it is wide."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) <= max(len(rows), 6):
        return printing.aligned(rows)
    return printing.aligned([{"": name, **{row["run"]: row.get(name, "") for row in rows}} for name in names[1:]])
