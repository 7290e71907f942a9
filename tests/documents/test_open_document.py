"""OpenDocument texts and presentations."""

import pytest

from interlingua.documents.open_document import passages
from interlingua.errors import DataError
from tests.documents.packages import open_document, packed


@pytest.fixture
def read(tmp_path):
    def read(body, *more, suffix=".odt", **others):
        path = tmp_path / f"text{suffix}"
        path.write_bytes(body if isinstance(body, bytes) else open_document(body, *more, **others))
        return [(one.place, one.text) for one in passages(path)]

    return read


def test_paragraphs_headings_lists_and_cells(read):
    body = (
        "<text:h>Title</text:h>\n<text:p>One <text:span>sen</text:span>tence.<text:s text:c='3'/>Two<text:tab/>\n   three"
        "<text:line-break/>four</text:p><text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<table:table><table:table-cell><text:p>cell</text:p></table:table-cell></table:table><text:p/>"
    )
    assert read(body) == [
        ("paragraph 1", "Title"),
        ("paragraph 2", "One sentence. Two three\nfour"),
        ("paragraph 3", "item"),
        ("paragraph 4", "cell"),
    ]


def test_notes_and_text_boxes_stand_behind_their_paragraph(read):
    def note(kind, text):
        return (
            f'<text:note text:note-class="{kind}"><text:note-citation>1</text:note-citation><text:note-body><text:p>{text}'
            "</text:p></text:note-body></text:note>"
        )

    box = (
        "<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box><svg:title>a picture</svg:title>"
        "<svg:desc>of a box</svg:desc></draw:frame>"
    )
    body = f"<text:p>One{note('footnote', 'n1')} text{note('endnote', 'n2')}{box}.</text:p><text:p>Two{note('footnote', 'n3')}</text:p>"
    assert read(body) == [
        ("paragraph 1", "One text."),
        ("footnote 1", "n1"),
        ("endnote 1", "n2"),
        ("paragraph 2", "boxed"),
        ("paragraph 3", "Two"),
        ("footnote 2", "n3"),
    ]


def test_deleted_text_and_comments_are_left_out_and_counted(read, capsys):
    changes = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:changed-region><text:changed-region><text:insertion/></text:changed-region></text:tracked-changes>"
    )
    comment = "<office:annotation><text:p>remark</text:p></office:annotation>"
    assert read(f"{changes}<text:p>a{comment}b <text:title>field</text:title></text:p>") == [
        ("paragraph 1", "ab field")
    ]
    told = capsys.readouterr().err
    assert "1 insertions are read, 1 deletions are left out" in told
    assert "left out 1 comments" in told


def test_headers_and_footers(read):
    styles = (
        "<style:page-layout><style:header-style><text:p>no</text:p></style:header-style></style:page-layout>"
        "<style:master-page><style:header><text:p>above</text:p></style:header><style:header-first><text:p>first</text:p>"
        "</style:header-first><style:footer><text:p>below</text:p></style:footer></style:master-page>"
    )
    assert read("<text:p>a</text:p>", styles) == [
        ("paragraph 1", "a"),
        ("header 1", "above"),
        ("header 2", "first"),
        ("footer 1", "below"),
    ]


def test_presentations(read):
    page = (
        "<draw:page><draw:text-box><text:p>{0}</text:p></draw:text-box><presentation:notes><draw:text-box><text:p>say {0}"
        "</text:p></draw:text-box></presentation:notes></draw:page>"
    )
    styles = "<style:master-page><style:header><text:p>a pattern</text:p></style:header></style:master-page>"
    assert read(page.format("one") + page.format("two"), styles, kind="presentation", suffix=".odp") == [
        ("slide 1", "one"),
        ("slide 1, notes", "say one"),
        ("slide 2", "two"),
        ("slide 2, notes", "say two"),
    ]


def test_a_password_is_named(read):
    manifest = "<m:manifest xmlns:m='urn:m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    with pytest.raises(DataError, match="protected by a password"):
        read("<text:p>a</text:p>", **{"META-INF/manifest.xml": manifest, "content.xml": b"\x12\x34"})
    assert read("<text:p>a</text:p>", **{"META-INF/manifest.xml": manifest.replace("<m:encryption-data/>", "")})


def test_what_is_no_open_document_is_one_error(read):
    with pytest.raises(DataError, match="content.xml is missing"):
        read(packed({"a": "b"}))
