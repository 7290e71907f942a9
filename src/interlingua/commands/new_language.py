"""Teach a model a language: checks of the text, vocabulary, adaptation, alignment, and a report."""

from pathlib import Path

from interlingua import printing
from interlingua.errors import ConfigError, MissingDependency
from interlingua.languages import same, standard
from interlingua.machine import AUTO
from interlingua.outputs import write_whole
from interlingua.parameters import Device, Flag, Json, Output
from interlingua.progress import log


def new_language(
    *,
    language: str,
    text: tuple[Path, ...],
    pairs: tuple[Path, ...],
    base: str,
    output: Output,
    paraphrases: tuple[Path, ...] = (),
    test: tuple[Path, ...] = (),
    pivot: str = "en",
    held_out: int = 500,
    curve: tuple[float, ...] = (0.25, 0.5),
    vocabulary_size: int | None = None,
    max_steps: int | None = None,
    any_script: Flag = False,
    device: Device = AUTO,
    seed: int = 0,
    json: Json = False,
) -> None:
    """Teach a model a language: checks of the text, vocabulary, adaptation, alignment, and a report.

    Leaves run/model/ (the model with the language), run/pack/ (the language alone), report.html and report.json in the
    output folder. After Ctrl-C the same command continues.

    Parameters
    ----------
    language
        The language to teach, as BCP-47 or ISO 639 code.
    text
        Plain text in it, a sentence a line.
    pairs
        Parallel text of the pivot language and the language.
    base
        The model to teach: any with a transformer body. Its other languages stay as they are, bit for bit.
    output
        Folder of the run and the report.
    paraphrases
        Pairs of sentences in the language that say the same, if there are any.
    test
        Further parallel text (files, or folders such as Tatoeba's), only for measuring.
    pivot
        The language with whose embeddings the new one is aligned.
    held_out
        How many pivot texts to set aside, with their translations, to measure on; at most a fifth of the pairs.
    curve
        Shares of the pairs from which the alignment is learned again, for the learning curve and its forecast; 0 for
        none.
    vocabulary_size
        Pieces of the language's own vocabulary, which needs all stages; 0 keeps the base's vocabulary and goes directly
        to the alignment. By default this depends on the amount of text and on how well the base reads it.
    max_steps
        The most steps of a stage, for a first try.
    any_script
        Continue even if most of the text is in another script than the language is usually written in.
    seed
        Seed of the initial weights and the batches.

    """
    if held_out < 10 or not all(0 <= share < 1 for share in curve):
        raise ConfigError("--held-out must be at least 10, and shares of --curve from 0 to below 1")
    if same(language, pivot):
        raise ConfigError(f"{language} is the pivot itself; --language names another")
    try:
        from interlingua.journeys.new_language import job, report
    except ImportError as error:
        raise MissingDependency("teaching a language", "train") from error
    settings = job.Settings(
        language=standard(language), text=text, pairs=pairs, base=base, output=output, pivot=standard(pivot),
        paraphrases=paraphrases,
        test=test, held_out=held_out, curve=curve, vocabulary_size=vocabulary_size, max_steps=max_steps,
        any_script=any_script, device=device, seed=seed,
    )  # fmt: skip
    result = job.run(settings)
    with write_whole(output / "report.json") as temporary:
        temporary.write_text(printing.dumps(result), encoding="utf-8")
    report.write(result, output / "report.html")
    printing.show(result, report.text(result), json)
    log(f"\nleft in {output}: run/model/, run/pack/, report.html, report.json")
