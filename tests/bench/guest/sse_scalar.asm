; SSE2 as compilers use it for doubles: scalar arithmetic, a dot product, a polynomial by Horner's rule, distances
; with a root and a quotient, a conversion and a comparison. 36 instructions a turn, 30 of them SSE.
%include "frame.inc"

bench_begin
    mov eax, cr4
    or eax, 600h               ; OSFXSR, OSXMMEXCPT
    mov cr4, eax
    mov edi, 200000h           ; 64 doubles from 1.0 up in steps of 1/64
    xor edx, edx
.fill:
    cvtsi2sd xmm0, edx
    mulsd xmm0, [step]
    addsd xmm0, [one]
    movsd [edi + edx * 8], xmm0
    inc edx
    cmp edx, 64
    jb .fill
    xor edx, edx
    xorpd xmm6, xmm6           ; the dot product
    xorpd xmm7, xmm7           ; the sum of distances
.turn:
    mov eax, edx
    xor eax, 21
    movsd xmm0, [edi + edx * 8]
    movsd xmm1, [edi + eax * 8]
    movapd xmm2, xmm0
    mulsd xmm2, xmm1
    addsd xmm6, xmm2
    movsd xmm3, [c3]
    mulsd xmm3, xmm0
    addsd xmm3, [c2]
    mulsd xmm3, xmm0
    addsd xmm3, [c1]
    mulsd xmm3, xmm0
    addsd xmm3, [c0]
    movsd [edi + 200h], xmm3
    subsd xmm0, xmm1
    subsd xmm3, [c1]
    mulsd xmm0, xmm0
    mulsd xmm3, xmm3
    addsd xmm0, xmm3
    addsd xmm0, [c0]
    sqrtsd xmm0, xmm0
    movsd xmm4, [one]
    divsd xmm4, xmm0
    addsd xmm7, xmm4
    cvttsd2si ebx, xmm7
    cvtsi2sd xmm5, ebx
    subsd xmm7, xmm5
    addsd xmm6, xmm5
    ucomisd xmm6, [limit]
    jb .small
    mulsd xmm6, [step]
.small:
    inc edx
    and edx, 63
    dec ecx
    jnz .turn
    movsd [edi + 208h], xmm6
    movsd [edi + 210h], xmm7
    mov eax, [edi + 208h]
    xor eax, [edi + 20Ch]
    xor eax, [edi + 210h]
    xor eax, [edi + 214h]
    bench_end

align 16
c0: dq 0.5
c1: dq 0.3333333333333333
c2: dq -0.1428571428571428
c3: dq 0.0625
one: dq 1.0
step: dq 0.015625
limit: dq 1000.0
