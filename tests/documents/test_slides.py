"""PowerPoint presentations."""

import pytest

from interlingua.documents.slides import passages
from interlingua.errors import DataError
from tests.documents.packages import W, relations, shapes, slides


@pytest.fixture
def read(tmp_path):
    def read(*shown, **others):
        path = tmp_path / "talk.pptx"
        path.write_bytes(slides(*shown, **others))
        return [(one.place, one.text) for one in passages(path)]

    return read


def test_slides_come_in_the_order_they_are_shown(read):
    assert read(shapes("sld", "first"), shapes("sld", "second", "more"), order=(2, 1)) == [
        ("slide 1", "second"),
        ("slide 1", "more"),
        ("slide 2", "first"),
    ]


def test_notes_and_diagrams_stand_behind_their_slide(read, capsys):
    diagram = f"<dgm:dataModel {W} xmlns:dgm='urn:x'><dgm:pt><dgm:t> <a:p><a:r><a:t>step</a:t></a:r></a:p> </dgm:t></dgm:pt></dgm:dataModel>"
    related = {
        "n": ("notesSlide", "../notesSlides/n.xml"),
        "d": ("diagramData", "../diagrams/data1.xml"),
        "c": ("comments", "../comments/c.xml"),
        "l": ("slideLayout", "../slideLayouts/l.xml"),
    }
    others = {
        "ppt/slides/_rels/slide1.xml.rels": relations(**related),
        "ppt/notesSlides/n.xml": shapes("notes", "say this"),
        "ppt/diagrams/data1.xml": diagram,
        "ppt/comments/c.xml": "<x/>",
        "ppt/slideLayouts/l.xml": shapes("sldLayout", "Click to add a title"),
    }
    assert read(shapes("sld", "shown"), shapes("sld", "next"), **others) == [
        ("slide 1", "shown"),
        ("slide 1", "step"),
        ("slide 1, notes", "say this"),
        ("slide 2", "next"),
    ]
    assert "left out the comments of 1 slides" in capsys.readouterr().err


def test_runs_breaks_and_fields(read):
    content = "<a:r><a:t>One </a:t></a:r><a:r><a:t>line</a:t></a:r><a:br/><a:r><a:t>two</a:t></a:r>"
    number = '<a:fld type="slidenum"><a:t>3</a:t></a:fld>'
    date = '<a:fld type="datetime1"><a:t>May</a:t></a:fld>'
    assert read(shapes("sld", content, number, date)) == [("slide 1", "One line\ntwo"), ("slide 1", "May")]


def test_a_slide_that_is_nowhere_is_an_error(read):
    with pytest.raises(DataError, match="a slide 's2' that is nowhere"):
        read(shapes("sld", "a"), order=(1, 2))
    with pytest.raises(DataError, match="slide1.xml is missing"):
        read(shapes("sld", "a"), **{"ppt/_rels/presentation.xml.rels": relations(s1=("slide", "../slide1.xml"))})


def test_a_slide_that_is_listed_often_is_read_once(read):
    assert read(shapes("sld", "a"), order=[1] * 1000) == [("slide 1", "a")]
