"""List the recipes: what each trains, the paper it follows, and what was measured."""

from interlingua import discovery, printing
from interlingua.parameters import Json


def recipes(*, json: Json = False) -> None:
    """List the recipes: what each trains, the paper it follows, and what was measured."""
    headers = {name: discovery.header(choice.file) for name, choice in discovery.choices("recipes").items()}
    text = "\n\n".join(
        "\n".join([name, *(f"  {key}: {value}" for key, value in fields.items())]) for name, fields in headers.items()
    )
    printing.show(headers, text, json)
