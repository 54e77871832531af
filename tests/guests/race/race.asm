; A kernel with a planted race, as a system ROM: the main loop and the timer's interrupt count in the same word, and
; the main loop does so in three instructions. An interrupt between the first and the last is lost. It is rare: of some
; 300 instructions of the loop two are the wrong ones, and the timer strikes a few times only.
;
; At the end it says on COM1 `race: nothing lost`, or `race: an update was lost`, and halts for good.
bits 16
org 0

TICKS   equ 24                  ; interrupts to wait for
total   equ 500h                ; what both count
ticks   equ 502h                ; what the interrupt alone counts
rounds  equ 504h                ; what the main loop alone counts

start:
        xor ax, ax
        mov ds, ax
        mov ss, ax
        mov sp, 7C00h
        mov word [total], 0
        mov word [ticks], 0
        mov word [rounds], 0
        mov word [8 * 4], timer
        mov word [8 * 4 + 2], 0F000h
        cld
        mov si, pic_setup
        call program_ports
        sti

main:   mov cx, 140             ; something else to do
.work:  add bx, cx
        loop .work
        mov ax, [total]
        inc ax                  ; <- here
        mov [total], ax         ; <- or here
        inc word [rounds]
        cmp word [ticks], TICKS
        jb main

        cli
        mov ax, [ticks]
        add ax, [rounds]
        mov si, good
        cmp ax, [total]
        je .say
        mov si, bad
.say:   cs lodsb
        or al, al
        jz .end
        mov ah, al
        mov dx, 3FDh            ; until the transmitter has room
.wait:  in al, dx
        test al, 20h
        jz .wait
        mov dx, 3F8h
        mov al, ah
        out dx, al
        jmp .say
.end:   cli
        hlt

timer:  push ax
        inc word [total]
        inc word [ticks]
        mov al, 20h
        out 20h, al
        pop ax
        iret

; Pairs of port and value at CS:SI, until port 0.
program_ports:
        cs lodsw                ; the port
        mov dx, ax
        or ax, ax
        jz .done
        cs lodsb
        out dx, al
        jmp program_ports
.done:  ret

pic_setup:
%macro  set 2
        dw %1
        db %2
%endmacro
        set 20h, 11h            ; 8259A: vectors from 8, IRQ 0 only
        set 21h, 8
        set 21h, 4
        set 21h, 1
        set 21h, 0FEh
        set 43h, 34h            ; 8254: counter 0, mode 2, every 2997 clocks
        set 40h, 0B5h
        set 40h, 0Bh
        set 3FBh, 3             ; COM1: 8 bits
        dw 0
good:   db "race: nothing lost", 10, 0
bad:    db "race: an update was lost", 10, 0

        times 0FFF0h - ($ - $$) db 0F4h
        jmp 0F000h:start
        times 10000h - ($ - $$) db 0F4h
