"""What is fuzzed: every reader of files, tokenisation, configurations, names, the command line, and (models.py) models.

An input that stands for several files has them one after the other, with SEPARATOR between them.
"""

import gzip
import io
import json
import os
import re
import unicodedata
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import zstandard

from fuzz.harness import TWICE, Finding, Target, told
from fuzz.seeds import CONFIGURATION, METRICS, PO, TEXTS, TMX, XLIFF_1, XLIFF_2, written
from interlingua import cli, files, folding, languages, parameters
from interlingua.formats import Format, discovery, known, moses
from interlingua.units.unit import Memory

SEPARATOR = b"\x1c"
PACKED = {".gz": partial(gzip.compress, compresslevel=1, mtime=0), ".zst": zstandard.ZstdCompressor(1).compress}
WRAPPED = 16
"""One input of so many is read compressed, too, and one of so many is read, written and read again."""
XML = (
    "<![CDATA[", "]]>", "<!--", "-->", "<?x y?>", "&#0;", "&#65;", "&amp;", "&lt;", "<!DOCTYPE tmx>", "xml:lang", "xmlns", "xmlns:a",
    '<?xml version="1.0" encoding="utf-16"?>', "<a:b/>", "</", "/>", '="', "\ufeff", "<a>", "</a>",
)  # fmt: skip
TOKENS = {
    ".tmx": (*XML, "<tmx>", "</tmx>", "<header", "<header/>", "<body>", "</body>", "<tu>", "</tu>", "<tuv", "</tuv>", "<seg>",
        "</seg>", "<prop", "</prop>", "<note>", "<ph/>", "<bpt>", "<ept>", "<hi>", "<sub>", "<it>", "<ut>", ' tuid="1"',
        ' xml:lang="de"', ' lang="en"', ' type="x"', ' srclang="*all*"', "<ude>", "<map/>"),
    ".xlf": (*XML, "<xliff>", "</xliff>", "<file", "<file>", "</file>", "<body>", "<group>", "</group>", "<trans-unit>",
        "</trans-unit>", "<unit>", "</unit>", "<segment>", "</segment>", "<source>", "</source>", "<target>", "</target>", "<g>",
        "<mrk>", "<pc>", "<cp/>", '<cp hex="1"/>', ' hex="d800"', "<note>", "<notes>", "<prop-group", '<prop prop-type="a">',
        "<mda:metadata>", '<mda:metaGroup category="attributes">', '<mda:meta type="tuid">', "<originalData>", "<skeleton/>",
        "<alt-trans>", "<ignorable>", ' id="1"', ' srcLang="en"', ' trgLang="de"', ' source-language="en"', ' state="final"',
        ' name="attributes"', ' original="a"', ' resname="r"'),
    ".po": ('msgid ""', 'msgstr ""', 'msgctxt "a"', 'msgid_plural "b"', 'msgstr[0] "c"', 'msgstr[1] "d"', "#~ ", "#| ", "#, fuzzy",
        "#: a:1", "#. ", "# ", "#~| ", "#= ", '"Language: sr@latin\\n"', '"Content-Type: text/plain; charset=x\\n"', "\\n", "\\\\", '\\"',
        '"Plural-Forms: nplurals=2;\\n"', "\n", '"', "#,", "\u2028", "\x85", "\x0c"),
    ".mo": ("\xde\x12\x04\x95", "\0", "\x04", "\0\0\0\x01", "Language: de\n"),
    ".csv": ('"', '""', ",", "\n", "\r", "\r\n", "en", "de", "source", "target", "source_language", "\0", "\ufeff"),
    ".tsv": ("\t", "\n", "\r", "\r\n", "en", "de", "source", "target", "source_language", "target_language", "und", "\ufeff", "id"),
    ".jsonl": ('{"', '"}', '": ', ', "', "[", "]", "{", "}", "null", "true", "1e999", "NaN", "-Infinity", "\\ud800", "\\u0000", "\n",
        '"unit"', '"attributes"', '"remarks"', '"variants"', '"language"', '"text"', '"markup"', '"dialect"', '"about"', '"root"',
        '["prop", "a", {"type": "b"}]', "1" * 5000),
    ".parquet": ("PAR1", "\x15\0", "\0\0\0\0"),
}  # fmt: skip
PIECES = {".tmx": r"<[^>]*>|[^<]+", ".xlf": r"<[^>]*>|[^<]+", ".po": r"[^\n]*\n|[^\n]+$", ".mo": ".", ".parquet": "."}
SAME = {".tmx": (TMX,), ".xlf": (XLIFF_1, XLIFF_2), ".po": PO}
"""Seeds beside what the format itself writes."""


