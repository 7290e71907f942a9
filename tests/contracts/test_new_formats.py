"""A new format is one new file, here or in another package: it is read, converted, mined into and looked up in like any
other. A module that is no format is named.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch

import interlingua.formats
from interlingua import cli, discovery, tokenization
from interlingua.data.parallel import read_parallel
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.errors import DataError
from interlingua.formats import Format, by_suffix, format_of

PAIRS = [("a red house", "ein rotes Haus"), ("two blue cars", "zwei blaue Autos"), ("old books", "alte Bücher")]
BARS = '''
"""A table with bars between its fields."""

from functools import partial
from itertools import chain

from interlingua.files import read_lines
from interlingua.outputs import create_text
from interlingua.formats import Format
from interlingua.types import Row
from interlingua.units.tables import header_of, memory_of, texts_of
from interlingua.units.holds import Holds


def read(path):
    header = []
    for line, text in read_lines(path):
        fields = text.split("|")
        if header:
            yield Row(dict(zip(header, fields)), line)
        header = header or fields


def write_rows(path, header, rows):
    with create_text(path) as stream:
        stream.writelines("|".join(fields) + "\\n" for fields in chain([header], rows))


def memory(path, source_language, target_language):
    return memory_of(partial(read, path), path, source_language, target_language)


def write_memory(path, found):
    header = header_of(found)
    write_rows(path, header, (texts_of(unit, header) for unit in found))


FORMAT = Format(
    suffixes=(".bars",), holds=Holds(languages=True), read=read, memory=memory, write_memory=write_memory,
    write_rows=write_rows,
)
'''
BLOCKS = '''
"""A translation memory: a block a unit, a line for each text and for each #property."""

from itertools import chain

from interlingua.files import read_lines
from interlingua.outputs import create_text
from interlingua.formats import Format
from interlingua.types import Row
from interlingua.units.holds import Holds
from interlingua.units.unit import About, Memory, Unit, Variant, prop


def units(path):
    block = []
    for _, text in chain(read_lines(path), [(0, "")]):
        if text:
            block.append(text.split(": ", 1))
        elif block:
            yield Unit(
                tuple(Variant(name, value) for name, value in block if name[0] != "#"),
                remarks=tuple(prop(name[1:], value) for name, value in block if name[0] == "#"),
            )
            block = []


def read(path):
    yield from (Row({variant.language: variant.text for variant in unit.variants}, 1) for unit in units(path))


def memory(path, source_language, target_language):
    return Memory(About({"srclang": "en"}), lambda: units(path))


def write_memory(path, found):
    with create_text(path) as stream:
        for unit in found:
            stream.writelines(f"{variant.language}: {variant.text}\\n" for variant in unit.variants)
            stream.writelines(f"#{remark.name}: {remark.text}\\n" for remark in unit.remarks)
            stream.write("\\n")


def write_scored(path, pairs, languages, properties):
    def units():
        for score, *texts in pairs:
            yield Unit(tuple(map(Variant, languages, texts)), remarks=(prop("score", str(score)),))

    write_memory(path, Memory(About(), units))


FORMAT = Format(
    suffixes=(".blocks",), holds=Holds(languages=True, properties=("",)), read=read, memory=memory,
    write_memory=write_memory, write_scored=write_scored, names_columns=True, needs_languages=True,
)
'''
JOBS = (
    BLOCKS.partition("FORMAT =")[0]
    + '''

def write_proposals(path, found, languages, origin):
    """Proposals as properties; a job that was given comes back with its own name for the first line."""
    job = [] if origin is None else [Unit((Variant(languages[0], "the job"),), remarks=(prop("job", origin.name),))]
    proposed = [
        Unit((Variant(languages[0], text),), remarks=tuple(prop("proposal", one.target) for one in some))
        for text, some in found
    ]
    write_memory(path, Memory(About(), lambda: iter([*job, *proposed])))


