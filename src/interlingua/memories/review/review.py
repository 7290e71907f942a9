"""The review of files of translations: every check over every pair, and what was found, kind by kind."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import astuple
from functools import partial
from pathlib import Path
from types import TracebackType

import numpy as np

from interlingua.data.bitext import Bitext
from interlingua.data.identify import strangeness, usual_language
from interlingua.errors import ConfigError
from interlingua.folding import plain
from interlingua.languages import UNKNOWN, name
from interlingua.memories.glossary import Glossary, languages_between
from interlingua.memories.review.checks import numbers, tags, terms, untranslated
from interlingua.memories.review.consistency import Consistency
from interlingua.memories.review.findings import Kind, PairFinding, Segment, Spool, Text, about, segment_of, text_of
from interlingua.memories.review.formal import FORMAL
from interlingua.mining.clean import Thresholds, overlap
from interlingua.mining.scoring import Scores
from interlingua.progress import log
from interlingua.units.catalogue import PLURAL, is_fuzzy, is_obsolete, is_plural
from interlingua.units.facts import Pair, pairs
from interlingua.units.states import state_of
from interlingua.units.unit import About, Memory, Unit, sides, value_of

STRANGE, LETTERS = 0.9, 25
"""Lead in probability of another language, and letters of a text, from which it is reported: of shorter texts the
language is a guess."""
BLOCK = 1024
FAR, FEWEST = 3.0, 50
"""Standard deviations that a cosine is below the median, and pairs from which these are estimated. The pair must also
be misaligned as `clean` has it: a low cosine alone is often a free translation."""
REMEDY = "give a glossary with terms in the languages of the files"


class Review:
    """Findings about the pairs of several files, to be closed at the end."""

    def __init__(self, glossary: Path | None = None) -> None:
        self.pairs = 0
        self._glossary_file, self._glossaries = glossary, dict[tuple[str, str], Glossary | None]()
        self._without_terms: ConfigError | None = None
        self._found = {kind: Spool() for kind in Kind}
        self._consistency = Consistency()

    def __enter__(self) -> "Review":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._consistency.close()
        for spool in self._found.values():
            spool.close()

    def add(self, bitext: Bitext, scores: Scores | None = None) -> None:
        """Review a file; `scores` are those of its entries, for what their meaning shows. Obsolete entries are left
        out, and counted.

        Raises DataError, with the line, for a glossary that cannot be read. Of a file in languages in which it has no
        terms, the terms are not reviewed, which is said.
        """
        memory = Memory(bitext.memory.about if bitext.memory else About(), partial(iter, bitext.units))
        languages = languages_between(memory)
        glossary = self._glossary(languages, bitext.path)
        block = list[Segment]()
        usual = _usual(bitext)
        for unit, pair, segment in _segments(bitext):
            self.pairs += 1
            self._keep(_of_pair(unit, pair, segment))
            if segment.target.shown.strip():
                if not is_plural(unit):  # whose forms are several translations
                    self._consistency.add(unit, pair, segment)
                self._keep(terms(segment, glossary, languages) if glossary else ())
                block.append(segment)
            if len(block) == BLOCK:
                self._keep(_strange(block, usual))
                block.clear()
        self._keep(_strange(block, usual))
        if scores is not None:
            self._keep(_drifted(bitext, scores))

    def finish(self) -> None:
        """Look for what only all files together show. Raises ConfigError for a glossary that no file could use."""
        if self._without_terms and not any(self._glossaries.values()):
            raise self._without_terms
        self._keep(self._consistency.findings())

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each kind."""
        return {kind.value: len(spool) for kind, spool in self._found.items()}

    def of(self, kind: Kind) -> Iterator[PairFinding]:
        """The findings of a kind, in the order of the files."""
        return map(PairFinding.of, self._found[kind])

    def findings(self) -> Iterator[PairFinding]:
        """All findings, kind by kind."""
        return (finding for kind in Kind for finding in self.of(kind))

    def _keep(self, findings: Iterable[PairFinding]) -> None:
        for finding in findings:
            self._found[Kind(finding.kind)].add(astuple(finding))

    def _glossary(self, languages: tuple[str, str], file: Path) -> Glossary | None:
        if self._glossary_file is None:
            return None
        if languages not in self._glossaries:
            known = Glossary.read(self._glossary_file, *languages)
            try:
                known.require(languages, str(self._glossary_file), REMEDY)
            except ConfigError as error:
                self._without_terms, known = error, None
            self._glossaries[languages] = known
        if self._glossaries[languages] is None:
            log(f"{file}: terms were not reviewed: {self._without_terms}")
        return self._glossaries[languages]


