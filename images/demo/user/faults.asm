; Programs that ring 3 will not survive, one function each (../kernel/faults.c has the table).

global fault_cli, fault_out, fault_cr3, fault_selector, fault_gate, fault_supervisor, fault_own_code, fault_stack
global fault_alignment

section .text

fault_cli:
    cli
    jmp survived

fault_out:
    out 80h, al
    jmp survived

fault_cr3:
    mov eax, cr3
    jmp survived

fault_selector:
    mov ax, 10h
    mov ds, ax
    jmp survived

fault_gate:
    int 20h
    jmp survived

fault_supervisor:
    mov eax, [0C0100000h]
    jmp survived

fault_own_code:
    mov byte [fault_own_code], 0
    jmp survived

fault_stack:
    call fault_stack

fault_alignment:
    pushfd
    or dword [esp], 1 << 18             ; EFLAGS.AC
    popfd
    mov eax, [esp + 1]
    jmp survived

; Nothing stopped us: end with exit code 0, which the kernel finds remarkable enough.
survived:
    xor eax, eax
    xor ebx, ebx
    int 80h
