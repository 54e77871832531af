; CR3 reloads, each followed by touches of four pages whose translations it has dropped.
%include "frame.inc"

bench_begin
    mov esi, ARENA
    mov dword [esi], 1
    mov dword [esi + 1000h], 2
    mov dword [esi + 2000h], 3
    mov dword [esi + 3000h], 4
    mov edx, cr3
    xor eax, eax
.turn:
    mov cr3, edx
    add eax, [esi]
    add eax, [esi + 1000h]
    add eax, [esi + 2000h]
    add eax, [esi + 3000h]
    dec ecx
    jnz .turn
    bench_end
