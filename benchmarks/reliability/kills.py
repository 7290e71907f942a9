"""SIGKILL at random moments of every command that writes: is the output absent, the old one or the whole new one, does
the same command finish the work, and is nothing left lying about?

Half of the kills come at a random time, half at a random operation on files (just before it is done). Every second kill
meets an older output. Each run is a process of its own, forked from this one, which has imported what they need.

    python benchmarks/reliability/kills.py [--kills 20] [--only "encode npy" ...]
"""

import argparse
import contextlib
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
os.environ |= {"TOKENIZERS_PARALLELISM": "false", "OMP_NUM_THREADS": "1"}  # no threads before a fork

from reliability.record import RESULT, record

from interlingua import cli, tokenization

WORDS = ("red", "old", "tall", "small"), ("house", "tree", "lamp", "river", "table"), ("here", "there", "outside")
SENTENCES = [f"the {a} {b} stands {c} {n}" for n in range(4) for a in WORDS[0] for b in WORDS[1] for c in WORDS[2]]
TRAINING = "--vocabulary-size 400 --batch-size 8 --dev-texts 8 --max-steps 12 --checkpoint-seconds 0 --precision fp32"
SHARD = 32
"""Texts that are encoded and kept together here, so that there is something to continue."""
CHANGING = {"report.json", "metrics.jsonl", "curves.svg", "config.json", "checkpoint.pt", ".lock", "teacher"}
"""Files of a folder in which times are written down, or that are no part of what is asked for."""
FILES = {
    "encode npy": "encode a.txt --model model --output out.npy",
    "encode parquet": "encode a.txt --model model --output out.parquet",
    "mine": "mine a.txt b.txt --model model --output out.tsv",
    "align": "align short.txt short.txt --model model --output out.tsv",
    "clean": "clean pairs.tsv --without-model --output out.tsv --rejected rejected.tsv",
    "negatives": "negatives pairs.tsv --model model --output out.tsv --ranks 1 9 --margin 0",
    "score": "score pairs.tsv --model model --output out.tsv",
    "tm convert tmx": "tm convert pairs.tsv -o out.tmx",
    "tm convert moses": "tm convert pairs.tsv -o out",
    "tm lookup": "tm lookup short.txt --memory pairs.tsv --model model --cache kept --output out.parquet",
    "evaluate": "evaluate sts sts.tsv --model model --output out.json --plot out.svg",
    "export": "export model --precision fp32 --output out",
    "trim": "trim model --languages en --text short.txt --output out",
    "packs add": "packs add base pack --output out",
    "train": f"train labse --student static --pairs pairs.tsv --output out --resume {TRAINING}",
}
PROMISE = "outputs are whole after SIGKILL, and the same command finishes the work"
NEW_ONLY = {"trim", "train"}
"""Commands that replace nothing."""


def prepare(folder: Path) -> None:
    """Texts, a small model, and one with a language pack."""
    import torch

    from interlingua.encoders import storage
    from interlingua.encoders.bodies import static, transformer
    from interlingua.encoders.encoder import Encoder
    from interlingua.encoders.modular import body as modular
    from interlingua.encoders.modular import packs

    def write(name: str, rows: list[str]) -> None:
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")

    folder.mkdir()
    write("a.txt", SENTENCES)
    write("b.txt", [text[::-1] for text in SENTENCES])
    write("short.txt", SENTENCES[:40])
    write("pairs.tsv", ["en\tde", *(f"{text}\t{text[::-1]}" for text in SENTENCES)])
    scored = (f"{n % 5}\t{text}\t{SENTENCES[-n]}" for n, text in enumerate(SENTENCES))
    write("sts.tsv", ["score\tsentence1\tsentence2", *scored])
    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = tokenization.train(SENTENCES, 400)
    small = transformer.Config(layers=1, width=16, heads=2, feedforward=32)
    bodies = {
        "model": static.Body(static.Config(width=16), tokenizer.vocabulary_size, tokenizer.pad),
        "base": transformer.Body(small, tokenizer.vocabulary_size, tokenizer.pad),
    }
    for name, body in bodies.items():
        storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True).eval(), folder / name)
    whole = packs.modular_from(storage.load(folder / "base"))
    packs.add(whole, modular.Pack("de", pivot="en"))
    packs.save(whole.body.packs["de"], folder / "pack", packs.fingerprint(packs.shared(whole)))


