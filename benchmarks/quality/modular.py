"""Modular against monolithic multilingual encoders, from the same start, data and number of steps (Huang et al. 2025,
tables 1 and 2).

    python benchmarks/quality/modular.py DATA WORK --base MODEL [--languages de ru] [--seeds 0] [--pairs 4000]
        [--steps 100 60 100] [--rows base full-m ...] [--new-language kab] [--out benchmarks/results/modular.json]

DATA is a folder with train/parallel, train/paraphrase, train/mono, eval/stsb_multi, eval/tatoeba and
eval/xlmt_sentiment. Rows: base; full-m (the whole base learns paraphrases of every language, and English); full-mc (and
cross-lingual paraphrases and translations); modular; modular without language adaptation (and so the base's
vocabulary); modular without the alignment adapter; alignment alone; modular-2024. As many texts go through the body of
a monolith as through all stages of all languages together. Sentiment is measured for the first seed. What is in OUT
already is not done again; an interrupted run continues.
"""

import argparse
import shlex
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from modular_training import STAGES, modular, monolith, prepare, rows_of, table

from interlingua import load
from interlingua.encoders import storage
from interlingua.encoders.modular import packs
from interlingua.encoding.cache import remembering
from interlingua.evaluation.tasks import classification, language_bias, rsim, sts, tatoeba, xsim
from interlingua.languages import standard

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, in_turns, known, medians, timed, write

ROWS = ("base", "full-m", "full-mc", *STAGES)
SENTIMENT = {
    "ar": "arabic", "de": "german", "en": "english", "es": "spanish", "fr": "french", "hi": "hindi", "it": "italian",
    "pt": "portuguese",
}  # fmt: skip


def measure(args: argparse.Namespace, model: Any, sentiment: bool) -> dict[str, float]:
    """The figures of a row: means over the languages."""
    folder, texts = args.work / "sts", args.sts_rows
    folder.mkdir(exist_ok=True)
    for language in ("en", *args.languages):
        test = args.data / f"eval/stsb_multi/{language}.test.tsv"
        lines = test.read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / f"{language}.test.tsv").write_text("".join(lines[: texts + 1]), encoding="utf-8")
    encode = remembering(model.encode)
    found = sts.evaluate(encode, folder).averages
    pairs, languages, every = args.data / "eval/tatoeba", tuple(args.languages), f"all {len(args.languages)}"
    figures = {f"sts, {name}": value for name, value in found.items()}
    figures["tatoeba accuracy"] = tatoeba.evaluate(encode, pairs, languages=languages).averages[every]
    figures["xsim error"] = xsim.evaluate(encode, pairs, languages=languages).averages[f"ratio, {every}"]
    figures["rsim"] = rsim.evaluate(encode, pairs, languages=languages, texts=500).averages[every]
    bias = language_bias.evaluate(encode, folder).averages
    figures |= {name: value for name, value in bias.items() if "within" not in name}
    accuracies = [
        _sentiment(args, encode, language) for language in args.languages if language in SENTIMENT and sentiment
    ]
    return figures | ({"sentiment accuracy": round(statistics.fmean(accuracies), 2)} if accuracies else {})


def _sentiment(args: argparse.Namespace, encode: Callable[..., Any], language: str) -> float:
    folder = args.work / f"sentiment-{language}"
    folder.mkdir(exist_ok=True)
    for file in (args.data / "eval/xlmt_sentiment").glob(f"{SENTIMENT[language]}.*"):
        shutil.copyfile(file, folder / file.name.removeprefix(f"{SENTIMENT[language]}."))

    own = language

    def in_language(texts: Sequence[str], language: str = own) -> Any:
        return encode(texts, own)

    return next(iter(classification.evaluate(in_language, folder).averages.values()))


