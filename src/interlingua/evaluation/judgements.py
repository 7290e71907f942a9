"""Where people's similarity judgements stand: which files of a folder are a test set, and what it is called in
papers.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from interlingua.data.examples import judged_score, similarity
from interlingua.errors import DataError
from interlingua.files import bare_suffix, check_name, read_lines
from interlingua.formats import by_suffix
from interlingua.languages import UNKNOWN, is_language, standard
from interlingua.progress import log
from interlingua.types import Example

Columns: TypeAlias = tuple[str, str, str] | None
"""The columns of the first text, the second text and the score; None for the usual names."""
SICK_FILES = {"train": "SICK_train.txt", "dev": "SICK_trial.txt", "test": "SICK_test_annotated.txt"}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One file of judged pairs."""

    name: str
    benchmark: str = ""
    """STS12 to STS16, STS-B, SICK-R, or nothing."""
    language: str = UNKNOWN
    pairs: list[Example]
    files: tuple[Path, ...]


def judged(path: Path, split: str = "test", columns: Columns = None) -> list[Judged]:
    """The judged files that `path` stands for.

    A file; or a folder of LANGUAGE.SPLIT.tsv, of YEAR.SUBSET.SPLIT.tsv, of STS.input.SUBSET.txt with STS.gs.SUBSET.txt
    (or of such folders), or with one file for the split: SPLIT.tsv, sts-SPLIT.csv, SICK_test_annotated.txt. Tables may
    have any readable suffix. Raises DataError where there is no such file, or two for one split.
    """
    check_name(path)
    if not path.is_dir():
        return [_file(path, path.name, columns)]
    semeval = sorted(path.glob("STS.input.*.txt")) or sorted(path.glob("*/STS.input.*.txt"))
    if semeval:
        return [_semeval(file) for file in semeval]
    tables = [file for file in sorted(path.iterdir()) if bare_suffix(file) in by_suffix() and file.is_file()]
    named = {file: _stem(file).rsplit(".", 1)[0] for file in tables if _stem(file).endswith(f".{split}")}
    if named:
        if len(set(named.values())) < len(named):
            raise DataError(
                f"two files here are the {split} split of one set: {', '.join(file.name for file in named)}", path
            )
        return [_file(file, name, columns) for file, name in named.items()]
    single = [file for file in tables if re.fullmatch(rf"(sts[b-]*-)?(en-)?{split}", _stem(file), re.IGNORECASE)]
    single += [path / SICK_FILES[split]] if split in SICK_FILES and (path / SICK_FILES[split]).exists() else []
    if len(single) != 1:
        problem = (
            f"{len(single)} files here could be the {split} split"
            if single
            else f"there are no files LANGUAGE.{split}.tsv here"
        )
        raise DataError(f"{problem}; give such a folder or one file", path)
    return [_file(single[0], path.name, columns)]


def _stem(file: Path) -> str:
    """A file's name without its format and compression."""
    return file.name[: file.name.lower().rindex(bare_suffix(file))]


def _file(path: Path, name: str, columns: Columns) -> Judged:
    pairs = list(similarity(path, columns))
    year = re.match(r"20(1[2-6])\.(.+)", name)
    language = standard(name.split(".")[0]) if is_language(name.split(".")[0]) else UNKNOWN
    return Judged(
        name=f"STS{year[1]} {year[2].removesuffix('.tsv')}" if year else name,
        benchmark=f"STS{year[1]}" if year else _benchmark(path, language),
        language=language,
        pairs=pairs,
        files=(path,),
    )


def _benchmark(path: Path, language: str) -> str:
    """The name that papers use, read from the name of the file or its folder."""
    named = re.sub(r"[-_ ]", "", f"{path.absolute().parent.name} {path.name}".lower())
    if language not in (UNKNOWN, "en"):
        return ""
    return "STS-B" if re.search(r"stsb|^sts(train|dev|test)", named) else "SICK-R" if "sick" in named else ""


def _semeval(file: Path) -> Judged:
    """The layout of the shared tasks: STS.input.SUBSET.txt beside STS.gs.SUBSET.txt; pairs without a score were not
    judged.
    """
    gold = file.with_name(file.name.replace("STS.input.", "STS.gs."))
    texts, scores = list(read_lines(file)), list(read_lines(gold))
    if len(texts) != len(scores):
        raise DataError(
            f"{len(scores):,} lines, {file.name} has {len(texts):,}; they belong together line by line", gold
        )
    pairs: list[Example] = []
    for (line, text), (_, score) in zip(texts, scores, strict=True):
        fields = text.split("\t")
        if len(fields) < 2:
            raise DataError("one field, two texts with a tab between them are needed", file, line)
        if score.strip():
            pairs.append(Example((fields[0], fields[1]), (UNKNOWN, UNKNOWN), judged_score(score, gold, line)))
    if len(pairs) < len(texts):
        log(f"{file}: left out {len(texts) - len(pairs):,} pairs without a score")
    if not pairs:
        raise DataError("no pair has a score", gold)
    subset = file.name.removeprefix("STS.input.").removesuffix(".txt")
    year = re.search(r"sts[- ]?(?:20)?(1[2-6])", file.absolute().parent.name, re.IGNORECASE)
    group = f"STS{year[1]}" if year else file.absolute().parent.name
    return Judged(name=f"{group} {subset}", benchmark=group, pairs=pairs, files=(file, gold))
