"""What recipes promise of several processes: the curve and the weights of one process, on the same batches, and a run
that goes on in any number of them.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from interlingua import cli, load
from interlingua.training import metrics, session
from interlingua.training.processes import Lost
from tests.conftest import in_processes
from tests.contracts.test_recipes import ARGUMENTS, FROM_SCRATCH, SMALL_BODY, material


def changed(arguments: list[str], option: str, value: str) -> list[str]:
    place = arguments.index(option) + 1
    return [*arguments[:place], value, *arguments[place + 1 :]]


SHORT = [
    "--epochs",
    "2",
    "--max-steps",
    "12",
    "--batch-size",
    "6",
    "--dev-texts",
    "4",
    "--log-every",
    "1",
    "--evaluate-every",
    "3",
]
SHORT += ["--precision", "fp32", "--device", "cpu"]
STAGES = ["--precision", "fp32", "--device", "cpu", "--log-every", "1", "--evaluate-every", "2"]
STAGES += [f"--{stage}-stage.batch-size=6" for stage in ("language", "sentence", "alignment")]
MODULAR = [one for one in ARGUMENTS["modular-encoders"] if "batch-size" not in one]
ALIGNMENT = [*changed(MODULAR, "--vocabulary-size", "0"), *STAGES, "--stages", "alignment"]
RECIPES: dict[str, list[str]] = {
    "cross-encoder": ["cross-encoder", "--start", "model", "--nli", "nli.tsv", *SHORT],
    "distillation": [
        "multilingual-distillation",
        "--teacher",
        "model",
        "--student",
        "model",
        "--pairs",
        "pairs.tsv",
        *SHORT,
    ],
    "infonce": ["labse", "--student", "model", "--pairs", "pairs.tsv", "--margin", "0", *SHORT],
    "laser": [
        "laser",
        "--pairs",
        "pairs.tsv",
        "--layers",
        "1",
        "--hidden",
        "8",
        "--decoder",
        "16",
        *FROM_SCRATCH,
        *SHORT,
    ],
    "margin": ["labse", "--student", "model", "--pairs", "pairs.tsv", "--chunk", "3", *SHORT],
    "modular": ["modular-encoders", *ALIGNMENT],
    "muse": [
        *("muse", "--pairs", "pairs.tsv", "--nli", "nli.tsv", "--classifier", "8"),
        *(*SMALL_BODY, *FROM_SCRATCH, *SHORT),
    ],
    "nli": ["sbert", "--student", "model", "--nli", "nli.tsv", *SHORT],
}
"""Every kind of loss. 56 examples and batches of 6 leave an epoch's last batch that cannot be shared."""


def several(number: int, count: int, data: str, folder: str, sittings: list[tuple[str, str, int]]) -> None:
    """One of `count` processes: the recipes, each into a folder of its own, stopped at a step or to the end."""
    torch.set_num_threads(1)
    os.chdir(data)
    os.environ |= {"RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": str(count)}
    steps = session.steps
    for name, output, stop in sittings:
        os.environ["INTERLINGUA_MEETING"] = (Path(folder) / f"meeting-{name}-{count}").as_uri()

        def stopped(*arguments: object, stop: int = stop, **options: object) -> Iterator[session.Step]:
            for step in steps(*arguments, **options):  # pyright: ignore[reportArgumentType]
                if step.number == stop and number == count - 1:  # one is told, and all stop
                    signal.raise_signal(signal.SIGINT)
                yield step

        session.steps = stopped
        code = cli.run(["train", *RECIPES[name], "--output", output, "--resume"])
        assert code == (cli.INTERRUPTED if stop else cli.DONE), name
    os._exit(0)  # gloo's threads are not waited for


def spawn(count: int, data: Path, folder: Path, sittings: list[tuple[str, str, int]]) -> None:
    if count == 1:
        for name, output, _ in sittings:
            assert cli.run(["train", *RECIPES[name], "--output", output, "--resume"]) == cli.DONE
        return
    in_processes(several, (count, str(data), str(folder), sittings), count)


def curve(output: Path) -> list[tuple[str, int, float]]:
    measured = [one for one in metrics.read(output) if one["kind"] in ("train", "dev")]
    return [(one["kind"], one["step"], one["loss" if one["kind"] == "train" else "dev_loss"]) for one in measured]


def same(one: Path, other: Path) -> None:
    runs, models = (
        [sorted(str(file.relative_to(output)) for file in output.glob(what)) for output in (one, other)]
        for what in ("**/metrics.jsonl", "model/**/*.safetensors")
    )
    assert runs[0] == runs[1]
    assert models[0] == models[1]
    for file in runs[0]:
        found, wanted = curve((one / file).parent), curve((other / file).parent)
        assert [point[:2] for point in found] == [point[:2] for point in wanted]
        assert [point[2] for point in found] == pytest.approx([point[2] for point in wanted], rel=2e-4)
    for file in models[0]:
        weights, expected = load_file(one / file), load_file(other / file)
        for name, tensor in expected.items():
            torch.testing.assert_close(weights[name], tensor, rtol=1e-3, atol=2e-5)


