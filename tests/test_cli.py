"""The command line as a user meets it: output, exit codes, one line on stderr."""

import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from interlingua import __version__, cli, discovery, load, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.export.export import export
from interlingua.resumable import alone, beside

ENGLISH = ["one red house", "two blue cars", "three green trees", "four old books"]
GERMAN = ["drei grüne Bäume", "vier alte Bücher", "ein rotes Haus", "zwei blaue Autos"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    tokenizer = tokenization.train([*ENGLISH, *GERMAN] * 3, 400)
    body = static.Body(static.Config(width=8), tokenizer.vocabulary_size, tokenizer.pad)
    folder = tmp_path_factory.mktemp("cli") / "model"
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder)
    return str(folder)


@pytest.fixture(scope="module")
def engine(model: str) -> str:
    """The same model as one that a new process loads in no time: without torch."""
    folder = Path(model).with_name("engine")
    export(load(model), folder, "fp32")
    return str(folder)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "en.txt").write_text("\n".join(ENGLISH) + "\n", encoding="utf-8")
    (tmp_path / "same.txt").write_text("\n".join(reversed(ENGLISH)) + "\n", encoding="utf-8")
    pairs = [f"{text} {n}\tde {text} {n}" for text in ENGLISH for n in range(10)]
    (tmp_path / "bad.txt").write_bytes(b"fine\n\xff\n")
    (tmp_path / "one.tsv").write_text("one\ntwo\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "none.txt").touch()
    (tmp_path / "a.tsv").write_text("\n".join(["en\tde", *pairs]) + "\n", encoding="utf-8")
    (tmp_path / "b.tsv").write_text(
        "\n".join(["en\tfr", *(pair.replace("\tde", "\tfr") for pair in pairs)]) + "\n", encoding="utf-8"
    )
    return tmp_path


def python(code: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, **options)


def fails(capsys: pytest.CaptureFixture[str], *arguments: str, problem: str) -> None:
    """The command line is refused: exit code 2, nothing on stdout, one line on stderr that names the problem."""
    assert cli.run(list(arguments)) == cli.BAD_INPUT == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert problem in said.err


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    code = "import sys; from interlingua import cli; cli.run(['--help']); print(*sorted(sys.modules), file=sys.stderr)"
    seconds: list[float] = []
    for _ in range(5):
        began = os.times()
        done = python(code)
        ended = os.times()  # of the processor, so that it is the same on a busy machine
        seconds.append(ended.children_user - began.children_user + ended.children_system - began.children_system)
        assert not {"numpy", "torch", "scipy", "faiss", "pyarrow", "onnxruntime"} & set(done.stderr.split())
    assert min(seconds) < 0.8  # of the processor's time: a busy machine is no slower


def test_help_describes_the_command_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for command, said in [
        (["clean"], "Every pair is in one of the two files"), (["tm", "lookup"], "at most 0.84 where a word"),
        (["train", "labse"], ""),
    ]:  # fmt: skip
        assert cli.run([*command, "--help"]) == 0
        assert said in " ".join(capsys.readouterr().out.split())
    assert cli.run(["--help"]) == 0
    assert "Every pair is in one" not in " ".join(capsys.readouterr().out.split())


def test_help_lists_every_command_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    shown = capsys.readouterr().out
    found = {name: discovery.summary(choice.file) for name, choice in discovery.choices("commands").items()}
    assert found.keys() >= {"encode", "evaluate", "mine", "quickstart", "recipes", "train"}
    for name, summary in found.items():
        assert name in shown
        assert summary.split(":")[0].split()[0] in shown


def test_listing_recipes_imports_no_torch() -> None:
    done = python(
        "import sys; from interlingua import cli; cli.run(['train', '--help']); print('torch' in sys.modules)"
    )
    assert "multilingual-distillation" in done.stdout
    assert done.stdout.endswith("False\n")


def test_the_flags_of_a_recipe_are_the_fields_of_its_config(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["train", "multilingual-distillation", "--help"]) == 0
    shown = capsys.readouterr().out
    for flag in (
        "--teacher",
        "--student",
        "--pairs",
        "--output",
        "--resume",
        "--learning-rate",
        "--warmup",
        "--evaluate-every",
    ):
        assert f"{flag} " in shown
    assert "The encoder to imitate" in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("encod en.txt --model M", 'error: Unknown command "encod". Did you mean "encode"?'),
        ("encode en.txt --modle M", "error: Unknown option: --modle. "),
        ("encode en.txt --model", "error: --model needs a value."),
        ("train multilingal", 'Did you mean "multilingual-distillation"?'),
        ("encode en.txt --memory -1G --model M", "error: --memory needs a value, not -1G. ("),
        ("encode en.txt --model --memory 1G", "error: --model needs a value. ("),
        ("encode en.txt --model M --memory ١G", "--memory '١G' is no size"),
        ("mine en.txt same.txt --model M --k ٤", "--k ٤: write the number in digits from 0 to 9"),
        ("encode en.txt --model ~nouser/x", "~nouser/x: there is no such folder"),
        ("encode", "FILE"),
        ("encode en.txt", "--model"),
        ("encode bad.txt --model M --output x.npy", "bad.txt:2: byte 1 of this line is not UTF-8"),
        ("encode bad.txt --model M", "bad.txt:2"),
        ("encode en.txt --model M --depth 3", "--depth"),
        ("encode en.txt --model nowhere", "nowhere: there is no such folder"),
        ("encode missing.txt --model M", "missing.txt: there is no such file"),
        ("encode en.txt --model M --output vectors.csv", "must end in .npy or .parquet"),
        ("mine en.txt same.txt --model M --margin none", "--margin"),
        ("mine en.txt same.txt --model M --k 0", "k must be at least 1"),
        ("mine en.txt same.txt --model M --k many", "--k"),
        ("mine missing.txt en.txt --model M -o m.tsv", "missing.txt: there is no such file"),
        ("mine en.txt missing.txt --model M -o new/m.tsv", "missing.txt: there is no such file"),
        ("mine en.txt missing.txt --model M -o m.tsv --work kept", "missing.txt: there is no such file"),
        ("mine en.txt bad.txt --model M -o m.tsv", "bad.txt:2: byte 1 of this line is not UTF-8"),
        ("mine en.txt none.txt --model M -o m.tsv", "none.txt: no texts in this file"),
        ("mine en.txt same.txt --model M -o m.tsv --precision 0.9", "4 candidate pairs are too few"),
        ("align en.txt same.txt --model M --format ladder -o m.tsv", "m.tsv: a ladder is no .tsv"),
        ("evaluate tatoeba a.tsv --model M -o result.tsv", "its name must end in .json"),
        ("evaluate tatoba a.tsv --model M", 'Did you mean "tatoeba"?'),
        ("evaluate sts --model M", "which files?"),
        ("evaluate sts missing --model M", "missing: there is no such file or folder"),
        ("evaluate sts a.tsv --model M --languages de", "--languages"),
        ("evaluate sts a.tsv --model M", "a.tsv:2: there is no column 'sentence1'"),
        ("train multilingual-distillation --pairs a.tsv --output run", "--teacher"),
        (
            "train multilingual-distillation --teacher M --pairs missing.tsv --output run",
            "missing.tsv: there is no such file",
        ),
        ("train multilingual-distillation --teacher M --pairs one.tsv --output run", "one.tsv:2: one column"),
        ("train multilingual-distillation --teacher empty --pairs a.tsv --output run", "empty: no model here"),
        (
            "train multilingual-distillation --teacher M --pairs a.tsv --output run --warmup 2",
            "warm-up must be between 0 and 1",
        ),
        ("doctor a.tsv --device cpu", "--device cpu is for a model; give one with --model"),
        ("export nowhere --output engine", "nowhere: there is no such folder"),
        ("export M --output en.txt", "en.txt exists and is no engine"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    line: str, problem: str, model: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(files.rglob("*"))
    fails(capsys, *(model if word == "M" else word for word in line.split()), problem=problem)
    assert sorted(files.rglob("*")) == before  # nothing half-written


def test_a_folder_that_cannot_be_written_to_is_found_before_the_work(
    model: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Encoder, "encode", lambda *_, **__: pytest.fail("encoded for nothing"))
    for *command, output in (
        ["encode", "en.txt", "x.npy"],
        ["mine", "en.txt", "same.txt", "x.tsv"],
        ["evaluate", "tatoeba", "a.tsv", "x.json"],
    ):
        fails(capsys, *command, "--model", model, "--output", f"en.txt/{output}", problem="cannot be written")


def test_ctrl_c_is_exit_code_130(
    model: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Encoder, "encode", stop)
    assert cli.run(["encode", "en.txt", "--model", model, "--output", "x.npy"]) == cli.INTERRUPTED == 130
    assert capsys.readouterr().err.startswith("interrupted; ")
    assert not list(files.glob("*x.npy*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
@pytest.mark.parametrize("command", ["encode en.txt --model M", "recipes"])
def test_a_full_disk_behind_standard_output_is_one_line(command: str, engine: str, files: Path) -> None:
    arguments = [engine if word == "M" else word for word in command.split()]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "interlingua", *arguments], stdout=full, stderr=subprocess.PIPE, timeout=120
        )
    assert ended.returncode == cli.BAD_INPUT
    assert ended.stderr == b"error: no space is left to write to standard output; make some\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("recipes >&-", cli.BAD_INPUT, b"error: standard output cannot be written (Bad file descriptor)\n"),
        ("recipes >&- 2>&-", cli.BAD_INPUT, b""),
        ("recipes 2>/dev/full >here", cli.DONE, b""),
        ("recipes 2>&- >here", cli.DONE, b""),
        ("doctor a.tsv <&- >here", cli.DONE, b""),
        ("doctor - <&- >here", cli.BAD_INPUT, b"error: -: cannot be read (Bad file descriptor)\n"),
        ("doctor missing.tsv 2>/dev/full", cli.BAD_INPUT, b""),
        ("tm convert a.tsv -o b.jsonl >&- 2>&- <&-", cli.DONE, b""),
    ],
)
def test_standard_streams_that_are_closed_or_full(line: str, code: int, said: bytes, files: Path) -> None:
    command = ["bash", "-c", f"{sys.executable} -m interlingua {line}"]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (code, said)
    if "here" in line and code == cli.DONE:
        assert (files / "here").stat().st_size > 100
    if "b.jsonl" in line:
        rows = [json.loads(row) for row in (files / "b.jsonl").read_text(encoding="utf-8").splitlines()]
        assert rows[0]["en"] == f"{ENGLISH[0]} 0"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_process_that_is_asked_to_end_leaves_no_temporary_files(number: int, engine: str, files: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where these tests run under nohup\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from interlingua import cli; from interlingua.engines.engine import Engine\n"
        "encode = Engine.encode  # which loading tries, too\n"
        f"at_work = lambda texts: {ENGLISH[0]!r} in texts and (print('at work', flush=True), time.sleep(100))\n"
        "Engine.encode = lambda self, texts, *more: at_work(texts) or encode(self, texts, *more)\n"
        f"sys.argv = ['interlingua', 'encode', 'en.txt', '-m', {engine!r}, '-o', 'new/x.parquet']; cli.main()"
    )
    before = sorted(files.rglob("*"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == b"at work\n"
            assert list((files / "new").iterdir())
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == cli.INTERRUPTED
    assert said.startswith(b"interrupted; ")
    assert sorted(files.rglob("*")) == before


def test_two_runs_of_one_output_do_not_mix(model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for output, *line in (["x.npy", "encode", "en.txt"], ["x.tsv", "mine", "en.txt", "same.txt"]):
        with alone(beside(files / output)):
            fails(capsys, *line, "-m", model, "-o", output, problem=f".{output}.work: another run is at work")
        assert cli.run([*line, "-m", model, "-o", output]) == cli.DONE
        capsys.readouterr()
    assert not [name for name in os.listdir(files) if name.startswith(".")]


def test_torchrun_is_for_training_alone(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    fails(capsys, "recipes", problem="torchrun starts several processes, which only train shares work among")
    fails(
        capsys, "train", "averaging", "--vectors", "x", "--output", "y",
        problem="this recipe trains nothing; start it without torchrun",
    )  # fmt: skip
    fails(
        capsys, *["train", "labse", "--student", "tiny", "--pairs", "a.tsv", "--output", "x", "--processes", "3"],
        problem="torchrun has started 2 processes already; leave --processes out",
    )  # fmt: skip


def test_only_a_recipe_that_trains_has_processes(capsys: pytest.CaptureFixture[str]) -> None:
    shown: dict[str, str] = {}
    for recipe in ("averaging", "labse"):
        assert cli.run(["train", recipe, "--help"]) == cli.DONE
        shown[recipe] = capsys.readouterr().out
    assert "--processes" in shown["labse"]
    assert "--processes" not in shown["averaging"]
    assert "--seeds" in shown["averaging"]


def test_a_bug_keeps_its_traceback(model: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Encoder, "encode", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        cli.run(["encode", "en.txt", "--model", model])


@pytest.mark.parametrize(
    "allocate", [lambda *_, **__: np.zeros(1 << 60, np.int8), lambda *_, **__: torch.zeros(1 << 60, dtype=torch.int8)]
)
def test_memory_that_is_not_there_is_one_line(model: str, files: Path, monkeypatch, capsys, allocate) -> None:
    monkeypatch.setattr(Encoder, "encode", allocate)
    assert cli.run(["encode", "en.txt", "--model", model]) == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert re.fullmatch(r"error: there is not enough memory for this \(1\S* \w+ more were asked for\); give .*\n", said)


@pytest.mark.parametrize("enough", [False, True])
def test_a_reader_that_goes_away_is_no_error(engine: str, files: Path, enough: bool) -> None:
    (files / "many.txt").write_text("one red house\n" * (20_000 if enough else 1), encoding="utf-8")
    command = [
        sys.executable,
        "-c",
        "from interlingua.cli import main; main()",
        "encode",
        "many.txt",
        "--model",
        engine,
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


def test_encode_prints_json_lines(model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["encode", "en.txt", "--model", model]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == ENGLISH
    assert np.allclose([row["embedding"] for row in rows], load(model).encode(ENGLISH), atol=1e-6)


def test_encode_writes_numpy_and_parquet_alike(model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pyarrow.parquet as pq

    for name in ("x.npy", "x.parquet"):
        assert cli.run(["encode", "en.txt", "--model", model, "--output", name]) == 0
    said = capsys.readouterr()
    assert said.out == ""  # stdout is data
    assert "4 texts, width 8: x.npy" in said.err
    vectors, table = np.load(files / "x.npy"), pq.read_table(files / "x.parquet")
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, load(model).encode(ENGLISH))
    assert table["text"].to_pylist() == ENGLISH
    assert np.array_equal(np.stack(table["embedding"].to_numpy()), vectors)


def test_encode_reads_standard_input(
    model: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO("three green trees\n\nÄpfel\n".encode()), encoding="utf-8")
    )
    assert cli.run(["encode", "-", "-m", model, "-o", "-"]) == 0
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == [
        "three green trees",
        "",
        "Äpfel",
    ]


def test_no_texts_no_vectors(model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "none.txt").write_text("")
    for name in ("x.npy", "x.parquet", "-"):
        assert cli.run(["encode", "none.txt", "--model", model, "--output", name]) == 0
    assert capsys.readouterr().out == ""
    assert np.load(files / "x.npy").shape == (0, 8)


def test_mine_finds_what_is_the_same(model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["mine", "en.txt", "same.txt", "--model", model, "--k", "2"]
    assert cli.run([*line, "--output", "pairs.tsv"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "4 pairs from 4 and 4 texts: pairs.tsv" in said.err
    header, *rows = [row.split("\t") for row in (files / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    assert header == ["score", "source", "target"]
    assert sorted(row[1] for row in rows) == sorted(ENGLISH)
    assert all(row[1] == row[2] for row in rows)
    assert [float(row[0]) for row in rows] == sorted((float(row[0]) for row in rows), reverse=True)

    assert cli.run(line) == 0
    assert capsys.readouterr().out == (files / "pairs.tsv").read_text(encoding="utf-8")
    assert cli.run([*line, "--json"]) == 0
    assert [list(row.values()) for row in json.loads(capsys.readouterr().out)["mined"]] == rows
    assert cli.run([*line, "--threshold", "99", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == 0


def test_evaluate_says_what_the_figure_depends_on(
    model: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["interlingua", "evaluate", "tatoeba"])
    (files / "same.tsv").write_text(
        "\n".join(["en\tde", *(f"{text}\t{text}" for text in ENGLISH)]) + "\n", encoding="utf-8"
    )
    assert cli.run(["evaluate", "tatoeba", "same.tsv", "--model", model, "--json", "--output", "result.json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == json.loads((files / "result.json").read_text(encoding="utf-8"))
    assert shown["model"]["name"] == model
    assert shown["data"] == ["same.tsv"]
    assert shown["files"] == {"same.tsv": hashlib.sha256((files / "same.tsv").read_bytes()).hexdigest()}
    assert shown["command"] == "interlingua evaluate tatoeba"
    assert shown["definition"]
    assert shown["versions"]["interlingua"] == __version__
    assert cli.run(["evaluate", "tatoeba", "same.tsv", "--model", model]) == 0
    assert "100.00" in capsys.readouterr().out


def test_evaluate_encodes_no_text_twice(
    model: str, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "same.tsv").write_text(
        "\n".join(["en\tde", *(f"{text}\t{text}" for text in ENGLISH)]) + "\n", encoding="utf-8"
    )
    (files / "x.tsv").write_text(
        f"score\tsentence1\tsentence2\n1\t{ENGLISH[0]}\tnew\n2\t{ENGLISH[1]}\tnew\n", encoding="utf-8"
    )
    asked: list[str] = []
    encode = Encoder.encode

    def counted(self: Encoder, texts: list[str], language: str = "und") -> np.ndarray:
        asked.extend(texts)
        return encode(self, texts, language)

    monkeypatch.setattr(Encoder, "encode", counted)
    line = ["--model", model, "--cache", "kept", "--json"]
    assert cli.run(["evaluate", "tatoeba", "same.tsv", *line]) == 0
    first = json.loads(capsys.readouterr().out)
    assert sorted(asked) == sorted(ENGLISH * 2)  # in two languages
    asked.clear()
    assert cli.run(["evaluate", "tatoeba", "same.tsv", *line]) == 0
    second = json.loads(capsys.readouterr().out)
    assert (second["rows"], second["model"]) == (first["rows"], first["model"])
    assert asked == []
    assert cli.run(["evaluate", "sts", "x.tsv", *line]) == 0
    assert sorted(asked) == sorted([*ENGLISH[:2], "new"])
    capsys.readouterr()
    (store,) = (files / "kept").iterdir()
    store.write_bytes(b"damaged" * 1000)
    fails(capsys, "evaluate", "sts", "x.tsv", *line[:-1], problem="cannot be used")


def test_evaluate_a_folder_of_similarity_judgements(
    model: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (files / "sts").mkdir()
    (files / "sts" / "en.test.tsv").write_text(
        "score\tsentence1\tsentence2\n5\tA cat\tA cat\n1\tA cat\tRain\n0\tA dog\tTea, 3.14\n"
    )
    (files / "sts" / "de.test.tsv").write_text(
        "score\tsentence1\tsentence2\n5\tKatze\tKatze\n1\tKatze\tRegen\n0\tHund\tTee\n"
    )
    assert cli.run(["evaluate", "sts", "sts", "--model", model, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in result["rows"]] == ["de", "en", "en-de"]
    assert "Spearman" in result["definition"]
    assert result["model"]["pooling"] == "mean"


def test_train_reads_several_files_and_its_model_is_usable(
    model: str, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = f"train multilingual-distillation --teacher {model} --student static --pairs a.tsv b.tsv --output run --dev-texts 5 --max-steps 4"
    few = "--vocabulary-size 400 --batch-size 8 --precision fp32 --log-every 1 --evaluate-every 2"
    assert cli.run([*line.split(), *few.split(), "--json"]) == 0
    said = capsys.readouterr()
    outcome = json.loads(said.out)
    assert outcome["steps"] == 4
    assert "2 target languages" in said.err
    written = json.loads((files / "run" / "config.json").read_text(encoding="utf-8"))["config"]
    assert written["pairs"] == ["a.tsv", "b.tsv"]
    assert written["supervision"]["evaluate_every"] == 2
    assert cli.run(["encode", "en.txt", "--model", outcome["model"]]) == 0
    capsys.readouterr()
    fails(capsys, *line.split(), *few.split(), problem="--resume continues it")
    assert cli.run([*line.split(), *few.split(), "--resume"]) == 0


def test_recipes_name_their_paper(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["recipes", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.keys() == discovery.choices("recipes").keys()
    for fields in found.values():
        assert fields.keys() >= {"Summary", "Paper", "Command", "Measured"}
    assert cli.run(["recipes"]) == 0
    assert "2004.09813" in capsys.readouterr().out


def test_an_exported_model_encodes_without_torch(model: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["export", model, "--output", "engine", "--precision", "fp32", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["largest_difference"] < 1e-4
    code = (
        "import sys; sys.modules['torch'] = None; from interlingua import cli; "
        "sys.exit(cli.run(['encode', 'en.txt', '--model', 'engine', '--output', 'engine.npy']))"
    )
    done = python(code, env={**os.environ, "OMP_NUM_THREADS": "1"}, cwd=files)
    assert done.returncode == 0, done.stderr
    assert cli.run(["encode", "en.txt", "--model", model, "--output", "model.npy"]) == 0
    assert np.allclose(np.load(files / "engine.npy"), np.load(files / "model.npy"), atol=1e-4)


def test_the_package_runs_as_a_module() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "interlingua", "--version"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout.strip()) == (0, __version__)


@pytest.mark.parametrize("name", ["x" * 300, "x" * 5000, "x" * 300 + ".tsv", "x" * 300 + ".de-en"])
def test_a_name_that_no_file_can_have(name, capsys):
    """As the fuzzer found it: Path.exists raises for it."""
    assert cli.run(["tm", "convert", name, "-o", "out.tmx"]) == cli.BAD_INPUT
    assert cli.run(["doctor", name]) == cli.BAD_INPUT
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(line.startswith("error: ") for line in said)
