#include "cpu/opcodes.h"

#include <array>

#include "cpu/exact.h"
#include "cpu/exact_integer.h"
#include "cpu/simd/rows.h"

namespace ringside {

ExactFn exact_table[4096];

namespace {

using namespace exact;  // NOLINT: the table names two hundred of them
using alu::Op;

constexpr std::uint32_t kEbGb = kModRM | kDstByte | kSrcByte | kByteOperation;
constexpr std::uint32_t kEvGv = kModRM;
constexpr std::uint32_t kGbEb = kModRM | kRmSource | kDstByte | kSrcByte | kByteOperation;
constexpr std::uint32_t kGvEv = kModRM | kRmSource;
constexpr std::uint32_t kGvEb = kModRM | kRmSource | kSrcByte;
constexpr std::uint32_t kEb = kModRM | kDstByte | kByteOperation;
constexpr std::uint32_t kEv = kModRM;
constexpr std::uint32_t kAcc8 = kDstByte | kByteOperation;

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

class Table {
 public:
  Table() {
    alu_block<Op::kAdd>(0x00);
    alu_block<Op::kOr>(0x08);
    alu_block<Op::kAdc>(0x10);
    alu_block<Op::kSbb>(0x18);
    alu_block<Op::kAnd>(0x20);
    alu_block<Op::kSub>(0x28);
    alu_block<Op::kXor>(0x30);
    alu_block<Op::kCmp>(0x38);
    one_byte_low();
    one_byte_transfer();
    one_byte_control();
    two_byte_system();
    two_byte_integer();
    groups();
    for (const auto rows : {simd::move_rows(), simd::integer_rows(), simd::float_rows()})
      for (const simd::Row& r : rows) simd_row(r);
    for (std::size_t i = 0; i < count_; ++i) {
      OpcodeRow& row = rows_[i];
      if (row.mnemonic == nullptr && row.group < 0 && row.prefixed < 0)
        row = {"(undefined)", kEndsBlock | undefined_operands(i), undefined, undefined};
      exact_table[2 * i] = row.exact16;
      exact_table[2 * i + 1] = row.exact32;
    }
  }
  std::span<const OpcodeRow> rows() const { return {rows_.data(), count_}; }

 private:
  /// Undefined opcodes whose operands the processor fetches before it refuses them.
  static u32 undefined_operands(std::size_t i) {
    for (const unsigned opcode : {0xA6u, 0xA7u, 0xB9u, 0xFFu})
      if (i == 256 + opcode) return kModRM;
    const auto in = [&](Group g) { return i / 8 == static_cast<std::size_t>(group_index(g)) / 8; };
    if (in(kGroup8) || in(kGroup11Eb)) return kImmByte;
    return in(kGroup11Ev) ? u32{kImmFull} : 0u;
  }

  // One row; `same` where one body serves both operand sizes.
  OpcodeRow& row(std::size_t i, const char* name, u32 enc, ExactFn f16, ExactFn f32, Fast fast = Fast::kExact,
                 unsigned variant = 0, u64 feature = 0) {
    return rows_[i] = {name, enc, f16, f32, fast, static_cast<u8>(variant), feature};
  }
  OpcodeRow& same(std::size_t i, const char* name, u32 enc, ExactFn f, Fast fast = Fast::kExact,
                  unsigned variant = 0) {
    return row(i, name, enc, f, f, fast, variant);
  }

  template <Op op>
  void alu_block(std::size_t i) {
    static constexpr const char* kNames[] = {"ADD", "OR", "ADC", "SBB", "AND", "SUB", "XOR", "CMP"};
    const char* name = kNames[static_cast<int>(op)];
    constexpr u32 lock = op == Op::kCmp ? u32{0} : u32{kLockable};
    constexpr auto v = static_cast<unsigned>(op);
    same(i + 0, name, kEbGb | lock, alu_rm_reg<op, u8>, Fast::kAluRmReg, v);
    row(i + 1, name, kEvGv | lock, alu_rm_reg<op, u16>, alu_rm_reg<op, u32>, Fast::kAluRmReg, v);
    same(i + 2, name, kGbEb, alu_reg_rm<op, u8>, Fast::kAluRegRm, v);
    row(i + 3, name, kGvEv, alu_reg_rm<op, u16>, alu_reg_rm<op, u32>, Fast::kAluRegRm, v);
    same(i + 4, name, kAcc8 | kImmByte, alu_rm_imm<op, u8>, Fast::kAluRmImm, v);
    row(i + 5, name, kImmFull, alu_rm_imm<op, u16>, alu_rm_imm<op, u32>, Fast::kAluRmImm, v);
  }