@pytest.fixture(scope="module")
def alone(material: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of one process."""
    folder, before = tmp_path_factory.mktemp("alone"), Path.cwd()
    os.chdir(material)
    try:
        spawn(1, material, folder, [(name, str(folder / name), 0) for name in RECIPES])
    finally:
        os.chdir(before)
    return folder


@pytest.mark.parametrize("count", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_any_number_of_processes_learns_the_same(count: int, alone: Path, material: Path, tmp_path: Path) -> None:
    spawn(count, material, tmp_path, [(name, str(tmp_path / name), 0) for name in RECIPES])
    for name in RECIPES:
        same(tmp_path / name, alone / name)


@pytest.mark.slow
def test_every_stage_of_a_modular_encoder_runs_in_two_processes(material: Path, tmp_path: Path) -> None:
    """Hidden tokens and dropout are drawn by each process for itself, so the numbers are others."""
    output, arguments = tmp_path / "run", ["modular-encoders", *MODULAR, *STAGES]
    with started(material, *arguments, "--output", str(output), "--processes", "2", "--json") as process:
        printed, said = process.communicate(timeout=120)
    assert process.returncode == cli.DONE, said
    assert json.loads(printed)["steps"] == 2
    assert load(output).encode(["red old house"], "ru").shape == (1, 16)


@pytest.mark.slow
def test_a_run_of_two_goes_on_as_one_of_three_and_of_one(
    alone: Path,
    material: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(material)
    names = ("infonce", "laser")
    spawn(2, material, tmp_path, [(name, str(tmp_path / name), 4) for name in names])
    spawn(3, material, tmp_path, [(name, str(tmp_path / name), 8) for name in names])
    spawn(1, material, tmp_path, [(name, str(tmp_path / name), 0) for name in names])
    for name in names:
        same(tmp_path / name, alone / name)


@contextmanager
def started(folder: Path, *arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """A command of its own, ended with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "interlingua", "train", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_one_command_starts_them_and_one_of_them_speaks(alone: Path, material: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    with started(material, *RECIPES["infonce"], "--output", str(output), "--processes", "2", "--json") as process:
        printed, said = process.communicate(timeout=120)
    assert process.returncode == cli.DONE, said
    assert json.loads(printed)["steps"] == 12
    assert said.count("each anchor sees 6 candidates, gathered from 2 processes") == 1
    same(output, alone / "infonce")


@pytest.mark.slow
def test_what_does_not_fit_is_said_once(material: Path, tmp_path: Path) -> None:
    output = ["--output", str(tmp_path / "run")]
    for arguments, problem in (
        (changed(RECIPES["infonce"], "--batch-size", "7"), "--batch-size 7 cannot be shared by 2 processes evenly"),
        (
            ["modular-encoders", *ARGUMENTS["modular-encoders"]],  # of 8
            "a stage's batch size of 8 cannot be shared by 3 processes evenly",
        ),
    ):
        count = "3" if "3 processes" in problem else "2"
        with started(material, *arguments, *output, "--processes", count) as process:
            printed, said = process.communicate(timeout=120)
        assert process.returncode == cli.BAD_INPUT
        assert said.count(f"error: {problem}") == 1
        assert "Traceback" not in printed + said
        assert not (tmp_path / "run").exists()


def with_a_seed_of_its_own(number: int, data: str, folder: str) -> None:
    """One of two processes that were told different things; its exit code and what it said go to a file."""
    torch.set_num_threads(1)
    os.chdir(data)
    os.environ |= {"RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": "2"}
    os.environ["INTERLINGUA_MEETING"] = (Path(folder) / "meeting").as_uri()
    said = io.StringIO()
    with redirect_stderr(said):
        code = cli.run(["train", *RECIPES["infonce"], "--output", f"{folder}/run", "--seed", str(number)])
    (Path(folder) / f"{number}.json").write_text(json.dumps([code, said.getvalue()]), encoding="utf-8")
    os._exit(0)  # gloo's threads are not waited for


def test_processes_with_other_options_or_data_do_not_train_together(material: Path, tmp_path: Path) -> None:
    in_processes(with_a_seed_of_its_own, (str(material), str(tmp_path)), 2)
    for number in (0, 1):
        code, said = json.loads((tmp_path / f"{number}.json").read_text(encoding="utf-8"))
        assert code in (cli.BAD_INPUT, Lost.exit_code)
        assert "Traceback" not in said
        assert "process 1 has other data or options than process 0" in said or code == Lost.exit_code


def alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    "how",
    ["kill a process", *(pytest.param(how, marks=pytest.mark.slow) for how in ("stop them all", "kill the launcher"))],
)
def test_none_is_left_behind(how: str, material: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    endless = changed(changed(RECIPES["infonce"], "--max-steps", "1000000"), "--epochs", "1000000")
    with started(material, *endless, "--output", str(output), "--processes", "2") as process:
        until = time.monotonic() + 90
        while not (output / "metrics.jsonl").exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
            time.sleep(0.1)
        children = psutil.Process(process.pid).children()
        assert len(children) == 2
        if how == "kill a process":
            next(child for child in children if child.environ()["RANK"] == "1").kill()
        elif how == "stop them all":
            process.terminate()
        else:
            process.kill()  # its pipes stay open until the others have ended
        _, said = process.communicate(timeout=60)
    until = time.monotonic() + 30  # the pipes close a little before a process is gone
    while any(map(alive, children)):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "Traceback" not in said
    if how == "kill a process":
        assert process.returncode == 1
        assert "error: process 1 was killed (signal 9); --resume continues from the last checkpoint" in said
    else:
        assert process.returncode == (cli.INTERRUPTED if how == "stop them all" else -signal.SIGKILL)
        assert "everything is saved in" in said
        assert (output / "checkpoint.pt").exists()
