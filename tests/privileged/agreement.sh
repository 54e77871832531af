#!/bin/sh
# The table of agreement for the README: groups against machines. Runs the privileged kernel on Ringside, Bochs and
# QEMU (whichever are there).
#   agreement.sh RINGSIDE MODEL IMAGES SCRATCH
# What differs is in SCRATCH/<machine>/differences: the expected line with the case's parameters, and the machine's.
if [ $# -ne 4 ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
ringside=$1 model=$2 images=$3 scratch=$4
set --
for machine in ringside-kernel bochs qemu; do
  case $machine in
    ringside-kernel) program=$ringside ;;
    bochs) program=$(command -v bochs) ;;
    qemu) program=$(command -v qemu-system-i386) ;;
  esac
  [ -n "$program" ] || continue
  "$here/compare.sh" $machine "$program" "$model" "$images" "$scratch/$machine" >/dev/null
  [ -s "$scratch/$machine/lines" ] && set -- "$@" "$scratch/$machine"
done
# Cases, agreements, and lines that did not come, by group, in the order of the kernel.
awk '
  function group_of(name) { sub(/\..*/, "", name); return name }
  FNR == 1 { part = FILENAME; sub(/\/[^\/]*$/, "", part); machine = part; sub(/.*\//, "", machine)
             if (!(machine in seen)) { seen[machine] = 1; machines[++count] = machine } }
  FILENAME ~ /\/expected$/ { want[machine, $1] = $0; group = group_of($1)
             if (!(group in order)) { order[group] = ++groups; names[groups] = group }
             total[machine, group]++; next }
  { group = group_of($1); came[machine, group]++
    if (want[machine, $1] == $0) good[machine, group]++ }
  END {
    printf "| group |"; for (m = 1; m <= count; ++m) printf " %s |", machines[m]; print ""
    printf "|---|"; for (m = 1; m <= count; ++m) printf "---|"; print ""
    for (g = 1; g <= groups; ++g) { row(names[g]) }
    names[++groups] = "all"; row("all")
  }
  function row(name,   m, line) {
    line = "| " name " |"
    for (m = 1; m <= count; ++m) {
      line = line sprintf(" %d of %d", good[machines[m], name], total[machines[m], name])
      if (came[machines[m], name] < total[machines[m], name])
        line = line sprintf(", %d not reached", total[machines[m], name] - came[machines[m], name])
      line = line " |"
      good[machines[m], "all"] += good[machines[m], name]; total[machines[m], "all"] += total[machines[m], name]
      came[machines[m], "all"] += came[machines[m], name]
    }
    print line
  }' $(for part in "$@"; do echo "$part/expected" "$part/lines"; done)
