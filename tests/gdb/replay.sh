#!/usr/bin/env bash
# replay.sh RINGSIDE KERNEL DEMO FAULTY: gdb on recordings: one that is equal, one with inputs, one that differs.
set -u
. "$(dirname "$0")/common.sh"
ringside=$1 kernel=$2 demo=$3 faulty=$4
cd "$scratch" || exit 1

# debug RECORDING ELF CODE COMMANDS...: gdb types the commands, then the replay must end with CODE. The output is in $seen.
debug() {
  local file=$1 elf=$2 code=$3 commands=()
  shift 3
  for command in "$@"; do commands+=(-ex "$command"); done
  rm -f socket
  "$ringside" replay "$file" --serial none --gdb unix:socket --timeout 100 --stats stats.json >out 2>err </dev/null &
  machine=$!
  for _ in $(seq 200); do [ -S socket ] && break; sleep 0.05; done
  seen=$(timeout 100 gdb -nx -batch -ex "set pagination off" -ex "set confirm off" -ex "set width 0" -ex "target remote socket" "${commands[@]}" "$elf" 2>&1 </dev/null)
  wait "$machine"
  local ended=$?
  [ "$ended" -eq "$code" ] || fail "replay $file ended with $ended instead of $code: $(cat err) $seen"
}
hash_of() { sed -n 's/.*"state_hash": "\([0-9a-f]*\)".*/\1/p' "$1"; }

# --- a guest that dies: both ways, to its end and back, and not to be changed by hand ---
"$ringside" run --kernel "$kernel" --serial none --record died.rec >/dev/null 2>&1
"$ringside" replay died.rec --serial none --stats plain.json >/dev/null 2>plain.err || fail "a plain replay: $(cat plain.err)"
debug died.rec "$kernel" 0 "break work" continue "set var rounds = 5" "set var \$eax = 1" "print rounds" stepi delete \
  continue "print \$eflags" continue "watch rounds" reverse-continue "print rounds" delete reverse-continue "print \$tick" detach
has 'Breakpoint 1, work' "$seen"
has 'Cannot access memory' "$seen"
has "remote failure reply 'E\.a replay repeats what was recorded" "$seen"
has '^\$1 = 0$' "$seen"
has 'what was to be changed before is as it was' "$seen"
has 'halted for ever at tick' "$seen"
has 'the replay has ended as recorded \(the guest died' "$seen"
has 'No more reverse-execution history' "$seen"
has 'Old value = 20000' "$seen"
has '^\$3 = 19999$' "$seen"
has '^\$4 = 0$' "$seen"
grep -q 'as recorded' err || fail "the replay says: $(cat err)"
[ "$(hash_of stats.json)" = "$(hash_of plain.json)" ] || fail "a replay under gdb ends in another state"

# --- one that is typed to, and waits most of the time; the client's steps lead over inputs and hashes ---
printf 'wait-serial demo>\ntype help\\n\nrun 3000000\ntype ps\\n\nrun 3000000\n' >talk
"$ringside" run --kernel "$demo" --serial none --script talk --record talk.rec --hash-every 100000 >/dev/null 2>&1 || fail "the demo guest cannot be recorded"
"$ringside" replay talk.rec --serial none --stats plain.json >/dev/null 2>plain.err || fail "a plain replay: $(cat plain.err)"
equal=$(grep -o '[0-9]* hashes are equal' plain.err)
debug talk.rec "$demo" 0 "monitor stop vector 0x21" continue continue "monitor delete all" "stepi 3000" "reverse-stepi 300" "break read_key" \
  continue continue reverse-continue "stepi 50" delete continue "print \$tick" detach
has 'vector 21h' "$seen"
has 'Breakpoint 1, .*read_key' "$seen"
has "the replay has ended as recorded \(the script has ended\); $equal" "$seen"
grep -q "$equal" err || fail "other hashes than '$equal' were compared: $(cat err)"
[ "$(hash_of stats.json)" = "$(hash_of plain.json)" ] || fail "a replay under gdb ends in another state"
# ... without a history, with a client that leaves at once, and that kills
debug talk.rec "$demo" 0 detach
grep -q "$equal" err || fail "other hashes than '$equal' were compared: $(cat err)"
debug talk.rec "$demo" 0 stepi kill
grep -q 'ended by gdb' err || fail "a replay that was killed says: $(cat err)"
# ... and one that leaves in the past
debug talk.rec "$demo" 0 continue reverse-stepi reverse-continue detach
[ "$(hash_of stats.json)" = "$(hash_of plain.json)" ] || fail "a replay that was left in the past ends in another state"

# --- a machine that differs: told at the first hash, and the way back is open ---
RINGSIDE_FAULT="cpu 1000000" "$faulty" record "$kernel" differs.rec
"$ringside" replay differs.rec --serial none >/dev/null 2>plain.err
has 'the replay differs' "$(cat plain.err)"
debug differs.rec "$kernel" 5 continue reverse-stepi continue detach
has 'the replay differs from the recording in the instructions' "$seen"
has 'part of the state that differs: cpu' "$seen"
has 'No more reverse-execution history' "$seen"
[ "$(grep 'the replay differs' plain.err)" = "$(grep 'the replay differs' err)" ] || fail "under gdb another interval: $(cat err)"
debug differs.rec "$kernel" 5 continue kill

finish
