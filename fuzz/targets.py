"""All targets: those of the modules imported here, which add them as they are imported."""

from fuzz import documents, formats, models, runs, texts  # noqa: F401
from fuzz.harness import TARGETS, Target


def names() -> list[str]:
    """Of all of them."""
    return list(TARGETS)


def named(name: str) -> Target:
    """One of them."""
    return TARGETS[name]
