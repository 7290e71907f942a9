"""Turn another tool's model, or a checkpoint of LASER's releases, into a model of this package."""

from pathlib import Path

from interlingua import printing
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.loading import load
from interlingua.parameters import Json


def convert(
    source: Path,
    output: Path,
    /,
    *,
    pooling: str | None = None,
    spm: Path | None = None,
    vocabulary: Path | None = None,
    codes: Path | None = None,
    max_tokens: int = 512,
    json: Json = False,
) -> None:
    """Turn a folder of sentence-transformers or transformers, or a checkpoint of LASER, LASER2 or LASER3, into a model
    of this package; no code in it is ever run.

    Parameters
    ----------
    source
        A folder; or laser2.pt, laser3-xho_Latn.v1.pt, bilstm.93langs.2018-12-26.pt, or others of these layouts.
    output
        The model's folder.
    pooling
        How a folder's model pools: mean, max, cls or last; by default as it names, and mean where it names none.
    spm
        Its SentencePiece model; by default the file of the checkpoint's name that ends in .spm, or laser2.spm beside
        it.
    vocabulary
        The symbols of a LASER3 checkpoint; by default the file that ends in .cvocab, or laser2.cvocab.
    codes
        fastBPE's codes (93langs.fcodes), for the first LASER.
    max_tokens
        Longer texts are cut.

    """
    from interlingua.encoders import storage
    from interlingua.encoders.encoder import Encoder
    from interlingua.interchange import laser as laser_checkpoint

    if source.resolve().is_relative_to(output.resolve()):
        raise ConfigError(f"{output} holds {source} and would be replaced; choose another OUTPUT")
    if source.is_dir():
        encoder = load(source, device="cpu", pooling=pooling)
        if not isinstance(encoder, Encoder):
            raise ModelFormatError("an engine; convert the encoder it was exported from", source)
    elif not source.is_file():
        raise ModelFormatError("there is no such file or folder", source)
    elif pooling is not None:
        raise ConfigError(f"{source} is a checkpoint of LASER's, which names its pooling; leave --pooling out")
    else:
        spm = spm or (None if codes is not None else _beside(source, ".spm"))
        vocabulary = vocabulary or _beside(source, ".cvocab")
        encoder = laser_checkpoint.read(source, spm=spm, vocabulary=vocabulary, codes=codes, max_tokens=max_tokens)
    storage.save(encoder, output)
    card = {**encoder.describe(), "vocabulary_size": encoder.tokenizer.vocabulary_size, "output": str(output)}
    text = f"{output}: {encoder.body.kind}, width {encoder.width}, {encoder.tokenizer.vocabulary_size:,} symbols"
    printing.tell(card, text, json)


def _beside(checkpoint: Path, suffix: str) -> Path | None:
    """The file that belongs to a checkpoint, as LASER's releases name them."""
    candidates = (checkpoint.with_suffix(suffix), checkpoint.with_name("laser2" + suffix))
    return next((file for file in candidates if file.exists()), None)
