"""A model cut to the languages it is needed for, perhaps with fewer layers, and what that changed."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from interlingua.data.examples import texts as read_texts
from interlingua.data.parallel import parallel
from interlingua.encoders import storage
from interlingua.encoders import trim as trimming
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
from interlingua.languages import same
from interlingua.progress import log
from interlingua.recipes.compact import Config, run
from interlingua.training.start import trainable
from interlingua.types import Example
from interlingua.vectors import unit

LOOKED_AT = 2000
"""Texts, and pairs, on which quality is compared."""
ROUNDING = 1e-6
"""Vectors are identical up to this: texts that are cut otherwise change their batch mates' shapes, and these the
last bits."""
UNSEEN = 20
"""Every so-manieth text is held out to say how much of unseen text is covered."""


def trim(
    model: str,
    languages: Sequence[str],
    output: Path,
    *,
    text: tuple[Path, ...] = (),
    pairs: Path | None = None,
    layers: int | None = None,
    recovery_steps: int = 500,
) -> dict[str, Any]:
    """Write the smaller model to `output` and return what changed: sizes, coverage, and how its embeddings compare.

    Raises ConfigError or DataError where input or options are unusable.
    """
    encoder = trainable(model)
    texts = list(dict.fromkeys(line for path in text for line in read_texts(path) if line))
    if text and not texts:
        raise DataError("there is no text in this file", text[0])
    looked_at = _pairs(pairs, languages) if pairs else []
    prompted = [encoder.prompt + line for line in texts]
    keep = (
        trimming.pieces_of_texts(encoder.tokenizer, prompted, languages)
        if texts
        else trimming.pieces_of_scripts(encoder.tokenizer, languages)
    )
    smaller = trimming.trim(encoder, keep, languages)
    result: dict[str, Any] = {"output": str(output), "languages": languages, "pieces": _sizes(encoder, smaller)}
    if texts:
        seen = [line for number, line in enumerate(prompted) if number % UNSEEN]
        known = trimming.pieces_of_texts(encoder.tokenizer, seen, languages)
        result["coverage_of_unseen_text"] = _coverage(encoder.tokenizer.ids(prompted[::UNSEEN]), known)
    if layers is not None:
        smaller = _recovered(smaller, output, layers, text, len(texts), recovery_steps)
    storage.save(smaller, output)
    result["megabytes"] = {
        "before": _megabytes(encoder),
        "after": round((output / "weights.safetensors").stat().st_size / 1e6, 1),
    }
    result |= _quality(
        encoder, smaller, [*texts[:LOOKED_AT], *(text for example in looked_at for text in example.texts)], looked_at
    )
    return result


def _pairs(file: Path, languages: Sequence[str]) -> list[Example]:
    examples = [example for example in parallel(file) if any(same(example.languages[1], code) for code in languages)][
        :LOOKED_AT
    ]
    if not examples:
        raise DataError(f"no pairs of {', '.join(languages)}", file)
    return examples


def _sizes(encoder: Encoder, smaller: Encoder) -> dict[str, int]:
    return {"before": encoder.body.word_embeddings.num_embeddings, "after": smaller.body.word_embeddings.num_embeddings}


def _megabytes(encoder: Encoder) -> float:
    return round(sum(tensor.numel() * tensor.element_size() for tensor in encoder.state_dict().values()) / 1e6, 1)


def _coverage(ids: Sequence[Any], known: set[int]) -> float:
    """The share of texts all of whose pieces are known, in per cent."""
    return round(100 * sum(all(int(number) in known for number in row) for row in ids) / max(1, len(ids)), 2)


def _recovered(smaller: Encoder, output: Path, layers: int, text: tuple[Path, ...], count: int, steps: int) -> Encoder:
    """The encoder with fewer layers, after learning the vectors it had; the run stays beside `output`."""
    from interlingua.encoders import storage
    from interlingua.training.start import trainable

    folder = output.with_name(output.name + "-recovery")
    if folder.exists():
        raise ConfigError(
            f"{folder} is there already: the training run of an earlier recovery, if you made no other; remove it, or "
            "choose another --output"
        )
    with TemporaryDirectory(prefix="interlingua-") as temporary:
        start = Path(temporary) / "start"
        storage.save(smaller, start)
        held_out = max(1, min(500, count // 10))
        run(
            Config(
                teacher=str(start),
                layers=layers,
                texts=text,
                output=folder,
                max_steps=steps,
                epochs=1000.0,
                dev_texts=held_out,
            )
        )
    log(f"the recovery's run is in {folder}")
    return trainable(str(folder / "model"))


def _quality(encoder: Encoder, smaller: Encoder, texts: Sequence[str], pairs: Sequence[Example]) -> dict[str, Any]:
    """How the smaller model's vectors compare, and what it does to translation retrieval."""
    figures: dict[str, Any] = {}
    some = list(dict.fromkeys(texts))
    if some:
        before, after = encoder.encode(some), smaller.encode(some)
        figures["texts_compared"] = len(some)
        figures["identical_vectors"] = round(100 * float((np.abs(before - after).max(axis=1) < ROUNDING).mean()), 2)
        figures["mean_cosine"] = round(float((unit(before) * unit(after)).sum(axis=1).mean()), 6)
    if pairs:
        sides = [[example.texts[side] for example in pairs] for side in (0, 1)]
        scores = {
            name: round(retrieval_accuracy(*(np.ascontiguousarray(unit(one.encode(side))) for side in sides)), 2)
            for name, one in (("before", encoder), ("after", smaller))
        }
        figures["translation_retrieval"] = scores
    return figures


def in_words(result: dict[str, Any]) -> str:
    size, pieces = result["megabytes"], result["pieces"]
    lines = [
        f"{result['output']}: {size['before']} MB -> {size['after']} MB, {pieces['before']:,} pieces -> "
        f"{pieces['after']:,}"
    ]
    if "coverage_of_unseen_text" in result:
        lines.append(f"{result['coverage_of_unseen_text']} % of unseen texts like these are covered piece by piece")
    if "identical_vectors" in result:
        lines.append(
            f"{result['identical_vectors']} % of {result['texts_compared']:,} texts have the same vectors; "
            f"mean cosine {result['mean_cosine']:.4f}"
        )
    if "translation_retrieval" in result:
        scores = result["translation_retrieval"]
        lines.append(f"translation retrieval {scores['before']} % -> {scores['after']} %")
    return "\n".join(lines)
