"""One language has one name, whatever code people write."""

import pytest

import interlingua
from interlingua import cli
from interlingua.engines.remote import Remote
from interlingua.errors import DataError
from interlingua.evaluation.tasks import rsim, sts, tatoeba, xsim
from interlingua.languages import check_options, is_language, name, require, same, script, spelled, standard
from interlingua.memories.conversion import convert
from interlingua.mining.documents import document
from interlingua.mining.scoring import score_pairs


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("de", "de"), ("deu", "de"), ("ger", "de"), ("DE", "de"), (" de ", "de"), ("eng", "en"), ("zh_CN", "zh-CN"), ("pt_BR", "pt-BR"),
        ("pt-br", "pt-BR"), ("zh-Hant", "zh-Hant"), ("sr-Latn", "sr-Latn"), ("es-419", "es-419"), ("iw", "he"), ("nb", "nb"), ("nob", "nb"),
        ("cmn", "zh"), ("cmn-Hans", "zh-Hans"), ("kmr", "kmr"), ("yue", "yue"), ("wuu", "wuu"), ("pes", "fa"), ("swh", "sw"), ("lvs", "lv"),
        ("zsm", "ms"), ("tgl", "tl"), ("arz", "arz"), ("tok", "tok"), ("und", "und"), ("UND", "und"),
    ],
)  # fmt: skip
def test_the_standard_form(code, expected):
    assert standard(code) == expected
    assert standard(expected) == expected
    assert is_language(code)


@pytest.mark.parametrize(
    "code",
    [
        "",
        " ",
        "-",
        "xx",
        "english",
        "German",
        "source",
        "text",
        "1",
        "C",
        "a-b",
        "de en",
        "sr@latin",
        "Guten Tag!",
        "s\x00r",
        "\x00latin",
    ],
)
def test_what_is_no_language(code):
    with pytest.raises(DataError, match="not a language code; use"):
        standard(code)
    assert not is_language(code)


def test_one_language_region_aside():
    assert all(
        same(one, other)
        for one, other in [("en", "en-US"), ("en_GB", "eng"), ("zh", "zh-CN"), ("zh-TW", "zh-Hant"), ("en", "en-Latn")]
    )
    assert not any(
        same(one, other)
        for one, other in [("en", "de"), ("zh-Hans", "zh-Hant"), ("zh", "zh-TW"), ("sr", "sr-Latn"), ("en", "und")]
    )


@pytest.mark.parametrize(
    ("code", "usual"),
    [("EN", "en"), ("en_us", "en-US"), ("ZH-HANT_tw", "zh-Hant-TW"), ("deu", "deu"), ("es-419", "es-419"), ("x-Own", "x-own"),
     ("DE-CH-1996", "de-CH-1996"), ("en-u-CA-gregory", "en-u-ca-gregory"), ("", ""), ("*all*", "*all*")],
)  # fmt: skip
def test_the_usual_spelling(code, usual):
    assert spelled(code) == usual == spelled(usual)


def test_names_and_scripts():
    assert [name(code) for code in ("deu", "zh-Hant")] == ["German", "Chinese (Traditional)"]
    assert [script(code) for code in ("ru", "zh-TW", "sr-Latn", "he", "und")] == ["Cyrl", "Hant", "Latn", "Hebr", ""]


@pytest.mark.parametrize(("said", "meant"), [("german", "de"), ("Deutsch", "de"), ("English", "en"), ("日本語", "ja")])
def test_the_name_of_a_language_is_an_error_that_gives_its_code(said: str, meant: str) -> None:
    with pytest.raises(DataError, match=f"'{said}' is not a language code.* Did you mean '{meant}'"):
        standard(said)


@pytest.mark.parametrize("code", ["german", "123", "Deutsch", ""])
@pytest.mark.parametrize(
    "line",
    [
        "encode x.txt --model M --output v.npy --language {}",
        "mine x.txt x.txt --model M --output m.tsv --source-language {}",
        "mine x.txt x.txt --model M --output m.tsv --target-language {}",
        "align x.txt x.txt --model M --target-language {}",
        "score x.tsv --model M --source-language {}",
        "clean x.tsv --without-model --output c.tsv --rejected r.tsv --target-language {}",
        "negatives x.tsv --model M --output n.tsv --target-language {}",
        "tm analyse x.txt --source-language {}",
        "tm convert x.tsv -o x.tmx --source-language {}",
        "tm lookup x.txt --memory x.tsv --model M --target-language {}",
        "translate x.txt --model M --to {}",
        "trim M --output t --languages en {}",
        "new-language --language {} --text x.txt --pairs x.tsv --base M --output n",
        "packs remove M {}",
        "evaluate tatoeba x.tsv --model M --languages {}",
        "evaluate xsim x.tsv --model M --source-language {}",
        "evaluate rsim x.tsv --model M --languages de {}",
        "evaluate geometry x.tsv --model M --source-language {}",
        "evaluate bucc x --model M --languages {}",
        "evaluate language-bias x --model M --languages {}",
        "evaluate sts x --model M --cross {}",
        "train labse --pairs x.tsv --output r --languages {}",
        "train muse --pairs x.tsv --output r --target-language {}",
        "train laser --pairs x.tsv --output r --write {}",
        "train laser3 --teacher M --pairs x.tsv --output r --source-language {}",
        "train multilingual-distillation --teacher M --pairs x.tsv --output r --languages {}",
        "train modular-encoders --base M --language {} --texts x.txt --output r",
        "train modular-encoders --base M --language de --pivot {} --texts x.txt --output r",
    ],
)
def test_every_command_refuses_what_is_no_language_before_it_reads_anything(
    line: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run([code if word == "{}" else word for word in line.split()]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"error: {code!r} is not a language code")
    assert said.err.count("\n") == 1


def test_columns_that_hold_languages_are_no_languages() -> None:
    check_options({"columns": {"source_language": "src lang"}, "masked_language": 0.1, "source_language": None})
    check_options({"languages": ("deu_Latn", "zh_Hans", "pt-BR", "de,en"), "language": "und"})


def test_python_refuses_it_too(tmp_path) -> None:
    def encode(texts, language="und"):
        raise AssertionError("nothing is encoded")

    file = tmp_path / "a.tsv"
    file.write_text("en\tde\none\teins\n", encoding="utf-8")
    calls = [
        lambda: Remote("http://localhost", "m", None).encode(["a"], "german"),
        lambda: interlingua.mine_texts(["a"], ["b"], encode, source_language="german"),
        lambda: interlingua.mine_texts(["a"], ["b"], encode, target_language="german"),
        lambda: score_pairs([("a", "b")], encode, ("en", "german")),
        lambda: document(file, "german"),
        lambda: convert(file, tmp_path / "a.tmx", "german"),
        lambda: require(["german"], ()),
        *(lambda task=task: task.evaluate(encode, file, source_language="german") for task in (tatoeba, xsim, rsim)),
        lambda: sts.evaluate(encode, file, cross="german"),
    ]
    for call in calls:
        with pytest.raises(DataError, match="'german' is not a language code.* Did you mean 'de'"):
            call()
