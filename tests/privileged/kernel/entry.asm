; The kernel's edge: multiboot header, the way into a case and the way out of it by whatever vector.

bits 32

extern kernel_main, bss_begin, bss_end
global start, run_protected, run_real_mode, leave_common, leave_task, raw, real_blob, real_blob_end

KERNEL_DATA equ 10h
GDT         equ 200000h
IDT         equ 202000h
MAIN_TSS    equ 18h
LDT         equ 38h

; struct State
S_ESP    equ 16
S_EIP    equ 32
S_EFLAGS equ 36
S_SEG    equ 40
S_CR0    equ 64
S_CR3    equ 68
S_CR4    equ 72
S_DR     equ 76
S_GDT    equ 108
S_IDT    equ 112

section .header
    align 4
    dd 1BADB002h, 0, -1BADB002h, 0
start:                                  ; 16 bytes into the image
    cli
    cld
    mov esp, kernel_stack_end
    mov edi, bss_begin
    mov ecx, bss_end
    sub ecx, edi
    xor eax, eax
    rep stosb
    call kernel_main
.stop:
    hlt
    jmp .stop

section .text

; void run_protected(const State*)
run_protected:
    pushad
    mov [kernel_esp], esp
    mov esi, [esp + 36]
    lgdt [kernel_gdt]                   ; the first call comes with the boot loader's
    lidt [kernel_idt]
    jmp 08h:.own_code
.own_code:
    mov ax, KERNEL_DATA
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov byte [GDT + MAIN_TSS + 5], 89h
    mov ax, MAIN_TSS
    ltr ax
    mov ax, LDT
    lldt ax
    mov ax, [esi + S_GDT]
    mov [case_gdt], ax
    mov ax, [esi + S_IDT]
    mov [case_idt], ax
    lgdt [case_gdt]
    lidt [case_idt]
    mov eax, [esi + S_DR]
    mov dr0, eax
    mov eax, [esi + S_DR + 4]
    mov dr1, eax
    mov eax, [esi + S_DR + 8]
    mov dr2, eax
    mov eax, [esi + S_DR + 12]
    mov dr3, eax
    mov eax, [esi + S_DR + 24]
    mov dr6, eax
    mov eax, [esi + S_CR4]
    test eax, eax
    jz .no_cr4                          ; a 386 has none
    mov cr4, eax
.no_cr4:
    mov eax, [esi + S_CR3]
    mov cr3, eax
    mov eax, [esi + S_CR0]
    mov cr0, eax
    jmp .paged
.paged:
    mov eax, [esi + S_DR + 28]
    mov dr7, eax
    test dword [esi + S_EFLAGS], 20000h
    jnz .v86
    test byte [esi + S_SEG + 4], 3
    jnz .outer
    mov eax, [esi + S_ESP]
    mov [case_stack], eax
    mov ax, [esi + S_SEG + 8]
    mov [case_stack + 4], ax
    lss esp, [case_stack]
    jmp .frame
.v86:
    push dword [esi + S_SEG + 20]
    push dword [esi + S_SEG + 16]
    push dword [esi + S_SEG + 12]
    push dword [esi + S_SEG]
.outer:
    push dword [esi + S_SEG + 8]
    push dword [esi + S_ESP]
.frame:
    push dword [esi + S_EFLAGS]
    push dword [esi + S_SEG + 4]
    push dword [esi + S_EIP]
    mov eax, [esi]
    mov ecx, [esi + 4]
    mov edx, [esi + 8]
    mov ebx, [esi + 12]
    mov ebp, [esi + 20]
    mov edi, [esi + 28]
    test dword [esi + S_EFLAGS], 20000h
    jnz .last
    mov es, [esi + S_SEG]
    mov fs, [esi + S_SEG + 16]
    mov gs, [esi + S_SEG + 20]
    mov ds, [esi + S_SEG + 12]
