; Calls through a table of sixteen functions, the index from a xorshift generator.
%include "frame.inc"

bench_begin
    mov ebx, 2463534242
    xor eax, eax
.turn:
    mov edx, ebx
    shl edx, 13
    xor ebx, edx
    mov edx, ebx
    shr edx, 17
    xor ebx, edx
    mov edx, ebx
    shl edx, 5
    xor ebx, edx
    mov edx, ebx
    and edx, 15
    call [table + edx * 4]
    dec ecx
    jnz .turn
    bench_end

%assign index 0
%rep 16
    align 16
function_ %+ index:
    add eax, ebx
    xor eax, index * 1234567h
    ret
  %assign index index + 1
%endrep

section .rodata
table:
%assign index 0
%rep 16
    dd function_ %+ index
  %assign index index + 1
%endrep
