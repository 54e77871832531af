// The opcode maps of a Pentium 4, whole: every opcode with every mandatory prefix and every ModR/M byte is
// either an instruction up to SSE2, as Zydis knows them, or #UD.
#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "cpu/decode.h"
#include "cpu/opcodes.h"
#include "tests/cpu/cpu_fixture.h"
#include "tests/cpu/decoder/zydis_sets.h"

namespace ringside::test {
namespace {

struct Zydis {
  Zydis() { ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32); }
  bool decode(const std::vector<std::uint8_t>& bytes) {
    return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(), &instruction, operands));
  }
  ZydisDecoder decoder;
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/// Instructions whose definition is #UD, and one that raises it outside system management mode.
bool defined_as_undefined(const ZydisDecodedInstruction& in) {
  switch (in.mnemonic) {
    case ZYDIS_MNEMONIC_UD0:
    case ZYDIS_MNEMONIC_UD1:
    case ZYDIS_MNEMONIC_UD2:
    case ZYDIS_MNEMONIC_RSM: return true;
    default: return false;
  }
}

/// Whether Zydis's instruction is one that a Pentium 4 runs.
bool runs(const ZydisDecodedInstruction& in) { return on_pentium4(in) && !defined_as_undefined(in); }

/// Opcodes 0F 18 to 0F 1F are NOPs with an operand, whatever later processors made of some of them.
bool is_hint(unsigned opcode) { return opcode >= 0x118 && opcode <= 0x11F; }

/// TZCNT and LZCNT are BSF and BSR to a processor that does not know them.
bool is_bit_scan(unsigned opcode) { return opcode == 0x1BC || opcode == 0x1BD; }

/// Opcodes whose bodies tell defined from undefined: segment registers, groups 6, 7 and 15, x87, control and
/// debug registers.
bool decided_by_body(unsigned opcode) {
  return opcode == 0x8C || opcode == 0x8E || opcode == 0x100 || opcode == 0x101 || opcode == 0x1AE ||
         (opcode >= 0x120 && opcode <= 0x123) || (opcode >= 0xD8 && opcode <= 0xDF);
}

/// `opcode`: 100h and above stand for 0F xx. Zeros follow.
std::vector<std::uint8_t> bytes_of_opcode(int prefix, unsigned opcode, unsigned modrm) {
  std::vector<std::uint8_t> bytes;
  if (prefix >= 0) bytes.push_back(static_cast<std::uint8_t>(prefix));
  if (opcode >= 0x100) bytes.push_back(0x0F);
  bytes.push_back(static_cast<std::uint8_t>(opcode));
  bytes.push_back(static_cast<std::uint8_t>(modrm));
  bytes.resize(16);
  return bytes;
}

std::string text(const std::vector<std::uint8_t>& bytes, const char* mnemonic) {
  char line[80];
  std::snprintf(line, sizeof line, "%02X %02X %02X %02X  %s", bytes[0], bytes[1], bytes[2], bytes[3],
                mnemonic);
  return line;
}

constexpr int kPrefixes[] = {-1, 0x66, 0xF3, 0xF2};

bool is_prefix(unsigned opcode) {
  for (const unsigned p :
       {0x0Fu, 0x26u, 0x2Eu, 0x36u, 0x3Eu, 0x64u, 0x65u, 0x66u, 0x67u, 0xF0u, 0xF2u, 0xF3u})
    if (opcode == p) return true;
  return false;
}

TEST(OpcodeMap, EveryOpcodeIsAnInstructionOfThePentium4OrUndefined) {
  Zydis zydis;
  std::set<std::string> missing, superfluous;
  unsigned defined = 0, undefined = 0;
  for (unsigned opcode = 0; opcode < 0x200; ++opcode) {
    if (is_prefix(opcode) || decided_by_body(opcode) || is_hint(opcode)) continue;
    for (const int prefix : kPrefixes) {
      for (unsigned modrm = 0; modrm < 256; ++modrm) {
        const auto bytes = bytes_of_opcode(prefix, opcode, modrm);
        const bool known = zydis.decode(bytes);
        const bool expected = known && (runs(zydis.instruction) || is_bit_scan(opcode));
        Op op;
        decode(bytes.data(), static_cast<unsigned>(bytes.size()), kModeCode32 | kModeStack32, 0x1000,
               default_cpu_model(), op);
        const ExactFn body = exact_function(op.id);
        const bool ours = body != exact_function(undefined_id()) && opcode != 0x10B && opcode != 0x1AA;
        ++(ours ? defined : undefined);
        const char* name = known ? ZydisMnemonicGetString(zydis.instruction.mnemonic) : "?";
        if (expected && !ours) missing.insert(text(bytes, name));
        if (ours && !expected) superfluous.insert(text(bytes, opcode_rows()[row_of(op.id)].mnemonic));
      }
    }
  }
  std::string list;
  for (const std::string& line : missing) list += "missing: " + line + "\n";
  for (const std::string& line : superfluous) list += "not on a Pentium 4: " + line + "\n";
  EXPECT_TRUE(list.empty()) << list;
  EXPECT_GT(defined, 200'000u);
  EXPECT_GT(undefined, 50'000u);
}

TEST(OpcodeMap, BodiesRefuseWhatIsUndefined) {
  Zydis zydis;
  std::string list;
  for (unsigned opcode = 0; opcode < 0x200; ++opcode) {
    if (!decided_by_body(opcode)) continue;
    for (unsigned modrm = 0; modrm < 256; ++modrm) {
      const auto bytes = bytes_of_opcode(-1, opcode, modrm);
      const bool known = zydis.decode(bytes);
      const bool expected = known && runs(zydis.instruction);
      Guest guest(default_cpu_model(), How::kStep);
      guest.enter_protected32();
      guest.cpu.cr4 |= kCr4OSFXSR;
      for (std::uint32_t& reg : guest.cpu.gpr) reg = kDataAt;
      guest.cpu.gpr[kESP] = kStack0At;
      guest.code(std::vector<int>(bytes.begin(), bytes.end()));
      guest.step();
      const Fault* fault = guest.last_fault();
      const bool refused = fault != nullptr && fault->vector == Vector::kUD;
      if (expected == refused)
        list += text(bytes, known ? ZydisMnemonicGetString(zydis.instruction.mnemonic) : "?") +
                (refused ? "  refused\n" : "  accepted\n");
    }
  }
  EXPECT_TRUE(list.empty()) << list;
}

TEST(OpcodeMap, HintsAreNopsWithAnOperand) {
  for (unsigned opcode = 0x118; opcode < 0x120; ++opcode) {
    for (unsigned modrm = 0; modrm < 256; ++modrm) {
      const auto bytes = bytes_of_opcode(-1, opcode, modrm);
      Op op;
      decode(bytes.data(), 16, kModeCode32 | kModeStack32, 0x1000, default_cpu_model(), op);
      EXPECT_STREQ(opcode_rows()[row_of(op.id)].mnemonic, "NOP");
    }
  }
}

}  // namespace
}  // namespace ringside::test
