"""A review as one page that loads nothing from anywhere: findings to sort, filter and tick off."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.languages import script
from interlingua.memories.review.findings import Kind, PairFinding, Place
from interlingua.memories.review.review import Review
from interlingua.outputs import create_text

MOST = 2000
"""Findings of a kind that the page holds; those of all kinds are some ten megabytes."""
LONGEST = 3000
"""Characters of a text that the page shows."""
RIGHT_TO_LEFT = ("Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa")
SAID = {
    Kind.untranslated: "no translation, or the source text itself",
    Kind.language: "a text in another language than its side",
    Kind.meaning: "texts whose cosine is far below what is usual in the file",
    Kind.numbers: "numbers that only one text has",
    Kind.tags: "inline codes, placeholders and tags that only one text has",
    Kind.terms: "terms without their translation, and forbidden ones",
    Kind.inconsistent: "one text translated in several ways",
    Kind.shared: "one translation of several texts",
    Kind.punctuation: "another end mark",
    Kind.brackets: "brackets without a partner",
    Kind.spaces: "space at the beginning or the end, two spaces in a row",
}
UNSAFE = str.maketrans({sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"})
"""What could end a script element, as JSON also writes it."""


def write(file: Path, review: Review, reviewed: Sequence[Path]) -> None:
    """Write the page of a finished review, whole or not at all."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("interlingua.memories.review", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    counts = review.counts
    kinds = [
        {"name": kind.value, "said": SAID[kind], "count": counts[kind], "shown": min(counts[kind], MOST)}
        for kind in Kind
        if counts[kind]
    ]
    files = list(dict.fromkeys(map(str, reviewed)))
    template = environment.get_template("page.html.jinja")
    with create_text(file) as stream:
        stream.writelines(
            template.generate(
                kinds=kinds, files=files, pairs=review.pairs, total=sum(counts.values()), rows=_rows(review)
            )
        )


def _rows(review: Review) -> Iterator[Any]:
    """The findings as JSON that can stand in a script element."""
    import markupsafe

    separator = ""
    for kind in Kind:
        for finding in islice(review.of(kind), MOST):
            row = json.dumps(_row(finding), ensure_ascii=False, separators=(",", ":"))
            yield markupsafe.Markup(separator + row.encode("utf-8", "replace").decode().translate(UNSAFE))
            separator = ",\n"


def _row(finding: PairFinding) -> list[Any]:
    sides = (
        (finding.source, finding.source_language, finding.source_marks),
        (finding.target, finding.target_language, finding.target_marks),
    )
    texts = [[_marked(text, marks), language, direction(language, text)] for text, language, marks in sides]
    return [finding.kind, finding.file, finding.line, finding.unit, finding.reason, *texts]


def _marked(text: str, marks: Sequence[Place]) -> list[str]:
    """A text in pieces: every second one is marked."""
    pieces, end = list[str](), 0
    for begin, stop in sorted(marks):
        if begin >= end and stop <= LONGEST:
            pieces += [text[end:begin], text[begin:stop]]
            end = stop
    rest = text[end:LONGEST]
    return [*pieces, rest + ("…" if len(text) > LONGEST else "")]


def direction(language: str, text: str) -> str:
    """How a text is written, for HTML's dir: rtl, ltr, or auto where its language does not say it, or where it is to be
    in one that is written from the right and has no such letter.
    """
    try:
        written = script(language)
    except DataError:
        return "auto"
    if written in RIGHT_TO_LEFT:
        return "rtl" if any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text) else "auto"
    return "ltr" if written else "auto"
