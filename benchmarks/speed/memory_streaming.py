"""Peak memory of reading and converting translation memories that grow: TMX as a stream.

    python benchmarks/speed/memory_streaming.py SCRATCH OUT.json --megabytes 25 200

Each job runs in a process of its own on a TMX made of numbered units with properties, notes and inline tags; the peak
is the process's largest resident set as the kernel counts it (ru_maxrss), Python and the package included ("nothing" is
the package imported, no file read).
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, process, rounded, write

UNIT = """<tu tuid="{n}" creationdate="20200101T000000Z" creationtool="made"><prop type="x-domain">domain {m}</prop>
<note>note {n}</note>
<tuv xml:lang="en"><seg>Sentence {n} with
<bpt i="1">&lt;b></bpt>number {h}<ept i="1">&lt;/b></ept> says {words}.</seg></tuv>
<tuv xml:lang="de"><seg>Satz {n} mit Nummer {h} sagt {words} &amp; mehr.</seg></tuv></tu>
"""
JOBS = {
    "nothing": "from interlingua.memories import conversion",
    "read_rows": "from interlingua.formats import tmx\nfrom pathlib import Path\n"
    "print(sum(1 for _ in tmx.read(Path(sys.argv[1]))))",
    "tmx_to_tmx_without_tags": "convert(Path(sys.argv[1]), Path(sys.argv[2] + '.tmx.gz'), inline=False)",
    "tmx_to_jsonl": "convert(Path(sys.argv[1]), Path(sys.argv[2] + '.jsonl'))",
    "tmx_to_xliff": "convert(Path(sys.argv[1]), Path(sys.argv[2] + '.xlf'), 'en', 'de')",
}


def make(path: Path, megabytes: int) -> None:
    """Write a TMX of this size."""
    n = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">'
            '<header creationtool="made" creationtoolversion="1" '
        )
        stream.write('segtype="sentence" o-tmf="made" adminlang="en" srclang="en" datatype="plaintext"/><body>\n')
        while stream.tell() < megabytes * 1_000_000:
            for _ in range(500):
                n += 1
                h = n * 2_654_435_761 % 2**32
                stream.write(
                    UNIT.format(n=n, m=n % 97, h=h, words=" ".join(f"{(h >> k) % 9973:x}" for k in range(0, 24, 2)))
                )
        stream.write("</body></tmx>\n")


def measure(job: str, source: Path, target: Path) -> dict[str, float]:
    head = "import sys\nfrom pathlib import Path\nfrom interlingua.memories.conversion import convert\n"
    return rounded(process([sys.executable, "-c", head + JOBS[job], str(source), str(target)]), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--megabytes", nargs="+", type=int, default=[25, 200])
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    arguments = parser.parse_args()
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    found: dict[str, dict[str, object]] = {}
    for size in arguments.megabytes:
        source, target = arguments.scratch / f"memory-{size}.tmx", arguments.scratch / f"out-{size}"
        if not source.exists():
            make(source, size)
        found[f"{size} MB"] = {"bytes": source.stat().st_size} | {
            job: measure(job, source, target) for job in arguments.jobs
        }
        print(found, flush=True)
        for file in arguments.scratch.glob("out-*"):
            file.unlink()
    megabytes, jobs = " ".join(map(str, arguments.megabytes)), " ".join(arguments.jobs)
    command = f"speed/memory_streaming.py SCRATCH OUT.json --megabytes {megabytes} --jobs {jobs}"
    note = "the load of the machine is in the seconds, memory is not affected"
    write(arguments.out, about(command, note=note) | {"files": found})


if __name__ == "__main__":
    main()
