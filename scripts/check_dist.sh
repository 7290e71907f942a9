#!/usr/bin/env bash
# What `make dist` made: the wheel and the sdist hold the same, and the wheel alone, in fresh environments, runs a
# command of each extra. PYTHON chooses the interpreter, TORCH a build of torch.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
wheel=$(ls "$PWD"/dist/interlingua-*.whl)
sdist=$(ls "$PWD"/dist/interlingua-*.tar.gz)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

"$python" -m zipfile -l "$wheel" > content
for file in report.html.jinja py.typed LICENSE; do
  grep -q "$file" content || { echo "the wheel lacks $file"; exit 1; }
done
"$python" -m pip wheel --quiet --no-deps --wheel-dir rebuilt "$sdist"
"$python" -m zipfile -e "$wheel" from-tree
"$python" -m zipfile -e rebuilt/interlingua-*.whl from-sdist
diff -r from-tree from-sdist || { echo "the sdist does not give this wheel"; exit 1; }

printf 'en\tde\none house\tein Haus\ntwo houses\tzwei Häuser\n' > pairs.tsv
printf 'one\ntwo\n' > texts.txt
"$python" - <<'PY'
looks, shapes = ("red", "old", "big", "new"), ("tall", "wide", "low", "fine", "dark")
houses = [f"{look} {shape} " for look in looks for shape in shapes]
with open("train.tsv", "w", encoding="utf-8") as pairs, open("kinds.tsv", "w", encoding="utf-8") as kinds:
    print("en\tde", file=pairs)
    print("text\tlabel", file=kinds)
    for number, house in enumerate(houses):
        print(f"{house}house\t{house}Haus", file=pairs)
        print(f"{house}house\t{'ab'[number % 2]}", file=kinds)
PY

echo "core: no extra"
"$python" -m venv core
core/bin/pip install --quiet "$wheel"
core/bin/interlingua --version
core/bin/interlingua recipes --json > recipes.json
core/bin/interlingua tm convert pairs.tsv pairs.tmx
core/bin/interlingua doctor pairs.tsv
core/bin/python -c "import sys, interlingua.mining.mine; assert 'torch' not in sys.modules"

echo "train"
"$python" -m venv train
train/bin/pip install --quiet "$wheel[train]" ${TORCH:+"$TORCH"}
train/bin/interlingua train labse --student tiny --pairs train.tsv --output run --max-steps 2 --batch-size 4 \
  --dev-texts 4 --vocabulary-size 400
train/bin/interlingua export run --output engine --precision int8


echo "openvino"
train/bin/pip install --quiet "$wheel[openvino]"
if train/bin/interlingua export run --output engine-bf16 --precision bf16 2> said; then
  train/bin/interlingua encode texts.txt --model engine-bf16 | wc -l | grep -qx 2
else
  grep "no bf16 instructions" said || { cat said; exit 1; }
fi

echo "core: an engine without torch"
core/bin/interlingua encode texts.txt --model engine | wc -l | grep -qx 2

echo "eval"
core/bin/pip install --quiet "$wheel[eval]"
core/bin/interlingua evaluate classification kinds.tsv --model engine --folds 2
core/bin/python -c "import importlib.util; assert importlib.util.find_spec('torch') is None"

echo "the wheel works alone: core, train, openvino, eval"
