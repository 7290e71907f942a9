"""Write texts from their embeddings alone, to see what an embedding keeps."""

from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.data.examples import texts as read_texts
from interlingua.errors import ConfigError, MissingDependency
from interlingua.machine import AUTO
from interlingua.parameters import Device, Input, Json

WIDEST = 1000
"""Memory grows with a beam; translations have long stopped changing."""


def translate(
    source: Input,
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    device: Device = AUTO,
    to: str | None = None,
    beam: int = 5,
    json: Json = False,
) -> None:
    """Write texts from their embeddings alone, to see what an embedding keeps.

    Parameters
    ----------
    source
        One text a line, or a table with a column `text`; - reads standard input.
    model
        The folder of a run of `interlingua train laser`.
    to
        The language to write; by default the first the model writes.
    beam
        Partial translations kept at every step; 1 is greedy.

    """
    if not 1 <= beam <= WIDEST:
        raise ConfigError(f"--beam {beam}: from 1 to {WIDEST} hypotheses can be kept")
    translator = _translator(model, device)
    lines = read_texts(source)
    language = to or translator.languages[0]
    translations = translator.translate(lines, language, beam)
    pairs = [{"source": line, "target": text} for line, text in zip(lines, translations, strict=True)]
    printing.show({"language": language, "translations": pairs}, "\n".join(translations), json)


def _translator(model: str, device: str) -> Any:
    try:
        from interlingua.objectives.translation import load
    except ImportError as error:
        raise MissingDependency("decoding", "train") from error
    return load(model, device)
