; INT n and IRET without a change of ring.
%include "frame.inc"

bench_begin
    install_gate 81h, handler, GATE_RING0
    xor eax, eax
.turn:
    int 81h
    dec ecx
    jnz .turn
    bench_end

    align 16
handler:
    add eax, ecx
    iret
