"""Turn a model into an engine that encodes without torch."""

from pathlib import Path
from typing import Any, Literal

from interlingua import printing
from interlingua.errors import ConfigError, MissingDependency
from interlingua.loading import load
from interlingua.outputs import write_whole
from interlingua.parameters import Json, LocalModel, Output


def export(
    model: LocalModel,
    /,
    *,
    output: Output,
    precision: Literal["auto", "fp32", "bf16", "int8"] = "auto",
    texts: Path | None = None,
    sts: Path | None = None,
    bitext: Path | None = None,
    json: Json = False,
) -> None:
    """Turn a model into an engine that encodes without torch. Its embeddings are checked now and at every load.

    Parameters
    ----------
    output
        The engine's folder; report.json in it says what was measured.
    precision
        Arithmetic: fp32 (the model's embeddings to about 1e-6), bf16 (needs a processor that has it), int8 (smallest,
        mostly fastest), or auto: the fastest of them on this machine that stays within its tolerance.
    texts
        Texts like yours, one a line or a table with a column `text`: they calibrate int8, and the speed is measured on
        them.
    sts
        Scored pairs, on which the loss in similarity is measured.
    bitext
        Parallel text, on which the loss in translation search is measured.

    """
    if output.exists() and not (output / "engine.json").exists():
        raise ConfigError(f"{output} exists and is no engine; choose another --output")
    own = _texts(texts)
    encoder = load(model)
    try:
        import onnx  # noqa: F401  # pyright: ignore[reportUnusedImport]

        from interlingua.encoders.encoder import Encoder
        from interlingua.export.export import GOLDEN_TEXTS, fastest
        from interlingua.export.export import export as write
    except ImportError as error:
        raise MissingDependency("exporting", "train") from error
    if not isinstance(encoder, Encoder):
        raise ConfigError(f"{model} is an engine already, or a server")
    if precision == "auto":
        chosen, difference, tried = fastest(encoder, output, own)
    else:
        chosen, difference, tried = precision, write(encoder, output, precision, own), dict[str, str]()
    measured = _report(encoder, output, own or list(GOLDEN_TEXTS), sts, bitext)
    result = {"output": str(output), "precision": chosen, "largest_difference": difference, "tried": tried, **measured}
    result |= {"encoder": encoder.describe(), "versions": printing.versions()}
    with write_whole(output / "report.json") as temporary:
        temporary.write_text(printing.dumps(result), encoding="utf-8")
    printing.show(result, _words(output, result), json)


def _texts(file: Path | None) -> list[str]:
    from interlingua.data.examples import texts as read_texts

    return [] if file is None else [text for text in read_texts(file)[:1000] if text.strip()]


def _report(encoder: Any, output: Path, texts: list[str], sts: Path | None, bitext: Path | None) -> dict[str, Any]:
    from interlingua.export.report import measure

    return measure(encoder, load(output), output, texts, sts, bitext)


def _words(output: Path, result: dict[str, Any]) -> str:
    equal = f"embeddings equal to the model's within {result['largest_difference']:.1e}"
    lines = [f"{output}: {result['precision']}, {result['megabytes']:.1f} MB, {equal}"]
    rates = result["texts_per_second"]
    lines.append(
        f"speed: {rates['engine']:,.0f} texts/s, the model in torch {rates['encoder']:,.0f}: {result['speedup']:.1f} "
        "times"
    )
    lines += [f"  {name}: {outcome}" for name, outcome in result["tried"].items()]
    for task in ("sts", "bitext"):
        for name, change in result.get(task, {}).get("change", {}).items():
            lines.append(
                f"{task} {name}: {result[task]['engine'][name]:.2f}, the model {result[task]['encoder'][name]:.2f} "
                f"({change:+.2f})"
            )
    return "\n".join(lines)
