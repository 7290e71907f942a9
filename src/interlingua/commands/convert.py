"""Turn a checkpoint of LASER's releases into a model of this package."""

from pathlib import Path

from interlingua import printing
from interlingua.errors import ModelFormatError
from interlingua.parameters import Json


def convert(
    checkpoint: Path,
    output: Path,
    /,
    *,
    spm: Path | None = None,
    vocabulary: Path | None = None,
    codes: Path | None = None,
    max_tokens: int = 512,
    json: Json = False,
) -> None:
    """Turn a checkpoint of LASER, LASER2 or LASER3 into a model of this package; no code in it is ever run.

    Parameters
    ----------
    checkpoint
        laser2.pt, laser3-xho_Latn.v1.pt, bilstm.93langs.2018-12-26.pt, or others of these layouts.
    output
        The model's folder.
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
    from interlingua.interchange import laser as laser_checkpoint

    if not checkpoint.is_file():
        raise ModelFormatError("there is no such file", checkpoint)
    if codes is None:
        spm = spm or _beside(checkpoint, ".spm")
    encoder = laser_checkpoint.read(
        checkpoint, spm=spm, vocabulary=vocabulary or _beside(checkpoint, ".cvocab"), codes=codes, max_tokens=max_tokens
    )
    storage.save(encoder, output)
    card = {**encoder.describe(), "vocabulary_size": encoder.tokenizer.vocabulary_size, "output": str(output)}
    text = f"{output}: {encoder.body.kind}, width {encoder.width}, {encoder.tokenizer.vocabulary_size:,} symbols"
    printing.tell(card, text, json)


def _beside(checkpoint: Path, suffix: str) -> Path | None:
    """The file that belongs to a checkpoint, as LASER's releases name them."""
    candidates = (checkpoint.with_suffix(suffix), checkpoint.with_name("laser2" + suffix))
    return next((file for file in candidates if file.exists()), None)
