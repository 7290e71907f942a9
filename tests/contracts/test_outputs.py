"""What every command with an output promises: it appears whole or not at all, wherever a link leads, with the mode that
the umask says, and an error is one line that leaves what was there.
"""

import os
import shutil
import stat
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from interlingua import cli, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.machine import lock
from tests.conftest import files_of_at_most
from tests.contracts.test_commands import COMMANDS, SENTENCES, flags

TRAINING = "--vocabulary-size 400 --batch-size 4 --dev-texts 3 --max-steps 2 --precision fp32"
FILES = [
    "align a.txt a.txt --model model --output OUT.tsv",
    "align a.txt a.txt --model model --format ladder --output OUT.txt",
    "align a.txt a.txt --model model --output aligned.tsv --table OUT.tsv",
    "clean pairs.tsv --without-model --output OUT.tsv --rejected rejected.tsv",
    "clean pairs.tsv --without-model --output kept.tsv --rejected OUT.tsv",
    "doctor pairs.tsv --report OUT.html",
    "doctor pairs.tsv --report OUT.tsv",
    "encode a.txt --model model --output OUT.npy",
    "encode a.txt --model model --output OUT.parquet",
    "evaluate sts sts.tsv --model model --output OUT.json",
    "evaluate sts sts.tsv --model model --plot OUT.svg",
    "mine a.txt a.txt --model model --output OUT.tsv",
    "negatives pairs.tsv --model model --output OUT.tsv --ranks 1 5 --count 1 --margin 0",
    "score pairs.tsv --model model --output OUT.tsv",
    "tm analyse a.txt -o OUT.tsv",
    "tm convert pairs.tsv -o OUT.tmx",
    "tm convert pairs.tsv -o OUT.parquet",
    "tm convert pairs.tsv -o OUT.po",
    "tm convert pairs.tsv -o OUT.xlf",
    "tm dedupe pairs.tsv -o OUT.tmx",
    "tm dedupe pairs.tsv -o kept.tsv --conflicts OUT.tsv",
    "tm filter pairs.tsv --contains tree -o OUT.tsv",
    "tm filter pairs.tsv --contains tree -o kept.tsv --rest OUT.tmx",
    "tm lookup a.txt --memory pairs.tsv --model model --cache kept --output OUT.tsv",
    "tm merge pairs.tsv -o OUT.tmx",
    "tm search tree --memory pairs.tsv --output OUT.tsv",
    "tm terms pairs.tsv --glossary pairs.tsv --output OUT.tsv",
]
FOLDERS = [
    "export model --output OUT --precision fp32",
    f"train labse --student static --pairs pairs.tsv --output OUT {TRAINING}",
    "trim model --languages en --text a.txt --output OUT",
]
"""The least that each needs to run; OUT is the output."""
ALIKE = {"evaluate": "evaluate sts", "train": "train labse"}
"""Of menus all of whose commands write by the same function, one that stands for all."""
ELSEWHERE = {
    "convert": "parity/test_laser.py",  # needs a checkpoint of LASER's
    "new-language": "journeys/test_new_language.py",  # many seconds
    "packs add": "encoders/modular/test_packs.py",
    "quickstart": "journeys/test_quickstart.py",  # many seconds
}
PROMISES = {
    ".tsv": b"", ".csv": b"", ".jsonl": b"{", ".parquet": b"PAR1", ".tmx": b"<?xml", ".xlf": b"<?xml", ".po": b"",
    ".npy": b"\x93NUMPY", ".json": b"{", ".svg": b"<?xml", ".png": b"\x89PNG", ".tsv.gz": b"\x1f\x8b",
    ".json.gz": b"\x1f\x8b", ".npy.gz": b"\x1f\x8b", ".html": b"<!", ".txt": b"",
}  # fmt: skip
"""How files begin whose names end so."""


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outputs")
    (folder / "a.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    rows = [f"{text}\t{text[::-1]}" for text in SENTENCES]
    (folder / "pairs.tsv").write_text("\n".join(["en\tde", *rows]) + "\n", encoding="utf-8")
    scored = [f"{n}\t{one}\t{other}" for n, (one, other) in enumerate(pairwise(SENTENCES))]
    (folder / "sts.tsv").write_text("\n".join(["score\tsentence1\tsentence2", *scored]) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    tokenizer = tokenization.train(SENTENCES * 3, 400)
    body = static.Body(static.Config(width=8), tokenizer.vocabulary_size, tokenizer.pad)
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder / "model")
    return folder


@pytest.fixture
def here(material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds nothing but links to the material."""
    for one in material.iterdir():
        (tmp_path / one.name).symlink_to(one)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def named(line: str) -> str:
    """What stands for the output in a line, its suffix included."""
    return next(word for word in line.split() if word.startswith("OUT"))


def run(line: str, output: str) -> int:
    return cli.run([output if word == named(line) else word for word in line.split()])


def seen(folder: Path) -> dict[str, bytes]:
    """Every file and folder, hidden ones too."""
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else b""
        for one in sorted(folder.rglob("*"))
        if "kept" not in one.parts  # a cache
    }


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    (said,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    return said


def test_every_command_with_an_output_is_here() -> None:
    with_output = {" ".join(name) for name, app in COMMANDS.items() if {"--output", "OUTPUT"} & set(flags(app))}
    known = {*ELSEWHERE, *(name for name in with_output for line in FILES + FOLDERS if line.startswith(f"{name} "))}
    assert with_output - known == {
        name for name in with_output - known if any(name.startswith(f"{menu} ") for menu in ALIKE)
    }
    assert known >= {*ALIKE.values(), *ELSEWHERE}
    for file in ELSEWHERE.values():
        assert (Path(__file__).parents[1] / file).exists()


@pytest.mark.parametrize(
    "line",
    [*FILES, *FOLDERS, "mine a.txt a.txt --model model --output mined.tsv --work OUT", "packs add model p -o OUT"],
)
def test_an_output_that_is_an_input_is_refused(line: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = [word for word in line.split() if (here / word).exists()]
    assert inputs
    (here / "link").symlink_to(inputs[-1])
    before = seen(here)
    for output in (*inputs, "link", f"./{inputs[0]}"):
        assert run(line, output) == cli.BAD_INPUT
        assert f"{Path(output)} is the same as " in one_line(capsys)
    assert seen(here) == before


def test_two_outputs_of_one_name_are_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = seen(here)
    for line in (
        "clean pairs.tsv --without-model --rejected new.tsv --output OUT",
        "mine a.txt a.txt --model model --work new.tsv --output OUT",
        "evaluate sts sts.tsv --model model --plot new.tsv --output OUT",
        "tm dedupe pairs.tsv --conflicts new.tsv --output OUT",
        "tm filter pairs.tsv --contains a --rest new.tsv --output OUT",
    ):
        assert run(line, "./new.tsv") == cli.BAD_INPUT
        assert " new.tsv is the same as --" in one_line(capsys)
    assert seen(here) == before


def test_a_folder_that_holds_the_input_is_not_replaced(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "laser").mkdir()
    (here / "laser" / "laser2.pt").touch()
    assert cli.run(["convert", "laser/laser2.pt", "laser"]) == cli.BAD_INPUT
    assert "holds laser/laser2.pt" in one_line(capsys)
    assert (here / "laser" / "laser2.pt").exists()


@pytest.mark.parametrize("line", FILES + FOLDERS)
@pytest.mark.parametrize("folder", ["a.txt", "/proc"])
def test_an_output_that_cannot_be_written(
    line: str, folder: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = seen(here)
    assert run(line, f"{folder}/{named(line)}") == cli.BAD_INPUT
    assert "cannot be " in one_line(capsys)
    after = seen(here)
    for other in ("rejected.tsv", "kept.tsv"):  # clean has two outputs
        after.pop(other, None)
    assert after == before


@pytest.mark.parametrize("line", FILES + FOLDERS)
def test_a_link_to_another_disk_and_the_modes_of_new_files(line: str, here: Path) -> None:
    shared = Path("/dev/shm")
    disk = tempfile.mkdtemp(dir=shared if shared.exists() else None)
    before = os.umask(0o027)
    try:
        (here / named(line)).symlink_to(Path(disk) / "there")
        assert run(line, named(line)) == cli.DONE
        assert (here / named(line)).is_symlink()
        assert os.listdir(disk) == ["there"]
        assert not [name for name in os.listdir(here) if name.startswith(".")]
        there = Path(disk) / "there"
        for one in [there, *there.rglob("*")]:
            wanted = 0o750 if one.is_dir() else 0o640
            assert stat.S_IMODE(one.stat().st_mode) == wanted, one
    finally:
        os.umask(before)
        shutil.rmtree(disk)


@pytest.mark.slow
@pytest.mark.parametrize("line", [line for line in FILES + FOLDERS if not line.startswith(("train", "trim"))])
def test_a_full_disk_leaves_what_was_there(line: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(line, named(line))  # caches are filled, the second output of clean is there
    old = seen(here)
    capsys.readouterr()
    with files_of_at_most(20):
        assert run(line, named(line)) == cli.BAD_INPUT
    assert named(line) in one_line(capsys) or line.startswith("clean")
    assert seen(here) == old


@pytest.mark.slow
@pytest.mark.parametrize("line", FILES)
def test_ctrl_c_at_the_last_moment_leaves_what_was_there(
    line: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(line, named(line))
    old, replace = seen(here), os.replace

    def stop(source: Path, target: Path) -> None:
        if Path(target).name == named(line):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", stop)
    assert run(line, named(line)) == cli.INTERRUPTED
    left = {name: content for name, content in seen(here).items() if not name.startswith(".OUT.tsv.work")}
    assert left == old  # what mining has done is kept to be continued


@pytest.mark.parametrize("line", FILES)
def test_a_suffix_promises_what_is_written(line: str, here: Path) -> None:
    languages = " --source-language en --target-language de" if line.startswith(("align", "mine", "score")) else ""
    for suffix, beginning in PROMISES.items():
        output = here / f"x{suffix}"
        if run(line + languages, output.name) == cli.DONE:
            content = output.read_bytes()
            assert content.startswith(beginning) or not content, output.name
        else:
            assert not output.exists()


@pytest.mark.slow
@pytest.mark.parametrize("line", FILES + FOLDERS[:1])
def test_what_a_killed_run_left_is_removed_and_what_a_living_one_writes_is_not(line: str, here: Path) -> None:
    dead, alive, other = (
        here / f".{name}.part" for name in (f"{named(line)}.0000dead", f"{named(line)}.00a11fe0", "x.0000dead")
    )
    for part in (dead, alive, other):
        part.mkdir()
        (part / "new").touch()
    with lock(alive / "lock"):
        assert run(line, named(line)) == cli.DONE
        assert (dead.exists(), alive.exists(), other.exists()) == (False, True, True)


@pytest.mark.slow
@pytest.mark.parametrize("line", FILES)
def test_a_pipe_takes_the_whole_output(line: str, here: Path) -> None:
    assert run(line, named(line)) == cli.DONE
    whole = (here / named(line)).read_bytes()
    pipe = here / f"pipe{Path(named(line)).suffix}"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run(line, pipe.name) == cli.DONE
        read = b"".join(iter(lambda: os.read(reader, 1 << 16), b""))
    finally:
        os.close(reader)
    assert len(read) == len(whole)
    assert pipe.is_fifo()
