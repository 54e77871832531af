// Our decoder against Zydis: lengths, memory operands and branch targets over millions of random byte strings.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "cpu/decode.h"
#include "cpu/cpu.h"
#include "cpu/opcodes.h"
#include "tests/cpu/decoder/zydis_sets.h"

namespace ringside {
namespace {

constexpr unsigned kBytes = 16;
constexpr std::uint32_t kEip = 0x00400000;

CpuModel everything() {
  CpuModel model = default_cpu_model();
  model.features = ~0ull;
  return model;
}

/// Where Zydis follows later processors or an assembler's view.
bool known_difference(const ZydisDecodedInstruction& in) {
  switch (in.mnemonic) {
    case ZYDIS_MNEMONIC_UD0:     // length with ModR/M differs between generations
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_NOP: return in.opcode_map == ZYDIS_OPCODE_MAP_0F;
    default: return false;
  }
}

std::string hex(const std::uint8_t* bytes) {
  std::string text;
  char part[4];
  for (unsigned i = 0; i < kBytes; ++i) {
    std::snprintf(part, sizeof(part), "%02X ", bytes[i]);
    text += part;
  }
  return text;
}

struct Tally {
  std::uint64_t compared = 0, undefined = 0, simd = 0;
};

bool has_vectors(const Op& op) {
  return (opcode_rows()[row_of(op.id)].encoding & (kDstVector | kSrcVector)) != 0;
}

/// Our register operands of an instruction with MMX or XMM registers, against the two that Zydis finds.
void compare_vectors(const std::uint8_t* bytes, const Op& op, const ZydisDecodedInstruction& theirs,
                     const ZydisDecodedOperand* operands) {
  const std::uint32_t encoding = opcode_rows()[row_of(op.id)].encoding;
  for (unsigned i = 0; i < 2 && i < theirs.operand_count_visible; ++i) {
    if (operands[i].type != ZYDIS_OPERAND_TYPE_REGISTER) continue;
    const bool vector = (encoding & (i == 0 ? kDstVector : kSrcVector)) != 0;
    const ZydisRegisterClass kind = ZydisRegisterGetClass(operands[i].reg.value);
    ASSERT_EQ(vector, kind == ZYDIS_REGCLASS_MMX || kind == ZYDIS_REGCLASS_XMM) << hex(bytes);
    ASSERT_EQ(i == 0 ? op.dst : op.src, ZydisRegisterGetId(operands[i].reg.value) * (vector ? 16 : 4)) << hex(bytes);
  }
}

void compare(const std::uint8_t* bytes, bool code32, const ZydisDecoder& decoder, const CpuModel& model, Tally& tally) {
  Op op;
  const Decoded ours = decode(bytes, kBytes, code32 ? kModeCode32 | kModeStack32 : 0, kEip, model, op);
  ZydisDecodedInstruction theirs;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
  const ZyanStatus status = ZydisDecoderDecodeFull(&decoder, bytes, kBytes, &theirs, operands);
  if (!ZYAN_SUCCESS(status)) {
    // What it refuses we may have as undefined, too long, or as an undocumented form; the length is then ours.
    ++tally.undefined;
    if (status != ZYDIS_STATUS_NO_MORE_DATA && status != ZYDIS_STATUS_INSTRUCTION_TOO_LONG) {
      ASSERT_FALSE(ours.status == Decoded::kOk && has_vectors(op)) << hex(bytes) << (code32 ? "32" : "16");
    }
    return;
  }
  if (!on_pentium4(theirs) || known_difference(theirs)) return;
  ASSERT_EQ(ours.status, Decoded::kOk) << hex(bytes) << (code32 ? "32" : "16");
  ASSERT_EQ(op.length, theirs.length) << hex(bytes) << (code32 ? "32 " : "16 ")
                                      << ZydisMnemonicGetString(theirs.mnemonic);
  if (op.id == undefined_id()) {
    ASSERT_FALSE(is_simd(theirs)) << hex(bytes) << ZydisMnemonicGetString(theirs.mnemonic);
    return;
  }
  ++tally.compared;
  if (has_vectors(op)) {
    ++tally.simd;
    compare_vectors(bytes, op, theirs, operands);
    if (testing::Test::HasFatalFailure()) return;
  }
  if (ours.direct_branch) {
    const auto target = static_cast<std::uint32_t>(kEip + theirs.length + static_cast<std::uint64_t>(theirs.raw.imm[0].value.s));
    ASSERT_EQ(op.target, (op.flags & kOperand32) != 0 ? target : target & 0xFFFF) << hex(bytes);
    return;
  }
  if ((op.flags & kMemory) == 0 || (theirs.attributes & ZYDIS_ATTRIB_HAS_MODRM) == 0) return;
  for (unsigned i = 0; i < theirs.operand_count_visible; ++i) {
    const ZydisDecodedOperand& operand = operands[i];
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
    const std::uint32_t mask = (op.flags & kAddress32) != 0 ? 0xFFFFFFFFu : 0xFFFFu;
    const auto disp = static_cast<std::uint32_t>(operand.mem.disp.has_displacement ? operand.mem.disp.value : 0);
    ASSERT_EQ(op.disp & mask, disp & mask) << hex(bytes);
    if (operand.mem.index != ZYDIS_REGISTER_NONE && operand.mem.base != ZYDIS_REGISTER_NONE) {
      ASSERT_EQ(op.base, 4 * ZydisRegisterGetId(operand.mem.base)) << hex(bytes);
      ASSERT_EQ(op.index, 4 * ZydisRegisterGetId(operand.mem.index)) << hex(bytes);
    }
    static constexpr ZydisRegister kSegs[] = {ZYDIS_REGISTER_ES, ZYDIS_REGISTER_CS, ZYDIS_REGISTER_SS,
                                              ZYDIS_REGISTER_DS, ZYDIS_REGISTER_FS, ZYDIS_REGISTER_GS};
    const bool address_only = operand.mem.type == ZYDIS_MEMOP_TYPE_AGEN || theirs.mnemonic == ZYDIS_MNEMONIC_NOP;
    // To later processors, DS before an indirect branch is the NOTRACK prefix, and leaves an earlier override in force.
    const bool no_track = (theirs.attributes & ZYDIS_ATTRIB_HAS_NOTRACK) != 0;
    if (!address_only && !no_track) {
      ASSERT_EQ(kSegs[op.seg], operand.mem.segment) << hex(bytes);
    }
  }
}

TEST(Decoder, AgreesWithZydisOnRandomBytes) {
  const char* count_text = std::getenv("RINGSIDE_DECODER_CASES");
  const std::uint64_t count = count_text != nullptr ? std::strtoull(count_text, nullptr, 0) : 4'000'000;
  const CpuModel model = everything();
  ZydisDecoder decoders[2];
  ZydisDecoderInit(&decoders[0], ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16);
  ZydisDecoderInit(&decoders[1], ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
  std::mt19937_64 random(20000101);
  Tally tally;
  std::uint8_t bytes[kBytes];
  static constexpr std::uint8_t kPrefixes[] = {0x66, 0x67, 0xF0, 0xF2, 0xF3, 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};
  for (std::uint64_t i = 0; i < count; ++i) {
    for (unsigned b = 0; b < kBytes; b += 8) {
      const std::uint64_t r = random();
      __builtin_memcpy(bytes + b, &r, 8);
    }
    const std::uint64_t shape = random();
    unsigned at = 0;
    for (unsigned p = 0; p < (shape & 3); ++p) bytes[at++] = kPrefixes[(shape >> (8 + 8 * p)) % std::size(kPrefixes)];
    if ((shape & 4) != 0) bytes[at] = 0x0F;
    compare(bytes, (shape & 8) != 0, decoders[(shape & 8) != 0 ? 1 : 0], model, tally);
    if (testing::Test::HasFatalFailure()) return;
  }
  // Both sides must really have met: more than half of such strings are instructions of this processor.
  EXPECT_GT(tally.compared, count / 3);
  EXPECT_GT(tally.simd, count / 10);
}

TEST(Decoder, StopsAtFifteenBytes) {
  std::uint8_t bytes[kBytes];
  for (std::uint8_t& b : bytes) b = 0x66;
  Op op;
  const CpuModel model = everything();
  EXPECT_EQ(decode(bytes, kBytes, kModeCode32, 0, model, op).status, Decoded::kTooLong);
  bytes[14] = 0x90;
  EXPECT_EQ(decode(bytes, kBytes, kModeCode32, 0, model, op).status, Decoded::kOk);
  EXPECT_EQ(op.length, 15);
  EXPECT_EQ(decode(bytes, 14, kModeCode32, 0, model, op).status, Decoded::kNeedMore);
}

TEST(Decoder, EveryOpcodeRowHasBodies) {
  for (const OpcodeRow& row : opcode_rows()) {
    if (row.group >= 0 || row.prefixed >= 0) continue;
    EXPECT_NE(row.exact16, nullptr) << row.mnemonic;
    EXPECT_NE(row.exact32, nullptr) << row.mnemonic;
  }
}

}  // namespace
}  // namespace ringside
