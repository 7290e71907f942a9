"""An option of a recipe has an effect, or is an error: nobody shall believe to have chosen what was never looked at."""

from dataclasses import MISSING, fields
from typing import Any

from interlingua.errors import ConfigError


def only(where: bool, needed: str, config: Any, *names: str) -> None:
    """Raise ConfigError for options of these names that are not at their defaults where they have no effect: everywhere
    but `where` what is `needed` is there.
    """
    for one in fields(config):
        if one.name in names and not where and getattr(config, one.name) != _default(one):
            raise ConfigError(f"--{one.name.replace('_', '-')} has an effect only {needed}; leave it out")


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
