"""Every command with small input that is complete enough for it: what scripts and tests walk through.

python benchmarks/reliability/every_command.py    runs them all in one process, and fails where one does
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from cyclopts import App

from interlingua import cli

LOOKS = ("red", "old", "tall", "new", "pale", "loud", "quick", "soft", "clean", "odd")
SHAPES, THINGS = ("wide", "low", "small", "dark"), ("house", "tree", "lamp", "car")
CYRILLIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувшжыз")
SHORT = "--max-steps 2 --batch-size 8 --dev-texts 4 --precision fp32 --device cpu"
SCRATCH = "--vocabulary-size 400 --max-tokens 16"
BODY = "--layers 1 --width 16 --heads 2 --feedforward 16"
STAGES = " ".join(
    f"--{stage}-stage.max-steps 2 --{stage}-stage.batch-size 8" for stage in ("language", "sentence", "alignment")
)
LINES = f"""
align a.txt b.txt --model model
clean pairs.tsv --model model --output kept.tsv --rejected rejected.tsv
convert laser.pt laser --spm laser.spm
doctor pairs.tsv --model model --report review.html review.tsv
encode a.txt --model model --output a.npy
evaluate bucc bucc --model model
evaluate classification labels.tsv --model model --folds 2
evaluate entailment nli --model model
evaluate geometry a.txt --model model
evaluate language-bias sts --model model
evaluate pairs judged.tsv --model model
evaluate retrieval collection --model model
evaluate rsim parallel --model model
evaluate sts sts.tsv --model model
evaluate tatoeba parallel --model model
evaluate xsim parallel --model model
export model --output engine --precision int8
mine a.txt b.txt --model engine --output mined.tsv
negatives pairs.tsv --model model --output triplets.tsv --ranks 1 5 --count 1 --margin 0
new-language --language ru --text b.txt --pairs pairs.tsv --base model --output language --held-out 12 --curve 0 \
  --max-steps 2 --vocabulary-size 400 --device cpu
recipes
score pairs.tsv --model model
tm convert pairs.tsv -o pairs.tmx
tm lookup a.txt --memory pairs.tsv --model model --cache lookup
tm analyse a.txt --memory pairs.tsv --model model --cache lookup
tm dedupe pairs.tsv -o deduped.tsv
tm filter pairs.tsv --contains house -o filtered.tsv
tm info pairs.tsv
tm merge pairs.tsv pairs.tmx -o merged.tmx
tm search house --memory pairs.tsv
tm terms pairs.tsv --glossary pairs.tsv
train averaging --vectors vectors.txt --weights sif --texts a.txt --output runs/averaging
train compact --teacher model --layers 1 --texts a.txt {SHORT} --output runs/compact
train cross-encoder --start model --nli nli.tsv {SHORT} --output runs/cross-encoder
train english-nli-transfer --student model --nli nli.tsv --evaluate sts {SHORT} --output runs/transfer
train infersent --vectors vectors.txt --nli nli.tsv --hidden 8 --classifier 8 {SHORT} --output runs/infersent
train labse --student model --pairs pairs.tsv --chunk 3 --processes 2 {SHORT} --output runs/labse
train laser --pairs pairs.tsv --layers 1 --hidden 8 --decoder 16 {SCRATCH} {SHORT} --output runs/laser
train laser3 --teacher model --pairs pairs.tsv {BODY} {SCRATCH} {SHORT} --output runs/laser3
train masked-language --start model --texts a.txt {SHORT} --output runs/masked
train modular-encoders --base model --language ru --texts b.txt --pairs pairs.tsv --dev-texts 4 \
  --vocabulary-size 400 --language-rank 2 --sentence-rank 2 --alignment-width 4 {STAGES} --output runs/modular
