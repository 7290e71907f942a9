"""The main job on real input: an English encoder becomes multilingual, in minutes, on a plain CPU."""

from pathlib import Path

from interlingua import printing
from interlingua.errors import MissingDependency
from interlingua.parameters import Json, Output
from interlingua.progress import log


def quickstart(
    *,
    output: Output = Path("quickstart"),
    seed: int = 0,
    json: Json = False,
) -> None:
    """The main job on real input: an English encoder becomes multilingual, in minutes, on a plain CPU.

    Parameters
    ----------
    output
        Folder for model/, mined.tsv, report.html, report.json. A second run reuses what is there and continues a
        stopped training.
    seed
        Seed of the initial weights and the batches.

    """
    try:
        from interlingua.journeys.quickstart import job, report
    except ImportError as error:
        raise MissingDependency("the quickstart trains a model; it", "train") from error
    result = job.run(output, seed)
    report.write(result, output / "report.html")
    printing.show(result, report.table(result), json)
    log(
        f"\nleft in {output}: model/, mined.tsv, report.html (open it in a browser), report.json\n\n"
        "next, on your own files:\n"
        f"  interlingua encode FILE --model {output}/model --output embeddings.npy\n"
        f"  interlingua mine SOURCE TARGET --model {output}/model --output pairs.tsv\n"
        f"  interlingua train multilingual-distillation --teacher {output}/teacher --pairs YOUR.tsv --output my-model"
    )
