// The few instructions that cases are made of. Each is written as bytes for the processor and noted as an
// operation for the model, which needs no decoder.
#pragma once

#include "tests/privileged/cases/harness.h"

namespace privileged {

enum class Kind : uint8_t {
  kNone,
  kNop,
  kUd2,
  kMovToSreg,
  kMovFromSreg,
  kPushSreg,
  kPopSreg,
  kLoadFar,
  kCallFar,
  kJmpFar,
  kRetFar,
  kIret,
  kInt,
  kInt3,
  kInto,
  kInt1,
  kLar,
  kLsl,
  kVerr,
  kVerw,
  kSldt,
  kStr,
  kLldt,
  kLtr,
  kSgdt,
  kSidt,
  kLgdt,
  kLidt,
  kSmsw,
  kLmsw,
  kInvlpg,
  kClts,
  kInvd,
  kWbinvd,
  kMovFromCr,
  kMovToCr,
  kMovFromDr,
  kMovToDr,
  kRdmsr,
  kWrmsr,
  kRdtsc,
  kRdpmc,
  kCpuid,
  kHlt,
  kCli,
  kSti,
  kPushf,
  kPopf,
  kIn,
  kOut,
  kSysenter,
  kSysexit,
  kArpl,
  kLoad,
  kStore,
  kAdd,
  kPush,
  kPop,
  kJmp,
  kDiv,
  kBound,
  kFnop,
  kWait,
  kRsm,
  kLockNop,
  kMovImm,
  kStosRep,
  kTooLong,
  kUndefined,
  kLocked,
  kAam,
  // Coprocessor, MMX, SSE. Of those that compute, `selector` has the exceptions that they meet, as bits of the status
  // word and of MXCSR: invalid, denormal, zero divide, overflow, underflow, precision.
  kX87,
  kX87NoWait,
  kFninit,
  kFnclex,
  kFldcw,
  kMmx,
  kSse,
  kSseCompute,
  kLdmxcsr,
  kStmxcsr,
  kAligned,
  kFxsave,
  kFxrstor,
  kAlways,
};

struct Op {
  Kind kind = Kind::kNone;
  uint8_t size = 4;  ///< operand, in bytes
  uint8_t length = 0;
  uint8_t reg = 0;       ///< register, or segment override of a memory operand
  uint32_t address = 0;  ///< memory operand, offset of a far pointer, or immediate
  uint32_t selector = 0;
};

/// Back end: `op` lies at this address now.
void place(uint32_t address, const Op& op);

class Assembler {
 public:
  /// `bits` of the code segment, 16 or 32.
  explicit Assembler(uint32_t at, unsigned bits = 32) : at_(at), bits_(bits) {}
  uint32_t at() const { return at_; }

