; Boot sector of a floppy or disk that holds nothing but the kernel: sectors 1 and following are read to
; 1000:0000 with INT 13h, moved to 1 MiB in protected mode, and entered behind the multiboot header.

bits 16
org 7C00h

STAGING   equ 10000h
KERNEL    equ 100000h
SECTORS   equ (kernel_end - kernel + 511) / 512

start:
    cli
    jmp 0:.here                         ; some BIOSes start at 07C0:0000
.here:
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 7C00h
    sti
    mov [drive], dl
    mov ah, 8                           ; geometry, because a USB stick or disk may have any
    int 13h
    jc .floppy
    and cx, 3Fh
    jz .floppy
    mov [sectors], cx
    movzx dx, dh
    inc dx
    mov [heads], dx
.floppy:
    mov ax, 2401h                       ; open A20: by the BIOS, then by port 92h
    int 15h
    in al, 92h
    or al, 2
    and al, 0FEh
    out 92h, al

    mov si, 1                           ; sector number
    mov bx, STAGING >> 4
.read:
    mov es, bx
    push bx
    mov bp, 5                           ; tries
.again:
    mov ax, si
    xor dx, dx
    div word [sectors]
    mov cl, dl
    inc cl
    xor dx, dx
    div word [heads]
    mov ch, al
    shl ah, 6
    or cl, ah
    mov dh, dl
    mov dl, [drive]
    xor bx, bx
    mov ax, 0201h
    int 13h
    jnc .good
    xor ah, ah
    mov dl, [drive]
    int 13h
    dec bp
    jnz .again
    mov ax, 0E45h                       ; "E" and stop
    int 10h
    hlt
.good:
    pop bx
    add bx, 20h
    inc si
    cmp si, SECTORS + 1
    jb .read

    cli
    lgdt [gdt_pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 08h:protected

bits 32
protected:
    mov ax, 10h
    mov ds, ax
    mov es, ax
    mov ss, ax
    cld
    mov esi, STAGING
    mov edi, KERNEL
    mov ecx, SECTORS * 128
    rep movsd
    mov eax, KERNEL + 16
    jmp eax

drive    db 0
sectors  dw 18
heads    dw 2
align 8
gdt:
    dq 0
    dq 00CF9A000000FFFFh
    dq 00CF92000000FFFFh
gdt_pointer:
    dw $ - gdt - 1
    dd gdt

    times 446 - ($ - $$) db 0
    db 80h, 0, 2, 0, 83h, 0, 3Fh, 0     ; one active partition, which some BIOSes insist on
    dd 1, SECTORS
    times 510 - ($ - $$) db 0
    dw 0AA55h

kernel:
    incbin "kernel.bin"
kernel_end:
    times 1440 * 1024 - ($ - $$) db 0
