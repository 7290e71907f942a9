"""Small inputs to begin with: what the formats themselves write of a memory that has a bit of everything."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from interlingua.errors import InterlinguaError
from interlingua.formats import Format
from interlingua.units.unit import NOTE, About, Memory, Remark, Unit, Variant, prop

TEXTS = (
    "The cat sleeps on the mat. It is 3.14 or 1,000,000!",
    "Die Katze schläft, z. B. auf der Matte.",
    "Кошка спит.",
    "猫在垫子上睡觉。然后走了。",
    "القطة تنام",
    "แมวนอน บนเสื่อ ทุกวันนี้",
    "ពួកគេ។ ទៅ",
    "e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 \u202eabc\u202c",
    "<s> [CLS] ▁a ##b",
    " ",
    "",
)


def _form(language: str, text: str, number: str) -> Variant:
    """A plural form of gettext."""
    return Variant(language, text, remarks=(prop("x-po-plural", number),))


UNITS = (
    Unit(
        (Variant("en", 'one <two> & "three"'), Variant("de", "eins\nzwei\tdrei")),
        {"tuid": "1", "changeid": "me"},
        (prop("x-a", "b"), Remark(NOTE, "see", {})),
    ),
    Unit(
        (Variant("en", "a file"), _form("en", "files", "id"), _form("de", "Datei", "0"), _form("de", "Dateien", "1")),
        {},
        (
            prop("x-po-context", "menu"),
            prop("x-po-flags", "fuzzy, c-format"),
            prop("x-po-references", "a.c:1\nb.c"),
        ),
    ),
    Unit(
        (
            Variant("en", "press key", 'press <ph x="1">k</ph>key', "tmx", {"creationid": "x"}),
            Variant("de-AT", "Taste", "<g id='1'>Taste</g>", "xliff 1"),
        )
    ),
)
ABOUT = About(
    {"srclang": "en", "adminlang": "de"},
    (prop("x-po-header-Language", "de"), Remark(NOTE, "head", {})),
    {"version": "1.4"},
)
TMX = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4">
<header srclang="en" a:b="c">
<prop type="p">v</prop>
<note>n</note><ude name="u">
<map
unicode="1"/></ude></header>
<body><!-- c -->
<tu tuid="1">
<note xml:lang="en">n</note>
<prop type="x">y</prop>
<tuv xml:lang="en">
<prop type="q">r</prop>
<seg>a
<bpt i="1">b</bpt><hi>c</hi><ept i="1"/>d
<ph x="1"><sub>e</sub></ph></seg></tuv>
<tuv lang="de"><seg>f<?p i?></seg></tuv></tu></body></tmx>"""
XLIFF_1 = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="o" source-language="en" target-language="de" datatype="x">
<header><skl/></header>
<body><group resname="g">
<trans-unit id="1" approved="yes">
<source>a<g id="1">b</g><x id="2"/></source>
<target state="final">c<mrk mtype="seg">d</mrk>
</target>
<alt-trans>
<target>e</target></alt-trans>
<note from="f">g</note>
<prop-group name="attributes">
<prop prop-type="tuid">h</prop></prop-group></trans-unit></group></body></file></xliff>"""
XLIFF_2 = """<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de">
<file id="f"><group id="g">
<unit id="u">
<mda:metadata>
<mda:metaGroup category="properties">
<mda:meta type="a">b</mda:meta></mda:metaGroup></mda:metadata>
<notes>
<note id="n">c</note></notes>
<originalData>
<data id="d">e</data></originalData>
<segment id="s" state="final">
<source>f<pc id="1">g</pc><cp hex="001A"/></source>
<target>h</target></segment>
<ignorable>
<source> </source></ignorable>
<segment>
<source>i</source></segment></unit></group></file></xliff>"""
TS = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE TS><TS version="2.1" language="de_DE" sourcelanguage="en">
<context>
<name>Main|b</name>
<message id="i">
<location filename="a.cpp" line="+12"/>
<location line="3"/>
<source>a<byte value="x1b"/>b</source>
<oldsource>c</oldsource>
<comment>d</comment>
<oldcomment>e</oldcomment>
<extracomment>f</extracomment>
<translatorcomment>g</translatorcomment>
<translation variants="yes"><lengthvariant>h</lengthvariant><lengthvariant>i</lengthvariant></translation>
<userdata>j</userdata>
<extra-po-flags>k</extra-po-flags>
</message>
<message numerus="yes">
<source>%n l</source>
<translation type="unfinished"><numerusform>m</numerusform>
<numerusform>n</numerusform></translation>
<extra-po-msgid_plural>o</extra-po-msgid_plural></message>
<message>
<source>p</source>
<translation type="vanished">q</translation></message></context></TS>"""
PO = """# head
msgid ""
msgstr ""
"Language: sr@latin\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#. extracted
#: a.c:1 b.c:2
#, fuzzy, c-format
#| msgctxt "old"
#| msgid "before"
msgctxt "menu"
msgid "a\\n"
"b \\"c\\""
msgstr "d"

msgid "file"
msgid_plural "files"
msgstr[0] "e"
msgstr[1] "f"

#~ msgid "gone"
#~ msgstr "weg"
"""
CONFIGURATION = (
    'recipe = "sbert"\nepochs = 2\n[optimization]\nbatch-size = 8\nlearning_rate = 1e-3\n',
    '{"recipe": "sbert", "config": {"train": ["a.tsv"], "output": "x", "optimization": {"batch_size": 8}},'
    ' "resolved": {"texts": 3}}',
    'train = ["a.tsv", "b.tsv"]\nseed = 1\nnormalize = true\n',
)
METRICS = """{"kind": "start", "step": 0, "total": 20}
{"kind": "train", "step": 10, "loss": 0.5, "texts_per_second": 100.0}
{"kind": "dev", "step": 10, "dev_loss": 0.4, "accuracy": {"de": 0.9}}
{"kind": "dev", "step": 20, "dev_loss": NaN}
{"kind": "end", "step": 20}
"""


