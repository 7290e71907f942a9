#!/usr/bin/env bash
# On a machine with an NVIDIA GPU and no network: the tests of devices, our speed beside sentence-transformers', and four
# recipes for some time each. FOLDER is what pack.sh left, OUT takes the results: tests.txt, speed.json, recipes.json.
#
#     benchmarks/gpu/run.sh FOLDER OUT
#
# With the default SECONDS_EACH=60 it shall end within 8 minutes; 120 takes 4 more. PARTS="tests speed recipes" chooses.
# DRY_RUN=1 does the same on the processor, with tiny models, to see that it works.
set -euo pipefail
folder="$(cd "$1" && pwd)"
mkdir -p "$2"
out="$(cd "$2" && pwd)"
cd "$(dirname "$0")/../.."
python="${PYTHON:-python3}" seconds="${SECONDS_EACH:-60}" parts="${PARTS:-tests speed recipes}"
site="$(mktemp -d)"
trap 'rm -rf "$site"' EXIT

if [ -z "${DRY_RUN:-}" ]; then
  "$python" -m pip install --quiet --no-index --no-deps --no-compile --target "$site/site" "$folder"/wheels/*.whl
  export PYTHONPATH="$site/site:$PWD/src"
  device=cuda test_device=cuda speed=() recipes=(--seconds "$seconds") time_limit=170
else
  export PYTHONPATH="$PWD/src"
  device=cpu test_device=  # the tests simulate one
  speed=(--size tiny --batch 32 --steps 4 --texts 400 --rounds 1)
  recipes=(--seconds 45 --size tiny --batch 64 --modular-steps 4)
  time_limit=600
fi

status=0
for part in $parts; do
  echo "== $part" >&2
  case "$part" in
    tests) TEST_DEVICE="$test_device" WITHOUT_PEERS=1 timeout "$time_limit" \
      "$python" -m pytest -q -p no:cacheprovider tests/contracts/test_devices.py > "$out/tests.txt" 2>&1 || status=$?
      tail -n 5 "$out/tests.txt" >&2 ;;
    speed) timeout "$time_limit" \
      "$python" benchmarks/gpu/speed.py "$folder/data" "$out/speed.json" --device "$device" "${speed[@]}" || status=$? ;;
    recipes) timeout $((6 * seconds + 200)) \
      "$python" benchmarks/gpu/recipes.py "$folder/data" "$site/work" "$out/recipes.json" --device "$device" \
      "${recipes[@]}" || status=$? ;;
    *) echo "PARTS: tests, speed and recipes, not $part" >&2; exit 2 ;;
  esac
done
exit "$status"