  void one_byte_low() {
    for (const std::size_t i : {0x06u, 0x0Eu, 0x16u, 0x1Eu}) same(i, "PUSH sreg", kSegOperand, push_sreg);
    for (const std::size_t i : {0x07u, 0x17u, 0x1Fu}) same(i, "POP sreg", kSegOperand, pop_sreg);
    same(0x27, "DAA", 0, daa);
    same(0x2F, "DAS", 0, das);
    same(0x37, "AAA", 0, aaa);
    same(0x3F, "AAS", 0, aas);
    for (std::size_t r = 0; r < 8; ++r) {
      row(0x40 + r, "INC", kRegInOpcode, inc_rm<u16>, inc_rm<u32>, Fast::kInc);
      row(0x48 + r, "DEC", kRegInOpcode, dec_rm<u16>, dec_rm<u32>, Fast::kDec);
      row(0x50 + r, "PUSH", kRegInOpcode, push_rm<u16>, push_rm<u32>, Fast::kPush);
      row(0x58 + r, "POP", kRegInOpcode, pop_rm<u16>, pop_rm<u32>, Fast::kPop);
    }
    row(0x60, "PUSHA", 0, pusha<u16>, pusha<u32>);
    row(0x61, "POPA", 0, popa<u16>, popa<u32>);
    row(0x62, "BOUND", kGvEv | kMemoryOnly, bound<u16>, bound<u32>);
    same(0x63, "ARPL", kEvGv, arpl);
    row(0x68, "PUSH", kImmFull, push_imm<u16>, push_imm<u32>, Fast::kPushImm);
    row(0x69, "IMUL", kGvEv | kImmFull, imul_reg_rm_imm<u16>, imul_reg_rm_imm<u32>, Fast::kImulRegRmImm);
    row(0x6A, "PUSH", kImmByteSigned, push_imm<u16>, push_imm<u32>, Fast::kPushImm);
    row(0x6B, "IMUL", kGvEv | kImmByteSigned, imul_reg_rm_imm<u16>, imul_reg_rm_imm<u32>, Fast::kImulRegRmImm);
    same(0x6C, "INSB", kByteOperation, ins<u8>);
    row(0x6D, "INS", 0, ins<u16>, ins<u32>);
    same(0x6E, "OUTSB", kByteOperation, outs<u8>);
    row(0x6F, "OUTS", 0, outs<u16>, outs<u32>);
    for (std::size_t cc = 0; cc < 16; ++cc)
      row(0x70 + cc, "Jcc", kRelByte, jcc<u16>, jcc<u32>, Fast::kJcc, static_cast<unsigned>(cc));
  }