FORMAT = Format(
    suffixes=(".job",), holds=Holds(properties=("",)), read=read, memory=memory, write_memory=write_memory,
    write_scored=write_scored, write_proposals=write_proposals, names_columns=True,
)
'''
)
WAYS = ("a file here", "an entry point")


@pytest.fixture(
    params=[("bars", BARS, WAYS[0]), ("blocks", BLOCKS, WAYS[1]), ("job", JOBS, WAYS[1])], ids=lambda p: p[0]
)
def suffix(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """That of a new format."""
    monkeypatch.chdir(tmp_path)
    yield from added(*request.param, tmp_path, monkeypatch)


def added(
    name: str, source: str, way: str, folder: Path, monkeypatch: pytest.MonkeyPatch, module: str = ""
) -> Iterator[str]:
    """A format while the test runs."""
    module = module or f"their_{name}"
    (folder / "formats").mkdir(exist_ok=True)
    (folder / "formats" / f"{module}.py").write_text(source, encoding="utf-8")
    importlib.invalidate_caches()
    if way == WAYS[0]:
        monkeypatch.setattr(interlingua.formats, "__path__", [*interlingua.formats.__path__, str(folder / "formats")])
    else:
        monkeypatch.syspath_prepend(folder / "formats")
        entry = EntryPoint(name, module, "interlingua.formats")
        monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == entry.group else [])
    discovery._installed.cache_clear()
    yield f".{name}"
    monkeypatch.undo()
    discovery._installed.cache_clear()
    for one in (module, f"interlingua.formats.{module}"):
        sys.modules.pop(one, None)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    tokenizer = tokenization.train([text for pair in PAIRS for text in pair] * 3, 400)
    body = static.Body(static.Config(width=16), tokenizer.vocabulary_size, tokenizer.pad)
    folder = tmp_path_factory.mktemp("model") / "model"
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder)
    return str(folder)


@pytest.fixture
def pairs(suffix: str) -> Path:
    """The pairs in the new format, packed."""
    Path("pairs.tsv").write_text("en\tde\n" + "".join(f"{en}\t{de}\n" for en, de in PAIRS), encoding="utf-8")
    file = Path(f"pairs{suffix}.gz")
    run("tm", "convert", "pairs.tsv", "-o", str(file))
    return file


def run(*arguments: str) -> None:
    assert cli.run(list(arguments)) == cli.DONE


def test_it_is_parallel_text(pairs: Path, suffix: str) -> None:
    assert [example.texts for example in read_parallel([pairs])] == PAIRS
    with pytest.raises(DataError, match=rf"is no known format; known are .*\{suffix}[ ,]"):
        format_of(Path("pairs.unknown"))


def test_it_is_converted(pairs: Path, suffix: str) -> None:
    for other in ("tmx", "xlf", "jsonl"):
        run("tm", "convert", str(pairs), "-o", f"there.{other}")
        run("tm", "convert", f"there.{other}", "-o", f"back{suffix}")
        assert [example.texts for example in read_parallel([Path(f"back{suffix}")])] == PAIRS


def test_it_is_mined_into(pairs: Path, suffix: str, model: str) -> None:
    for side, name in enumerate(("en.txt", "same.txt")):
        Path(name).write_text("".join(f"{en}\n" for en, _ in PAIRS[:: 1 - 2 * side]), encoding="utf-8")
    languages = ("--source-language", "en", "--target-language", "de")
    run("mine", "en.txt", "same.txt", "-m", model, "--k", "1", "-o", f"mined{suffix}", *languages)
    rows = [row.columns for row in by_suffix()[suffix].read(Path(f"mined{suffix}"))]
    assert sorted(row.get("source", row.get("en")) for row in rows) == sorted(en for en, _ in PAIRS)


def test_it_is_looked_up_in_and_written_to(pairs: Path, suffix: str, model: str) -> None:
    Path("segments.txt").write_text("two blue cars\n", encoding="utf-8")
    look = ("--memory", str(pairs), "-m", model, "--cache", "kept", "-k", "1")
    run("tm", "lookup", "segments.txt", *look, "-o", f"found{suffix}")
    found = Path(f"found{suffix}").read_text(encoding="utf-8")
    assert "two blue cars" in found
    assert "zwei blaue Autos" in found
    assert "the job" not in found
    if suffix == ".job":  # a job to translate comes back, with the proposals
        run("tm", "lookup", str(pairs), *look, "-o", "found.job")
        found = Path("found.job").read_text(encoding="utf-8")
        assert found.count("#proposal: ") == 3
        assert "#job: pairs.job.gz" in found
        run("tm", "lookup", str(pairs), *look, "-o", "found.xlf")  # of another format than the job
        assert Path("found.xlf").read_text(encoding="utf-8").count("<alt-trans") == 3


def test_it_is_a_test_set(pairs: Path, model: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("pairs.tsv").unlink()
    run("evaluate", "tatoeba", ".", "-m", model, "--json")
    result = json.loads(capsys.readouterr().out)
    assert result["files"].keys() == {str(pairs)}
    assert result["rows"][0]["pairs"] == len(PAIRS)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (
            '"""No format."""',
            "broken.py: the module {module} is no format, as it does not define FORMAT; define it, or",
        ),
        (
            "FORMAT = '.own'",
            "broken.py: FORMAT is a str, an interlingua.formats.Format is needed; mend it, or uninstall",
        ),
        (BARS.replace(".bars", ".tsv"), "the suffix .tsv: "),
    ],
)
def test_a_module_that_is_no_format_is_named(
    source: str, problem: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    module = "broken" if way == WAYS[1] else "interlingua.formats.broken"
    for _ in added("broken", source, way, tmp_path, monkeypatch, module="broken"):
        assert cli.run(["tm", "convert", "a.tsv", "-o", "b.tmx"]) == cli.BAD_INPUT
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert problem.format(module=module) in said
        if "claim" in said:
            assert "interlingua.formats.tsv" in said
            assert module in said
            assert "uninstall the package that adds one of them" in said
    assert isinstance(by_suffix()[".tsv"], Format)


@pytest.mark.parametrize(
    ("folder", "command", "problem"),
    [
        ("recipes", "train", "is no recipe, as it does not define Config"),
        ("evaluation.tasks", "evaluate", "is no evaluation, as it does not define evaluate"),
    ],
)
def test_so_is_a_module_of_another_menu(
    folder: str, command: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (tmp_path / "nothing_in_it.py").write_text('"""Nothing."""', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("broken", "nothing_in_it", f"interlingua.{folder}")
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == entry.group else [])
    discovery._installed.cache_clear()
    try:
        assert cli.run([command, "broken", "--help"]) == cli.BAD_INPUT
    finally:
        monkeypatch.undo()
        discovery._installed.cache_clear()
    assert f"nothing_in_it.py: the module nothing_in_it {problem}" in capsys.readouterr().err
