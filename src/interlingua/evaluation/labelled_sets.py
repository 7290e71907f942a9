"""Test sets of texts with classes: which files of a folder are for training, choosing and testing."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int

from interlingua.data.labelled import classified
from interlingua.errors import DataError
from interlingua.files import bare_suffix, check_name
from interlingua.formats import by_suffix

SPLITS = {
    "all": "all",
    "train": "train",
    "dev": "dev",
    "val": "dev",
    "valid": "dev",
    "validation": "dev",
    "test": "test",
}
"""What files are called, and what they are."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Texts (or pairs of texts) and their classes."""

    texts: list[tuple[str, ...]]
    labels: Int[np.ndarray, " N"]

    def __add__(self, other: "Part") -> "Part":
        return Part(texts=self.texts + other.texts, labels=np.concatenate([self.labels, other.labels]))


@dataclass(frozen=True, kw_only=True)
class LabelledSet:
    """A data set: either `all`, to be cross-validated, or `train` and `test` and perhaps `dev`."""

    name: str
    classes: tuple[str, ...]
    parts: dict[str, Part]
    files: tuple[Path, ...]

    @property
    def pairs(self) -> bool:
        """Whether its texts come in pairs."""
        return len(next(iter(self.parts.values())).texts[0]) == 2


def labelled_sets(path: Path) -> list[LabelledSet]:
    """The sets in `path`: a file (cross-validated), a folder with all.*, or train.*, test.* and perhaps dev.*, or a
    folder of such.

    Raises DataError where there is none, where two files are one split, and for a class of the test files that training
    never shows.
    """
    check_name(path)
    if path.is_file():
        return [_set(path.name.split(".")[0], {"all": path})]
    files = _split_files(path)
    if files:
        return [_set(path.absolute().name, files)]
    sets = [
        _set(folder.name, inside)
        for folder in sorted(path.iterdir())
        if folder.is_dir() and (inside := _split_files(folder))
    ]
    if not sets:
        raise DataError(
            "there is no all.tsv and no train.tsv with test.tsv, neither here nor in the folders here", path
        )
    return sets


def _split_files(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        split = SPLITS.get(file.name.split(".")[0].lower(), "") if bare_suffix(file) in by_suffix() else ""
        if split in files:
            raise DataError(f"{files[split].name} and {file.name} are both the {split} split", folder)
        if split:
            files[split] = file
    if "all" in files and len(files) > 1:
        raise DataError(
            f"{files['all'].name} stands beside {', '.join(sorted(files.keys() - {'all'}))}; which is the set?", folder
        )
    if files and "all" not in files and not files.keys() >= {"train", "test"}:
        raise DataError(f"only {', '.join(files)}; train and test are needed", folder)
    return files


def _set(name: str, files: dict[str, Path]) -> LabelledSet:
    rows = {split: list(classified(file)) for split, file in files.items()}
    classes = tuple(sorted({label for _, label in rows.get("all", rows.get("train", []))}))
    number = {label: place for place, label in enumerate(classes)}
    for split, read in rows.items():
        for _, label in read:
            if label not in number:
                raise DataError(
                    f"the class {label!r} does not occur in {files['train'].name} ({', '.join(classes)})", files[split]
                )
    parts = {
        split: Part(texts=[texts for texts, _ in read], labels=np.array([number[label] for _, label in read], np.int64))
        for split, read in rows.items()
    }
    return LabelledSet(
        name=name,
        classes=classes,
        parts=parts,
        files=tuple(files[split] for split in ("all", "train", "dev", "test") if split in files),
    )
