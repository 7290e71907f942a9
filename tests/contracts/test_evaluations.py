"""What every evaluation promises: the best figure for an oracle, no better than chance for a random encoder. A new one is
one new file, here or in another package.
"""

import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import interlingua.evaluation.tasks
from interlingua import cli, discovery
from interlingua.errors import InterlinguaError
from interlingua.evaluation import measuring
from interlingua.evaluation.report import Report

N = 60
OWN = '''
"""How many texts are at length 1.

An evaluation of one's own.
"""

import numpy as np

from interlingua.data.examples import texts
from interlingua.evaluation.report import Report

DEFINITION = "Share (%) of embeddings of length 1."


def evaluate(encode, path):
    """Count embeddings of length 1.

    Parameters
    ----------
    path
        A text a line.

    """
    share = 100 * float((abs(np.linalg.norm(encode(texts(path)), axis=1) - 1) < 1e-3).mean())
    return Report(task="own", definition=DEFINITION, rows=({"name": path.name, "share": share},), averages={}, files=(path,))
'''


def oracle(texts: Sequence[str], language: str = "und") -> np.ndarray:
    """The angle that stands at the end of a text, whatever the words before it: "house 0.3" and "Haus 0.3" are one."""
    angles = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def random(texts: Sequence[str], language: str = "und") -> np.ndarray:
    """A direction for each text that has nothing to do with its words, seeded by a digest of them."""
    seeds = [zlib.crc32(f"{language} {text}".encode()) for text in texts]
    return np.stack([np.random.default_rng(seed).normal(size=8) for seed in seeds]).astype(np.float32)


def table(file: Path, header: str, rows: Sequence[str]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def angle(k: int) -> str:
    return f"{3 * k / N:.4f}"


def judged(folder: Path) -> list[Path]:
    for language in ("en", "de"):
        # the further apart, the lower the score; and no two alike
        rows = [f"{5 - 5 * k / N}\t{language} {angle(k)}\t{language} {float(angle(k)) + k / N:.4f}" for k in range(N)]
        table(folder / f"{language}.test.tsv", "score\tsentence1\tsentence2", rows)
    return [folder]


def parallel(folder: Path) -> list[Path]:
    for language in ("deu", "fra"):
        rows = [f"{language} {angle(k)}\teng {angle(k)}" for k in range(N)]
        table(folder / f"{language}-eng.tsv", f"{language}\teng", rows)
    return [folder]


def labelled(folder: Path) -> list[Path]:
    return [
        table(folder / "all.tsv", "text\tlabel", [f"text {k} {angle(30 * (k % 2))}\t{'ab'[k % 2]}" for k in range(N)])
    ]


def together(folder: Path) -> list[Path]:
    rows = [f"one {angle(k)}\tother {angle(k if k % 2 else k + 20)}\t{k % 2}" for k in range(N)]
    return [table(folder / f"{split}.tsv", "sentence1\tsentence2\tlabel", rows) for split in ("train", "test")][:1]


def inferred(folder: Path) -> list[Path]:
    for split in ("train", "test"):
        rows = [f"{split} {angle(k)}\tother {angle(k if k % 2 else k + 20)}\t{'yn'[k % 2]}" for k in range(N)]
        table(folder / f"{split}.tsv", "premise\thypothesis\tlabel", rows)
    return [folder]


def collection(folder: Path) -> list[Path]:
    (folder / "qrels").mkdir(parents=True)
    documents = [json.dumps({"_id": f"d{k}", "title": "", "text": f"document {angle(k)}"}) for k in range(N)]
    queries = [json.dumps({"_id": f"q{k}", "text": f"query {angle(k)}"}) for k in range(N)]
    (folder / "corpus.jsonl").write_text("\n".join(documents) + "\n", encoding="utf-8")
    (folder / "queries.jsonl").write_text("\n".join(queries) + "\n", encoding="utf-8")
    table(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", [f"q{k}\td{k}\t1" for k in range(N)])
    return [folder]


def mined(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("training", "test"):
        for language, own in (("de", range(N)), ("en", range(N // 2, N + N // 2))):
            lines = [f"{language}-{k:03}\t{language} {angle(k)}" for k in own]
            (folder / f"de-en.{split}.{language}").write_text("\n".join(lines) + "\n", encoding="utf-8")
        gold = [f"de-{k:03}\ten-{k:03}" for k in range(N // 2, N)]
        (folder / f"de-en.{split}.gold").write_text("\n".join(gold) + "\n", encoding="utf-8")
    return [folder]


def plain(folder: Path) -> list[Path]:
    return [table(folder / "texts.txt", f"text {angle(0)}", [f"text {angle(k)}" for k in range(1, N)])]


class Judge:
    """Judges pairs by an encoder: 1 where both texts have the same direction."""

    labels = ("0", "1")

    def __init__(self, encode: Callable[..., np.ndarray]) -> None:
        self._encode = encode

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        one, other = (self._encode([pair[side] for pair in pairs]) for side in (0, 1))
        one, other = (side / np.linalg.norm(side, axis=1, keepdims=True) for side in (one, other))
        near = 50 * ((one * other).sum(axis=1) - 0.99)
        return np.stack([-near, near], axis=1).astype(np.float32)


Figure = Callable[[Report], float]
CASES: dict[str, tuple[Callable[[Path], list[Path]], dict[str, Any], Figure, float, float]] = {
    "bucc": (mined, {"margin": "absolute"}, lambda report: report.rows[0]["f1"], 100.0, 40.0),
    "classification": (labelled, {"folds": 2}, lambda report: report.rows[0]["accuracy"], 100.0, 70.0),
    "cross-encoder": (together, {}, lambda report: report.rows[0]["accuracy"], 100.0, 70.0),
    "entailment": (inferred, {}, lambda report: report.rows[0]["accuracy"], 100.0, 75.0),
    # of an oracle translations lie on each other; of noise they are as far apart as any two texts: 2
    "geometry": (
        lambda folder: [parallel(folder)[0] / "deu-eng.tsv"],
        {},
        lambda r: -r.rows[0]["alignment"],
        0.0,
        -1.5,
    ),
    "language-bias": (judged, {}, lambda report: report.rows[0]["pooled"], 100.0, 50.0),
    "own": (plain, {}, lambda report: report.rows[0]["share"], 100.0, 0.0),
    "pairs": (together, {}, lambda report: report.rows[0]["average_precision"], 100.0, 75.0),
    "retrieval": (collection, {}, lambda report: report.rows[0]["ndcg@10"], 100.0, 25.0),
    "rsim": (parallel, {}, lambda report: report.rows[0]["rsim"], 100.0, 30.0),
    "sts": (judged, {}, lambda report: report.averages["cross-lingual"], 100.0, 50.0),
    "tatoeba": (parallel, {}, lambda report: report.averages["all 2"], 100.0, 15.0),
    "xsim": (parallel, {}, lambda report: 100 - report.rows[0]["absolute"], 100.0, 15.0),
}
"""Of each: its data, options, the figure, what it is for the oracle, and what a random encoder stays below."""


@pytest.fixture(scope="module", autouse=True)
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a new evaluation beside the others."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    interlingua.evaluation.tasks.__path__.append(str(folder))
    yield folder
    interlingua.evaluation.tasks.__path__.remove(str(folder))
    sys.modules.pop("interlingua.evaluation.tasks.own", None)


def run(task: ModuleType, encode: Callable[..., np.ndarray], paths: list[Path], options: dict[str, Any]) -> Report:
    return task.evaluate(Judge(encode) if measuring.judges_pairs(task) else encode, *paths, **options)


def test_every_evaluation_is_tested_here() -> None:
    assert set(discovery.choices("evaluation/tasks")) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_oracle_is_perfect_and_noise_is_not(name: str, tmp_path: Path) -> None:
    make, options, figure, best, chance = CASES[name]
    task = discovery.find("evaluation/tasks", name, "evaluation")
    paths = make(tmp_path / "data")
    report = run(task, oracle, paths, options)
    assert figure(report) == pytest.approx(best, abs=0.01), report.rows
    noise = run(task, random, paths, options)
    assert figure(noise) < chance or (name == "own" and figure(noise) == 0), noise.rows
    assert len(task.DEFINITION) > 20
    assert report.definition
    assert json.loads(json.dumps(report.json()))["task"] == report.task
    assert report.files


@pytest.mark.parametrize("header", [True, False], ids=["header alone", "empty"])
@pytest.mark.parametrize("name", sorted(set(CASES) - {"own"}))
def test_files_without_rows_are_an_error_that_names_one(name: str, header: bool, tmp_path: Path) -> None:
    make, options, *_ = CASES[name]
    paths = make(tmp_path / "data")
    for file in (file for file in (tmp_path / "data").rglob("*") if file.is_file()):
        first = file.read_text(encoding="utf-8").splitlines()[0] + "\n"
        file.write_text(first if header and file.suffix == ".tsv" else "", encoding="utf-8")
    with pytest.raises(InterlinguaError, match=str(tmp_path / "data")):
        run(discovery.find("evaluation/tasks", name, "evaluation"), oracle, paths, options)


@pytest.mark.parametrize("name", sorted(set(CASES) - {"own"}))
def test_a_name_that_no_file_can_have(name: str) -> None:
    """As a caller in Python gives it."""
    for path in ("x" * 5000, "a\0b"):
        with pytest.raises(InterlinguaError, match=re.escape(str(InterlinguaError(path)))):
            run(discovery.find("evaluation/tasks", name, "evaluation"), oracle, [Path(path)], CASES[name][1])


@pytest.mark.parametrize("name", sorted(set(CASES) - {"own"}))
def test_its_command_prints_json(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing else on standard output."""
    model = SimpleNamespace(encode=random, outputs=Judge(random).outputs, labels=Judge.labels)
    model.encoder = SimpleNamespace(describe=dict)
    for what in ("load", "load_cross_encoder"):
        monkeypatch.setattr(measuring, what, lambda *_: model)
    monkeypatch.setattr(measuring, "about", lambda *_: {"kind": "noise"})
    monkeypatch.setattr(measuring, "fingerprint", lambda _: "noise")
    make, options, *_ = CASES[name]
    given = [word for option, value in options.items() for word in (f"--{option}", str(value))]
    paths = map(str, make(tmp_path / "data"))
    assert cli.run(["evaluate", name, *paths, "--model", "noise", *given, "--json"]) == cli.DONE, (
        capsys.readouterr().err
    )
    assert json.loads(capsys.readouterr().out)["rows"]


def test_an_evaluation_of_another_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It comes by an entry point, and has its command like any other."""
    (tmp_path / "their_task.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("their-task", "their_task", "interlingua.evaluation.tasks")
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == entry.group else [])
    discovery._installed.cache_clear()
    try:
        assert cli.run(["evaluate", "their-task", "--help"]) == cli.DONE
        assert "How many texts are at length 1" in capsys.readouterr().out
    finally:
        monkeypatch.undo()
        discovery._installed.cache_clear()
