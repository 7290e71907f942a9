"""One language has one name, whatever code people write."""

import pytest

from interlingua.errors import DataError
from interlingua.languages import is_language, name, same, script, standard


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
    ["", " ", "-", "xx", "english", "German", "source", "text", "1", "C", "a-b", "de en", "sr@latin", "Guten Tag!"],
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


def test_names_and_scripts():
    assert [name(code) for code in ("deu", "zh-Hant")] == ["German", "Chinese (Traditional)"]
    assert [script(code) for code in ("ru", "zh-TW", "sr-Latn", "he", "und")] == ["Cyrl", "Hant", "Latn", "Hebr", ""]
