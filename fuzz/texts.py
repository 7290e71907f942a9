"""Texts of any script and length, what is told of names, and the files that hold vocabularies."""

import io
import json
import re
import unicodedata
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fuzz.harness import Finding, target, told, words
from fuzz.runs import training_data
from fuzz.seeds import TEXTS

from interlingua import cli, folding, languages, parameters
from interlingua.formats import by_suffix

SCRIPTS = words("scripts")


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
    forms = dict.fromkeys((text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)))
    for tokenizer in _tokenizers():
        size = tokenizer.vocabulary_size
        for form in forms:
            ids = told(lambda tokenizer=tokenizer, form=form: tokenizer.ids([form, "a"])[0].tolist())
            if not isinstance(ids, str):
                if len(ids) > tokenizer.max_tokens or not all(0 <= one < size for one in ids):
                    raise Finding("ids that are too many or outside of the vocabulary")
                if ids != tokenizer.ids([form])[0].tolist():
                    raise Finding("other ids beside another text")
                tokenizer.text(ids)
                tokenizer.pair_ids([(form, "b")])
            found.append(ids)
    return found


@target(lambda: [text.encode() for text in TEXTS], tokens=SCRIPTS, pieces=".")
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


@target(
    lambda: [json.dumps(one.rules()).encode() for one in _tokenizers()][1:],
    tokens=words("json", "values", "tokenizers"),
    pieces=r'"[^"]*"|[^"\s\w]|\w+',
    longest=1 << 15,
)
def _tokenizer_file(data: bytes, folder: Path) -> object:
    from interlingua.tokenization import Tokenizer

    (folder / "tokenizer.json").write_bytes(data)
    tokenizer = Tokenizer.load(folder / "tokenizer.json", 32)
    return [
        told(lambda: [one.tolist() for one in tokenizer.ids(TEXTS)]),
        told(tokenizer.pieces),
        told(lambda: tokenizer.mask),
        told(lambda: tokenizer.edges),
        tokenizer.pad,
        tokenizer.special,
        tokenizer.vocabulary_size,
        told(lambda: tokenizer.normalized("▁A")),
        told(lambda: tokenizer.text([0, 1, 2])),
    ]


@target(lambda: [b"de\n" + text.encode() for text in TEXTS], tokens=SCRIPTS, pieces=".")
def _about_text(data: bytes, folder: Path) -> object:
    """Sentences, language and folding of a text; what XML is made of it is read as the same."""
    from interlingua.data import identify, sentences

    code, _, text = _text(data).partition("\n")
    return [
        told(lambda: sentences.split(text, code if languages.is_language(code) else "und")),
        told(lambda: identify.guesses([text])),
        folding.plain(text),
        folding.numbers(text),
        _as_xml(text),
    ]


def _as_xml(text: str) -> None:
    from xml.etree import ElementTree

    from interlingua.units import markup

    held = markup.NO_XML.sub("\ufffd", text)
    element = ElementTree.fromstring(
        f"<a{markup.attributes({'b': text})}>{markup.escape(text)}<c/>{markup.escape(text)}</a>"
    )
    if (element.get("b"), element.text or "", element[0].tail or "") != (held,) * 3:
        raise Finding("text that XML gives back otherwise")
    if markup.inner(ElementTree.fromstring(markup.serialise(element))) != markup.inner(element):
        raise Finding("an element that is serialised otherwise")


@target(lambda: [b"a\n" + text.encode() for text in TEXTS], tokens=SCRIPTS, pieces=".")
def _phrases(data: bytes, folder: Path) -> object:
    """Places of a phrase, of a text in itself, and of words."""
    from interlingua.memories.words import Phrase, words

    wanted, _, text = _text(data).partition("\n")
    places = [*words(text)]
    for choices in ({}, {"accents": False}, {"whole_words": False, "exact_case": True}):
        for one, within in ((wanted, text), (text, text)):
            found = told(lambda one=one, within=within, choices=choices: Phrase(one, **choices).places(within))
            whole = bool(text.strip()) and not unicodedata.combining(text.strip()[0])
            if one == text and whole and not isinstance(found, str) and not found:
                raise Finding("a text is not found in itself")
            places += [] if isinstance(found, str) else found
    if not all(0 <= begin < end <= len(text) for begin, end in places):
        raise Finding("a place outside of the text")
    return places


NAMES = "de zh-Hant-TW sr_RS@latin 800M 1.5G package:a/b a/b@c corpus.de-en pairs.tsv.gz"


