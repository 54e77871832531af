; Virtual-8086 mode, where HLT is privileged, with an IDT whose gates are absent.
%include "rom.inc"
  begin32
  mov edi, 5000h                        ; gates: type right, present bit clear
  mov ecx, 256
fill:
  mov dword [edi], 80000h
  mov dword [edi + 4], 0F0E00h
  add edi, 8
  loop fill
  mov dword [6004h], 9000h              ; the TSS: stack of ring 0
  mov dword [6008h], DATA32
  mov ax, 20h
  ltr ax
  xor eax, eax
  push eax                              ; GS, FS, DS, ES
  push eax
  push eax
  push eax
  push eax                              ; SS:ESP
  push dword 7000h
  push dword 20002h                     ; VM
  push dword 0F000h
  push dword virtual
  iretd
bits 16
virtual:
  nop
  hlt
  rom_end
