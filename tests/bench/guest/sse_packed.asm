; SSE on four singles at a time: y = a * x + y over two arrays, a maximum, a mask by comparison, a shuffle, a
; quotient. 22 instructions a turn, 18 of them SSE.
%include "frame.inc"

bench_begin
    mov eax, cr4
    or eax, 600h               ; OSFXSR, OSXMMEXCPT
    mov cr4, eax
    mov edi, 200000h           ; x: 256 singles from 1.0 up; y behind them, zeros
    xor edx, edx
.fill:
    cvtsi2ss xmm0, edx
    mulss xmm0, [step]
    addss xmm0, [ones]
    movss [edi + edx * 4], xmm0
    mov dword [edi + edx * 4 + 400h], 0
    inc edx
    cmp edx, 256
    jb .fill
    xor edx, edx
    xorps xmm7, xmm7
.turn:
    movaps xmm0, [edi + edx]
    movaps xmm1, [edi + edx + 400h]
    movaps xmm2, xmm0
    mulps xmm2, [factors]
    addps xmm2, xmm1
    movaps xmm3, xmm2
    cmpltps xmm3, [limits]
    andps xmm2, xmm3
    movaps [edi + edx + 400h], xmm2
    addps xmm2, [ones]
    movaps xmm4, xmm2
    shufps xmm4, xmm4, 1Bh
    mulps xmm2, [factors]
    movaps xmm5, [twos]
    subps xmm5, xmm2
    mulps xmm4, xmm5
    maxps xmm7, xmm4
    addps xmm7, xmm0
    divps xmm7, [twos]
    add edx, 16
    and edx, 3FFh
    dec ecx
    jnz .turn
    movups [edi + 800h], xmm7
    mov eax, [edi + 800h]
    add eax, [edi + 804h]
    xor eax, [edi + 808h]
    add eax, [edi + 80Ch]
    xor eax, [edi + 400h]
    add eax, [edi + 7FCh]
    bench_end

align 16
ones: dd 1.0, 1.0, 1.0, 1.0
twos: dd 2.0, 2.0, 2.0, 2.0
factors: dd 0.25, 0.5, 0.75, 1.25
limits: dd 100.0, 90.0, 80.0, 70.0
step: dd 0.015625
