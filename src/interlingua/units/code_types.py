"""What inline codes are (bold, a link, a line break), in the words of each vocabulary."""

import re

TMX, XLIFF1, XLIFF2 = VOCABULARIES = ("tmx", "xliff 1", "xliff 2")
WORDS = {
    "bold": ("fmt", "xlf:b"), "italic": ("fmt", "xlf:i"), "underlined": ("fmt", "xlf:u"), "lb": ("fmt", "xlf:lb"),
    "pb": ("fmt", "xlf:pb"), "link": ("link", ""), "image": ("image", ""),
}  # fmt: skip
"""Types that all vocabularies have, with the `type` and `subType` of XLIFF 2."""
OF_TMX = frozenset(
    {"font", "color", "dulined", "scap", "index", "date", "time", "fnote", "enote", "alt", "cb", "inset"}
)
"""Those that TMX has beside them; in XLIFF 1.2 they begin with x-."""
IN_1 = {
    True: ("bold", "italic", "underlined", "link"), False: ("image", "pb", "lb"),
}  # fmt: skip
"""The values of XLIFF 1.2's ctype: of paired codes, of others."""
OURS, OURS_OF_MARKS = "ctype:", "mtype:"
"""Before a type that XLIFF 2 has no word for."""
OF_MARKS = ("term", "comment")
"""Types of annotations in XLIFF 2."""
IN_2 = re.compile(r"x-(fmt|ui|quote|link|image|other)(?:-([^\s:]+:[^\s:]+))?")
"""How a type of XLIFF 2 is called that the others have no word for."""


def type_in(named: dict[str, str], dialect: str, annotation: bool) -> str:
    """The type that the attributes of an element say, which are taken out of them."""
    if dialect != XLIFF2:
        found = named.pop("type" if dialect == TMX else "mtype" if annotation else "ctype", "")
        bare = found.removeprefix("x-")
        known = bare in WORDS or bare in OF_TMX or (annotation and bare in (*OF_MARKS, "generic"))
        found = bare if known else found
    elif annotation:
        found = named.pop("type", "")
        if found in ("", "generic") and named.get("translate") == "no":
            del named["translate"]
            return "protected"
        if found.startswith(OURS_OF_MARKS):
            return found.removeprefix(OURS_OF_MARKS)
        found = f"x-{found}" if ":" in found else found
    else:
        one, finer = named.pop("type", ""), named.pop("subType", "")
        if finer.startswith(OURS):
            return finer.removeprefix(OURS)
        word = next((word for word, known in WORDS.items() if known == (one, finer)), "")
        found = word or "-".join(filter(None, ("x", one or "other", finer))) if one or finer else ""
    return "" if found == "generic" else found


def type_as(found: str, dialect: str, annotation: bool, paired: bool) -> dict[str, str] | None:
    """The attributes that say this type; None where none can."""
    if dialect == TMX:
        return {"type": found} if found else {}
    if dialect == XLIFF1:
        if annotation:
            known = ("term", "protected")
            found = found or "generic"
        elif not found:
            return {}
        else:
            known = IN_1[paired]
        found = found if found in known or found.startswith("x-") else f"x-{found}"
        return {"mtype" if annotation else "ctype": found} if not re.search(r"\s", found) and found != "x-" else None
    return _type_in_2(found, annotation)


def _type_in_2(found: str, annotation: bool) -> dict[str, str] | None:
    plain = re.fullmatch(r"[^\s:]+", found) is not None
    if annotation:
        if found in ("", *OF_MARKS):
            return {"type": found} if found else {}
        if found == "protected":
            return {"translate": "no"}
        if re.fullmatch(r"x-[^\s:]+:[^\s:]+", found):
            return {"type": found.removeprefix("x-")}
        return {"type": OURS_OF_MARKS + found} if plain else None
    if found in WORDS:
        one, finer = WORDS[found]
        return {"type": one} | ({"subType": finer} if finer else {})
    if match := IN_2.fullmatch(found):
        return {"type": match[1]} | ({"subType": match[2]} if match[2] else {})
    if not found:
        return {}
    return {"type": "other", "subType": OURS + found} if plain else None
