#!/usr/bin/env bash
# window.sh RINGSIDE DEMO: `gui --gdb`: the window, under a display of with_display.sh, and gdb at one machine.
set -u
. "$(dirname "$0")/common.sh"
ringside=$1 demo=$2
cd "$scratch" || exit 1
debug() {
  local commands=()
  for command in "$@"; do commands+=(-ex "$command"); done
  timeout 100 gdb -nx -batch -ex "set pagination off" -ex "set confirm off" -ex "set width 0" -ex "target remote socket" "${commands[@]}" "$demo" 2>&1 </dev/null
}

"$ringside" gui --guest demo --gdb nonsense >out 2>err </dev/null
[ $? -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] || fail "gui --gdb nonsense: $(cat err)"

XDG_CONFIG_HOME=$scratch "$ringside" gui --guest demo --gdb unix:socket >out 2>err </dev/null &
machine=$!
for _ in $(seq 600); do grep -q 'gdb may connect at' err && break; sleep 0.1; done
seen=$(debug "print/x \$pc" "break tasks_init" continue backtrace stepi reverse-stepi "watch ready" delete detach)
has '= 0xfffffff0' "$seen"
has 'Breakpoint 1, tasks_init' "$seen"
has '#1 .*kernel_main' "$seen"
has 'detached' "$seen"
# It runs on, with a window; gdb comes again, and interrupts.
seen=$(debug "print \$tick" 'shell (sleep 1; kill -INT $PPID) >/dev/null 2>&1 &' continue "print \$tick" reverse-stepi stepi detach)
has 'SIGINT' "$seen"
# Pause (F6) in the window, while gdb waits.
id=
for _ in $(seq 100); do id=$(xdotool search --name '^Ringside' | tail -n 1) && [ -n "$id" ] && break; sleep 0.1; done
[ -n "$id" ] || fail "there is no window"
seen=$(debug "shell (for i in 1 2 3 4 5 6 7 8 9; do sleep 1; xdotool windowfocus $id key F6; done) >/dev/null 2>&1 &" continue "print \$tick > 0" kill)
has 'SIGINT' "$seen"
has '= 1$' "$seen"
kill -0 "$machine" 2>/dev/null || fail "the window is gone: $(cat err)"
seen=$(debug "monitor where" "monitor history" detach)
has 'ticks [0-9]+ to [0-9]+' "$seen"
kill "$machine"
wait "$machine" 2>/dev/null
finish
