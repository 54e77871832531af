; A system ROM for tests of time travel: all that has state is kept busy. Timer interrupts, halts, PIO reads and writes of
; the first disk, video memory, page faults that are repaired, divisions by zero, code that changes itself, long
; repeated string instructions, A20 and shadow RAM switched, serial echo, and now and then a reset of the processor.
; The program is copied to RAM at 10000h and runs there in 32-bit protected mode with paging.
bits 16
org 0
%define BASE 10000h
%define CODE 8
%define DATA 10h
%define PAGES 5000h                     ; page directory; the page table follows
%define COUNT 7000h                     ; rounds, kept over resets
%define TICKS 7004h
%define FAULTS 7008h
%define PATCHED 8000h                   ; where the changing code lies
%define HOLE 300000h                    ; a page that is not present until it is touched
%define SECTOR 9000h

start:
  cli
  xor ax, ax
  mov ds, ax
  mov ss, ax
  mov sp, 4000h
  mov ax, BASE >> 4
  mov es, ax
  xor di, di
  xor si, si
  mov cx, program_end
  cld
  cs rep movsb
  jmp (BASE >> 4):real

real:
  mov ax, cs
  mov ds, ax
  o32 lgdt [gdt_pointer]
  o32 lidt [idt_pointer]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword CODE:BASE + flat
bits 32
flat:
  mov ax, DATA
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov fs, ax
  mov gs, ax
  mov esp, 4000h

  mov edi, PAGES                        ; 4 MiB, one to one
  mov dword [edi], PAGES + 1000h + 7
  add edi, 1000h
  mov eax, 7
.page:
  mov [edi], eax
  add edi, 4
  add eax, 1000h
  cmp eax, 400007h
  jb .page
  mov eax, PAGES
  mov cr3, eax
  mov eax, cr0
  or eax, 80010000h
  mov cr0, eax

  mov edi, 1000h                        ; IDT: vectors 0, 14, 20h
  mov esi, BASE + vectors
.gate:
  movzx eax, word [esi]
  mov edx, [esi + 2]
  mov [edi + eax * 8], dx
  mov word [edi + eax * 8 + 2], CODE
  mov word [edi + eax * 8 + 4], 8E00h
  shr edx, 16
  mov [edi + eax * 8 + 6], dx
  add esi, 6
  cmp esi, BASE + vectors_end
  jb .gate

  mov esi, BASE + ports                 ; chips: pairs of port and value
.port:
  mov dx, [esi]
  mov al, [esi + 2]
  out dx, al
  add esi, 3
  cmp esi, BASE + ports_end
  jb .port
  sti

round:
  inc dword [COUNT]
  mov eax, [COUNT]

  ; Code that changes itself: mov eax, COUNT; add [TICKS + 20h], eax; ret.
  mov byte [PATCHED], 0B8h
  mov [PATCHED + 1], eax
  mov word [PATCHED + 5], 0501h
  mov dword [PATCHED + 7], TICKS + 20h
  mov byte [PATCHED + 11], 0C3h
  mov edx, PATCHED
  call edx
  call edx

  ; Long moves over pages, backwards too.
  mov esi, 100000h
  mov edi, 120003h
  mov ecx, 9000
  rep movsd
  mov [100000h], eax
  std
  mov esi, 140000h
  mov edi, 160000h
  mov ecx, 3000
  rep movsb
  cld
  mov edi, 180000h
  mov ecx, 5000
  rep stosd

  ; The hole: a fault, a page, its content, and gone again.
  inc dword [HOLE + 8]
  mov dword [PAGES + 1000h + (HOLE >> 10)], HOLE + 6
  invlpg [HOLE]

  xor edx, edx                          ; #DE
  xor ecx, ecx
  div ecx
.after:
  fninit
  fild dword [COUNT]
  fsqrt
  fstp qword [TICKS + 30h]

  ; Video memory, in text mode's place and through the planes.
  mov edi, [COUNT]
  and edi, 7FFEh
  add edi, 0B8000h
  mov ecx, 40
  mov ax, [COUNT]
  rep stosw

  ; A sector of the disk.
  mov edi, SECTOR
  mov ecx, 128
  mov eax, [COUNT]
