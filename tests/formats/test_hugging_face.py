"""Folders saved by the library, and files that it loads by name: nothing here needs a network."""

from pathlib import Path

import pytest

from interlingua import formats
from interlingua.data.labelled import labelled_pairs
from interlingua.data.parallel import parallel, read_parallel
from interlingua.data.stored import Stored
from interlingua.errors import ConfigError, DataError, MissingDependency
from interlingua.formats import hugging_face, read_rows
from interlingua.units.unit import About, Memory
from tests.conftest import peer

datasets = peer("datasets")
PAIRS = [{"en": "a house", "de": "ein Haus"}, {"en": "", "de": "leer"}, {"en": "two", "de": "zwei"}]


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "hub"))
    datasets.disable_progress_bars()


def saved(folder: Path, columns: dict, features: dict) -> Path:
    datasets.Dataset.from_dict(columns, datasets.Features(features)).save_to_disk(str(folder))
    return folder


def test_translations_are_columns_of_languages(tmp_path: Path) -> None:
    translation = datasets.Translation(["en", "de"])
    folder = saved(
        tmp_path / "set",
        {"id": [1, 2, 3], "translation": PAIRS},
        {"id": datasets.Value("int32"), "translation": translation},
    )
    assert [row.columns for row in read_rows(folder)] == [{"id": str(k + 1), **pair} for k, pair in enumerate(PAIRS)]
    folder = saved(tmp_path / "pairs", {"translation": PAIRS}, {"translation": translation})
    assert [example.texts for example in parallel(folder)] == [("a house", "ein Haus"), ("two", "zwei")]
    there = read_parallel([folder], cache=tmp_path / "cache")
    assert isinstance(there, Stored)
    assert list(there) == list(parallel(folder))
    units = list(formats.open_memory(folder))
    assert {variant.language for variant in units[0].variants} == {"en", "de"}


def test_nul_is_an_error_with_its_row(tmp_path: Path) -> None:
    folder = saved(tmp_path / "set", {"en": ["a", "b\0c"]}, {"en": datasets.Value("string")})
    with pytest.raises(DataError, match="NUL") as caught:
        list(read_rows(folder))
    assert caught.value.line == 2


def test_classes_go_by_their_names(tmp_path: Path) -> None:
    columns = {"premise": ["a", "b"], "hypothesis": ["c", None], "label": [1, 0], "vector": [[1.0], [2.0]]}
    text = datasets.Value("string")
    features = {"premise": text, "hypothesis": text, "label": datasets.ClassLabel(names=["no", "yes"])}
    folder = saved(tmp_path / "nli", columns, {**features, "vector": datasets.List(datasets.Value("float32"))})
    assert [row.columns for row in read_rows(folder)] == [
        {"premise": "a", "hypothesis": "c", "label": "yes"},
        {"premise": "b", "hypothesis": "", "label": "no"},
    ]
    assert [example.target for example in labelled_pairs(folder, ("no", "yes"))] == [1, 0]


def test_splits(tmp_path: Path) -> None:
    def of(*names: str) -> Path:
        sets = {name: datasets.Dataset.from_dict({"text": [name]}) for name in names}
        datasets.DatasetDict(sets).save_to_disk(str(tmp_path / "-".join(names)))
        return tmp_path / "-".join(names)

    assert [row.columns["text"] for row in read_rows(of("train", "test"))] == ["train"]
    assert [row.columns["text"] for row in read_rows(of("test"))] == ["test"]
    several = of("dev", "test")
    with pytest.raises(DataError, match="which split. Give .*dev-test/dev, or another of dev, test"):
        list(read_rows(several))
    assert [row.columns["text"] for row in read_rows(several / "test")] == ["test"]


def test_by_name(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    for split in ("train", "test"):
        (tmp_path / "files" / f"{split}.csv").write_text(f"en,de\n{split},Haus\n", encoding="utf-8")
    name = f"datasets:{tmp_path}/files"
    assert [row.columns["en"] for row in read_rows(Path(name))] == ["train"]
    assert [row.columns["en"] for row in read_rows(Path(f"{name}::test"))] == ["test"]
    assert formats.is_input(Path(name))


def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "files").mkdir()
    with pytest.raises(DataError, match="the library `datasets` cannot read this") as raised:
        list(read_rows(Path(f"datasets:{tmp_path}/files")))
    assert "\n" not in str(raised.value)
    folder = saved(tmp_path / "set", {"text": ["a"]}, {"text": datasets.Value("string")})
    (arrow,) = folder.glob("*.arrow")
    arrow.write_bytes(arrow.read_bytes()[:20])
    with pytest.raises(DataError, match="cannot read this"):
        list(read_rows(folder))
    vectors = saved(tmp_path / "vectors", {"v": [[1.0]]}, {"v": datasets.List(datasets.Value("float32"))})
    with pytest.raises(DataError, match="no column holds text, found v"):
        list(read_rows(vectors))
    with pytest.raises(ConfigError, match="only read; write .parquet"):
        hugging_face.write_memory(folder, Memory(About(), lambda: iter(())))
    monkeypatch.setitem(__import__("sys").modules, "datasets", None)
    with pytest.raises(MissingDependency, match=r"interlingua\[datasets\]"):
        list(read_rows(folder))
