"""What XLIFF 1.2 and 2.1 demand of a document, as far as a converter can break it: order, identities, references."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ONE, TWO = "urn:oasis:names:tc:xliff:document:1.2", "urn:oasis:names:tc:xliff:document:2.0"
STATES = {
    ONE: {"new", "needs-translation", "needs-adaptation", "needs-l10n", "needs-review-translation",
          "needs-review-adaptation", "needs-review-l10n", "translated", "signed-off", "final"},
    TWO: {"initial", "translated", "reviewed", "final"},
}  # fmt: skip
ORDER = {
    "trans-unit": (("source",), ("seg-source",), ("target",), ("context-group", "count-group", "prop-group", "note", "alt-trans"), ("",)),
    "alt-trans": (("source",), ("seg-source",), ("target",), ("context-group", "prop-group", "note"), ("",)),
    "unit": (("",), ("notes",), ("originalData",), ("segment", "ignorable")),
    "segment": (("source",), ("target",)),
    "ignorable": (("source",), ("target",)),
}  # fmt: skip
"""Children in their order; "" is any element of another name space."""
ATTRIBUTES = {
    (ONE, "note"): {"from", "priority", "annotates"},
    (TWO, "note"): {"id", "category", "priority", "appliesTo"},
    (TWO, "unit"): {"id", "name", "canResegment", "translate", "srcDir", "trgDir", "type"},
    (TWO, "group"): {"id", "name", "canResegment", "translate", "srcDir", "trgDir", "type"},
    (TWO, "segment"): {"id", "canResegment", "state", "subState"},
    (TWO, "file"): {"id", "original", "canResegment", "translate", "srcDir", "trgDir"},
}
REQUIRED = {
    (ONE, "file"): {"original", "source-language", "datatype"}, (ONE, "trans-unit"): {"id"}, (TWO, "file"): {"id"},
    (TWO, "unit"): {"id"}, (TWO, "group"): {"id"}, (TWO, "xliff"): {"srcLang"},
}  # fmt: skip


def broken(path: Path) -> list[str]:
    """The rules that a document breaks; it must at least be XML with all its name spaces declared."""
    root = ElementTree.parse(path).getroot()
    space = root.tag[1:].partition("}")[0]
    found = [problem for element in root.iter() for problem in _of_one(element, space)]
    for file in root.findall(f"{{{space}}}file"):
        for tag in ("trans-unit", "unit", "group"):
            names = [e.get("id") for e in file.iter(f"{{{space}}}{tag}") if e.get("id") is not None]
            found += [f"{tag}/@id twice: {name}" for name in {n for n in names if names.count(n) > 1}]
    return found


def _of_one(element: Element, space: str) -> list[str]:
    tag = _local(element, space)
    if not tag:
        return []
    plain = {name for name in element.attrib if not name.startswith("{")}
    found = [f"{tag} lacks {name}" for name in REQUIRED.get((space, tag), set()) - plain]
    found += [f"{tag} has {name}" for name in plain - ATTRIBUTES.get((space, tag), plain)]
    if tag in ORDER:
        places = [
            next((k for k, some in enumerate(ORDER[tag]) if _local(child, space) in some), -1) for child in element
        ]
        found += [f"{tag} has {[child.tag for child in element]}"] if -1 in places or places != sorted(places) else []
        once = [_local(child, space) for child in element if _local(child, space) in ("source", "target", "notes")]
        found += [f"two {one} in {tag}" for one, other in pairwise(sorted(once)) if one == other]
    if space == TWO and "id" in plain and not re.fullmatch(r"[\w.:-]+", element.get("id", "")):
        found.append(f"{tag}/@id {element.get('id')!r} is no NMTOKEN")
    if tag in ("segment", "target") and element.get("state", "final") not in STATES[space]:
        found.append(f"state {element.get('state')}")
    if tag in ("trans-unit", "unit"):
        found += [problem for side in ("source", "target") for problem in _codes(element, side, space)]
    if tag == "unit" and not any(_local(child, space) == "segment" for child in element):
        found.append("a unit without a segment")
    if tag == "trans-unit":
        known = {mark.get("mid") for mark in element.findall(f"{{{space}}}seg-source//{{{space}}}mrk")}
        found += [
            f"mid {mark.get('mid')} in the target alone"
            for mark in element.findall(f"{{{space}}}target/{{{space}}}mrk")
            if mark.get("mtype") == "seg" and mark.get("mid") not in known
        ]
    return found


def _codes(unit: Element, side: str, space: str) -> list[str]:
    """What is wrong with the inline codes of all sources, or all targets, of a unit."""
    path = f"{{{space}}}{side}" if space == ONE else f"*/{{{space}}}{side}"
    codes = [code for text in unit.findall(path) for code in text.iter() if code is not text]
    named = [code for code in codes if _local(code, space) not in ("ex", "ept", "mrk") or space == TWO]
    ids = [code.get("id") for code in named if code.get("id") is not None]
    ids += [one.get("id") for one in unit if space == TWO and one.get("id") is not None]
    found = [f"code {name} twice in a {side}" for name in {*ids} if ids.count(name) > 1]
    data = {one.get("id") for one in unit.iter(f"{{{space}}}data")}
    for code in codes:
        refers = {code.get(name) for name in ("dataRef", "dataRefStart", "dataRefEnd")} - {None}
        found += [f"no data {refers - data}"] if not refers <= data else []
        found += [f"startRef {code.get('startRef')}"] if code.get("startRef", None) not in (None, *ids) else []
    return found


def _local(element: Element, space: str) -> str:
    """An element's name in XLIFF, "" in another vocabulary."""
    return element.tag.removeprefix(f"{{{space}}}") if element.tag.startswith(f"{{{space}}}") else ""
