// The reference executor's instructions, by group. Each is an ExactFn; the opcode table (opcodes.cpp)
// says which opcode means which. `_16` and `_32` are operand sizes where the body is one template.
#pragma once

#include "cpu/access.h"
#include "cpu/cpu.h"
#include "cpu/op.h"

namespace ringside::exact {

// --- Far control transfer (far_transfer.cpp). op.imm = offset, op.disp = selector for the direct forms.
void jmp_far_direct(Cpu&, const Op&);    // EA
void call_far_direct(Cpu&, const Op&);   // 9A
void jmp_far_indirect(Cpu&, const Op&);  // FF /5
void call_far_indirect(Cpu&, const Op&); // FF /3
void ret_far(Cpu&, const Op&);           // CA, CB; op.imm = bytes to release (0 for CB)
void iret(Cpu&, const Op&);              // CF

// --- Software interrupts (interrupt.cpp)
void int_n(Cpu&, const Op&);             // CD; op.imm = vector
void int3(Cpu&, const Op&);              // CC
void into(Cpu&, const Op&);              // CE
void int1(Cpu&, const Op&);              // F1

// --- Segment registers (segment_load.cpp). op.extra = ModR/M (reg field = segment register)
void mov_from_sreg(Cpu&, const Op&);     // 8C: r/m is op.dst; 16 bits to memory, zero-extended to a 32-bit register
void mov_to_sreg(Cpu&, const Op&);       // 8E: r/m is op.src
void push_sreg(Cpu&, const Op&);         // 06 0E 16 1E 0F A0 0F A8: op.seg = the segment register
void pop_sreg(Cpu&, const Op&);          // 07 17 1F 0F A1 0F A9: op.seg = the segment register
void load_far_pointer(Cpu&, const Op&);  // LES C4, LDS C5, LSS 0F B2, LFS 0F B4, LGS 0F B5: op.dst = register;
                                         // which segment: op.imm = SegReg. op.seg is the memory operand's segment

// --- Descriptor tables and checks (descriptor_instructions.cpp)
void group6(Cpu&, const Op&);            // 0F 00: SLDT STR LLDT LTR VERR VERW; r/m is op.dst
void group7(Cpu&, const Op&);            // 0F 01: SGDT SIDT LGDT LIDT SMSW LMSW INVLPG; r/m is op.dst
void lar(Cpu&, const Op&);               // 0F 02: op.dst = register, r/m is op.src
void lsl(Cpu&, const Op&);               // 0F 03
void arpl(Cpu&, const Op&);              // 63: r/m is op.dst, register op.src

// --- System registers (system_instructions.cpp)
void mov_from_cr(Cpu&, const Op&);       // 0F 20: op.dst = general register (r/m), control register = ModR/M reg
void mov_to_cr(Cpu&, const Op&);         // 0F 22
void mov_from_dr(Cpu&, const Op&);       // 0F 21
void mov_to_dr(Cpu&, const Op&);         // 0F 23
void clts(Cpu&, const Op&);
void hlt(Cpu&, const Op&);
void invd(Cpu&, const Op&);
void wbinvd(Cpu&, const Op&);
void rdmsr(Cpu&, const Op&);
void wrmsr(Cpu&, const Op&);
void rdtsc(Cpu&, const Op&);
void rdpmc(Cpu&, const Op&);
void cpuid(Cpu&, const Op&);
void sysenter(Cpu&, const Op&);
void sysexit(Cpu&, const Op&);
void rsm(Cpu&, const Op&);
void ud2(Cpu&, const Op&);
void undefined(Cpu&, const Op&);         // every opcode that does not exist

// --- Flags and I/O with IOPL, VME and the permission map (io_flags.cpp)
void cli(Cpu&, const Op&);
void sti(Cpu&, const Op&);
void pushf(Cpu&, const Op&);
void popf(Cpu&, const Op&);
void in_imm(Cpu&, const Op&);            // E4 (op.imm = port; 8 bits when op.extra is even, else operand size)
void in_dx(Cpu&, const Op&);             // EC ED
void out_imm(Cpu&, const Op&);           // E6 E7
void out_dx(Cpu&, const Op&);            // EE EF

// --- x87 (x87/*.cpp)
void x87_escape(Cpu&, const Op&);        // D8..DF: op.imm & 7 = low bits of the opcode byte, op.extra = ModR/M
void fwait(Cpu&, const Op&);             // 9B
void group15(Cpu&, const Op&);           // 0F AE: FXSAVE FXRSTOR LDMXCSR STMXCSR fences; op.extra = ModR/M

}  // namespace ringside::exact
namespace ringside {
/// #GP(0) unless the present code may use ports [port, port + size): IOPL, then the TSS's I/O permission map.
void check_io_permission(Cpu& cpu, std::uint16_t port, unsigned size);  // io_flags.cpp
}  // namespace ringside
