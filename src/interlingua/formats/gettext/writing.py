"""Units as catalogues."""

import re
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError, DataError
from interlingua.files import bare_suffix
from interlingua.formats.gettext import plural_forms
from interlingua.formats.gettext.reading import PREVIOUS, language_of
from interlingua.languages import UNKNOWN
from interlingua.outputs import create_bytes
from interlingua.progress import log
from interlingua.units.catalogue import (
    CONTEXT,
    EXTRACTED,
    FUZZY,
    HEADER,
    PLURAL,
    REFERENCES,
    flags_of,
    is_fuzzy,
    is_obsolete,
)
from interlingua.units.states import State, state_of
from interlingua.units.unit import NOTE, PROPERTY, TARGET, Memory, Unit, sides, value_of

TEMPLATES = (".pot",)
UNSAID = "nplurals=INTEGER"
"""How a template begins the rule of plural forms, which are those of no language."""
DEVELOPERS = ("developer", "programmer")
"""Whose notes stand in a catalogue as extracted comments."""


def write_memory(path: Path, memory: Memory) -> None:
    """Write a bilingual memory as a catalogue, whole or not at all: PO, POT without translations and what is obsolete,
    or MO without what is untranslated, fuzzy or obsolete.

    A source text that occurs again in the same context is no second entry of a catalogue: it is left out, and counted
    on stderr. Raises DataError where the file cannot be written.
    """
    import polib

    catalogue = polib.POFile(wrapwidth=78)
    with create_bytes(path) as stream:
        catalogue.metadata, catalogue.metadata_is_fuzzy = _metadata(memory)
        language = _checked_language(catalogue.metadata, path)
        header = "\n".join(remark.text for remark in memory.about.remarks if remark.kind == NOTE)
        catalogue.header = re.sub("^(?=[,:])", " ", header, flags=re.MULTILINE)  # as flags polib would write them
        seen, again, empty, waiting = set[tuple[str | None, str, bool]](), 0, 0, 0
        for unit in memory:
            entry = _entry(unit, memory.about.attributes.get("srclang", ""))
            key = (entry.msgctxt, entry.msgid, bool(entry.obsolete))
            again, empty = again + (key in seen), empty + (not entry.msgid)
            if key not in seen and entry.msgid:
                catalogue.append(entry)
                waiting += not (entry.msgstr or any(entry.msgstr_plural.values()))
            seen.add(key)
        if bare_suffix(path) in TEMPLATES:
            _empty(catalogue, path)
        _count_forms(catalogue, language)
        if bare_suffix(path) == ".mo":
            _keep_empty_contexts(catalogue)
        stream.write(catalogue.to_binary() if bare_suffix(path) == ".mo" else str(catalogue).encode())
    if waiting and bare_suffix(path) == ".mo":
        log(f"{path}: left out {waiting:,} units without a translation")
    if again or empty:
        log(f"{path}: left out {again:,} units whose source and context had been seen, {empty:,} without a source text")


def _count_forms(catalogue: Any, language: str) -> None:
    """Let the header say how many plural forms there are, where it does not: the most that an entry has. Which number
    takes which form is known of common languages.
    """
    forms = max((max(entry.msgstr_plural) + 1 for entry in catalogue if entry.msgstr_plural), default=0)
    if forms and catalogue.metadata.get("Plural-Forms", UNSAID).startswith(UNSAID):
        catalogue.metadata["Plural-Forms"] = plural_forms.rule(language, forms)
    for entry in catalogue:
        if entry.msgstr_plural:
            entry.msgstr_plural = {
                form: entry.msgstr_plural.get(form, "") for form in range(max(entry.msgstr_plural) + 1)
            }


def _keep_empty_contexts(catalogue: Any) -> None:
    """Polib compiles an empty context to none, which is another entry."""
    for entry in catalogue:
        if entry.msgctxt == "":
            entry.msgctxt, entry.msgid = None, f"\4{entry.msgid}"


def _empty(catalogue: Any, path: Path) -> None:
    """Make a template of a catalogue."""
    catalogue[:] = [entry for entry in catalogue if not entry.obsolete]
    translated = sum(bool(entry.msgstr or any(entry.msgstr_plural.values())) for entry in catalogue)
    catalogue.metadata["Language"] = ""
    catalogue.metadata.pop("Plural-Forms", None)
    for entry in catalogue:
        entry.msgstr, entry.msgstr_plural = "", dict.fromkeys((0, 1), "") if entry.msgid_plural else {}
        entry.flags = [flag for flag in entry.flags if flag != FUZZY]
        for attribute in PREVIOUS.values():
            setattr(entry, attribute, None)
    if translated:
        log(f"{path}: left out {translated:,} translations, which a template does not have")


def _metadata(memory: Memory) -> tuple[dict[str, str], bool]:
    """The header of a catalogue, and whether it is fuzzy; of a memory that was none, the least that tools need. That of
    a template gets the language.
    """
    known = {
        r.name.removeprefix(HEADER): r.text
        for r in memory.about.remarks
        if r.kind == PROPERTY and r.name.startswith(HEADER)
    }
    fuzzy = value_of(memory.about.remarks, "x-po-header") == FUZZY
    if not known.get("Language"):
        source = memory.about.attributes.get("srclang", "")
        asked = value_of(memory.about.remarks, TARGET)
        other = asked or next((v.language for unit in memory for v in sides(unit, source)[1]), "")
        least = {"Language": "", "MIME-Version": "1.0", "Content-Transfer-Encoding": "8bit"}
        known = (known or least) | ({"Language": other.replace("-", "_")} if other not in ("", UNKNOWN) else {})
        fuzzy = fuzzy and not known.get("Language")
    return known | {"Content-Type": "text/plain; charset=UTF-8"}, fuzzy


def _checked_language(metadata: dict[str, str], path: Path) -> str:
    """The language that a header names. Raises ConfigError for what is none: nobody could read the catalogue."""
    try:
        return language_of(metadata.get("Language", "").strip(), path)
    except DataError as error:
        raise ConfigError(f"{error}; choose it with --target-language") from error


def _entry(unit: Unit, source_language: str) -> Any:
    from interlingua.formats.gettext.entry import Entry

    source, target = sides(unit, source_language)
    plural = next((variant.text for variant in source if value_of(variant.remarks, PLURAL) == "id"), "")
    forms = {value_of(variant.remarks, PLURAL): variant.text for variant in target}
    state = state_of(unit)
    unfinished = is_fuzzy(unit) or (state is not None and state < State.translated and bool(target))
    flags = [flag for flag in flags_of(unit) if flag != FUZZY]
    everything = [*unit.remarks, *(remark for one in (*source, *target) for remark in one.remarks)]
    notes = [remark for remark in everything if remark.kind == NOTE]
    spoken = [note.text for note in notes if note.attributes.get("from", note.attributes.get("category")) in DEVELOPERS]
    places = [place for remark in unit.remarks if remark.name == REFERENCES for place in remark.text.split()]
    return Entry(
        msgid=source[0].text if source else "",
        msgid_plural=plural,
        msgstr="" if plural or not target else target[0].text,
        msgstr_plural={int(form): text for form, text in forms.items() if form.isdigit()} if plural else {},
        msgctxt=next((r.text for r in unit.remarks if r.name == CONTEXT), None),
        flags=[*([FUZZY] if unfinished else []), *flags],
        occurrences=[(place, "") for place in places],  # as they are: a name may end in a colon
        comment="\n".join([*(r.text for r in unit.remarks if r.name == EXTRACTED), *spoken]),
        tcomment="\n".join(note.text for note in notes if note.text not in spoken),
        obsolete=is_obsolete(unit),
        **{
            attribute: next((r.text for r in unit.remarks if r.name == name), None)
            for name, attribute in PREVIOUS.items()
        },
    )
