; Ringside VGA BIOS: an option ROM at C0000h, 32 KiB. INT 10h for the text modes 0-3 and 7.
; Registers: "IBM PS/2 Hardware Interface Technical Reference", *Video Subsystem*; services: "IBM PS/2 and PC BIOS
; Interface Technical Reference", *Video*. Graphics modes are not there yet: asking for one changes nothing.

    cpu     386
    bits    16
    org     0

    [map symbols MAP_FILE]

%include "constants.inc"
%include "macros.inc"
%include "video_constants.inc"

vga_rom:
    dw      0AA55h
    db      VGA_ROM_SIZE / 512
    jmp     vga_init
    times   1Eh-($-$$) db 0
    db      'IBM compatible VGA BIOS of Ringside', 0    ; programs look here for "IBM" to know a VGA

; Far call from POST: take INT 10h, INT 1Fh and INT 43h (fonts for graphics), INT 6Dh as on IBM's own.
vga_init:
    pusha
    push    ds
    xor     ax, ax
    mov     ds, ax
    mov     word [10h*4], int10_video
    mov     [10h*4+2], cs
    mov     word [1Fh*4], font_8x8 + 128 * 8
    mov     [1Fh*4+2], cs
    mov     word [43h*4], font_8x8
    mov     [43h*4+2], cs
    mov     word [6Dh*4], int10_video
    mov     [6Dh*4+2], cs
    push    word BDA_SEG
    pop     ds
    mov     byte [BDA_VIDEO_CONTROL], 60h   ; 256 KiB
    mov     byte [BDA_VIDEO_SWITCHES], 0F9h ; colour display
    mov     byte [BDA_VIDEO_FLAGS], 11h     ; VGA, 400 lines
    mov     byte [BDA_VIDEO_DCC], 0Bh       ; index of "VGA with colour display"
    mov     word [BDA_VIDEO_SAVE], video_save_pointers
    mov     [BDA_VIDEO_SAVE+2], cs
    mov     ax, 0003h
    int     10h
    pop     ds
    popa
    retf

int10_video:
    SERVICE_ENTRY
    DISPATCH .functions
.functions:
    FUNCTION 0Eh, video_teletype    ; first, because it is the one that is called a thousand times
    FUNCTION 00h, video_set_mode
    FUNCTION 01h, video_set_cursor_shape
    FUNCTION 02h, video_set_cursor
    FUNCTION 03h, video_get_cursor
    FUNCTION 05h, video_set_page
    FUNCTION 06h, video_scroll_up
    FUNCTION 07h, video_scroll_down
    FUNCTION 08h, video_read_cell
    FUNCTION 09h, video_write_cells
    FUNCTION 0Ah, video_write_chars
    FUNCTION 0Bh, video_set_border
    FUNCTION 0Fh, video_get_mode
    FUNCTION 10h, video_palette
    FUNCTION 11h, video_font
    FUNCTION 12h, video_alternate
    FUNCTION 13h, video_write_string
    FUNCTION 1Ah, video_display_combination
    FUNCTION 1Bh, video_state
    OTHERWISE video_return          ; 0Ch, 0Dh: no pixels in text modes

video_return:
    SERVICE_RETURN

dispatch_on_ah:
    mov     di, [cs:si]
    test    di, di
    jz      .otherwise
    cmp     ah, [cs:si+2]
    je      .found
    add     si, 3
    jmp     dispatch_on_ah
.otherwise:
    mov     di, [cs:si+2]
.found:
    jmp     di

%include "set_mode.inc"
%include "mode_tables.inc"
%include "cursor.inc"
%include "text.inc"
%include "fonts.inc"
%include "palette.inc"
%include "inquiries.inc"

font_8x16:
    incbin  "font_8x16.bin"
font_8x14:
    incbin  "font_8x14.bin"
font_8x8:
    incbin  "font_8x8.bin"

    times   VGA_ROM_SIZE-1-($-$$) db 0FFh
vga_rom_checksum:
    db      0
vga_rom_end:
