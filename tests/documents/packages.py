"""Office documents made part by part, as small as they can be."""

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

W = (
    'xmlns:w="urn:w" xmlns:mc="urn:mc" xmlns:wps="urn:wps" xmlns:v="urn:v" xmlns:a="urn:a" xmlns:m="urn:m" '
    'xmlns:r="urn:r" xmlns:p="urn:p"'
)
O = 'xmlns:office="urn:o" xmlns:text="urn:t" xmlns:draw="urn:d" xmlns:style="urn:s" xmlns:svg="urn:g" xmlns:table="urn:b" xmlns:presentation="urn:p"'  # noqa: E741


def packed(parts, method=ZIP_DEFLATED):
    """An archive, the same bytes each time."""
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content, method)
    return stream.getvalue()


def relations(**related):
    """The names by which a part refers to others: name=(kind, target)."""
    return "<Relationships>{}</Relationships>".format(
        "".join(
            f'<Relationship Id="{name}" Type="http://example.org/{kind}" Target="{target}"/>'
            for name, (kind, target) in related.items()
        )
    )


def run(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*content):
    """Of Word: runs; what is no markup becomes one."""
    return "<w:p>{}</w:p>".format("".join(one if one.startswith("<") else run(one) for one in content))


def word(*body, **others):
    """A Word document: its paragraphs, and the XML of other parts by their kind: header, footer, footnotes."""
    parts = {
        "_rels/.rels": relations(r1=("officeDocument", "word/document.xml")),
        "word/document.xml": f"<w:document {W}><w:body>{''.join(body)}</w:body></w:document>",
    }
    names = {f"r{n}": (kind.rstrip("0123456789"), f"{kind}.xml") for n, kind in enumerate(others)}
    if others:
        parts["word/_rels/document.xml.rels"] = relations(**names)
    return packed(parts | {f"word/{kind}.xml": content for kind, content in others.items()})


def shapes(root, *texts):
    """A slide or its notes: paragraphs of text, or of what stands in them."""
    content = "".join(f"<a:p>{one if one.startswith('<') else f'<a:r><a:t>{one}</a:t></a:r>'}</a:p>" for one in texts)
    return f"<p:{root} {W}><p:cSld><p:spTree><p:sp><p:txBody>{content}</p:txBody></p:sp></p:spTree></p:cSld></p:{root}>"


def slides(*shown, order=None, **others):
    """A presentation: its slides, in another order where one is given, and other parts by their names."""
    order = order or range(1, len(shown) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in order)
    names = {f"s{n}": ("slide", f"slides/slide{n}.xml") for n in range(1, len(shown) + 1)}
    return packed(
        {
            "_rels/.rels": relations(r1=("officeDocument", "/ppt/presentation.xml")),
            "ppt/presentation.xml": f"<p:presentation {W}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": relations(**names),
        }
        | {f"ppt/slides/slide{n}.xml": content for n, content in enumerate(shown, 1)}
        | others
    )


def open_document(body, styles="", kind="text", **others):
    """An OpenDocument file: what stands in its body, its master pages, and other parts by their names."""
    return packed(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {O}><office:body><office:{kind}>{body}</office:{kind}></office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {O}><office:master-styles>{styles}</office:master-styles>"
            "</office:document-styles>",
        }
        | others
    )
