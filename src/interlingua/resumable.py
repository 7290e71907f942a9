"""What a stopped run leaves to be continued, in a folder that belongs to one run at a time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from interlingua.errors import DataError
from interlingua.machine import lock
from interlingua.outputs import LOCK, PART, clear, folder_of, hidden, real, unwritable


def beside(output: Path) -> Path:
    """The folder for what is kept until `output` is written: .NAME.work, on the disk that a link leads to."""
    place = real(output)
    return place.with_name(f"{hidden(place)}work")


@contextmanager
def alone(folder: Path, name: str = LOCK, seconds: float = 0.0) -> Iterator[None]:
    """Inside, what the folder keeps is this run's: two would undo each other's work. What killed ones left unfinished
    in it is removed. Raises DataError for the second, which waits `seconds`, and for a folder that cannot be used.
    """
    asked, folder = folder, real(folder)
    with ExitStack() as held:
        try:
            while True:
                folder.mkdir(parents=True, exist_ok=True)
                with suppress(FileNotFoundError):
                    ours = held.enter_context(lock(folder / name, seconds))
                    if not ours or (folder / name).exists():
                        break  # else a run that has just ended removed the folder
        except OSError as error:
            raise unwritable(error, asked, folder) from error
        if not ours:
            raise DataError("another run is at work in this folder; wait for it, or choose another folder", asked)
        clear_within(folder)
        yield


def clear_within(folder: Path) -> None:
    """Remove what writers that were killed left in a folder, and in those in it, whatever it is that they wrote. (Their
    names are this package's, of which none is too long to be read off the hidden one.)
    """
    for place, folders, _ in os.walk(real(folder)):
        for part in filter(None, map(PART.fullmatch, folders)):
            clear(Path(place, part[1][1:-1]))


@contextmanager
def resumable(folder: Path, worth: str, ours: bool = False, name: str = LOCK) -> Iterator[Path]:
    """A folder that keeps for this run, and after a kill for the next one, what is not to be done again.

    Where nothing was kept that the pattern `worth` finds, it is removed, unless a user made it: `ours` has a name of
    this package's. Raises DataError where another run is at work in it, and where it cannot be written to.
    """
    ours = ours or not folder.exists()
    try:
        with folder_of(folder), alone(folder, name):
            try:
                yield folder
            finally:
                if next(folder.glob(worth), None) is None:
                    if ours:
                        shutil.rmtree(folder, ignore_errors=True)
                    else:
                        (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(error, folder, real(folder), "what was done is kept") from error
