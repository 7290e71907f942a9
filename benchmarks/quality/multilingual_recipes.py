"""LASER, mUSE, LaBSE and LASER3 trained small on the same parallel text, and judged by translation search beside a
random encoder.

    python benchmarks/quality/multilingual_recipes.py DATA WORK [--models NAME=FOLDER ...] [--only NAME ...]
        [--out FILE.json]

DATA is a folder with train/parallel (en-LANGUAGE.tsv.zst), train/parallel_non_english, train/nli_en, eval/tatoeba; WORK
keeps the training text and the models. LASER, mUSE and LaBSE see the same pairs of English with nine languages, for
about the same CPU time on one thread; all are also asked for pairs of languages that never stood side by side. LASER3
then teaches two languages that its teacher, the static LaBSE of this run, does not know. --models are judged beside
them; the one called me5-small is tuned by LaBSE too, as LaBSE is meant: from a pretrained start. Last, LaBSE's margin
is varied, with three seeds each, on the static model. What is in OUT already is not done again.
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from interlingua import load
from interlingua.evaluation.tasks import tatoeba, xsim
from interlingua.formats import read_rows
from interlingua.types import Embeddings

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, known, write

LANGUAGES = ("de", "es", "fr", "it", "nl", "pt", "ru", "tr", "uk")
LOWER = ("mk", "eo")
"""Languages that no encoder here is trained on before its LASER3 student."""
SOURCES = {"tatoeba", "tatoeba-anki"}
MOST = 40_000
"""Pairs of a language."""
FEW = 8_000
"""Pairs of a language of LASER3's."""
UNSEEN = ("de-fr", "de-ru", "es-it", "ru-uk", "fr-ru")
"""Pairs that never stand side by side in the training text."""
MARGINS = (0.0, 0.1, 0.2, 0.3, 0.5)
HEADER = ("source_language", "source", "target_language", "target")


def rows(file: Path) -> list[dict[str, str]]:
    return [row.columns for row in read_rows(file)]


def prepare(data: Path, work: Path) -> None:
    """Write the training text and the unseen pairs into WORK."""
    work.mkdir(parents=True, exist_ok=True)
    if (work / "unseen").exists():
        return
    lines: list[str] = []
    for language in (*LANGUAGES, *LOWER):
        some = [row for row in rows(data / f"train/parallel/en-{language}.tsv.zst") if row["source"] in SOURCES]
        table = ["\t".join(("en", row["src"], language, row["tgt"])) for row in some]
        if language in LOWER:
            text = "\n".join(["\t".join(HEADER), *table[:FEW]]) + "\n"
            (work / f"{language}.tsv").write_text(text, encoding="utf-8")
        else:
            lines += table[:MOST]
    (work / "pairs.tsv").write_text("\n".join(["\t".join(HEADER), *lines]) + "\n", encoding="utf-8")
    english = dict.fromkeys(line.split("\t")[1] for line in lines)
    (work / "sentences.txt").write_text("\n".join(english) + "\n", encoding="utf-8")
    pairs: dict[str, list[str]] = {name: [] for name in UNSEEN}
    for row in rows(data / "train/parallel_non_english/non_english_pairs.tsv.zst"):
        name = f"{row['src_lang']}-{row['tgt_lang']}"
        if name in pairs and len(pairs[name]) < 1000:
            pairs[name].append(f"{row['src']}\t{row['tgt']}")
    (work / "unseen").mkdir()
    for name, found in pairs.items():
        (work / f"unseen/{name}.tsv").write_text("\n".join([name.replace("-", "\t"), *found]) + "\n", encoding="utf-8")


