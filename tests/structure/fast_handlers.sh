#!/usr/bin/env bash
# fast_handlers.sh BINARY: what the compiler made of the fast path's handlers. None may hold a call, since then a
# tail call has failed and the host's stack grows with every guest instruction. Handlers with a stack frame are slower
# than they need be. A copied handler does without saving RBX and R12 to R15 (cpu/fast/host_code.h), so what counts are
# the frames that copies keep; their number may only fall.
set -euo pipefail
binary=$1
most_frames=437

objdump -dC --no-show-raw-insn "$binary" | awk -v most="$most_frames" '
  /^[0-9a-f]+ <.*>:$/ {
    name = $0
    sub(/^[0-9a-f]+ </, "", name)
    sub(/>:$/, "", name)
    handler = name ~ /ringside::fast::\(anonymous namespace\)::/ && name ~ /\(ringside::Cpu\*, ringside::Op const\*, long, unsigned long, unsigned long, unsigned long\)$/
    if (handler) ++handlers
    framed = kept = 0
    next
  }
  handler && $2 ~ /^call/ { print "a call in " name; ++calls }
  handler && $2 == "push" && !framed { framed = 1; ++frames }
  handler && (/push +%rbp/ || /\(%rsp/ || /,%rsp/) && !kept { kept = 1; ++kept_frames }
  END {
    printf "%d handlers, %d with a stack frame, %d of these in copies too, %d calls\n", handlers, frames, kept_frames, calls
    if (handlers < 1000) { print "the handlers were not found"; exit 1 }
    if (calls > 0) exit 1
    if (kept_frames > most) { print "more than " most " have a stack frame in copies"; exit 1 }
  }'
