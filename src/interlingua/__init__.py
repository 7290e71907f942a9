"""Turn text in any language into embeddings in one shared space, and use these embeddings.

Nothing heavy is imported before it is used: a name below is looked up in its module the first time it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from interlingua import network, telemetry
from interlingua.version import __version__ as __version__

if TYPE_CHECKING:
    from interlingua.errors import InterlinguaError as InterlinguaError
    from interlingua.loading import load as load
    from interlingua.loading import load_cross_encoder as load_cross_encoder
    from interlingua.mining.mine import mine as mine
    from interlingua.mining.mine import mine_texts as mine_texts
    from interlingua.types import Embeddings as Embeddings
    from interlingua.types import Encode as Encode
    from interlingua.types import Example as Example
    from interlingua.types import Pair as Pair

if network.is_offline():
    network.go_offline()
telemetry.switch_off()
_HOMES = {
    "Embeddings": "types",
    "Encode": "types",
    "Example": "types",
    "InterlinguaError": "errors",
    "Pair": "types",
    "load": "loading",
    "load_cross_encoder": "loading",
    "mine": "mining.mine",
    "mine_texts": "mining.mine",
}
__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'interlingua' has no attribute {name!r}")
    return getattr(import_module(f"interlingua.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
