; Branches that can be predicted: short nested loops with a condition in the innermost.
%include "frame.inc"

bench_begin
    xor eax, eax
    xor ebx, ebx
.turn:
    mov esi, 8
.middle:
    mov edi, 12
.inner:
    test edi, 3
    jz .fourth
    add eax, edi
    jmp .next
.fourth:
    xor eax, ecx
.next:
    dec edi
    jnz .inner
    cmp eax, 1000000h
    jb .small
    shr eax, 1
    inc ebx
.small:
    dec esi
    jnz .middle
    dec ecx
    jnz .turn
    add eax, ebx
    bench_end
