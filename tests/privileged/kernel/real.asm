; What runs in real mode around the code under test, at 0000:A000: into real mode with the state at A800h, and
; back through the stubs of the interrupt vectors.

bits 16
org 0A000h

STATE      equ 0A800h                   ; struct State
SAVED_SS   equ 0A900h
SAVED_ESP  equ 0A904h
RETURN     equ 0A908h                   ; far pointer into the kernel
GDT_PTR    equ 0A910h
IDT_PTR    equ 0A918h

    jmp near enter_real
    jmp near leave_real

enter_real:                             ; 16-bit protected mode, segments of 64 KiB
    mov ax, 30h
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax
    mov eax, cr0
    and al, 0FEh
    mov cr0, eax
    jmp 0:.real
.real:
    xor ax, ax
    mov ds, ax
    lidt [IDT_PTR]
    mov ss, [STATE + 48]
    mov esp, [STATE + 16]
    push dword [STATE + 36]
    push dword [STATE + 44]
    push dword [STATE + 32]
    mov es, [STATE + 40]
    mov fs, [STATE + 56]
    mov gs, [STATE + 60]
    mov eax, [STATE]
    mov ecx, [STATE + 4]
    mov edx, [STATE + 8]
    mov ebx, [STATE + 12]
    mov ebp, [STATE + 20]
    mov esi, [STATE + 24]
    mov edi, [STATE + 28]
    mov ds, [STATE + 52]
    iretd

leave_real:                             ; the stub has pushed its vector
    pushad
    push ds
    push es
    push fs
    push gs
    xor ax, ax
    mov ds, ax
    mov [SAVED_SS], ss
    mov [SAVED_ESP], esp
    o32 lgdt [GDT_PTR]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp dword far [RETURN]
