; Branches that nobody can predict: seven a turn, each on a bit of a xorshift generator.
%include "frame.inc"

bench_begin
    mov ebx, 2463534242
    xor eax, eax
    xor edi, edi
.turn:
    mov edx, ebx
    shl edx, 13
    xor ebx, edx
    mov edx, ebx
    shr edx, 17
    xor ebx, edx
    mov edx, ebx
    shl edx, 5
    xor ebx, edx
    test ebx, ebx
    js .a
    add eax, 3
.a: test bl, 1
    jz .b
    xor eax, ebx
.b: test bl, 2
    jnz .c
    inc edi
    lea eax, [eax + edi]
.c: cmp bh, 80h
    jb .d
    rol eax, 1
    jmp .e
.d: sub eax, ebx
.e: cmp ebx, edi
    jg .f
    add edi, 7
.f: bt ebx, 11
    jc .g
    not eax
.g: test ebx, 30000h
    jz .h
    dec edi
.h: dec ecx
    jnz .turn
    add eax, edi
    bench_end
