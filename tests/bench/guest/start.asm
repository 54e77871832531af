; The payload's entry, and the traps' landing place.

bits 32
extern payload_main, unexpected_trap, bss_begin, bss_end
global _start, trap_stub

section .start
_start:
    cld
    mov edi, bss_begin
    mov ecx, bss_end
    sub ecx, edi
    xor eax, eax
    rep stosb
    call payload_main
.stop:
    cli
    hlt
    jmp .stop

section .text
trap_stub:
    call unexpected_trap
