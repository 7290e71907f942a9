"""A new kind of document is one new file, here or in another package. Whatever bytes a document holds, a user sees its
texts or one DataError; every command that takes texts reads it.
"""

import gzip
import sys
from contextlib import suppress
from importlib.metadata import EntryPoint

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua import cli, discovery, documents
from interlingua.data.examples import texts
from interlingua.documents import Reader
from interlingua.errors import ConfigError, DataError
from interlingua.formats import open_memory, read_rows
from interlingua.memories import job
from interlingua.mining import reading
from interlingua.mining.documents import Alignment, align_documents, document
from tests.documents.samples import SAMPLES

KIND = '''
"""Texts with bars between them."""

from interlingua.documents import Passage, Reader
from interlingua.files import whole_text


def passages(path):
    yield from (Passage(text, f"text {number}") for number, text in enumerate(whole_text(path).split("|"), 1))


READER = Reader(suffixes=(".barred",), passages=passages, prose=True)
'''


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Make a module that defines a kind of document an installed package."""

    def install(content):
        (tmp_path / "barred.py").write_text(content, "utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "barred", raising=False)
        entry = EntryPoint("barred", "barred", "interlingua.documents")
        monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == entry.group else [])
        discovery._installed.cache_clear()

    yield install
    discovery._installed.cache_clear()


def test_every_kind_is_tested_here():
    assert set(documents.by_suffix()) == set(SAMPLES)
    assert all(isinstance(one, Reader) for one in documents.by_suffix().values())


@pytest.mark.parametrize("suffix", SAMPLES)
def test_texts_come_in_order_compressed_or_not(tmp_path, suffix):
    sample = SAMPLES[suffix]
    path = tmp_path / f"page{suffix}"
    path.write_bytes(sample.content)
    assert texts(path) == list(sample.texts)
    packed = tmp_path / f"page{suffix}.gz"
    packed.write_bytes(gzip.compress(sample.content))
    assert texts(packed) == list(sample.texts)
    assert all(passage.place for passage in documents.by_suffix()[suffix].passages(path))


@pytest.mark.parametrize("suffix", SAMPLES)
@settings(deadline=None, max_examples=25)
@given(damage=st.data())
def test_damage_is_a_data_error_or_harmless(tmp_path_factory, suffix, damage):
    path = tmp_path_factory.mktemp("damaged") / f"page{suffix}"
    content = bytearray(SAMPLES[suffix].content)
    for _ in range(damage.draw(st.integers(1, 4))):
        content[damage.draw(st.integers(0, len(content) - 1))] = damage.draw(st.integers(0, 255))
    path.write_bytes(content[: damage.draw(st.integers(0, len(content)))] if damage.draw(st.booleans()) else content)
    with suppress(DataError):
        assert all(isinstance(text, str) for text in texts(path))


@pytest.mark.parametrize("suffix", SAMPLES)
def test_documents_are_read_by_every_command_that_takes_texts(tmp_path, suffix):
    path = tmp_path / f"page{suffix}"
    path.write_bytes(SAMPLES[suffix].content)
    sentences = list(reading.texts(path, "en", split=False, identify=False))
    assert sentences
    with job.opened(path) as found:
        assert found.texts == sentences
        assert len(found.places) == len(sentences)
    read = document(path, "en")
    assert list(read.sentences) == [sentence.strip() for sentence in sentences]
    assert bool(read.keys) == all(passage.key for passage in documents.by_suffix()[suffix].passages(path))


@pytest.mark.parametrize("suffix", [suffix for suffix in SAMPLES if suffix not in (".html", ".htm", ".xhtml")])
def test_one_language_is_no_pairs(tmp_path, suffix):
    path = tmp_path / f"page{suffix}"
    path.write_bytes(SAMPLES[suffix].content)
    for read in (lambda: list(read_rows(path)), lambda: open_memory(path)):
        with pytest.raises(DataError, match=r"a document of one language.*interlingua align"):
            read()


def test_strings_with_keys_are_never_split(tmp_path):
    path = tmp_path / "en.json"
    path.write_text('{"a": "It rains. We go."}', "utf-8")
    assert list(reading.texts(path, "en", split=True, identify=False)) == ["It rains. We go."]
    assert document(path, "en", split=True).sentences == ("It rains. We go.",)


def test_a_kind_of_another_package_is_read_like_ours(tmp_path, installed):
    installed(KIND)
    path = tmp_path / "page.barred"
    path.write_text("It rains. We go.|The end.", "utf-8")
    assert texts(path) == ["It rains. We go.", "The end."]
    with job.opened(path) as found:
        assert found.texts == ["It rains.", "We go.", "The end."]
        assert found.places == ["text 1", "text 1", "text 2"]
    assert document(path, "en").ends == (2, 3)


def test_a_module_that_is_no_kind_of_document_is_named(tmp_path, installed, capsys):
    installed("READER = 3")
    with pytest.raises(ConfigError, match="READER is no"):
        documents.by_suffix()
    installed(KIND.replace(".barred", ".json"))
    (tmp_path / "one.json").write_text("{}", "utf-8")
    with pytest.raises(ConfigError, match=r"claim the suffix .json"):
        documents.by_suffix()
    assert cli.run(["mine", str(tmp_path / "one.json"), str(tmp_path / "one.json"), "--model", "x"]) == 2
    assert "claim the suffix" in capsys.readouterr().err


def test_strings_are_aligned_by_their_keys(tmp_path):
    """Whatever their order; of a key that a file has twice, the last string counts."""
    one, other = tmp_path / "en.json", tmp_path / "de.json"
    one.write_text('{"a": "old", "rain": "It rains", "b": {"sun": "The sun"}, "a": "new", "only": "x"}', "utf-8")
    other.write_text('{"b": {"sun": "Die Sonne"}, "rain": "Es regnet", "a": "neu"}', "utf-8")
    sides = document(one, "en"), document(other, "de")
    links = align_documents(
        *sides, lambda texts, language=None: np.eye(2, dtype=np.float32)[[len(t) % 2 for t in texts]]
    )
    assert [Alignment(*sides, links).texts(link) for link in links if link.joins] == [
        ("new", "neu"),
        ("It rains", "Es regnet"),
        ("The sun", "Die Sonne"),
    ]
    assert [link.score for link in links if link.joins] == [1.0, 0.0, 1.0]
    assert Alignment(*sides, links).summary()["source_unaligned"] == 1
    assert align_documents(
        sides[0], document(one, "en"), lambda texts, language=None: np.ones((len(texts), 1), np.float32)
    )
