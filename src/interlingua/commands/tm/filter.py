"""Filter a translation memory: by properties, people, dates, languages, states, texts, lengths."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.formats import format_of, open_memory
from interlingua.memories import conversion
from interlingua.memories.selection import Asked, Side, selected
from interlingua.memories.upkeep import Count
from interlingua.outputs import check_writable
from interlingua.parameters import Flag, Json, Output
from interlingua.units.states import State


def filter(
    file: Path,
    /,
    *,
    output: Output,
    rest: Path | None = None,
    property: tuple[str, ...] = (),
    author: tuple[str, ...] = (),
    tool: tuple[str, ...] = (),
    since: str = "",
    until: str = "",
    source_language: str = "",
    target_language: str = "",
    state: tuple[State, ...] = (),
    contains: str = "",
    pattern: str = "",
    side: Annotated[Side, Parameter(name="--in")] = Side.both,
    min_length: int | None = None,
    max_length: int | None = None,
    invert: Flag = False,
    json: Json = False,
) -> None:
    """Filter a translation memory: by properties, people, dates, languages, states, texts, lengths.

    A unit is kept whole if it fits all that is asked; of several values of one option, one is enough. If no unit fits,
    the output is a valid file without units, and the exit code is 0.

    Parameters
    ----------
    file
        A file in any format that `tm convert` reads.
    output
        The file to write, whole or not at all; its suffix names its format and compression.
    rest
        A file for the units that were left out.
    property
        NAME=VALUE, or NAME for any value: a property or attribute of the unit or of a text in it.
    author
        Who made or last changed the unit or a text in it (creationid, changeid).
    tool
        The tool it was made with (creationtool).
    since
        Changed (else made) on this day or later, in ISO form: 2024, 2024-01-31, 2024-01-31T18:00.
    until
        Changed (else made) on this day or earlier. A unit without a date fits neither.
    source_language
        Has a text in this language (en also finds en-US); also names texts of a table that does not say their language.
    target_language
        Has a text in this language, too.
    state
        Of the translation: initial, needs-work, translated, reviewed, final. Of many units nothing is said.
    contains
        A text has these characters in it, in any case.
    pattern
        A text fits this regular expression (RE2; (?i) for any case).
    side
        Where the text is looked for, and lengths are measured: source, target, both (either of them).
    min_length
        Every text has at least so many characters.
    max_length
        Every text has at most so many characters.
    invert
        Keep the units that do not fit.

    """
    asked = Asked(
        properties=property, authors=author, tools=tool, since=since, until=until, source_language=source_language,
        target_language=target_language, states=state, contains=contains, pattern=pattern, side=side,
        shortest=min_length, longest=max_length,
    )  # fmt: skip
    if asked == Asked(side=side):
        raise ConfigError("say which units to keep, with --property, --since, --contains and others (see --help)")
    for path in (output, *([rest] if rest else [])):
        format_of(path)
        check_writable(path)
    memory = open_memory(file, source_language, target_language)
    whole, left = Count(), 0
    if rest is not None:
        left, _ = conversion.write(selected(memory, asked, not invert), rest, [file])
    units, lost = conversion.write(selected(whole.of(memory), asked, invert), output, [file])
    text = f"{units:,} of {whole.units:,} units: {output}" + ("" if rest is None else f"; {left:,} others: {rest}")
    text += "" if units else "\nno unit fits: the file has no units"
    result = {"units": units, "read": whole.units, "output": str(output), "not_kept": dict(lost)}
    printing.tell(result | ({} if rest is None else {"rest": left}), text + conversion.told(lost), json)