TABLES = (
    "source\ttarget\na\tb\n",
    "en\tde\na\tb\n",
    "sentence1\tsentence2\tscore\na\tb\t1\n",
    "anchor\tpositive\tnegative\na\tb\tc\n",
    "premise\thypothesis\tlabel\na\tb\tentailment\n",
    "text\tlabel\na\tb\n",
    "text\na\nb\n",
    "a\tb\tc\td\t1\te\tf\n",
)
TEST_SETS = (
    '{"_id": "1", "text": "a"}\n\x1c{"_id": "2", "text": "b"}\n\x1cquery-id\tcorpus-id\tscore\n2\t1\t1\n',
    "question_id\tquestion\tgold_cand_id\n1\ta\t2\n\x1ccand_id\tsentence\n2\tb\n",
    "a\tb\nc\td\n\x1c1\n\n",
    "text\tlabel\na\tx\nb\ty\n\x1ctext\tlabel\nc\tx\n\x1ctext\tlabel\nd\ty\n",
)
COMMAND_LINES = (
    "encode a.txt --model b --output c.npy",
    "train sbert --train a.tsv --output out --epochs 2",
    "mine a b --model m -o -",
    "tm convert a.po b.tmx --json",
    "runs list a",
    "score a b --model x",
    "align a b -m m",
    "doctor a.tsv",
    "packs list m",
)


def written(one: Format) -> Sequence[bytes]:
    """What a format writes of UNITS, of all and of each; nothing where it cannot."""
    found: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        for units in (UNITS, *((unit,) for unit in UNITS)):
            file = Path(folder) / f"seed{one.suffixes[0]}"
            try:
                one.write_memory(file, Memory(ABOUT, lambda units=units: iter(units)))
            except InterlinguaError:
                continue
            found.append(file.read_bytes())
    return found
