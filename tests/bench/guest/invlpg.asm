; A page's mapping is changed between two frames, its translation dropped, and the page read: a new walk each
; turn.
%include "frame.inc"

WINDOW equ 400000h                      ; the page that moves

bench_begin
    mov dword [ARENA], 1
    mov dword [ARENA + 1000h], 5
    mov edi, PAGE_TABLES + WINDOW / 4096 * 4
    mov esi, WINDOW
    mov edx, ARENA + 7                  ; present, writable, user
    xor eax, eax
.turn:
    xor edx, 1000h
    mov [edi], edx
    invlpg [esi]
    add eax, [esi]
    rol eax, 1
    dec ecx
    jnz .turn
    bench_end
