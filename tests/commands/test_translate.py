"""Numbers of hypotheses."""

import pytest

from interlingua import cli


@pytest.mark.parametrize("beam", ["0", "1001", "999999999999"])
def test_a_beam_of_none_or_of_more_than_memory_holds(beam: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["translate", "texts.txt", "--model", "nowhere", "--beam", beam]) == cli.BAD_INPUT
    assert "from 1 to 1000" in capsys.readouterr().err