def speed(args: argparse.Namespace, made: dict[str, dict[str, Path]]) -> dict[str, float]:
    """Seconds to encode the same texts by the base and through a pack's adapters over the base's vocabulary, in
    turn."""
    language = next(iter(made))
    texts = made[language]["texts"].read_text(encoding="utf-8").splitlines()[:256]
    whole, base = packs.modular_from(load(args.base)), load(args.base)  # type: ignore[arg-type]
    found = packs.modular_from(
        storage.load(args.work / f"modular-no-language-adaptation-{args.seeds[0]}" / language / "model")
    )
    ways = {"base": (base, "en"), "through a pack": (found, language), "without a pack": (whole, "en")}
    runs = in_turns(
        {name: partial(timed, partial(model.encode, texts, code)) for name, (model, code) in ways.items()}, 7
    )
    seconds = {name: medians(each)["wall"] for name, each in runs.items()}
    base = seconds.pop("base")
    return {"base seconds": round(base, 3)} | {
        f"{name}, ratio": round(each / base, 3) for name, each in seconds.items()
    }


def new_language(args: argparse.Namespace) -> dict[str, Any]:
    """A language from poor to useful by the one command, on all its pairs."""
    from interlingua.journeys.new_language import job

    rows = rows_of(args.data / f"train/parallel/en-{args.new_language}.tsv.zst")
    folder = args.work / "new-language" / args.new_language
    pairs = table(folder / "pairs.tsv", ("en", args.new_language), sorted({(row["src"], row["tgt"]) for row in rows}))
    text = folder / "mono.txt"
    text.write_text("\n".join(sorted({row["tgt"] for row in rows})) + "\n", encoding="utf-8")
    tests = (args.data / "eval/tatoeba").glob("*-eng.tsv")
    three = next(file for file in tests if standard(file.name[:3]) == standard(args.new_language))
    order = job.Settings(
        language=args.new_language, text=(text,), pairs=(pairs,), base=args.base, output=folder / "out", pivot="en",
        paraphrases=(), test=(three,), held_out=500, curve=(0.25, 0.5), vocabulary_size=None,
        max_steps=args.new_language_steps, any_script=False, seed=args.seeds[0],
    )  # fmt: skip
    result = job.run(order)
    return {
        key: result[key]
        for key in ("language", "resources", "vocabulary", "quality", "curve", "forecast", "stages", "pack", "seed")
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--languages", nargs="+", default=["de", "ru"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--steps", nargs=3, type=int, default=[100, 60, 100], help="language, sentence, alignment")
    parser.add_argument("--vocabulary", type=int, default=8000)
    parser.add_argument("--full-rate", type=float, default=3e-5)
    parser.add_argument("--sts-rows", type=int, default=1379)
    parser.add_argument("--sentiment", action="store_true")
    parser.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS))
    parser.add_argument("--new-language")
    parser.add_argument("--new-language-steps", type=int)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS / "modular.json")
    args = parser.parse_args()
    result = known(args.out, figures={})
    made = {language: prepare(args.data, args.work, language, args.pairs) for language in args.languages}
    base, steps = args.base.rsplit("/", 1)[-1], " ".join(map(str, args.steps))
    setting = f"{base}, {' '.join(args.languages)}, {args.pairs} pairs, steps {steps}"
    figures = result["figures"].setdefault(setting, {})

    def keep() -> None:
        names = {
            str(args.data): "DATA",
            str(args.work): "WORK",
            args.base: Path(args.base).name,
            sys.argv[0]: "benchmarks/quality/modular.py",
            str(args.out): "OUT",
        }
        command = shlex.join(["python", *(names.get(word, word) for word in sys.argv)])
        result["commands"] = sorted({*result.get("commands", []), command})
        facts = about("quality/modular.py")
        write(args.out, result | {key: facts[key] for key in ("versions", "machine")})

    for seed in args.seeds:
        for row in args.rows:
            if str(seed) in figures.get(row, {}):
                continue
            make = monolith if row.startswith("full") else modular
            made_by: dict[str, Any] = {"model": load(args.base)} if row == "base" else make(args, made, row, seed)
            measured = measure(args, made_by.pop("model"), args.sentiment and seed == 0)
            figures.setdefault(row, {})[str(seed)] = measured | {"about": made_by}
            keep()
    if args.speed:
        result["speed"] = speed(args, made)
        keep()
    if args.new_language:
        result.setdefault("new language", {})[f"{args.new_language}, {base}"] = new_language(args)
        keep()


if __name__ == "__main__":
    main()
