"""Vectors of sentence-transformers folders: ours against sentence-transformers' own.

    python benchmarks/quality/parity_vectors.py TEXTS OUT.json FOLDER [FOLDER ...]

TEXTS holds one text a line; 500 of them, evenly spread, are encoded by both in fp32.
"""

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from interlingua import load
from interlingua.data.examples import texts as read_texts

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    every = read_texts(arguments.texts)
    texts = [every[k] for k in np.linspace(0, len(every) - 1, 500).round().astype(int)]
    found: dict[str, object] = {}
    for folder in arguments.folders:
        ours, theirs = (
            load(folder).encode(texts),
            SentenceTransformer(folder, device="cpu").encode(texts, show_progress_bar=False),
        )
        found[Path(folder).name] = {"max_abs_difference": float(np.abs(ours - theirs).max()), "width": ours.shape[1]}
    result = about("quality/parity_vectors.py TEXTS OUT.json FOLDER ...") | {
        "texts": len(texts),
        "characters": {"shortest": min(map(len, texts)), "longest": max(map(len, texts))},
        "models": found,
    }
    result["versions"]["sentence-transformers"] = version("sentence-transformers")
    write(arguments.out, result)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