def made(folder: Path) -> None:
    """`prepare` in a process of its own: threads that it starts are no hindrance to later forks."""
    child = os.fork()
    if child == 0:
        prepare(folder)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit("the material could not be made")


def preload() -> None:
    """Import what commands import, so that a fork finds it."""
    for name in (
        "onnx",
        "onnxruntime",
        "pyarrow.parquet",
        "faiss",
        "scipy.stats",
        "matplotlib.figure",
        "sentencepiece",
        "torch._dynamo",  # which torch.optim imports, in many seconds, when the first optimizer is made
    ):
        importlib.import_module(name)
    for room in ("recipes.labse", "training.fit", "journeys.trim", "export.export", "mining.job", "encoding.streaming"):
        importlib.import_module(f"interlingua.{room}")
    for room in ("align", "clean", "encode", "export", "mine", "negatives", "packs", "score", "tm", "trim", "train"):
        importlib.import_module(f"interlingua.commands.{room}")


@dataclass
class Run:
    """How a command went in a process of its own."""

    code: int
    """Its exit code; -9 where it was killed."""
    seconds: float
    operations: int


def run(line: str, folder: Path, counted: Path, after: float | None = None, at: int | None = None) -> Run:
    """Run a command in `folder`; kill it `after` so many seconds, or `at` its so-manieth operation on files."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            _work(line, folder, counted, at)
        os._exit(70)  # a bug, whose traceback is in the file of messages
    if after is not None:
        time.sleep(after)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    seconds = time.monotonic() - began
    operations = int(counted.read_text(encoding="utf-8") or 0) if counted.exists() and not status else 0
    return Run(os.waitstatus_to_exitcode(status), seconds, operations)


def _work(line: str, folder: Path, counted: Path, at: int | None) -> None:
    os.chdir(folder)
    messages = os.open(counted.with_suffix(".txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(messages, 1)
    os.dup2(messages, 2)
    _small_shards()
    done = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal done
        name = str(arguments[0]) if arguments else ""
        if event in (
            "open",
            "os.rename",
            "os.mkdir",
            "os.remove",
            "os.rmdir",
            "os.chmod",
            "os.truncate",
            "os.link",
        ) and (not name.startswith("/") or name.startswith(str(folder))):
            done += 1
            if done == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    code = cli.run(line.split())
    sys.stderr.flush()
    counted.write_text(str(done), encoding="utf-8")
    os._exit(code)


def _small_shards() -> None:
    from interlingua.encoding import streaming
    from interlingua.mining import neighbourhood, store

    assert streaming.to_npy.__kwdefaults__ is not None
    streaming.to_npy.__kwdefaults__["shard"] = SHARD
    for module in (store, neighbourhood):
        vars(module)["SHARD"] = SHARD
    neighbourhood.LARGEST, neighbourhood.SMALLEST = 2 * SHARD, SHARD


def outputs(folder: Path, given: set[str]) -> dict[str, str]:
    """The digest of each output by its name: of a folder, over the files in it that are what was asked for. What is
    hidden is none of it: litter.
    """
    found: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        if path.name in given or path.name == "kept" or path.name.startswith("."):
            continue
        if (path / "metrics.jsonl").exists() or (path / "config.json").exists():  # of a run of training, the weights
            path = path / "model" / "weights.safetensors"
            if not path.exists():
                continue
        files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
        files = [file for file in files if file.name not in CHANGING and not _is_hidden(file.relative_to(folder))]
        if files:
            content = "".join(f"{file.relative_to(path)} {_digest(file)}\n" for file in files)
            found[path.relative_to(folder).parts[0]] = hashlib.sha256(content.encode()).hexdigest()
    return found


def _is_hidden(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts)


def _digest(file: Path) -> str:
    content = file.read_bytes()
    with contextlib.suppress(ValueError):
        if file.suffix == ".json" and "command" in (result := json.loads(content)):  # which holds the time of day
            content = json.dumps(result["rows"]).encode()
    return hashlib.sha256(content).hexdigest()


def names(folder: Path, given: set[str]) -> set[str]:
    """Of all files that were made and are not hidden."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(file) for file in files if file.parts[0] not in given and not _is_hidden(file)}


def litter(folder: Path, given: set[str]) -> list[str]:
    """What is hidden in the folder, or in an output, other than the lock of a run of training."""
    found = (path for path in folder.rglob(".*") if path.relative_to(folder).parts[0] not in given)
    return [str(path.relative_to(folder)) for path in found if path.name != ".lock"]