class _Held(type(Path())):
    """A path whose file is in memory: a tenth of the time that a file takes."""

    data = b""

    def open(self, *_: Any, **__: Any) -> Any:
        return io.BytesIO(self.data)


def _format(one: Format) -> Target:
    """Reading rows and units of a format, plain and compressed; and writing what was read, twice the same."""
    suffix = one.suffixes[0]

    def run(data: bytes, folder: Path) -> object:
        path = _Held(folder / f"in{suffix}")
        path.data = data
        rows = told(lambda: list(one.read(path)))
        units = told(lambda: _units(one.memory(path, "", "")))
        told(lambda: one.keeps_units(path))
        chosen = zlib.crc32(data) // TWICE % WRAPPED
        if chosen in (0, 1):
            ending = tuple(PACKED)[chosen]
            file = folder / f"in{suffix}{ending}"
            file.write_bytes(PACKED[ending](data))
            packed = told(lambda: list(one.read(file)))
            if repr(packed).replace(ending, "") != repr(rows).replace(ending, ""):
                raise Finding(f"other rows where it is packed as {ending}: {rows!r:.200} and {packed!r:.200}")
        if chosen == 2 and not isinstance(units, str):
            file = folder / f"in{suffix}"
            file.write_bytes(data)
            _written_again(one, file)
        return rows, units

    seeds = [*written(one), *(text.encode() for text in SAME.get(suffix, ()))]
    return Target(
        name=suffix[1:], run=run, seeds=lambda: [*seeds, b""], tokens=TOKENS.get(suffix, ()), pieces=PIECES.get(suffix, Target.pieces)
    )


def _units(memory: Memory) -> object:
    return memory.about, list(memory)


def _written_again(one: Format, path: Path) -> None:
    """What is written of what was read can be read, and is written the same."""
    for number in range(2 if one.options else 1):
        more = {"version": ("1.2", "2.1")[number]} if one.options else {}
        first, second = (path.with_name(f"{name}{number}{path.suffix}") for name in ("first", "second"))
        refused = told(lambda first=first, more=more: one.write_memory(first, one.memory(path, "", ""), **more))
        if refused is not None or (one.is_table and not any(True for _ in one.memory(path, "", ""))):
            return
        again = told(lambda first=first, second=second, more=more: one.write_memory(second, one.memory(first, "", ""), **more))
        if again is not None:
            raise Finding(f"what was written cannot be read and written: {again}")
        if first.read_bytes() != second.read_bytes():
            raise Finding(f"written otherwise the second time: {first.read_bytes()!r:.3000}\n{second.read_bytes()!r:.3000}")
        if one.holds.header and _comparable(one.memory(path, "", "")) != _comparable(one.memory(first, "", "")):
            raise Finding("something was lost where everything can be held")


def _comparable(memory: Memory) -> list[object]:
    return [(unit.variants, unit.attributes, unit.remarks) for unit in memory]


def _moses(data: bytes, folder: Path) -> object:
    one, _, other = data.partition(SEPARATOR)
    (folder / "corpus.de").write_bytes(one)
    (folder / "corpus.en").write_bytes(other)
    return told(lambda: list(moses.read(folder / "corpus"))), told(lambda: _units(moses.memory(folder / "corpus")))


def _lines(data: bytes, folder: Path) -> object:
    """Lines, bytes and text, under each of three names."""
    found: list[object] = []
    for ending in ("", *PACKED):
        path = folder / f"text{ending}"
        path.write_bytes(data)
        found += [told(lambda path=path: list(files.read_lines(path))), told(lambda path=path: _whole(path))]
    return found


