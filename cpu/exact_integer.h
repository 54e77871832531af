// The reference executor's integer instructions. T is the operand's type: uint8_t, uint16_t, uint32_t.
// Operand conventions are in op.h; an instruction without an immediate has its last opcode byte in op.imm.
// All templates are instantiated in exact/*.cpp.
#pragma once

#include "cpu/alu.h"
#include "cpu/op.h"
#include "cpu/shift.h"

namespace ringside::exact {

// --- exact/arithmetic.cpp
template <alu::Op op, typename T> void alu_rm_reg(Cpu&, const Op&);  // E,G
template <alu::Op op, typename T> void alu_reg_rm(Cpu&, const Op&);  // G,E
template <alu::Op op, typename T> void alu_rm_imm(Cpu&, const Op&);  // E,I and accumulator,I
template <typename T> void test_rm_reg(Cpu&, const Op&);
template <typename T> void test_rm_imm(Cpu&, const Op&);
template <typename T> void inc_rm(Cpu&, const Op&);  // also INC r
template <typename T> void dec_rm(Cpu&, const Op&);
template <typename T> void not_rm(Cpu&, const Op&);
template <typename T> void neg_rm(Cpu&, const Op&);
template <typename T> void xadd(Cpu&, const Op&);
template <typename T> void cmpxchg(Cpu&, const Op&);
void cmpxchg8b(Cpu&, const Op&);

// --- exact/multiply_divide.cpp
template <typename T> void mul_rm(Cpu&, const Op&);
template <typename T> void imul_rm(Cpu&, const Op&);
template <typename T> void div_rm(Cpu&, const Op&);
template <typename T> void idiv_rm(Cpu&, const Op&);
template <typename T> void imul_reg_rm(Cpu&, const Op&);      // 0F AF
template <typename T> void imul_reg_rm_imm(Cpu&, const Op&);  // 69 6B

// --- exact/bcd.cpp
void daa(Cpu&, const Op&);
void das(Cpu&, const Op&);
void aaa(Cpu&, const Op&);
void aas(Cpu&, const Op&);
void aam(Cpu&, const Op&);
void aad(Cpu&, const Op&);

// --- exact/shift.cpp
template <shift::Op op, typename T> void shift_rm_imm(Cpu&, const Op&);  // count in op.imm (D0/D1: 1)
template <shift::Op op, typename T> void shift_rm_cl(Cpu&, const Op&);
template <typename T> void shld_imm(Cpu&, const Op&);
template <typename T> void shld_cl(Cpu&, const Op&);
template <typename T> void shrd_imm(Cpu&, const Op&);
template <typename T> void shrd_cl(Cpu&, const Op&);

// --- exact/bits.cpp
enum class BitOp : std::uint8_t { kTest, kSet, kReset, kComplement };
template <BitOp op, typename T> void bit_rm_reg(Cpu&, const Op&);
template <BitOp op, typename T> void bit_rm_imm(Cpu&, const Op&);
template <typename T> void bsf(Cpu&, const Op&);
template <typename T> void bsr(Cpu&, const Op&);
template <typename T> void bswap(Cpu&, const Op&);

// --- exact/transfer.cpp. MOV with a direct offset (A0-A3) is decoded as a memory operand without registers.
template <typename T> void mov_rm_reg(Cpu&, const Op&);
template <typename T> void mov_reg_rm(Cpu&, const Op&);
template <typename T> void mov_rm_imm(Cpu&, const Op&);  // also MOV r,I
template <typename T, typename S> void movzx(Cpu&, const Op&);
template <typename T, typename S> void movsx(Cpu&, const Op&);
template <typename T> void lea(Cpu&, const Op&);
template <typename T> void xchg_rm_reg(Cpu&, const Op&);  // also XCHG eAX,r
template <typename T> void cmov(Cpu&, const Op&);         // condition: op.imm & 15
void setcc(Cpu&, const Op&);                              // condition: op.imm & 15
template <typename T> void cbw(Cpu&, const Op&);          // 98: T is the destination
template <typename T> void cwd(Cpu&, const Op&);          // 99
void xlat(Cpu&, const Op&);
void lahf(Cpu&, const Op&);
void sahf(Cpu&, const Op&);
void salc(Cpu&, const Op&);
void clc(Cpu&, const Op&);
void stc(Cpu&, const Op&);
void cmc(Cpu&, const Op&);
void cld(Cpu&, const Op&);
void std_(Cpu&, const Op&);
void nop(Cpu&, const Op&);

// --- exact/stack.cpp
template <typename T> void push_rm(Cpu&, const Op&);  // also PUSH r
template <typename T> void push_imm(Cpu&, const Op&);
template <typename T> void pop_rm(Cpu&, const Op&);   // also POP r
template <typename T> void pusha(Cpu&, const Op&);
template <typename T> void popa(Cpu&, const Op&);
template <typename T> void enter(Cpu&, const Op&);    // op.imm = size, op.disp = level
template <typename T> void leave(Cpu&, const Op&);

// --- exact/branch.cpp. Destination of the direct ones: op.target; Jcc's condition: op.extra & 15.
template <typename T> void jcc(Cpu&, const Op&);
template <typename T> void jmp(Cpu&, const Op&);
template <typename T> void call(Cpu&, const Op&);
template <typename T> void ret(Cpu&, const Op&);      // C3
template <typename T> void ret_imm(Cpu&, const Op&);  // C2
template <typename T> void jmp_rm(Cpu&, const Op&);
template <typename T> void call_rm(Cpu&, const Op&);
template <typename T> void loop(Cpu&, const Op&);     // E2; count register by address size
template <typename T> void loope(Cpu&, const Op&);    // E1
template <typename T> void loopne(Cpu&, const Op&);   // E0
template <typename T> void jcxz(Cpu&, const Op&);     // E3
template <typename T> void bound(Cpu&, const Op&);    // 62: register op.dst, memory r/m

// --- exact/string.cpp. Source segment: op.seg. One iteration is one tick.
template <typename T> void movs(Cpu&, const Op&);
template <typename T> void cmps(Cpu&, const Op&);
template <typename T> void stos(Cpu&, const Op&);
template <typename T> void lods(Cpu&, const Op&);
template <typename T> void scas(Cpu&, const Op&);
template <typename T> void ins(Cpu&, const Op&);
template <typename T> void outs(Cpu&, const Op&);

}  // namespace ringside::exact
