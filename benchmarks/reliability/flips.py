"""One changed bit in any file of a saved model, a language pack or an engine: is it noticed when the model is loaded?

    python benchmarks/reliability/flips.py [--places 300]

Every byte of the descriptions, and as many random places of each other file.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))
from reliability.hostile import models
from reliability.record import record

from interlingua import load
from interlingua.errors import InterlinguaError

KINDS = ("own", "packed", "engine", "static")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--places", type=int, default=300)
    places = parser.parse_args().places
    random = np.random.default_rng(0)
    tried: dict[str, int] = {}
    unnoticed: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        sound, model = Path(scratch) / "sound", Path(scratch) / "model"
        models(sound)
        for kind in KINDS:
            shutil.copytree(sound / kind, model)
            load(model)
            for file in sorted(file for file in model.rglob("*") if file.is_file()):
                name = f"{kind}/{file.relative_to(model)}"
                content = file.read_bytes()
                every = len(content) if file.suffix == ".json" and file.name != "tokenizer.json" else places
                some = random.choice(len(content), size=min(every, len(content)), replace=False)
                for place in some:
                    changed = bytearray(content)
                    changed[place] ^= 1 << random.integers(8)
                    file.write_bytes(changed)
                    try:
                        load(model)
                    except InterlinguaError:
                        continue
                    unnoticed.append(f"{name}: byte {place}")
                tried[name] = len(some)
                file.write_bytes(content)
            shutil.rmtree(model)
    command = f"reliability/flips.py --places {places}"
    record("no changed byte", command, tried=sum(tried.values()), by_file=tried, unnoticed=unnoticed)
    print(f"{sum(tried.values()):,} changed bytes, {len(unnoticed)} unnoticed")


if __name__ == "__main__":
    main()
