; The double fault has a task gate, as it should, but its TSS is no TSS.
%include "rom.inc"
  begin32
  mov edi, 5000h
  mov ecx, 512
  xor eax, eax
  rep stosd
  mov dword [5000h + 8 * 8], DATA32 << 16
  mov dword [5000h + 8 * 8 + 4], 8500h  ; a present task gate
  mov ax, 20h
  ltr ax
  int3
  rom_end