  void one_byte_transfer() {
    rows_[0x80].group = rows_[0x82].group = group_index(kGroup1Eb);
    rows_[0x81].group = group_index(kGroup1EvIz);
    rows_[0x83].group = group_index(kGroup1EvIb);
    same(0x84, "TEST", kEbGb, test_rm_reg<u8>, Fast::kTestRmReg);
    row(0x85, "TEST", kEvGv, test_rm_reg<u16>, test_rm_reg<u32>, Fast::kTestRmReg);
    same(0x86, "XCHG", kEbGb | kLockable, xchg_rm_reg<u8>, Fast::kXchg);
    row(0x87, "XCHG", kEvGv | kLockable, xchg_rm_reg<u16>, xchg_rm_reg<u32>, Fast::kXchg);
    same(0x88, "MOV", kEbGb, mov_rm_reg<u8>, Fast::kMovRmReg);
    row(0x89, "MOV", kEvGv, mov_rm_reg<u16>, mov_rm_reg<u32>, Fast::kMovRmReg);
    same(0x8A, "MOV", kGbEb, mov_reg_rm<u8>, Fast::kMovRegRm);
    row(0x8B, "MOV", kGvEv, mov_reg_rm<u16>, mov_reg_rm<u32>, Fast::kMovRegRm);
    same(0x8C, "MOV Ew,Sw", kEvGv, mov_from_sreg);
    row(0x8D, "LEA", kGvEv | kMemoryOnly, lea<u16>, lea<u32>, Fast::kLea);
    same(0x8E, "MOV Sw,Ew", kGvEv, mov_to_sreg);
    rows_[0x8F].group = group_index(kGroup1A);
    same(0x90, "NOP", 0, nop, Fast::kNop);
    for (std::size_t r = 1; r < 8; ++r)
      row(0x90 + r, "XCHG", kRegInOpcode | kSrcAccumulator, xchg_rm_reg<u16>, xchg_rm_reg<u32>, Fast::kXchg);
    row(0x98, "CBW", 0, cbw<u16>, cbw<u32>, Fast::kCbw);
    row(0x99, "CWD", 0, cwd<u16>, cwd<u32>, Fast::kCwd);
    same(0x9A, "CALL far", kFarPointer | kEndsBlock, call_far_direct);
    same(0x9B, "WAIT", 0, fwait, Fast::kX87);
    same(0x9C, "PUSHF", 0, pushf, Fast::kPushf);
    same(0x9D, "POPF", 0, popf, Fast::kPopf);
    same(0x9E, "SAHF", 0, sahf);
    same(0x9F, "LAHF", 0, lahf);
    same(0xA0, "MOV", kMoffs | kAcc8, mov_reg_rm<u8>, Fast::kMovRegRm);
    row(0xA1, "MOV", kMoffs, mov_reg_rm<u16>, mov_reg_rm<u32>, Fast::kMovRegRm);
    same(0xA2, "MOV", kMoffs | kAcc8, mov_rm_reg<u8>, Fast::kMovRmReg);
    row(0xA3, "MOV", kMoffs, mov_rm_reg<u16>, mov_rm_reg<u32>, Fast::kMovRmReg);
    same(0xA4, "MOVSB", kByteOperation, movs<u8>);
    row(0xA5, "MOVS", 0, movs<u16>, movs<u32>);
    same(0xA6, "CMPSB", kByteOperation, cmps<u8>);
    row(0xA7, "CMPS", 0, cmps<u16>, cmps<u32>);
    same(0xA8, "TEST", kAcc8 | kImmByte, test_rm_imm<u8>, Fast::kTestRmImm);
    row(0xA9, "TEST", kImmFull, test_rm_imm<u16>, test_rm_imm<u32>, Fast::kTestRmImm);
    same(0xAA, "STOSB", kByteOperation, stos<u8>);
    row(0xAB, "STOS", 0, stos<u16>, stos<u32>);
    same(0xAC, "LODSB", kByteOperation, lods<u8>);
    row(0xAD, "LODS", 0, lods<u16>, lods<u32>);
    same(0xAE, "SCASB", kByteOperation, scas<u8>);
    row(0xAF, "SCAS", 0, scas<u16>, scas<u32>);
    for (std::size_t r = 0; r < 8; ++r) {
      same(0xB0 + r, "MOV", kRegInOpcode | kAcc8 | kImmByte, mov_rm_imm<u8>, Fast::kMovRmImm);
      row(0xB8 + r, "MOV", kRegInOpcode | kImmFull, mov_rm_imm<u16>, mov_rm_imm<u32>, Fast::kMovRmImm);
    }
  }

