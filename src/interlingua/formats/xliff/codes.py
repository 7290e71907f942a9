"""The inline codes of a unit, in the vocabulary of one version."""

from collections.abc import Sequence
from dataclasses import replace

from interlingua.formats.xliff.vocabulary import DIALECTS, OURS, SEGMENT, TEMPLATES, XML
from interlingua.units.inline import native_data
from interlingua.units.inline_writing import Data, in_vocabulary
from interlingua.units.markup import element_of, local, name_of, serialise
from interlingua.units.unit import Remark, Unit, prop, value_of

IN_UNIT = OURS[DIALECTS[1]] + XML


def with_codes(units: Sequence[Unit], dialect: str) -> list[Unit]:
    """The segments of one unit with the codes of this version; in XLIFF 2 their native content is <originalData>."""
    taken = {value_of(unit.remarks, SEGMENT) for unit in units} | _between(units, dialect)
    data = Data({name: native for unit in units for name, native in native_data(unit).items()})
    written = in_vocabulary(units, dialect, taken, data)
    if not data.added:
        return written
    kept = [unit.remarks for unit in written]
    known = next((r for remarks in kept for r in remarks if _is_data(r)), prop(IN_UNIT, "<originalData/>"))
    merged = _extended(known.text, data)
    others = [tuple(remark for remark in remarks if not _is_data(remark)) for remarks in kept]
    return [replace(unit, remarks=(*some, prop(IN_UNIT, merged))) for unit, some in zip(written, others, strict=True)]


def _between(units: Sequence[Unit], dialect: str) -> set[str]:
    """The identities of codes between segments."""
    found = set[str]()
    for template in (value_of(one.remarks, TEMPLATES[dialect]) for unit in units for one in unit.variants):
        element = element_of(template)
        found |= {code.get("id", "") for code in element.iter()} if element is not None else set()
    return found


def _is_data(remark: Remark) -> bool:
    if remark.name != IN_UNIT:
        return False
    element = element_of(remark.text)
    return element is not None and len(element) == 1 and name_of(element[0]) == "originalData"


def _extended(xml: str, data: Data) -> str:
    """Such an element with what was added."""
    whole = element_of(xml)
    assert whole is not None
    element = whole[0]
    added = element_of(data.elements(element.tag[: -len(local(element.tag))]))
    assert added is not None
    element.extend(added)
    return serialise(element)


def lost_between(unit: Unit, dialect: str) -> bool:
    """Whether codes between segments are lost: those of the other version."""
    theirs = TEMPLATES[DIALECTS[1 - DIALECTS.index(dialect)]]
    templates = (element_of(value_of(one.remarks, theirs)) for one in unit.variants)
    return any(name_of(code) != "mrk" for one in templates if one is not None for code in list(one.iter())[1:])
