"""score, clean and doctor as their user meets them."""

import csv
import io
import json
from pathlib import Path

import pytest

from interlingua.cli import run
from interlingua.loading import Model

PAIRS = [
    ("One cat sleeps on the mat.", "Eine Katze schläft auf der Matte."), ("The dog runs after the ball.", "Der Hund läuft dem Ball nach."),
    ("Nobody came to the party.", "Niemand kam zur Feier."), ("We drank tea in the garden.", "Wir tranken Tee im Garten."),
    ("NOBODY CAME TO THE PARTY", "Niemand kam zur Feier!"), ("It costs 45 euros.", "Es kostet 54 Euro."), ("", "Leer."),
]  # fmt: skip


@pytest.fixture
def bitext(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text("id\ten\tde\n" + "".join(f"{n}\t{s}\t{t}\n" for n, (s, t) in enumerate(PAIRS)), encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("id\ten\tde", "id\tsource\ttarget"), encoding="utf-8")
    return path


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> str:
    import numpy as np

    class Constant:
        width = 8

        def encode(self, texts: list[str], language: str = "und"):
            return np.stack([np.random.default_rng(len(text)).standard_normal(8).astype(np.float32) for text in texts])

        def describe(self) -> dict:
            return {}

    assert isinstance(Constant(), Model)
    for command in ("score", "clean", "doctor"):
        monkeypatch.setattr(f"interlingua.commands.{command}.load", lambda *_: Constant())
    return "constant"


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_pair_is_kept_or_rejected_with_its_reasons(
    bitext: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, rejected = tmp_path / "clean.tsv", tmp_path / "rejected.tsv"
    assert (
        run(["clean", str(bitext), "--output", str(out), "--rejected", str(rejected), "--without-model", "--json"]) == 0
    )
    summary = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows(out)] == ["0", "1", "2", "3"]
    assert {row["line"]: row["reasons"].split()[0] for row in rows(rejected)} == {
        "6": "duplicated",
        "7": "number",
        "8": "empty",
    }
    assert (summary["pairs"], summary["kept"], summary["rejected"]) == (7, 4, 3)
    assert float(rows(rejected)[1]["measure_number"]) == 1


def test_leaving_a_reason_keeps_its_pairs_and_other_formats_are_written(bitext: Path, tmp_path: Path) -> None:
    out, rejected = tmp_path / "clean.tmx", tmp_path / "rejected.jsonl.gz"
    languages = ["--source-language", "en", "--target-language", "de", "--leave", "number", "duplicated"]
    assert run(["clean", str(bitext), "-o", str(out), "--rejected", str(rejected), "--without-model", *languages]) == 0
    assert out.read_text(encoding="utf-8").count("<tu>") + out.read_text(encoding="utf-8").count("<tu ") == 6


def test_scores_stand_beside_their_pairs(
    bitext: Path, tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["score", str(bitext), "-m", model]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(PAIRS) + 1
    assert run(["score", str(bitext), "-m", model, "-o", str(tmp_path / "scored.tsv")]) == 0
    assert [row["target"] for row in rows(tmp_path / "scored.tsv")] == [target for _, target in PAIRS]
    assert (
        run(
            [
                "score",
                str(bitext),
                "-m",
                model,
                "-o",
                str(tmp_path / "x.tmx"),
                "--source-language",
                "en",
                "--target-language",
                "de",
            ]
        )
        == 0
    )
    assert (
        run(["clean", str(bitext), "-m", model, "-o", str(tmp_path / "c.tsv"), "--rejected", str(tmp_path / "r.tsv")])
        == 0
    )
    assert all(row["measure_misaligned"] for row in rows(tmp_path / "r.tsv"))


def test_the_doctor_reports_and_strict_is_exit_code_1(
    bitext: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", str(bitext), "--json", "-m", model]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["worst"] == "error"
    assert {"empty", "duplicates"} <= {finding["check"] for finding in report["files"][0]["findings"]}
    with pytest.raises(SystemExit) as ended:
        run(["doctor", str(bitext), "--strict"])
    assert ended.value.code == 1
    assert "error    empty: 1 (14.29%)" in capsys.readouterr().out


def test_the_doctor_reviews_translations(bitext: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, table = tmp_path / "review.html", tmp_path / "review.jsonl"
    assert run(["doctor", str(bitext), "--report", str(page), str(table), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["worst"] == "error"  # as without a review
    assert (result["review"]["pairs"], result["review"]["findings"]["numbers"]) == (7, 1)
    found = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()]
    assert len(found) == sum(result["review"]["findings"].values())
    (numbers,) = [row for row in found if row["kind"] == "numbers"]
    assert (str(numbers["line"]), numbers["reason"]) == ("7", "only in the source: 45; only in the target: 54")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(("kinds", "code"), [(["numbers"], 1), (["tags", "numbers"], 1), (["any"], 1), (["tags"], 0)])
def test_findings_of_chosen_kinds_are_exit_code_1(
    kinds: list[str], code: int, bitext: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["doctor", str(bitext), "--report", str(tmp_path / "review.tsv"), "--fail-on", *kinds]
    if code:
        with pytest.raises(SystemExit) as ended:
            run(line)
        assert ended.value.code == code
    else:
        assert run(line) == 0
    assert rows(tmp_path / "review.tsv")  # the report is written all the same
    assert "review of 7 pairs:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("--fail-on terms", "--fail-on terms needs --glossary"),
        ("--fail-on meaning", "--fail-on meaning needs --model"),
        ("--report review.pdf", "a report is a page (.html) or a table (.csv"),
        ("--report nowhere.tmx", "a report is a page (.html) or a table (.csv"),
        ("--fail-on nothing", "nothing"),
    ],
)
def test_a_review_that_cannot_be(line: str, problem: str, bitext: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", str(bitext), *line.split()]) == 2
    assert problem in capsys.readouterr().err


def test_only_translations_are_reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = tmp_path / "a.txt"
    texts.write_text("One text.\n", encoding="utf-8")
    assert run(["doctor", str(texts), "--report", str(tmp_path / "x.html")]) == 2
    assert "holds plain texts; --report, --glossary and --fail-on are for translations" in capsys.readouterr().err
    assert not (tmp_path / "x.html").exists()


def test_the_doctor_measures_meaning_once(
    bitext: Path, tmp_path: Path, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["doctor", str(bitext), "-m", model, "--report", str(tmp_path / "x.csv")]) == 0
    assert "pairs are too few to say which cosine is low" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"source\ttarget\nOne.\n", "1 fields, the header names 2"), (b"source\ttarget\nO\xffne.\tb\n", "not UTF-8"),
        (b"source\ttarget\nO\x00ne.\tb\n", "NUL"), (b"a1\tb1\nx\ty\n", "which columns are texts"), (b"", "empty"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_leaves_earlier_results(
    tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "bad.tsv", tmp_path / "clean.tsv"
    path.write_bytes(content)
    out.write_text("earlier", encoding="utf-8")
    for arguments in (
        ["clean", str(path), "-o", str(out), "--rejected", str(tmp_path / "r.tsv"), "--without-model"],
        ["doctor", str(path)],
    ):
        assert run(arguments) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
    assert out.read_text(encoding="utf-8") == "earlier"
    assert not (tmp_path / "r.tsv").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--rejected", "r.tsv"], "--without-model"), (["--rejected", "r.txt", "--without-model"], "r.txt: rejected pairs are written as .csv, .htm, "),
        (["--rejected", "clean.tsv", "--without-model"], "is the same as"), (["--rejected", "/proc/no/r.tsv", "--without-model"], "cannot be written"),
    ],
)  # fmt: skip
def test_options_that_cannot_work(
    bitext: Path, more: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bitext.parent)
    assert run(["clean", str(bitext), "-o", "clean.tsv", *more]) == 2
    assert message in capsys.readouterr().err


def test_the_doctor_reads_a_pipe(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = io.TextIOWrapper(
        io.BytesIO(b"src_lang\tsrc\ttgt_lang\ttgt\nen\tOne house.\tde\tEin Haus.\n"), encoding="utf-8"
    )
    monkeypatch.setattr("sys.stdin", text)
    assert run(["doctor", "-"]) == 0
    assert "-: 1 rows of parallel (source: src, target: tgt)\n  nothing found" in capsys.readouterr().out


def test_a_truncated_gzip_is_an_error(bitext: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import gzip

    path = tmp_path / "cut.tsv.gz"
    path.write_bytes(gzip.compress(bitext.read_bytes())[:-12])
    assert run(["doctor", str(path)]) == 2
    assert "damaged or cut short" in capsys.readouterr().err
