; A read of a page that is not present, a handler that steps over it, IRET.
%include "frame.inc"

HOLE equ 0F00000h

bench_begin
    install_gate 14, handler, GATE_RING0
    mov dword [PAGE_TABLES + HOLE / 4096 * 4], 0
    mov eax, cr3
    mov cr3, eax
    xor eax, eax
.turn:
    mov ebx, [HOLE]
after:
    dec ecx
    jnz bench.turn
    bench_end

    align 16
handler:
    add eax, [esp]                      ; the error code
    add eax, ecx
    mov dword [esp + 4], after
    add esp, 4
    iret
