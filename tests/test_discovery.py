"""A folder's modules are its choices, described without being imported."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import interlingua.recipes
from interlingua import discovery
from interlingua.cli import run
from interlingua.discovery import Choice
from interlingua.errors import ConfigError, MissingDependency, UnknownName

MODULE = '''"""What it does,
in two lines.

Paper: Someone 2020, "A title that
  goes on"
Command: interlingua train my-recipe
not a field: this
"""

raise RuntimeError("imported")
'''


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points of other packages, to be filled by a test."""
    found: list[EntryPoint] = []
    monkeypatch.setattr(discovery, "entry_points", lambda group: [one for one in found if one.group == group])
    discovery._installed.cache_clear()
    yield found
    discovery._installed.cache_clear()


def test_a_file_is_a_choice_and_is_read_without_being_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_recipe.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "_inner.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "of_several").mkdir()
    (tmp_path / "of_several" / "__init__.py").write_text('"""A package."""', encoding="utf-8")
    monkeypatch.setattr(interlingua.recipes, "__path__", [*interlingua.recipes.__path__, str(tmp_path)])
    found = discovery.choices("recipes")
    assert list(found) == sorted(found)
    assert found["my-recipe"] == discovery.Choice("interlingua.recipes.my_recipe", tmp_path / "my_recipe.py")
    assert found["my-recipe"].stem == "my_recipe"
    assert found["of-several"].file == tmp_path / "of_several" / "__init__.py"
    assert not any("inner" in name for name in found)
    assert discovery.header(found["my-recipe"].file) == {
        "Summary": "What it does, in two lines.",
        "Paper": 'Someone 2020, "A title that goes on"',
        "Command": "interlingua train my-recipe",
    }
    assert "interlingua.recipes.my_recipe" not in sys.modules


def test_another_package_adds_to_a_menu_and_replaces_nothing(
    entries: list[EntryPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_module.py").write_text("ANSWER = 42", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    ours = discovery.choices("recipes")
    entries += [EntryPoint(name, "their_module", "interlingua.recipes") for name in ("their_recipe", "labse")]
    discovery._installed.cache_clear()
    found = discovery.choices("recipes")
    assert found.keys() - ours.keys() == {"their-recipe"}
    assert found["labse"] == ours["labse"]
    assert discovery.find("recipes", "their-recipe", "recipe").ANSWER == 42
    assert "their-recipe" not in discovery.choices("commands")


def test_what_is_no_longer_installed_is_no_choice(entries: list[EntryPoint]) -> None:
    entries += [EntryPoint("gone", module, "interlingua.recipes") for module in ("gone_package", "gone_package.inner")]
    assert "gone" not in discovery.choices("recipes")
    with pytest.raises(
        ConfigError, match="the recipe gone is the module gone_package of another package, which cannot be found"
    ):
        discovery.find("recipes", "gone", "recipe")


def test_what_needs_training_packages_that_are_missing_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(discovery, "import_module", without)
    with pytest.raises(MissingDependency, match=r"the recipe labse needs .* pip install 'interlingua\[train\]'"):
        monkeypatch.setattr(
            discovery, "choices", lambda folder: {"labse": Choice("interlingua.recipes.labse", Path("x"))}
        )
        discovery.find("recipes", "labse", "recipe")


def test_a_wrong_name_and_a_module_without_what_is_needed(
    entries: list[EntryPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownName, match=r"there is no recipe 'labs'. Did you mean 'labse'\? Choices: averaging, "):
        discovery.find("recipes", "labs", "recipe")
    (tmp_path / "half_a_recipe.py").write_text("class Config: ...", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entries.append(EntryPoint("half", "half_a_recipe", "interlingua.recipes"))
    discovery._installed.cache_clear()
    with pytest.raises(ConfigError, match=r"half_a_recipe is no recipe, as it does not define run; .* uninstall"):
        discovery.find("recipes", "half", "recipe", ("Config", "run"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("def", r"cannot be imported \(SyntaxError"),
        (
            '"""One."""\nimport not_installed',
            r"cannot be imported \(ModuleNotFoundError: No module named 'not_installed'\)",
        ),
        ('"""One."""\nraise SystemError("so")', r"cannot be imported \(SystemError: so\); mend it, or uninstall"),
        ('"""One."""', "is no command, as it does not define broken_command"),
    ],
)
def test_a_broken_module_of_another_package_is_one_clear_error_for_who_asks_for_it(
    content: str,
    problem: str,
    entries: list[EntryPoint],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "broken_command.py").write_text(content, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "broken_command", raising=False)
    entries.append(EntryPoint("broken", "broken_command", "interlingua.commands"))
    discovery._installed.cache_clear()
    assert run(["broken", "--help"]) == 2
    told = capsys.readouterr()
    assert not told.out
    assert re.fullmatch(rf"error: .*broken_command\.py: .*{problem}.*\n", told.err)
    for others in (["--help"], ["recipes", "--help"]):
        assert run(others) == 0
    assert run(["brokn"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_package_that_cannot_be_imported_is_no_choice(
    entries: list[EntryPoint], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_package").mkdir()
    (tmp_path / "broken_package" / "__init__.py").write_text("def", encoding="utf-8")
    (tmp_path / "broken_package" / "recipe.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entries.append(EntryPoint("theirs", "broken_package.recipe", "interlingua.recipes"))
    discovery._installed.cache_clear()
    assert "theirs" not in discovery.choices("recipes")
