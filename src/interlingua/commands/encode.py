"""Turn texts into vectors."""

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua.data.examples import texts as read_texts
from interlingua.errors import ConfigError
from interlingua.files import write_whole
from interlingua.loading import load
from interlingua.progress import log
from interlingua.types import Embeddings


def encode(
    file: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    language: str = "und",
) -> None:
    """Turn texts into vectors.

    Parameters
    ----------
    file
        One text a line, or a table with a column `text` (TSV, CSV, JSONL, Parquet); plain, .gz or .zst; - reads lines from standard input.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        X.npy (N rows of float32), X.parquet (columns text and embedding), or - for JSON lines on standard output.
    language
        Language of the texts, where the model wants to know.

    """
    if str(output) != "-" and output.suffix not in (".npy", ".parquet"):
        raise ConfigError(f"{output}: the output must end in .npy or .parquet, or be - for JSON lines")
    texts = read_texts(file)
    encoder = load(model)
    if str(output) == "-":
        for text, row in zip(texts, encoder.encode(texts, language), strict=True):
            sys.stdout.write(json.dumps({"text": text, "embedding": [round(float(value), 7) for value in row]}, ensure_ascii=False) + "\n")
        return
    with write_whole(output) as temporary:  # opened first: a folder that cannot be written to is found before the work
        embeddings = encoder.encode(texts, language)
        _write(texts, embeddings, output.suffix, temporary)
    log(f"{len(texts):,} texts, width {embeddings.shape[1]}: {output}")


def _write(texts: list[str], embeddings: Embeddings, suffix: str, file: Path) -> None:
    import numpy as np

    if suffix == ".npy":
        with file.open("wb") as stream:
            np.save(stream, embeddings)
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    column = pa.FixedSizeListArray.from_arrays(pa.array(embeddings.ravel()), embeddings.shape[1])
    pq.write_table(pa.table({"text": texts, "embedding": column}), file)
