; REP string instructions of a page each: fill, copy by dwords and by bytes, compare and search.
%include "frame.inc"

bench_begin
    mov ebp, ecx
    xor ebx, ebx
    mov edx, ARENA
.turn:
    mov eax, ebp
    mov edi, edx
    mov ecx, 1024
    rep stosd
    mov esi, edx
    lea edi, [edx + 2000h + 16]         ; crosses a page, as most copies do
    mov ecx, 1024
    rep movsd
    lea esi, [edx + 3]
    lea edi, [edx + 4000h]
    mov ecx, 4000
    rep movsb
    mov esi, edx
    lea edi, [edx + 2000h + 16]
    mov ecx, 512
    repe cmpsd
    setz al
    movzx eax, al
    add ebx, eax
    mov eax, ebp
    not al
    lea edi, [edx + 8000h]              ; zeros
    mov ecx, 256
    repne scasb
    add ebx, ecx
    dec ebp
    jnz .turn
    lea eax, [ebx + edi]
    bench_end
