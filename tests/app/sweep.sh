#!/usr/bin/env bash
# Sweeps through the command line: what always passes, what always fails, what is wrong before it begins, and guests whose own
# exit codes are those of mistakes.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# A guest that ends the run with 2v + 1.
rom() {
  head -c 65536 /dev/zero | tr '\0' '\364' >"$1"
  printf '%b' "$(sed 's/../\\x&/g' <<<"$2")" | dd of="$1" conv=notrunc status=none
  printf '\xEA\x00\x00\x00\xF0' | dd of="$1" bs=1 seek=65520 conv=notrunc status=none
}
rom loops.rom EBFE
rom one.rom B000E6F4F4
machine="--guest none --bios loops.rom --memory 2M"
printf 'run 1000\n' >pass.scn
printf 'run 1000\nexpect-screen <never>\n' >fail.scn
printf 'no such action\n' >bad.scn

# shellcheck disable=SC2086
{
expect 0 '5 of 5 seeds, 0 failed' sweep $machine --seeds 3..7 --script pass.scn
grep -q '^0 of 5 seeds failed' out || fail "a sweep that passes says: $(cat out)"
[ ! -e seed-3.rec ] || fail "a seed that passes leaves a recording"
expect 3 '4 of 4 seeds, 4 failed' sweep $machine --seeds 1..4 --script fail.scn --output found --junit all.xml
grep -q '^4 of 4 seeds failed' out || fail "a sweep that fails says: $(cat out)"
grep -q 'tests="4" failures="4"' all.xml || fail "JUnit: $(cat all.xml)"
for seed in 1 2 3 4; do expect 0 'as recorded' replay "found/seed-$seed.rec" --serial none; done
expect 2 "script 'missing'" sweep $machine --seeds 1..4 --script missing --output nowhere
expect 1 "bad.scn' line 1" sweep $machine --seeds 1..4 --script bad.scn --output nowhere
expect 2 'no.rom' sweep --guest none --bios no.rom --seeds 1..4 --script pass.scn --output nowhere
expect 1 '--seeds' sweep $machine --seeds 4..1 --script pass.scn --output nowhere
expect 1 '--seeds' sweep $machine --seeds 1..99999999999999999999 --output nowhere
expect 1 '--until-serial' sweep $machine --seeds 1..4 --until-serial '(' --output nowhere
[ ! -e nowhere ] || fail "a sweep that cannot begin writes something"
expect 3 'seed 2 fails' sweep --guest none --bios one.rom --memory 2M --debug-exit --seeds 1..2
grep -q '^seed 1: exit code 1: the guest ended' out || fail "a guest's own exit code 1: $(cat out)"
expect 0 '2 of 2' sweep --guest none --bios one.rom --memory 2M --debug-exit --seeds 1..2 --expect-exit 1
}
finish
