; Loads, stores and read-modify-write over 64 KiB, three sizes. 15 instructions a turn.
%include "frame.inc"

bench_begin
    mov esi, ARENA
    mov edi, 1
    xor edx, edx
    xor eax, eax
.turn:
    mov ebx, [esi + edx]
    add ebx, edi
    mov [esi + edx + 8], ebx
    movzx ebp, byte [esi + edx + 9]
    add [esi + edx + 4], ebp
    add eax, [esi + edx + 16]
    mov [esi + edx + 22], bx
    movsx ebx, word [esi + edx + 6]
    xor eax, ebx
    mov [esi + edx + 1], al
    add edi, 0x01000193
    add edx, 28
    and edx, 0FFFCh
    dec ecx
    jnz .turn
    bench_end
