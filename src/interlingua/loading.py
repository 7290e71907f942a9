"""From the name of a model to something that encodes: one word for folders, packages and hub names."""

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from interlingua.errors import ConfigError, MissingDependency, ModelFormatError, UnknownName
from interlingua.files import digest, wrong_with
from interlingua.machine import AUTO
from interlingua.model_files import check_regular
from interlingua.network import is_offline
from interlingua.progress import log
from interlingua.types import Embeddings

if TYPE_CHECKING:
    from interlingua.encoders.cross_encoder import CrossEncoder


@runtime_checkable
class Model(Protocol):
    """An encoder or an exported engine."""

    @property
    def width(self) -> int: ...

    def encode(self, texts: Iterable[str], language: str = "und") -> Embeddings: ...

    def describe(self) -> dict[str, Any]: ...


def load(model: str | Path, device: str = AUTO, precision: str = "fp32", pooling: str | None = None) -> Model:
    """Load a model by name.

    `model` is a folder (of this package, a finished run, an exported engine, sentence-transformers or transformers),
    "package:NAME[/SUBFOLDER]" for a model inside an installed Python package, a Hugging Face name (or NAME@REVISION),
    or "http(s)://HOST/v1[#MODEL]" for a server of OpenAI's embeddings protocol. An encoder computes on `device`: "cpu",
    "cuda", "cuda:1", "mps", or with "auto" on a GPU where there is one; in `precision`: "fp32", "bf16", "fp16", "tf32",
    or with "auto" in bf16 where the device has it. It pools as its folder says, or as `pooling` does: "mean", "max",
    "cls" or "last". Raises RemoteError where that server fails,
    ModelFormatError where there is no such model or it is damaged, ConfigError for a device that is not there or that
    an engine does not compute on, MissingDependency where it needs an extra.
    """
    if is_url(model):
        from interlingua.engines import remote

        if device != AUTO or precision not in (AUTO, "fp32") or pooling is not None:
            raise ConfigError(f"{model} computes where and as its server does; leave device, precision and pooling out")
        return remote.load(str(model))
    folder = locate(str(model))
    check_regular(folder)
    if (folder / "engine.json").exists():
        from interlingua.engines import engine

        if device not in (AUTO, "cpu") or precision not in (AUTO, "fp32") or pooling is not None:
            raise ConfigError(
                f"{folder} is an exported engine, which computes on the processor, as it was exported; leave device, "
                "precision and pooling out, or give the encoder it was exported from"
            )
        return engine.load(folder)
    if (folder / "1_Pooling").exists() and not any(
        (folder / name).exists() for name in ("encoder.json", "modules.json")
    ):
        raise ModelFormatError(
            "modules.json is missing, which names the parts of this model; is the copy complete?", folder
        )
    if not any((folder / name).exists() for name in ("encoder.json", "modules.json", "config.json")):
        raise ModelFormatError("no model here: neither encoder.json, engine.json, modules.json nor config.json", folder)
    if not all(find_spec(name) for name in ("torch", "transformers")):  # importing them takes seconds
        raise MissingDependency(
            f"{folder} holds torch weights; loading them (an exported engine needs no torch)", "train"
        )
    from interlingua import placement
    from interlingua.encoders import storage
    from interlingua.encoders.pooling import Pooling
    from interlingua.interchange import sentence_transformers as interchange

    where = placement.device(device)
    if precision not in (*placement.Precision,):
        raise UnknownName("precision", str(precision), placement.Precision)
    if (folder / "encoder.json").exists():
        encoder = storage.load(folder)
        if encoder.labels:
            raise ModelFormatError(
                "a cross-encoder, which judges pairs and embeds no texts; interlingua.load_cross_encoder reads it",
                folder,
            )
    elif (folder / "modules.json").exists():
        encoder = interchange.from_sentence_transformers(folder)
    else:
        encoder = interchange.from_transformers(folder)
        if pooling is None:
            log(
                f"{model}: names no pooling, so mean pooling is a guess, and bad for a model trained with another; "
                f"interlingua convert {model} NEW-FOLDER --pooling cls chooses"
            )
    if pooling not in (None, *Pooling):
        raise UnknownName("pooling", str(pooling), Pooling)
    if pooling is not None:
        encoder.change(pooling=Pooling(pooling))
    encoder.precision = placement.resolve(placement.Precision(precision), where)
    return encoder.to(where)


