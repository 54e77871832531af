#!/usr/bin/env bash
# connections.sh RINGSIDE KERNEL: clients that come at any moment, go in any way, or are none.
set -u
. "$(dirname "$0")/common.sh"
ringside=$1 kernel=$2

# start WHERE ARGS...: a machine in the background that waits there.
start() {
  local where=$1
  shift
  : >"$scratch/err"  # what the machine before said there must not be taken for this one's
  "$ringside" run "$@" --serial "file:$scratch/serial" --gdb "$where" >"$scratch/out" 2>"$scratch/err" </dev/null &
  machine=$!
  for _ in $(seq 200); do grep -q 'waiting for gdb' "$scratch/err" && break; sleep 0.05; done
  address=$(sed -n 's/^ringside: waiting for gdb at //p' "$scratch/err")
}
# ends CODE: the machine ends with it.
ends() {
  wait "$machine"
  local code=$?
  [ "$code" -eq "$1" ] || fail "ended with $code instead of $1: $(cat "$scratch/err")"
}
debug() { timeout 60 gdb -nx -batch -ex "set pagination off" -ex "set confirm off" -ex "target remote $address" "$@" "$kernel" 2>&1 </dev/null; }

# A port on the loopback interface; attach, detach, attach again, interrupt, end.
start 0 --kernel "$kernel" --timeout 100
has '^127\.0\.0\.1:[0-9]+$' "$address"
seen=$(debug -ex "break work" -ex continue -ex detach)
has 'Breakpoint 1, work' "$seen"
for _ in $(seq 100); do grep -q 'page fault' "$scratch/serial" && break; sleep 0.1; done
has 'page fault' "$(cat "$scratch/serial")"
ends 4

# A guest that runs until somebody comes.
start "unix:$scratch/socket" --guest demo --timeout 100
has "^$scratch/socket$" "$address"
debug -ex detach >/dev/null
for _ in $(seq 200); do grep -q 'demo>' "$scratch/serial" && break; sleep 0.1; done
seen=$(debug -ex 'shell (sleep 1; kill -INT $PPID) >/dev/null 2>&1 &' -ex continue -ex "print \$tick > 0" -ex "monitor where" -ex detach)
has 'SIGINT' "$seen"
has '= 1' "$seen"
# One that dies with the machine in its hand, and one that says nothing sensible.
timeout -s KILL 2 gdb -nx -batch -ex "target remote $address" -ex "break *0x12345" -ex continue >/dev/null 2>&1 </dev/null
printf 'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n$k#6b' | timeout 5 python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.send(sys.stdin.buffer.read()); s.settimeout(3)
try:
  print(len(s.recv(100)))
except OSError:
  print(0)' "$address" >"$scratch/reply" 2>/dev/null
kill -0 "$machine" 2>/dev/null || fail "the machine is gone"
seen=$(debug -ex "info registers cr0" -ex "monitor points" -ex kill)
has 'cr0 .*PG' "$seen"
has 'no points' "$seen"
ends 0
[ ! -e "$scratch/socket" ] || fail "the socket is still there"

# Where nobody can listen.
for where in 99999 nonsense :1 host.invalid:1 unix: "unix:$scratch/no/where" 192.0.2.1:1; do
  "$ringside" run --kernel "$kernel" --gdb "$where" >"$scratch/out" 2>"$scratch/err" </dev/null
  code=$?
  [ "$code" -eq 1 ] || fail "--gdb $where ended with $code"
  [ "$(wc -l <"$scratch/err")" -eq 1 ] && grep -q -- '--gdb' "$scratch/err" || fail "--gdb $where says: $(cat "$scratch/err")"
done

# A limit of the run holds also while nobody comes, or nobody says anything.
start 0 --kernel "$kernel" --timeout 1
ends 0

finish
