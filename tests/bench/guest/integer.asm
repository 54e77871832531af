; Register arithmetic: a long dependent chain and independent work beside it, no memory. 18 instructions a
; turn.
%include "frame.inc"

bench_begin
    mov eax, 12345678h
    mov ebx, 9E3779B9h
    mov edx, 1
    mov esi, 2
    mov edi, 3
    mov ebp, 4
.turn:
    add eax, ebx
    lea ebx, [ebx + ebx * 2 + 1]
    xor edx, eax
    rol edx, 5
    sub esi, edx
    imul edi, eax, 85EBCA6Bh
    and esi, 7FFFFFFFh
    add ebp, edi
    shr eax, 3
    adc eax, esi
    not ebx
    movzx edi, dl
    lea edi, [edi + ebp]
    xor eax, edi
    sar edi, 7
    sub ebx, edi
    dec ecx
    jnz .turn
    add eax, ebx
    xor eax, ebp
    bench_end