def is_url(model: str | Path) -> bool:
    """Whether this names a server."""
    return str(model).startswith(("http://", "https://"))


def fingerprint(model: str | Path) -> str:
    """A hash of the content of a model: of the files in its folder; "" for a server, whose content nobody can see."""
    return "" if is_url(model) else digest(locate(str(model)))


def about(model: str | Path, loaded: Model) -> dict[str, Any]:
    """What results should name of a model: how it was named, what it says of itself, and a hash of its content."""
    return {"name": str(model), **loaded.describe(), "sha256": fingerprint(model)}


def load_cross_encoder(model: str | Path, device: str = AUTO) -> "CrossEncoder":
    """Load what the cross-encoder recipe trained, to a device as `load` does. Raises ModelFormatError for anything
    else.
    """
    from interlingua import placement
    from interlingua.encoders import storage
    from interlingua.encoders.cross_encoder import CrossEncoder

    folder = locate(str(model))
    check_regular(folder)
    encoder = storage.load(folder)
    if not encoder.labels:
        raise ModelFormatError("an encoder of single texts, not a cross-encoder", folder)
    return CrossEncoder(encoder.to(placement.device(device)))


def judges_pairs(model: str) -> bool:
    """Whether this names a cross-encoder. Raises ModelFormatError where there is no such model, or a damaged one."""
    from interlingua.encoders import storage

    if is_url(model):
        return False
    folder = locate(model)
    return (folder / "encoder.json").exists() and bool(storage.read_model_card(folder).labels)


def locate(model: str) -> Path:
    """The folder that `model` names. Raises ModelFormatError where there is none."""
    if model.startswith("package:"):
        return _in_package(model)
    folder = Path(os.path.expanduser(model))  # Path's own raises where there is no such user
    if problem := wrong_with(folder):
        raise ModelFormatError(problem, model)
    if folder.is_dir():
        run = folder / "model"  # a training run's folder: its best model
        return run if (folder / "config.json").exists() and (run / "encoder.json").exists() else folder
    if folder.exists():
        raise ModelFormatError("a model is a folder, this is a file", folder)
    if model.count("/") == 1 and not model.startswith((".", "/", "~")):
        return _from_hub(model)
    raise ModelFormatError(
        "there is no such folder; a model is a folder, package:NAME[/SUBFOLDER] or a Hugging Face name", model
    )


def _in_package(model: str) -> Path:
    name, _, subfolder = model.removeprefix("package:").partition("/")
    try:
        spec = find_spec(name.replace("-", "_"))  # finds the package without running its code
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise ModelFormatError(f"the Python package {name!r} is not installed. Remedy: pip install {name}", model)
    folder = Path(next(iter(spec.submodule_search_locations))) / subfolder
    if problem := wrong_with(folder):
        raise ModelFormatError(problem, model)
    if not folder.is_dir():
        inside = (
            sorted(path.name for path in folder.parent.glob("*") if path.is_dir()) if folder.parent.is_dir() else []
        )
        raise ModelFormatError(f"the package has no folder {subfolder!r}; it has: {', '.join(inside)}", model)
    return folder


HUB_FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "pytorch_model*.bin", "*/config.json", "*/*.bin")
"""What is fetched: whatever this package reads of a model, and no other framework's copies of its weights."""


def _from_hub(name: str) -> Path:
    """The snapshot of a model, NAME or NAME@REVISION."""
    if is_offline() or os.environ.get("HF_HUB_OFFLINE", "0") not in ("", "0"):
        raise ModelFormatError(
            "there is no such folder, and offline mode forbids to fetch it from the Hugging Face hub; give a folder, "
            "or leave offline mode (--offline, INTERLINGUA_OFFLINE, HF_HUB_OFFLINE)",
            name,
        )
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError as error:
        raise MissingDependency(f"there is no folder {name}; fetching it from the Hugging Face hub", "train") from error
    repository, _, revision = name.partition("@")
    try:
        return Path(snapshot_download(repository, revision=revision or None, allow_patterns=list(HUB_FILES)))
    except (HfHubHTTPError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ModelFormatError(f"neither a folder nor to be had from the Hugging Face hub ({reason})", name) from error
