"""What english_recipes.py trains: the lines of its table, and the line each is compared with."""

from dataclasses import dataclass
from pathlib import Path

FEATURES = {
    "(u, v)": "u v",
    "|u-v|": "difference",
    "u*v": "product",
    "(u, v, |u-v|)": "u v difference",
    "four": "u v difference product",
}
BEST = "sbert, nli (u, v, |u-v|)"


@dataclass(frozen=True)
class Recipe:
    """One line of the table."""

    arguments: str
    """Of `interlingua train`, without output and seed. {seed} stands for the seed."""
    start: str = ""
    """The line it is compared with."""
    random: bool = True
    """Whether a seed makes a difference."""
    measured: tuple[str, ...] = ("STS-B", "SICK-R", "STS12-16", "SentEval")
    """SentEval is for the first seed."""


def plan(data: Path, work: Path, minilm: Path) -> dict[str, Recipe]:
    sts, dev = data / "eval/stsb_multi/en.train.tsv", data / "eval/stsb_multi/en.dev.tsv"
    start, watched = work / "masked-language/seed-0", f"--dev-sts {dev} --evaluate-every 200 --max-tokens 40"
    nli, triplets, some = work / "nli.tsv", work / "triplets.tsv", work / "sentences.txt"
    tuned = f"--learning-rate 5e-4 --batch-size 32 {watched}"
    vectors, best = f"averaging --vectors {work}/vectors.txt", work / folder(BEST) / "seed-{seed}"
    gently = f"--learning-rate 1e-4 --batch-size 32 {watched}"
    judge = work / folder("MiniLM, cross-encoder, nli") / "seed-{seed}"
    scored = f"--sts {sts} --sts-epochs 5"
    pools = {"mean": "mean", "cls": "cls", "max": "max"}
    deeper = {"first-last": "mean --layers first-last", "last-2": "mean --layers last-2", "cls, pooler": "cls --pooler"}
    runs = {
        "word vectors": Recipe(vectors, random=False),
        "word vectors, idf": Recipe(f"{vectors} --weights idf --texts {some}", random=False),
        "word vectors, sif": Recipe(f"{vectors} --weights sif --texts {some}", random=False),
        "masked-language": Recipe(
            f"masked-language --start tiny --texts {work}/mono.txt --vocabulary-size 8000 --max-tokens 32 "
            "--max-steps 8000 --learning-rate 1e-3 --no-dropout --evaluate-every 1000",
            random=False,
        ),
        **{
            f"masked-language, {p}": Recipe(f"averaging --model {start} --pooling {p}", "masked-language", False)
            for p in ("cls", "max")
        },
        BEST: Recipe(f"sbert --student {start} --nli {nli} --epochs 3 {tuned}", "masked-language"),
        "sbert, sts alone": Recipe(f"sbert --student {start} {scored} {tuned}", "masked-language"),
        "sbert, nli then sts": Recipe(f"sbert --student {best} {scored} {tuned}", "sbert, sts alone"),
        "cross-encoder, sts": Recipe(
            f"cross-encoder --start {start} --sts {sts} --epochs 5 {tuned}", "sbert, sts alone", True, ("STS-B",)
        ),
        "simcse, unsupervised": Recipe(
            f"simcse --student {start} --texts {some} --learning-rate 1e-4 --pooling mean {watched}", "masked-language"
        ),
        "simcse, supervised": Recipe(
            f"simcse --student {start} --pairs {triplets} --learning-rate 5e-4 {watched}", "masked-language"
        ),
        "sbert, triplets": Recipe(f"sbert --student {start} --triplets {triplets} {tuned}", "masked-language"),
        "infersent": Recipe(
            f"infersent --vectors {work}/vectors.txt --nli {nli} --hidden 128 --epochs 6", "word vectors"
        ),
        "cross-encoder, nli": Recipe(
            f"cross-encoder --start {start} --nli {nli} --epochs 3 --learning-rate 5e-4 --max-tokens 80",
            measured=("NLI",),
        ),
        "MiniLM, sbert, sts": Recipe(
            f"sbert --student {minilm} --sts {sts} --sts-epochs 3 {gently}", "MiniLM, mean", True, ("STS-B",)
        ),
        "MiniLM, cross-encoder, sts": Recipe(
            f"cross-encoder --start {minilm} --sts {sts} --epochs 3 {gently}", "MiniLM, sbert, sts", True, ("STS-B",)
        ),
        "MiniLM, cross-encoder, nli": Recipe(
            f"cross-encoder --start {minilm} --nli {nli} --epochs 3 --learning-rate 1e-4 --batch-size 32 "
            "--max-tokens 80",
            measured=("NLI",),
        ),
        "MiniLM, cross-encoder, nli then sts": Recipe(
            f"cross-encoder --start {judge} --sts {sts} --epochs 3 {gently}",
            "MiniLM, cross-encoder, sts",
            measured=("STS-B",),
        ),
        **{
            f"MiniLM, {n}": Recipe(f"averaging --model {minilm} --pooling {p}", "", False, ("STS-B",))
            for n, p in (pools | deeper).items()
        },
        **{
            f"sbert, nli {n}": Recipe(f"sbert --student {start} --nli {nli} --epochs 3 --features {f} {tuned}", BEST)
            for n, f in FEATURES.items()
        },
        "sbert, nli of mixed sources": Recipe(
            f"sbert --student {start} --nli {work}/nli-mixed.tsv --learning-rate 5e-4 --batch-size 32 --max-tokens 40",
            "masked-language",
        ),
    }
    return runs | hinton(work, start, minilm)


def hinton(work: Path, start: Path, minilm: Path) -> dict[str, Recipe]:
    """A small judge of SICK's inference pairs with and without the probabilities of a larger one."""
    learn = f"--nli {work}/sick.tsv --learning-rate 5e-4 --batch-size 32 --max-tokens 60"
    teacher, alone = "MiniLM, cross-encoder, sick", f"cross-encoder --start {start} --epochs 5 {learn}"
    taught = f"{alone} --teacher {work}/{folder(teacher)}/seed-0 --alpha 0.7 --temperature 2"
    return {
        teacher: Recipe(
            f"cross-encoder --start {minilm} --epochs 3 {learn.replace('5e-4', '1e-4')}", "", False, ("SICK-E",)
        ),
        "cross-encoder, sick": Recipe(alone, "", True, ("SICK-E",)),
        "cross-encoder, sick, taught": Recipe(taught, "cross-encoder, sick", True, ("SICK-E",)),
    }


def folder(name: str) -> str:
    return "".join(letter for letter in name.replace(" ", "-") if letter.isalnum() or letter in "-,")
