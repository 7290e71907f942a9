"""Inline codes of any vocabulary, read, written in each, and counted where one cannot say them."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.formats.xliff.vocabulary import OURS, XML
from interlingua.units.code_types import VOCABULARIES
from interlingua.units.inline import ORIGINAL_DATA, SHOWN, Code, pairs_in, parts_of, text_of
from interlingua.units.inline_writing import Data, in_vocabulary, lost_in, markup_in
from interlingua.units.markup import element_of, is_content, visible
from interlingua.units.placement import same_codes, same_places, signature
from interlingua.units.unit import Unit, Variant, prop

TMX, XLIFF1, XLIFF2 = VOCABULARIES


def told(parts):
    """What must survive: kinds, pairs, order, native content, text."""
    codes = [part for part in parts if isinstance(part, Code) and not part.annotation]
    return signature(parts), [code.native for code in codes], text_of(parts)


def test_what_each_vocabulary_writes():
    """One text, in the words of each."""
    bold = Code("opening", "1", "1", "<b>", "bold"), Code("closing", "1", "1", "</b>")
    plain = Code("opening", "2", "2"), Code("closing", "2", "2")
    parts = ["A", bold[0], "b", bold[1], plain[0], "c", Code("standalone", "", "3", "%s"), plain[1],
             Code("standalone", "", "4", "", "lb"), Code("closing", "5", "5"), "&"]  # fmt: skip
    data = Data()
    assert markup_in(parts, TMX) == (
        'A<bpt i="1" x="1" type="bold">&lt;b&gt;</bpt>b<ept i="1">&lt;/b&gt;</ept><bpt i="2" x="2"/>c<ph x="3">%s</ph>'
        '<ept i="2"/><ph x="4" type="lb"/><it x="5" pos="end"/>&amp;'
    )
    assert markup_in(parts, XLIFF1) == (
        'A<bpt id="1" ctype="bold">&lt;b&gt;</bpt>b<ept id="1">&lt;/b&gt;</ept><g id="2">c<ph id="3">%s</ph></g>'
        '<x id="4" ctype="lb"/><it id="5" pos="close"/>&amp;'
    )
    assert markup_in(parts, XLIFF2, data) == (
        'A<pc id="1" type="fmt" subType="xlf:b" dataRefStart="d1" dataRefEnd="d2">b</pc><pc id="2">c'
        '<ph id="3" dataRef="d3"/></pc><ph id="4" type="fmt" subType="xlf:lb"/><ec id="5" isolated="yes"/>&amp;'
    )
    assert data.added == {"d1": "<b>", "d2": "</b>", "d3": "%s"}
    assert 'dispStart="&lt;b>" dispEnd="&lt;/b>"' in markup_in(parts, XLIFF2)


def test_pairs_that_cross():
    parts = [Code("opening", "a", "1"), "x", Code("opening", "b", "2"), "y", Code("closing", "a", "1"), "z",
             Code("closing", "b", "2")]  # fmt: skip
    assert markup_in(parts, XLIFF1) == '<g id="1">x<bx id="2"/>y</g>z<ex id="2"/>'
    assert markup_in(parts, XLIFF2) == '<pc id="1">x<sc id="2"/>y</pc>z<ec startRef="2"/>'
    marks = [Code("opening", "m", "9", type="term", annotation=True), *parts[:3],
             Code("closing", "m", "9", annotation=True), *parts[3:]]  # fmt: skip
    assert markup_in(marks, XLIFF1) == '<mrk mtype="term"><bx id="1"/>x<bx id="2"/></mrk>y<ex id="1"/>z<ex id="2"/>'
    first = [parts[0], "x", marks[0], "y", parts[4], "z", Code("closing", "m", "9", annotation=True)]
    assert markup_in(first, XLIFF1) == '<bx id="1"/>x<mrk mtype="term">y<ex id="1"/>z</mrk>'
    assert markup_in(first, XLIFF2) == '<sc id="1"/>x<mrk id="9" type="term">y<ec startRef="1"/>z</mrk>'


@pytest.mark.parametrize(
    ("dialect", "markup", "expected"),
    [
        (TMX, '<hi type="x">a<sub>b</sub></hi><ut x="7">{\\f}</ut>', ["standalone"]),
        (TMX, '<it pos="begin" x="1">[</it>a<it pos="end" x="2">]</it>', ["opening", "closing"]),
        (XLIFF1, '<bx id="1" rid="5"/>a<ex id="2" rid="5"/>', ["opening", "closing"]),
        (XLIFF1, '<bpt id="1">&lt;i></bpt>a<ept id="1">&lt;/i></ept>', ["opening", "closing"]),
        (XLIFF1, '<mrk mtype="term" mid="3"><g id="1">a</g></mrk>', ["opening", "closing"]),
        (
            XLIFF2,
            '<sc id="1"/>a<cp hex="0001"/><ec startRef="1"/><sm id="m"/>b<em startRef="m"/>',
            ["opening", "closing"],
        ),
    ],
)
def test_what_is_read(dialect, markup, expected):
    element = element_of(markup)
    assert element is not None
    parts = parts_of(Variant("en", "", markup, dialect))
    assert [part.kind for part in parts if isinstance(part, Code) and not part.annotation] == expected
    without = text_of(parts).replace("\x01", "")
    assert without == visible(element, SHOWN[dialect])


def test_native_content_in_xliff_2_stands_in_its_unit():
    assert OURS[XLIFF2] + XML == ORIGINAL_DATA
    data = '<originalData><data id="d1">&lt;br/&gt;<cp hex="0007"/></data></originalData>'
    unit = Unit((Variant("en", "a", 'a<ph id="1" dataRef="d1"/>', XLIFF2),), remarks=(prop(ORIGINAL_DATA, data),))
    code = parts_of(unit.variants[0], unit)[1]
    assert isinstance(code, Code)
    assert code.native == "<br/>\x07"
    assert lost_in(unit.variants[0], unit, TMX) == []


@pytest.mark.parametrize(
    ("dialect", "markup", "to", "lost"),
    [
        (TMX, '<bpt i="1"/>a<ept i="1"/>', XLIFF1, []),
        (TMX, "<ph>a<sub>b</sub></ph>", XLIFF1, ["inline codes"]),
        (TMX, "a<unknown/>", XLIFF1, ["inline codes"]),
        (TMX, '<ph assoc="p"/>', XLIFF2, ["attributes of inline codes"]),
        (XLIFF1, '<x id="1" clone="no" equiv-text="t"/>', XLIFF2, []),
        (XLIFF2, '<ph id="1" canDelete="no"/>', XLIFF1, ["attributes of inline codes"]),
        (XLIFF2, '<sm id="1"/>a<pc id="2">b<em startRef="1"/></pc>', TMX, []),
        (XLIFF2, '<sm id="1"/>a<sm id="2"/>b<em startRef="1"/><em startRef="2"/>', TMX, ["inline codes"]),
        ("another", "<b>a</b>", TMX, ["inline codes"]),
    ],
)
def test_what_cannot_be_said(dialect, markup, to, lost):
    variant = Variant("en", "", markup, dialect)
    assert lost_in(variant, Unit((variant,)), to) == lost


@pytest.mark.parametrize(
    "word",
    [
        "bold",
        "italic",
        "underlined",
        "lb",
        "pb",
        "link",
        "image",
        "font",
        "x-ui-xlf:var",
        "x-quote",
        "x-mine",
        "x-fmt-html:b",
    ],
)
@pytest.mark.parametrize("dialect", VOCABULARIES)
def test_types_of_codes(word, dialect):
    markup = markup_in([Code("opening", "1", "1", type=word), "a", Code("closing", "1", "1")], dialect)
    code = parts_of(Variant("en", "a", markup, dialect))[0]
    assert isinstance(code, Code)
    assert code.type == word


@st.composite
def texts(draw):
    """Codes in any order: nested, crossing, isolated, with the same or no native content, and annotations."""
    pieces = draw(
        st.lists(st.sampled_from(["text", "standalone", "open", "close", "alone", "mark", "unmark"]), max_size=14)
    )
    parts, is_open, marks = [], [], []
    for number, piece in enumerate(pieces):
        native = draw(st.sampled_from(["", "", "<b>", "%s", " & "]))
        pair, identity = f"p{number}", draw(st.sampled_from(["", "1", "2", "c:1", "a b", str(number)]))
        if piece == "text":
            parts.append(draw(st.sampled_from(["a", " ", "<&>", "b c"])))
        elif piece == "standalone":
            parts.append(Code("standalone", "", identity, native, draw(st.sampled_from(["", "lb", "x-y"]))))
        elif piece == "open":
            is_open.append(pair)
            parts.append(Code("opening", pair, identity, native, draw(st.sampled_from(["", "bold", "odd word"]))))
        elif piece == "close" and is_open:
            parts.append(Code("closing", is_open.pop(draw(st.integers(0, len(is_open) - 1))), identity, native))
        elif piece == "alone":
            parts.append(Code(draw(st.sampled_from(["opening", "closing"])), pair, identity, native))
        elif piece == "mark":
            marks.append(pair)
            parts.append(Code("opening", pair, identity, type="term", annotation=True))
        elif piece == "unmark" and marks:
            parts.append(Code("closing", marks.pop(draw(st.integers(0, len(marks) - 1))), annotation=True))
    return parts


def valid(markup, dialect):
    """The identities in a text, which must be good and unique, and refer to what is there."""
    root = fromstring(f"<x>{markup}</x>")
    codes = [code for code in root.iter() if code is not root]
    name = "x" if dialect == TMX else "id"
    ids = [code.get(name) for code in codes if code.tag not in ("ept", "ex", "hi") and name in code.attrib]
    assert len({*ids}) == len(ids), markup
    begins = [code.get("i", code.get("id")) for code in codes if code.tag in ("bpt", "bx", "sc")]
    ends = [code.get("i", code.get("startRef", code.get("id"))) for code in codes if code.tag in ("ept", "ex", "ec")]
    isolated = [code.get("id") for code in codes if code.get("isolated")]
    assert sorted({*begins} - {*isolated}) == sorted({*ends} - {*isolated}), markup
    assert not [code for code in codes if code.tag in ("em",) and code.get("startRef") not in ids]
    return {*ids}


TWO = st.tuples(st.sampled_from(VOCABULARIES), st.sampled_from(VOCABULARIES))


@given(texts(), TWO)
def test_every_text_goes_from_each_vocabulary_to_each_and_back(parts, two):
    one, other = two
    data = Data()
    first = Unit((Variant("en", text_of(parts), markup_in(parts, one, data), one),), remarks=_data(data))
    before = parts_of(first.variants[0], first)
    data = Data()
    [second] = in_vocabulary([first], other, data=data)
    second = Unit(second.variants, remarks=_data(data) if one != other else first.remarks)
    data = Data()
    [third] = in_vocabulary([second], one, data=data)
    third = Unit(third.variants, remarks=_data(data) if one != other else first.remarks)
    for unit in (first, second, third):
        variant = unit.variants[0]
        assert told(parts_of(variant, unit)) == told(parts)
        valid(variant.markup, variant.dialect or one)
    assert same_places(parts_of(third.variants[0], third), before)


def _data(data):
    return (prop(ORIGINAL_DATA, f"<originalData>{data.elements()}</originalData>"),)


@given(texts(), texts(), TWO)
def test_a_code_has_one_identity_in_all_texts_of_a_unit(source, target, two):
    one, other = two
    variants = tuple(
        Variant(language, text_of(parts), markup_in(parts, one), one)
        for language, parts in (("en", source), ("de", source), ("fr", target))
    )
    [unit] = in_vocabulary([Unit(variants)], other, taken={"1", "2"} if one != other else ())
    english, german, french = unit.variants
    assert english.markup == german.markup
    found = [valid(variant.markup, other) for variant in (english, french)]
    assert one == other or not found[0] & {"1", "2"}


TAGS = [
    "bpt",
    "ept",
    "ph",
    "it",
    "ut",
    "hi",
    "sub",
    "g",
    "x",
    "bx",
    "ex",
    "mrk",
    "pc",
    "sc",
    "ec",
    "sm",
    "em",
    "cp",
    "b",
]


@st.composite
def markups(draw, depth=3):
    """Elements of any vocabulary with any attributes, well-formed and otherwise wrong."""
    xml = ""
    for _ in range(draw(st.integers(0, 3))):
        tag = draw(st.sampled_from(TAGS))
        names = draw(
            st.lists(
                st.sampled_from(
                    ["i", "x", "id", "rid", "startRef", "pos", "type", "mid", "isolated", "hex", "dataRef"]
                ),
                unique=True,
                max_size=3,
            )
        )
        named = "".join(f' {name}="{draw(st.sampled_from(["1", "2", "", "end", "yes"]))}"' for name in names)
        inside = draw(markups(depth - 1)) if depth and draw(st.booleans()) else "t"
        xml += f"{draw(st.sampled_from(['', 'a', 'b ']))}<{tag}{named}>{inside}</{tag}>"
    return xml


@given(markups(), TWO)
def test_wrong_markup_keeps_the_text(markup, two):
    dialect, other = two
    element = element_of(markup)
    assert element is not None
    variant = Variant("en", visible(element, SHOWN[dialect]), markup, dialect)
    parts = parts_of(variant)
    assert text_of(parts) == variant.text or (dialect == XLIFF2 and "<cp" in markup)
    lost_in(variant, Unit((variant,)), other)
    written = markup_in(parts, other, Data())
    assert is_content(written)
    valid(written, other)
    assert signature(parts_of(Variant("en", "", written, other))) == signature(parts)


@pytest.mark.parametrize("markup", ["<a", "a & b", "</g>", "\x00"])
def test_markup_that_is_no_xml_keeps_the_text(markup):
    assert parts_of(Variant("en", "text", markup, TMX)) == ["text"]


def test_depth_and_length():
    deep = "<g id='1'>" * 1000 + "a" + "</g>" * 1000
    parts = parts_of(Variant("en", "a", deep, XLIFF1))
    assert len(pairs_in(parts)) == 2000
    assert markup_in(parts, XLIFF2).count("<pc ") < 60
    assert same_codes(parts, parts)