def _whole(path: Path) -> str:
    with files.open_text(path) as stream:
        return stream.read()


def _training_data(data: bytes, folder: Path) -> object:
    """Everything that finds the roles of columns."""
    from interlingua.data import bitext, examples, labelled, paraphrases, roles, sts_benchmark
    from interlingua.data.parallel import parallel

    def classes(path: Path) -> object:
        return labelled.class_names([path])

    kinds = {
        ".tsv": (roles.find, parallel, bitext.read, examples.similarity, examples.texts, labelled.classified, labelled.positives, classes,
            labelled.anchors_and_positives, paraphrases.paraphrases),
        ".csv": (sts_benchmark.read,),
        ".txt": (roles.find, examples.texts),
    }  # fmt: skip
    found: list[object] = []
    for suffix, readers in kinds.items():
        path = folder / f"sts-test{suffix}"
        path.write_bytes(data)
        found += [told(lambda path=path, reader=reader: _all(reader(path))) for reader in readers]
    return found


def _all(found: Any) -> object:
    return found if hasattr(found, "__dataclass_fields__") else list(found)


def _test_sets(data: bytes, folder: Path) -> object:
    """Folders of evaluations: BEIR, LAReQA, SemEval, classes."""
    from interlingua.evaluation.collections import collections
    from interlingua.evaluation.judgements import judged
    from interlingua.evaluation.labelled_sets import labelled_sets

    parts = [*data.split(SEPARATOR, 3), b"", b"", b""][:3]
    layouts = {
        "beir": ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"),
        "lareqa": ("de.queries.tsv", "de.candidates.tsv"),
        "semeval": ("STS.input.a.txt", "STS.gs.a.txt"),
        "classes": ("train.tsv", "test.tsv", "dev.tsv"),
    }
    for layout, names in layouts.items():
        for name, content in zip(names, parts, strict=False):
            file = folder / layout / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return [
        told(lambda: collections(folder / "beir")), told(lambda: collections(folder / "lareqa")),
        told(lambda: judged(folder / "semeval")), told(lambda: [one.classes for one in labelled_sets(folder / "classes")]),
    ]  # fmt: skip


@cache
def _tokenizers() -> list[Any]:
    """One of each kind, trained on TEXTS."""
    import tokenizers as library

    from interlingua import tokenization
    from interlingua.interchange import word_vectors

    def trained(model: Any, trainer: Any, before: Any) -> Any:
        rules = library.Tokenizer(model)
        rules.pre_tokenizer = before
        rules.train_from_iterator(TEXTS, trainer)
        return tokenization.Tokenizer(rules, 64)

    special = list(tokenization.SPECIAL)
    words = library.trainers.WordPieceTrainer(vocab_size=300, special_tokens=["[PAD]", "[UNK]"])
    merges = library.trainers.BpeTrainer(
        vocab_size=300, special_tokens=special, initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet()
    )
    return [
        tokenization.train(TEXTS * 3, 500, max_tokens=64),
        trained(library.models.WordPiece(unk_token="[UNK]"), words, library.pre_tokenizers.BertPreTokenizer()),
        trained(library.models.BPE(), merges, library.pre_tokenizers.ByteLevel()),
        word_vectors.tokenizer_of(["katze", "cat", "."], 64),
    ]


def _tokenised(text: str) -> object:
    found: list[object] = []
    for tokenizer in _tokenizers():
        for form in (text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))):
            ids = told(lambda tokenizer=tokenizer, form=form: tokenizer.ids([form, "a"])[0].tolist())
            if not isinstance(ids, str):
                if len(ids) > tokenizer.max_tokens or not all(0 <= one < tokenizer.vocabulary_size for one in ids):
                    raise Finding("ids that are too many or outside of the vocabulary")
                if ids != tokenizer.ids([form])[0].tolist():
                    raise Finding("other ids beside another text")
                tokenizer.text(ids)
                tokenizer.pair_ids([(form, "b")])
            found.append(ids)
    return found


def _tokenisation(data: bytes, folder: Path) -> object:
    return _tokenised(_text(data))


def _text(data: bytes) -> str:
    """Any text, half characters among it."""
    return data.decode("utf-8", "surrogatepass" if _decodes(data) else "replace")


