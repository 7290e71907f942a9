"""`align` and `tm lookup` as a user meets them."""

import csv
import json
import re

import pytest
import torch

from interlingua import cli, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.formats import tmx

SENTENCES = [
    f"{word} {number} stands here"
    for number, word in enumerate(["red", "blue", "green", "old", "new", "tall", "small", "wide"])
]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    torch.manual_seed(0)
    tokenizer = tokenization.train(SENTENCES * 3, 400)
    body = static.Body(static.Config(width=32), tokenizer.vocabulary_size, tokenizer.pad)
    folder = tmp_path_factory.mktemp("model") / "model"
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder)
    return str(folder)


@pytest.fixture
def documents(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("\n".join(SENTENCES) + "\n")
    joined = [*SENTENCES[:2], f"{SENTENCES[2]} {SENTENCES[3]}", *SENTENCES[4:6], SENTENCES[7]]
    (tmp_path / "b.txt").write_text("\n".join(joined) + "\n")
    return tmp_path


def run(*arguments):
    assert cli.run(list(arguments)) == 0


def test_align(documents, model, capsys):
    run("align", "a.txt", "b.txt", "-m", model)
    said = capsys.readouterr()
    rows = [line.split("\t") for line in said.out.splitlines()]
    assert rows[0] == ["score", "source", "target"]
    assert rows[3][1:] == [f"{SENTENCES[2]} {SENTENCES[3]}"] * 2
    assert [row[1] for row in rows[1:]] == [row[2] for row in rows[1:]]
    assert "6 links of 8 and 6 sentences; without a counterpart: 1 and 0" in said.err
    run("align", "a.txt", "b.txt", "-m", model, "-o", "c.tmx", "--source-language", "en", "--target-language", "de")
    assert len(list(tmx.read(documents / "c.tmx"))) == 6
    run("align", "a.txt", "b.txt", "-m", model, "-o", "ladder.txt", "--format", "ladder")
    rungs = [line.split("\t")[:2] for line in (documents / "ladder.txt").read_text().splitlines()]
    assert rungs == [["0", "0"], ["1", "1"], ["2", "2"], ["4", "3"], ["5", "4"], ["6", "5"], ["7", "5"], ["8", "6"]]
    capsys.readouterr()
    run("align", "a.txt", "b.txt", "-m", model, "--json")
    assert json.loads(capsys.readouterr().out)["alignment"][2]["source"] == [2, 3]


def test_align_refuses(documents, model, capsys):
    (documents / "bad.txt").write_bytes(b"fine\n\xff\n")
    for arguments, problem in [
        (("a.txt", "bad.txt"), "bad.txt:2: byte 1 of this line is not UTF-8"),
        (("a.txt", "b.txt", "-o", "x.tmx"), "two different ones"),
        (("a.txt", "b.txt", "--max-size", "1"), "joins at least 2 sentences"),
        (("a.txt", "b.txt", "--paragraphs"), "a single paragraph"),
        (("a.txt", "b.txt", "-o", "a.txt/x.tsv"), "cannot be written"),
    ]:
        assert cli.run(["align", *arguments, "-m", model]) == 2
        said = capsys.readouterr().err
        assert problem in said
        assert said.count("\n") == 1
    assert not (documents / "x.tmx").exists()


def test_lookup(documents, model, capsys):
    tmx.write(documents / "tm.tmx", [(1.0, text, text[::-1]) for text in SENTENCES], ("en", "de"))
    (documents / "segments.txt").write_text("red 0  stands here\nred 1 stands here\n")
    look = ["tm", "lookup", "segments.txt", "--memory", "tm.tmx", "-m", model, "--cache", "kept", "-k", "2"]
    run(*look)
    said = capsys.readouterr()
    rows = list(csv.DictReader(said.out.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    assert [(row["number"], row["kind"], row["properties"]) for row in rows[::2]] == [
        ("1", "exact", "score=1.0000"),
        ("2", "fuzzy", "score=1.0000"),
    ]
    assert rows[0]["target"] == SENTENCES[0][::-1]
    assert said.err == "2 segments, 8 pairs in the memory: 1 exact, 1 fuzzy, 0 none\n"
    assert len(list((documents / "kept").iterdir())) == 1
    run(*look, "-o", "out.xlf")
    assert (documents / "out.xlf").read_text().count("<alt-trans") == 4
    run("tm", "lookup", "out.xlf", "--memory", "tm.tmx", "-m", model, "--cache", "kept", "-k", "1", "-o", "more.xlf")
    assert (documents / "more.xlf").read_text().count("<alt-trans") == 6
    run(*look, "-o", "out.tmx")
    assert len(list(tmx.read(documents / "out.tmx"))) == 4
    capsys.readouterr()
    run(*look, "--json")
    found = json.loads(capsys.readouterr().out)
    assert found["languages"] == ["en", "de"]
    assert found["segments"][0]["matches"][0]["target"] == SENTENCES[0][::-1]


def test_lookup_refuses(documents, model, capsys):
    tmx.write(documents / "tm.tmx", [(1.0, "a", "b")], ("en", "de"))
    for more, problem in [
        (("-o", "out.doc"), "out.doc: matches are written as .csv, .htm, "),
        (("-o", "out.po"), "out.po: matches are written as .csv, .htm, "),
        (("-k", "0"), "k must be at least 1"),
        (("--target-language", "it"), "no finished pair from en to it"),
        (("-o", "a.txt/out.tsv"), "cannot be written"),
        (("--memory", "absent.tmx"), "no such file"),
    ]:
        chosen = () if "--memory" in more else ("--memory", "tm.tmx")
        assert cli.run(["tm", "lookup", "a.txt", *chosen, "-m", model, "--cache", "kept", *more]) == 2
        said = capsys.readouterr().err
        assert re.search(re.escape(problem), said), said
        assert said.count("\n") == 1


PO = """msgid ""
msgstr "Language: de\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

# to translators
#: a.c:1
#, c-format
msgctxt "x"
msgid ""
"\\n"
"red 0 stands here"
msgstr ""

msgid "blue 1 stands here"
msgstr "mine"

msgid "green 2 stands here"
msgid_plural "greens"
msgstr[0] ""
msgstr[1] ""

#, fuzzy
msgid "new 4 stands here"
msgstr "guess"

msgid "quite another thing"
msgstr ""

#~ msgid "tall 5 stands here"
#~ msgstr ""
"""


def test_a_catalogue_is_filled_and_nothing_else_of_it_changes(documents, model, capsys):
    tmx.write(documents / "tm.tmx", [(1.0, text, text[::-1]) for text in SENTENCES], ("en", "de"))
    (documents / "a.po").write_text(PO)
    look = ["--memory", "tm.tmx", "-m", model, "--cache", "kept", "--fill", "0.95"]
    run("tm", "lookup", "a.po", *look, "-o", "out.po")
    assert capsys.readouterr().err.endswith("\nout.po: filled 2 of 4 without a translation\n")
    expected = PO.replace(
        'stands here"\nmsgstr ""\n\nmsgid "blue',
        f'stands here"\nmsgstr ""\n"\\n"\n"{SENTENCES[0][::-1]}"\n\nmsgid "blue',
    )
    expected = expected.replace("#, c-format", "#, fuzzy, c-format").replace('msgid "green', '#, fuzzy\nmsgid "green')
    expected = expected.replace('[0] ""', f'[0] "{SENTENCES[2][::-1]}"')
    assert (documents / "out.po").read_text().split("\n\n")[1:] == expected.split("\n\n")[1:]
    run("tm", "lookup", "a.po", *look, "-o", "out.xlf", "--json")
    assert json.loads(capsys.readouterr().out)["filled"] == 2
    assert (documents / "out.xlf").read_text().count("<alt-trans") > 2


def test_fill_refuses(documents, model, capsys):
    tmx.write(documents / "tm.tmx", [(1.0, "a", "b")], ("en", "de"))
    (documents / "a.po").write_text(PO.replace("Language: de", "Language: fr"))
    for job, more, problem in [
        ("a.po", ("-o", "out.tsv", "--fill", "0.9"), "out.tsv: segments with translations filled in are written as"),
        ("a.po", ("--fill", "0.9"), "-: segments with translations filled in are written as"),
        ("a.txt", ("-o", "out.po", "--fill", "0.9"), "out.po: segments with translations filled in are written as"),
        ("a.po", ("-o", "out.po", "--fill", "95"), "--fill must be more than 0 and at most 1"),
        ("a.po", ("-o", "out.po", "--fill", "0.9"), "a.po is to be translated into fr, the memory has de"),
    ]:
        assert cli.run(["tm", "lookup", job, "--memory", "tm.tmx", "-m", model, "--cache", "kept", *more]) == 2
        said = capsys.readouterr().err
        assert problem in said, said
        assert said.count("\n") == 1
    assert not (documents / "out.po").exists()
