#!/usr/bin/env bash
# race.sh RINGSIDE ROM SCENARIO: a sweep finds the seeds on which race.asm loses an update, and the recording of each
# replays the loss every time. Without the sweep's seeds the race does not show.
set -u
ringside=$1 rom=$2 scenario=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
machine="--guest none --bios $rom --memory 1M"
fail() { echo "FAILED: $*"; exit 1; }

# shellcheck disable=SC2086
{
"$ringside" run $machine --script "$scenario" --serial none 2>err || fail "the race shows without jitter: $(cat err)"
"$ringside" sweep --seeds 1..64 $machine --script "$scenario" --output found --junit result.xml >list 2>progress
code=$?
cat list
[ $code -eq 3 ] || fail "the sweep ended with $code: $(cat progress)"
grep -q '64 of 64 seeds' progress || fail "no progress is shown: $(cat progress)"
failed=$(sed -n 's/^seed \([0-9]*\): .*/\1/p' list)
count=$(wc -w <<<"$failed")
[ "$count" -ge 1 ] && [ "$count" -le 32 ] || fail "$count seeds of 64 fail; a rare race was planted"
grep -q "tests=\"64\" failures=\"$count\"" result.xml || fail "JUnit: $(head -n 3 result.xml)"

for seed in $failed; do
  [ -e "found/seed-$seed.rec" ] || fail "seed $seed has left no recording"
  for time in 1 2 3; do
    "$ringside" replay "found/seed-$seed.rec" >out 2>err || fail "replay $time of seed $seed: $(cat err)"
    grep -q 'an update was lost' out || fail "replay $time of seed $seed does not show the loss: $(cat out)"
  done
  # The seed alone does it too, and its recording opens at the moment of the failure.
  "$ringside" run $machine --seed "$seed" --script "$scenario" --serial none --failure-recording again.rec 2>err && fail "seed $seed alone does not fail"
  "$ringside" run --restore "found/seed-$seed.rec" --max-instructions 1 --serial none 2>err || fail "seed $seed does not open: $(cat err)"
done
for seed in $(seq 1 64); do
  case " $(tr '\n' ' ' <<<"$failed")" in *" $seed "*) ;; *) [ ! -e "found/seed-$seed.rec" ] || fail "seed $seed is good, but has a recording" ;; esac
done
}
echo "$count of 64 seeds lose an update; all replay"