def _decodes(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _tokenizer_file(data: bytes, folder: Path) -> object:
    from interlingua.tokenization import Tokenizer

    (folder / "tokenizer.json").write_bytes(data)
    tokenizer = Tokenizer.load(folder / "tokenizer.json", 32)
    return [
        told(lambda: [one.tolist() for one in tokenizer.ids(TEXTS)]), told(tokenizer.pieces), told(lambda: tokenizer.mask),
        told(lambda: tokenizer.edges), tokenizer.pad, tokenizer.special, tokenizer.vocabulary_size,
        told(lambda: tokenizer.normalized("▁A")), told(lambda: tokenizer.text([0, 1, 2])),
    ]  # fmt: skip


def _about_text(data: bytes, folder: Path) -> object:
    """Sentences, language and folding of a text; what XML is made of it is read as the same."""
    from interlingua.data import identify, sentences

    code, _, text = _text(data).partition("\n")
    return [
        told(lambda: sentences.split(text, code if languages.is_language(code) else "und")), told(lambda: identify.guesses([text])),
        folding.plain(text), folding.numbers(text), _as_xml(text),
    ]  # fmt: skip


def _as_xml(text: str) -> None:
    from xml.etree import ElementTree

    from interlingua.units import markup

    held = markup.NO_XML.sub("\ufffd", text)
    element = ElementTree.fromstring(f"<a{markup.attributes({'b': text})}>{markup.escape(text)}<c/>{markup.escape(text)}</a>")
    if (element.get("b"), element.text or "", element[0].tail or "") != (held,) * 3:
        raise Finding("text that XML gives back otherwise")
    if markup.inner(ElementTree.fromstring(markup.serialise(element))) != markup.inner(element):
        raise Finding("an element that is serialised otherwise")


def _names(data: bytes, folder: Path) -> object:
    """Codes of languages, sizes, names of models and of files."""
    from interlingua import loading
    from interlingua.formats import format_of, is_input, reader_of

    text = _text(data)
    asked: list[Callable[[str], object]] = [
        languages.standard, languages.is_language, languages.name, languages.script, lambda code: languages.same(code, "en-GB"),
        lambda size: parameters.size("--memory", size),
    ]  # fmt: skip
    if "\0" not in text and not re.search("[\ud800-\udfff]", text):  # no command line holds these
        asked += [loading.locate, *(lambda name, of=of: of(Path(name)) is not None for of in (format_of, is_input, reader_of))]
    return [told(lambda ask=ask: _of_name(ask, text)) for ask in asked]


def _of_name(ask: Callable[[str], object], text: str) -> object:
    """What is said of a name; what the system says of one, the command line makes a line of."""
    try:
        return ask(text)
    except OSError as error:
        if error.errno in cli.ABOUT_NAMES:
            return error.strerror
        raise


def _configuration(data: bytes, folder: Path) -> object:
    from interlingua.training import configuration

    found: list[object] = []
    for name in ("options.toml", "config.json"):
        (folder / name).write_bytes(data)
        found.append(told(lambda name=name: configuration.read(folder / name, "sbert")))
    arguments = ["train", "sbert", "--train", "a.tsv", "--output", "out", "--config", str(folder / "options.toml"), str(folder)]
    return [*found, _parsed(arguments)]


def _parsed(arguments: list[str]) -> object:
    """What a command line asks for, as `cli.run` parses it."""
    from cyclopts import CycloptsError

    def parse() -> object:
        try:
            command, bound, _ = cli.application(arguments).parse_args(arguments, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            return cli._mistake(error)
        return getattr(command, "__name__", ""), re.sub("0x[0-9a-f]+", "", repr(bound.arguments))

    return told(parse)


def _command_line(data: bytes, folder: Path) -> object:
    arguments = os.fsdecode(data).split("\0")
    os.chdir(folder)
    return _parsed(arguments)


def _run_folder(data: bytes, folder: Path) -> object:
    """Metrics, configuration and trackers' keys of a training run, as the commands about runs read them."""
    from interlingua.training import metrics, runs

    parts = [*data.split(SEPARATOR, 1), b""][:2]
    for name, content in zip(("metrics.jsonl", "config.json"), parts, strict=True):
        (folder / name).write_bytes(content)

    def read() -> object:
        found = runs.find([folder])
        curves = [metrics.curve(run.records, "dev", "dev_loss", "x") for run in found]
        return [run.as_json() for run in found], runs.differing(found), curves

    return told(read)


def _word_vectors(data: bytes, folder: Path) -> object:
    from interlingua.interchange import word_vectors

    (folder / "vectors.txt").write_bytes(data)
    words, vectors = word_vectors.read(folder / "vectors.txt", 1000)
    return words, vectors.tolist(), told(lambda: word_vectors.tokenizer_of(words, 32).ids(TEXTS)[0].tolist())


def _laser_vocabularies(data: bytes, folder: Path) -> object:
    from interlingua.interchange import laser_vocabulary

    file = folder / "vocabulary"
    file.write_bytes(data)
    ids = {"a": 4, "b@@": 5, "the": 6}
    return [
        told(lambda: laser_vocabulary.symbols_of(file, with_mask=True)),
        told(lambda: _ids(laser_vocabulary.bpe_tokenizer(file, ids, 7, 32))),
        told(lambda: _ids(laser_vocabulary.sentencepiece_tokenizer(file, ids, 7, 32, begin=True))),
    ]


def _ids(made: tuple[Any, int]) -> object:
    return made[1], [one.tolist() for one in made[0].ids(TEXTS)]


def _long_text(data: bytes, folder: Path) -> object:
    """A few characters repeated to up to a million, for everything that takes text."""
    if len(data) < 3:
        return None
    unit = _text(data[2:])
    text = (unit * (1 << data[0] % 21))[: 10**6]
    path = folder / "long"

    def rows(suffix: str, content: str) -> int | None:
        file = path.with_suffix(suffix)
        file.write_text(content, encoding="utf-8", errors="replace", newline="")
        return len(list(_by_suffix()[suffix].read(file)))

    kinds: list[Callable[[], object]] = [
        lambda: _tokenised(text[: 1 << 16]), lambda: folding.plain(text) and folding.numbers(text),
        lambda: _about_text(b"de\n" + text.encode("utf-8", "replace"), folder), lambda: languages.is_language(text),
        lambda: rows(".po", f'msgid "{text}"\nmsgstr "b"\n'), lambda: rows(".po", f"{text}\n"), lambda: rows(".csv", f'en,de\n"{text}",b\n'),
        lambda: rows(".tmx", f'<tmx><body><tu><tuv xml:lang="en"><seg>{text}</seg></tuv></tu></body></tmx>'),
        lambda: rows(".tmx", f"<tmx><body>{text}</body></tmx>"), lambda: rows(".xlf", f"<xliff><file>{text}</file></xliff>"),
        lambda: rows(".jsonl", f'{{"en": "{text}"}}\n'), lambda: rows(".jsonl", text), lambda: rows(".tsv", text),
        lambda: _word_vectors(text.encode("utf-8", "replace"), folder), lambda: _training_data(text.encode("utf-8", "replace"), folder),
        lambda: _tokenizers()[data[1] % 4].ids([text]) and None,
    ]  # fmt: skip
    return told(kinds[data[1] % len(kinds)])


@cache
def _by_suffix() -> dict[str, Format]:
    return {suffix: one for one in known() for suffix in one.suffixes}


JSON = (*TOKENS[".jsonl"], '"config"', '"resolved"', '"recipe"', "0", "-1", '""', "{}", "[]", "1e308")
SCRIPTS = (
    "\u0301", "\u200d", "\u200b", "\u202e", "\ufeff", "\u0130", "\u0131", "ß", "ﬁ", "\U0001f468\u200d\U0001f469", "\U0001f1e9", "\U000e0041",
    "\U0010ffff", "\0", "\x85", "\u2028", "\u0f0d", "\u17d4", "ก", "が", "가", "한", "אב", "ع", "ْ", "١", "²", "½", "〇", "\ufdfa", "\u1e9e", "\ud7ff",
    "...", "。", "！", "z. B.", "Dr.", " ", "\u00a0", "<s>", "</s>", "<unk>", "[CLS]", "<0x41>", "▁", "##a", "1,000", "1.000.000",
)  # fmt: skip
COLUMNS = (
    "source", "target", "source_language", "target_language", "en", "de", "sentence1", "sentence2", "score", "anchor", "positive", "negative",
    "premise", "hypothesis", "label", "text", "src", "tgt", "src_lang", "id", "question_id", "gold_cand_id", "cand_id", "_id", "query-id",
    "corpus-id", "\t", "\n", "1", "nan", "-", "entailment", "und",
)  # fmt: skip
OTHERS = [
    Target(name="moses", run=_moses, seeds=lambda: [b"a\nb\n\x1cc\nd\n", b"\xef\xbb\xbfa\r\n\x1cb"], tokens=("\n", "\r\n", "\x1c")),
    Target(name="lines", run=_lines, seeds=lambda: [pack(text.encode()) for text in TEXTS for pack in (bytes, *PACKED.values())],
        tokens=("\x1f\x8b\x08\0", "\n", "\r\n", "\ufeff", "\0", "\x85")),
    Target(name="training-data", run=_training_data, tokens=COLUMNS, pieces=r"\t|\n|[^\t\n]+", seeds=lambda: [
        b"source\ttarget\na\tb\n", b"en\tde\na\tb\n", b"sentence1\tsentence2\tscore\na\tb\t1\n", b"anchor\tpositive\tnegative\na\tb\tc\n",
        b"premise\thypothesis\tlabel\na\tb\tentailment\n", b"text\tlabel\na\tb\n", b"text\na\nb\n", b"a\tb\tc\td\t1\te\tf\n"]),
    Target(name="test-sets", run=_test_sets, tokens=(*COLUMNS, "\x1c", *TOKENS[".jsonl"]), pieces=r"\t|\n|\x1c|[^\t\n\x1c]+", seeds=lambda: [
        b'{"_id": "1", "text": "a"}\n\x1c{"_id": "2", "text": "b"}\n\x1cquery-id\tcorpus-id\tscore\n2\t1\t1\n',
        b"question_id\tquestion\tgold_cand_id\n1\ta\t2\n\x1ccand_id\tsentence\n2\tb\n", b"a\tb\nc\td\n\x1c1\n\n",
        b"text\tlabel\na\tx\nb\ty\n\x1ctext\tlabel\nc\tx\n\x1ctext\tlabel\nd\ty\n"]),
    Target(name="tokenisation", run=_tokenisation, seeds=lambda: [text.encode() for text in TEXTS], tokens=SCRIPTS, pieces="."),
    Target(name="tokenizer-file", run=_tokenizer_file, seeds=lambda: [json.dumps(one.rules()).encode() for one in _tokenizers()][1:], longest=1 << 15,
        tokens=(*JSON, '"Unigram"', '"WordPiece"', '"BPE"', '"WordLevel"', '"pad_id"', '"padding"', '"truncation"', '"added_tokens"', '"id"', '"dropout":0.5', "4294967295", '"unk_token"'),
        pieces=r'"[^"]*"|[^"\s\w]|\w+'),
    Target(name="about-text", run=_about_text, seeds=lambda: [b"de\n" + text.encode() for text in TEXTS], tokens=SCRIPTS, pieces="."),
    Target(name="names", run=_names, tokens=("-", "_", "zh", "Hant", "und", "x-", "u-", "i-klingon", "G", ".tsv", ".gz", "e", "@", "/", "package:", "http://",
        "art-lojban", "1e9", "inf", "nan", "datasets:"), longest=256, pieces=r"\w+|\W",
        seeds=lambda: [b"de", b"zh-Hant-TW", b"sr_RS@latin", b"800M", b"1.5G", b"package:a/b", b"a/b@c", b"corpus.de-en", b"pairs.tsv.gz"]),
    Target(name="configuration", run=_configuration, seeds=lambda: [text.encode() for text in CONFIGURATION],
        tokens=(*JSON, "[optimization]", "[supervision]", "epochs", "batch_size", "batch-size", " = ", '"""', "'''", "inf", "2020-01-01", "train", "[[", "]]")),
    Target(name="command-line", run=_command_line, longest=512, pieces=r"\x00|[^\x00]+",
        seeds=lambda: [b"\0".join(line.encode().split()) for line in (
            "encode a.txt --model b --output c.npy", "train sbert --train a.tsv --output out --epochs 2", "mine a b --model m -o -",
            "tm convert a.po b.tmx --json", "runs list a", "score a b --model x", "align a b -m m", "doctor a.tsv", "packs list m")],
        tokens=tuple(discovery.choices("commands")) + tuple(discovery.choices("recipes")) + (
            "\0", "--help", "--", "-", "--config", "=", "--json", "--model", "--output", "-o", "--version", "--batch-size", "--seeds", "[]", "{}",
            "--device", "--columns.source", "./x.py", "--epochs=", "nan", "1e400", "--source-language", "--memory", "--no-json")),
    Target(name="run-folder", run=_run_folder, seeds=lambda: [METRICS.encode() + SEPARATOR + CONFIGURATION[1].encode(), METRICS.encode()],
        tokens=(*JSON, '"kind"', '"step"', '"dev_loss"', '"dev"', '"train"', '"start"', '"total"', '"texts_per_second"', "\x1c")),
    Target(name="word-vectors", run=_word_vectors, seeds=lambda: [b"2 3\na 1 2 3\nb 4 5 6\n", b"katze 0.5 -1e3\n. 1 2\n"],
        tokens=("1", "nan", "inf", "1e999", " ", "\n", "0x1", "1_0", "٣", "\u00a0", "\x85")),
    Target(name="laser-vocabularies", run=_laser_vocabularies, seeds=lambda: [b"a 10\nb@@ 5\nthe 3 #fairseq:overwrite\n", b"#version: 0.2\na b 3\nab c</w> 1\n",
        *_sentencepieces()], tokens=(" ", "\n", "#fairseq:overwrite", "</w>", "@@", "<mask>", "<s>", "<unk>", "#version", "\u00b2"), longest=1 << 15),
    Target(name="long-text", run=_long_text, longest=64, tokens=(*SCRIPTS, "<a>", "\\", '"', "#", "\t", "\n", "9", "1,0", "[", "{", "-", "@", "<!--", "&#1;"), pieces=".",
        seeds=lambda: [bytes([20, kind]) + text for kind in range(16) for text in (b"a", b"1,", b"\\\"", b"[", b"1 \n")]),
]  # fmt: skip


def _sentencepieces() -> list[bytes]:
    """SentencePiece models of both kinds."""
    import sentencepiece

    found: list[bytes] = []
    for kind in ("unigram", "bpe"):
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXTS * 2), model_writer=model, model_type=kind, vocab_size=150, hard_vocab_limit=False, minloglevel=2,
            character_coverage=0.98, normalization_rule_name="identity",
        )  # fmt: skip
        found.append(model.getvalue())
    return found


def _parquet_units(data: bytes, folder: Path) -> object:
    """What stands as JSON in the column `unit` of a Parquet file that is whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from interlingua.formats import parquet

    text = data.decode("utf-8", "replace")
    table = pa.table({"en": ["a"], "unit": pa.array([{"json": text}], pa.struct([("json", pa.string())]))})
    pq.write_table(table, folder / "units.parquet", compression="none")
    return told(lambda: _units(parquet.memory(folder / "units.parquet")))


@cache
def all_targets() -> dict[str, Target]:
    """By name, cheap ones first."""
    from fuzz.models import MODELS

    formats = [_format(one) for one in known() if one.suffixes]
    jsonl = next(one for one in formats if one.name == "jsonl")
    units = replace(jsonl, name="parquet-units", run=_parquet_units, seeds=lambda: [
        json.dumps(json.loads(line)["unit"]).encode() for seed in jsonl.seeds() for line in seed.splitlines() if b'"unit"' in line])  # fmt: skip
    return {target.name: target for target in (*formats, units, *OTHERS, *MODELS)}


def named(name: str) -> Target:
    return all_targets()[name]


def names(chosen: Sequence[str] = ()) -> list[str]:
    return list(chosen) or list(all_targets())
