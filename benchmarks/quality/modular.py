"""Modular against monolithic multilingual encoders, from the same start, data and number of steps (Huang et al. 2025,
tables 1 and 2).

    python benchmarks/quality/modular.py DATA WORK --base MODEL [--languages de ru] [--seeds 0] [--pairs
        4000] [--steps 100 60
    100]
                                 [--rows base full-m ...] [--new-language kab] [--out benchmarks/results/modular.json]

DATA is a folder with train/parallel, train/paraphrase, train/mono, eval/stsb_multi, eval/tatoeba and
eval/xlmt_sentiment. Rows: base; full-m (the whole base learns paraphrases of every language, and English); full-mc (and
cross-lingual paraphrases and translations); modular; modular without language adaptation (and so the base's
vocabulary); modular without the alignment adapter; alignment alone; modular-2024. As many texts go through the body of
a monolith as through all stages of all languages together. Sentiment is measured for the first seed. What is in OUT
already is not done again; an interrupted run continues.
"""

import argparse
import io
import json
import shlex
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zstandard

from interlingua import load, printing
from interlingua.data.paraphrases import across, sharing_a_translation
from interlingua.encoders import storage
from interlingua.encoders.modular import packs
from interlingua.encoding.cache import remembering
from interlingua.evaluation.tasks import classification, language_bias, rsim, sts, tatoeba, xsim
from interlingua.files import write_whole
from interlingua.languages import standard
from interlingua.recipes import modular_encoders, simcse
from interlingua.recipes.modular_encoders.settings import (
    AlignmentStageOptions,
    Form,
    LanguageStageOptions,
    Stage,
    StageOptions,
)
from interlingua.training.loop import Optimization
from interlingua.training.session import Supervision

STAGES = {
    "modular": tuple(Stage),
    "modular, no alignment": tuple(Stage),  # the same run, measured before its last stage
    "modular, no language adaptation": (Stage.sentence, Stage.alignment),
    "modular, alignment alone": (Stage.alignment,),
    "modular-2024": tuple(Stage),
}
"""Without the language stage, the base's vocabulary stays."""
ROWS = ("base", "full-m", "full-mc", *STAGES)
SENTIMENT = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "hi": "hindi",
    "it": "italian",
    "pt": "portuguese",
}
NATURAL = ("tatoeba", "tatoeba-anki", "multi30k", "wmt", "lafand-mt", "tico19-dev", "wikipedia", "tanaka-enja")
Texts = tuple[str, str]


def rows_of(file: Path) -> list[list[str]]:
    with file.open("rb") as stream:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(stream), encoding="utf-8")
        return [line.rstrip("\n").split("\t") for line in text][1:]


