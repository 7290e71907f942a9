"""Test sets of parallel text: which files of a folder hold which languages."""

from dataclasses import dataclass
from pathlib import Path

from interlingua.data.parallel import parallel
from interlingua.errors import DataError
from interlingua.files import bare_suffix, check_name
from interlingua.formats import by_suffix
from interlingua.languages import standard
from interlingua.types import Embeddings, Encode
from interlingua.vectors import verified


@dataclass(frozen=True, kw_only=True)
class Bitext:
    """Texts in a language and their originals in the source language, line by line."""

    language: str
    source_language: str
    source: list[str]
    target: list[str]
    file: Path

    def embeddings(self, encode: Encode) -> tuple[Embeddings, Embeddings]:
        """Those of the source and of the target texts."""
        encode = verified(encode)
        return encode(self.source, self.source_language), encode(self.target, self.language)


def bitexts(path: Path, source_language: str = "en", languages: tuple[str, ...] = ()) -> list[Bitext]:
    """Every language's test set in a file of parallel text or in a folder of such files; `languages` chooses among
    them.

    Raises DataError where files cannot be used or a language is not there.
    """
    check_name(path)
    formats = by_suffix()
    files = sorted(file for file in path.iterdir() if bare_suffix(file) in formats) if path.is_dir() else [path]
    wanted = {standard(language) for language in languages}
    loaded: list[Bitext] = []
    for file in files:
        if wanted and len(files) > 1 and not _names_one_of(file, wanted):
            continue
        examples = list(parallel(file, source_language))
        for language in sorted({e.languages[1] for e in examples}):
            if not wanted or language in wanted:
                texts = [e.texts for e in examples if e.languages[1] == language]
                source, target = [s for s, _ in texts], [t for _, t in texts]
                loaded.append(
                    Bitext(language=language, source_language=source_language, source=source, target=target, file=file)
                )
    if missing := wanted - {bitext.language for bitext in loaded}:
        raise DataError(f"there is no test set for {', '.join(sorted(missing))}", path)
    if not loaded:
        raise DataError(f"there are no files of parallel text here ({' '.join(formats)})", path)
    return loaded


def files_of(sets: list[Bitext]) -> tuple[Path, ...]:
    """The files they stand in, each once."""
    return tuple(dict.fromkeys(bitext.file for bitext in sets))


def _names_one_of(file: Path, languages: set[str]) -> bool:
    """Whether a file name such as deu-eng.tsv names one of the languages (a name that says nothing is looked into)."""
    parts = file.name.split(".")[0].split("-")
    try:
        return any(standard(part) in languages for part in parts)
    except DataError:
        return True
