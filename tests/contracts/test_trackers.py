"""What every tracker promises: a run that was stopped and resumed is one run there, with every figure of metrics.jsonl
at its step; one that cannot be reached is an error within seconds. A new one is one new file, and how to read it here.

`make test-trackers` installs all of them; elsewhere those that are not installed are skipped.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from interlingua import discovery
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.training.metrics import read
from interlingua.training.session import Supervision
from tests.training.test_session import Run

pytestmark = pytest.mark.filterwarnings("ignore")  # of libraries about each other
Points = set[tuple[int, float]]
CLOSED = "http://127.0.0.1:9"
"""A port at which nobody listens."""


def of_tensorboard(folder: Path, key: str) -> Iterator[tuple[dict[str, str], Points]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    text = events.Tensors("config/text_summary")[0].tensor_proto.string_val[0].decode()
    losses = {(one.step, round(one.value, 5)) for one in events.Scalars("train/loss")}
    assert len(losses) == len(events.Scalars("train/loss"))
    yield json.loads(text), losses


def blocks(content: bytes) -> Iterator[bytes]:
    """The entries of LevelDB's log format, of which wandb's files are made: parts with a head of 7 bytes (checksum, size,
    type) in blocks of 32 KiB, the file's own head first.
    """
    place, whole = 7, b""
    while place + 7 <= len(content):
        if 2**15 - place % 2**15 < 7:
            place += 2**15 - place % 2**15
        size, kind = int.from_bytes(content[place + 4 : place + 6], "little"), content[place + 6]
        whole += content[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):  # whole, or the last part
            yield whole
            whole = b""


def of_wandb(folder: Path, key: str) -> Iterator[tuple[dict[str, str], Points]]:
    from wandb.proto import wandb_internal_pb2

    config: dict[str, str] = {}
    points: Points = set()
    sittings = sorted((folder / "wandb").glob("offline-run-*"))
    assert {sitting.name.rpartition("-")[2] for sitting in sittings} == {key}
    for sitting in sittings:
        for data in blocks(next(sitting.glob("*.wandb")).read_bytes()):
            record = wandb_internal_pb2.Record.FromString(data)
            config |= {one.key: json.loads(one.value_json) for one in record.run.config.update}
            told = {one.nested_key[0] if one.nested_key else one.key: one for one in record.history.item}
            told = {name: json.loads(one.value_json) for name, one in told.items()}
            if "train/loss" in told:
                points.add((told["step"], round(told["train/loss"], 5)))
    yield config, points


def of_trackio(folder: Path, key: str) -> Iterator[tuple[dict[str, str], Points]]:
    with sqlite3.connect(Path(os.environ["TRACKIO_DIR"]) / "interlingua.db") as database:
        lines = database.execute("select run_name, step, metrics from metrics").fetchall()
        configs = database.execute("select config from configs").fetchall()
    assert {name for name, _, _ in lines} == {key}
    told = [(step, json.loads(figures)) for _, step, figures in lines]
    points = {(step, round(figures["train/loss"], 5)) for step, figures in told if "train/loss" in figures}
    yield json.loads(configs[-1][0]), points


def of_mlflow(folder: Path, key: str) -> Iterator[tuple[dict[str, str], Points]]:
    import mlflow

    client = mlflow.MlflowClient()
    assert client.get_run(key).info.status == "FINISHED"
    history = client.get_metric_history(key, "train/loss")
    yield client.get_run(key).data.params, {(one.step, round(one.value, 5)) for one in history}


READERS: dict[str, Callable[[Path, str], Iterator[tuple[dict[str, str], Points]]]] = {
    "tensorboard": of_tensorboard, "wandb": of_wandb, "trackio": of_trackio, "mlflow": of_mlflow,
}  # fmt: skip


@pytest.fixture(params=sorted(READERS))
def tracker(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param != "tensorboard" and find_spec(request.param) is None:
        pytest.skip("not installed; make test-trackers")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    yield request.param
    if "wandb" in sys.modules:
        sys.modules["wandb"].teardown()  # it would keep these settings


def test_every_tracker_is_read_here() -> None:
    assert set(discovery.choices("training/trackers")) == set(READERS)


@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_a_run_in_two_sittings_is_one_run_with_every_figure(
    tracker: str, encoder: Encoder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text('{"recipe": "small", "config": {"batch_size": 1}, "resolved": {}}')
    often = Supervision(log_every=1, evaluate_every=2, checkpoint_seconds=1e9, track=(tracker,))
    first = Run(encoder, folder, [3.0, 2.0, 1.0])
    first.stop_at = 3
    with pytest.raises(KeyboardInterrupt):
        first.train(6, supervision=often)
    Run(encoder, folder, [0.5, 0.4]).train(6, supervision=often)

    keys = json.loads((folder / "tracking.json").read_text()) if tracker != "tensorboard" else {}
    config, points = next(READERS[tracker](folder, keys.get(tracker, "")))
    logged = {(one["step"], round(one["loss"], 5)) for one in read(folder) if one["kind"] == "train"}
    assert {step for step, _ in logged} == {1, 2, 3, 4, 5, 6}
    assert {step: pytest.approx(loss, rel=1e-3) for step, loss in points} == dict(logged)
    assert config["recipe"] == "small"
    assert int(config["config.batch_size"]) == 1
    assert capfd.readouterr().out == ""  # which is for results


@pytest.mark.parametrize("encoder", ["static"], indirect=True)
@pytest.mark.parametrize("tracker", ["mlflow", "wandb"], indirect=True)
def test_one_that_cannot_be_reached_is_an_error_within_seconds(
    tracker: str, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", CLOSED)
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_BASE_URL", CLOSED)
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    began = time.monotonic()
    with pytest.raises(ConfigError, match=f"--track {tracker} cannot start .* Remedy: .*"):
        Run(encoder, tmp_path / "run", [3.0, 2.0]).train(2, supervision=Supervision(track=(tracker,)))
    assert time.monotonic() - began < 60
    Run(encoder, tmp_path / "run", [3.0, 2.0]).train(2)  # nothing stands in its way
