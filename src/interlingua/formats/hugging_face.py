"""Data sets of the Hugging Face library `datasets`: a folder that it saved, or datasets:NAME[:CONFIGURATION[:SPLIT]]
for one of the hub, in its cache, or in a folder of files that it can read.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError, DataError, MissingDependency
from interlingua.files import Expansion
from interlingua.formats import Format
from interlingua.network import is_offline
from interlingua.types import Row
from interlingua.units.columns import records
from interlingua.units.holds import Holds
from interlingua.units.tables import unit_of
from interlingua.units.unit import About, Memory, Unit

PREFIX = "datasets:"
ROWS = 1000
"""Rows that are decoded together."""


def read(path: Path) -> Iterator[Row]:
    """Rows by the names of their columns: text as it is, classes by their names, numbers as text, nothing as an empty
    text, translations as a column for each language. `line` counts rows.

    Other columns (lists, embeddings, images) hold no text and are left out. Raises DataError for what cannot be loaded
    for a set without any other column and for a row of more than LONGEST_RECORD bytes, MissingDependency without the
    library.
    """
    loaded = _load(path)
    text = {name: _reader(feature) for name, feature in loaded.features.items()}
    columns = [name for name, reader in text.items() if reader is not None]
    if not columns:
        raise DataError(f"no column holds text, found {', '.join(text)}", path)
    number = 0
    with _clear_errors(path):
        for table in loaded.select_columns(columns).with_format("arrow").iter(ROWS):
            for batch in table.to_batches():
                for values in records(batch, path, number + 1, Expansion(path)):
                    number += 1
                    row: dict[str, str] = {}
                    for name in columns:
                        row |= text[name](name, values[name])
                    if any("\0" in text for text in row.values()):
                        raise DataError("a NUL character, which no text has; remove it", path, number)
                    yield Row(row, number)


def _reader(feature: Any) -> Any:
    """How a value of a column becomes columns of text; None where it holds no text."""
    import datasets

    if isinstance(feature, datasets.ClassLabel):
        names = feature.names
        return lambda name, value: {name: "" if value is None or value < 0 else names[value]}
    if isinstance(feature, datasets.Translation):
        return lambda _, value: {language: text or "" for language, text in (value or {}).items()}
    if isinstance(feature, datasets.Value) and "binary" not in feature.dtype:
        return lambda name, value: {name: "" if value is None else str(value)}
    return None


def _load(path: Path) -> Any:
    try:
        import datasets
    except ImportError as error:
        raise MissingDependency("a data set of Hugging Face", "datasets") from error
    with _clear_errors(path):
        if not str(path).startswith(PREFIX):
            loaded = datasets.load_from_disk(str(path))
            if not isinstance(loaded, datasets.DatasetDict):
                return loaded
            splits = list(map(str, loaded))
            if "train" not in splits and len(splits) > 1:
                raise DataError(f"which split? Give {path}/{splits[0]}, or another of {', '.join(splits)}", path)
            return loaded["train" if "train" in splits else splits[0]]
        name, configuration, split = [*str(path).removeprefix(PREFIX).split(":"), "", ""][:3]
        try:
            return datasets.load_dataset(name, configuration or None, split=split or "train")
        except ConnectionError as error:
            if not is_offline():
                raise
            raise DataError(
                f"the data set {name} is not on this machine, and offline mode forbids to fetch it from the Hugging "
                "Face hub",
                path,
            ) from error


@contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    """Whatever the library raises, of which there is much, in one line."""
    try:
        yield
    except (DataError, GeneratorExit):
        raise
    except Exception as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"the library `datasets` cannot read this ({told[:300]})", path) from error


def is_data_set(path: Path) -> bool:
    """Whether this names a data set, or is a folder that the library saved."""
    if str(path).startswith(PREFIX):
        return True
    return path.is_dir() and any((path / name).is_file() for name in ("state.json", "dataset_dict.json"))


def files(path: Path) -> Sequence[Path]:
    """The Arrow files of a data set."""
    return [Path(file["filename"]) for file in _load(path).cache_files]


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The rows as units."""
    named = {"srclang": source_language} if source_language else {}
    return Memory(About(named), partial(_units, path, source_language, target_language))


def _units(path: Path, source_language: str, target_language: str) -> Iterator[Unit]:
    yield from (unit_of(row, path, source_language, target_language) for row in read(path))


def write_memory(path: Path, memory: Memory) -> None:
    """Raises ConfigError: a data set is only read."""
    raise ConfigError(f"{path}: a data set is only read; write .parquet, which the library `datasets` opens")


FORMAT = Format(
    suffixes=(),
    holds=Holds(),
    read=read,
    memory=memory,
    write_memory=write_memory,
    claims=is_data_set,
    exists=is_data_set,
    files=files,
    one_file=False,
)
