; The first sector of the disk. The BIOS loads it to 0000:7C00 and jumps to it in real mode, with the drive
; number in DL; nothing else is promised. It finds the active partition, loads the loader from the
; partition's first sectors to 0000:8000 and hands over as every MBR does: DL = drive, SI = the entry.

bits 16
%include "layout.inc"

mbr:
    cli                                 ; no interrupt may see half a stack
    xor ax, ax
    mov ss, ax
    mov sp, 7C00h                       ; the stack grows down from where we are
    mov ds, ax
    mov es, ax
    sti
    cld
    jmp 0:.canonical                    ; some BIOSes start us as 07C0:0000
.canonical:
    mov [drive], dl
    call probe_disk

    mov si, partition_table
    mov cx, 4
.look:
    test byte [si], 80h                 ; bit 7 marks the active one
    jnz .found
    add si, 16
    loop .look
    mov si, message_no_partition
    jmp fail
.found:
    mov eax, [si + 8]                   ; its first sector
    mov cx, LOADER_SECTORS
    mov bx, 0800h                       ; segment of 8000h
.load:
    mov es, bx
    call read_sector
    jc .error
    inc eax
    add bx, 512 / 16
    loop .load

    mov dl, [drive]
    jmp 0:8000h
.error:
    mov si, message_read_error
fail:
    lodsb
    test al, al
    jz .stop
    mov ah, 0Eh                         ; teletype output
    mov bx, 7
    int 10h
    jmp fail
.stop:
    hlt
    jmp .stop

message_no_partition: db "No active partition", 0
message_read_error:   db "Disk read error", 0

%include "disk_read.inc"

    times 440 - ($ - $$) db 0
    dd 4F4D4544h                        ; disk signature, "DEMO"
    dw 0
partition_table:
    db 80h                              ; active
    db 0, 2, 0                          ; first sector as head, sector, cylinder: LBA 1
    db 7Fh                              ; type: for local use
    db (DISK_SECTORS - 1) / 63 % 16, (DISK_SECTORS - 1) % 63 + 1, (DISK_SECTORS - 1) / (63 * 16)
    dd 1
    dd DISK_SECTORS - 1
    times 48 db 0
    dw 0AA55h
