"""Descriptions of models: what they may hold, and that no byte of them changes unnoticed."""

from pathlib import Path

import pytest

from interlingua.errors import ModelFormatError
from interlingua.model_files import Description, Open, believable, check_files, inside, read_card, read_json, write_card


class Card(Description, kw_only=True):
    name: str
    size: int = 0


def card(folder: Path) -> Path:
    (folder / "weights").write_bytes(b"many numbers")
    write_card(folder / "card.json", {"format": 2, "name": "é, a name"})
    return folder / "card.json"


def test_a_description_comes_back(tmp_path: Path) -> None:
    read = read_card(card(tmp_path), Card, {1: False, 2: True})
    assert (read.name, read.size, list(read.files)) == ("é, a name", 0, ["weights"])
    check_files(tmp_path, read.files)


def test_no_byte_of_a_description_changes_unnoticed(tmp_path: Path) -> None:
    file = card(tmp_path)
    content = file.read_bytes()
    for place in range(len(content)):
        for other in {content[place] ^ 1, content[place] ^ 128, 32, 10} - {content[place]}:
            file.write_bytes(content[:place] + bytes([other]) + content[place + 1 :])
            with pytest.raises(ModelFormatError):
                read_card(file, Card, {1: False, 2: True})
    for length in range(len(content)):
        file.write_bytes(content[:length])
        with pytest.raises(ModelFormatError):
            read_card(file, Card, {1: False, 2: True})


def test_an_older_format_has_no_checksum_and_cannot_pretend_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text('{"format": 1, "name": "x"}')
    assert read_card(tmp_path / "card.json", Card, {1: False, 2: True}).name == "x"
    file = card(tmp_path)
    file.write_text(file.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(ModelFormatError, match="which format 1 has not"):
        read_card(file, Card, {1: False, 2: True})


def test_files_that_changed_or_went(tmp_path: Path) -> None:
    files = read_card(card(tmp_path), Card, {2: True}).files
    (tmp_path / "weights").write_bytes(b"many numbert")
    with pytest.raises(ModelFormatError, match="weights: is damaged"):
        check_files(tmp_path, files)
    (tmp_path / "weights").unlink()
    with pytest.raises(ModelFormatError, match="weights: cannot be read"):
        check_files(tmp_path, files)
    with pytest.raises(ModelFormatError, match="leads out"):
        check_files(tmp_path, {"../weights": 0})


@pytest.mark.parametrize("content", [b"", b"{", b"null", b"[]", b"3", b'"x"', b"\xff", b"[" * 10**6, b'{"a":' * 10**6, b'{"size": "3"}', b'{"size": 1e999}'])  # fmt: skip
def test_what_is_not_what_it_should_be_is_one_error(tmp_path: Path, content: bytes) -> None:
    class Sized(Open):
        size: int

    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(ModelFormatError, match="x.json: not what it should hold"):
        read_json(tmp_path / "x.json", Sized)


def test_a_description_of_a_hundred_megabytes(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as stream:
        stream.truncate(100 << 20)
    with pytest.raises(ModelFormatError, match="more than 64 MB"):
        read_json(tmp_path / "x.json", Card)


def test_paths_stay_inside(tmp_path: Path) -> None:
    assert inside(tmp_path, "1_Pooling", tmp_path) == tmp_path / "1_Pooling"
    assert inside(tmp_path, "", tmp_path) == tmp_path
    for path in ("..", "../x", "a/../../x", "/etc", "x\0"):
        with pytest.raises(ModelFormatError, match="leads out"):
            inside(tmp_path, path, tmp_path)


def test_sizes_must_be_borne_out_by_the_weights(tmp_path: Path) -> None:
    shapes = [(100_000, 8), (8,), (8, 8)]
    believable(
        {"width": 8, "layers": 3, "words": 100_000, "flag": True, "rate": 1e12, "nested": {"a": [1]}}, shapes, tmp_path
    )
    for settings in ({"layers": 4}, {"n_layers": 10**9}, {"words": 100_001}, {"a": {"b": [1, 10**9]}}, {"x": -(10**9)}):
        with pytest.raises(ModelFormatError, match="more than the weights"):
            believable(settings, shapes, tmp_path)
