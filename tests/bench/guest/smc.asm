; A store into code that then runs: the operand of an instruction in another page is changed, and the code
; called.
%include "frame.inc"

bench_begin
    xor eax, eax
.turn:
    mov [patched + 1], ecx
    call code
    xor eax, edx
    dec ecx
    jnz .turn
    bench_end

section .data align=4096
    align 4096
code:
    add eax, 7
patched:
    mov edx, 0                          ; the operand is stored to
    rol eax, 3
    ret
