"""Proof that a commit gives the same wheel and sdist, bit for bit, wherever and whenever it is built.

HEAD is cloned and built twice: in folders of other names, with other times of its files, another umask, time zone,
language and order of hashing. Writes the digests; fails where they differ, or differ from the files in a folder that is
given. Needs hatchling, and no network.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parents[1]
WAYS = {
    "one": (0o022, 1_000_000_000, {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
    "another name": (0o077, 1_700_000_000, {"TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"}),
}
"""By the folder's name: umask, time of the files, variables."""


def built(way: str, scratch: Path) -> dict[str, str]:
    """The files that HEAD gives this way, with their SHA-256."""
    umask, moment, variables = WAYS[way]
    folder, before = scratch / way, os.umask(umask)
    try:
        subprocess.run(["git", "clone", "--quiet", str(HERE), str(folder)], check=True)
        for file in folder.rglob("*"):
            os.utime(file, (moment, moment), follow_symlinks=False)
        command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder / "out")]
        subprocess.run(command, cwd=folder, env={**os.environ, **variables}, check=True, capture_output=True)
    finally:
        os.umask(before)
    return digests(folder / "out")


def digests(folder: Path) -> dict[str, str]:
    files = sorted([*folder.glob("*.whl"), *folder.glob("*.tar.gz")])
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        found = [built(way, Path(scratch)) for way in WAYS] + [digests(Path(folder)) for folder in sys.argv[1:]]
    sys.stdout.writelines(f"{digest}  {name}\n" for name, digest in found[0].items())
    if len(found[0]) != 2 or any(other != found[0] for other in found):
        raise SystemExit(f"HEAD does not give the same files each time: {found}")


if __name__ == "__main__":
    main()
