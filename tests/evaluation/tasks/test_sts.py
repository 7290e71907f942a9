"""Similarity judgements: the three ways to average, the layouts they come in, and what is refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from interlingua.errors import DataError
from interlingua.evaluation.judgements import judged
from interlingua.evaluation.tasks import sts
from interlingua.types import Embeddings


def angles(texts: Sequence[str], language: str = "und") -> Embeddings:
    """A text's meaning is its last word, an angle."""
    found = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(found), np.sin(found)], axis=1).astype(np.float32)


def write(file: Path, rows: list[tuple[float, float]], header: str = "score\tsentence1\tsentence2") -> Path:
    """Pairs with a score, and an angle between the two texts."""
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(
        "\n".join([header, *(f"{score}\ta 0.0\tb {angle}" for score, angle in rows)]) + "\n", encoding="utf-8"
    )
    return file


EASY = [(5.0, 0.0), (4.0, 0.3), (2.0, 0.5), (1.0, 1.1)]
SHIFTED = [(3.0, 1.2), (2.5, 1.5), (0.5, 1.4), (0.0, 1.6), (0.2, 1.7), (4.9, 1.3)]


def test_all_mean_and_weighted_mean_against_scipy(tmp_path: Path) -> None:
    write(tmp_path / "2012.a.test.tsv", EASY)
    write(tmp_path / "2012.b.test.tsv", SHIFTED)
    report = sts.evaluate(angles, tmp_path)
    year = report.rows[-1]
    cosines, scores = [np.array([f(pair) for pair in EASY + SHIFTED]) for f in (lambda p: np.cos(p[1]), lambda p: p[0])]
    each = [100 * spearmanr(cosines[:4], scores[:4]).statistic, 100 * spearmanr(cosines[4:], scores[4:]).statistic]
    assert [row["name"] for row in report.rows] == ["STS12 a", "STS12 b", "STS12"]
    assert year["spearman"] == pytest.approx(100 * spearmanr(cosines, scores).statistic, abs=0.006)
    assert year["pearson"] == pytest.approx(100 * pearsonr(cosines, scores).statistic, abs=0.006)
    assert year["mean"] == pytest.approx(np.mean(each), abs=0.006)
    assert year["weighted_mean"] == pytest.approx((4 * each[0] + 6 * each[1]) / 10, abs=0.006)
    assert len({year["spearman"], year["mean"], year["weighted_mean"]}) == 3  # three settings, three numbers
    assert (year["pairs"], year["subsets"]) == (10, 2)


def test_simcse_s_seven_are_named_only_with_what_is_missing(tmp_path: Path) -> None:
    for year in range(2012, 2017):
        write(tmp_path / "sts" / f"{year}.x.test.tsv", EASY)
    write(tmp_path / "stsb" / "en.test.tsv", SHIFTED)
    write(tmp_path / "sick" / "test.tsv", EASY, "relatedness\tsentence1\tsentence2")
    report = sts.evaluate(angles, tmp_path / "sts", tmp_path / "stsb", tmp_path / "sick")
    seven = {name: value for name, value in report.averages.items() if name.startswith("SimCSE's seven, all")}
    benchmark = next(row["spearman"] for row in report.rows if row["name"] == "en")
    assert list(seven.values()) == [pytest.approx((6 * 100 + benchmark) / 7, abs=0.006)]
    assert "STS12 4 of 3,108 pairs" in next(iter(seven))
    assert "SimCSE's seven" not in "".join(sts.evaluate(angles, tmp_path / "sts").averages)
    assert len(report.files) == 7


