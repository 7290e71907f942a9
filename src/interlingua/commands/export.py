"""Turn a model into an engine that encodes without torch."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError, MissingDependency
from interlingua.loading import load


def export(model: str, /, *, output: Annotated[Path, Parameter(alias="-o")], json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """Turn a model into an engine that encodes without torch, checked against the model's own vectors now and at every load.

    Parameters
    ----------
    model
        A folder, package:NAME[/SUBFOLDER], or a Hugging Face name.
    output
        The engine's folder.
    json
        Print JSON.

    """
    if output.exists() and not (output / "engine.json").exists():
        raise ConfigError(f"{output} exists and is no engine; choose another --output")
    encoder = load(model)
    try:
        import onnxscript  # noqa: F401  # pyright: ignore[reportUnusedImport]

        from interlingua.encoders.encoder import Encoder
        from interlingua.engines.export import export as write
    except ImportError as error:
        raise MissingDependency("exporting", "train") from error
    if not isinstance(encoder, Encoder):
        raise ConfigError(f"{model} is an engine already, or a server")
    difference = write(encoder, output)
    megabytes = sum(path.stat().st_size for path in output.iterdir()) / 1e6
    result = {"output": str(output), "megabytes": round(megabytes, 1), "largest_difference": difference, **encoder.describe()}
    printing.show(result, f"{output}: {megabytes:.1f} MB, vectors equal to the model's within {difference:.1e}", json)
