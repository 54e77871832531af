#!/usr/bin/env bash
# session.sh RINGSIDE KERNEL CASE.gdb: types the case into gdb, connected to a machine that has not begun, and looks for
# the regular expressions of CASE.expect in what comes back, in their order, each on a line behind the one before.
# Lines `#run ARGS` in the case replace `--kernel KERNEL` as the machine's options.
set -u
ringside=$1 kernel=$2 case=$3
command -v gdb >/dev/null || { echo "gdb is not installed"; exit 77; }
scratch=$(mktemp -d)
trap 'kill $machine 2>/dev/null; rm -rf "$scratch"' EXIT

arguments=$(sed -n 's/^#run //p' "$case")
# shellcheck disable=SC2086
"$ringside" run ${arguments:---kernel "$kernel"} --serial "file:$scratch/serial" --gdb "unix:$scratch/socket" --timeout 120 \
  >"$scratch/out" 2>"$scratch/err" </dev/null &
machine=$!
for _ in $(seq 200); do [ -S "$scratch/socket" ] && break; sleep 0.05; done

{ echo "set pagination off"; echo "set confirm off"; echo "set width 0"; echo "set style enabled off"
  echo "target remote $scratch/socket"; cat "$case"; } >"$scratch/commands"
timeout 120 gdb -nx -batch -x "$scratch/commands" "$kernel" >"$scratch/seen" 2>&1 </dev/null

at=0
while IFS= read -r pattern; do
  [ -z "$pattern" ] && continue
  found=$(tail -n +$((at + 1)) "$scratch/seen" | grep -nE -m 1 -- "$pattern" | cut -d: -f1)
  if [ -z "$found" ]; then
    echo "FAILED: '$pattern' is not in what follows line $at of:"
    cat -n "$scratch/seen"
    cat "$scratch/err"
    exit 1
  fi
  at=$((at + found))
done <"${case%.gdb}.expect"
if grep -E "Error|warning: |Remote failure|timed out|closed" "$scratch/seen"; then
  echo "FAILED: gdb complains"
  cat "$scratch/seen"
  exit 1
fi
echo "as expected"
