; A Multiboot header, a stack, and the two handlers that the kernel's gates lead to.
bits 32

section .multiboot progbits alloc noexec nowrite align=4
    dd 0x1BADB002, 0, -0x1BADB002

section .text
global _start, page_fault_entry, timer_entry
extern kernel_main, page_fault, timer

_start:
    cli
    mov esp, stack_end
    xor ebp, ebp
    push ebp                    ; gdb's backtrace ends where the caller's frame and return address are 0
    jmp kernel_main

page_fault_entry:               ; the error code, EIP, CS and EFLAGS are on the stack
    call page_fault
    cli
    hlt

timer_entry:
    pushad
    cld
    call timer
    popad
    iretd

section .bss
align 16
    resb 16384
stack_end:
