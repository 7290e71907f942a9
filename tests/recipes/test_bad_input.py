"""What a user can get wrong with labels, scores and models: one line that names file and line, and nothing
half-written."""

import gzip
import json
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from interlingua import cli, load
from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.cross_encoder import with_head
from interlingua.encoders.encoder import Encoder
from interlingua.tokenization import Tokenizer

NLI = "premise\thypothesis\tlabel\n"
STS = "sentence1\tsentence2\tscore\n"
QUICK = "--max-steps 2 --dev-texts 4 --batch-size 4 --precision fp32 --epochs 9"


@pytest.fixture
def files(tmp_path: Path, tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Good and bad data, a small encoder and damaged copies of it."""
    monkeypatch.chdir(tmp_path)
    body = transformer.Body(
        transformer.Config(layers=1, width=8, heads=2, feedforward=8), tokenizer.vocabulary_size, tokenizer.pad
    )
    for name in ("start", "empty", "shape"):
        storage.save(Encoder(tokenizer=tokenizer, body=body), tmp_path / name)
    (tmp_path / "empty/weights.safetensors").unlink()
    weights = load_file(tmp_path / "shape/weights.safetensors")
    weights["body.words.weight"] = weights["body.words.weight"][:3].clone()
    save_file(weights, tmp_path / "shape/weights.safetensors")
    storage.save(with_head(Encoder(tokenizer=tokenizer, body=body), ("no", "yes")), tmp_path / "judge")
    good = [f"the cat {k}\tthe mat {k}\t{('no', 'yes')[k % 2]}\n" for k in range(20)]
    (tmp_path / "nli.tsv").write_text(NLI + "".join(good))
    (tmp_path / "other.tsv").write_text(NLI + good[0] + "a\tb\tmaybe\n")
    (tmp_path / "column.tsv").write_text("premise\thypothesis\na\tb\n")
    (tmp_path / "nan.tsv").write_text(STS + "a\tb\t1\na\tb\tnan\n")
    (tmp_path / "sts-train.csv").write_text("m\tf\ty\t1\t1\ta\tb\nm\tf\ty\t2\tnan\ta\tb\n")
    (tmp_path / "cut.tsv.gz").write_bytes(gzip.compress((NLI + "".join(good) * 50).encode())[:-20])
    (tmp_path / "half.jsonl").write_text(
        '{"premise": "a", "hypothesis": "b", "label": "no"}\n{"premise": "\\ud83d", "hypothesis": "b", "label": "no"}\n'
    )
    return tmp_path


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("train sbert --student start --nli column.tsv", "column.tsv:2: no column is the label"),
        ("train sbert --student start --nli cut.tsv.gz", "cut.tsv.gz"),
        ("train sbert --student start --nli half.jsonl", "half.jsonl:2"),
        ("train sbert --student start --sts nan.tsv", "nan.tsv:3: the score 'nan' is not a number"),
        ("train sbert --student start --sts sts-train.csv", "sts-train.csv:2: the score 'nan' is not a number"),
        ("train sbert --student start --sts nli.tsv", "nli.tsv:2: there is no column 'sentence1'"),
        ("train sbert --student empty --nli nli.tsv", "is the copy complete"),
        ("train cross-encoder --start shape --nli nli.tsv", "is damaged: its checksum"),
        ("train simcse --student start --pairs nli.tsv", "nli.tsv:2: no column is anchor and positive"),
        ("train infersent --vectors nan.tsv --nli nli.tsv", "nan.tsv:1"),
        ("evaluate cross-encoder other.tsv --model judge", "other.tsv:3: the label 'maybe' is not one of no, yes"),
        ("evaluate cross-encoder nan.tsv --model start", "not a cross-encoder"),
        (
            "evaluate entailment other.tsv --train nli.tsv --model start",
            "other.tsv:3: the label 'maybe' is not one of no, yes",
        ),
    ],
)
def test_one_line_and_nothing_half_written(
    command: str, problem: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(files.rglob("*"))
    quick = QUICK.replace("--epochs", "--sts-epochs") if "sbert" in command and "--sts" in command else QUICK
    more = [*quick.split(), "--output", "run"] if command.startswith("train") else ["--output", "result.json"]
    assert cli.run([*command.split(), *more]) == cli.BAD_INPUT
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines()[-1].startswith("error: ")
    assert problem in shown.err.splitlines()[-1]
    assert sorted(files.rglob("*")) == before


def test_very_long_and_empty_texts_are_texts(files: Path) -> None:
    """A text of 100,000 characters is cut to --max-tokens; an empty one is its special tokens, which every model can
    embed."""
    rows = [f"the cat {k}\tthe mat {k}\t{('no', 'yes')[k % 2]}\n" for k in range(20)]
    (files / "odd.tsv").write_text(NLI + "".join(rows) + f"{'long text ' * 10_000}\t\tno\n")
    assert cli.run(["train", "sbert", "--student", "start", "--nli", "odd.tsv", *QUICK.split(), "--output", "run"]) == 0
    assert load(files / "run").encode(["", "long text " * 10_000]).shape == (2, 8)
    assert json.loads((files / "run/config.json").read_text())


def test_the_benchmark_s_own_file_is_trained_on(files: Path) -> None:
    (files / "sts-train.csv").write_text("".join(f'm\tf\ty\t{k}\t{k % 6}\ta "cat" {k}\ta mat {k}\n' for k in range(20)))
    assert (
        cli.run(
            ["train", "sbert", "--student", "start", "--sts", "sts-train.csv", *QUICK.split()[:-2], "--output", "run"]
        )
        == 0
    )
