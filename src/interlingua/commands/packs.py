"""Add, list and remove the language packs of a model."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.languages import name
from interlingua.loading import locate
from interlingua.parameters import Json, menu
from interlingua.progress import log

packs = menu("packs", "Add, list and remove the language packs of a model.")


@packs.command
def add(model: str, pack: Path, /, *, output: Annotated[Path | None, Parameter(alias="-o")] = None) -> None:
    """Add a language pack to a model; the embeddings of every other language stay bit-identical.

    Parameters
    ----------
    model
        The folder of a model of this package, to which the pack is added; or, with --output, any model that can be
        trained.
    pack
        A pack's folder: pack/ of a run of modular-encoders, or packs/LANGUAGE of another copy of the model.
    output
        Leave the model as it is and write one with the pack here.

    """
    from interlingua.encoders import storage
    from interlingua.encoders.modular import packs as folders
    from interlingua.training.start import trainable

    encoder = trainable(model)
    if output is None:
        folder = folders.changeable(locate(model))
        place = folders.install(folder, pack, encoder)
    else:
        whole = folders.modular_from(encoder)
        folders.add(whole, folders.load(pack, whole, folders.fingerprint(folders.shared(whole))))
        storage.save(whole, output)
        place = output / folders.FOLDER / folders.read_pack_card(pack).language
    summary = folders.summary(place)
    log(f"{name(summary.language)} ({summary.language}), {summary.megabytes:g} MB: {place}")


@packs.command(name="list")
def list_(model: str, /, *, json: Json = False) -> None:
    """List the packs of a model with their sizes.

    Parameters
    ----------
    model
        A model's folder.

    """
    from interlingua.encoders.modular import packs as folders

    installed = [folders.summary(folder) for folder in folders.installed(locate(model)).values()]
    lines = [f"{'language':<28}{'MB':>8}{'pieces':>9}  parts"]
    for one in installed:
        pieces = f"{one.vocabulary:,}" if one.vocabulary else "shared"
        lines.append(
            f"{name(one.language) + ' (' + one.language + ')':<28}{one.megabytes:>8.1f}{pieces:>9}  "
            f"{', '.join(one.adapters) or 'none'}"
        )
    text = "\n".join(lines) if installed else f"{model} has no packs: every text uses the shared body"
    printing.show({"model": model, "packs": [asdict(one) for one in installed]}, text, json)


@packs.command
def remove(model: str, language: str, /) -> None:
    """Remove the pack of a language; its texts then use the shared body.

    Parameters
    ----------
    model
        A model's folder.
    language
        The language of the pack.

    """
    from interlingua.encoders.modular import packs as folders

    folders.remove(folders.changeable(locate(model)), language)
    log(f"removed the pack for {language} from {model}")
