"""Cut a model to the languages it is needed for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.data.examples import parallel
from interlingua.data.examples import texts as read_texts
from interlingua.errors import ConfigError, DataError, MissingDependency
from interlingua.languages import standard
from interlingua.progress import log
from interlingua.types import Example

LOOKED_AT = 2000
"""Texts, and pairs, on which quality is compared."""
ROUNDING = 1e-6
"""Vectors are identical up to this: texts that are cut otherwise change their batch mates' shapes, and these the
last bits."""
UNSEEN = 20
"""Every so-manieth text is held out to say how much of unseen text is covered."""


def trim(
    model: str,
    /,
    *,
    languages: Annotated[tuple[str, ...], Parameter(consume_multiple=True)],
    output: Annotated[Path, Parameter(alias="-o")],
    text: Annotated[tuple[Path, ...], Parameter(consume_multiple=True)] = (),
    pairs: Path | None = None,
    layers: int | None = None,
    recovery_steps: int = 500,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Cut a model's vocabulary to some languages, and its layers if asked; without --layers, vectors of covered texts
    keep every bit.

    Parameters
    ----------
    model
        A folder, package:NAME[/SUBFOLDER], or a Hugging Face name.
    languages
        What the smaller model shall encode: de,fr or de fr. Asked for another, it refuses.
    output
        The smaller model's folder.
    text
        Text of the kind that will be encoded, one a line or a table with a column `text`: pieces that occur in it are
        kept, and single characters of the languages' scripts. Without it, all pieces written in these scripts are kept,
        so languages of one script are not told apart.
    pairs
        Parallel text, English and one of the languages, to say what translation retrieval loses.
    layers
        Keep this many layers, and let them learn the whole model's vectors of --text again.
    recovery_steps
        Steps of this learning.
    json
        Print JSON.

    """
    wanted = list(dict.fromkeys(standard(code) for given in languages for code in given.split(",") if code))
    if not wanted:
        raise ConfigError("name the languages to keep: --languages de,fr")
    if layers is not None and not text:
        raise ConfigError("fewer layers have to learn the model's vectors again; give --text")
    if output.exists():
        raise ConfigError(f"{output} exists; choose another --output")
    try:
        from interlingua.encoders import storage
        from interlingua.encoders import trim as trimming
        from interlingua.training.start import trainable
    except ImportError as error:
        raise MissingDependency("trimming", "train") from error
    encoder = trainable(model)
    texts = list(dict.fromkeys(line for path in text for line in read_texts(path) if line))
    if text and not texts:
        raise DataError("there is no text in this file", text[0])
    looked_at = _pairs(pairs, wanted) if pairs else []
    prompted = [encoder.prompt + line for line in texts]
    keep = (
        trimming.pieces_of_texts(encoder.tokenizer, prompted, wanted)
        if texts
        else trimming.pieces_of_scripts(encoder.tokenizer, wanted)
    )
    smaller = trimming.trim(encoder, keep, wanted)
    result: dict[str, Any] = {"output": str(output), "languages": wanted, "pieces": _sizes(encoder, smaller)}
    if texts:
        seen = [line for number, line in enumerate(prompted) if number % UNSEEN]
        known = trimming.pieces_of_texts(encoder.tokenizer, seen, wanted)
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
    printing.show(result, _in_words(result), json)


def _pairs(file: Path, wanted: Sequence[str]) -> list[Example]:
    from interlingua.languages import same

    found = [example for example in parallel(file) if any(same(example.languages[1], code) for code in wanted)][
        :LOOKED_AT
    ]
    if not found:
        raise DataError(f"no pairs of {', '.join(wanted)}", file)
    return found


def _sizes(encoder: Any, smaller: Any) -> dict[str, int]:
    return {"before": encoder.body.word_embeddings.num_embeddings, "after": smaller.body.word_embeddings.num_embeddings}


def _megabytes(encoder: Any) -> float:
    return round(sum(tensor.numel() * tensor.element_size() for tensor in encoder.state_dict().values()) / 1e6, 1)


def _coverage(ids: Sequence[Any], known: set[int]) -> float:
    """The share of texts all of whose pieces are known, in per cent."""
    return round(100 * sum(all(int(number) in known for number in row) for row in ids) / max(1, len(ids)), 2)


def _recovered(smaller: Any, output: Path, layers: int, text: tuple[Path, ...], count: int, steps: int) -> Any:
    """The encoder with fewer layers, after learning the vectors it had; the run stays beside `output`."""
    from tempfile import TemporaryDirectory

    from interlingua.encoders import storage
    from interlingua.recipes.compact import Config, run
    from interlingua.training.start import trainable

    folder = output.with_name(output.name + "-recovery")
    if folder.exists():
        raise ConfigError(f"{folder} is in the way of the recovery; choose another --output")
    with TemporaryDirectory(dir=output.parent) as temporary:
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


def _quality(encoder: Any, smaller: Any, texts: Sequence[str], pairs: Sequence[Example]) -> dict[str, Any]:
    """How the smaller model's vectors compare, and what it does to translation retrieval."""
    import numpy as np

    from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
    from interlingua.vectors import unit

    found: dict[str, Any] = {}
    some = list(dict.fromkeys(texts))
    if some:
        before, after = encoder.encode(some), smaller.encode(some)
        found["texts_compared"] = len(some)
        found["identical_vectors"] = round(100 * float((np.abs(before - after).max(axis=1) < ROUNDING).mean()), 2)
        found["mean_cosine"] = round(float((unit(before) * unit(after)).sum(axis=1).mean()), 6)
    if pairs:
        sides = [[example.texts[side] for example in pairs] for side in (0, 1)]
        scores = {
            name: round(retrieval_accuracy(*(np.ascontiguousarray(unit(one.encode(side))) for side in sides)), 2)
            for name, one in (("before", encoder), ("after", smaller))
        }
        found["translation_retrieval"] = scores
    return found


def _in_words(result: dict[str, Any]) -> str:
    size, pieces = result["megabytes"], result["pieces"]
    lines = [
        f"{result['output']}: {size['before']} MB -> {size['after']} MB, {pieces['before']:,} pieces -> {pieces['after']:,}"
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
