; Ringside system BIOS: a 64 KiB ROM at F0000h-FFFFFh, seen a second time below 4 GiB.
;
; The processor starts at FFFFFFF0h, the jump at the end of this file; that goes to `reset_entry`, and from
; there POST (post.inc) can be read from top to bottom. The rest is what POST leaves behind: interrupt
; handlers and services, and tables that an operating system looks for in this segment.
;
; The segment is never written: every variable lives in the BIOS data area (40h:0) or in the EBDA. Checksum
; bytes are filled in after assembly by finish_rom: for a label NAME_checksum, the bytes from NAME to
; NAME_end get the sum zero.

    cpu     386
    bits    16
    org     0

    [map symbols MAP_FILE]

%include "constants.inc"
%include "macros.inc"

bios_rom:

%include "common.inc"
%include "post.inc"
%include "post_chips.inc"
%include "post_pci.inc"
%include "post_memory.inc"
%include "post_disks.inc"
%include "interrupts.inc"
%include "timer.inc"
%include "rtc.inc"
%include "controller.inc"
%include "keyboard.inc"
%include "keyboard_tables.inc"
%include "int16.inc"
%include "mouse.inc"
%include "ide.inc"
%include "int13.inc"
%include "int13_edd.inc"
%include "serial.inc"
%include "int15.inc"
%include "block_move.inc"
%include "boot.inc"
%include "pci_services.inc"
%include "messages.inc"
%include "tables.inc"
%include "acpi.inc"
%include "dsdt.inc"
%include "smbios.inc"

; --- fixed places ----------------------------------------------------------------------------------------
    times   0E05Bh-($-$$) db 0FFh
reset_entry:                        ; F000:E05B, where the AT's BIOS began and some programs still jump
    jmp     post

    times   0FA6Eh-($-$$) db 0FFh
font_8x8_low:                       ; F000:FA6E: the shapes of characters 0-127, by convention
    incbin  "font_8x8.bin", 0, 1024

    times   0FFF0h-($-$$) db 0FFh
reset_vector:
    jmp     BIOS_SEG:reset_entry    ; far: leaves the copy of this ROM below 4 GiB
    db      '11/21/26'              ; FFF5h: release date
    db      0
    db      0FCh                    ; FFFEh: model "AT"
bios_rom_checksum:
    db      0
bios_rom_end:
