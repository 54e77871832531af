; Every way into the kernel after boot, and the two ways of changing stacks: between tasks, and out of a
; deliberate fault.

extern trap_dispatch, double_fault_report
global trap_stubs, trap_return, switch_stacks, guarded_call, guard_recover, double_fault_task

section .text

; --- Traps -----------------------------------------------------------------------------------------------
; One stub a vector. The processor pushes an error code for some exceptions only; the stubs push a zero
; for the others, so that `struct trap_frame` is always the same.
%macro stub 1
stub_%1:
%if %1 = 8 || (%1 >= 10 && %1 <= 14) || %1 = 17
%else
    push dword 0
%endif
    push dword %1
    jmp near trap_common
%endmacro

%assign vector 0
%rep 48
    stub vector
%assign vector vector + 1
%endrep
stub_128:
    push dword 0
    push dword 128
    jmp trap_common

trap_common:
    pushad
    push ds
    push es
    push fs
    push gs
    mov ax, 10h                         ; whatever the interrupted program had there, C expects ours
    mov ds, ax
    mov es, ax
    cld
    push esp                            ; struct trap_frame *
    call trap_dispatch
    add esp, 4
trap_return:
    pop gs
    pop fs
    pop es
    pop ds
    popad
    add esp, 8                          ; vector and error code
    iret

section .rodata
trap_stubs:
%assign vector 0
%rep 48
    dd stub_ %+ vector
%assign vector vector + 1
%endrep
    dd stub_128

section .text

; --- Tasks -----------------------------------------------------------------------------------------------
; void switch_stacks(uint32_t *save_esp, uint32_t esp): leaves on one stack and returns on another. Only
; what the calling convention says a function must preserve needs saving; the rest lies in trap frames.
switch_stacks:
    mov eax, [esp + 4]
    mov edx, [esp + 8]
    push ebp
    push ebx
    push esi
    push edi
    mov [eax], esp
    mov esp, edx
    pop edi
    pop esi
    pop ebx
    pop ebp
    ret

; --- Deliberate faults in ring 0 -------------------------------------------------------------------------
; void guarded_call(void (*function)(void)): calls it. If it faults, the trap handler points the frame's EIP
; at guard_recover, and the caller of guarded_call goes on as if the function had returned.
guarded_call:
    push ebp
    push ebx
    push esi
    push edi
    push fs
    mov [guard_esp], esp
    call [esp + 24]
guard_recover:
    mov esp, [guard_esp]
    pop fs
    pop edi
    pop esi
    pop ebx
    pop ebp
    ret

; The double fault's own task. It is entered by a task switch, not by a call: all registers come from its
; TSS, so it has a good stack even when ESP was the problem. The report repairs the *other* TSS, the one of
; the task that failed, and IRET with NT set switches back to it. This task's EIP then lies behind
; IRET, and that is where the next double fault resumes it: hence the loop.
double_fault_task:
    call double_fault_report
    add esp, 4                          ; the error code, always 0, pushed by the processor
    iret
    jmp double_fault_task

section .bss
global guard_esp
guard_esp: resd 1