  void one_byte_control() {
    rows_[0xC0].group = group_index(kGroup2EbIb);
    rows_[0xC1].group = group_index(kGroup2EvIb);
    row(0xC2, "RET", kImmWord | kEndsBlock, ret_imm<u16>, ret_imm<u32>, Fast::kRetImm);
    row(0xC3, "RET", kEndsBlock, ret<u16>, ret<u32>, Fast::kRet);
    same(0xC4, "LES", kGvEv | kMemoryOnly, load_far_pointer, Fast::kExact, kES);
    same(0xC5, "LDS", kGvEv | kMemoryOnly, load_far_pointer, Fast::kExact, kDS);
    rows_[0xC6].group = group_index(kGroup11Eb);
    rows_[0xC7].group = group_index(kGroup11Ev);
    row(0xC8, "ENTER", kImmWordByte, enter<u16>, enter<u32>);
    row(0xC9, "LEAVE", 0, leave<u16>, leave<u32>, Fast::kLeave);
    same(0xCA, "RET far", kImmWord | kEndsBlock, ret_far);
    same(0xCB, "RET far", kEndsBlock, ret_far);
    same(0xCC, "INT3", kEndsBlock, int3);
    same(0xCD, "INT", kImmByte | kEndsBlock, int_n);
    same(0xCE, "INTO", kEndsBlock, into);
    same(0xCF, "IRET", kEndsBlock, iret);
    rows_[0xD0].group = group_index(kGroup2Eb1);
    rows_[0xD1].group = group_index(kGroup2Ev1);
    rows_[0xD2].group = group_index(kGroup2EbCl);
    rows_[0xD3].group = group_index(kGroup2EvCl);
    same(0xD4, "AAM", kImmByte, aam);
    same(0xD5, "AAD", kImmByte, aad);
    same(0xD6, "SALC", 0, salc);
    same(0xD7, "XLAT", 0, xlat);
    for (std::size_t i = 0xD8; i <= 0xDF; ++i) same(i, "x87", kModRM, x87_escape, Fast::kX87);
    row(0xE0, "LOOPNE", kRelByte, loopne<u16>, loopne<u32>, Fast::kLoop, 0);
    row(0xE1, "LOOPE", kRelByte, loope<u16>, loope<u32>, Fast::kLoop, 1);
    row(0xE2, "LOOP", kRelByte, loop<u16>, loop<u32>, Fast::kLoop, 2);
    row(0xE3, "JCXZ", kRelByte, jcxz<u16>, jcxz<u32>, Fast::kJcxz);
    same(0xE4, "IN", kImmByte | kByteOperation, in_imm);
    same(0xE5, "IN", kImmByte, in_imm);
    same(0xE6, "OUT", kImmByte | kByteOperation, out_imm);
    same(0xE7, "OUT", kImmByte, out_imm);
    row(0xE8, "CALL", kRelFull | kEndsBlock, call<u16>, call<u32>, Fast::kCall);
    row(0xE9, "JMP", kRelFull | kEndsBlock, jmp<u16>, jmp<u32>, Fast::kJmp);
    same(0xEA, "JMP far", kFarPointer | kEndsBlock, jmp_far_direct);
    row(0xEB, "JMP", kRelByte | kEndsBlock, jmp<u16>, jmp<u32>, Fast::kJmp);
    same(0xEC, "IN", kByteOperation, in_dx);
    same(0xED, "IN", 0, in_dx);
    same(0xEE, "OUT", kByteOperation, out_dx);
    same(0xEF, "OUT", 0, out_dx);
    same(0xF1, "INT1", kEndsBlock, int1);
    same(0xF4, "HLT", kEndsBlock, hlt);
    same(0xF5, "CMC", 0, cmc, Fast::kCarryFlag, 2);
    rows_[0xF6].group = group_index(kGroup3Eb);
    rows_[0xF7].group = group_index(kGroup3Ev);
    same(0xF8, "CLC", 0, clc, Fast::kCarryFlag, 0);
    same(0xF9, "STC", 0, stc, Fast::kCarryFlag, 1);
    same(0xFA, "CLI", 0, cli, Fast::kCli);
    same(0xFB, "STI", 0, sti, Fast::kSti);
    same(0xFC, "CLD", 0, cld, Fast::kDirectionFlag, 0);
    same(0xFD, "STD", 0, std_, Fast::kDirectionFlag, 1);
    rows_[0xFE].group = group_index(kGroup4);
    rows_[0xFF].group = group_index(kGroup5);
  }

