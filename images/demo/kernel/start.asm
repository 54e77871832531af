; The kernel's first instructions. Whoever loaded us (boot/loader.asm, GRUB, or an emulator's --kernel)
; did it by the Multiboot specification: protected mode, flat segments, paging off, A20 open,
; EAX = 2BADB002h, EBX = physical address of the boot information.

KERNEL_BASE equ 0C0000000h
CR0_WP      equ 1 << 16                 ; 486 and later: read-only pages bind the kernel too
CR0_AM      equ 1 << 18                 ; 486 and later: lets ring 3 ask for alignment checks
CR0_PG      equ 1 << 31

extern kernel_main, bss_start, bss_end
global boot_entry, kernel_directory, boot_stack_top

section .boot progbits alloc exec nowrite align=16
    dd 1BADB002h, 3, -(1BADB002h + 3)   ; header: magic, flags (page-align modules, give memory), checksum
    dd 0
boot_entry:                             ; loader.asm counts on it being 16 bytes from the start
    cli
    cld
    mov ebp, eax
    mov esi, ebx

    ; The flat binary has no .bss in it, and a loader may not have cleared it.
    mov edi, bss_start - KERNEL_BASE
    mov ecx, bss_end - KERNEL_BASE
    sub ecx, edi
    shr ecx, 2
    xor eax, eax
    rep stosd

    ; One page table for the first 4 MiB, entered twice: at 0, because the next instruction after
    ; switching paging on is still fetched from down here, and at 3 GiB, where the kernel was linked to run.
    mov edi, first_table - KERNEL_BASE
    mov eax, 3                          ; present, writable, supervisor
    mov ecx, 1024
.fill:
    stosd
    add eax, 4096
    loop .fill
    mov eax, first_table - KERNEL_BASE + 3
    mov [kernel_directory - KERNEL_BASE], eax
    mov [kernel_directory - KERNEL_BASE + (KERNEL_BASE >> 22) * 4], eax

    mov eax, kernel_directory - KERNEL_BASE
    mov cr3, eax
    mov eax, cr0
    or eax, CR0_PG | CR0_WP | CR0_AM
    mov cr0, eax
    mov eax, higher_half
    jmp eax

section .text
higher_half:
    mov esp, boot_stack_top
    push esi
    push ebp
    xor ebp, ebp                        ; ends every backtrace
    call kernel_main
.stop:
    cli
    hlt
    jmp .stop

section .bss align=4096
kernel_directory: resb 4096
first_table:      resb 4096
boot_stack:       resb 8192
boot_stack_top:
