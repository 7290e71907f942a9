"""YAML of interface strings: nested mappings of texts, as Rails and others keep them."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from interlingua.documents import Passage, Reader, _nested
from interlingua.errors import DataError, MissingDependency
from interlingua.files import whole_text

MOST = 300_000
"""Values of a file: each takes a kilobyte, and a few lines of aliases can stand for billions."""
DEEPEST = 50
TEXTS = ("tag:yaml.org,2002:str", "!")
MERGE = "tag:yaml.org,2002:merge"


def passages(path: Path) -> Iterator[Passage]:
    """Every text by the names that lead to it. Nothing is built of what tags ask for; numbers, dates and truth values
    are no texts. Raises DataError, with the line, for what is no YAML of texts, and MissingDependency.
    """
    try:
        import yaml
    except ImportError as error:
        raise MissingDependency("reading YAML", "documents") from error

    class Loader(yaml.SafeLoader):
        """Nodes, which are no objects yet, and not too many."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if next(composed) > MOST:
                raise _too_many(path, self.line + 1)
            return super().compose_node(parent, index)

    composed = count(1)
    text = whole_text(path)
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=Loader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DataError(f"not YAML ({error.problem or error.context})", path, mark and mark.line + 1) from error
    except RecursionError as error:
        raise DataError("no interface strings: nested too deeply", path) from error
    except (yaml.YAMLError, ValueError) as error:
        raise DataError(f"not YAML ({str(error).splitlines()[0]})", path) from error
    numbers = count(1)
    for node in nodes:
        yield from _nested.passages(_value(node, path, numbers, 0), path)


def _value(node: Any, path: Path, numbers: "count[int]", depth: int) -> Any:
    """A node as what it holds: texts, and mappings and lists of them; None for anything else."""
    if next(numbers) > MOST or depth > DEEPEST:
        raise _too_many(path, node.start_mark.line + 1)
    if node.id == "scalar":
        return node.value if node.tag in TEXTS else None
    if node.id == "sequence":
        return [_value(item, path, numbers, depth + 1) for item in node.value]
    merged, own = dict[str, Any](), dict[str, Any]()
    for name, item in node.value:
        value = _value(item, path, numbers, depth + 1)
        if name.tag == MERGE:
            for one in value if isinstance(value, list) else [value]:
                merged = (one if isinstance(one, dict) else {}) | merged
        elif name.id == "scalar":
            own[name.value] = value
    return merged | own


def _too_many(path: Path, line: int) -> DataError:
    return DataError(f"refused: more than {MOST:,} values, or {DEEPEST} within each other", path, line)


READER = Reader(suffixes=(".yaml", ".yml"), passages=passages)
