"""What is to be translated: lines of text, rows of a table, passages of a document, or the segments of a file of
translations.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from interlingua.data.passages import sentences
from interlingua.documents import reader_of
from interlingua.errors import ConfigError, DataError
from interlingua.formats import Format, by_suffix, named_by, open_memory
from interlingua.languages import UNKNOWN, is_language
from interlingua.memories.conversion import convert
from interlingua.memories.entries import context_of
from interlingua.memories.lookup import Segment, in_order
from interlingua.units.catalogue import OBSOLETE
from interlingua.units.inline import parts_of
from interlingua.units.states import State, state_of
from interlingua.units.unit import TARGET, Unit, Variant, value_of

LOCKED = {"x-xliff1-translate": "no", "x-xliff2-translate": "no", "x-sdl-locked": "true",
          "x-xliff1-mq:locked": "locked", "x-xliff1-m:locked": "true", OBSOLETE: "yes"}  # fmt: skip
"""Properties of what nobody will translate."""


NOTHING = Segment(Variant(UNKNOWN, ""))


class Job(NamedTuple):
    """Segments to look up."""

    segments: list[Segment]
    is_open: list[bool]
    """Of each, whether it is still to be translated: neither locked nor finished."""
    language: str = ""
    """That the file names for them, if it does."""
    document: Path | None = None
    """The file for CAT tools that they stand in."""
    target_language: str = ""
    """That the file is to be translated into, if it names one."""
    translated: Sequence[bool] = ()
    """Of each segment of such a file, whether it has a translation, in whatever state."""
    places: Sequence[str] = ()
    """Of each segment of a document, where it stands there."""

    @property
    def texts(self) -> list[str]:
        """The segments as plain text."""
        return [segment.text.text for segment in self.segments]

    @property
    def asked(self) -> list[Segment]:
        """The segments, empty where nothing is to be proposed."""
        return [one if wanted else NOTHING for one, wanted in zip(self.segments, self.is_open, strict=True)]

    @property
    def waits(self) -> list[bool]:
        """Of each, whether it is open and has no translation."""
        translated = self.translated or [False] * len(self.segments)
        return [wanted and not done for wanted, done in zip(self.is_open, translated, strict=True)]


@contextmanager
def opened(path: Path, source_language: str = "", target_language: str = "", srx: Path | None = None) -> Iterator[Job]:
    """The segments of a file: of prose its sentences, and with the rules of `srx` those of any text. Catalogues and
    memories are read as the XLIFF that `tm convert` makes of them.

    Raises DataError, with the line, for what cannot be read, and where there is no segment.
    """
    one = None if reader_of(path) else named_by(path)
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        if one is None or one.is_table:
            job = _of_texts(path, source_language, srx)
        elif one.write_proposals is not None:
            job = _of_units(path, one)
        else:
            job = Job([], [])
            if next(iter(open_memory(path, source_language, target_language)), None) is not None:
                document = Path(folder) / "job.xlf"
                try:
                    convert(path, document, source_language, target_language)
                except ConfigError as error:  # about languages
                    raise ConfigError(str(error).replace(str(document), str(path))) from error
                job = _of_units(document, by_suffix()[".xlf"])
        if not job.segments:
            raise DataError(
                "holds no segments: one text a line, a table, a document or a file of translations is expected", path
            )
        yield job


def _of_texts(path: Path, language: str, srx: Path | None) -> Job:
    found = [one for passage in sentences(path, language or UNKNOWN, srx=srx) for one in passage]
    segments = in_order([Segment(Variant(UNKNOWN, one.text), context=one.key) for one in found])
    return Job(segments, [True] * len(segments), places=[one.key or one.place for one in found])


def _of_units(path: Path, one: Format) -> Job:
    units = list(one.memory(path, "", "") if one.segments is None else one.segments(path))
    named = next((unit.variants[0].language for unit in units if unit.variants), "")
    texts = [unit.variants[0] if unit.variants else Variant(UNKNOWN, "") for unit in units]
    return Job(
        in_order([_segment(text, unit) for text, unit in zip(texts, units, strict=True)]),
        [not (_is_locked(unit) or _is_finished(unit)) for unit in units],
        named if is_language(named) else "",
        path,
        value_of(one.memory(path, "", "").about.remarks, TARGET),
        [any(text.text.strip() or text.markup for text in unit.variants[1:]) for unit in units],
    )


def _segment(text: Variant, unit: Unit) -> Segment:
    return Segment(text, context=context_of(unit), parts=tuple(parts_of(text, unit)) if text.markup else ())


def _is_locked(unit: Unit) -> bool:
    return any(value_of(unit.remarks, name) == value for name, value in LOCKED.items())


def _is_finished(unit: Unit) -> bool:
    state = state_of(unit)
    approved = value_of(unit.remarks, "x-xliff1-approved") == "yes"
    return len(unit.variants) > 1 and state is not None and (state > State.translated or approved)
