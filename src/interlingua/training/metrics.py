"""What a run measures: a line of metrics.jsonl each time, told to trackers too, and a picture of it at the end."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from interlingua.errors import InterlinguaError, MissingDependency
from interlingua.evaluation import plots
from interlingua.outputs import append_text, write_whole
from interlingua.progress import log
from interlingua.training import processes, trackers

FILE, PICTURE, LOCK = "metrics.jsonl", "curves.svg", ".lock"
START, END = "start", "end"
"""Kinds of records that every run has."""
Record = Mapping[str, Any]


@contextmanager
def written(folder: Path, step: int, track: Sequence[str]) -> Iterator[Callable[[Record], None]]:
    """What takes the records of a run that goes on after `step`; of several processes, process 0 alone writes.

    Records of later steps, and lines cut short by a kill, are dropped: those steps are done again, to the same figures,
    of which trackers know already. Raises ConfigError where a tracker cannot start.
    """
    if processes.rank() > 0:
        yield lambda record: None
        return
    file = folder / FILE
    told = _forget_after(file, step)
    with trackers.following(track, folder) as followers:

        def append(record: Record) -> None:
            if record["kind"] == END:
                _draw(folder)
            append_text(file, json.dumps(record) + "\n")
            if (record["kind"], record["step"]) not in told:
                followers.log(record)

        try:
            yield append
        except BaseException:
            _draw(folder)
            raise


def ended(records: Sequence[Record]) -> bool:
    """Whether these are all records of a run that came to its end, at which its picture was drawn."""
    kinds = [one["kind"] for one in records]
    older = kinds and START not in kinds  # such runs did not say how they ended
    return bool(older) or kinds[-1:] == [END]


def read(folder: Path) -> list[dict[str, Any]]:
    """The records in a run's folder; a line that is none, such as one that is being written, is left out."""
    records: list[dict[str, Any]] = []
    if not (folder / FILE).exists():
        return records
    for line in (folder / FILE).read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("kind"), str) and type(record.get("step")) is int:
            records.append(record)
    return records


def curve(records: Sequence[Record], kind: str, name: str, label: str) -> plots.Line | None:
    """How a figure went over the steps; None where it was not measured twice."""
    points = [(float(one["step"]), trackers.figures(one)) for one in records if one["kind"] == kind]
    steps = [step for step, figures in points if name in figures]
    values = [figures[name] for _, figures in points if name in figures]
    return plots.Line(label, steps, values, [0.0] * len(steps)) if len(steps) > 1 else None


def _draw(folder: Path) -> None:
    """The losses over the steps, as a picture in the run's folder; none without the extra `eval`."""
    records = read(folder)
    drawn = [curve(records, "train", "loss", "training"), curve(records, "dev", "dev_loss", "dev")]
    try:
        if lines := [line for line in drawn if line is not None]:
            plots.lines(folder / PICTURE, f"{folder.name}: loss", lines, "step", "loss")
    except MissingDependency:
        return
    except InterlinguaError as error:  # a full disk: the run itself is whole
        log(f"no picture of the run ({error})")


def _forget_after(file: Path, step: int) -> set[tuple[str, int]]:
    """Drop the records after a step; which they were."""
    if not file.exists():
        return set()
    records = read(file.parent)
    kept = [json.dumps(record) + "\n" for record in records if step and record["step"] <= step]
    with write_whole(file) as temporary:
        temporary.write_text("".join(kept), encoding="utf-8")
    return {(record["kind"], record["step"]) for record in records if not step or record["step"] > step}
