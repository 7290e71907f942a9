"""Cut a model to the languages it is needed for."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError, MissingDependency
from interlingua.languages import standard
from interlingua.outputs import clear
from interlingua.parameters import Json, LocalModel, Output


def trim(
    model: LocalModel,
    /,
    *,
    languages: Annotated[tuple[str, ...], Parameter(consume_multiple=True)],
    output: Output,
    text: Annotated[tuple[Path, ...], Parameter(consume_multiple=True)] = (),
    pairs: Path | None = None,
    layers: int | None = None,
    recovery_steps: int = 500,
    json: Json = False,
) -> None:
    """Cut a model's vocabulary to some languages, and its layers if asked; without --layers, a text whose pieces are
    all kept has a bit-identical embedding.

    Parameters
    ----------
    languages
        The languages that the smaller model must encode: de,fr or de fr. It refuses any other.
    output
        The smaller model's folder.
    text
        Text of the kind that will be encoded, one a line or a table with a column `text`: pieces that occur in it are
        kept, and single characters of the languages' scripts. Without it, all pieces written in these scripts are kept,
        so languages of one script are not told apart.
    pairs
        Parallel text, English and one of the languages, to measure what translation retrieval loses.
    layers
        Keep this many layers, and train them to give the whole model's embeddings of --text again.
    recovery_steps
        Steps of this training.

    """
    wanted = list(dict.fromkeys(standard(code) for given in languages for code in given.split(",") if code))
    if not wanted:
        raise ConfigError("name the languages to keep: --languages de,fr")
    if layers is not None and not text:
        raise ConfigError("fewer layers have to learn the model's embeddings again; give --text")
    clear(output.absolute())
    if output.exists():
        raise ConfigError(f"{output} exists; choose another --output")
    try:
        from interlingua.journeys import trim as trimming
    except ImportError as error:
        raise MissingDependency("trimming", "train") from error
    result = trimming.trim(model, wanted, output, text=text, pairs=pairs, layers=layers, recovery_steps=recovery_steps)
    printing.show(result, trimming.in_words(result), json)
