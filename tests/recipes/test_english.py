"""The recipes that learn from English alone, small: each trains, keeps its best model, resumes to the same bits,
refuses what it cannot use."""

import json
import signal
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from interlingua import load, load_cross_encoder, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, DataError, ModelFormatError
from interlingua.interchange.word_vectors import Weights
from interlingua.objectives.classification import Feature
from interlingua.placement import Precision
from interlingua.recipes import (
    averaging,
    compact,
    cross_encoder,
    english_nli_transfer,
    infersent,
    masked_language,
    sbert,
    simcse,
)
from interlingua.training.loop import Optimization, WithDropout
from interlingua.training.session import Supervision

NOUNS = ["dog", "cat", "man", "girl", "horse", "bird", "boy", "woman"]
VERBS = ["sees", "bites", "likes", "hears", "feeds"]
LABELS = ["contradiction", "entailment", "neutral"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nli.tsv, triplets.tsv, sts.tsv, dev.tsv, sentences.txt, vectors.txt and a small encoder in
    start/."""
    folder = tmp_path_factory.mktemp("english")
    random = np.random.default_rng(0)

    def sentence() -> str:
        return f"the {random.choice(NOUNS)} {random.choice(VERBS)} the {random.choice(NOUNS)}"

    rows = [(f"{sentence()} {k}", sentence(), sentence()) for k in range(90)]
    write(
        folder / "nli.tsv",
        [
            "premise\thypothesis\tlabel",
            *(f"{a}\t{['no', 'yes', 'maybe'][k % 3]} {b}\t{LABELS[k % 3]}" for k, (a, b, _) in enumerate(rows)),
        ],
    )
    write(folder / "triplets.tsv", ["anchor\tpositive\tnegative", *(f"{a}\tyes , {a}\t{c}" for a, _, c in rows)])
    for name in ("sts", "dev"):
        write(
            folder / f"{name}.tsv",
            [
                "sentence1\tsentence2\tscore",
                *(f"{a}\t{b if k % 2 else a}\t{5 - 4 * (k % 2)}" for k, (a, b, _) in enumerate(rows)),
            ],
        )
    write(folder / "sentences.txt", [text for row in rows for text in row])
    write(
        folder / "vectors.txt",
        [f"{word} {' '.join(f'{x:.4f}' for x in random.normal(size=6))}" for word in ["the", *NOUNS, *VERBS]],
    )
    torch.manual_seed(0)
    tokenizer = tokenization.train([text for row in rows for text in row], 400, 32)
    body = transformer.Body(
        transformer.Config(layers=4, width=16, heads=2, feedforward=32), tokenizer.vocabulary_size, tokenizer.pad
    )
    storage.save(Encoder(tokenizer=tokenizer, body=body), folder / "start")
    return folder


def write(file: Path, lines: list[str]) -> None:
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


QUICK: dict[str, Any] = {
    "optimization": Optimization(precision=Precision.fp32),
    "supervision": Supervision(log_every=4, evaluate_every=8),
    "max_steps": 20,
    "dev_texts": 10,
    "learning_rate": 3e-3,
    "batch_size": 8,
    "epochs": 50.0,
}
JUDGED = {name: value for name, value in QUICK.items() if name != "dev_texts"}
"""With --dev-sts nothing is held out."""
DROPOUT = WithDropout(precision=Precision.fp32)

CONFIGS: dict[str, tuple[Any, Callable[[Path, Path], Any]]] = {
    "sbert-nli": (sbert, lambda d, o: sbert.Config(output=o, student=str(d / "start"), nli=(d / "nli.tsv",), **QUICK)),
    "sbert-all": (
        sbert,
        lambda d, o: sbert.Config(
            output=o, student="small", vocabulary_size=400, nli=(d / "nli.tsv",), triplets=(d / "triplets.tsv",), sts=(d / "sts.tsv",),
            dev_sts=d / "dev.tsv", **JUDGED,
        ),
    ),
    "cross-encoder-nli": (cross_encoder, lambda d, o: cross_encoder.Config(output=o, start=str(d / "start"), nli=(d / "nli.tsv",), **QUICK)),
    "cross-encoder-sts": (
        cross_encoder,
        lambda d, o: cross_encoder.Config(output=o, start=str(d / "start"), sts=(d / "sts.tsv",), dev_sts=d / "dev.tsv", **JUDGED),
    ),
    "cross-encoder-ranking": (
        cross_encoder,
        lambda d, o: cross_encoder.Config(output=o, start=str(d / "start"), ranking=(d / "triplets.tsv",), **QUICK),
    ),
    "simcse-texts": (
        simcse,
        lambda d, o: simcse.Config(output=o, student=str(d / "start"), texts=(d / "sentences.txt",), masked_language=0.1, **QUICK | {"optimization": DROPOUT}),
    ),
    "simcse-pairs": (simcse, lambda d, o: simcse.Config(output=o, student=str(d / "start"), pairs=(d / "triplets.tsv",), **QUICK | {"optimization": replace(DROPOUT, dropout=False)})),
    "masked-language": (
        masked_language,
        lambda d, o: masked_language.Config(output=o, start=str(d / "start"), texts=(d / "sentences.txt",), **QUICK | {"optimization": DROPOUT}),
    ),
    "infersent": (
        infersent,
        lambda d, o: infersent.Config(
            output=o, vectors=d / "vectors.txt", nli=(d / "nli.tsv",), hidden=12, classifier=8,
            **QUICK | {"learning_rate": 0.3, "optimization": replace(infersent.Config.__dataclass_fields__["optimization"].default_factory(), precision=Precision.fp32)},
        ),
    ),
    "compact": (
        compact,
        lambda d, o: compact.Config(output=o, teacher=str(d / "start"), layers=2, width=8, texts=(d / "sentences.txt",), **QUICK),
    ),
}  # fmt: skip


def losses(folder: Path, kind: str = "dev") -> list[float]:
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [record["dev_loss" if kind == "dev" else "loss"] for record in records if record["kind"] == kind]


@pytest.mark.parametrize("name", CONFIGS)
def test_learns(data: Path, tmp_path: Path, name: str) -> None:
    recipe, make = CONFIGS[name]
    outcome = recipe.run(replace(make(data, tmp_path / "run"), max_steps=40))
    folder = {"sbert-nli": "nli", "sbert-all": "sts"}.get(name, ".")
    dev, train = losses(tmp_path / "run" / folder), losses(tmp_path / "run" / folder, "train")
    assert outcome.best_loss == min(dev)
    assert name == "sbert-all" or sum(train[-5:]) < sum(
        train[:5]
    )  # whose two sentences are the same or not, as the words already say
    assert outcome.best["dev_loss"] == outcome.best_loss
    if name.startswith("cross-encoder"):
        model = load_cross_encoder(tmp_path / "run")
        assert model.probabilities([("the dog bites", "the cat")]).shape == (1, 3 if name.endswith("nli") else 1)
        with pytest.raises(ModelFormatError, match="a cross-encoder, which judges pairs"):
            load(tmp_path / "run")
    else:
        assert np.isfinite(load(tmp_path / "run").encode(["the dog bites the man"])).all()


@pytest.mark.parametrize("name", ["sbert-all", "cross-encoder-ranking", "simcse-pairs"])
def test_interrupted_and_continued_is_as_never_interrupted(
    data: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind an evaluation, and in the middle of a stage; every recipe's resumption is tested in tests/contracts."""
    from interlingua.training import session

    recipe, make = CONFIGS[name]
    recipe.run(make(data, tmp_path / "whole"))
    loop_steps = session.steps

    def stopping(*arguments, **options):
        for step in loop_steps(*arguments, **options):
            if step.number == 11:
                signal.raise_signal(signal.SIGINT)
            yield step

    monkeypatch.setattr(session, "steps", stopping)
    with pytest.raises(KeyboardInterrupt):
        recipe.run(make(data, tmp_path / "parts"))
    monkeypatch.setattr(session, "steps", loop_steps)
    recipe.run(replace(make(data, tmp_path / "parts"), resume=True))
    whole, parts = ((tmp_path / part / "model" / "weights.safetensors").read_bytes() for part in ("whole", "parts"))
    assert whole == parts


@pytest.mark.slow
def test_classes_are_learned(data: Path, tmp_path: Path) -> None:
    _, make = CONFIGS["cross-encoder-nli"]
    outcome = cross_encoder.run(replace(make(data, tmp_path / "teacher"), max_steps=100))
    assert outcome.best["accuracy"] > 50  # three classes, of which one repeats the premise
    student = replace(make(data, tmp_path / "student"), teacher=str(tmp_path / "teacher"), alpha=0.5, max_steps=60)
    assert cross_encoder.run(student).best_loss < losses(tmp_path / "student")[0]
    with pytest.raises(ConfigError, match="the teacher knows the classes"):
        (tmp_path / "two.tsv").write_text(
            "premise\thypothesis\tlabel\n" + "".join(f"{k}\t{k}\t{k % 2}\n" for k in range(50))
        )
        cross_encoder.run(replace(student, output=tmp_path / "other", nli=(tmp_path / "two.tsv",)))


@pytest.mark.slow
def test_a_cross_encoder_learns_on(data: Path, tmp_path: Path) -> None:
    """Inference first, then similarity: the body goes on with a new output; on the same classes the outputs go on,
    too."""
    _, nli = CONFIGS["cross-encoder-nli"]
    _, sts = CONFIGS["cross-encoder-sts"]
    cross_encoder.run(replace(nli(data, tmp_path / "first"), max_steps=80))
    cross_encoder.run(replace(sts(data, tmp_path / "second"), start=str(tmp_path / "first")))
    assert load_cross_encoder(tmp_path / "second").labels == ("score",)
    cross_encoder.run(replace(nli(data, tmp_path / "again"), start=str(tmp_path / "first"), max_steps=10))
    assert losses(tmp_path / "again")[0] < losses(tmp_path / "first")[0]
    with pytest.raises(ModelFormatError, match="a cross-encoder, which judges pairs"):
        sbert.run(replace(CONFIGS["sbert-nli"][1](data, tmp_path / "no"), student=str(tmp_path / "first")))


def test_reranking_puts_the_best_first(data: Path, tmp_path: Path) -> None:
    _, make = CONFIGS["cross-encoder-sts"]
    cross_encoder.run(make(data, tmp_path / "run"))
    model = load_cross_encoder(tmp_path / "run")
    texts = ["the cat sees the dog", "the bird", "the man likes the horse"]
    order, scores = model.rerank("the cat sees the dog", texts)
    assert list(scores) == sorted(scores, reverse=True)
    assert np.allclose(scores, model.scores([("the cat sees the dog", texts[k]) for k in order]), atol=1e-5)


@pytest.mark.parametrize("features", [(Feature.difference,), tuple(Feature)])
def test_the_ablation_s_features(data: Path, tmp_path: Path, features: tuple[Feature, ...]) -> None:
    _, make = CONFIGS["sbert-nli"]
    sbert.run(replace(make(data, tmp_path / "run"), features=features, max_steps=8))
    assert json.loads((tmp_path / "run" / "config.json").read_text())["config"]["features"] == list(features)


def test_averages_do_not_see_word_order(data: Path, tmp_path: Path) -> None:
    one, other = "the dog bites the man", "the man bites the dog"
    for weights in Weights:
        averaging.run(
            averaging.Config(
                output=tmp_path / weights,
                vectors=data / "vectors.txt",
                weights=weights,
                texts=() if weights == Weights.plain else (data / "sentences.txt",),
            )
        )
        u, v, w = load(tmp_path / weights).encode([one, other, "the cat likes the bird"])
        assert np.allclose(u, v, atol=1e-6)
        assert not np.allclose(u, w, atol=1e-2)
    trained = load(data / "start").encode([one, other])
    assert not np.allclose(trained[0], trained[1], atol=1e-6)


def test_sif_is_its_algorithm(data: Path, tmp_path: Path) -> None:
    averaging.run(
        averaging.Config(
            output=tmp_path / "sif", vectors=data / "vectors.txt", weights=Weights.sif, texts=(data / "sentences.txt",)
        )
    )
    texts = (data / "sentences.txt").read_text().splitlines()
    vectors = {
        word: np.array(numbers, float)
        for word, *numbers in (line.split() for line in (data / "vectors.txt").read_text().splitlines())
    }
    words = [text.split() for text in texts]
    everything = [word for row in words for word in row]
    share = {word: everything.count(word) / len(everything) for word in vectors}
    found = np.array(
        [sum(1e-3 / (1e-3 + share[w]) * vectors[w] for w in row if w in vectors) / len(row) for row in words]
    )
    direction = np.linalg.svd(found, full_matrices=False)[2][0]
    expected = found - np.outer(found @ direction, direction)
    assert np.allclose(load(tmp_path / "sif").encode(texts), expected, atol=1e-6)


def test_what_averaging_refuses(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="either --vectors or --model"):
        averaging.Config(output=tmp_path / "x")
    with pytest.raises(ConfigError, match="use --pooling cls"):
        averaging.Config(output=tmp_path / "x", model="m", pooler=True, pooling=Pooling.mean)
    with pytest.raises(ConfigError, match="sif weights need --texts"):
        averaging.run(averaging.Config(output=tmp_path / "x", vectors=data / "vectors.txt", weights=Weights.sif))
    (tmp_path / "bad.txt").write_text("dog 0.1 0.2\ncat 0.1 x\n")
    with pytest.raises(DataError, match=r"bad.txt:2: a word and its numbers"):
        averaging.run(averaging.Config(output=tmp_path / "x", vectors=tmp_path / "bad.txt"))
    (tmp_path / "ragged.txt").write_text("dog 0.1 0.2\ncat 0.1\n")
    with pytest.raises(DataError, match=r"ragged.txt:2: 1 finite numbers"):
        averaging.run(averaging.Config(output=tmp_path / "x", vectors=tmp_path / "ragged.txt"))
    assert not (tmp_path / "x").exists()


def test_compact_keeps_the_first_and_the_last_layer(data: Path, tmp_path: Path) -> None:
    _, make = CONFIGS["compact"]
    compact.run(make(data, tmp_path / "run"))
    small = load(tmp_path / "run")
    assert (small.body.config.layers, small.width) == (2, 8)
    with pytest.raises(ConfigError, match="this body has 4 layers; keep 1 to 4"):
        compact.run(replace(make(data, tmp_path / "other"), layers=5))


def test_the_instructive_failure_writes_its_table(data: Path, tmp_path: Path) -> None:
    for language in ("en", "de"):
        (tmp_path / f"{language}.test.tsv").write_bytes((data / "dev.tsv").read_bytes())
    config = english_nli_transfer.Config(
        output=tmp_path / "run", student=str(data / "start"), nli=(data / "nli.tsv",), evaluate=tmp_path, **QUICK
    )
    english_nli_transfer.run(config)
    table = json.loads((tmp_path / "run" / "transfer.json").read_text())["models"]
    assert table.keys() == {"start", "tuned on English"}
    assert table["start"].keys() == {"monolingual", "cross-lingual"}


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda d, o: sbert.run(sbert.Config(output=o)), "nothing to learn from"),
        (
            lambda d, o: sbert.run(sbert.Config(output=o, sts=(d / "sts.tsv",), highest_score=1.0)),
            "score 5 .* not between 0 and 1",
        ),
        (lambda d, o: cross_encoder.Config(output=o), "give one of --nli"),
        (lambda d, o: cross_encoder.Config(output=o, sts=(d / "sts.tsv",), teacher="x"), "--teacher goes with --nli"),
        (lambda d, o: simcse.Config(output=o, student="x"), "either --texts"),
        (
            lambda d, o: simcse.Config(
                output=o, student="x", texts=(d / "s.txt",), optimization=WithDropout(dropout=False)
            ),
            "without dropout",
        ),
        (lambda d, o: masked_language.Config(output=o, texts=(), share=1.5), "share of hidden tokens"),
        (lambda d, o: sbert.Config(output=o, batch_size=0), "batch size"),
    ],
)
def test_options_that_do_not_fit(data: Path, tmp_path: Path, make: Callable[[Path, Path], Any], problem: str) -> None:
    with pytest.raises((ConfigError, DataError), match=problem):
        make(data, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_learning_rate_falls_where_validation_says_so(data: Path, tmp_path: Path) -> None:
    _, make = CONFIGS["infersent"]
    plan = make(data, tmp_path / "run")
    outcome = infersent.run(replace(plan, learning_rate=2e-5, max_steps=None, epochs=400.0))
    records = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    dev = [record["dev_loss"] for record in records if record["kind"] == "dev"]
    rates = sorted({record["learning_rate"] for record in records if record["kind"] == "train"}, reverse=True)
    assert outcome.stopped_early
    assert len(rates) <= len(dev)
    assert rates[0] == 2e-5
    assert rates[-1] >= 1e-5
    assert all(later / earlier == pytest.approx(0.99, rel=1e-9) for earlier, later in pairwise(rates))


def test_padding_is_never_read(data: Path, tmp_path: Path) -> None:
    _, make = CONFIGS["infersent"]
    infersent.run(make(data, tmp_path / "run"))
    encoder = load(tmp_path / "run")
    texts = ["the dog", "the man likes the horse and the bird sees the girl", "", "unseen words"]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    tokens = encoder.tokens(texts, ["en"] * 4)
    with torch.no_grad():
        together = encoder(tokens).numpy()
    assert np.allclose(alone, together, atol=1e-6)
    assert np.allclose(alone[2], 0)
