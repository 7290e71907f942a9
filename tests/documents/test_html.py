"""Web pages."""

import time
from contextlib import suppress

import pytest

from interlingua.documents.html import passages
from interlingua.errors import DataError


@pytest.fixture
def read(tmp_path):
    def read(content, suffix=".html"):
        path = tmp_path / f"page{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [(one.place, one.text) for one in passages(path)]

    return read


@pytest.fixture
def texts(read):
    return lambda *given: [text for _, text in read(*given)]


def test_blocks_end_a_passage_and_inline_elements_do_not(texts):
    assert texts("<h1>A <em>ti</em>tle</h1>loose<p>One <a href=x>link</a>.<p>Two<div>three <x-y>four</x-y></div>") == [
        "A title",
        "loose",
        "One link.",
        "Two",
        "three four",
    ]
    assert texts("<ul><li>a<li>b</ul><table><tr><td>c<td>d<tr><th>e</table>") == ["a", "b", "c", "d", "e"]


def test_white_space_is_that_of_browsers(texts):
    assert texts("<p> a \n\n b<br>c<br />  d&nbsp;e </p>") == ["a b\nc\nd\u00a0e"]
    assert texts("<pre>a\n  b</pre>") == ["a\nb"]
    assert texts("<p>long&shy;er</p>") == ["longer"]


def test_the_line_is_where_the_text_begins(read):
    assert read("<html>\n<p>\n\n  One\n two<p\n>Three</p>\n<b>\n</b> Four") == [
        ("line 4", "One two"),
        ("line 6", "Three"),
        ("line 8", "Four"),
    ]


def test_entities_and_signs_that_begin_no_tag(texts):
    assert texts("<p>R&amp;D &lt;b&gt; &#x4e2d;&hellip; a < b <3 & c</p>") == ["R&D <b> 中… a < b <3 & c"]


def test_attributes_that_people_see_are_passages(texts):
    page = (
        '<meta name="description" content="About\n us"><meta name=keywords content=x><p>See <img alt="A cat" title="A cat" '
        "src=x> here <a title='Go &amp; see'>now</a></p><input placeholder=Name><button aria-label=\"Close it\">X</button>"
    )
    assert texts(page) == ["About us", "See here now", "A cat", "Go & see", "Name", "X", "Close it"]


def test_what_is_not_for_readers_is_left_out(texts):
    page = (
        "<title>T &amp; t <b></title><script>if (a < b) '<p>no</p>'</script><style>p{}</style><!-- <p>no</p> --><p>a"
        "<template><p>no</p></template><noscript><p>no</p></noscript><ruby>漢<rp>(</rp><rt>kan</rt></ruby></p><textarea>x <i></textarea>"
    )
    assert texts(page) == ["T & t <b>", "a漢", "x <i>"]


def test_what_is_not_to_be_translated_is_left_out_and_counted(texts, capsys):
    page = (
        '<p translate="no">no <b>no</b></p><div class="a notranslate">no<p>no <img alt=no></p></div><p>By <b translate=no>ACME'
        "</b></p><ul translate=NO><li>no<li translate=yes>yes<li>no</ul>end"
    )
    assert texts(page) == ["By ACME", "yes", "end"]
    assert "left out 6 texts that are marked as not to be translated" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>a</b></i></p></p>b", ["a", "b"]),
        ("a <![weird[ x ]> b <!doctype html> c <?php x ?> d </ > e <!--> f <!-- g", ["a b c d e f"]),
        ("<p>a<a href='x>b", ["ab"]),
        ("<p>a<a href=x", ["a"]),
        ("<p>a <b x=\"1>2\" y='3' z>b</b>", ["a b"]),
        ("<script>a", []),
        ("<p title=a title=b>c", ["c", "a"]),
        ("", []),
    ],
)
def test_pages_with_mistakes(texts, page, expected):
    assert texts(page) == expected


def test_xhtml_closes_its_elements(texts):
    page = '<?xml version="1.0"?><html><script src="x"/><p/><p translate="no"/><p>a <![CDATA[<b>]]></p></html>'
    assert texts(page, ".xhtml") == ["a <b>"]
    assert texts(page) == ["a <b>"]
    assert texts("<p>a<script src=x />b</script>c") == ["ac"]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset=windows-1251>", "cp1251"),
        ('<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS">', "cp932"),
        ("<meta charset='ISO-8859-1'>", "cp1252"),
        ("<meta charset=utf-16>", "utf-8"),
        ('<?xml version="1.0" encoding="koi8-r"?>', "koi8-r"),
        ("", "utf-16"),
        ("<meta charset=latin-1>", "utf-8-sig"),
        ("", "utf-8"),
    ],
)
def test_encodings(texts, head, encoding):
    text = {"cp932": "①日本", "cp1252": "“é€”", "cp1251": "Привет", "koi8-r": "Привет"}.get(encoding, "中文 é")
    assert texts(f"{head}<p>{text}</p>".encode(encoding)) == [text]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (b"<p>\n\xe9", ":2: byte 5 is not UTF-8"),
        (b"<meta charset=nonsense>", "names the encoding 'nonsense'"),
        (b"<meta charset=utf-7>", "names the encoding 'utf-7'"),
        (b"<meta charset=euc-jp>\n\xff", r":2: byte \d+ is not euc_jp, which the file names"),
        (b"a\0b", "a NUL character"),
        (b"<b>" * 20_000, "nested more than 10,000 deep"),
    ],
)
def test_what_cannot_be_read_is_one_error(read, page, said):
    with pytest.raises(DataError, match=said):
        read(page)


@pytest.mark.parametrize(
    "piece", ["<!--", "<a ", '<a b="', "<a b='\">", "<![CDATA[>", "<", "<script>", "</b>", "&", "<a a= ", "<title></"]
)
def test_time_grows_with_the_page(texts, piece):
    """Of what is left open, quadratic time would be minutes."""
    began = time.process_time()
    with suppress(DataError):
        texts(piece * 100_000)
    assert time.process_time() - began < 10