def test_public_layouts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark = tmp_path / "stsbenchmark" / "sts-test.csv"
    benchmark.parent.mkdir()
    benchmark.write_text(
        'main-captions\tMSRvid\t2012test\t0024\t2.500\tA "girl" runs.\tA girl.\nmain\tx\ty\t1\t0\ta\tb\tsource\tsource\n'
    )
    (found,) = judged(benchmark.parent)
    assert [(pair.texts, pair.target) for pair in found.pairs] == [
        (('A "girl" runs.', "A girl."), 2.5),
        (("a", "b"), 0.0),
    ]
    assert found.benchmark == "STS-B"

    sick = tmp_path / "sick"
    sick.mkdir()
    header = "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment"
    (sick / "SICK_test_annotated.txt").write_text(f"{header}\n6\tOne\tTwo\t3.3\tNEUTRAL\n")
    (found,) = judged(sick)
    assert (found.benchmark, found.pairs[0].texts, found.pairs[0].target) == ("SICK-R", ("One", "Two"), 3.3)

    semeval = tmp_path / "STS15-en-test"
    semeval.mkdir()
    (semeval / "STS.input.belief.txt").write_text("a\tb\nc\td\ne\tf\n")
    (semeval / "STS.gs.belief.txt").write_text("4.5\n\n1\n")
    for place in (semeval, tmp_path):
        (found,) = judged(place)
        assert (found.name, found.benchmark) == ("STS15 belief", "STS15")
        assert [(pair.texts, pair.target) for pair in found.pairs] == [(("a", "b"), 4.5), (("e", "f"), 1.0)]
    assert "left out 1 pairs without a score" in capsys.readouterr().err

    glue = tmp_path / "dev.tsv"
    glue.write_text("index\tgenre\tsource1\tsource2\tsentence1\tsentence2\tscore\n0\tm\tnone\tnone\ta\tb\t5.000\n")
    assert judged(glue)[0].pairs[0].texts == ("a", "b")


def test_columns_have_roles_by_name(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("score\trelatedness\tsentence1\tsentence2\n1\t2\ta\tb\n")
    with pytest.raises(DataError, match=r"x.tsv:2: which is the column 'score': score or relatedness\?.*--columns"):
        judged(file)
    assert judged(file, columns=("sentence2", "sentence1", "relatedness"))[0].pairs[0].target == 2
    with pytest.raises(DataError, match="there is no column 'gold'"):
        judged(file, columns=("sentence1", "sentence2", "gold"))


@pytest.mark.parametrize("score", ["nan", "inf", "", "high"])
def test_a_score_that_is_no_number_is_refused(tmp_path: Path, score: str) -> None:
    file = write(tmp_path / "x.tsv", EASY)
    file.write_text(file.read_text() + f"{score}\ta 0\tb 1\n")
    with pytest.raises(DataError, match=rf"x.tsv:6: the score '{score}' is not a number"):
        sts.evaluate(angles, file)
    (tmp_path / "sts-dev.csv").write_text(f"m\tf\ty\t1\t1\ta\tb\nm\tf\ty\t2\t{score}\ta\tb\n")
    with pytest.raises(DataError, match=r"sts-dev.csv:2: the score"):
        judged(tmp_path / "sts-dev.csv")


def test_folders_that_say_no_one_thing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no files LANGUAGE.test.tsv"):
        judged(tmp_path)
    write(tmp_path / "test.tsv", EASY)
    write(tmp_path / "sts-test.tsv", EASY)
    with pytest.raises(DataError, match="2 files here could be the test split"):
        judged(tmp_path)
    (tmp_path / "STS.input.x.txt").write_text("a\tb\n")
    (tmp_path / "STS.gs.x.txt").write_text("1\n2\n")
    with pytest.raises(DataError, match=r"STS.gs.x.txt: 2 lines, STS.input.x.txt has 1"):
        judged(tmp_path)
    with pytest.raises(DataError, match="which files"):
        sts.evaluate(angles)


@pytest.fixture
def sts_folder(tmp_path: Path) -> Path:
    for language in ("en", "de"):
        rows = [f"{5 - k / 60}\t{language} 0.0\t{language} {k / 60}" for k in range(60)]
        (tmp_path / f"{language}.test.tsv").write_text("score\tsentence1\tsentence2\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_sts(sts_folder: Path) -> None:
    report = sts.evaluate(angles, sts_folder)
    assert [(row["name"], row["spearman"]) for row in report.rows] == [("de", 100.0), ("en", 100.0), ("en-de", 100.0)]
    assert report.averages == {"monolingual": 100.0, "cross-lingual": 100.0}
    assert "Spearman" in report.table()


def test_sts_languages_must_hold_the_same_pairs(sts_folder: Path) -> None:
    (sts_folder / "de.test.tsv").write_text("score\tsentence1\tsentence2\n1\ta 1\tb 2\n")
    with pytest.raises(DataError, match=r"de.test.tsv: the scores differ"):
        sts.evaluate(angles, sts_folder)
    with pytest.raises(DataError, match="no files LANGUAGE.dev.tsv"):
        sts.evaluate(angles, sts_folder, split="dev")
