; OUT and IN on port 80h, which holds the BIOS's progress code and does nothing else.
%include "frame.inc"

bench_begin
    xor ebx, ebx
.turn:
    mov eax, ecx
    out 80h, al
    in al, 80h
    inc ebx
    dec ecx
    jnz .turn
    mov eax, ebx
    bench_end
