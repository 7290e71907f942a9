"""A byte flipped, or the end cut off, in every kind of file that is read again: refused, harmless, or not noticed?

Tables are read by `tm convert`; what `mine` and `encode` keep is continued by the same command. Harmless is what makes
the same result, such as a shard that is computed again.

    python benchmarks/reliability/damage.py [--tries 20]
"""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from reliability import kills
from reliability.record import RESULT, record

TABLES = ("t.parquet", "t.tsv.gz", "t.tsv.zst", "t.tmx.gz", "t.jsonl.zst")
MINE = kills.FILES["mine"] + " --work kept"
ENCODE = kills.FILES["encode npy"]
KEPT = {
    "mining: texts": (MINE, "kept/source-*/texts.bin"),
    "mining: places of texts": (MINE, "kept/source-*/places.npy"),
    "mining: vectors": (MINE, "kept/vectors-*/00001.npy"),
    "mining: neighbours": (MINE, "kept/neighbours-*/forward-*.npz"),
    "encode: vectors": (ENCODE, ".out.npy.work/rows"),
    "encode: how far": (ENCODE, ".out.npy.work/state.json"),
}


def damage(file: Path, way: str, dice: random.Random) -> None:
    """Cut a file short at a random place, or change one byte in it."""
    content = bytearray(file.read_bytes())
    place = dice.randrange(len(content))
    if way == "cut":
        content = content[:place]
    else:
        content[place] ^= 1 << dice.randrange(8)
    file.write_bytes(content)


def look(line: str, before: Path, pattern: str, wanted: dict[str, str], tries: int) -> dict[str, dict[str, int]]:
    """Damage a file of `before` so often in each way, and count what the command makes of it."""
    given, found = {path.name for path in before.iterdir()}, dict[str, dict[str, int]]()
    for way in ("cut", "flipped"):
        dice, counts = random.Random(f"{pattern} {way}"), dict.fromkeys(("refused", "harmless", "unnoticed", "bug"), 0)
        for _ in range(tries):
            folder = before.with_name("damaged")
            shutil.copytree(before, folder, symlinks=True)
            damage(next(folder.glob(pattern)), way, dice)
            ran = kills.run(line, folder, before.with_name("count"))
            same = kills.outputs(folder, given) == wanted
            state = {0: "harmless" if same else "unnoticed", kills.cli.BAD_INPUT: "refused"}.get(ran.code, "bug")
            if state == "bug":
                print(pattern, way, before.with_name("count.txt").read_text(encoding="utf-8")[-1500:])
            counts[state] += 1
            shutil.rmtree(folder)
        found[way] = counts
    return found


def main() -> None:
    """Damage every kind, and record what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=20)
    parser.add_argument("--result", type=Path, default=RESULT)
    asked = parser.parse_args()
    kills.preload()
    found: dict[str, dict[str, dict[str, int]]] = {}
    with tempfile.TemporaryDirectory(prefix="interlingua-damage-") as name:
        scratch = Path(name)
        before, count = scratch / "before", scratch / "count"
        kills.made(before)
        for table in TABLES:
            kills.run(f"tm convert pairs.tsv -o {table}", before, count)
        given = {path.name for path in before.iterdir()}
        for table in TABLES:
            line = f"tm convert {table} -o out.csv --source-language en --target-language de"
            found[table.removeprefix("t")] = look(line, before, table, _whole(line, before, given), asked.tries)
        whole = {line: _whole(line, before, given) for line in (MINE, ENCODE)}
        kills.run(MINE, before, count)
        (before / "out.tsv").unlink()
        at = 1
        while not (before / ".out.npy.work" / "state.json").exists():
            kills.run(ENCODE, before, count, at=(at := at + 1))
        for kind, (line, pattern) in KEPT.items():
            found[kind] = look(line, before, pattern, whole[line], asked.tries)
    ways = [counts for kind in found.values() for counts in kind.values()]
    total = {state: sum(counts[state] for counts in ways) for state in ways[0]}
    record(
        "damaged files are refused",
        f"reliability/damage.py --tries {asked.tries}",
        asked.result,
        tried=sum(total.values()),
        lost=total["unnoticed"] + total["bug"],
        found=total,
        kinds=found,
    )
    print(total)


def _whole(line: str, before: Path, given: set[str]) -> dict[str, str]:
    """What an undisturbed run makes."""
    folder = before.with_name("whole")
    shutil.copytree(before, folder, symlinks=True)
    kills.run(line, folder, before.with_name("count"))
    wanted = kills.outputs(folder, given)
    shutil.rmtree(folder)
    return wanted


if __name__ == "__main__":
    main()
