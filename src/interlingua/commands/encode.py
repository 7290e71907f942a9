"""Turn texts into embeddings."""

import sys
from collections.abc import Iterator
from itertools import chain

from interlingua.errors import ConfigError
from interlingua.loading import fingerprint, load
from interlingua.machine import AUTO, Precision
from interlingua.parameters import STDOUT, Arithmetic, Device, Input, Model, OutputOrStdout, size
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
    memory: str = "1G",
) -> None:
    """Turn texts into embeddings, in constant memory however many texts there are and however long they are.

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
    memory
        The most memory to use beside the model and what it computes, such as 600M or 4G: for texts, tokens, embeddings.

    """
    if output != STDOUT and output.suffix not in (".npy", ".parquet"):
        raise ConfigError(f"{output}: the output must end in .npy or .parquet, or be - for JSON lines")
    from interlingua.data.examples import each_text
    from interlingua.encoding.output import lines, to_parquet
    from interlingua.encoding.streaming import LEAST_MEMORY, PLAN, to_npy

    room = size("--memory", memory)
    if room < LEAST_MEMORY:
        raise ConfigError(f"--memory {memory} is too little; give at least {LEAST_MEMORY >> 20}M")

    rest = each_text(file)
    first = list(next(([text] for text in rest), []))  # a file that cannot be read is found before the model is loaded
    encoder, texts = load(model, device, precision), chain(first, rest)
    if output == STDOUT:
        for line in lines(encoder.encode, texts, width=encoder.width, language=language, memory=room):
            sys.stdout.write(line)
            sys.stdout.flush()
        return
    if output.suffix == ".parquet":
        count = to_parquet(encoder.encode, texts, output, width=encoder.width, language=language, memory=room)
    else:
        again = file.is_file()  # a pipe can be read only once

        def read() -> Iterator[str]:
            return each_text(file) if again else texts

        def settings() -> dict[str, str]:
            arithmetic = {} if precision == Precision.fp32 else {"precision": str(precision)}
            return {"model": fingerprint(model) or model, "language": language, "plan": str(PLAN), **arithmetic}

        count = to_npy(
            encoder.encode, read, output, width=encoder.width, settings=settings, language=language, again=again,
            memory=room,
        )  # fmt: skip
    log(f"{count:,} texts, width {encoder.width}: {output}")
