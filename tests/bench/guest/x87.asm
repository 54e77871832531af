; x87 as compilers use it: doubles in memory, a dot product, a polynomial by Horner's rule, distances with a root
; and a quotient. 38 instructions a turn, 33 of them x87.
%include "frame.inc"

bench_begin
    fninit
    push ecx
    mov edi, 200000h           ; 64 doubles from 1.0 up in steps of 1/64
    xor edx, edx
.fill:
    mov [esp - 4], edx
    fild dword [esp - 4]
    fmul dword [step]
    fadd dword [one]
    fstp qword [edi + edx * 8]
    inc edx
    cmp edx, 64
    jb .fill
    pop ecx
    xor edx, edx
    fldz                       ; the dot product
    fldz                       ; the sum of distances, on top of it
.turn:
    mov eax, edx
    xor eax, 21
    fld qword [edi + edx * 8]
    fmul qword [edi + eax * 8]
    faddp st2, st0
    fld qword [edi + edx * 8]  ; x
    fld st0
    fmul qword [c3]
    fadd qword [c2]
    fmul st0, st1
    fadd qword [c1]
    fmul st0, st1
    fadd qword [c0]
    fstp qword [edi + 200h]
    fsub qword [edi + eax * 8] ; dx
    fld qword [edi + 200h]
    fsub qword [c1]            ; dy
    fld st1
    fmul st0, st2
    fld st1
    fmul st0, st2
    faddp
    fadd qword [c0]
    fsqrt
    fdivr dword [one]          ; 1 / distance
    fmul st2, st0
    fmulp st1, st0
    faddp
    faddp
    fld st0
    fabs
    fcomp dword [limit]
    fnstsw ax
    sahf
    jb .small
    fmul dword [step]
.small:
    inc edx
    and edx, 63
    dec ecx
    jnz .turn
    fstp qword [edi + 208h]
    fstp qword [edi + 210h]
    mov eax, [edi + 208h]
    xor eax, [edi + 20Ch]
    xor eax, [edi + 210h]
    xor eax, [edi + 214h]
    bench_end

align 8
c0: dq 0.5
c1: dq 0.3333333333333333
c2: dq -0.1428571428571428
c3: dq 0.0625
one: dd 1.0
step: dd 0.015625
limit: dd 1000.0
