// Warm blocks run copies of their handlers. A guest must not be able to tell: a hot loop with calls, stores,
// flags and faults, which keeps changing its own instructions, ends in the same state with copies and
// without.
#include <gtest/gtest.h>

#include <initializer_list>

#include "tests/fuzz/fuzz_guest.h"

namespace ringside::test {
namespace {

using L = ProgramLayout;

/// Bytes of a program under construction.
struct Code {
  std::vector<std::uint8_t> bytes;

  void add(std::initializer_list<unsigned> values) {
    for (const unsigned value : values) bytes.push_back(static_cast<std::uint8_t>(value));
  }
  void dword(std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  std::uint32_t here() const { return L::kCode + static_cast<std::uint32_t>(bytes.size()); }
  /// Jcc, JMP or CALL with a 32-bit displacement.
  void branch(std::initializer_list<unsigned> opcode, std::uint32_t target) {
    add(opcode);
    dword(target - (here() + 4));
  }
};

Code hot_program() {
  Code c;
  const std::uint32_t subroutine = L::kCode + 0x800;  // in a chunk of its own
  c.add({0xB9, 0, 0, 0, 0});                          // mov ecx, 0
  c.add({0xBB});                                      // mov ebx, kData
  c.dword(L::kData);
  c.add({0x31, 0xC0});  // xor eax, eax
  const std::uint32_t loop = c.here();
  c.add({0x41, 0x05});  // inc ecx; add eax, PATCHED
  const std::uint32_t patched = c.here();
  c.dword(0x11111111);
  c.add({0x89, 0x43, 0x08});                          // mov [ebx + 8], eax
  c.add({0x6B, 0xD0, 0x07, 0x52, 0x5E});              // imul edx, eax, 7; push edx; pop esi
  c.add({0x11, 0x73, 0x0C, 0xC1, 0xC0, 0x03});        // adc [ebx + 12], esi; rol eax, 3
  c.add({0x0F, 0x98, 0xC2, 0x66, 0x0F, 0xB6, 0xFA});  // sets dl; movzx di, dl
  c.branch({0xE8}, subroutine);                       // call subroutine
  c.add({0xF7, 0xC1, 0x3F, 0, 0, 0});                 // test ecx, 63
  c.branch({0x0F, 0x85}, loop);                       // jnz loop
  c.add({0x01, 0x0D});                                // add [PATCHED], ecx
  c.dword(patched);
  c.add({0xF7, 0xC1, 0xFF, 0x07, 0, 0});  // test ecx, 2047
  c.branch({0x0F, 0x85}, loop);           // jnz loop
  c.add({0xA0});                          // mov al, [an absent page]: #PF, from the beginning
  c.dword(L::kData + 0x7000);
  while (c.here() < subroutine) c.add({0xCC});
  c.add({0x8B, 0x7B, 0x08});                          // mov edi, [ebx + 8]
  c.add({0x31, 0xBB, 0, 0x10, 0, 0});                 // xor [ebx + 1000h], edi
  c.add({0x0F, 0xA3, 0xC8, 0xD1, 0x5B, 0x10, 0xC3});  // bt eax, ecx; rcr dword [ebx + 16], 1; ret
  return c;
}

TEST(CopiedHandlers, AHotProgramThatChangesItselfEndsInTheSameState) {
  const Code program = hot_program();
  for (const std::uint64_t ticks : {100u, 5000u, 5001u, 123456u, 400000u}) {
    SCOPED_TRACE(ticks);
    Runner reference(program.bytes, {L::kCode}), copied(program.bytes, {L::kCode}),
        threaded(program.bytes, {L::kCode});
    reference.run(ticks, Way::kReference);
    copied.run(ticks, Way::kFast);
    threaded.run(ticks, Way::kFastNoCopies);
    EXPECT_TRUE(reference.state() == copied.state()) << reference.where() << "\n" << copied.where();
    EXPECT_TRUE(reference.state() == threaded.state()) << reference.where() << "\n" << threaded.where();
    EXPECT_EQ(threaded.bytes_copied(), 0u);
  }
}

TEST(CopiedHandlers, SwitchingThemOnAndOffOnTheWayChangesNothing) {
  const Code program = hot_program();
  Runner reference(program.bytes, {L::kCode}), switched(program.bytes, {L::kCode});
  reference.run(100000, Way::kReference);
  for (std::uint64_t ticks = 10000; ticks <= 100000; ticks += 10000)
    switched.run(ticks, ticks % 20000 == 0 ? Way::kFast : Way::kFastNoCopies);
  EXPECT_TRUE(reference.state() == switched.state()) << reference.where() << "\n" << switched.where();
}

TEST(CopiedHandlers, AreMadeHere) {
  Runner runner(hot_program().bytes, {L::kCode});
  if (!runner.can_copy()) GTEST_SKIP() << "no copies of handlers in this build, or on this host";
  runner.run(5000, Way::kFast);
  EXPECT_GT(runner.bytes_copied(), 0u);
}

}  // namespace
}  // namespace ringside::test