def plan(data: Path, work: Path, models: dict[str, Path]) -> dict[str, str]:
    """By name: the recipe's arguments, without output."""
    nli, pairs = data / "train/nli_en/ling_in_loop.train.tsv.zst", work / "pairs.tsv"
    shared = "--max-tokens 32 --dev-texts 300 --log-every 100 --precision fp32 --epochs 1000"
    scratch = f"--pairs {pairs} {shared} --learning-rate 1e-3 --vocabulary-size 8000"
    body = "--layers 2 --width 192 --heads 4 --feedforward 512"
    student = (
        f"{shared} --learning-rate 1e-3 --vocabulary-size 4000 {body} --pooling mean --batch-size 64 --max-steps 3000"
    )
    tuned = f"--pairs {pairs} {shared} --learning-rate 2e-5 --batch-size 64 --evaluate-every 150 --max-steps 600"
    static = (
        f"labse --student static --batch-size 256 --evaluate-every 500 --learning-rate 5e-3 --pairs {pairs} {shared} "
        "--vocabulary-size 8000"
    )
    return {
        "laser": "laser --write en es --layers 1 --hidden 192 --decoder 384 --batch-size 64 --evaluate-every 500 "
        f"--max-steps 2500 {scratch}",
        "muse": f"muse --nli {nli} {body} --batch-size 128 --weights 3 1 --evaluate-every 500 --max-steps 2500 "
        f"{scratch}",
        "labse": f"labse --student tiny --batch-size 128 --evaluate-every 500 --max-steps 2500 {scratch}",
        "labse, static": f"{static} --max-steps 4000",
        **{f"labse, {name}": f"labse --student {path} {tuned}" for name, path in models.items() if name == "me5-small"},
        **{
            f"laser3 {code}": f"laser3 --teacher {work / 'labse-static'} --pairs {work}/{code}.tsv {student}"
            for code in LOWER
        },
        **{
            f"labse, margin {margin}, seed {seed}": f"{static} --max-steps 1000 --margin {margin} --seed {seed}"
            for margin in MARGINS
            for seed in (0, 1, 2)
        },
    }


def train(arguments: str, output: Path) -> float:
    """Train one recipe unless its model is there; CPU seconds it took."""
    resume = ["--resume"] if (output / "config.json").exists() else []
    command = ["train", *shlex.split(arguments), "--output", str(output), *resume]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", "from interlingua.cli import main; main()", *command], check=True, env=environment
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def search(encode: Callable[..., Embeddings], data: Path, languages: Sequence[str]) -> dict[str, Any]:
    """Tatoeba accuracy and xsim error by ratio, per language and on average."""
    accuracy = tatoeba.evaluate(encode, data / "eval/tatoeba", languages=tuple(languages))
    errors = xsim.evaluate(encode, data / "eval/tatoeba", languages=tuple(languages))
    return {
        "tatoeba": accuracy.averages[f"all {len(languages)}"],
        "xsim": errors.averages[f"ratio, all {len(languages)}"],
        "tatoeba by language": {row["name"]: row["accuracy"] for row in accuracy.rows},
        "xsim by language": {row["name"]: row["ratio"] for row in errors.rows},
    }


