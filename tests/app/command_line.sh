#!/usr/bin/env bash
# Wrong usage and hostile files: one clear line, the right exit code, nothing written.
. "$(dirname "$(readlink -f "$0")")/lib.sh"

unset DISPLAY WAYLAND_DISPLAY SDL_VIDEODRIVER

# --- files of every wrong kind ---
mkdir directory
: >empty
head -c 1000 /dev/zero >odd.img
head -c 65536 /dev/zero >disk.img
head -c 100 /dev/urandom >noise
printf 'this is no kernel, only text\n' >text
mkfifo pipe
cp disk.img unreadable.img && chmod 000 unreadable.img

# --- wrong options ---
expect 1 'nonsense' nonsense
expect 1 'bogus' run --bogus
expect 1 'memory.*12Q' run --hda disk.img --memory 12Q
expect 1 'memory.*1M to 3G' run --hda disk.img --memory 4G
expect 1 'memory' run --hda disk.img --memory 0
expect 1 'memory' run --hda disk.img --memory 1000001
expect 1 'memory' run --hda disk.img --memory -5
expect 1 'cpu|processor' run --hda disk.img --cpu z80
expect 1 'ips' run --hda disk.img --ips 0
expect 1 'ips' run --hda disk.img --ips fast
expect 1 'boot' run --hda disk.img --boot xyz
expect 1 'rtc' run --hda disk.img --rtc yesterday
expect 1 'serial' run --hda disk.img --serial nowhere
expect 1 'debugcon' run --hda disk.img --debugcon file:
expect 1 'max-instructions' run --hda disk.img --max-instructions many
expect 1 'timeout' run --hda disk.img --timeout -1
expect 1 'timeout' run --hda disk.img --timeout soon
expect 1 'until-serial.*regular expression' run --hda disk.img --until-serial '('
expect 1 'until-screen.*regular expression' run --hda disk.img --until-screen '['
expect 1 'guest' run --guest no-such-guest
expect 1 'initrd needs' run --hda disk.img --initrd text
expect 1 'append needs' run --hda disk.img --append text
expect 1 'mode' run --hda disk.img,wr
expect 1 'FILE' info
expect 1 'guest' guests build no-such-guest
for option in --fda --fdb --cdrom; do
  expect 1 "$option is not available yet" run "$option" 1
done
expect 1 'no display' gui
expect 1 'no display' gui --hda disk.img
expect 1 'FILE' replay
expect 1 'seed' run --hda disk.img --seed many
expect 1 'junit needs' run --hda disk.img --junit result.xml
expect 1 'memory' replay disk.img --memory 8M

# --- files that are not what they should be ---
for image in directory empty odd.img missing.img pipe /dev/null; do
  expect 2 "disk image '$image'" run --hda "$image"
  expect 2 "disk image '$image'" run --hdd "$image,rw"
  expect 2 "disk image '$image'" info "$image"
done
for kernel in directory empty noise text disk.img missing pipe; do
  expect 2 "kernel '$kernel'" run --kernel "$kernel"
done
for bios in directory empty odd.img missing; do
  expect 2 "BIOS image '$bios'" run --hda disk.img --bios "$bios"
  expect 2 "VGA BIOS image '$bios'" run --hda disk.img --vgabios "$bios"
done
expect 2 "script 'missing'" run --hda disk.img --script missing
expect 2 "script 'directory'" run --hda disk.img --script directory
expect 2 'missing.toml' run --config missing.toml
if [ "$(id -u)" -ne 0 ]; then expect 2 "unreadable.img" run --hda unreadable.img; fi

for file in directory empty noise text disk.img missing pipe /dev/null; do
  expect 2 "recording '$file'" replay "$file"
  expect 2 "snapshot '$file'" run --restore "$file"
done
for file in directory missing pipe /dev/null; do expect 2 "'$file'" info "$file"; done

# --- outputs that cannot be written ---
expect 2 "recording '/nonexistent/r'" run --hda disk.img --record /nonexistent/r --max-instructions 10
expect 2 "recording 'directory'" run --hda disk.img --record directory --max-instructions 10
expect 2 'trace|output' run --hda disk.img --trace /nonexistent/trace --max-instructions 10
expect 2 'serial' run --hda disk.img --serial file:/nonexistent/log --max-instructions 10

# --- scripts ---
printf 'hash\nfly away\n' >script
expect 1 "line 2.*'fly'" run --hda disk.img --script script
printf 'wait-serial (\n' >script
expect 1 'line 1.*regular' run --hda disk.img --script script

# --- nothing was written on the way ---
: >mark
expect 2 "disk image" run --hda missing.img --serial file:written --trace written --stats written --screenshot written
[ ! -e written ] || fail "a run that could not begin has written a file"

# --- what is right ---
expect 0 '' --help
expect 0 '' run --help
expect 0 '' guests
grep -q '^demo ' out || fail "guests does not list the demo guest"
expect 0 '' info disk.img
grep -q '65536 bytes' out || fail "info does not tell the size: $(cat out)"
finish
