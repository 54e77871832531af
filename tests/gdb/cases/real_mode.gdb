# From the reset vector through the BIOS into protected mode: 16-bit code, segments that are not flat, physical memory.
set architecture i8086
info registers eip ip_offset cs cs_base cs_limit
stepi
info registers cs eip ip_offset
maintenance packet qqemu.PhyMemMode
maintenance packet Qqemu.PhyMemMode:1
maintenance packet qqemu.PhyMemMode
x/2xb 0xffff0
maintenance packet Qqemu.PhyMemMode:0
x/2xb 0xfffffff0
monitor once exec F000:E05B
reverse-stepi
continue
monitor stop ring
monitor stop cr 0 if value & 1
continue
info registers cr0 cpl gdt_base gdt_limit
monitor points
reverse-stepi
info registers cr0
set var $eax = 0x12345678
print/x $eax
set {char}0x500 = 0x5a
x/1xb 0x500
info threads
stepi
detach
