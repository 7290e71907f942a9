#!/usr/bin/env bash
# Installs the wheel of dist/ alone into fresh environments and runs commands of each extra. TORCH chooses a build.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
wheel=$(ls "$PWD"/dist/interlingua-*.whl)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

unzip -l "$wheel" > content
for file in report.html.jinja py.typed LICENSE; do
  grep -q "$file" content || { echo "the wheel lacks $file"; exit 1; }
done

"$python" -m venv core
core/bin/pip install --quiet "$wheel"
printf 'en\tde\none house\tein Haus\ntwo houses\tzwei Häuser\n' > pairs.tsv
core/bin/interlingua --version
core/bin/interlingua recipes --json > recipes.json
core/bin/interlingua tm convert pairs.tsv pairs.tmx
core/bin/interlingua doctor pairs.tsv
core/bin/python -c "import sys, interlingua.mining.mine; assert 'torch' not in sys.modules"

core/bin/pip install --quiet "${TORCH:-torch}"
core/bin/pip install --quiet "$wheel[train,eval]"
"$python" - <<'PY'
rows = [(f"{a} {b} house", f"{a} {b} Haus") for a in ("red", "old", "big", "new") for b in ("tall", "wide", "low", "fine", "dark")]
open("train.tsv", "w", encoding="utf-8").write("en\tde\n" + "".join(f"{en}\t{de}\n" for en, de in rows))
open("sick.tsv", "w", encoding="utf-8").write("text\tlabel\n" + "".join(f"{en}\t{'ab'[n % 2]}\n" for n, (en, _) in enumerate(rows)))
PY
core/bin/interlingua train labse --student static --pairs train.tsv --output run --max-steps 2 --batch-size 4 \
  --dev-texts 4 --vocabulary-size 400
core/bin/interlingua export run --output engine --precision int8
core/bin/interlingua evaluate classification sick.tsv --model engine --folds 2

"$python" -m venv engine-only
engine-only/bin/pip install --quiet "$wheel"
engine-only/bin/interlingua encode pairs.tmx --model engine > vectors.jsonl 2> said || true
printf 'one\ntwo\n' | engine-only/bin/interlingua encode - --model engine > vectors.jsonl
test "$(wc -l < vectors.jsonl)" = 2
echo "the wheel works alone: core, train, eval, and an engine without torch"
