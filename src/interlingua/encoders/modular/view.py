"""A body as the texts of one language see it: a pack's parts stand in it, and its weights are shared.

A view is made for one call and dropped behind it. Nothing is written on the body, so any number of languages and
threads pass through it at once, and there is nothing to undo.
"""

from collections.abc import Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.modular import adapters


class Adapted(nn.Module):
    """A linear map, and the parts whose outputs are added to its own.

    It has no weight: a body that multiplies by the weight of a map instead of calling the map fails here.
    """

    called = False
    entering: list[Tensor] | None = None
    """Where the first map of a feed-forward part leaves its input for the bottleneck beside the part."""
    entered: list[Tensor] | None = None
    """Where the last map of that part finds it."""

    def __init__(self, linear: nn.Module) -> None:
        super().__init__()
        self.linear = linear
        self.parts: list[nn.Module] = []

    def forward(self, states: Float[Tensor, "*axes I"]) -> Float[Tensor, "*axes O"]:
        """The output of the map and its parts."""
        self.called = True
        if self.entering is not None:
            self.entering[:] = [states]
        if self.entered == []:
            raise RuntimeError(
                "the body passes the first map of a feed-forward part by, whose input a bottleneck reads"
            )
        output, beside = self.linear(states), states if self.entered is None else self.entered.pop()
        for part in self.parts:
            output = output + part(beside if isinstance(part, adapters.Bottleneck) else states)
        return output


def view(
    body: Any, stages: nn.ModuleDict, words: nn.Embedding | None, firsts: Mapping[str, str]
) -> tuple[Any, list[Adapted]]:
    """The body with the parts of all `stages` in it, and with other word embeddings, or None for its own; and the
    adapted maps in it.

    `firsts` is what `adapters.feed_forward_parts` says of the body.
    """
    modules = dict(body.named_modules())
    adapted: dict[str, Adapted] = {}

    def at(name: str) -> Adapted:
        if name not in adapted:
            adapted[name] = Adapted(modules[name])
        return adapted[name]

    for parts in stages.children():
        for place, part in parts.named_children():
            name = adapters.name(place)
            at(name).parts.append(part)
            if isinstance(part, adapters.Bottleneck):
                at(name).entered = at(firsts[name]).entering = []
    places: dict[nn.Module, nn.Module] = {modules[name]: map for name, map in adapted.items()}
    if words is not None:
        places[body.word_embeddings] = words
    return _rebuilt(body, places), list(adapted.values())


def _rebuilt(module: nn.Module, places: dict[nn.Module, nn.Module]) -> nn.Module:
    """A copy of a module in which others stand at some places. Only modules that hold modules are copied, with every
    table of theirs, so that whatever is registered on a copy stays there; what they hold besides is shared.
    """
    if module not in places:
        inside = vars(module)["_modules"]
        if not inside:
            return module
        places[module] = copied = type(module).__new__(type(module))
        state = vars(copied)
        state.update({name: value.copy() if isinstance(value, dict) else value for name, value in vars(module).items()})
        state["_modules"].update({name: _rebuilt(child, places) for name, child in inside.items() if child is not None})
    return places[module]
