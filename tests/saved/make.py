"""Write what a version of this package saves: models of every kind, a pack, engines, a stopped run of each kind of
recipe.

    python tests/saved/make.py OUTPUT.zip

Later versions must read it, give the same vectors, and finish the runs as this version did: test_saved.py. Run it with
the version whose files are to be kept; the archive's name says which. Names of this file are those of the version that
it was written for.
"""

import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from interlingua import load, load_cross_encoder, tokenization
from interlingua.encoders import storage, trim
from interlingua.encoders.bodies import bilstm, pretrained, static, transformer
from interlingua.encoders.cross_encoder import with_head
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.engines.export import export
from interlingua.placement import Precision
from interlingua.recipes import labse, laser3, modular_encoders, multilingual_distillation, sbert
from interlingua.training import checkpoint
from interlingua.training.loop import Optimization
from interlingua.training.modular_settings import AlignmentLesson, LanguageLesson, Lesson
from interlingua.training.session import Supervision

ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "nine"]
RUSSIAN = ["один", "два", "три", "четыре", "пять", "шесть", "семь", "девять"]
TEXTS = ["one two", "three four five", "один два", "", "seven", "A text of words that nobody taught: 3.14!"]
STEPS, STOPPED_AFTER = 12, 5
QUICK: dict[str, Any] = {
    "optimization": Optimization(precision=Precision.fp32),
    "supervision": Supervision(log_every=4, evaluate_every=6, checkpoint_seconds=0.0),
}


def data() -> None:
    random = np.random.default_rng(0)
    rows = sorted({tuple(random.integers(0, 8, 3)) for _ in range(200)})
    english, russian = ([" ".join(words[k] for k in row) for row in rows] for words in (ENGLISH, RUSSIAN))
    Path("ru.txt").write_text("\n".join(russian) + "\n", encoding="utf-8")
    lines = [f"{en}\t{ru}" for en, ru in zip(english, russian, strict=True)]
    Path("pairs.tsv").write_text("en\tru\n" + "\n".join(lines) + "\n", encoding="utf-8")
    scored = [f"{one}\t{other}\t{k % 6}" for k, (one, other) in enumerate(pairwise(english))]
    Path("sts.tsv").write_text("sentence1\tsentence2\tscore\n" + "\n".join(scored) + "\n", encoding="utf-8")


def models() -> None:
    texts = Path("pairs.tsv").read_text(encoding="utf-8").replace("\t", "\n").split("\n")
    tokenizer = tokenization.train(texts, 400, max_tokens=16)
    size, pad = tokenizer.vocabulary_size, tokenizer.pad
    torch.manual_seed(1)
    bodies = {
        "static": static.Body(static.Config(width=12), size, pad),
        "bilstm": bilstm.Body(bilstm.Config(embedding=8, hidden=6, layers=2), size, pad),
        "transformer": transformer.Body(transformer.Config(layers=2, width=16, heads=2, feedforward=32, max_positions=16), size, pad),
        "post-norm": transformer.Body(
            transformer.Config(layers=1, width=16, heads=2, feedforward=32, max_positions=16, activation="relu", norm_first=False), size, pad
        ),
        "pretrained": pretrained.Body(
            pretrained.Config(
                settings={
                    "model_type": "bert", "vocab_size": size, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
                    "intermediate_size": 32, "max_position_embeddings": 16, "hidden_act": "gelu", "pad_token_id": pad,
                },
                layers=(1, -1),
            )
        ),
    }  # fmt: skip
    for name, body in bodies.items():
        projection = torch.nn.Linear(body.width, 10) if name in ("transformer", "bilstm") else None
        pooling = Pooling.max if name == "bilstm" else Pooling.mean
        encoder = Encoder(
            tokenizer=tokenizer,
            body=body,
            pooling=pooling,
            projection=projection,
            normalize=name != "static",
            prompt="one ",
        )
        storage.save(encoder.eval(), Path("models") / name)
    base = storage.load(Path("models/transformer"))
    keep = trim.pieces_of_texts(base.tokenizer, [base.prompt + text for text in ENGLISH], ["en"])
    storage.save(trim.trim(base, keep, ["en"]), Path("models/trimmed"))
    judge = storage.load(Path("models/transformer"))
    storage.save(with_head(judge, ("no", "yes")), Path("models/cross-encoder"))
    for name, precision in (("static", "int8"), ("transformer", "int8"), ("transformer", "fp32"), ("bilstm", "fp32")):
        export(storage.load(Path("models") / name), Path("engines") / f"{name}-{precision}", precision)


