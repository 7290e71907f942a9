"""One run owns a folder: what it depends on may not change, what it does not know may be added, old names are read."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from interlingua.errors import ConfigError
from interlingua.training import run_folder


@dataclass(frozen=True, kw_only=True)
class Stage:
    epochs: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Config:
    output: Path
    sizes: tuple[int, ...] = (1, 2)
    language_stage: Stage = Stage()
    sentence_stage: Stage = Stage()
    alignment_stage: Stage = Stage()
    resume: bool = False
    supervision: str = "often"


def claim(config: Config, *, resume: bool | None = True, **facts: object) -> None:
    run_folder.claim(config.output, "a-recipe", config, dict(facts), resume)


def rewrite(folder: Path, change: dict[str, str]) -> None:
    """As an earlier version would have written the configuration."""
    file = folder / "config.json"
    text = file.read_text(encoding="utf-8")
    for now, before in change.items():
        assert f'"{now}"' in text
        text = text.replace(f'"{now}"', f'"{before}"')
    file.write_text(text, encoding="utf-8")


def test_old_names_of_settings_are_read(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "run")
    claim(config)
    rewrite(config.output, {now: before for before, now in run_folder.RENAMED.items()})
    claim(config)
    with pytest.raises(ConfigError, match="epochs was 1.0, is 2.0"):
        claim(Config(output=config.output, sentence_stage=Stage(epochs=2.0)))


def test_what_may_differ_between_two_sittings_and_what_may_not(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "run")
    claim(config, data="digest")
    claim(Config(output=config.output, resume=True, supervision="rarely"), data="digest")
    for changed, facts, said in (
        (Config(output=config.output, sizes=(1, 3)), {"data": "digest"}, r"sizes was \[1, 2\], is \[1, 3\]"),
        (config, {"data": "other"}, "data was digest, is other"),
    ):
        with pytest.raises(ConfigError, match=f"holds another run .{said}.; choose another --output"):
            claim(changed, **facts)
    with pytest.raises(ConfigError, match="holds another run .recipe was another-recipe, is a-recipe"):
        rewrite(config.output, {"a-recipe": "another-recipe"})
        claim(config, data="digest")


def test_a_fact_that_an_older_version_did_not_know_stops_no_run(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "run")
    claim(config, data="digest")
    claim(config, data="digest", precision="bf16")
    assert "precision" not in json.loads((config.output / "config.json").read_text())["resolved"]


def test_an_option_that_an_older_version_did_not_have_stands_at_its_default(tmp_path: Path) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Newer(Config):
        parts: int = 0

    claim(Config(output=tmp_path / "run"))
    claim(Newer(output=tmp_path / "run"))
    with pytest.raises(ConfigError, match="parts was None, is 2"):
        claim(Newer(output=tmp_path / "run", parts=2))


def test_whose_folder_it_is(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "run")
    claim(config, resume=False)
    with pytest.raises(ConfigError, match="holds this run already; --resume continues it"):
        claim(config, resume=False)
    (tmp_path / "run" / "model").mkdir()
    with pytest.raises(ConfigError, match="holds this run already; choose another --output"):
        claim(config, resume=None)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    with pytest.raises(ConfigError, match="is not empty and holds no run"):
        claim(Config(output=tmp_path / "other"))
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="is a file"):
        claim(Config(output=tmp_path / "file"))
    for damage in ("{", "[]", '{"config": {}}'):
        (tmp_path / "run" / "config.json").write_text(damage)
        with pytest.raises(ConfigError, match="config.json is .*; choose another --output"):
            claim(config, resume=True)
    with pytest.raises(ConfigError, match=r"/proc/run cannot be made \(.*\); choose another --output"):
        claim(Config(output=Path("/proc/run")))


def test_what_a_killed_start_left_behind_stops_no_run_and_is_removed(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "run")
    left = config.output / ".config.json.0123abcd.part"
    for _ in ("before the configuration was there", "after it"):
        left.mkdir(parents=True)
        (left / "new").write_text("{")
        claim(config)
        assert [path.name for path in config.output.iterdir()] == ["config.json"]


def test_without_a_training_a_killed_run_begins_anew(tmp_path: Path) -> None:
    config = Config(output=tmp_path / "run")
    claim(config, resume=None)
    claim(config, resume=None)  # killed before its model was there
    (tmp_path / "run" / "model").mkdir()
    with pytest.raises(ConfigError, match="holds this run already; choose another --output"):
        claim(config, resume=None)


def test_what_killed_runs_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "run" / ".config.json.0123abcd.part").mkdir(parents=True)
    claim(Config(output=tmp_path / "run"))
    (tmp_path / "run" / "alignment" / ".outcome.json.0123abcd.part").mkdir(parents=True)
    claim(Config(output=tmp_path / "run"))
    assert not list(tmp_path.rglob(".*.part"))