  // 0F xx
  void two_byte_system() {
    const std::size_t t = 256;
    same(t + 0x00, "group 6", kEv | kEndsBlock, group6);
    same(t + 0x01, "group 7", kEv | kEndsBlock, group7);
    same(t + 0x02, "LAR", kGvEv, lar);
    same(t + 0x03, "LSL", kGvEv, lsl);
    same(t + 0x06, "CLTS", kEndsBlock, clts);
    same(t + 0x08, "INVD", kEndsBlock, invd).feature = kFeature486;
    same(t + 0x09, "WBINVD", kEndsBlock, wbinvd).feature = kFeature486;
    same(t + 0x0B, "UD2", kEndsBlock, ud2);
    // The hint space is a NOP with a ModR/M operand that is never accessed; PREFETCHh lies in it.
    for (std::size_t i = 0x18; i <= 0x1F; ++i) same(t + i, "NOP", kEv, nop, Fast::kNop).feature = kFeatureLongNop;
    same(t + 0x20, "MOV from CR", kModRM | kRegisterOnly | kEndsBlock, mov_from_cr);
    same(t + 0x21, "MOV from DR", kModRM | kRegisterOnly | kEndsBlock, mov_from_dr);
    same(t + 0x22, "MOV to CR", kModRM | kRegisterOnly | kEndsBlock, mov_to_cr);
    same(t + 0x23, "MOV to DR", kModRM | kRegisterOnly | kEndsBlock, mov_to_dr);
    same(t + 0x30, "WRMSR", kEndsBlock, wrmsr).feature = kFeatureMsr;
    same(t + 0x31, "RDTSC", 0, rdtsc).feature = kFeatureTsc;
    same(t + 0x32, "RDMSR", 0, rdmsr).feature = kFeatureMsr;
    same(t + 0x33, "RDPMC", 0, rdpmc).feature = kFeaturePmc;
    same(t + 0x34, "SYSENTER", kEndsBlock, sysenter).feature = kFeatureSep;
    same(t + 0x35, "SYSEXIT", kEndsBlock, sysexit).feature = kFeatureSep;
    same(t + 0xA0, "PUSH FS", kSegOperand, push_sreg);
    same(t + 0xA1, "POP FS", kSegOperand, pop_sreg);
    same(t + 0xA2, "CPUID", 0, cpuid).feature = kFeatureCpuid;
    same(t + 0xA8, "PUSH GS", kSegOperand, push_sreg);
    same(t + 0xA9, "POP GS", kSegOperand, pop_sreg);
    same(t + 0xAA, "RSM", kEndsBlock, rsm);
    same(t + 0xB2, "LSS", kGvEv | kMemoryOnly, load_far_pointer, Fast::kExact, kSS);
    same(t + 0xB4, "LFS", kGvEv | kMemoryOnly, load_far_pointer, Fast::kExact, kFS);
    same(t + 0xB5, "LGS", kGvEv | kMemoryOnly, load_far_pointer, Fast::kExact, kGS);
  }

