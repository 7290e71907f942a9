"""Turn texts into embeddings."""

import sys
from collections.abc import Iterator
from itertools import chain

from interlingua.errors import ConfigError
from interlingua.loading import fingerprint, load
from interlingua.machine import AUTO, Precision
from interlingua.parameters import STDOUT, Arithmetic, Device, Input, Model, OutputOrStdout
from interlingua.progress import log


def encode(
    file: Input,
    /,
    *,
    model: Model,
    device: Device = AUTO,
    precision: Arithmetic = Precision.fp32,
    output: OutputOrStdout = STDOUT,
    language: str = "und",
) -> None:
    """Turn texts into embeddings, in constant memory however many texts there are.

    A stopped run to X.npy is continued by the same command.

    Parameters
    ----------
    file
        One text a line, or a table with a column `text` (TSV, CSV, JSONL, Parquet); plain, .gz or .zst; - reads lines
        from standard input.
    output
        X.npy (N rows of float32), X.parquet (columns text and embedding), or - for JSON lines on standard output.
    language
        Language of the texts, for models that need it.

    """
    if output != STDOUT and output.suffix not in (".npy", ".parquet"):
        raise ConfigError(f"{output}: the output must end in .npy or .parquet, or be - for JSON lines")
    from interlingua.data.examples import each_text
    from interlingua.encoding.output import lines, to_parquet
    from interlingua.encoding.streaming import to_npy

    rest = each_text(file)
    first = list(next(([text] for text in rest), []))  # a file that cannot be read is found before the model is loaded
    encoder, texts = load(model, device, precision), chain(first, rest)
    if output == STDOUT:
        for some in lines(encoder.encode, texts, language):
            sys.stdout.write(some)
            sys.stdout.flush()
        return
    if output.suffix == ".parquet":
        count = to_parquet(encoder.encode, texts, output, width=encoder.width, language=language)
    else:
        again = file.is_file()  # a pipe can be read only once

        def read() -> Iterator[str]:
            return each_text(file) if again else texts

        def settings() -> dict[str, str]:
            arithmetic = {} if precision == Precision.fp32 else {"precision": str(precision)}
            return {"model": fingerprint(model) or model, "language": language, **arithmetic}

        count = to_npy(
            encoder.encode, read, output, width=encoder.width, settings=settings, language=language, again=again
        )
    log(f"{count:,} texts, width {encoder.width}: {output}")