train multilingual-distillation --teacher model --student model --pairs pairs.tsv {SHORT} --output runs/distilled
train muse --pairs pairs.tsv --nli nli.tsv --classifier 8 {BODY} {SCRATCH} {SHORT} --output runs/muse
train sbert --student model --sts sts.tsv --sts-epochs 9 {SHORT} --output runs/sbert
train simcse --student model --texts a.txt {SHORT} --output runs/simcse
evaluate cross-encoder nli.tsv --model runs/cross-encoder
packs add model runs/modular/pack --output packed
packs list packed
packs remove packed ru
runs list runs
runs compare runs/labse runs/simcse
translate few.txt --model runs/laser --to en --device cpu
trim model --languages en,ru --text a.txt b.txt --pairs pairs.tsv --output trimmed
quickstart --output quickstart --offline
"""
REFUSED = "quickstart"
"""What it works on is fetched: in offline mode it is refused."""


def lines() -> dict[str, list[str]]:
    """The arguments of every command, by its name, in an order in which what one needs of another is there.

    Raises SystemExit for a command without a line, or a line without a command.
    """
    text = LINES if sys.platform != "win32" else LINES.replace("--processes 2", "")
    given = [line.split() for line in text.replace("\\\n", " ").strip().splitlines()]
    known = set(names(cli.application([])))
    found: dict[str, list[str]] = {}
    for words in given:
        found[" ".join(words[:2]) if " ".join(words[:2]) in known else words[0]] = words
    if found.keys() != known:
        raise SystemExit(f"every command needs a line in {Path(__file__).name}: {found.keys() ^ known}")
    return found


def run_all() -> None:
    """Raises SystemExit where a command ends in another way than it should."""
    prepare(Path())
    for name, words in lines().items():
        sys.argv = ["interlingua", *words]  # of which processes that train together are started
        if cli.run(words) != (cli.BAD_INPUT if name == REFUSED else cli.DONE):
            raise SystemExit(f"{name} failed")


def names(app: App, above: tuple[str, ...] = ()) -> Iterator[str]:
    """The commands under `app`, those of menus too."""
    inside = [name for name in app if not name.startswith("-")]
    if above and not inside:
        yield " ".join(above)
    for name in inside:
        yield from names(app[name], (*above, name))


def prepare(folder: Path) -> None:
    """Write what the lines read: a small model, and a little of every kind of data."""
    texts = [f"the {look} {shape} {thing} stands here" for look in LOOKS for shape in SHAPES for thing in THINGS]
    foreign = [text.translate(CYRILLIC) for text in texts]
    close = list(pairwise(texts))
    _table(folder / "a.txt", *texts)
    _table(folder / "b.txt", *foreign)
    _table(folder / "few.txt", *foreign[:2])
    _table(folder / "pairs.tsv", "en\tru", *map("\t".join, zip(texts, foreign, strict=True)))
    _table(folder / "parallel" / "rus-eng.tsv", "rus\teng", *map("\t".join, zip(foreign, texts, strict=True)))
    _table(folder / "parallel" / "deu-eng.tsv", "deu\teng", *(f"{text} da\t{text}" for text in texts))
    _table(folder / "labels.tsv", "text\tlabel", *(f"{text}\t{'ab'[n % 2]}" for n, text in enumerate(texts)))
    _table(
        folder / "judged.tsv", "sentence1\tsentence2\tlabel", *(f"{a}\t{b}\t{n % 2}" for n, (a, b) in enumerate(close))
    )
    for file in ("nli.tsv", "nli/train.tsv", "nli/test.tsv"):
        rows = (f"{a}\t{b}\t{'xyz'[n % 3]}" for n, (a, b) in enumerate(close))
        _table(folder / file, "premise\thypothesis\tlabel", *rows)
    for file in ("sts.tsv", "sts/en.test.tsv", "sts/de.test.tsv"):
        rows = (f"{a}\t{b}\t{n % 6}" for n, (a, b) in enumerate(close))
        _table(folder / file, "sentence1\tsentence2\tscore", *rows)
    words = sorted({word for text in texts for word in text.split()})
    _table(folder / "vectors.txt", *(f"{word} {n % 3} {n % 5} {n % 7} 1" for n, word in enumerate(words)))
    for split in ("training", "test"):
        for language, side in (("de", foreign), ("en", texts)):
            rows = (f"{language}-{n:03}\t{text}" for n, text in enumerate(side))
            _table(folder / "bucc" / f"de-en.{split}.{language}", *rows)
        _table(folder / "bucc" / f"de-en.{split}.gold", *(f"de-{n:03}\ten-{n:03}" for n in range(len(texts))))
    _table(folder / "collection/corpus.jsonl", *(json.dumps({"_id": f"d{n}", "text": t}) for n, t in enumerate(texts)))
    _table(folder / "collection/queries.jsonl", *(json.dumps({"_id": f"q{n}", "text": t}) for n, t in enumerate(texts)))
    judgements = (f"q{n}\td{n}\t1" for n in range(len(texts)))
    _table(folder / "collection/qrels/test.tsv", "query-id\tcorpus-id\tscore", *judgements)
    _model([*texts, *foreign], folder / "model")
    _laser(texts, folder / "laser.pt", folder / "laser.spm")


def _table(file: Path, *rows: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")


def _model(texts: list[str], folder: Path) -> None:
    import torch

    from interlingua import tokenization
    from interlingua.encoders import storage
    from interlingua.encoders.bodies import transformer
    from interlingua.encoders.encoder import Encoder

    torch.manual_seed(0)
    tokenizer = tokenization.train(texts, 400, max_tokens=16)
    size = transformer.Config(layers=2, width=16, heads=2, feedforward=32, max_positions=16)
    body = transformer.Body(size, tokenizer.vocabulary_size, tokenizer.pad)
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder)


def _laser(texts: list[str], checkpoint: Path, spm: Path) -> None:
    """A checkpoint in the layout of LASER2's, random weights."""
    import sentencepiece
    import torch

    with spm.open("wb") as stream:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts), model_writer=stream, vocab_size=60, hard_vocab_limit=False, minloglevel=2,
            unk_id=0, bos_id=1, eos_id=2, pad_id=-1,
        )  # fmt: skip
    trained = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    symbols = ["<s>", "<pad>", "</s>", "<unk>"]
    symbols += [trained.id_to_piece(number) for number in range(3, trained.get_piece_size())]
    sizes = {
        "num_embeddings": len(symbols), "padding_idx": 1, "embed_dim": 12, "hidden_size": 16, "num_layers": 1,
        "bidirectional": True, "left_pad": True, "padding_value": 0.0,
    }  # fmt: skip
    lstm = torch.nn.LSTM(12, 16, 1, bidirectional=True)
    weights = {f"lstm.{name}": tensor for name, tensor in lstm.state_dict().items()}
    weights["embed_tokens.weight"] = torch.randn(len(symbols), 12)
    torch.save({"params": sizes, "model": weights, "dictionary": {s: n for n, s in enumerate(symbols)}}, checkpoint)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        run_all()
        os.chdir(Path(folder).anchor)  # Windows removes no folder that one works in
