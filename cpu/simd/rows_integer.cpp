// MMX and SSE2 integer arithmetic, comparison, conversion between element sizes, shifts and shuffles.
#include <vector>

#include "cpu/simd/exact_simd.h"
#include "cpu/simd/rows.h"

namespace ringside::simd {
namespace {

using namespace exact;  // NOLINT

class Rows {
 public:
  Rows() {
    arithmetic();
    comparison_and_logic();
    unpack_and_pack();
    shifts();
    shuffles();
  }
  std::vector<Row> all;

 private:
  /// The MMX form without prefix, which came with `mmx`, and the XMM form behind 66.
  template <typename Operation>
  void both(std::uint8_t opcode, const char* name, std::uint64_t mmx = kFeatureMmx) {
    all.push_back({opcode, Prefix::kNone, name, kVW, mmx_operation<Operation>, mmx});
    all.push_back({opcode, Prefix::k66, name, kVW, xmm_operation<Operation>, kFeatureSse2});
  }

  void arithmetic() {
    both<AddB>(0xFC, "PADDB");
    both<AddW>(0xFD, "PADDW");
    both<AddD>(0xFE, "PADDD");
    both<AddQ>(0xD4, "PADDQ", kFeatureSse2);
    both<SubB>(0xF8, "PSUBB");
    both<SubW>(0xF9, "PSUBW");
    both<SubD>(0xFA, "PSUBD");
    both<SubQ>(0xFB, "PSUBQ", kFeatureSse2);
    both<AddSaturatedSB>(0xEC, "PADDSB");
    both<AddSaturatedSW>(0xED, "PADDSW");
    both<AddSaturatedUB>(0xDC, "PADDUSB");
    both<AddSaturatedUW>(0xDD, "PADDUSW");
    both<SubSaturatedSB>(0xE8, "PSUBSB");
    both<SubSaturatedSW>(0xE9, "PSUBSW");
    both<SubSaturatedUB>(0xD8, "PSUBUSB");
    both<SubSaturatedUW>(0xD9, "PSUBUSW");
    both<MultiplyLowW>(0xD5, "PMULLW");
    both<MultiplyHighSW>(0xE5, "PMULHW");
    both<MultiplyHighUW>(0xE4, "PMULHUW", kFeatureSse);
    both<MultiplyUDQ>(0xF4, "PMULUDQ", kFeatureSse2);
    both<MultiplyAddWD>(0xF5, "PMADDWD");
    both<SumOfDifferences>(0xF6, "PSADBW", kFeatureSse);
    both<AverageB>(0xE0, "PAVGB", kFeatureSse);
    both<AverageW>(0xE3, "PAVGW", kFeatureSse);
    both<MinUB>(0xDA, "PMINUB", kFeatureSse);
    both<MaxUB>(0xDE, "PMAXUB", kFeatureSse);
    both<MinSW>(0xEA, "PMINSW", kFeatureSse);
    both<MaxSW>(0xEE, "PMAXSW", kFeatureSse);
  }

  void comparison_and_logic() {
    both<CompareGreaterB>(0x64, "PCMPGTB");
    both<CompareGreaterW>(0x65, "PCMPGTW");
    both<CompareGreaterD>(0x66, "PCMPGTD");
    both<CompareEqualB>(0x74, "PCMPEQB");
    both<CompareEqualW>(0x75, "PCMPEQW");
    both<CompareEqualD>(0x76, "PCMPEQD");
    both<And>(0xDB, "PAND");
    both<AndNot>(0xDF, "PANDN");
    both<Or>(0xEB, "POR");
    both<Xor>(0xEF, "PXOR");
  }

  template <typename T>
  void unpack(std::uint8_t opcode, const char* low, const char* high) {
    all.push_back({opcode, Prefix::kNone, low, kVW, mmx_operation_m32<Unpack<T, false>>, kFeatureMmx});
    all.push_back({opcode, Prefix::k66, low, kVW, xmm_operation<Unpack<T, false>>, kFeatureSse2});
    both<Unpack<T, true>>(static_cast<std::uint8_t>(opcode + 8), high);
  }
  void unpack_and_pack() {
    unpack<U8>(0x60, "PUNPCKLBW", "PUNPCKHBW");
    unpack<U16>(0x61, "PUNPCKLWD", "PUNPCKHWD");
    unpack<U32>(0x62, "PUNPCKLDQ", "PUNPCKHDQ");
    all.push_back({0x6C, Prefix::k66, "PUNPCKLQDQ", kVW, xmm_operation<Unpack<U64, false>>, kFeatureSse2});
    all.push_back({0x6D, Prefix::k66, "PUNPCKHQDQ", kVW, xmm_operation<Unpack<U64, true>>, kFeatureSse2});
    both<Pack<S16, S8>>(0x63, "PACKSSWB");
    both<Pack<S16, U8>>(0x67, "PACKUSWB");
    both<Pack<S32, S16>>(0x6B, "PACKSSDW");
  }

