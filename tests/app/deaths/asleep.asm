; Not every death is a fault: HLT in protected mode with interrupts off.
%include "rom.inc"
  begin32
  mov eax, 12345678h
  hlt
  rom_end
