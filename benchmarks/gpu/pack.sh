#!/usr/bin/env bash
# Put what benchmarks/gpu/run.sh needs into FOLDER, for a machine without network: wheels of what an image with torch,
# transformers and sentence-transformers lacks, and data of DATA (train/parallel/en-LANGUAGE.tsv.zst, train/nli_en,
# eval/tatoeba), cut to a few megabytes. At most 64 MiB. PYTHON_VERSION and PLATFORM are those of the other machine.
#
#     benchmarks/gpu/pack.sh FOLDER DATA
set -euo pipefail
folder="$1" data="$2"
here="$(cd "$(dirname "$0")/../.." && pwd)"
python="${PYTHON:-$here/.venv/bin/python}"
version="${PYTHON_VERSION:-3.12}" platform="${PLATFORM:-x86_64}"
platforms=()
for glibc in 39 35 34 31 28 27 24 17; do platforms+=(--platform "manylinux_2_${glibc}_$platform"); done
platforms+=(--platform "manylinux2014_$platform")

mkdir -p "$folder/wheels"
"$python" -m pip download --quiet --no-deps --only-binary=:all: --python-version "$version" --implementation cp \
  "${platforms[@]}" --dest "$folder/wheels" \
  cyclopts docstring_parser rich-rst docutils faiss-cpu langcodes language_data marisa-trie py3langid sentencex \
  zstandard beartype datasets dill multiprocess xxhash ir-measures pytrec-eval-terrier
# polib has no wheel on every index
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$folder/wheels" polib
"$python" "$here/benchmarks/gpu/cut.py" "$data" "$folder/data"
du -sm "$folder" | awk '{ print $1 " MiB"; exit $1 > 64 }'
