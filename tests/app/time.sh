#!/usr/bin/env bash
# Snapshots, recordings and failing scenarios through the command line, with a guest of a few bytes of ROM.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# rom FILE HEX: 64 KiB whose code runs at F000:0000; the rest are HLTs.
rom() {
  head -c 65536 /dev/zero | tr '\0' '\364' >"$1"
  printf '%b' "$(sed 's/../\\x&/g' <<<"$2")" | dd of="$1" conv=notrunc status=none
  printf '\xEA\x00\x00\x00\xF0' | dd of="$1" bs=1 seek=65520 conv=notrunc status=none
}
value() { sed -n "s/.*\"$1\": \"\{0,1\}\([^\",]*\).*/\1/p" "$2"; }

# Counts, halts every sixteenth round until the timer's interrupt, and echoes what comes in on COM1.
rom busy.rom 31C08ED88ED0BC007CC70620005700C706220000F0B011E620B008E621B004E621B001E621B0FEE621B034E643B000E640B004E640BAFB03B003EEFBFF060005BAFD03ECA8017405BAF803ECEEF60600050F75E8F4EBE550FF060006B020E62058CF
rom exit.rom B005E6F4F4
rom dead.rom 31C08ED80F011E0001CC
head -c 65536 /dev/zero >disk.img
none="run --guest none --bios busy.rom --hda disk.img --memory 4M"
quiet="--serial none"

