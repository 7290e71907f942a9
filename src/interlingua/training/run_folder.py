"""A run's folder: one run owns it, and its resolved configuration lies beside its model."""

import dataclasses
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError
from interlingua.outputs import write_whole
from interlingua.resumable import clear_within

FILE = "config.json"
NOT_IDENTITY = {"resume", "output", "supervision", "device", "data_cache"}
"""What may differ between two sittings of one run."""


RENAMED = {
    "language_lesson": "language_stage",
    "sentence_lesson": "sentence_stage",
    "alignment_lesson": "alignment_stage",
}
"""Names in the configurations of earlier versions, and theirs now."""


def claim(
    folder: Path,
    recipe: str,
    config: Any,
    facts: dict[str, Any],
    resume: bool | None,
    earlier: Mapping[str, Any] | None = None,
) -> None:
    """Make `folder` this run's, or continue it; `facts` are what the configuration resolved to (data, sizes,
    precision).

    `earlier` is how an earlier version wrote some of the facts. `resume` is None for a recipe without a training that
    could be continued: it begins anew until there is a model. What killed runs left unfinished is removed. Raises
    ConfigError if the folder holds something else, or this run and `resume` is not True.
    """
    file = folder / FILE
    resolved = {"recipe": recipe, "config": plain(config), "resolved": plain(facts)}
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; --output names a folder")
    clear_within(folder)
    if file.exists():
        old = configuration(folder)
        new = _as_before(resolved, old, plain(dict(earlier or {})), _defaults(config))
        differing = differences(_identity(old), _identity(new))
        if differing:
            raise ConfigError(f"{folder} holds another run ({'; '.join(differing[:3])}); choose another --output")
        if not resume and (resume is False or (folder / "model").exists()):
            remedy = (
                "choose another --output" if resume is None else "--resume continues it, another --output starts anew"
            )
            raise ConfigError(f"{folder} holds this run already; {remedy}")
        return
    if folder.exists() and any(path.name != "teacher" for path in folder.iterdir()):
        raise ConfigError(f"{folder} is not empty and holds no run of this recipe; choose another --output")
    try:
        Path(os.path.realpath(folder)).mkdir(parents=True, exist_ok=True)  # a link may lead to what is not there yet
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made ({error.strerror}); choose another --output") from error
    with write_whole(file) as temporary:
        temporary.write_text(json.dumps(resolved, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def configuration(folder: Path) -> dict[str, Any]:
    """What `claim` wrote into a run's folder; for a stage, into the folder of its run; {} where nothing was. Raises
    ConfigError where it cannot be used.
    """
    file = next((one / FILE for one in (folder, folder.parent) if (one / FILE).exists()), None)
    if file is None:
        return {}
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file} is damaged ({error}); choose another --output") from error
    if not (isinstance(known, dict) and all(isinstance(known.get(part), dict) for part in ("config", "resolved"))):
        raise ConfigError(f"{file} is no configuration of a run; choose another --output")
    return known


def _defaults(config: Any) -> dict[str, Any]:
    """The options of a configuration that have a default, and their defaults."""
    fields = [one for one in dataclasses.fields(config) if one.default is not dataclasses.MISSING]
    return {one.name: plain(one.default) for one in fields}


def _as_before(
    new: dict[str, Any], old: dict[str, Any], earlier: dict[str, Any], defaults: dict[str, Any]
) -> dict[str, Any]:
    """What the version that wrote `old` would have written: facts that it did not know are left out, and options that
    it did not have where they stand at their default.
    """
    written = {RENAMED.get(name, name) for name in old["config"]}
    config = {
        name: value
        for name, value in new["config"].items()
        if name in written or name not in defaults or value != defaults[name]
    }
    known = {name: value for name, value in new["resolved"].items() if name in old["resolved"]}
    known |= {name: value for name, value in earlier.items() if old["resolved"].get(name) == value}
    return {**new, "config": config, "resolved": known}


def plain(value: Any) -> Any:
    """A configuration as JSON holds it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def differences(old: Any, new: Any, name: str = "") -> list[str]:
    """Where two plain values differ, in words: "batch_size was 64, is 32"."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [*old, *(key for key in new if key not in old)]
        return [line for key in keys for line in differences(old.get(key), new.get(key), key)]
    return [] if old == new else [f"{name} was {old}, is {new}"]


def _identity(resolved: dict[str, Any]) -> dict[str, Any]:
    named = {RENAMED.get(key, key): value for key, value in resolved["config"].items() if key not in NOT_IDENTITY}
    return {**resolved, "config": named}
