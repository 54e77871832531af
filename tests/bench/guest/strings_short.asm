; REP string instructions of 1 to 16 elements, as library code has them: mostly what it costs to begin one.
%include "frame.inc"

bench_begin
    mov ebp, ecx
    xor ebx, ebx
    mov edx, ARENA
.turn:
    mov eax, ebp
    and eax, 15
    inc eax                             ; 1 to 16
    mov edi, edx
    mov ecx, eax
    rep stosd
    lea esi, [edx + 1]
    lea edi, [edx + 256]
    mov ecx, eax
    rep movsb
    mov esi, edx
    lea edi, [edx + 512]
    mov ecx, eax
    rep movsd
    lea edi, [edx + 512]
    mov ecx, 16
    repne scasb
    add ebx, ecx
    lea esi, [edx + 256]
    lea edi, [edx + 257]
    mov ecx, eax
    repe cmpsb
    add ebx, ecx
    dec ebp
    jnz .turn
    lea eax, [ebx + edi]
    bench_end