  void nop() { simple(Kind::kNop, 0x90); }
  void ud2() { simple(Kind::kUd2, 0x0F, 0x0B); }
  void mov_to_sreg(unsigned reg);    ///< from AX
  void mov_from_sreg(unsigned reg);  ///< to EAX
  void push_sreg(unsigned reg, unsigned size = 4);
  void pop_sreg(unsigned reg, unsigned size = 4);
  void load_far(unsigned reg, uint32_t address, unsigned size = 4);  ///< LDS and its kin, to EAX
  void call_far(uint32_t selector, uint32_t offset, unsigned size = 4);
  void jmp_far(uint32_t selector, uint32_t offset, unsigned size = 4);
  void ret_far(unsigned size = 4, unsigned release = 0);
  void iret(unsigned size = 4) { sized(Kind::kIret, size, 0xCF); }
  void int_n(unsigned vector);
  void int3() { simple(Kind::kInt3, 0xCC); }
  void into() { simple(Kind::kInto, 0xCE); }
  void int1() { simple(Kind::kInt1, 0xF1); }
  // LAR, LSL: EDX from AX; VERR, VERW, LLDT, LTR: AX; SLDT, STR, SMSW: EAX.
  void lar() { three(Kind::kLar, 0x0F, 0x02, 0xD0); }
  void lsl() { three(Kind::kLsl, 0x0F, 0x03, 0xD0); }
  void group6(Kind kind);
  void smsw() { three(Kind::kSmsw, 0x0F, 0x01, 0xE0); }
  void lmsw() { three(Kind::kLmsw, 0x0F, 0x01, 0xF0); }
  /// SGDT, SIDT, LGDT, LIDT, INVLPG.
  void group7(Kind kind, uint32_t address);
  void two(Kind kind, unsigned second) { simple(kind, 0x0F, static_cast<int>(second)); }
  void clts() { two(Kind::kClts, 0x06); }
  void mov_from_cr(unsigned n) { control(Kind::kMovFromCr, 0x20, n); }
  void mov_to_cr(unsigned n) { control(Kind::kMovToCr, 0x22, n); }
  void mov_from_dr(unsigned n) { control(Kind::kMovFromDr, 0x21, n); }
  void mov_to_dr(unsigned n) { control(Kind::kMovToDr, 0x23, n); }
  void rdmsr() { two(Kind::kRdmsr, 0x32); }
  void wrmsr() { two(Kind::kWrmsr, 0x30); }
  void hlt() { simple(Kind::kHlt, 0xF4); }
  void cli() { simple(Kind::kCli, 0xFA); }
  void sti() { simple(Kind::kSti, 0xFB); }
  void pushf(unsigned size = 4) { sized(Kind::kPushf, size, 0x9C); }
  void popf(unsigned size = 4) { sized(Kind::kPopf, size, 0x9D); }
  void in(unsigned size);  ///< from port DX
  void out(unsigned size);
  void in_imm(unsigned port, unsigned size);
  void arpl();  ///< AX, DX
  /// [segment:address], with EAX.
  void load(unsigned segment, uint32_t address, unsigned size = 4) {
    memory(Kind::kLoad, 0x8A, segment, address, size);
  }
  void store(unsigned segment, uint32_t address, unsigned size = 4) {
    memory(Kind::kStore, 0x88, segment, address, size);
  }
  void add(unsigned segment, uint32_t address, unsigned size = 4) {
    memory(Kind::kAdd, 0x00, segment, address, size);
  }
  void push(unsigned size = 4) { sized(Kind::kPush, size, 0x50); }
  void pop(unsigned size = 4) { sized(Kind::kPop, size, 0x58); }
  /// To the address, in a code segment with this base.
  void jmp(uint32_t address, uint32_t base = 0);
  void div_ecx();
  void bound(uint32_t address);  ///< EAX against a pair of zeros
  void fnop() { two_bytes(Kind::kFnop, 0xD9, 0xD0); }
  void fwait() { simple(Kind::kWait, 0x9B); }
  void lock_nop() { two_bytes(Kind::kLockNop, 0xF0, 0x90); }
  void mov_imm(unsigned reg, uint32_t value);
  void too_long();  ///< 16 bytes of prefixes
  /// Up to four bytes as they stand, the first in the low byte; what the model has to know is the kind.
  void fixed(Kind kind, uint32_t bytes, unsigned count, uint32_t fact = 0);
  /// LOCK before a read-modify-write of [address], with `immediate` bytes of zeros at its end.
  void locked(bool refused, uint32_t bytes, unsigned count, unsigned reg, uint32_t address, unsigned immediate);
  /// As fixed(), with ModRM and displacement of [address] behind the bytes.
  void fixed_memory(Kind kind, uint32_t bytes, unsigned count, unsigned reg, uint32_t address, uint32_t fact = 0);

 private:
  void simple(Kind kind, unsigned byte, int second = -1);
  void two_bytes(Kind kind, unsigned first, unsigned second);
  void three(Kind kind, unsigned first, unsigned second, unsigned third);
  void sized(Kind kind, unsigned size, unsigned byte);
  void control(Kind kind, unsigned opcode, unsigned n);
  void memory(Kind kind, unsigned opcode, unsigned segment, uint32_t address, unsigned size);
  void byte(unsigned value) { put8(cursor_++, value); }
  void word(uint32_t value) { put16(cursor_, value), cursor_ += 2; }
  void dword(uint32_t value) { put32(cursor_, value), cursor_ += 4; }
  void begin(Kind kind, unsigned size = 4);
  void operand_prefix(unsigned size);
  void far_pointer(Kind kind, unsigned opcode, uint32_t selector, uint32_t offset, unsigned size);
  /// ModRM and displacement of [address].
  void address_prefix() {
    if (bits_ == 16) byte(0x67);
  }
  void absolute(unsigned reg, uint32_t address);
  void end();

  uint32_t at_, cursor_ = 0;
  unsigned bits_;
  Op op_;
};

}  // namespace privileged