# shellcheck disable=SC2086
{
# --- snapshots: the same end with and without the detour ---
expect 0 '' $none --max-instructions 3000000 --stats whole.json
expect 0 '' $none --max-instructions 1000000 --snapshot at.snap
expect 0 '' run --restore at.snap --max-instructions 3000000 --stats rest.json
[ "$(value state_hash whole.json)" = "$(value state_hash rest.json)" ] || fail "a restored run ends in another state"
expect 0 '' info at.snap
grep -q '^kind: snapshot' out || fail "info does not know a snapshot: $(cat out)"
grep -q '1000000 instructions' out || fail "info does not tell the moment: $(cat out)"
printf 'run 500000\nsnapshot half.snap\nrun 500000\nhash\n' >script
expect 0 '' $none --script script
hash=$(sed -n 's/^state hash \([0-9a-f]*\) .*/\1/p' out)
printf 'run 500000\nexpect-hash %s\n' "$hash" >script
expect 0 '' run --restore half.snap --script script

# --- options that contradict it, media that are not what they were ---
expect 0 '' run --restore at.snap --memory 4M --max-instructions 1000001
expect 1 '--memory' run --restore at.snap --memory 8M
expect 1 '--ips' run --restore at.snap --ips 1000000
expect 1 '--hdb' run --restore at.snap --hdb disk.img
expect 1 '--hda' run --restore at.snap --hda disk.img,ro
expect 1 '--rtc' run --restore at.snap --rtc 2001-01-01
cp disk.img moved.img
expect 0 '' run --restore at.snap --hda moved.img --max-instructions 1000001
printf 'x' | dd of=moved.img conv=notrunc status=none
expect 2 'hda.*is not what it was' run --restore at.snap --hda moved.img
mkdir elsewhere && cp at.snap disk.img elsewhere/ && mv disk.img hidden.img
expect 0 '' run --restore elsewhere/at.snap --max-instructions 1000001
expect 2 'disk.img' run --restore at.snap
mv hidden.img disk.img
head -c 3000 at.snap >cut.snap
expect 2 "snapshot 'cut.snap'.*" run --restore cut.snap
expect 2 "snapshot 'cut.snap'" info cut.snap
expect 0 '' run --guest none --bios busy.rom --hda disk.img,rw --max-instructions 100 --snapshot rw.snap
expect 1 'hda.*mode rw' run --restore rw.snap
expect 0 '' run --restore rw.snap --hda disk.img,rw --max-instructions 200

# --- recordings ---
printf 'run 300000\nsend-serial hello\\n\nwait-serial hello\ntype abc\nrun 2000000\n' >talk
expect 0 '' $none --script talk --record talk.rec --hash-every 100000 --stats talk.json
expect 0 'as recorded.*hashes are equal' replay talk.rec --stats replay.json
[ "$(value state_hash talk.json)" = "$(value state_hash replay.json)" ] || fail "a replay ends in another state"
grep -q hello out || fail "a replay shows no output: $(cat out)"
expect 0 '' info talk.rec
grep -q '^inputs: 1[0-9]$' out || fail "info does not count the inputs: $(cat out)"
expect 0 '' replay talk.rec $quiet --max-instructions 400000 --snapshot middle.snap
expect 0 '' run --restore middle.snap $quiet --max-instructions 400100
# ... also of a run that began with a snapshot, and with a seed
expect 0 '' run --restore at.snap --script talk --record later.rec --seed 5
expect 0 'as recorded' replay later.rec $quiet
expect 0 '' $none --script talk --record seed.rec --seed 77
expect 0 'as recorded' replay seed.rec $quiet
# ... and of guests that end the run
expect 11 '' run --guest none --bios exit.rom --debug-exit --record exit.rec
expect 0 'debug exit' replay exit.rec
expect 4 '' run --guest none --bios dead.rom --record dead.rec
expect 0 'triple fault' replay dead.rec

# --- every option of a run in a replay, or why not ---
expect 0 "matches 'hello'" replay talk.rec $quiet --until-serial hello
expect 3 'before the stop condition' replay talk.rec $quiet --until-serial never
expect 3 'as recorded.*before the stop condition' replay talk.rec $quiet --until-screen never
expect 0 'limit of instructions' replay talk.rec $quiet --max-instructions 1000
expect 0 'as recorded' replay talk.rec $quiet --max-instructions 1000000000 --timeout 50
expect 0 'as recorded' replay talk.rec --serial file:talk.txt --debugcon file:talk.e9 --screen-text screen.txt --screenshot screen.png \
  --trace trace.json --snapshot end.snap --record again.rec
grep -q hello talk.txt || fail "a replay's serial output: $(cat talk.txt)"
head -c 4 screen.png | grep -q PNG || fail "a replay's screenshot is no PNG"
grep -q external-interrupt trace.json || fail "a replay's trace: $(head -n 2 trace.json)"
[ -e screen.txt ] || fail "a replay's screen"
expect 0 'as recorded' replay again.rec $quiet --stats again.json
[ "$(value state_hash talk.json)" = "$(value state_hash again.json)" ] || fail "the recording of a replay ends in another state"
expect 0 '' run --restore end.snap $quiet --max-instructions 1 --stats end.json
[ "$(value state_hash talk.json)" = "$(value state_hash end.json)" ] || fail "the snapshot at a replay's end is another state"
printf 'wait-serial hello\nrun 1000\nhash\nscreenshot at.png\nsnapshot at.replay.snap\n' >watch
expect 0 'script has ended' replay talk.rec $quiet --script watch --junit watch.xml
grep -q 'tests="5" failures="0"' watch.xml || fail "JUnit of a replay: $(cat watch.xml)"
printf 'wait-serial never\n' >watch
expect 3 'as recorded.*line 1' replay talk.rec $quiet --script watch
printf 'run 10\ntype x\n' >watch
expect 1 "'watch', line 2: a replay takes no inputs" replay talk.rec $quiet --script watch
expect 1 '--restore: a replay begins where' replay talk.rec --restore at.snap
expect 1 '--junit needs --script' replay talk.rec --junit x.xml
expect 1 "--gdb nonsense" replay talk.rec --gdb nonsense
expect 1 '--gdb: --point' replay talk.rec --gdb 0 --point 'tick 5'
expect 0 'tick 200000' replay talk.rec $quiet --until-point 'tick 200000' --history 16M
expect 3 'as recorded' replay talk.rec $quiet --until-point 'exec 12345'
expect 0 'limit of host time' replay talk.rec --gdb 0 --timeout 0.3

# --- a recording that was cut off, and one that was damaged ---
head -c "$(($(stat -c %s talk.rec) - 400))" talk.rec >cut.rec
expect 0 'breaks off' replay cut.rec $quiet
expect 0 '' info cut.rec
grep -q 'cut off' out || fail "info does not say that a recording is cut off: $(cat out)"
cp talk.rec bad.rec
printf '\xFF\xFF' | dd of=bad.rec bs=1 seek="$(($(stat -c %s talk.rec) / 2))" conv=notrunc status=none
expect 2 "recording 'bad.rec'" replay bad.rec
# ... by nothing less than SIGKILL, in the middle of a run that would go on for ever
printf 'send-serial x\nwait-serial never\n' >forever
"$ringside" $none --script forever --record killed.rec --hash-every 200000 $quiet >/dev/null 2>&1 &
victim=$!
for _ in $(seq 600); do sleep 0.1; [ -e killed.rec ] && [ "$(stat -c %s killed.rec)" -gt 20000 ] && break; done
kill -9 $victim || fail "the run to be killed has ended by itself"
wait $victim 2>/dev/null
expect 0 'breaks off' replay killed.rec $quiet --timeout 50

# --- a replay on another machine than the one recorded ---
cp busy.rom other.rom
rom busy.rom 31C08ED88ED0BC007CEBFE
expect 2 'bios.*is not what it was' replay talk.rec
cp other.rom busy.rom

# --- scenarios that fail ---
printf 'run 300000\nsend-serial abc\nwait-serial abc\nexpect-screen <nothing> & such\nrun 5\n' >wrong.scn
expect 3 'line 4.*' $none --script wrong.scn --junit result.xml
[ -e wrong.failed.rec ] || fail "a failing scenario leaves no recording"
grep -q 'wrong.failed.rec' err || fail "nobody is told where the recording is: $(cat err)"
grep -q 'tests="5" failures="1" errors="0" skipped="1"' result.xml || fail "JUnit: $(cat result.xml)"
grep -q 'expect-screen &lt;nothing&gt; &amp; such' result.xml || fail "JUnit: $(cat result.xml)"
expect 0 'as recorded.*line 4' replay wrong.failed.rec $quiet
at=$(sed -n 's/.* after \([0-9]*\) instructions/\1/p' err)
expect 0 "after $at instructions" run --restore wrong.failed.rec $quiet --max-instructions "$at"
printf 'run 1000\n' >right.scn
expect 0 '' $none --script right.scn --junit result.xml
grep -q 'failures="0"' result.xml || fail "JUnit: $(cat result.xml)"
[ ! -e right.failed.rec ] || fail "a scenario that went well leaves a recording"
}
finish
