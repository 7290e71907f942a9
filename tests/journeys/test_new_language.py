"""A language from text to report, small: checks before the work, figures after it, and a call that continues."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua import load, tokenization
from interlingua.cli import run as cli
from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.errors import DataError
from interlingua.journeys.new_language import resources
from interlingua.journeys.new_language.forecast import forecast

ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "nine"]
RUSSIAN = ["один", "два", "три", "четыре", "пять", "шесть", "семь", "девять"]


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, random = tmp_path_factory.mktemp("language"), np.random.default_rng(0)
    rows = sorted({tuple(random.integers(0, 8, 3)) for _ in range(400)})
    english, russian = ([" ".join(words[k] for k in row) for row in rows] for words in (ENGLISH, RUSSIAN))
    (folder / "ru.txt").write_text("\n".join(russian) + "\n", encoding="utf-8")
    lines = [f"{en}\t{ru}" for en, ru in zip(english, russian, strict=True)]
    (folder / "pairs.tsv").write_text("en\tru\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "test.tsv").write_text("en\tru\n" + "\n".join(lines[:9]) + "\n", encoding="utf-8")
    for name, texts in (("base", english), ("reads-russian", [*english, *russian])):
        torch.manual_seed(0)
        tokenizer = tokenization.train(texts, 400, max_tokens=16)
        body = transformer.Body(
            transformer.Config(layers=1, width=32, heads=2, feedforward=64), tokenizer.vocabulary_size, tokenizer.pad
        )
        storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder / name)
    (folder / "paraphrases.tsv").write_text(
        "sentence1\tsentence2\n" + "".join(f"{one}\t{one} один\n" for one in russian), encoding="utf-8"
    )
    return folder


def command(
    material: Path,
    output: Path,
    *more: str,
    language: str = "ru",
    pairs: str = "pairs.tsv",
    text: str = "ru.txt",
    base: str = "base",
    device: str = "cpu",
) -> list[str]:
    return [
        "new-language", "--language", language, "--text", str(material / text), "--pairs", str(material / pairs), "--base",
        str(material / base), "--output", str(output), "--held-out", "40", "--max-steps", "12",
        "--device", device, *more,
    ]  # fmt: skip


def test_from_text_to_report(material: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "out"
    arguments = command(material, output, "--test", str(material / "test.tsv"), "--vocabulary-size", "400", "--json")
    assert cli(arguments) == 0
    said = capsys.readouterr()
    result = json.loads(said.out)
    assert "warning: " in said.err
    assert "sentences of plain text are few" in said.err
    assert set(result["quality"]) == {"held-out pairs", "test.tsv"}
    assert result["quality"]["held-out pairs"]["pairs"] == 40
    assert [point["pairs"] for point in result["curve"]] == sorted(point["pairs"] for point in result["curve"])
    assert len(result["curve"]) == 3
    assert [stage["name"] for stage in result["stages"]] == ["vocabulary", "language", "sentence", "alignment"]
    assert all(stage["seconds"] > 0 for stage in result["stages"])
    assert result["vocabulary"]["after"]["tokens_per_word"] < result["vocabulary"]["before"]["tokens_per_word"]
    assert result["resources"]["scripts"] == {"CYRILLIC": 100.0}
    learned = json.loads((output / "run" / "config.json").read_text())["resolved"]["data"]
    held = {line.split("\t")[0] for line in (material / "pairs.tsv").read_text().splitlines()[1:]}
    assert len(held) == result["resources"]["pairs"]
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "Russian (ru)" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    model, base = load(output / "run" / "model"), load(material / "base")
    np.testing.assert_array_equal(model.encode(ENGLISH, "en"), base.encode(ENGLISH, "en"))
    assert cli(arguments) == 0  # a second call finds everything done
    again = json.loads(capsys.readouterr().out)
    assert again["quality"] == result["quality"]
    assert again["curve"] == result["curve"]
    assert json.loads((output / "run" / "config.json").read_text())["resolved"]["data"] == learned
    assert cli(arguments[:-1]) == 0
    assert "xsim error %, held-out pairs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("base", "more", "stages"),
    [
        ("base", (), ["vocabulary", "language", "sentence", "alignment"]),
        ("reads-russian", (), ["alignment"]),
        ("reads-russian", ("--paraphrases", "paraphrases.tsv"), ["sentence", "alignment"]),
    ],
)
def test_a_base_that_reads_the_language_keeps_its_vocabulary(
    material: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    base: str,
    more: tuple[str, ...],
    stages: list[str],
) -> None:
    options = [str(material / each) if each.endswith(".tsv") else each for each in more]
    arguments = command(material, tmp_path / "out", *options, "--json", base=base)
    assert cli(arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert [stage["name"] for stage in result["stages"]] == stages
    assert len(result["curve"]) == 3
    kept = result["vocabulary"]["after"] == result["vocabulary"]["before"]
    assert kept == ("vocabulary" not in stages)
    assert cli(arguments) == 0  # a second call finds everything done
    assert json.loads(capsys.readouterr().out)["curve"] == result["curve"]


def test_packs_on_the_command_line(material: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli(command(material, tmp_path / "out", "--curve", "0", "--vocabulary-size", "0")) == 0
    base, pack = tmp_path / "base", tmp_path / "out" / "run" / "pack"
    storage.save(load(material / "base"), base)  # type: ignore[arg-type]
    assert cli(["packs", "add", str(base), str(pack)]) == 0
    assert "Russian (ru)," in capsys.readouterr().err
    assert cli(["packs", "add", str(base), str(pack)]) == 2
    assert "two packs claim ru" in capsys.readouterr().err
    assert cli(["packs", "list", str(base), "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["packs"]
    assert (found["language"], found["vocabulary"]) == ("ru", 0)
    assert cli(["packs", "list", str(base)]) == 0
    assert "shared" in capsys.readouterr().out
    (tmp_path / "one.txt").write_text("два три\n", encoding="utf-8")
    assert cli(["encode", str(tmp_path / "one.txt"), "--model", str(base), "--language", "el"]) == 0
    assert "Greek (el), for which there is no pack: the shared body encodes them" in capsys.readouterr().err
    assert cli(["packs", "add", str(material / "base"), str(pack), "--output", str(tmp_path / "new")]) == 0
    np.testing.assert_array_equal(load(tmp_path / "new").encode(RUSSIAN, "ru"), load(base).encode(RUSSIAN, "ru"))
    assert cli(["packs", "remove", str(base), "ru"]) == 0
    assert cli(["packs", "remove", str(base), "ru"]) == 2
    capsys.readouterr()
    assert cli(["packs", "list", str(base)]) == 0
    assert "has no packs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"language": "ka"},
            "Georgian is mostly written in Georgian, this text in 100 % Cyrillic. Is it the right file",
        ),
        ({"language": "qqqq"}, "is not a language code"),
        ({"language": "en"}, "en is the pivot itself"),
        ({"text": "few.txt"}, "3 sentences of plain text are too few"),
        ({"pairs": "none.tsv"}, "no such file"),
        ({"pairs": "one.tsv"}, "1 pairs of parallel text are too few"),
        ({"base": "nowhere"}, "nowhere: there is no such folder"),
        ({"device": "gpu"}, "--device gpu: there is no such device"),
    ],
)
def test_what_cannot_serve_is_refused_before_the_work(
    material: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: dict[str, str], message: str
) -> None:
    (material / "few.txt").write_text("один\nдва\nтри\n", encoding="utf-8")
    (material / "one.tsv").write_text("en\tru\none\tодин\n", encoding="utf-8")
    if options.get("language") == "ka":
        (material / "ka.tsv").write_text((material / "pairs.tsv").read_text().replace("en\tru", "en\tka", 1))
        options = options | {"pairs": "ka.tsv"}
    assert cli(command(material, tmp_path / "out", **options)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_scripts_and_how_a_vocabulary_reads() -> None:
    assert resources.script_shares(["abc абв 12!"]) == {"LATIN": 50.0, "CYRILLIC": 50.0}
    texts = [f"文字{number}" for number in range(200)]
    for language in ("zh", "zh-Hant", "ja"):
        assert resources.check(language, texts, [(text, text + "。") for text in texts]).scripts == {"CJK": 100.0}
    with pytest.raises(DataError, match="Korean is mostly written in Korean"):
        resources.check("ko", [f"text {number}" for number in range(200)], [("a", "b")] * 200)
    assert "same text on both sides" in resources.check("zh", texts, [(text, text) for text in texts]).warnings[-1]
    words = {"[UNK]": 0, "one": 1, "two": 2, "[CLS]": 3}
    import tokenizers

    rules = tokenizers.Tokenizer(tokenizers.models.WordPiece(words, unk_token="[UNK]"))
    rules.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    found = resources.reading(tokenization.Tokenizer(rules, 32), ["one two three", "two"])
    assert (found.tokens_per_word, found.unknown, found.pieces) == (1.0, 25.0, 4)


@settings(deadline=None)
@given(st.floats(5, 90), st.floats(0.05, 0.9), st.integers(100, 5000))
def test_a_power_law_is_found_again(error: float, exponent: float, pairs: int) -> None:
    points = [(pairs * times, error * times**-exponent) for times in (1, 2, 4)]
    found = forecast(points)
    assert found is not None
    assert found.exponent == pytest.approx(exponent, abs=2e-3)
    assert found.expected[pairs * 8] == pytest.approx(error * 8**-exponent, abs=0.02)
    assert found.spread < 0.01


def test_nothing_is_foretold_without_a_fall() -> None:
    assert forecast([(100, 5.0), (200, 5.0), (400, 6.0)]) is None
    assert forecast([(100, 5.0), (200, 4.0)]) is None
    assert forecast([(100, 5.0), (200, 0.0), (400, 0.0)]) is None