  void two_byte_integer() {
    const std::size_t t = 256;
    for (std::size_t cc = 0; cc < 16; ++cc) {
      const auto v = static_cast<unsigned>(cc);
      row(t + 0x40 + cc, "CMOVcc", kGvEv, cmov<u16>, cmov<u32>, Fast::kCmov, v, kFeatureCmov);
      row(t + 0x80 + cc, "Jcc", kRelFull, jcc<u16>, jcc<u32>, Fast::kJcc, v);
      same(t + 0x90 + cc, "SETcc", kEb, setcc, Fast::kSetcc, v);
    }
    const auto bit = [&](std::size_t i, const char* name, ExactFn f16, ExactFn f32, unsigned v) {
      row(t + i, name, kEvGv | (v != 0 ? u32{kLockable} : 0u), f16, f32, Fast::kBitReg, v);
    };
    bit(0xA3, "BT", bit_rm_reg<BitOp::kTest, u16>, bit_rm_reg<BitOp::kTest, u32>, 0);
    bit(0xAB, "BTS", bit_rm_reg<BitOp::kSet, u16>, bit_rm_reg<BitOp::kSet, u32>, 1);
    bit(0xB3, "BTR", bit_rm_reg<BitOp::kReset, u16>, bit_rm_reg<BitOp::kReset, u32>, 2);
    bit(0xBB, "BTC", bit_rm_reg<BitOp::kComplement, u16>, bit_rm_reg<BitOp::kComplement, u32>, 3);
    row(t + 0xA4, "SHLD", kEvGv | kImmByte, shld_imm<u16>, shld_imm<u32>, Fast::kShld);
    row(t + 0xA5, "SHLD", kEvGv, shld_cl<u16>, shld_cl<u32>, Fast::kShldCl);
    row(t + 0xAC, "SHRD", kEvGv | kImmByte, shrd_imm<u16>, shrd_imm<u32>, Fast::kShrd);
    row(t + 0xAD, "SHRD", kEvGv, shrd_cl<u16>, shrd_cl<u32>, Fast::kShrdCl);
    row(t + 0xAF, "IMUL", kGvEv, imul_reg_rm<u16>, imul_reg_rm<u32>, Fast::kImulRegRm);
    same(t + 0xB0, "CMPXCHG", kEbGb | kLockable, cmpxchg<u8>, Fast::kCmpxchg).feature = kFeature486;
    row(t + 0xB1, "CMPXCHG", kEvGv | kLockable, cmpxchg<u16>, cmpxchg<u32>, Fast::kCmpxchg).feature = kFeature486;
    row(t + 0xB6, "MOVZX", kGvEb, movzx<u16, u8>, movzx<u32, u8>, Fast::kMovzx, 1);
    row(t + 0xB7, "MOVZX", kGvEv, movzx<u16, u16>, movzx<u32, u16>, Fast::kMovzx, 2);
    rows_[t + 0xBA].group = group_index(kGroup8);
    row(t + 0xBC, "BSF", kGvEv, bsf<u16>, bsf<u32>, Fast::kBsf);
    row(t + 0xBD, "BSR", kGvEv, bsr<u16>, bsr<u32>, Fast::kBsr);
    row(t + 0xBE, "MOVSX", kGvEb, movsx<u16, u8>, movsx<u32, u8>, Fast::kMovsx, 1);
    row(t + 0xBF, "MOVSX", kGvEv, movsx<u16, u16>, movsx<u32, u16>, Fast::kMovsx, 2);
    same(t + 0xC0, "XADD", kEbGb | kLockable, xadd<u8>, Fast::kXadd).feature = kFeature486;
    row(t + 0xC1, "XADD", kEvGv | kLockable, xadd<u16>, xadd<u32>, Fast::kXadd).feature = kFeature486;
    rows_[t + 0xC7].group = group_index(kGroup9);
    for (std::size_t r = 0; r < 8; ++r)
      row(t + 0xC8 + r, "BSWAP", kRegInOpcode, bswap<u16>, bswap<u32>, Fast::kBswap).feature = kFeature486;
  }

  // Groups: eight rows each, chosen by ModR/M.reg.
  enum Group {
    kGroup1Eb, kGroup1EvIz, kGroup1EvIb, kGroup1A, kGroup2EbIb, kGroup2EvIb, kGroup2Eb1, kGroup2Ev1, kGroup2EbCl,
    kGroup2EvCl, kGroup3Eb, kGroup3Ev, kGroup4, kGroup5, kGroup8, kGroup9, kGroup11Eb, kGroup11Ev, kGroupCount,
  };
  static std::int16_t group_index(Group g) { return static_cast<std::int16_t>(512 + 8 * g); }
  OpcodeRow& in_group(Group g, unsigned reg, const char* name, u32 enc, ExactFn f16, ExactFn f32,
                      Fast fast = Fast::kExact, unsigned variant = 0) {
    return row(static_cast<std::size_t>(group_index(g)) + reg, name, enc, f16, f32, fast, variant);
  }

