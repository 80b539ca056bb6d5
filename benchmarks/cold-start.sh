#!/bin/sh
# How long a start takes, from the shell: medians of N runs (7) after one that does not count.
#   benchmarks/cold-start.sh [MODEL [DTYPE [N]]]
# Until the picture of the model that comes along; and, of MODEL, until its first U-Net step begins. That is when the picture was
# written, by the file's time, less what the trace says was between the two.
set -eu
model=${1:-}
dtype=${2:-bf16}
runs=${3:-7}
latente=$(dirname -- "$0")/../latente
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

median() {
  sort -n | awk '{ x[NR] = $1 } END { printf "%.2f s (%.2f to %.2f, %d runs)\n", x[int((NR + 1) / 2)], x[1], x[NR], NR }'
}

# Prints the seconds of each run, by the command that is given, from its start to that of the phase that is named first.
since() {
  phase=$1
  shift
  i=0
  while [ "$i" -le "$runs" ]; do
    began=$(date +%s.%N)
    "$latente" generate "a red car" --seed 1 --quiet --output "$out/picture.png" "$@"
    written=$(stat -c %.9Y "$out/picture.png")
    if [ "$i" -gt 0 ]; then
      {
        echo "$began $written"
        [ "$phase" = picture ] || tr '{' '\n' <"$out/trace.json"
      } | awk -v phase="$phase" '
        function number(key) { return substr($0, index($0, "\"" key "\":") + length(key) + 3) + 0 }
        NR == 1 { began = $1; written = $2 }
        index($0, "\"name\":\"" phase "\"") && !found { first = number("ts"); found = 1 }
        /"name":"write"/ { last = number("ts") + number("dur") }
        END { printf "%.3f\n", written - began - (last - first) / 1e6 }'
    fi
    i=$((i + 1))
  done
}

printf 'shell to picture, the model that comes along: '
since picture | median
if [ -n "$model" ]; then
  printf 'shell to the first U-Net step, %s in %s: ' "$model" "$dtype"
  since step --model "$model" --dtype "$dtype" --steps 1 --size 64x64 --profile "$out/trace.json" | median
fi
