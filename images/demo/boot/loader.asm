; The loader, 0000:8000, still in real mode because only there is the BIOS to be had. It opens the A20
; gate, asks for the memory map, reads the kernel to 1000:0000, enters protected mode, moves the kernel to
; 1 MiB and starts it in the state that the Multiboot specification (version 0.6.96) describes. So the kernel
; cannot tell whether this loader or another one brought it.

bits 16
%include "layout.inc"

MULTIBOOT_MAGIC     equ 1BADB002h
BOOTED_BY_MULTIBOOT equ 2BADB002h
KERNEL_ADDRESS      equ 100000h
KERNEL_ENTRY        equ KERNEL_ADDRESS + 16     ; right behind the multiboot header
STAGING             equ 10000h
memory_map          equ 9000h                   ; 24 bytes an entry: size, base, length, type
MEMORY_MAP_MAX      equ 32

loader:
    mov [drive], dl
    mov eax, [si + 8]
    mov [partition_start], eax
    mov si, message_loading
    call print
    call probe_disk
    call open_a20
    call read_memory_map
    call load_kernel
    mov si, message_go
    call print

    cli
    lgdt [gdt_pointer]
    mov eax, cr0
    or al, 1                            ; PE: from here on selectors index the GDT
    mov cr0, eax
    jmp 08h:protected                   ; and this loads CS with one, and leaves 16-bit code

print:
    lodsb
    test al, al
    jz .done
    mov ah, 0Eh
    mov bx, 7
    int 10h
    jmp print
.done:
    ret

stop:
    call print
.halt:
    hlt
    jmp .halt

; --- A20 -------------------------------------------------------------------------------------------------
; With address line 20 held low, as for programs of 1981, 1 MiB is an alias of 0, and the kernel would land
; on the interrupt vectors.
open_a20:
    call a20_is_open
    jne .done
    mov ax, 2401h                       ; ask the BIOS
    int 15h
    call a20_is_open
    jne .done
    in al, 92h                          ; system control port A, "fast A20"
    or al, 2
    and al, 0FEh                        ; bit 0 would reset the machine
    out 92h, al
    call a20_is_open
    jne .done
    mov si, message_a20
    jmp stop
.done:
    ret

; ZF clear when FFFF:0510 (linear 100500h) is another byte than 0000:0500.
a20_is_open:
    push es
    mov ax, 0FFFFh
    mov es, ax
    mov byte [0500h], 0
    mov byte [es:0510h], 0A2h
    cmp byte [0500h], 0A2h
    pop es
    ret

; --- Memory map ------------------------------------------------------------------------------------------
; INT 15h, EAX=E820h gives one range a call, EBX saying where to go on.
read_memory_map:
    xor ebx, ebx
    mov es, bx
    mov di, memory_map
.next:
    mov eax, 0E820h
    mov edx, 534D4150h                  ; "SMAP"
    mov ecx, 20
    add di, 4                           ; the entry's size field comes first
    int 15h
    jc .end
    cmp eax, 534D4150h
    jne .end
    mov dword [di - 4], 20
    add di, 20
    test ebx, ebx
    jz .full
    cmp di, memory_map + MEMORY_MAP_MAX * 24
    jb .next
.full:
    add di, 4
.end:
    sub di, 4                           ; take back the size field of an entry that did not come
    mov ax, di
    sub ax, memory_map
    mov [info.mmap_length], ax
    int 12h                             ; KiB below the EBDA
    mov [info.mem_lower], ax
    mov ah, 88h                         ; KiB above 1 MiB, up to 64 MiB
    int 15h
    mov [info.mem_upper], ax
    ret

; --- Kernel ----------------------------------------------------------------------------------------------
load_kernel:
    mov eax, [partition_start]
    add eax, LOADER_SECTORS
    mov cx, KERNEL_SECTORS
    mov bx, STAGING / 16
.load:
    mov es, bx
    call read_sector
    jc .error
    inc eax
    add bx, 512 / 16
    test cx, 0Fh                        ; a dot for every 8 KiB
    jnz .quiet
    push ax
    push bx
    mov ax, 0E2Eh
    mov bx, 7
    int 10h
    pop bx
    pop ax
.quiet:
    loop .load
    ret
.error:
    mov si, message_read
    jmp stop

%include "disk_read.inc"

; --- Protected mode --------------------------------------------------------------------------------------
bits 32
protected:
    mov ax, 10h
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax
    mov esp, 7C00h
    cld
    mov esi, STAGING
    mov edi, KERNEL_ADDRESS
    mov ecx, KERNEL_SECTORS * 512 / 4
    rep movsd
    mov eax, BOOTED_BY_MULTIBOOT
    mov ebx, info
    cmp dword [KERNEL_ADDRESS], MULTIBOOT_MAGIC
    jne .no_kernel
    mov ecx, KERNEL_ENTRY
    jmp ecx
.no_kernel:
    mov dword [0B8000h], 4F214F21h      ; "!!", white on red: all that can be said without a BIOS
    hlt
    jmp .no_kernel

align 8
gdt:
    dq 0
    dq 00CF9A000000FFFFh                ; 08h: code, base 0, 4 GiB, ring 0
    dq 00CF92000000FFFFh                ; 10h: data, the same
gdt_pointer:
    dw $ - gdt - 1
    dd gdt

align 4
info:                                   ; Multiboot: boot information format
    dd 1 | 1 << 6 | 1 << 9              ; memory sizes, memory map, loader's name are valid
.mem_lower:   dd 0
.mem_upper:   dd 0
    dd 0, 0, 0, 0, 0, 0, 0, 0           ; device, command line, modules, symbols
.mmap_length: dd 0
.mmap_addr:   dd memory_map
    dd 0, 0, 0                          ; drives, configuration table
.loader_name: dd loader_name

partition_start: dd 0
loader_name:     db "the demo's own loader", 0
message_loading: db "Loading the kernel ", 0
message_go:      db 13, 10, "Entering protected mode", 13, 10, 0
message_a20:     db "A20 stays closed", 0
message_read:    db 13, 10, "Disk read error", 0

    times LOADER_SECTORS * 512 - ($ - $$) db 0

; The kernel rides behind the loader, so that its size is a difference of labels and nobody has to patch it in.
kernel_start:
    incbin "kernel.bin"
    align 512, db 0
kernel_end:
KERNEL_SECTORS equ (kernel_end - kernel_start) / 512
