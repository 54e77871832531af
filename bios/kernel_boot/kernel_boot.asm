; Kernel boot ROM: an option ROM at D0000h that is there when the machine is started with a kernel instead of a
; disk. The board has already put the kernel into memory; POST runs as always, calls our initialisation, and we
; take INT 19h away from the boot loader search.
;
; Parameters at offset 20h, filled in by the board, which then sets the last byte of the ROM so that the sum of
; all its bytes is zero again.
;
; kind 1, Linux ("The Linux/x86 Boot Protocol", *Running the Kernel*): setup code at segment `setup_segment`.
; kind 2, Multiboot ("Multiboot Specification 0.6.96", *Machine state*) or a plain ELF file: flat 32-bit
;         protected mode, paging and interrupts off, A20 open, EAX and EBX as given.

    cpu     386
    bits    16
    org     0

    [map symbols MAP_FILE]

ROM_SEGMENT     equ 0D000h
ROM_BLOCKS      equ 2               ; of 512 bytes
GDT_COPY        equ 0600h           ; in segment 0: the table must be in memory that the kernel can find writable
STACK_TOP       equ 7C00h
PORT_92         equ 92h
KIND_LINUX      equ 1
KIND_FLAT       equ 2

kernel_boot_rom:
    dw      0AA55h
    db      ROM_BLOCKS
    jmp     kernel_boot_init

    times   20h-($-$$) db 0
kernel_boot_magic:          db 'RSKB'
kernel_boot_kind:           dd 0
kernel_boot_entry:          dd 0
kernel_boot_setup_segment:  dd 0
kernel_boot_ebx:            dd 0
kernel_boot_eax:            dd 0

; Far call from POST.
kernel_boot_init:
    push    ds
    push    ax
    cmp     dword [cs:kernel_boot_kind], 0
    je      .nothing
    xor     ax, ax
    mov     ds, ax
    mov     word [19h*4], kernel_boot_start
    mov     [19h*4+2], cs
.nothing:
    pop     ax
    pop     ds
    retf

; INT 19h.
kernel_boot_start:
    cli
    cld
    mov     si, kernel_boot_message
.print:
    cs lodsb
    test    al, al
    jz      .printed
    mov     ah, 0Eh
    mov     bx, 0007h
    int     10h
    jmp     .print
.printed:
    cli
    in      al, PORT_92             ; the kernel lies above 1 MiB
    or      al, 02h
    and     al, 0FEh
    out     PORT_92, al
    cmp     dword [cs:kernel_boot_kind], KIND_LINUX
    jne     kernel_boot_flat

; All data segments are the setup segment, the code starts one 512-byte sector behind it.
    mov     ax, [cs:kernel_boot_setup_segment]
    mov     ds, ax
    mov     es, ax
    mov     fs, ax
    mov     gs, ax
    mov     ss, ax
    mov     esp, 0FFF0h
    mov     bx, ax
    add     bx, 20h
    push    bx
    push    word 0
    xor     eax, eax
    xor     ebx, ebx
    xor     ecx, ecx
    xor     edx, edx
    xor     esi, esi
    xor     edi, edi
    xor     ebp, ebp
    retf

kernel_boot_flat:
    xor     ax, ax
    mov     es, ax
    mov     ss, ax
    mov     esp, STACK_TOP
    mov     si, gdt
    mov     di, GDT_COPY
    mov     cx, gdt_end - gdt
    rep cs movsb
    o32 lgdt [cs:gdt_pointer]
    mov     eax, cr0
    or      al, 1
    mov     cr0, eax
    jmp     dword 08h:(ROM_SEGMENT << 4) + kernel_boot_protected

    bits    32
kernel_boot_protected:
    mov     ax, 10h
    mov     ds, ax
    mov     es, ax
    mov     fs, ax
    mov     gs, ax
    mov     ss, ax
    mov     eax, [(ROM_SEGMENT << 4) + kernel_boot_eax]
    mov     ebx, [(ROM_SEGMENT << 4) + kernel_boot_ebx]
    xor     ecx, ecx
    xor     edx, edx
    xor     esi, esi
    xor     edi, edi
    xor     ebp, ebp
    jmp     dword [(ROM_SEGMENT << 4) + kernel_boot_entry]

    align   8, db 0
gdt:
    dq      0
    dq      00CF9B000000FFFFh       ; 08h: code, base 0, limit 4 GiB, 32-bit
    dq      00CF93000000FFFFh       ; 10h: data, the same
gdt_end:
gdt_pointer:
    dw      gdt_end - gdt - 1
    dd      GDT_COPY

kernel_boot_message:
    db      13, 10, 'Starting the kernel', 13, 10, 0

    times   ROM_BLOCKS*512-1-($-$$) db 0
kernel_boot_rom_checksum:
    db      0
kernel_boot_rom_end:
