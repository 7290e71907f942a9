"""List the recipes: what each trains, the paper it follows, and what was measured."""

from typing import Annotated

from cyclopts import Parameter

from interlingua import discovery, printing


def recipes(*, json: Annotated[bool, Parameter(negative=())] = False) -> None:
    """List the recipes: what each trains, the paper it follows, and what was measured.

    Parameters
    ----------
    json
        Print JSON.

    """
    found = {name: discovery.header(choice.file) for name, choice in discovery.choices("recipes").items()}
    text = "\n\n".join(
        "\n".join([name, *(f"  {key}: {value}" for key, value in fields.items())]) for name, fields in found.items()
    )
    printing.show(found, text, json)
