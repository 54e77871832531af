; The stack is gone in protected mode: the first fault cannot be delivered, nor can the double fault.
%include "rom.inc"
  begin32
  mov edi, 5000h                        ; sound gates to `handler`
  mov ecx, 256
fill:
  mov dword [edi], handler + 80000h     ; offset 15..0, selector 8
  mov dword [edi + 4], 0F8E00h          ; offset 31..16, present, 32-bit interrupt gate
  add edi, 8
  loop fill
  lgdt [BASE + short_gdt]
  mov ax, DATA32
  mov ss, ax                            ; now of one page
  mov esp, 2000h
  ud2
handler:
  hlt
short_gdt:
  dw 3 * 8 - 1
  dd BASE + short_stack
short_stack:
  dq 0
  dq 00CF9B000000FFFFh
  dq 0040930000000FFFh
  rom_end
