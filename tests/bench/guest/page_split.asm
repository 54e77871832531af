; Loads and stores of which every one lies in two pages.
%include "frame.inc"

bench_begin
    mov esi, ARENA + 1000h
    xor eax, eax
.turn:
    add [esi - 2], ecx
    mov edx, [esi - 1]
    xor eax, edx
    mov [esi + 0FFFh], ax
    add eax, [esi + 0FFDh]
    dec ecx
    jnz .turn
    bench_end
