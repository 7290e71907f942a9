"""Word documents."""

import zipfile

import pytest

from interlingua.documents.word import passages
from interlingua.errors import DataError
from tests.documents.packages import W, packed, paragraph, relations, run, word


@pytest.fixture
def read(tmp_path):
    def read(*body, **others):
        path = tmp_path / "report.docx"
        path.write_bytes(body[0] if isinstance(body[0], bytes) else word(*body, **others))
        return [(one.place, one.text) for one in passages(path)]

    return read


def texts(found):
    return [text for _, text in found]


def test_runs_are_one_text(read):
    content = (
        "One ",
        "<w:bookmarkStart/>",
        "sen",
        run("tence.") + "<w:r><w:tab/><w:t>Two</w:t><w:br/><w:t>lines</w:t></w:r>",
    )
    assert read(paragraph(*content), "<w:p/>", paragraph(" "), paragraph("Next")) == [
        ("paragraph 1", "One sentence. Two\nlines"),
        ("paragraph 2", "Next"),
    ]
    hyphens = "<w:r><w:t>e</w:t><w:noBreakHyphen/><w:t>mail, long</w:t><w:softHyphen/><w:t>er so\u00adfa</w:t></w:r>"
    assert texts(read(paragraph(hyphens))) == ["e-mail, longer sofa"]
    assert texts(read(paragraph("«\u00a0mot\u00a0»"))) == ["«\u00a0mot\u00a0»"]


def test_tab_stops_are_no_tabs(read):
    stops = '<w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>'
    assert texts(read(paragraph(stops, "un", "broken"))) == ["unbroken"]


def test_tables_links_and_controls_hold_paragraphs(read):
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("left", "right"))
    table = f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>"
    control = f"<w:sdt><w:sdtContent>{paragraph('chosen')}</w:sdtContent></w:sdt>"
    link = paragraph("See ", f'<w:hyperlink r:id="x">{run("the page")}</w:hyperlink>', ".")
    assert texts(read(table, control, link)) == ["left", "right", "chosen", "See the page."]


