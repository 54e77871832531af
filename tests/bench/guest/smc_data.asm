; Code and data on one page: the code is never changed, but a word a few hundred bytes behind it is, every
; turn.
%include "frame.inc"

bench_begin
    xor eax, eax
.turn:
    call code
    xor eax, [word_behind]
    dec ecx
    jnz .turn
    bench_end

section .data align=4096
    align 4096
code:
    add [word_behind], ecx
    rol eax, 3
    ret
    align 512
word_behind: dd 0