.last:
    mov esi, [cs:esi + 24]
    iretd

; Every stub leads here, with its vector pushed.
leave_common:
    pushad
    push ds
    push es
    push fs
    push gs
    mov ax, KERNEL_DATA
    mov ds, ax
    mov es, ax
    cld
    mov esi, esp
    mov ax, ss
    lar eax, eax
    jnz .whole
    test eax, 400000h                   ; a stack of 16 bits leaves anything in the high half of ESP
    jnz .whole
    movzx esi, si
.whole:
    mov [raw.esp], esi
    mov [raw.ss], ss                    ; 24 dwords, by SS, because its base may not be 0
    mov edi, raw.frame
    mov ecx, 24
.copy:
    mov eax, [ss:esi]
    mov [edi], eax
    add esi, 4
    add edi, 4
    loop .copy
    mov dword [raw.task], 0
    jmp leave_case

; The tasks that #DF and others switch to; their stubs have pushed the vector on top of the error code.
leave_task:
    pop dword [raw.vector]
    pop dword [raw.error]
    mov dword [raw.task], 1

leave_case:
    mov eax, cr2
    mov [raw.cr2], eax
    mov eax, cr0
    mov [raw.cr0], eax
    mov eax, cr3
    mov [raw.cr3], eax
    cmp dword [has_cr4], 0
    je .no_cr4
    mov eax, cr4
    mov [raw.cr4], eax
.no_cr4:
    mov eax, dr6
    mov [raw.dr6], eax
    mov eax, dr7
    mov [raw.dr7], eax
    xor eax, eax
    str ax
    mov [raw.tr], eax
    sldt ax
    mov [raw.ldtr], eax
    mov al, [GDT + MAIN_TSS + 5]
    mov [raw.main_tss_access], al

    mov eax, 400h
    mov dr7, eax
    mov eax, 31h                        ; PE, ET, NE
    mov cr0, eax
    xor eax, eax
    cmp dword [has_cr4], 0
    je .no_cr4_again
    mov cr4, eax
.no_cr4_again:
    mov cr3, eax
    lgdt [kernel_gdt]
    lidt [kernel_idt]
    mov ax, KERNEL_DATA
    mov fs, ax
    mov gs, ax
    mov ss, ax
    mov esp, [kernel_esp]
    push dword 2                        ; without NT
    popfd
    mov byte [GDT + MAIN_TSS + 5], 89h
    mov ax, MAIN_TSS
    ltr ax
    mov ax, LDT
    lldt ax
    popad
    ret

; void run_real_mode(): the state lies at A800h already.
run_real_mode:
    pushad
    mov [kernel_esp], esp
    lgdt [kernel_gdt]
    jmp 08h:.own_code
.own_code:
    mov dword [0A908h], back
    mov word [0A90Ch], 08h
    jmp 28h:0A000h
back:
    mov ax, KERNEL_DATA
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax
    mov esp, [kernel_esp]
    cld
    lidt [kernel_idt]
    popad
    ret

section .data
    align 4
kernel_gdt: dw 0FFFh
            dd GDT
    align 4
kernel_idt: dw 7FFh
            dd IDT
    align 4
case_gdt:   dw 0
            dd GDT
    align 4
case_idt:   dw 0
            dd IDT
real_blob:  incbin "real.bin"
real_blob_end:

section .bss
    align 16
kernel_stack: resb 16384
kernel_stack_end:
kernel_esp: resd 1
case_stack: resd 2
global has_cr4
has_cr4: resd 1
raw:
.frame: resd 24
.ss:    resd 1
.esp:   resd 1
.cr2:   resd 1
.cr0:   resd 1
.cr3:   resd 1
.cr4:   resd 1
.dr6:   resd 1
.dr7:   resd 1
.tr:    resd 1
.ldtr:  resd 1
.main_tss_access: resd 1
.task:  resd 1
.error: resd 1
.vector: resd 1
