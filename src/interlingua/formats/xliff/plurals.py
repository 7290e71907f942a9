"""Entries of catalogues with their plural forms: in XLIFF a group of units, one a form."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from interlingua.formats.xliff.vocabulary import GROUP, NAMES, SEGMENT
from interlingua.units.catalogue import PLURAL
from interlingua.units.markup import attributes, element_of
from interlingua.units.states import KNOWN, State, state_of
from interlingua.units.unit import PROPERTY, Remark, Unit, Variant, prop, sides, value_of

PROPOSED = re.compile(r"<([\w.-]+:)?(alt-trans|matches)\b")


def parted(unit: Unit, source_language: str, identity: str, dialect: str) -> Iterator[Unit]:
    """A unit with plural forms as units of a group: the first has the source text in the singular, the others in the
    plural; what is known of the entry is known of each.
    """
    source, target = sides(unit, source_language)
    plural = next(one for one in source if value_of(one.remarks, PLURAL) == "id")
    forms = {value_of(one.remarks, PLURAL): one for one in target}
    group = prop(GROUP, attributes({"id": identity, NAMES[dialect].plural[0]: NAMES[dialect].plural[1]}).strip())
    for number in range(max([1, *(int(form) for form in forms if form.isdigit())]) + 1):
        text, form = source[0] if not number else plural, forms.get(str(number))
        # of a translation into the source language the number says which of the two it is
        plain = form if form is None or form.language == text.language else _plain(form)
        texts = (_plain(text),) if plain is None else (_plain(text), plain)
        name = f"{identity}[{number}]" if dialect == "xliff 1" else f"{identity}-{number}"
        yield Unit(texts, unit.attributes | {"tuid": name}, (*unit.remarks, group), unit.line)


def _plain(variant: Variant) -> Variant:
    return replace(variant, remarks=tuple(remark for remark in variant.remarks if remark.name != PLURAL))


def together(units: Iterable[Unit], source_language: str) -> Iterator[Unit]:
    """Units as they are read, those of a group of plural forms as the one that they were."""
    forms, group = list[Unit](), ""
    for unit in units:
        inside = _group(unit)
        if forms and inside != group:
            yield from _entry(forms, source_language)
            forms = []
        if inside:
            forms.append(unit)
            group = inside
        else:
            yield unit
    if forms:
        yield from _entry(forms, source_language)


def _group(unit: Unit) -> str:
    """The innermost group of a unit, where it is one of plural forms."""
    inside = next((remark.text for remark in reversed(unit.remarks) if remark.name == GROUP), "")
    found = element_of(f"<group {inside}/>") if inside else None
    marks = [names.plural for names in NAMES.values()]
    return inside if found is not None and any(found[0].get(name) == value for name, value in marks) else ""


def _are_forms(forms: list[Unit], source_language: str) -> bool:
    """Whether units are the forms of one entry: one source text beside the first one's, nothing else but states and
    proposals that differs, none of them in segments.
    """
    sources = [sides(unit, source_language)[0][:1] for unit in forms[1:]]
    texts = {one[0].text if one else "" for one in sources}
    known = {
        tuple(str(r) for r in unit.remarks if r.name not in KNOWN and not PROPOSED.match(r.text)) for unit in forms
    }
    return len(texts) == 1 and len(known) == 1 and not any(value_of(unit.remarks, SEGMENT) for unit in forms)


def _entry(forms: list[Unit], source_language: str) -> Iterator[Unit]:
    """The entry that units of a group are the forms of, or the units where they are not."""
    if not _are_forms(forms, source_language):
        yield from forms
        return
    first, inside = forms[0], element_of(f"<group {_group(forms[0])}/>")
    singular = sides(first, source_language)[0][:1]
    others = [one for unit in forms[1:] for one in sides(unit, source_language)[0][:1]]
    plural = [replace(one, remarks=(prop(PLURAL, "id"), *one.remarks)) for one in others[:1]]
    targets = [
        replace(one, remarks=(prop(PLURAL, str(number)), *_plain(one).remarks))
        for number, unit in enumerate(forms)
        for one in sides(unit, source_language)[1][:1]
    ]
    known = dict[tuple[str, ...], Remark]()
    worst = min(forms, key=lambda unit: State.final if (state := state_of(unit)) is None else state)
    for remark in (remark for unit in (worst, *forms) for remark in unit.remarks):
        known.setdefault((remark.name,) if remark.name in KNOWN else (remark.kind, remark.name, remark.text), remark)
    del known[PROPERTY, GROUP, _group(first)]
    identity = "" if inside is None or "tuid" not in first.attributes else inside[0].get("id", "")
    named = {name: value for name, value in first.attributes.items() if name != "tuid"}
    named |= {"tuid": identity} if identity else {}
    yield Unit((*singular, *plural, *targets), named, tuple(known.values()), first.line)
