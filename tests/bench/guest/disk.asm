; A benchmark's disk: the boot sector, the payload (a flat 32-bit binary) and zeros up to one cylinder of 16
; heads and 63 sectors. nasm -DPAYLOAD='"file"' -DITERATIONS=n

bits 16
org 7C00h

PAYLOAD_SEGMENT equ 1000h
DISK_SECTORS    equ 1008
ITERATIONS_AT   equ 1B8h                ; where the payload finds its number of iterations, from 7C00h

boot:
    cli
    xor ax, ax
    mov ds, ax
    mov ss, ax
    mov sp, 7C00h
    sti
    jmp 0:.canonical
.canonical:
    mov si, packet
    mov ah, 42h                         ; extended read, DL is still the drive
    int 13h
    jc .failed
    in al, 92h                          ; A20 through the system control port
    or al, 2
    and al, 0FEh                        ; bit 0 is a reset
    out 92h, al
    cli
    lgdt [gdt_pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp 8:protected
.failed:
    hlt
    jmp .failed

bits 32
protected:
    mov ax, 16
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov fs, ax
    mov gs, ax
    mov esp, 90000h
    jmp 8:PAYLOAD_SEGMENT * 16

    align 8
gdt:
    dq 0
    dq 00CF9A000000FFFFh                ; 8: code, base 0, limit 4 GiB
    dq 00CF92000000FFFFh                ; 16: data
gdt_pointer:
    dw 23
    dd gdt

packet:                                 ; disk address packet of the EDD specification
    db 16, 0
    dw PAYLOAD_SECTORS
    dw 0, PAYLOAD_SEGMENT
    dq 1

    times ITERATIONS_AT - ($ - $$) db 0
    dd ITERATIONS
    times 1BEh - ($ - $$) db 0
    db 80h, 0, 2, 0, 7Fh, 15, 63, 0     ; one active partition: some BIOSes boot nothing else
    dd 1, DISK_SECTORS - 1
    times 1FEh - ($ - $$) db 0
    dw 0AA55h

payload:
    incbin PAYLOAD
payload_end:
PAYLOAD_SECTORS equ (payload_end - payload + 511) / 512
%if PAYLOAD_SECTORS > 120
  %error the payload must fit in one read of 120 sectors, and in one segment
%endif
    times DISK_SECTORS * 512 - ($ - $$) db 0
