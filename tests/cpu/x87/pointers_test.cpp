// Which instructions note their address (FIP), and where there is none to note: beside the host's x87. FOP and FDP have
// no silicon to be compared with here: since the Pentium 4 FOP, and since later processors FDP, are noted for
// unmasked exceptions only, and FCS and FDS read as 0. Ringside's models note all of them always, as the P6 does.
#include "tests/cpu/cpu_fixture.h"
#include "tests/cpu/x87/operands.h"
#include "tests/cpu/x87/silicon.h"

#if defined(RINGSIDE_HAVE_SILICON)
namespace ringside::test {
namespace {

constexpr std::uint32_t kSentinel = 0x13572468;

/// Moves, sets or clears the pointers as a whole.
bool replaces_pointers(unsigned opcode, std::uint8_t modrm) {
  if (modrm >= 0xC0) return opcode == 3 && modrm == 0xE3;  // FNINIT
  switch (x87::memory_form(opcode, modrm >> 3 & 7u).action) {
    case x87::MemoryAction::kLoadEnvironment:
    case x87::MemoryAction::kStoreEnvironment:
    case x87::MemoryAction::kSave:
    case x87::MemoryAction::kRestore: return true;
    default: return false;
  }
}
bool is_defined(unsigned opcode, std::uint8_t modrm) {
  return modrm >= 0xC0 ? x87::is_defined(opcode, modrm, true)
                       : x87::memory_form(opcode, modrm >> 3 & 7u).action != x87::MemoryAction::kUndefined;
}

/// True where the instruction notes its address. `empty`: on an empty stack, which most instructions mind.
bool silicon_notes(unsigned opcode, std::uint8_t modrm, std::uint16_t control, bool empty) {
  const x87::Silicon silicon({static_cast<std::uint8_t>(0xD8 + opcode), modrm});
  x87::SavedState in{}, out{};
  in.control = control;
  in.tags = empty ? 0xFFFF : 0xAA00;
  in.ip = kSentinel;
  std::uint64_t memory[2] = {0x3FF0000000000000, 0x3FFF}, flags = 0x202;
  silicon.run(in, out, memory, flags);
  return out.ip != kSentinel;
}
bool ours_notes(unsigned opcode, std::uint8_t modrm, std::uint16_t control, bool empty) {
  Guest g;
  g.enter_protected32();
  g.cpu.cr0 |= kCr0NE;
  g.cpu.update_mode();
  g.cpu.x87 = X87State{};
  x87::Unit(g.cpu.x87).set_control(control);
  x87::Unit(g.cpu.x87).set_tags(empty ? 0xFFFF : 0xAA00);
  g.cpu.x87.ip_offset = kSentinel;
  g.cpu.gpr[kEDX] = kDataAt;
  g.memory.write64(kDataAt, 0x3FF0000000000000);
  g.memory.write64(kDataAt + 8, 0x3FFF);
  g.code({static_cast<int>(0xD8 + opcode), modrm});
  g.step();
  return g.cpu.x87.ip_offset != kSentinel;
}

TEST(X87Pointers, NotedBySameInstructionsAsOnSilicon) {
  for (unsigned opcode = 0; opcode < 8; ++opcode) {
    for (unsigned m = 0; m < 256; ++m) {
      if (m < 0xC0 && (m & 0xC7) != 2) continue;  // [edx]
      const auto modrm = static_cast<std::uint8_t>(m);
      if (!is_defined(opcode, modrm) || replaces_pointers(opcode, modrm)) continue;
      for (const std::uint16_t control : {std::uint16_t{0x037F}, std::uint16_t{0x0340}})
        for (const bool empty : {false, true})
          EXPECT_EQ(ours_notes(opcode, modrm, control, empty), silicon_notes(opcode, modrm, control, empty))
              << std::hex << 0xD8 + opcode << ' ' << m << " control " << control << (empty ? " empty" : "");
    }
  }
}

}  // namespace
}  // namespace ringside::test
#endif