class Stopped(Exception):
    """The run was stopped."""


def stop_and_finish(name: str, run: Callable[[Any], Any], config: Any) -> None:
    """The run as a kill after some steps leaves it, in runs/NAME, and what became of a copy that went on, in
    finished/NAME."""
    whole = checkpoint.save

    def save(state: Any, progress: Any, file: Path) -> None:
        whole(state, progress, file)
        if state.step == STOPPED_AFTER:
            raise Stopped

    checkpoint.save = save
    try:
        run(config)
    except Stopped:
        pass
    else:
        raise AssertionError(f"{name} was not stopped")
    finally:
        checkpoint.save = whole
    kept = Path("kept") / name
    shutil.copytree(config.output, kept)
    run(type(config)(**{**vars(config), "resume": True}))
    shutil.copytree(config.output / "model", Path("finished") / name)
    shutil.rmtree(config.output)
    shutil.copytree(kept, config.output)
    shutil.rmtree(kept)


def runs() -> None:
    pairs, output = (Path("pairs.tsv"),), Path("runs")
    short: dict[str, Any] = {"max_steps": STEPS, "batch_size": 16, "max_tokens": 16, "epochs": 100.0}
    common: dict[str, Any] = {**QUICK, **short, "dev_texts": 12, "learning_rate": 1e-3}
    transformer_ = "models/transformer"
    stop_and_finish(
        "multilingual-distillation", multilingual_distillation.run,
        multilingual_distillation.Config(teacher="models/static", student=transformer_, pairs=pairs, output=output / "multilingual-distillation", **common),
    )  # fmt: skip
    stop_and_finish(
        "labse", labse.run, labse.Config(student=transformer_, pairs=pairs, output=output / "labse", **common)
    )
    stop_and_finish(
        "sbert",
        sbert.run,
        sbert.Config(student=transformer_, sts=(Path("sts.tsv"),), output=output / "sbert", sts_epochs=100.0, **common),
    )
    laser = laser3.Config(
        teacher="models/static",
        pairs=pairs,
        output=output / "laser3",
        layers=1,
        width=12,
        heads=2,
        feedforward=16,
        vocabulary_size=400,
        **common,
    )
    stop_and_finish("laser3", laser3.run, laser)
    stage: dict[str, Any] = {"learning_rate": 1e-3, "max_steps": STEPS, "batch_size": 16, "max_tokens": 16}
    modular = modular_encoders.Config(
        base=transformer_, language="ru", output=output / "modular-encoders", texts=(Path("ru.txt"),), pairs=pairs, vocabulary_size=400,
        language_rank=2, sentence_rank=2, alignment_width=4, dev_texts=12, language_lesson=LanguageLesson(**stage),
        sentence_lesson=Lesson(**stage), alignment_lesson=AlignmentLesson(**stage), **QUICK,
    )  # fmt: skip
    stop_and_finish("modular-encoders", modular_encoders.run, modular)


def expected() -> None:
    """The vectors that every model, engine and finished run gives."""
    vectors: dict[str, np.ndarray] = {}
    for folder in sorted(
        path.parent for path in Path().rglob("e*.json") if path.name in ("encoder.json", "engine.json")
    ):
        if folder.parts[0] == "runs":
            continue
        if folder.name == "cross-encoder":
            vectors[str(folder)] = load_cross_encoder(folder).outputs([(TEXTS[0], TEXTS[1]), (TEXTS[1], TEXTS[0])])
            continue
        languages = (
            ("en",) if folder.name == "trimmed" else ("ru", "en") if folder.name == "modular-encoders" else ("und",)
        )
        for language in languages:
            texts = TEXTS[:2] if folder.name == "trimmed" else TEXTS
            vectors[f"{folder}:{language}"] = load(folder).encode(texts, language)
    np.savez("vectors.npz", **vectors)  # pyright: ignore[reportArgumentType]
    Path("texts.json").write_text(json.dumps(TEXTS, ensure_ascii=False) + "\n", encoding="utf-8")


def main(archive: Path) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for part in (data, models, runs, expected):
            part()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in sorted(path for path in Path().rglob("*") if path.is_file()):
                packed.write(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
