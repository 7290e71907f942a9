"""Defects found on the way to what docs/reliability.md promises, each with the tests that hold it; all are run.

python benchmarks/reliability/defects.py
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from reliability.record import record

ROOT = Path(__file__).parents[2]
MENDED = """
# models
a folder without some of its tensors got random ones | interchange/test_sentence_transformers
NaN or integer weights passed | encoders/test_storage interchange/test_sentence_transformers
a changed byte in a saved model or in engine.json went unnoticed | encoders/test_storage test_model_files
modules.json led out of its folder; 1_Pooling was ignored | interchange/test_sentence_transformers
do_lower_case and other settings were ignored | interchange/test_sentence_transformers
10^6 layers in config.json hung; valid JSON of another shape was a traceback | test_model_files
more ids of a tokenizer than rows of weights was a traceback | test_tokenization
a tokenizer's table of characters could abort the process | test_tokenization
a name with a NUL was looked up in the memory of a library | test_languages
# vectors
encoding in a fork, or from threads in training mode | encoders/test_inference
one text was encoded letter by letter; None, NaN and bytes | test_texts encoders/test_inference
an encode of another number of rows gave pairs of the wrong texts | test_vectors
vectors that are not finite were written | test_vectors
# mathematics
temperatures below 0.01 were clamped | objectives/test_contrastive
an option without effect was silent | training/test_options
cosines that differ by rounding alone were no ties | contracts/test_ties test_vectors
a document of the query's identifier was left out, judged relevant or not | contracts/test_ties
ratios over neighbours near zero | mining/test_mine
composed and decomposed accents were different texts | test_folding
german was a language | test_languages
# outputs
two runs of encode mixed their texts | test_cli test_resumable
/proc, full disks, closed streams, links to other disks, modes, leftovers | contracts/test_outputs test_outputs
a suffix that promises another format | contracts/test_outputs
a changed bit in what encode and mine keep to be continued | encoding/test_streaming mining/test_job
# memory and time
files that unpack to gigabytes, long lines, DTD defaults, unknown entities | test_files contracts/test_absurd_files
lines of a megabyte took gigabytes to encode | encoding/test_memory
--max-size of 20 digits hung | mining/test_align
two segments of a megabyte were compared for ever | memories/test_lookup
a damaged Parquet footer aborted the process | formats/test_parquet
# numbers
nan as a threshold, 1.5 as a whole number, --seed -1 | test_quantities contracts/test_commands
seeds beyond 2^32, vocabularies of 10^12 | evaluation/tasks/test_classification test_tokenization
# formats
a carriage return in a CSV field made a file that could not be read | formats/test_csv
earlier texts of obsolete PO entries vanished; comments became flags | formats/test_gettext
# network
onnxruntime reported to its maker | test_telemetry
"""
"""What was wrong, and the files of tests, without tests/ and .py."""


def mended() -> Iterator[tuple[str, list[str]]]:
    for line in MENDED.strip().splitlines():
        if not line.startswith("#"):
            defect, _, names = line.partition(" | ")
            yield defect, [f"tests/{name}.py" for name in names.split()]


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    files = sorted({file for _, some in mended() for file in some})
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", *files], cwd=ROOT, capture_output=True, text=True)
    last = done.stdout.strip().splitlines()[-1]
    print(done.stdout[-2000:] if done.returncode else last)
    record(
        "defects found and mended",
        "reliability/defects.py",
        tried=len(list(mended())),
        tests=last.partition(" in ")[0],
        passed=done.returncode == 0,
        defects=dict(mended()),
    )


if __name__ == "__main__":
    main()
