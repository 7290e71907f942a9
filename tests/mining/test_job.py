import contextlib
import gzip
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from interlingua.errors import ConfigError, DataError
from interlingua.mining import job, neighbourhood, output, store
from interlingua.mining.filters import Filter, reason
from interlingua.mining.mine import mine
from interlingua.search.approximate import IndexType
from interlingua.vectors import unit

WORKER = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
from tests.mining import test_job
test_job.make_small(lambda owner, name, value: setattr(owner, name, value))
test_job.mined(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
"""


def encode(texts, language="und"):
    """Texts that end in the same word are translations of each other; every text is a little off."""
    rows = [direction(text.split()[-1]) + 0.5 * direction(text) for text in texts]
    return np.array(rows, np.float32).reshape(-1, 24)


@cache
def direction(text: str) -> np.ndarray:
    return np.random.default_rng(list(hashlib.sha256(text.encode()).digest()[:8])).standard_normal(24)


class Model:
    width = 24

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def encode(self, texts, language="und"):
        time.sleep(self.seconds)  # a kill shall meet every stage
        return encode(texts)

    def describe(self):
        return {}


def make_small(put) -> None:
    put(store, "SHARD", 64)
    put(neighbourhood, "SHARD", 64)
    put(neighbourhood, "LARGEST", 96)
    put(neighbourhood, "SMALLEST", 32)


def piles(folder: Path) -> None:
    dice = random.Random(3)
    source, target = [f"source text {n}" for n in range(300)], [f"Ziel {n}" for n in range(200, 420)]
    source += [*source[:20], ""]
    for name, pile in (("a.txt", source), ("b.txt", target)):
        dice.shuffle(pile)
        (folder / name).write_text("\n".join(pile) + "\n", encoding="utf-8")


def mined(folder: Path, out: Path, seconds: float = 0.0, **settings) -> job.Mined:
    job.loading.load, job.loading.fingerprint = lambda *_: Model(seconds), lambda _: "model"
    asked = job.Settings(**{"source": folder / "a.txt", "target": folder / "b.txt", "model": "model"} | settings)
    found = job.run(asked, folder / "work")
    output.write(out, found.rows(asked.filters), ("und", "und"))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(job.loading, "load", None)
    monkeypatch.setattr(job.loading, "fingerprint", None)
    make_small(monkeypatch.setattr)
    piles(tmp_path)
    return tmp_path


def expected(folder: Path, **settings) -> list[tuple[str, str, str]]:
    sides = [list(dict.fromkeys(filter(None, (folder / name).read_text().splitlines()))) for name in ("a.txt", "b.txt")]
    pairs = mine(*(unit(encode(side)) for side in sides), **settings)
    return [(f"{pair.score:.4f}", sides[0][pair.source], sides[1][pair.target]) for pair in pairs]


@pytest.mark.parametrize("retrieval", ["forward", "backward", "intersection", "max"])
@pytest.mark.parametrize("margin", ["absolute", "ratio"])
def test_blocks_on_disk_give_what_arrays_give(folder: Path, retrieval: str, margin: str) -> None:
    settings = {"retrieval": job.Retrieval(retrieval), "margin": job.Margin(margin), "threshold": 0.2}
    found = mined(folder, folder / "pairs.tsv", **settings)
    rows = [tuple(line.split("\t")) for line in (folder / "pairs.tsv").read_text().splitlines()[1:]]
    assert rows == expected(folder, **settings)
    assert found.summary["source_texts"] == 321
    assert found.summary["different"] == [300, 220]
    assert len(list((folder / "work").glob("neighbours-*/forward-*.npz"))) == 4


def test_blocks_and_threads_do_not_show(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mined(folder, folder / "one.tsv")
    for block, threads in ((32, "1"), (512, "2")):
        monkeypatch.setattr(neighbourhood, "LARGEST", block)
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        job.forget(folder / "work")
        mined(folder, folder / "other.tsv")
        assert (folder / "one.tsv").read_bytes() == (folder / "other.tsv").read_bytes()


def kill_and_continue(folder: Path, kills: int, seconds: float) -> int:
    """Kill a job at random moments and start it again until it is done; how many kills met it alive."""
    command = [
        sys.executable,
        "-c",
        WORKER.format(here=str(Path(__file__).parents[2])),
        str(folder),
        str(folder / "killed.tsv"),
        str(seconds),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    dice, met = random.Random(kills), 0
    for _ in range(kills * 10):
        if met == kills:
            break
        before = _made(folder / "work")
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            try:
                while process.poll() is None and _made(folder / "work") == before:  # past the imports, into the work
                    time.sleep(0.002)
                time.sleep(dice.uniform(0, 4 * seconds))
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)
                    met += 1
        assert process.returncode in (0, -signal.SIGKILL)
        if process.returncode == 0:
            job.forget(folder / "work")  # faster than the kills: once more from the start
    subprocess.run(command, env=environment, check=True, timeout=120)
    return met


def _made(work: Path) -> list[tuple[str, int]]:
    """The finished files and when they were written; a file that vanishes meanwhile was not finished."""
    made = []
    for within, _, names in os.walk(work):
        for name in names if ".part" not in within.removeprefix(str(work)) else ():
            if ".np" in name and ".part" not in name:
                with contextlib.suppress(FileNotFoundError):
                    made.append((os.path.join(within, name), os.stat(os.path.join(within, name)).st_mtime_ns))
    return sorted(made)


def test_three_kills_do_not_show(folder: Path) -> None:
    whole = folder / "whole.tsv"
    mined(folder, whole)
    job.forget(folder / "work")
    assert kill_and_continue(folder, 3, 0.01) == 3
    assert (folder / "killed.tsv").read_bytes() == whole.read_bytes()


@pytest.mark.slow
def test_twenty_kills_do_not_show(folder: Path) -> None:
    whole = folder / "whole.tsv"
    mined(folder, whole)
    job.forget(folder / "work")
    assert kill_and_continue(folder, 20, 0.02) == 20
    assert (folder / "killed.tsv").read_bytes() == whole.read_bytes()


def test_finished_stages_are_not_done_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mined(folder, folder / "pairs.tsv")
    monkeypatch.setattr(store, "write_shard", None)
    monkeypatch.setattr(neighbourhood, "search", None)
    mined(folder, folder / "again.tsv", threshold=1.0, retrieval=job.Retrieval.forward)


def test_estimated_precision_is_near_the_true_one(folder: Path) -> None:
    dice = random.Random(1)
    for name, word, numbers in (("a.txt", "source", range(900)), ("b.txt", "Ziel", range(600, 1500))):
        pile = [f"{word} {n}" for n in numbers]
        dice.shuffle(pile)
        (folder / name).write_text("\n".join(pile), encoding="utf-8")
    found = mined(folder, folder / "pairs.tsv", precision=0.9)
    pairs = [line.split("\t")[1:] for line in (folder / "pairs.tsv").read_text().splitlines()[1:]]
    precision = np.mean([one.split()[-1] == other.split()[-1] for one, other in pairs])
    assert 0.8 < precision < 0.97
    assert abs(found.estimate.right - 300) < 60
    assert found.summary["estimated_precision"] >= 0.9


def test_too_little_to_calibrate_or_to_search_in(folder: Path) -> None:
    with pytest.raises(ConfigError, match="--memory leaves .* at least .* needed"):
        mined(folder, folder / "pairs.tsv", memory=2**20)
    with pytest.raises(ConfigError, match="give one of them"):
        mined(folder, folder / "pairs.tsv", threshold=1.0, precision=0.5)
    (folder / "a.txt").write_text("one\ntwo\n")
    with pytest.raises(ConfigError, match="too few"):
        mined(folder, folder / "pairs.tsv", precision=0.5)


@pytest.mark.parametrize("index", [IndexType.ivf, IndexType.hnsw])
def test_approximate_neighbours_are_scored_exactly_and_their_recall_is_told(tmp_path: Path, index, monkeypatch) -> None:
    monkeypatch.setattr(neighbourhood.approximate, "FEWEST", 100)
    random_ = np.random.default_rng(0)
    base = random_.standard_normal((1500, 16)).astype(np.float32)
    sides = []
    for name, noise in (("s", 0.3), ("t", 0.31)):
        (tmp_path / name).mkdir()
        rows = unit(base + noise * random_.standard_normal(base.shape).astype(np.float32))
        store.write_shard(tmp_path / name / "00000.npy", rows)
        sides.append(store.Vectors(tmp_path / name, len(rows), 16))
    forward, backward, recall = neighbourhood.find(tmp_path, *sides, 3, 2**30, index)
    assert min(recall) > (0.9 if index is IndexType.hnsw else 0.5)
    for found, queries, keys in ((forward, *sides), (backward, *reversed(sides))):
        ((_, cosines, rows),) = found.blocks()
        exact = np.vecdot(
            queries.rows(0, 1500)[:, None].astype(np.float64), keys.at(rows.ravel()).reshape(*rows.shape, 16)
        ).astype(np.float32)
        assert np.array_equal(cosines, exact)


@pytest.mark.parametrize(("source", "target", "name"), [
    ("Open the file!", "open the file", Filter.copy), ("In 1999", "Im Jahr 1998", Filter.number), ("3,500 books", "3500 Bücher", None),
    ("٣ كتب", "3 books", None), ("see https://a.org/b", "siehe https://a.org/c", Filter.address), ("mail a@b.org", "Post an a@b.org", None),
    ("a" * 30, "b" * 90, Filter.length), ("yes", "jawohl, gern", None), ("...", "!", None),
])  # fmt: skip
def test_filters_name_why(source: str, target: str, name: Filter | None) -> None:
    assert reason(source, target, tuple(Filter), 0.0) is name


def test_filters_leave_out_and_count(folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(
            "\n".join(f"same {n}" for n in range(30)) + ("\nsource 80" if name == "a.txt" else "\nZiel 80")
        )
    found = mined(folder, folder / "pairs.jsonl", filters=(Filter.copy,))
    assert found.summary["left_out"] == {"copy": 30}
    assert [json.loads(line)["target"] for line in (folder / "pairs.jsonl").read_text().splitlines()] == ["Ziel 80"]


def test_what_is_no_text_is_named_and_nothing_is_written(folder: Path) -> None:
    (folder / "pairs.tsv").write_text("earlier")
    for content, problem in (
        (b"x" * 10_000_000, "10,000,000 characters is no sentence"),
        (b"ok\nb\xff\n", "not UTF-8"),
        (b"a\0b\n", "NUL"),
    ):
        (folder / "b.txt").write_bytes(content)
        with pytest.raises(DataError, match=problem):
            mined(folder, folder / "pairs.tsv")
    assert (folder / "pairs.tsv").read_text() == "earlier"
    (folder / "b.txt").write_bytes(b"\xef\xbb\xbfZiel 7\r\n\r\nZiel 8\r\n")
    assert mined(folder, folder / "pairs.tsv").texts[1].at(range(2)) == ["Ziel 7", "Ziel 8"]
    with pytest.raises(ConfigError, match="the output must end in"):
        output.check(folder / "pairs.doc", ("en", "de"))
    with pytest.raises(ConfigError, match="names its languages"):
        output.check(folder / "pairs.tmx", ("und", "de"))
    with pytest.raises(DataError, match="cannot be written"):
        output.check(Path("/proc/pairs.tsv"), ("en", "de"))


def test_a_gzip_cut_short_is_named(folder: Path) -> None:
    (folder / "b.txt.gz").write_bytes(gzip.compress((folder / "b.txt").read_bytes())[:-20])
    with pytest.raises(DataError, match=r"b\.txt\.gz: the compressed file is damaged or cut short"):
        mined(folder, folder / "pairs.tsv", target=folder / "b.txt.gz")
    assert not (folder / "pairs.tsv").exists()


def test_a_full_disk_is_one_error_and_what_was_done_is_used_again(folder: Path) -> None:
    mined(folder, folder / "whole.tsv")
    job.forget(folder / "work")
    code = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))\n" + WORKER.format(
        here=str(Path(__file__).parents[2])
    )
    command = [sys.executable, "-c", code, str(folder), str(folder / "pairs.tsv"), "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "cannot be written" in done.stderr
    assert not (folder / "pairs.tsv").exists()
    mined(folder, folder / "pairs.tsv")
    assert (folder / "pairs.tsv").read_bytes() == (folder / "whole.tsv").read_bytes()


@pytest.mark.parametrize("damage", ["cut", "a bit"])
@pytest.mark.parametrize(
    "pattern", ["source-*/texts.bin", "target-*/places.npy", "vectors-*/00001.npy", "neighbours-*/f*"]
)
def test_what_is_kept_and_damaged_is_refused_or_made_again(folder: Path, pattern: str, damage: str) -> None:
    mined(folder, folder / "pairs.tsv")
    file = sorted((folder / "work").glob(pattern))[0]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content if damage == "a bit" else content[:-9])
    if pattern.startswith("vectors"):
        mined(folder, folder / "again.tsv")
        assert (folder / "again.tsv").read_bytes() == (folder / "pairs.tsv").read_bytes()
    else:
        with pytest.raises(DataError, match="made again"):
            mined(folder, folder / "again.tsv")


@pytest.mark.parametrize("gone", ["texts.bin", "places.npy"])
def test_a_kill_while_a_finished_job_is_removed_costs_nothing(folder: Path, gone: str) -> None:
    """What goes first is the file without which the rest is not believed."""
    mined(folder, folder / "pairs.tsv")
    for about in (folder / "work").glob(f"*/{store.ABOUT}"):
        about.unlink()
        (about.parent / gone).unlink()
    mined(folder, folder / "again.tsv")
    assert (folder / "again.tsv").read_bytes() == (folder / "pairs.tsv").read_bytes()
