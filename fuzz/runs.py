"""What a run is given or leaves: training data, test sets, configurations, command lines, metrics."""

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fuzz.harness import target, told, words
from fuzz.seeds import COMMAND_LINES, CONFIGURATION, METRICS, TABLES, TEST_SETS

from interlingua import cli, discovery

SEPARATOR = b"\x1c"
"""Between the files that one input stands for."""


def _lines_of(texts: Sequence[str]) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


@target(_lines_of(TABLES), tokens=words("columns"), pieces=r"\t|\n|[^\t\n]+")
def training_data(data: bytes, folder: Path) -> object:
    """Everything that finds the roles of columns."""
    from interlingua.data import bitext, examples, labelled, paraphrases, roles, sts_benchmark
    from interlingua.data.parallel import parallel

    def classes(path: Path) -> object:
        return labelled.class_names([path])

    kinds = {
        ".tsv": (
            roles.find,
            parallel,
            bitext.read,
            examples.similarity,
            examples.texts,
            labelled.classified,
            labelled.positives,
            classes,
            labelled.anchors_and_positives,
            paraphrases.paraphrases,
        ),
        ".csv": (sts_benchmark.read,),
        ".txt": (roles.find, examples.texts),
    }
    found: list[object] = []
    for suffix, readers in kinds.items():
        path = folder / f"sts-test{suffix}"
        path.write_bytes(data)
        found += [told(lambda path=path, reader=reader: _all(reader(path))) for reader in readers]
    return found


def _all(found: Any) -> object:
    return found if hasattr(found, "__dataclass_fields__") else list(found)


@target(_lines_of(TEST_SETS), tokens=(*words("columns", "json"), "\x1c"), pieces=r"\t|\n|\x1c|[^\t\n\x1c]+")
def _test_sets(data: bytes, folder: Path) -> object:
    """Folders of evaluations: BEIR, LAReQA, SemEval, classes."""
    from interlingua.evaluation.collections import collections
    from interlingua.evaluation.judgements import judged
    from interlingua.evaluation.labelled_sets import labelled_sets

    parts = [*data.split(SEPARATOR, 3), b"", b"", b""][:3]
    layouts = {
        "beir": ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"),
        "lareqa": ("de.queries.tsv", "de.candidates.tsv"),
        "semeval": ("STS.input.a.txt", "STS.gs.a.txt"),
        "classes": ("train.tsv", "test.tsv", "dev.tsv"),
    }
    for layout, names in layouts.items():
        for name, content in zip(names, parts, strict=False):
            file = folder / layout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return [
        told(lambda: collections(folder / "beir")),
        told(lambda: collections(folder / "lareqa")),
        told(lambda: judged(folder / "semeval")),
        told(lambda: [one.classes for one in labelled_sets(folder / "classes")]),
    ]


@target(_lines_of(CONFIGURATION), tokens=words("json", "values", "toml"))
def _configuration(data: bytes, folder: Path) -> object:
    from interlingua.training import configuration

    found: list[object] = []
    for name in ("options.toml", "config.json"):
        (folder / name).write_bytes(data)
        found.append(told(lambda name=name: configuration.read(folder / name, "sbert")))
    arguments = [
        "train",
        "sbert",
        "--train",
        "a.tsv",
        "--output",
        "out",
        "--config",
        str(folder / "options.toml"),
        str(folder),
    ]
    return [*found, _parsed(arguments)]


def _parsed(arguments: list[str]) -> object:
    """What a command line asks for, as `cli.run` parses it."""
    from cyclopts import CycloptsError

    def parse() -> object:
        try:
            command, bound, _ = cli.application(arguments).parse_args(arguments, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            return cli._mistake(error)
        return getattr(command, "__name__", ""), re.sub("0x[0-9a-f]+", "", repr(bound.arguments))

    return told(parse)


NAMES = (*discovery.choices("commands"), *discovery.choices("recipes"))


@target(
    lambda: [line.replace(" ", "\0").encode() for line in COMMAND_LINES],
    tokens=(*NAMES, *words("arguments")),
    pieces=r"\x00|[^\x00]+",
    longest=512,
)
def _command_line(data: bytes, folder: Path) -> object:
    arguments = os.fsdecode(data).split("\0")
    os.chdir(folder)
    return _parsed(arguments)


@target(
    lambda: [METRICS.encode() + SEPARATOR + CONFIGURATION[1].encode(), METRICS.encode()],
    tokens=(*words("json", "values", "metrics"), "\x1c"),
)
def _run_folder(data: bytes, folder: Path) -> object:
    """Metrics, configuration and trackers' keys of a training run, as the commands about runs read them."""
    from interlingua.training import metrics, runs

    parts = [*data.split(SEPARATOR, 1), b""][:2]
    for name, content in zip(("metrics.jsonl", "config.json"), parts, strict=True):
        (folder / name).write_bytes(content)

    def read() -> object:
        found = runs.find([folder])
        curves = [metrics.curve(run.records, "dev", "dev_loss", "x") for run in found]
        return [run.as_json() for run in found], runs.differing(found), curves

    return told(read)
