; Paging is on, and the IDT lies in a page that is not there: every delivery meets another page fault.
%include "rom.inc"
  begin32
  mov dword [10000h], 11003h            ; the page directory: one table
  mov edi, 11000h                       ; identity for the first MiB, but not the page of the IDT
  mov eax, 3
  mov ecx, 256
fill:
  stosd
  add eax, 1000h
  loop fill
  mov dword [11000h + 5 * 4], 0
  mov eax, 10000h
  mov cr3, eax
  mov eax, cr0
  or eax, 80000000h
  mov cr0, eax
  mov eax, [0DEAD000h]
  hlt
  rom_end
