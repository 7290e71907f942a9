"""Vectors of sentence-transformers folders: ours against sentence-transformers' own.

    python benchmarks/quality/parity_vectors.py TEXTS OUT.json FOLDER [FOLDER ...]

TEXTS holds one text a line; 500 of them, evenly spread, are encoded by both in fp32.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from interlingua import load, printing
from interlingua.data.examples import texts as read_texts
from interlingua.files import write_whole


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
    result = {
        "command": "python benchmarks/quality/parity_vectors.py TEXTS OUT.json FOLDER ...",
        "texts": len(texts),
        "characters": {"shortest": min(map(len, texts)), "longest": max(map(len, texts))},
        "models": found,
        "versions": {**printing.versions(), "sentence-transformers": version("sentence-transformers")},
    }
    with write_whole(arguments.out) as file:
        file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
