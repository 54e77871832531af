; A system call: INT 80h from ring 3 to ring 0 and IRET back, with the stack switch through the TSS.
%include "frame.inc"

bench_begin
    install_gate 80h, handler, GATE_RING3
    install_gate 82h, leave_ring3, GATE_RING3
    mov [ring0_esp], esp
    xor eax, eax
    push dword 23h                      ; SS
    push dword ARENA + 4000h            ; ESP
    pushfd
    push dword 1Bh                      ; CS
    push dword .ring3
    mov edx, 23h
    mov ds, edx
    mov es, edx
    iret
.ring3:
    int 80h
    dec ecx
    jnz .ring3
    int 82h

    align 16
handler:
    add eax, ecx
    iret

leave_ring3:
    mov edx, 10h
    mov ds, edx
    mov es, edx
    mov ss, edx
    mov esp, [ring0_esp]
    bench_end

section .bss
ring0_esp: resd 1