def unseen(encode: Callable[..., Embeddings], work: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in UNSEEN:
        report = tatoeba.evaluate(encode, work / f"unseen/{name}.tsv", source_language=name.split("-")[0])
        found[name] = float(report.rows[0]["accuracy"])
    return found


def between(work: Path, data: Path, encoders: dict[str, Callable[..., Embeddings]]) -> dict[str, Any]:
    """Retrieval between the languages of two students, whose test sentences meet in the same English ones."""
    sides: list[dict[str, str]] = []
    for code in ("mkd", "epo"):
        sides.append({row["eng"]: row[code] for row in rows(data / f"eval/tatoeba/{code}-eng.tsv")})
    for side, language in zip(sides, LOWER, strict=True):
        for row in rows(work / f"{language}.tsv"):
            side.setdefault(row["source"], row["target"])
    shared = sorted(set(sides[0]) & set(sides[1]))[:1000]
    vectors = [
        encoders[language]([side[text] for text in shared], language)
        for side, language in zip(sides, LOWER, strict=True)
    ]
    return {"accuracy": round(tatoeba.retrieval_accuracy(*vectors), 2), "pairs": len(shared)}


def curve(folder: Path) -> list[dict[str, float]]:
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
    kept = ("step", "dev_loss", "translation_accuracy")
    return [{key: record[key] for key in kept if key in record} for record in records if record["kind"] == "dev"]


def untrained(work: Path) -> Callable[..., Embeddings]:
    """The encoder of the LaBSE run before its first step: what the vocabulary and random weights find."""
    import torch

    from interlingua.training.start import start

    torch.manual_seed(0)
    texts = [row[side] for row in rows(work / "pairs.tsv") for side in ("source", "target")]
    return start("static", lambda: texts, vocabulary_size=8000, max_tokens=32).encode


def measure(name: str, work: Path, data: Path, models: dict[str, Path]) -> dict[str, Any]:
    if name == "random" or name in models:
        encode = load(models[name]).encode if name in models else untrained(work)
        return search(encode, data, LANGUAGES) | {"unseen pairs": unseen(encode, work)}
    encode = load(folder(work, name)).encode
    if "margin" in name:
        return {key: value for key, value in search(encode, data, LANGUAGES).items() if "by language" not in key}
    if not name.startswith("laser3"):
        return search(encode, data, LANGUAGES) | {
            "unseen pairs": unseen(encode, work),
            "curve": curve(folder(work, name)),
        }
    teacher, language = load(work / "labse-static").encode, name.split()[1]

    def routed(texts: Sequence[str], code: str = "und") -> Embeddings:
        return encode(texts, code) if code == language else teacher(texts, code)

    both = {"student": search(routed, data, [language]), "zero-shot teacher": search(teacher, data, [language])}
    found = {who: {key: scores[key] for key in ("tatoeba", "xsim")} for who, scores in both.items()} | {
        "pairs": sum(1 for _ in (work / f"{language}.tsv").open(encoding="utf-8")) - 1,
        "curve": curve(folder(work, name)),
    }
    others = {code: folder(work, f"laser3 {code}") for code in LOWER}
    if all((path / "model").exists() for path in others.values()):
        found["between students"] = between(work, data, {code: load(path).encode for code, path in others.items()})
    return found


def folder(work: Path, name: str) -> Path:
    return work / name.replace(", ", "-").replace(" ", "-")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--models", nargs="*", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--out", type=Path, default=RESULTS / "multilingual-recipes.json")
    arguments = parser.parse_args()
    prepare(arguments.data, arguments.work)
    models = {name: Path(path) for name, path in (each.split("=", 1) for each in arguments.models)}
    places = {str(arguments.data): "DATA", str(arguments.work): "WORK"} | {
        str(path): name for name, path in models.items()
    }
    asked = dict.fromkeys(("random", *models), "") | plan(arguments.data, arguments.work, models)
    for name, options in asked.items():
        done = known(arguments.out, recipes={})["recipes"]
        if name in done or (arguments.only and name not in arguments.only):
            continue
        output, cpu = folder(arguments.work, name), 0.0
        finished = output / "cpu-seconds"
        if options and not finished.exists():
            cpu = train(options, output)
            finished.write_text(f"{cpu:.0f}\n", encoding="utf-8")
        text = options
        for path, place in places.items():
            text = text.replace(path, place)
        entry = {"arguments": text, "cpu_minutes": round(float(finished.read_text()) / 60, 1) if options else 0.0}
        entry |= measure(name, arguments.work, arguments.data, models)
        print(name, {key: entry.get(key) for key in ("cpu_minutes", "tatoeba", "xsim")}, file=sys.stderr, flush=True)
        found = known(arguments.out, recipes={})  # other runs may have added to it meanwhile
        found["recipes"][name] = entry
        found["definitions"] = {"tatoeba": tatoeba.DEFINITION, "xsim": xsim.DEFINITION}
        facts = about("quality/multilingual_recipes.py DATA WORK --models NAME=FOLDER ...", threads=1)
        write(arguments.out, found | facts)


if __name__ == "__main__":
    main()