def write(file: Path, header: Sequence[str], rows: Sequence[Texts]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(file) as temporary:
        temporary.write_text("".join("\t".join(row) + "\n" for row in [tuple(header), *rows]), encoding="utf-8")
    return file


def prepare(data: Path, work: Path, language: str, count: int) -> dict[str, Path]:
    """Pairs, plain text and paraphrases of a language, and the monoliths' view of them."""
    folder, random = work / "data" / language, np.random.default_rng(0)
    rows = [
        row
        for row in rows_of(data / f"train/parallel/en-{language}.tsv.zst")
        if row[4] in NATURAL and len(row[1]) < 150
    ]
    found = sorted({(row[1], row[3]) for row in rows})
    kept = [found[row] for row in sorted(random.permutation(len(found))[:count])]
    texts = [found[row][1] for row in sorted(random.permutation(len(found))[: 4 * count])]
    file = data / f"train/paraphrase/tatoeba_pivot.{language}.tsv.zst"
    given = [(row[0], row[1]) for row in rows_of(file)][:count] if file.exists() else []
    same, english = sharing_a_translation(kept)
    cross = across(kept, english, [*same, *given])
    (folder / "mono.txt").parent.mkdir(parents=True, exist_ok=True)
    (folder / "mono.txt").write_text("\n".join(sorted(set(texts))) + "\n", encoding="utf-8")
    made = {"texts": folder / "mono.txt", "pairs": write(folder / "pairs.tsv", ("en", language), kept)}
    if given:
        made["paraphrases"] = write(folder / "paraphrases.tsv", ("sentence1", "sentence2"), given)
    alone = sorted({*same, *given}) or [(text, text) for text in texts]  # a sentence under two dropout masks
    made["full-m"] = write(folder / "alone.tsv", ("anchor", "positive"), alone)
    made["full-mc"] = write(folder / "across.tsv", ("anchor", "positive"), sorted({*cross, *kept}))
    return made


def monolith(args: argparse.Namespace, made: dict[str, dict[str, Path]], row: str, seed: int) -> dict[str, Any]:
    """The whole base learns by contrast; every batch mixes the languages."""
    english = [(one, other) for one, other, *_ in rows_of(args.data / "train/paraphrase/tatoeba_pivot.en.tsv.zst")][
        : args.pairs
    ]
    files = [
        write(args.work / "data/en/alone.tsv", ("anchor", "positive"), english),
        *(each["full-m"] for each in made.values()),
    ]
    files += [each["full-mc"] for each in made.values()] if row == "full-mc" else []
    folder = args.work / f"{row}-{seed}"
    language, sentence, alignment = args.steps  # a text each, two texts each, a text each
    steps = round((language + 2 * sentence + alignment) / 2) * len(args.languages)
    config = simcse.Config(
        student=args.base, pairs=tuple(files), head=False, output=folder, seed=seed,
        resume=(folder / "config.json").exists(), epochs=1e3,
        max_steps=steps, learning_rate=args.full_rate, batch_size=64, max_tokens=64, dev_texts=200,
        optimization=Optimization(dropout=True), supervision=Supervision(evaluate_every=max(1, steps // 4)),
    )  # fmt: skip
    outcome = simcse.run(config)
    return {"model": load(folder), "seconds": {"all": outcome.seconds}, "steps": outcome.steps}


def modular(args: argparse.Namespace, made: dict[str, dict[str, Path]], row: str, seed: int) -> dict[str, Any]:
    """Each language by itself from the base; then all packs over one body."""
    whole = packs.modular_from(load(args.base))  # type: ignore[arg-type]
    form = Form.full if row == "modular-2024" else Form.adapters
    stages = STAGES[row]
    about: dict[str, Any] = {"model": whole, "seconds": {}, "megabytes": {}, "identical": True}
    for language, files in made.items():
        name = {"modular": "modular", "modular, no alignment": "modular"}.get(
            row, row.replace(", ", "-").replace(" ", "-")
        )
        folder = args.work / f"{name}-{seed}" / language
        rates = (3e-4, 3e-4, 1e-3) if form == Form.adapters else (5e-5, args.full_rate, 1e-3)
        long: dict[str, Any] = {"epochs": 1e3}
        language_stage = LanguageStageOptions(learning_rate=rates[0], max_steps=args.steps[0], **long)
        sentence_stage = StageOptions(learning_rate=rates[1], max_steps=args.steps[1], **long)
        alignment_stage = AlignmentStageOptions(learning_rate=rates[2], max_steps=args.steps[2], **long)
        modular_encoders.run(
            modular_encoders.Config(
                base=args.base, language=language, output=folder, texts=(files["texts"],), pairs=(files["pairs"],),
                seed=seed,
                paraphrases=(files["paraphrases"],) if "paraphrases" in files else (), stages=stages, form=form,
                vocabulary_size=args.vocabulary if Stage.language in stages else 0, dev_texts=200,
                language_stage=language_stage,
                sentence_stage=sentence_stage, alignment_stage=alignment_stage,
                resume=(folder / "config.json").exists(),
                supervision=Supervision(evaluate_every=max(1, max(args.steps) // 2)),
            )
        )  # fmt: skip
        last = Stage.sentence if row.endswith("alignment") else Stage.alignment
        pack = folder / last / "model" / packs.FOLDER / standard(language)
        before = {each: whole.encode(["1 + 1 = 2", "Berlin"], each) for each in ("en", *about["megabytes"])}
        packs.add(whole, packs.load(pack, whole, packs.fingerprint(packs.shared(whole))))
        about["identical"] &= all(
            np.array_equal(vectors, whole.encode(["1 + 1 = 2", "Berlin"], each)) for each, vectors in before.items()
        )
        about["megabytes"][language] = packs.summary(pack).megabytes
        about["seconds"][language] = {
            str(stage): round(json.loads((folder / stage / "outcome.json").read_text())["seconds"], 1)
            for stage in stages
        }
    return about


def measure(args: argparse.Namespace, model: Any, sentiment: bool) -> dict[str, float]:
    """The figures of a row: means over the languages."""
    folder, texts = args.work / "sts", args.sts_rows
    folder.mkdir(exist_ok=True)
    for language in ("en", *args.languages):
        lines = (
            (args.data / f"eval/stsb_multi/{language}.test.tsv").read_text(encoding="utf-8").splitlines(keepends=True)
        )
        (folder / f"{language}.test.tsv").write_text("".join(lines[: texts + 1]), encoding="utf-8")
    encode = remembering(model.encode)
    found = sts.evaluate(encode, folder).averages
    pairs = args.data / "eval/tatoeba"
    figures = {f"sts, {name}": value for name, value in found.items()}
    figures["tatoeba accuracy"] = tatoeba.evaluate(encode, pairs, languages=tuple(args.languages)).averages[
        f"all {len(args.languages)}"
    ]
    figures["xsim error"] = xsim.evaluate(encode, pairs, languages=tuple(args.languages)).averages[
        f"ratio, all {len(args.languages)}"
    ]
    figures["rsim"] = rsim.evaluate(encode, pairs, languages=tuple(args.languages), texts=500).averages[
        f"all {len(args.languages)}"
    ]
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
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(7):
        for name, (model, code) in ways.items():
            began = time.perf_counter()
            model.encode(texts, code)
            times[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(each) for name, each in times.items()}
    ratios = {f"{name}, ratio": round(medians[name] / medians["base"], 3) for name in ways if name != "base"}
    return {"base seconds": round(medians["base"], 3), **ratios}


def new_language(args: argparse.Namespace) -> dict[str, Any]:
    """A language from poor to useful by the one command, on all its pairs."""
    from interlingua.journeys.new_language import job

    rows = rows_of(args.data / f"train/parallel/en-{args.new_language}.tsv.zst")
    folder = args.work / "new-language" / args.new_language
    pairs = write(folder / "pairs.tsv", ("en", args.new_language), sorted({(row[1], row[3]) for row in rows}))
    text = folder / "mono.txt"
    text.write_text("\n".join(sorted({row[3] for row in rows})) + "\n", encoding="utf-8")
    three = next(
        file
        for file in (args.data / "eval/tatoeba").glob("*-eng.tsv")
        if standard(file.name[:3]) == standard(args.new_language)
    )
    order = job.Settings(
        language=args.new_language, text=(text,), pairs=(pairs,), base=args.base, output=folder / "out", pivot="en",
        paraphrases=(),
        test=(three,), held_out=500, curve=(0.25, 0.5), vocabulary_size=None, max_steps=args.new_language_steps,
        any_script=False,
        seed=args.seeds[0],
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
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/modular.json"))
    args = parser.parse_args()
    result: dict[str, Any] = json.loads(args.out.read_text()) if args.out.exists() else {"figures": {}}
    made = {language: prepare(args.data, args.work, language, args.pairs) for language in args.languages}
    setting = (
        f"{args.base.rsplit('/', 1)[-1]}, {' '.join(args.languages)}, {args.pairs} pairs, steps "
        f"{' '.join(map(str, args.steps))}"
    )
    figures = result["figures"].setdefault(setting, {})

    def keep() -> None:
        names = {
            str(args.data): "DATA",
            str(args.work): "WORK",
            args.base: Path(args.base).name,
            sys.argv[0]: "benchmarks/quality/modular.py",
            str(args.out): "OUT",
        }
        command = " ".join(["python", *(shlex.quote(names.get(word, word)) for word in sys.argv)])
        result["commands"] = sorted({*result.get("commands", []), command})
        result.update(
            versions=printing.versions(), machine="2 cores of a shared machine, 1 thread, other work beside it"
        )
        with write_whole(args.out) as temporary:
            temporary.write_text(printing.dumps(result), encoding="utf-8")

    for seed in args.seeds:
        for row in args.rows:
            if str(seed) in figures.get(row, {}):
                continue
            make = monolith if row.startswith("full") else modular
            about: dict[str, Any] = {"model": load(args.base)} if row == "base" else make(args, made, row, seed)
            figures.setdefault(row, {})[str(seed)] = measure(args, about.pop("model"), args.sentiment and seed == 0) | {
                "about": about
            }
            keep()
    if args.speed:
        result["speed"] = speed(args, made)
        keep()
    if args.new_language:
        result.setdefault("new language", {})[f"{args.new_language}, {args.base.rsplit('/', 1)[-1]}"] = new_language(
            args
        )
        keep()


if __name__ == "__main__":
    main()