  template <Op op>
  void group1() {
    constexpr auto v = static_cast<unsigned>(op);
    constexpr u32 lock = op == Op::kCmp ? u32{0} : u32{kLockable};
    const char* name = rows_[8 * v].mnemonic;
    in_group(kGroup1Eb, v, name, kEb | kImmByte | lock, alu_rm_imm<op, u8>, alu_rm_imm<op, u8>, Fast::kAluRmImm, v);
    in_group(kGroup1EvIz, v, name, kEv | kImmFull | lock, alu_rm_imm<op, u16>, alu_rm_imm<op, u32>,
             Fast::kAluRmImm, v);
    in_group(kGroup1EvIb, v, name, kEv | kImmByteSigned | lock, alu_rm_imm<op, u16>, alu_rm_imm<op, u32>,
             Fast::kAluRmImm, v);
  }

  template <shift::Op op>
  void group2(const char* name) {
    constexpr auto v = static_cast<unsigned>(op);
    constexpr ExactFn i8 = shift_rm_imm<op, u8>, i16 = shift_rm_imm<op, u16>, i32 = shift_rm_imm<op, u32>;
    constexpr ExactFn c8 = shift_rm_cl<op, u8>, c16 = shift_rm_cl<op, u16>, c32 = shift_rm_cl<op, u32>;
    in_group(kGroup2EbIb, v, name, kEb | kImmByte, i8, i8, Fast::kShiftImm, v);
    in_group(kGroup2EvIb, v, name, kEv | kImmByte, i16, i32, Fast::kShiftImm, v);
    in_group(kGroup2Eb1, v, name, kEb | kImmOne, i8, i8, Fast::kShiftImm, v);
    in_group(kGroup2Ev1, v, name, kEv | kImmOne, i16, i32, Fast::kShiftImm, v);
    in_group(kGroup2EbCl, v, name, kEb, c8, c8, Fast::kShiftCl, v);
    in_group(kGroup2EvCl, v, name, kEv, c16, c32, Fast::kShiftCl, v);
  }

  void groups() {
    group1<Op::kAdd>(), group1<Op::kOr>(), group1<Op::kAdc>(), group1<Op::kSbb>();
    group1<Op::kAnd>(), group1<Op::kSub>(), group1<Op::kXor>(), group1<Op::kCmp>();
    group2<shift::Op::kRol>("ROL"), group2<shift::Op::kRor>("ROR"), group2<shift::Op::kRcl>("RCL");
    group2<shift::Op::kRcr>("RCR"), group2<shift::Op::kShl>("SHL"), group2<shift::Op::kShr>("SHR");
    group2<shift::Op::kSal>("SAL"), group2<shift::Op::kSar>("SAR");
    in_group(kGroup1A, 0, "POP", kEv | kDestinationStack, pop_rm<u16>, pop_rm<u32>);
    group3();
    for (const auto& [g, enc] : {std::pair{kGroup4, kEb}, std::pair{kGroup5, kEv}}) {
      const bool byte = g == kGroup4;
      in_group(g, 0, "INC", enc | kLockable, byte ? inc_rm<u8> : inc_rm<u16>, byte ? inc_rm<u8> : inc_rm<u32>,
               Fast::kInc);
      in_group(g, 1, "DEC", enc | kLockable, byte ? dec_rm<u8> : dec_rm<u16>, byte ? dec_rm<u8> : dec_rm<u32>,
               Fast::kDec);
    }
    in_group(kGroup5, 2, "CALL", kEv | kEndsBlock, call_rm<u16>, call_rm<u32>, Fast::kCallRm);
    in_group(kGroup5, 3, "CALL far", kEv | kEndsBlock | kMemoryOnly, call_far_indirect, call_far_indirect);
    in_group(kGroup5, 4, "JMP", kEv | kEndsBlock, jmp_rm<u16>, jmp_rm<u32>, Fast::kJmpRm);
    in_group(kGroup5, 5, "JMP far", kEv | kEndsBlock | kMemoryOnly, jmp_far_indirect, jmp_far_indirect);
    in_group(kGroup5, 6, "PUSH", kEv, push_rm<u16>, push_rm<u32>, Fast::kPushRm);
    group8<BitOp::kTest>("BT", 0), group8<BitOp::kSet>("BTS", 1);
    group8<BitOp::kReset>("BTR", 2), group8<BitOp::kComplement>("BTC", 3);
    in_group(kGroup9, 1, "CMPXCHG8B", kEv | kLockable | kMemoryOnly, cmpxchg8b, cmpxchg8b).feature = kFeatureCx8;
    in_group(kGroup11Eb, 0, "MOV", kEb | kImmByte, mov_rm_imm<u8>, mov_rm_imm<u8>, Fast::kMovRmImm);
    in_group(kGroup11Ev, 0, "MOV", kEv | kImmFull, mov_rm_imm<u16>, mov_rm_imm<u32>, Fast::kMovRmImm);
  }

