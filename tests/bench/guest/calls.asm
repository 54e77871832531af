; Calls and returns: recursive Fibonacci numbers of 10 (177 calls) with a leaf call in every one.
%include "frame.inc"

bench_begin
    xor edi, edi                        ; leaf calls
    xor esi, esi
.turn:
    push dword 10
    call fibonacci
    add esp, 4
    add esi, eax
    dec ecx
    jnz .turn
    lea eax, [esi + edi]
    bench_end

    align 16
fibonacci:
    push ebp
    mov ebp, esp
    push ebx
    mov ebx, [ebp + 8]
    call leaf
    mov eax, ebx
    cmp ebx, 2
    jl .done
    lea eax, [ebx - 1]
    push eax
    call fibonacci
    sub ebx, 2
    mov [esp], ebx
    mov ebx, eax
    call fibonacci
    add esp, 4
    add eax, ebx
.done:
    pop ebx
    pop ebp
    ret

    align 16
leaf:
    inc edi
    ret
