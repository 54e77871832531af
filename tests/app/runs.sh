#!/usr/bin/env bash
# Runs of a guest that is a few bytes of ROM: conditions, limits, outputs.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# rom FILE HEX: 64 KiB whose code runs at F000:0000; the rest are HLTs.
rom() {
  head -c 65536 /dev/zero | tr '\0' '\364' >"$1"
  printf '%b' "$(sed 's/../\\x&/g' <<<"$2")" | dd of="$1" conv=notrunc status=none
  printf '\xEA\x00\x00\x00\xF0' | dd of="$1" bs=1 seek=65520 conv=notrunc status=none
}

rom exit.rom B005E6F4F4                      # debug exit with 5
rom dead.rom FAF4                            # CLI, HLT
rom loop.rom EBFE                            # JMP $
rom hello.rom BAFB03B003EEBAF803B048EEB90010E2FEB069EEB90010E2FEB00AEEEBFE   # "Hi\n" on COM1, then JMP $
rom e9.rom B041E6E9FAF4                      # A on port E9h
rom fault.rom 31C08ED80F011E0001CC           # IDT of size 0, INT3

none="run --guest none"
# shellcheck disable=SC2086
{
expect 11 'debug exit' $none --bios exit.rom --debug-exit
expect 4 'halted with interrupts off' $none --bios exit.rom
expect 4 'halted with interrupts off' $none --bios dead.rom
expect 4 'triple fault' $none --bios fault.rom
grep -q 'chain of faults' err || fail "a triple fault tells no chain of faults: $(cat err)"
grep -q 'int3' err || fail "a triple fault does not show the last instruction: $(cat err)"
expect 0 'after 12345 instructions' $none --bios loop.rom --max-instructions 12345
expect 3 'limit of instructions' $none --bios loop.rom --max-instructions 12345 --until-serial x
expect 3 'host time' $none --bios loop.rom --timeout 0.2 --until-screen x
expect 0 'host time' $none --bios loop.rom --timeout 0.2
expect 0 "matches 'Hi'" $none --bios hello.rom --until-serial Hi --timeout 20
[ "$(cat out)" = Hi ] || fail "COM1 on stdio gives '$(cat out)'"
expect 0 '' $none --bios hello.rom --until-serial Hi --timeout 20 --serial file:com1
[ "$(cat com1)" = Hi ] || fail "COM1 in a file gives '$(cat com1)'"
expect 4 '' $none --bios e9.rom --debugcon stdio
[ "$(cat out)" = A ] || fail "port E9h on stdio gives '$(cat out)'"

# Outputs.
expect 0 '' $none --bios loop.rom --max-instructions 1000 --stats stats.json --screenshot screen.png --screen-text screen.txt --trace trace
for key in instructions host_seconds mips state_hash stop_reason; do
  grep -q "\"$key\"" stats.json || fail "--stats has no $key"
done
[ "$(head -c 8 screen.png | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || fail "--screenshot writes no PNG"
[ -e screen.txt ] || fail "--screen-text writes nothing"
expect 4 '' $none --bios fault.rom --trace trace
grep -q '"mnemonic":"#GP"' trace || fail "--trace has no #GP: $(head -n 2 trace)"

# Scripts.
printf '# says Hi\nwait-serial Hi\nrun 1000\nhash\n' >script
expect 0 'script has ended' $none --bios hello.rom --script script --timeout 20
hash=$(sed -n 's/^state hash \([0-9a-f]*\) .*/\1/p' out)
[ ${#hash} -eq 32 ] || fail "hash prints no hash: $(cat out)"
printf 'wait-serial Hi\nrun 1000\nexpect-hash %s\n' "$hash" >script
expect 0 'script has ended' $none --bios hello.rom --script script --timeout 20
printf 'wait-serial Hi\nrun 1001\nexpect-hash %s\n' "$hash" >script
expect 3 'line 3' $none --bios hello.rom --script script --timeout 20
printf 'wait-serial never\n' >script
expect 3 'line 1' $none --bios hello.rom --script script --max-instructions 5000000
printf 'expect-screen nothing\n' >script
expect 3 'line 1' $none --bios hello.rom --script script --timeout 20
printf 'screenshot /nonexistent/a.png\n' >script
expect 2 '/nonexistent/a.png' $none --bios hello.rom --script script --timeout 20

# The same options from a file; the command line wins.
printf 'guest="none"\nbios="loop.rom"\nmax-instructions=777\n' >options.toml
expect 0 'after 777 instructions' run --config options.toml
expect 0 'after 555 instructions' run --config options.toml --max-instructions 555
printf 'nonsense="1"\n' >options.toml
expect 1 'nonsense' run --config options.toml

# Two runs are the same run.
expect 0 '' $none --bios hello.rom --max-instructions 3000000 --stats first.json
expect 0 '' $none --bios hello.rom --max-instructions 3000000 --stats second.json
[ "$(grep state_hash first.json)" = "$(grep state_hash second.json)" ] || fail "two runs differ"
}
finish
