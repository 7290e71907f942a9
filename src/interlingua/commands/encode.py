"""Turn texts into vectors."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua.errors import ConfigError
from interlingua.files import write_whole
from interlingua.loading import Model, load
from interlingua.progress import log


def encode(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    language: str = "und",
) -> None:
    """Turn texts into vectors, in constant memory however many they are.

    A stopped run to X.npy is continued by the same command.

    Parameters
    ----------
    file
        One text a line, or a table with a column `text` (TSV, CSV, JSONL, Parquet); plain, .gz or .zst; - reads lines
        from standard input.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        X.npy (N rows of float32), X.parquet (columns text and embedding), or - for JSON lines on standard output.
    language
        Language of the texts, where the model wants to know.

    """
    if str(output) != "-" and output.suffix not in (".npy", ".parquet"):
        raise ConfigError(f"{output}: the output must end in .npy or .parquet, or be - for JSON lines")
    begin = _texts(file)
    first = next(begin, None)  # a file that cannot be read is found before the model is loaded
    encoder = load(model)
    texts = iter(()) if first is None else _chain(first, begin)
    if str(output) == "-":
        _to_lines(encoder, texts, language)
    elif output.suffix == ".parquet":
        log(f"{_to_parquet(encoder, texts, output, language):,} texts, width {encoder.width}: {output}")
    else:
        log(f"{_to_npy(encoder, texts, file, output, model, language):,} texts, width {encoder.width}: {output}")


def _texts(file: Path) -> Iterator[str]:
    from interlingua.data.examples import each_text

    return each_text(file)


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _to_lines(encoder: Model, texts: Iterator[str], language: str) -> None:
    from interlingua.encoding.streaming import encoded

    for some, embeddings in encoded(encoder.encode, texts, language, shard=4096):
        for text, row in zip(some, embeddings, strict=True):
            sys.stdout.write(
                json.dumps({"text": text, "embedding": [round(float(value), 7) for value in row]}, ensure_ascii=False)
                + "\n"
            )
        sys.stdout.flush()


def _to_npy(encoder: Model, texts: Iterator[str], file: Path, output: Path, model: str, language: str) -> int:
    from interlingua.encoding.streaming import to_npy
    from interlingua.loading import fingerprint

    again = file.is_file()  # a pipe can be read only once

    def settings() -> dict[str, str]:
        return {"model": fingerprint(model) or model, "language": language}

    def read() -> Iterator[str]:
        return _texts(file) if again else texts

    return to_npy(encoder.encode, read, output, width=encoder.width, settings=settings, language=language, again=again)


def _to_parquet(encoder: Model, texts: Iterator[str], output: Path, language: str) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from interlingua.encoding.streaming import encoded

    width, done = encoder.width, 0
    schema = pa.schema([("text", pa.string()), ("embedding", pa.list_(pa.float32(), width))])
    with write_whole(output) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        for some, embeddings in encoded(encoder.encode, texts, language):
            column = pa.FixedSizeListArray.from_arrays(pa.array(embeddings.ravel()), width)
            writer.write_table(pa.Table.from_arrays([pa.array(some, pa.string()), column], schema=schema))
            done += len(some)
    return done
