#!/usr/bin/env bash
# fast_handlers.sh BINARY: what the compiler made of the fast path's handlers. None may hold a call, since then a
# tail call has failed and the host's stack grows with every guest instruction. Handlers with a stack frame
# are slower than they need be; their number may only fall.
set -euo pipefail
binary=$1
most_frames=1290

objdump -dC --no-show-raw-insn "$binary" | awk -v most="$most_frames" '
  /^[0-9a-f]+ <.*>:$/ {
    name = $0
    sub(/^[0-9a-f]+ </, "", name)
    sub(/>:$/, "", name)
    handler = name ~ /ringside::fast::\(anonymous namespace\)::/ && name ~ /\(ringside::Cpu\*, ringside::Op const\*, long, unsigned long, unsigned long, unsigned long\)$/
    if (handler) ++handlers
    framed = 0
    next
  }
  handler && $2 ~ /^call/ { print "a call in " name; ++calls }
  handler && $2 == "push" && !framed { framed = 1; ++frames }
  END {
    printf "%d handlers, %d with a stack frame, %d calls\n", handlers, frames, calls
    if (handlers < 1000) { print "the handlers were not found"; exit 1 }
    if (calls > 0) exit 1
    if (frames > most) { print "more than " most " have a stack frame"; exit 1 }
  }'
