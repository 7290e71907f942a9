"""Where training examples are kept: in memory, or on disk where they are many."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from interlingua.data.digest import canonical_example
from interlingua.data.stored import Stored, open_store, write_store
from interlingua.errors import ConfigError, DataError
from interlingua.files import user_cache
from interlingua.formats import files_of
from interlingua.machine import lock
from interlingua.outputs import check_writable
from interlingua.progress import log
from interlingua.types import Example

LARGE = 2**28
"""Bytes of files from which their examples are kept on disk, whether that was asked for or not."""


def gather(
    read: Callable[[], Iterable[Example]], paths: Sequence[Path], cache: Path | None, once: bool = False, **asked: Any
) -> Sequence[Example]:
    """The examples that `read` finds in files: a list; or a store in the folder `cache`, made at the first time, where
    one is named or the files are large (then in the user's cache folder).

    Of equal examples a store has one, and a list too if they are wanted `once`. `asked` is what beside the files
    decides what is read. A store made of other files, by other options or by another version is made again. Raises
    DataError as `read` does, and where the folder cannot be written.
    """
    files = [file for path in paths for file in files_of(path)]
    if any(not file.is_file() for file in files):
        if cache is not None:
            raise ConfigError("--data-cache needs files, and not what comes through a pipe")
        return _listed(read(), once)
    sizes = [file.stat() for file in files]
    total = sum(size.st_size for size in sizes)
    if cache is None and total < LARGE:
        return _listed(read(), once)
    names = [str(file.resolve()) for file in files]
    stamps = [[name, size.st_size, size.st_mtime_ns] for name, size in zip(names, sizes, strict=True)]
    made_of = json.loads(json.dumps({"files": stamps, "asked": asked}, default=repr))
    mark = sha256(json.dumps([names, made_of["asked"]]).encode()).hexdigest()[:16]
    within = cache or user_cache() / "data"
    folder = within / f"{files[0].name}-{mark}"
    if cache is None:
        log(f"{total / 2**30:.1f} GiB of files: what is read stays on disk, in {within}; --data-cache names another")
    examples = open_store(folder, made_of) or _made(folder, made_of, read)
    repeats = examples.about["repeats"]
    log(f"{len(examples):,} examples in {folder}" + (f"; {repeats:,} repeated and left out" if repeats else ""))
    return examples


def gather_each(
    read: Callable[..., Iterable[Example]],
    paths: Sequence[Path],
    cache: Path | None,
    once: bool = False,
    **asked: Any,
) -> Sequence[Example]:
    """What `read(path, **asked)` finds in each file, kept where `gather` keeps it. Raises DataError where the number of
    texts changes.
    """
    found = partial(_each, read, paths, asked)
    return gather(found, paths, cache, once, what=read.__name__, **asked)


def _each(read: Callable[..., Iterable[Example]], paths: Sequence[Path], asked: dict[str, Any]) -> Iterator[Example]:
    width = 0
    for path in paths:
        for example in read(path, **asked):
            width = width or len(example.texts)
            if len(example.texts) != width:
                raise DataError(
                    f"a row of {len(example.texts)} texts, and others of {width}: all need the same number, hard "
                    f"negatives counted; this one begins {example.texts[0][:60]!r}",
                    path,
                )
            yield example


def _listed(examples: Iterable[Example], once: bool) -> list[Example]:
    if not once:
        return list(examples)
    known: dict[Example, Example] = {}
    for example in examples:
        known.setdefault(canonical_example(example), example)
    return list(known.values())


def _made(folder: Path, made_of: Any, read: Callable[[], Iterable[Example]]) -> Stored:
    """The store, made by this process, or by another that is at it already."""
    guard, told = folder.with_name(f"{folder.name}.lock"), False
    check_writable(guard)
    while True:
        with lock(guard) as ours:
            if ours:
                if open_store(folder, made_of) is None:
                    write_store(folder, read(), made_of)
                made = open_store(folder, made_of)
                if made is None:
                    raise DataError("this store was changed while it was made; run again", folder)
                return made
        if not told:
            log(f"another run is reading the same files into {folder}; waiting for it")
        told = True
        time.sleep(0.5)
