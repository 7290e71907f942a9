"""Fuzz one target in this process: python -m fuzz.one NAME FOLDER SECONDS EXECUTIONS. With `-` and files instead, only
these run and every traceback is shown: python -m fuzz.one NAME - FILE...

FOLDER keeps corpus/, findings/ and `count`, the number of inputs that were run. Ends with 0, or as libFuzzer ends at a
crash of the interpreter, a hang or too much memory.
"""

import mmap
import os
import resource
import struct
import sys
import tempfile
import traceback
from functools import cache
from hashlib import sha256
from pathlib import Path

ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
OURS = ["interlingua", "fuzz.formats", "fuzz.models", "fuzz.runs", "fuzz.texts"]
LIBRARIES = ["polib", "csv", "gzip", "langcodes", "tomllib", "argparse"]
"""In Python, and what inputs reach."""
HANG, MEMORY = 120, 4096
"""Seconds by the clock for one input; MB for the process, and as many more of addresses than it has after its seeds."""


def main(target_name: str, folder: Path, seconds: str, executions: str) -> None:
    """Fuzz."""
    import atheris

    with _working_folder() as work, atheris.instrument_imports(include=OURS + LIBRARIES):
        from fuzz import harness, mutation, targets

        from interlingua import discovery, formats

        for module, name in ((discovery, "_docstring"), (formats, "_by_module")):  # asked for each time, and the same
            setattr(module, name, cache(getattr(module, name)))
        target = targets.named(target_name)
        (folder / "corpus").mkdir(parents=True, exist_ok=True)
        (folder / "findings").mkdir(exist_ok=True)
        with (folder / "count").open("a+b") as counter:
            counter.truncate(8)
            count = mmap.mmap(counter.fileno(), 8)
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115

        def run(data: bytes) -> None:
            count[:] = struct.pack("<q", struct.unpack("<q", count[:])[0] + 1)
            if error := harness.attempt(target, data, Path(work)):
                harness.keep(error, data, folder / "findings")

        for seed in target.seeds():
            run(seed)  # imports what is imported late, while imports are instrumented
            (folder / "corpus" / sha256(seed).hexdigest()[:16]).write_bytes(seed)
        addresses = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (addresses + (MEMORY << 20), -1))
        words = folder / "dictionary"
        words.write_text("".join(f'"{_escaped(token)}"\n' for token in target.tokens))
        flags = {
            "max_total_time": seconds,
            "runs": executions,
            "max_len": target.longest,
            "timeout": HANG,
            "report_slow_units": HANG,
            "rss_limit_mb": MEMORY,
            "artifact_prefix": f"{folder}/findings/",
            "reload": 0,
        }
        if target.tokens:
            flags["dict"] = words

        def mutate(data: bytes, longest: int, seed: int) -> bytes:
            change = mutation.behind_first_line if target.titled else mutation.mutated
            return change(data, longest, seed, target.pieces, target.tokens, atheris.Mutate)

        arguments = [sys.argv[0], str(folder / "corpus"), *(f"-{name}={value}" for name, value in flags.items())]
        atheris.Setup(arguments, run, custom_mutator=mutate)
        atheris.Fuzz()


def show(name: str, files: list[str]) -> int:
    """Run some inputs; 1 where one is a finding."""
    from fuzz import harness, targets

    target, found = targets.named(name), 0
    with _working_folder() as work:
        for file in files:
            error = harness.attempt(target, Path(file).read_bytes(), Path(work))
            if error is not None:
                found = 1
                traceback.print_exception(error)
    return found


def _working_folder() -> tempfile.TemporaryDirectory[str]:
    """An empty folder, in memory where there is such a place."""
    return tempfile.TemporaryDirectory(prefix="fuzz-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def _escaped(token: str) -> str:
    return "".join(chr(b) if 32 < b < 127 and chr(b) not in '"\\' else f"\\x{b:02x}" for b in token.encode())


if __name__ == "__main__":
    os.environ |= ENVIRONMENT
    if sys.argv[2] == "-":
        sys.exit(show(sys.argv[1], sys.argv[3:]))
    main(sys.argv[1], Path(sys.argv[2]).absolute(), *sys.argv[3:])