def test_text_boxes_are_read_once_behind_their_paragraph(read):
    box = f"<w:txbxContent>{paragraph('in the box')}{paragraph('and more')}</w:txbxContent>"
    both = (
        f"<w:r><mc:AlternateContent><mc:Choice><wps:txbx>{box}</wps:txbx></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        f"{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert texts(read(paragraph("before ", both, "behind"))) == ["before behind", "in the box", "and more"]
    old = both.replace("mc:Choice", "mc:Fallback").replace("</mc:AlternateContent>", "", 0)
    assert texts(read(paragraph(old))) == ["in the box", "and more"]


def test_fields_show_their_results(read):
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> PAGEREF x </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>' + run("12") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert texts(read(paragraph("Page ", field, "."))) == ["Page 12."]


def test_tracked_changes_are_read_as_accepted_and_told_once(read, capsys):
    deleted = "<w:del><w:r><w:delText>not </w:delText></w:r></w:del>"
    moved = f"<w:moveFrom>{run('elsewhere ')}</w:moveFrom><w:moveTo>{run('here')}</w:moveTo>"
    body = paragraph("It is ", deleted, f"<w:ins>{run('still ')}</w:ins>", moved)
    assert texts(read(body)) == ["It is still here"]
    read(body)
    told = capsys.readouterr().err
    assert told.count("tracked changes: 2 insertions are read, 2 deletions are left out") == 1


def test_a_deleted_mark_joins_two_paragraphs(read):
    mark = "<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>"
    assert texts(read(paragraph(mark, "One "), paragraph("sentence."), paragraph("Two."))) == ["One sentence.", "Two."]
    cell = f"<w:tbl><w:tr><w:tc>{paragraph(mark, 'a')}</w:tc><w:tc>{paragraph('b')}</w:tc></w:tr></w:tbl>"
    assert texts(read(cell, paragraph("c"))) == ["a", "b", "c"]


def test_what_is_hidden_or_a_comment_is_left_out_and_counted(read, capsys):
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>shown</w:t></w:r>'
    assert texts(read(paragraph("a ", hidden, shown, '<w:r><w:commentReference w:id="1"/></w:r>'))) == ["a shown"]
    told = capsys.readouterr().err
    assert "left out 1 comments" in told
    assert "left out 1 runs of hidden text" in told


def test_formulas_and_readings(read):
    formula = "<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>"
    ruby = f"<w:r><w:ruby><w:rt>{run('kan')}</w:rt><w:rubyBase>{run('漢')}</w:rubyBase></w:ruby></w:r>"
    assert texts(read(paragraph("If ", formula, ", ", ruby))) == ["If x=1, 漢"]


def test_headers_footers_and_notes_stand_behind_the_body(read):
    def notes(kind, *texts):
        inside = "".join(f'<w:{kind} w:id="{n}">{paragraph(text)}</w:{kind}>' for n, text in enumerate(texts, 1))
        separator = f'<w:{kind} w:type="separator"><w:p><w:r><w:separator/></w:r></w:p></w:{kind}>'
        return f"<w:{kind}s {W}>{separator}{inside}</w:{kind}s>"

    parts = {
        "header10": f"<w:hdr {W}>{paragraph('ten')}</w:hdr>",
        "header2": f"<w:hdr {W}>{paragraph('two')}</w:hdr>",
        "footer1": f"<w:ftr {W}>{paragraph('below')}</w:ftr>",
        "endnotes": notes("endnote", "an endnote"),
        "footnotes": notes("footnote", "first", "second"),
        "comments": "<w:comments/>",
    }
    assert read(paragraph("body"), **parts) == [
        ("paragraph 1", "body"),
        ("header 1", "two"),
        ("header 2", "ten"),
        ("footer 1", "below"),
        ("footnote 1", "first"),
        ("footnote 2", "second"),
        ("endnote 1", "an endnote"),
    ]


def test_what_a_document_refers_to_outside_of_it_is_not_read(read, tmp_path):
    (tmp_path / "outside.xml").write_text(f"<w:hdr {W}>{paragraph('secret')}</w:hdr>", "utf-8")
    related = relations(r1=("header", "../../outside.xml"))
    parts = {
        "_rels/.rels": relations(r1=("officeDocument", "word/document.xml")),
        "word/document.xml": f"<w:document {W}>{paragraph('body')}</w:document>",
        "word/_rels/document.xml.rels": related,
    }
    with pytest.raises(DataError, match="outside.xml is missing"):
        read(packed(parts))
    outward = related.replace("/>", ' TargetMode="External"/>')
    assert texts(read(packed(parts | {"word/_rels/document.xml.rels": outward}))) == ["body"]


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected by a password"),
        (b"", "no ZIP archive"),
        (b"PK\x03\x04 and no more", "no ZIP archive"),
        (packed({"a": "b"}), "does not name its main part"),
        (packed({"_rels/.rels": relations(r1=("officeDocument", "x.xml"))}), "x.xml is missing"),
        (packed({"_rels/.rels": "<Relationships>"}), r"\(_rels/.rels\):1: not well-formed"),
        (
            packed({"_rels/.rels": relations(r1=("officeDocument", "x")), "x": "<a/>"}),
            r"\(x\):1: the root element is 'a'",
        ),
        (packed({"_rels/.rels": ENTITY + "<Relationships>&a;</Relationships>"}), "refused: the file declares entities"),
        (packed({"_rels/.rels": "<Relationships/>"}, zipfile.ZIP_LZMA), "refused: packed in a manner"),
        (word(paragraph("a")).replace(b"word/document.xml", b"word/document.xmm", 1), "the archive is damaged"),
        (word("<w:p>" * 200), "nested more than 100 deep"),
    ],
)
def test_what_is_no_word_document_is_one_error(read, content, said):
    with pytest.raises(DataError, match=said):
        read(content)


def test_an_encrypted_part_asks_for_no_password(read):
    content = bytearray(word(paragraph("a")))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    with pytest.raises(DataError, match="protected by a password"):
        read(bytes(content))


def test_bombs_are_refused(read, monkeypatch):
    monkeypatch.setattr("interlingua.documents._package.EXPANSION_FROM", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        read(word(paragraph("a" * 1000) * 2000))
    with pytest.raises(DataError, match="more than 20,000 parts"):
        read(packed({str(n): "" for n in range(20_001)}))
    with pytest.raises(DataError, match="a directory of more than 4 MB"):
        read(packed({str(n) * 60: "" for n in range(10_000, 25_000)}))


def test_a_paragraph_of_megabytes_is_refused(read):
    with pytest.raises(DataError, match=r"word/document.xml\):1: refused: a paragraph of more than 16 MB"):
        read(word(paragraph("a" * (1 + (1 << 24)))))


def test_names_of_parts_have_no_case(read):
    parts = {
        "_rels/.rels": relations(r1=("officeDocument", "word/Document.xml")),
        "word\\document.XML": f"<w:document {W}>{paragraph('body')}</w:document>",
    }
    assert texts(read(packed(parts))) == ["body"]