@target(lambda: NAMES.encode().split(), tokens=words("names"), pieces=r"\w+|\W", longest=256)
def _names(data: bytes, folder: Path) -> object:
    """Codes of languages, sizes, names of models and of files."""
    from interlingua import loading
    from interlingua.formats import format_of, is_input, reader_of

    text = _text(data)
    asked: list[Callable[[str], object]] = [
        languages.standard,
        languages.is_language,
        languages.name,
        languages.script,
        lambda code: languages.same(code, "en-GB"),
        lambda size: parameters.size("--memory", size),
    ]
    if "\0" not in text and not re.search("[\ud800-\udfff]", text):  # no command line holds these
        asked += [
            loading.locate,
            *(lambda name, of=of: of(Path(name)) is not None for of in (format_of, is_input, reader_of)),
        ]
    return [told(lambda ask=ask: _of_name(ask, text)) for ask in asked]


def _of_name(ask: Callable[[str], object], text: str) -> object:
    """What is said of a name; what the system says of one, the command line makes a line of."""
    try:
        return ask(text)
    except OSError as error:
        if error.errno in cli.ABOUT_NAMES:
            return error.strerror
        raise


@target(lambda: [b"2 3\na 1 2 3\nb 4 5 6\n", b"katze 0.5 -1e3\n. 1 2\n"], tokens=words("numbers"))
def _word_vectors(data: bytes, folder: Path) -> object:
    from interlingua.interchange import word_vectors

    (folder / "vectors.txt").write_bytes(data)
    words, vectors = word_vectors.read(folder / "vectors.txt", 1000)
    return words, vectors.tolist(), told(lambda: word_vectors.tokenizer_of(words, 32).ids(TEXTS)[0].tolist())


def _sentencepieces() -> list[bytes]:
    """SentencePiece models of both kinds."""
    import sentencepiece

    found: list[bytes] = []
    for kind in ("unigram", "bpe"):
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXTS * 2),
            model_writer=model,
            model_type=kind,
            vocab_size=150,
            hard_vocab_limit=False,
            minloglevel=2,
            character_coverage=0.98,
            normalization_rule_name="identity",
        )
        found.append(model.getvalue())
    return found


@target(
    lambda: [b"a 10\nb@@ 5\nthe 3 #fairseq:overwrite\n", b"#version: 0.2\na b 3\nab c</w> 1\n", *_sentencepieces()],
    tokens=words("laser"),
    longest=1 << 15,
)
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


def _repeated() -> list[bytes]:
    """Each kind of use, with a few texts."""
    return [bytes([14, kind]) + text for kind in range(16) for text in (b"a", b"1,", b'\\"', b"[", b"1 \n")]


@target(_repeated, tokens=(*SCRIPTS, *words("long")), pieces=".", longest=64)
def _long_text(data: bytes, folder: Path) -> object:
    """A few characters repeated to up to a million, for everything that takes text."""
    if len(data) < 3:
        return None
    unit = _text(data[2:])
    text = (unit * (1 << data[0] % 21))[: 10**6]
    path = folder / "long"

    def rows(suffix: str, content: str) -> int:
        file = path.with_suffix(suffix)
        file.write_text(content, encoding="utf-8", errors="replace", newline="")
        return len(list(by_suffix()[suffix].read(file)))

    content = text.encode("utf-8", "replace")
    kinds: list[Callable[[], object]] = [
        lambda: _tokenised(text[: 1 << 16]),
        lambda: folding.plain(text) and folding.numbers(text),
        lambda: _about_text(b"de\n" + content, folder),
        lambda: languages.is_language(text),
        lambda: rows(".po", f'msgid "{text}"\nmsgstr "b"\n'),
        lambda: rows(".po", f"{text}\n"),
        lambda: rows(".csv", f'en,de\n"{text}",b\n'),
        lambda: rows(".tmx", f'<tmx><body><tu><tuv xml:lang="en"><seg>{text}</seg></tuv></tu></body></tmx>'),
        lambda: rows(".tmx", f"<tmx><body>{text}</body></tmx>"),
        lambda: rows(".xlf", f"<xliff><file>{text}</file></xliff>"),
        lambda: rows(".jsonl", f'{{"en": "{text}"}}\n'),
        lambda: rows(".jsonl", text),
        lambda: rows(".tsv", text),
        lambda: _word_vectors(content, folder),
        lambda: training_data(content, folder),
        lambda: _tokenizers()[data[1] % 4].ids([text]) and None,
    ]
    return told(kinds[data[1] % len(kinds)])
