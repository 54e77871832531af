#!/usr/bin/env bash
# linux_replay.sh RINGSIDE SCENARIO [MACHINE...]: Linux, recorded with typed input, replays with equal hashes: as it is, with
# breakpoints and watchpoints, with time travel, with both, from a recording of the replay itself, and from a recording
# whose writer was killed.
set -u
ringside=$1 scenario=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
fail() { echo "FAILED: $*"; exit 1; }
hash_in() { sed -n 's/.*"state_hash": "\([0-9a-f]*\)".*/\1/p' "$1"; }

"$ringside" run "$@" --script "$scenario" --record typed.rec --serial file:typed.log --stats typed.json 2>err || fail "the run to be recorded: $(cat err)"
wanted=$(hash_in typed.json)
replays() {
  "$ringside" replay "${file:-typed.rec}" --serial none --stats replay.json "$@" >out 2>err || fail "replay $*: $(tail -n 5 err)"
  grep -q 'as recorded.*hashes are equal' err || fail "replay $*: $(tail -n 5 err)"
  [ "$(hash_in replay.json)" = "$wanted" ] || fail "replay $* ends in another state"
  echo "replay $(cut -c1-60 <<<"$*"): $(sed -n 's/.*; \(.*equal\).*/\1/p' err)"
}
# Points in the kernel's code and data that are met seldom or never.
points=(--point 'exec 0xc1000000' --point 'write 0xc0001000 4' --point 'write phys 0x500 4' --point 'port 3f2' --point 'vector 0')
for i in $(seq 1 100); do points+=(--point "exec $((0xC2000000 + i * 4096))" --point "read $((0xFE000000 + i * 64)) 4"); done
replays
replays "${points[@]}"
replays --history 128M
replays --history 64M "${points[@]}"
replays --record again.rec --hash-every 20000000
file=again.rec replays

"$ringside" run "$@" --script "$scenario" --record killed.rec --serial none 2>/dev/null &
victim=$!
for _ in $(seq 6000); do sleep 0.1; [ -e killed.rec ] && [ "$(stat -c %s killed.rec)" -gt 20000 ] && break; done
kill -9 $victim || fail "the run to be killed has ended by itself"
wait $victim 2>/dev/null
"$ringside" replay killed.rec --serial none >out 2>err || fail "replay of a recording that was cut off: $(tail -n 5 err)"
grep -q 'breaks off here' err || fail "replay of a recording that was cut off: $(cat err)"
echo "replay after kill -9: $(cat err)"
