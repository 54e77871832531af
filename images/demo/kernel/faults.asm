; Deliberate faults in ring 0, one function each. faults.c has the table that says what must come of them.

extern main_tss
global zero_divide, zero_debug, zero_breakpoint, zero_overflow, zero_bound, zero_undefined, zero_no_fpu
global zero_bad_tss, zero_not_present, zero_stack_not_present, zero_null_stack, zero_beyond_gdt, zero_limit
global zero_not_mapped, zero_read_only, zero_double_fault

KERNEL_DATA     equ 10h
NOT_PRESENT     equ 38h
TINY            equ 40h
UNMAPPED        equ 0F0000000h          ; above the kernel's window

section .text

zero_divide:                            ; fault: EIP of the DIV, which could be tried again
    xor edx, edx
    xor ecx, ecx
    mov eax, 1
    div ecx
    ret

zero_debug:                             ; TF: a trap after each instruction, first after the one behind POPFD
    pushfd
    or dword [esp], 100h
    popfd
    nop
    ret

zero_breakpoint:                        ; trap: EIP behind the INT3
    int3
    ret

zero_overflow:                          ; trap, only if OF is set
    mov eax, 7FFFFFFFh
    inc eax
    into
    ret

zero_bound:                             ; fault: 10 is not within 0 to 9
    mov eax, 10
    bound eax, [.bounds]
    ret
.bounds: dd 0, 9

zero_undefined:
    ud2
    ret

zero_no_fpu:                            ; CR0.TS says "the FPU's registers are somebody else's": the next FPU
    mov eax, cr0                        ; instruction faults, and a kernel would now switch them
    or eax, 8
    mov cr0, eax
    fnop
    ret

zero_bad_tss:                           ; IRET with NT set returns to the task in the TSS's back link
    mov dword [main_tss], KERNEL_DATA   ; which is no TSS
    pushfd
    or dword [esp], 4000h
    popfd
    iret

zero_not_present:
    mov ax, NOT_PRESENT
    mov fs, ax
    ret

zero_stack_not_present:                 ; the same descriptor, but for SS it is #SS
    mov ax, NOT_PRESENT
    mov ss, ax
    ret

zero_null_stack:                        ; a null selector is fine in DS, never in SS
    xor eax, eax
    mov ss, ax
    ret

zero_beyond_gdt:
    mov ax, 1000h
    mov fs, ax
    ret

zero_limit:                             ; 16 bytes, of which we ask the 17th
    mov ax, TINY
    mov fs, ax
    mov al, [fs:16]
    ret

zero_not_mapped:
    mov eax, [UNMAPPED]
    ret

zero_read_only:                         ; our own code
    mov byte [zero_read_only], 0
    ret

zero_double_fault:                      ; the push faults, and so does delivering that fault on the same stack
    mov esp, UNMAPPED + 1000h
    push eax
    ret