def _segments(bitext: Bitext) -> Iterator[tuple[Unit, Pair, Segment]]:
    """The pairs of a file; a text without any translation is one with an empty translation."""
    first = bitext.memory.about.attributes.get("srclang", "") if bitext.memory else ""
    file, obsolete = str(bitext.path), 0
    for unit in bitext.units:
        if is_obsolete(unit):
            obsolete += 1
            continue
        found = list(pairs(unit, first))
        for pair in found:
            yield unit, pair, segment_of(unit, pair.source, pair.target, file)
        source = sides(unit, first)[0] if not found else []
        if source and not _is_kept(unit):
            empty = Pair(source[0], type(source[0])(UNKNOWN, ""))
            yield unit, empty, segment_of(unit, source[0], None, file)
    if obsolete:
        log(f"{file}: {obsolete:,} obsolete entries were not reviewed")


def _is_kept(unit: Unit) -> bool:
    """Whether the file says that the text is not to be translated."""
    return any(value_of(unit.remarks, f"x-xliff{version}-translate") == "no" for version in "12")


def _of_pair(unit: Unit, pair: Pair, segment: Segment) -> Iterator[PairFinding]:
    if not _is_kept(unit):
        yield from untranslated(segment, state_of(unit), is_fuzzy(unit))
    if segment.target.shown.strip() and not is_fuzzy(unit):
        yield from numbers(segment)
        yield from tags(segment, _other_form(unit, pair))
        for check in FORMAL:
            yield from check(segment)


def _other_form(unit: Unit, pair: Pair) -> Text | None:
    """Of an entry with plural forms: the source text in the other number."""
    if not is_plural(unit):
        return None
    is_plural_form = value_of(pair.source.remarks, PLURAL) == "id"
    others = (one for one in unit.variants if (value_of(one.remarks, PLURAL) == "id") != is_plural_form)
    return text_of(next(others, pair.source), unit)


def _usual(bitext: Bitext) -> tuple[str, str]:
    """The languages in which most texts are, of a file that names none."""
    unnamed = [entry.texts for entry in bitext.entries if UNKNOWN in entry.languages and all(entry.texts)]
    if not unnamed:
        return UNKNOWN, UNKNOWN
    return usual_language([one for one, _ in unnamed]), usual_language([other for _, other in unnamed])


def _strange(segments: Sequence[Segment], usual: tuple[str, str]) -> Iterator[PairFinding]:
    """Texts in another language than their side's."""
    found = dict[int, list[str]]()
    for side, expected in zip(("source", "target"), usual, strict=True):
        texts: list[Text] = [getattr(segment, side) for segment in segments]
        by_language = dict[str, list[int]]()
        for row, text in enumerate(texts):
            if sum(map(str.isalpha, text.bare)) >= LETTERS:
                by_language.setdefault(expected if text.language == UNKNOWN else text.language, []).append(row)
        for language, rows in by_language.items():
            leads = strangeness([texts[row].plain for row in rows], language)
            for row in np.array(rows)[leads > STRANGE].tolist():
                found.setdefault(row, []).append(f"the {side} does not look like {_named(language)}")
    for row in sorted(found):
        segment = segments[row]
        if overlap(plain(segment.source.plain), plain(segment.target.plain)) <= Thresholds().untranslated:
            yield about(segment, Kind.language, "; ".join(found[row]))


def _named(language: str) -> str:
    with suppress(Exception):
        return name(language)
    return language


def _drifted(bitext: Bitext, scores: Scores) -> Iterator[PairFinding]:
    """Pairs whose cosine is far below what is usual in the file."""
    judged = [
        row
        for row, entry in enumerate(bitext.entries)
        if entry.variants and all(any(map(str.isalpha, text)) for text in entry.texts)
    ]
    if len(judged) < FEWEST:
        log(f"{bitext.path}: {len(judged)} pairs are too few to say which cosine is low; {FEWEST} are needed")
        return
    cosines = scores.cosine[judged]
    usual = float(np.median(cosines))
    spread = 1.4826 * float(np.median(np.abs(cosines - usual)))  # of a normal distribution, the standard deviation
    for row in np.array(judged)[cosines < usual - FAR * max(spread, 1e-3)].tolist():
        entry = bitext.entries[row]
        unit = bitext.units[entry.record]
        if not is_obsolete(unit) and scores.chance[row] > Thresholds().misaligned:
            source, target = (unit.variants[place] for place in entry.variants)
            said = f"cosine {scores.cosine[row]:.2f}, usually {usual:.2f}"
            yield about(segment_of(unit, source, target, str(bitext.path)), Kind.meaning, said)
