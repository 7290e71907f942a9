"""`interlingua export`: the report beside the engine appears whole or not at all."""

from pathlib import Path

import pytest

from interlingua import cli
from interlingua.commands import export as command
from interlingua.encoders.encoder import Encoder
from interlingua.export import export as writing


@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_a_report_that_cannot_be_written_leaves_no_half_of_it(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = tmp_path / "engine"
    monkeypatch.setattr(command, "load", lambda _: encoder)
    monkeypatch.setattr(command, "_report", lambda *_: {})
    monkeypatch.setattr(writing, "export", lambda *_: float(engine.mkdir() or 0))
    write = Path.write_text

    def full_disk(self: Path, text: str, *arguments: object, **options: object) -> int:
        write(self, text[: len(text) // 2], *arguments, **options)  # pyright: ignore[reportArgumentType]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    assert cli.run(["export", "model", "--output", str(engine), "--precision", "fp32"]) == cli.BAD_INPUT
    monkeypatch.undo()
    said = capsys.readouterr()
    assert said.out == ""
    assert "report.json: cannot be written (No space left on device)" in said.err
    assert list(engine.iterdir()) == []