  /// By a register or memory, and by an immediate as a member of group 12, 13 or 14.
  template <typename Operation>
  void shift(std::uint8_t opcode, std::uint8_t group, std::int8_t reg, const char* name) {
    both<Operation>(opcode, name);
    shift_imm(Prefix::kNone, group, reg, name, mmx_shift_imm<Operation>, kFeatureMmx);
    shift_imm(Prefix::k66, group, reg, name, xmm_shift_imm<Operation>, kFeatureSse2);
  }
  void shift_imm(Prefix prefix, std::uint8_t group, std::int8_t reg, const char* name, ExactFn f,
                 std::uint64_t feature) {
    all.push_back({group, prefix, name, kModRM | kDstVector | kNoMemory | kImmByte, f, feature, reg});
  }
  void shifts() {
    shift<Shift<U16, ShiftKind::kRight>>(0xD1, 0x71, 2, "PSRLW");
    shift<Shift<U32, ShiftKind::kRight>>(0xD2, 0x72, 2, "PSRLD");
    shift<Shift<U64, ShiftKind::kRight>>(0xD3, 0x73, 2, "PSRLQ");
    shift<Shift<U16, ShiftKind::kRightArithmetic>>(0xE1, 0x71, 4, "PSRAW");
    shift<Shift<U32, ShiftKind::kRightArithmetic>>(0xE2, 0x72, 4, "PSRAD");
    shift<Shift<U16, ShiftKind::kLeft>>(0xF1, 0x71, 6, "PSLLW");
    shift<Shift<U32, ShiftKind::kLeft>>(0xF2, 0x72, 6, "PSLLD");
    shift<Shift<U64, ShiftKind::kLeft>>(0xF3, 0x73, 6, "PSLLQ");
    shift_imm(Prefix::k66, 0x73, 3, "PSRLDQ", xmm_shift_imm<ShiftBytes<false>>, kFeatureSse2);
    shift_imm(Prefix::k66, 0x73, 7, "PSLLDQ", xmm_shift_imm<ShiftBytes<true>>, kFeatureSse2);
  }

  void shuffles() {
    constexpr std::uint32_t insert = kVE | kImmByte, extract = kGW | kNoMemory | kImmByte;
    all.push_back({0x70, Prefix::kNone, "PSHUFW", kVW | kImmByte, pshufw, kFeatureSse});
    all.push_back({0x70, Prefix::k66, "PSHUFD", kVW | kImmByte, pshufd, kFeatureSse2});
    all.push_back({0x70, Prefix::kF3, "PSHUFHW", kVW | kImmByte, pshufhw, kFeatureSse2});
    all.push_back({0x70, Prefix::kF2, "PSHUFLW", kVW | kImmByte, pshuflw, kFeatureSse2});
    all.push_back({0xC4, Prefix::kNone, "PINSRW", insert, pinsrw_mmx, kFeatureSse});
    all.push_back({0xC4, Prefix::k66, "PINSRW", insert, pinsrw_xmm, kFeatureSse2});
    all.push_back({0xC5, Prefix::kNone, "PEXTRW", extract, pextrw_mmx, kFeatureSse});
    all.push_back({0xC5, Prefix::k66, "PEXTRW", extract, pextrw_xmm, kFeatureSse2});
    all.push_back({0xD7, Prefix::kNone, "PMOVMSKB", kGW | kNoMemory, pmovmskb_mmx, kFeatureSse});
    all.push_back({0xD7, Prefix::k66, "PMOVMSKB", kGW | kNoMemory, pmovmskb_xmm, kFeatureSse2});
    all.push_back({0x77, Prefix::kNone, "EMMS", 0, emms, kFeatureMmx});
  }
};

}  // namespace

std::span<const Row> integer_rows() {
  static const Rows rows;
  return rows.all;
}

}  // namespace ringside::simd