  void group3() {
    const auto both = [&](unsigned reg, const char* name, u32 extra, ExactFn f8, ExactFn f16, ExactFn f32, Fast fast,
                          u32 imm8 = 0, u32 immv = 0) {
      in_group(kGroup3Eb, reg, name, kEb | extra | imm8, f8, f8, fast);
      in_group(kGroup3Ev, reg, name, kEv | extra | immv, f16, f32, fast);
    };
    for (const unsigned reg : {0u, 1u})  // /1 is an undocumented alias of /0 on every processor
      both(reg, "TEST", 0, test_rm_imm<u8>, test_rm_imm<u16>, test_rm_imm<u32>, Fast::kTestRmImm, kImmByte, kImmFull);
    both(2, "NOT", kLockable, not_rm<u8>, not_rm<u16>, not_rm<u32>, Fast::kNot);
    both(3, "NEG", kLockable, neg_rm<u8>, neg_rm<u16>, neg_rm<u32>, Fast::kNeg);
    both(4, "MUL", 0, mul_rm<u8>, mul_rm<u16>, mul_rm<u32>, Fast::kMul);
    both(5, "IMUL", 0, imul_rm<u8>, imul_rm<u16>, imul_rm<u32>, Fast::kImul);
    both(6, "DIV", 0, div_rm<u8>, div_rm<u16>, div_rm<u32>, Fast::kDiv);
    both(7, "IDIV", 0, idiv_rm<u8>, idiv_rm<u16>, idiv_rm<u32>, Fast::kExact);
  }

  template <BitOp op>
  void group8(const char* name, unsigned v) {
    in_group(kGroup8, 4 + v, name, kEv | kImmByte | (v != 0 ? u32{kLockable} : 0u), bit_rm_imm<op, u16>,
             bit_rm_imm<op, u32>, Fast::kBitImm, v);
  }

  /// Fours of rows, and groups of eight below them, are appended as they turn up.
  std::int16_t append(std::size_t rows) {
    const std::size_t first = count_;
    count_ += rows;
    return static_cast<std::int16_t>(first);
  }
  void simd_row(const simd::Row& r) {
    OpcodeRow& opcode = rows_[256u + r.opcode];
    if (opcode.prefixed < 0) opcode.prefixed = append(4);
    auto at = static_cast<std::size_t>(opcode.prefixed) + static_cast<std::size_t>(r.prefix);
    if (r.reg >= 0) {
      if (rows_[at].group < 0) rows_[at].group = append(8);
      at = static_cast<std::size_t>(rows_[at].group) + static_cast<std::size_t>(r.reg);
    }
    row(at, r.mnemonic, r.encoding, r.exact, r.exact, Fast::kSimd, 0, r.feature);
  }

  std::size_t count_ = 512 + 8 * kGroupCount;
  std::array<OpcodeRow, std::size(exact_table) / 2> rows_{};
};

const Table& table() {
  static const Table instance;
  return instance;
}

}  // namespace

std::span<const OpcodeRow> opcode_rows() { return table().rows(); }

}  // namespace ringside