def attempts(name: str, kills: int, material: Path, scratch: Path) -> dict[str, Any]:
    """Kill one command so often, and count what was found."""
    line, given, counted = FILES[name], {path.name for path in material.iterdir()}, scratch / "count"

    def fresh() -> Path:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        for path in material.iterdir():
            (folder / path.name).symlink_to(path)
        return folder

    whole = fresh()
    run(line, whole, counted)  # what is read for the first time is slow
    shutil.rmtree(whole)
    whole = fresh()
    undisturbed = run(line, whole, counted)
    if undisturbed.code:
        raise SystemExit(f"{line}: exit code {undisturbed.code}\n{counted.with_suffix('.txt').read_text()}")
    wanted, everything = outputs(whole, given), names(whole, given)
    assert wanted, name
    dice = random.Random(f"{name} {kills}")
    state = ""
    found = dict.fromkeys(
        ("tried", "killed", "absent", "old", "earlier", "new", "damaged", "not finished", "different", "littered"), 0
    )
    for number in range(kills):
        folder = fresh()
        before = _older(whole, folder, given) if number % 4 > 1 and name not in NEW_ONLY else {}
        moment: dict[str, Any] = (
            {"after": dice.uniform(0, undisturbed.seconds)}
            if number % 2
            else {"at": dice.randint(1, undisturbed.operations)}
        )
        killed = run(line, folder, counted, **moment)
        found["tried"] += 1
        found["killed"] += killed.code == -signal.SIGKILL
        after = outputs(folder, given)
        for one, digest in wanted.items():
            state = "absent" if one not in after else "new" if after[one] == digest else "damaged"
            state = "old" if one in after and after[one] == before.get(one) else state
            if state == "damaged" and name == "train":  # perhaps the best model so far
                best = run(f"encode short.txt --model {one}/model --output {scratch}/best.npy", folder, counted)
                state = "earlier" if best.code == 0 else state
            found[state] += 1
        again = run(line, folder, counted)
        same = outputs(folder, given) == wanted and names(folder, given) == everything
        found["not finished"] += again.code != 0 and not same  # trim refuses to replace what it has finished
        found["different"] += again.code == 0 and not same
        found["littered"] += bool(litter(folder, given))
        if litter(folder, given) or not same or state == "damaged":
            said = counted.with_suffix(".txt").read_text(encoding="utf-8", errors="replace")[-2000:]
            print(f"{name}: {moment} {before and 'over an older output'}: {again} {litter(folder, given)}\n{said}")
        shutil.rmtree(folder)
    shutil.rmtree(whole)
    print(name, found, flush=True)
    return found


def _older(whole: Path, folder: Path, given: set[str]) -> dict[str, str]:
    """Put other outputs where the new ones will be."""
    for path in whole.iterdir():
        if path.name in given or path.name in ("kept",):
            continue
        if path.is_dir():
            shutil.copytree(path, folder / path.name)
            (folder / path.name / "older").write_text("older", encoding="utf-8")
        else:
            (folder / path.name).write_text("older\n", encoding="utf-8")
    return outputs(folder, given)


def known(result: Path) -> dict[str, dict[str, int]]:
    """What was counted of commands before."""
    promises = json.loads(result.read_text(encoding="utf-8"))["promises"] if result.exists() else {}
    return promises.get(PROMISE, {}).get("commands", {})


def main() -> None:
    """Kill every command, and record what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--only", nargs="*", default=list(FILES), choices=list(FILES))
    parser.add_argument("--result", type=Path, default=RESULT)
    asked = parser.parse_args()
    preload()
    with tempfile.TemporaryDirectory(prefix="interlingua-kills-") as name:
        scratch = Path(name)
        made(scratch / "material")
        counts = known(asked.result) if len(asked.only) < len(FILES) else {}
        counts |= {one: attempts(one, asked.kills, scratch / "material", scratch) for one in asked.only}
    lost = ("damaged", "not finished", "different", "littered")
    total = {key: sum(count[key] for count in counts.values()) for key in next(iter(counts.values()))}
    record(
        PROMISE,
        f"reliability/kills.py --kills {asked.kills}",
        asked.result,
        tried=total["tried"],
        lost=sum(total[key] for key in lost),
        found=total,
        commands=counts,
    )
    print(total)
    if any(total[key] for key in lost):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