.fill:
  stosd
  imul eax, 69069
  inc eax
  loop .fill
  mov bl, 30h                           ; WRITE SECTORS
  call command
  mov esi, SECTOR
  mov ecx, 256
  mov dx, 1F0h
  rep outsw
  call ready
  mov bl, 20h                           ; READ SECTORS
  call command
  mov edi, SECTOR + 200h
  mov ecx, 256
  mov dx, 1F0h
  rep insw

  mov dx, 3FDh                          ; echo
  in al, dx
  test al, 1
  jz .quiet
  mov dx, 3F8h
  in al, dx
  out dx, al
.quiet:
  mov eax, [COUNT]                      ; a character now and then
  test al, 7
  jnz .silent
  mov dx, 3F8h
  shr eax, 3
  out dx, al
.silent:
  in al, 60h                            ; what the keyboard has
  add [TICKS + 40h], al
  mov al, 0                             ; and the clock
  out 70h, al
  in al, 71h
  mov [TICKS + 44h], al

  mov eax, [COUNT]
  test al, 15
  jnz .no_a20
  in al, 92h                            ; A20 off and on
  and al, 0FCh
  out 92h, al
  inc dword [7010h]
  or al, 2
  out 92h, al
.no_a20:
  mov eax, [COUNT]
  and eax, 31
  jnz .no_shadow
  mov eax, 80000058h                    ; C0000h-C7FFFh: RAM, a write, and back
  mov dx, 0CF8h
  out dx, eax
  mov dx, 0CFEh
  mov al, 33h
  out dx, al
  inc dword [0C0000h]
  mov al, 0
  out dx, al
.no_shadow:
  sti
  hlt                                   ; until the timer
  mov eax, [COUNT]
  and eax, 127
  jnz round
  mov al, 0FEh                          ; the 8042 resets the processor
  out 64h, al
.wait:
  jmp .wait

; The command in BL for the sector COUNT mod 1024.
command:
  call ready
  mov dx, 1F6h
  mov al, 0E0h
  out dx, al
  mov dx, 1F2h
  mov al, 1
  out dx, al
  mov eax, [COUNT]
  inc dx
  out dx, al
  inc dx
  mov al, ah
  and al, 3
  out dx, al
  inc dx
  mov al, 0
  out dx, al
  mov dx, 1F7h
  mov al, bl
  out dx, al
.wait:
  in al, dx
  test al, 80h
  jnz .wait
  test al, 8
  jz .wait
  ret
ready:
  mov dx, 1F7h
.wait:
  in al, dx
  and al, 0C0h
  cmp al, 40h
  jne .wait
  ret

divide:
  mov dword [esp], BASE + round.after
  iretd
page_fault:
  push eax
  inc dword [FAULTS]
  mov dword [PAGES + 1000h + (HOLE >> 10)], HOLE + 7
  pop eax
  add esp, 4
  iretd
timer:
  push eax
  inc dword [TICKS]
  mov al, 20h
  out 20h, al
  pop eax
  iretd

align 8
gdt:
  dq 0, 00CF9B000000FFFFh, 00CF93000000FFFFh
gdt_pointer:
  dw 23
  dd BASE + gdt
idt_pointer:
  dw 7FFh
  dd 1000h
vectors:
  dw 0
  dd BASE + divide
  dw 14
  dd BASE + page_fault
  dw 20h
  dd BASE + timer
vectors_end:
%macro set 2
  dw %1
  db %2
%endmacro
ports:
  set 20h, 11h
  set 21h, 20h
  set 21h, 4
  set 21h, 1
  set 21h, 0FEh
  set 43h, 34h                          ; counter 0, mode 2, every 1000 clocks
  set 40h, 0E8h
  set 40h, 3
  set 3F6h, 2                           ; the disk is polled
  set 3FBh, 3
  set 3C2h, 63h                         ; text mode's window, plain writes
  set 3C4h, 2
  set 3C5h, 3
  set 3C4h, 4
  set 3C5h, 2
  set 3CEh, 5
  set 3CFh, 10h
  set 3CEh, 6
  set 3CFh, 0Eh
  set 3CEh, 8
  set 3CFh, 0FFh
ports_end:
program_end:
  times 0FFF0h - ($ - $$) db 0F4h
bits 16
  jmp 0F000h:0
  times 10000h - ($ - $$) db 0F4h
