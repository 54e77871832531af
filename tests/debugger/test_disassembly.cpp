#include <gtest/gtest.h>

#include "debugger/disassembly.h"

namespace ringside {
namespace {

TEST(Disassembly, BothSizes) {
  const std::uint8_t code[] = {0xB8, 0x34, 0x12, 0x78, 0x56};
  const DisassembledLine wide = disassemble(code, true, 8, 0x1000);
  EXPECT_EQ(wide.length, 5u);
  EXPECT_EQ(wide.text, "mov eax, 0x56781234");
  EXPECT_EQ(wide.bytes, "B834127856");
  EXPECT_EQ(disassemble(code, false, 8, 0x1000).text, "mov ax, 0x1234");
}

TEST(Disassembly, NothingIsNoInstruction) {
  EXPECT_EQ(disassemble({}, true, 8, 0).length, 0u);
  const std::uint8_t cut[] = {0xB8};
  EXPECT_EQ(disassemble(cut, true, 8, 0).length, 1u);
}

}  // namespace
}  // namespace ringside
