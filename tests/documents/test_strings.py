"""Interface strings in the files of platforms: YAML, Java, Android, .NET, Apple."""

import pytest

from interlingua.data.passages import passages
from interlingua.errors import DataError


@pytest.fixture
def read(tmp_path):
    """The texts of a file of this name by their keys."""

    def read(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return {passage.key: passage.text for passage in passages(path)}

    return read


def test_yaml_of_rails(read):
    content = (
        "de:\n  a: Hallo\n  b: {one: Ein, other: 'Viele %{n}'}\n  n: 3\n  yes: true\n  q: '3'\n  l: [eins, zwei]\n"
    )
    texts = {"a": "Hallo", "b.one": "Ein", "b.other": "Viele %{n}", "q": "3", "l.0": "eins", "l.1": "zwei"}
    assert read("de.yml", content) == texts
    assert read("app.yaml", "menu:\n  open: Open\n") == {"menu.open": "Open"}
    assert read("menu.pt-BR.yml", "pt-BR:\n  open: Abrir\n") == {"open": "Abrir"}


def test_yaml_is_merged_and_joined(read):
    assert read("a.yml", "a: &a {x: one, y: two}\nb: {<<: *a, x: three}\n") == {
        "a.x": "one",
        "a.y": "two",
        "b.x": "three",
        "b.y": "two",
    }
    assert read("a.yml", "--- {a: x}\n--- {b: y}\n") == {"a": "x", "b": "y"}
    assert read("a.yml", "") == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: 'x\nb: y\n", "not YAML"),
        ("x: 1\na: b: c\n", ":2: not YAML"),
        ("just text", "texts under names"),
        ("[" * 50_000, "nested too deeply"),
        ("a: &a [*a]\n", "within each other"),
        pytest.param("- x\n" * 300_001, "more than 300,000 values", id="many"),
        (
            "a: &a [x,x]\n"
            + "".join(
                f"{two}: &{two} [{','.join([f'*{one}'] * 9)}]\n"
                for one, two in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            "more than 300,000 values",
        ),
    ],
)
def test_yaml_that_is_damaged_or_absurd(read, content, said):
    with pytest.raises(DataError, match=said):
        read("a.yml", content)


def test_yaml_builds_nothing(read, tmp_path):
    assert read("a.yml", f"a: !!python/object/apply:os.mkdir ['{tmp_path}/made']\n") == {"a.0": f"{tmp_path}/made"}
    assert not (tmp_path / "made").exists()


def test_properties(read):
    content = (
        "# a comment\n! another\n\na = one\nb:two\nc three\nd\\ e=four \\\n    five\n"
        "  f=\\u00e4\\uD83D\\uDE00\\n\\q\ng=\nh=a\\\\\nlast=\\\n"
    )
    assert read("a.properties", content) == {
        "a": "one",
        "b": "two",
        "c": "three",
        "d e": "four five",
        "f": "ä😀\nq",
        "h": "a\\",
    }
    assert read("a.properties", "a=\xe4".encode("latin-1")) == {"a": "ä"}
    for escape in ("\\u12", "\\uu0041"):  # the second is one in Java's sources alone
        with pytest.raises(DataError, match=r":2: .*four hexadecimal"):
            read("a.properties", f"a=b\nc={escape}\n")
    with pytest.raises(DataError, match="half a character in the text of c"):
        read("a.properties", "c=\\ud800x\n")


def test_android(read, capsys):
    content = r"""<?xml version="1.0" encoding="utf-8"?>
<resources xmlns:xliff="urn:oasis:names:tc:xliff:document:1.2">
  <!-- a comment -->
  <string name="a">Don\'t   go\n\u00e4 &lt;now&gt;</string>
  <string name="b">"  two  "  words</string>
  <string name="c" translatable="false">never</string>
  <string name="d">Hello <b>bold</b> <xliff:g id="n">%1$s</xliff:g><![CDATA[ & more]]></string>
  <string name="e"/>
  <string-array name="f"><item>one</item><item>two</item></string-array>
  <plurals name="g"><item quantity="one">%d file</item><item quantity="other">%d files</item></plurals>
  <color name="h">#fff</color>
  <string name="i">@string/a</string>
  <string name="j">one<!-- a comment -->, two</string>
  <string name="k">@someone wrote</string>
  <style name="l"><item name="m">bold</item></style><item type="string" name="n">An item</item>
</resources>"""
    assert read("strings.xml", content) == {
        "a": "Don't go\nä <now>",
        "b": "  two   words",
        "d": "Hello bold %1$s & more",
        "f.0": "one",
        "f.1": "two",
        "g.one": "%d file",
        "g.other": "%d files",
        "j": "one, two",
        "k": "@someone wrote",
        "n": "An item",
    }
    assert "left out 2 that are not to be translated" in capsys.readouterr().err
    with pytest.raises(DataError, match="resources"):
        read("strings.xml", "<root><string name='a'>b</string></root>")
    with pytest.raises(DataError, match="without a name"):
        read("strings.xml", "<resources><string>b</string></resources>")


def test_resx(read, capsys):
    content = """<?xml version="1.0" encoding="utf-8"?>
<root><resheader name="version"><value>2.0</value></resheader>
<data name="a" xml:space="preserve"><value>One  two</value><comment>note</comment></data>
<data name="b" type="System.Drawing.Point"><value>1, 2</value></data>
<data name="&gt;&gt;c.Name"><value>c</value></data>
<data name="d"><value/></data><data name="e"><value>in<!-- a comment -->side</value></data></root>"""
    assert read("a.resx", content) == {"a": "One  two", "e": "inside"}
    assert "left out 1 resources that are no strings" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_apple_strings(read, encoding):
    content = (
        '/* a comment\n with "quotes" */\n"a" = "One \\"two\\"\\n\\U00e4";\n// another\nb.c = "three";\n"d"="";\n"same";\n'
        '"e" = "http://x"; "f"\n=\n"two\nlines";\n'
    )
    assert read("a.strings", content.encode(encoding)) == {
        "a": 'One "two"\nä',
        "b.c": "three",
        "same": "same",
        "e": "http://x",
        "f": "two\nlines",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('"a" = "b"', ":1: .* no ';'"),
        ('"a" = "b";\n"c" "d";', ":2: an entry"),
        ('"a" = "b";\n"c = d;\n', ":2: an entry"),
        ("<plist><dict><key>a</key></plist>", "not a property list"),
        ("<plist><array/></plist>", "a <dict> is expected"),
        ('<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict/></plist>', "not a property list"),
    ],
)
def test_apple_strings_that_are_damaged(read, content, said):
    with pytest.raises(DataError, match=said):
        read("a.strings", content)


def test_apple_plural_forms(read):
    content = """<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>files</key><dict>
<key>NSStringLocalizedFormatKey</key><string>%#@n@ selected</string>
<key>n</key><dict><key>NSStringFormatSpecTypeKey</key><string>NSStringPluralRuleType</string>
<key>one</key><string>%d file</string><key>other</key><string>%d files</string></dict></dict>
<key>open</key><dict><key>NSStringVariableWidthRuleType</key><dict><key>20</key><string>Open</string></dict></dict>
</dict></plist>"""
    texts = {
        "files": "%#@n@ selected",
        "files.n.one": "%d file",
        "files.n.other": "%d files",
        "open.NSStringVariableWidthRuleType.20": "Open",
    }
    assert read("a.stringsdict", content) == texts
    with pytest.raises(DataError, match="no XML property list"):
        read("a.stringsdict", '"a" = "b";')
