"""Whatever bytes a reader is given: rows, or one line that says what is wrong. The same targets as `make fuzz`, briefly."""

import pytest
from fuzz import harness, targets
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.formats import by_suffix
from tests.documents.samples import SAMPLES

SLOW = ("long-text", "our-models", "engines", "others-models", "laser-checkpoints")
QUICK = [name for name in targets.names() if name not in SLOW]
FEW = {"configuration": 5, "command-line": 5}
"""Of targets that take tens of milliseconds."""


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    monkeypatch.setenv("INTERLINGUA_OFFLINE", "1")  # names of models are never looked for


def _checked(target, inputs, folder):
    for data in inputs:
        error = harness.attempt(target, data, folder)
        if error is not None:
            raise error


def test_every_format_has_a_target():
    assert {one.suffixes[0][1:] for one in by_suffix().values()} <= set(QUICK)


def test_every_kind_of_document_has_a_target():
    contents = {target.seeds()[0] for name, target in harness.TARGETS.items() if name.startswith("document-")}
    assert contents == {sample.content for sample in SAMPLES.values()}


@pytest.mark.parametrize("name", QUICK)
def test_seeds(tmp_path, name):
    target = targets.named(name)
    _checked(target, list(target.seeds())[:20], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_seeds_that_take_long(tmp_path, name):
    target = targets.named(name)
    _checked(target, target.seeds(), tmp_path)


@pytest.mark.parametrize(
    "name", [one.suffixes[0][1:] for one in {id(one): one for one in by_suffix().values()}.values()]
)
def test_seeds_of_formats_are_read(tmp_path, name):
    """Not refused: what is mutated begins at what readers understand."""
    target = targets.named(name)
    outcomes = []
    for seed in target.seeds():
        outcomes.append(target.run(seed, tmp_path))
    assert any(rows and not isinstance(rows, str) for rows, _ in outcomes)
    assert any(not isinstance(units, str) for _, units in outcomes)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_arbitrary_bytes(tmp_path_factory, name):
    """Of bytes, and of the words of the format in any order."""
    target, folder = targets.named(name), tmp_path_factory.mktemp("any")
    words = [token.encode("utf-8", "surrogatepass") for token in target.tokens] or [b"a"]
    some = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(words), max_size=30).map(b"".join))

    @settings(max_examples=FEW.get(name, 30), derandomize=True, database=None)
    @given(data=some)
    def check(data):
        _checked(target, [data], folder)

    check()
