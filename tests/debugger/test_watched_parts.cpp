// Watchpoints on a page that is in use all the time: exactly the accesses that meet them are told, by instructions of every
// width, from either side, and again and again, so that the entries of the fast path are there.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "debugger/debugger.h"
#include "tests/machine/busy_guest.h"

namespace ringside {
namespace {

struct Row {
  std::vector<std::uint8_t> code;  ///< one instruction
  std::uint32_t first, size;       ///< what it touches
  bool reads, writes;
};

const std::vector<Row> kRows = {
    {{0xA0, 0xFF, 0x04}, 0x4FF, 1, true, false},                    // mov al, [4FFh]
    {{0xA1, 0xFF, 0x04}, 0x4FF, 2, true, false},                    // mov ax, [4FFh]
    {{0x66, 0xA1, 0xFC, 0x04}, 0x4FC, 4, true, false},              // mov eax, [4FCh]
    {{0x66, 0xA1, 0xFD, 0x04}, 0x4FD, 4, true, false},              // mov eax, [4FDh]
    {{0xA0, 0x02, 0x05}, 0x502, 1, true, false},                    // mov al, [502h]
    {{0xA0, 0x01, 0x05}, 0x501, 1, true, false},                    // mov al, [501h]
    {{0xA2, 0x01, 0x05}, 0x501, 1, false, true},                    // mov [501h], al
    {{0xA3, 0x02, 0x05}, 0x502, 2, false, true},                    // mov [502h], ax
    {{0xA3, 0xFE, 0x04}, 0x4FE, 2, false, true},                    // mov [4FEh], ax
    {{0xFF, 0x06, 0x00, 0x05}, 0x500, 2, true, true},               // inc word [500h]
    {{0xFE, 0x06, 0x10, 0x05}, 0x510, 1, true, true},               // inc byte [510h]
    {{0x01, 0x06, 0xFF, 0x04}, 0x4FF, 2, true, true},               // add [4FFh], ax
    {{0x39, 0x06, 0x00, 0x05}, 0x500, 2, true, false},              // cmp [500h], ax
    {{0x66, 0xA3, 0xFE, 0x0F}, 0xFFE, 4, false, true},              // mov [FFEh], eax: two pages
    {{0x0F, 0x6F, 0x06, 0xF8, 0x04}, 0x4F8, 8, true, false},        // movq mm0, [4F8h]
    {{0x0F, 0x6F, 0x06, 0xFA, 0x04}, 0x4FA, 8, true, false},        // movq mm0, [4FAh]
    {{0x0F, 0x7F, 0x06, 0x02, 0x05}, 0x502, 8, false, true},        // movq [502h], mm0
    {{0xDD, 0x06, 0xFC, 0x04}, 0x4FC, 8, true, false},              // fld qword [4FCh]
    {{0xDD, 0xD8}, 0, 0, false, false},                             // fstp st0
    {{0x50}, 0x6FE, 2, false, true},                                // push ax
    {{0x58}, 0x6FE, 2, true, false},                                // pop ax
    {{0xA1, 0xFE, 0x1F}, 0x1FFE, 2, true, false},                   // mov ax, [1FFEh]
};

/// xor ax, ax; mov ds, ax; mov ss, ax; mov sp, 700h; emms; the rows; jmp to the first.
std::vector<std::uint8_t> program(std::vector<std::uint32_t>& addresses) {
  std::vector<std::uint8_t> code = {0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xD0, 0xBC, 0x00, 0x07};
  const std::size_t begin = code.size();
  for (const Row& row : kRows) {
    // EMMS and FNINIT in front of what needs another unit's registers.
    if (row.code[0] == 0xDD && row.size != 0) code.insert(code.end(), {0x0F, 0x77, 0xDB, 0xE3});
    addresses.push_back(static_cast<std::uint32_t>(code.size()));
    code.insert(code.end(), row.code.begin(), row.code.end());
  }
  code.push_back(0xE9);
  const int back = static_cast<int>(begin) - static_cast<int>(code.size()) - 2;
  code.push_back(static_cast<std::uint8_t>(back));
  code.push_back(static_cast<std::uint8_t>(back >> 8));
  return code;
}

bool meets(const Row& row, std::uint32_t first, std::uint32_t size, bool on_read, bool on_write) {
  return row.first < first + size && first < row.first + row.size && ((row.reads && on_read) || (row.writes && on_write));
}

void check(AddressSpace space, std::uint32_t first, std::uint32_t size, bool on_read, bool on_write) {
  SCOPED_TRACE(std::to_string(first) + ", " + std::to_string(size) + (on_read ? " read" : "") + (on_write ? " write" : "") +
               (space == AddressSpace::kPhysical ? " physical" : ""));
  BusyGuest guest;
  std::vector<std::uint32_t> addresses;
  Machine machine(guest.config(program(addresses)));
  Debugger debugger(machine);
  debugger.run(20'000);  // the blocks and the fast entries are there
  debugger.add({.kind = PointKind::kMemory, .space = space, .address = first, .size = size, .on_read = on_read, .on_write = on_write});
  std::vector<unsigned> expected(kRows.size(), 0), seen(kRows.size(), 0);
  for (std::size_t i = 0; i < kRows.size(); ++i) expected[i] = meets(kRows[i], first, size, on_read, on_write) ? 1 : 0;
  unsigned count = 0;
  for (const unsigned e : expected) count += e;
  constexpr unsigned kRounds = 5;
  for (unsigned i = 0; i < count * kRounds; ++i) {
    const Stop stop = debugger.run(machine.now() + 100'000);
    ASSERT_EQ(stop.why, StopWhy::kPoint);
    // The instruction is done; the one before is the one.
    std::size_t row = kRows.size();
    for (std::size_t r = 0; r < kRows.size(); ++r)
      if (addresses[r] + kRows[r].code.size() == machine.cpu().eip) row = r;
    ASSERT_LT(row, kRows.size()) << std::hex << machine.cpu().eip;
    ++seen[row];
  }
  for (std::size_t i = 0; i < kRows.size(); ++i) EXPECT_EQ(seen[i], expected[i] * kRounds) << "row " << i;
  if (count == 0) {
    EXPECT_EQ(debugger.run(machine.now() + 100'000).why, StopWhy::kLimit);
  }
}

TEST(WatchedParts, ExactlyWhatMeetsARangeIsTold) {
  for (const AddressSpace space : {AddressSpace::kLinear, AddressSpace::kPhysical}) {
    for (const std::uint32_t first : {0x500u, 0x501u, 0x4FFu, 0x510u, 0x504u, 0x6FEu, 0x1000u, 0xFFFu, 0x1FFFu, 0x900u}) {
      for (const std::uint32_t size : {1u, 2u, 4u}) {
        check(space, first, size, true, true);
        check(space, first, size, true, false);
        check(space, first, size, false, true);
      }
    }
  }
  check(AddressSpace::kLinear, 0x400, 0x1000, true, true);
}

// Code on the page of the data, and a store that changes it: the marks must not hide it from the decoder.
TEST(WatchedParts, CodeOnAWatchedPageMayChangeItself) {
  // At 7C00h: mov ax, 0; inc word [7C01h]; jmp back: AX counts only if the store is seen.
  const std::vector<std::uint8_t> code = {0x31, 0xC0, 0x8E, 0xD8, 0x8E, 0xC0, 0xFC, 0xBF, 0x00, 0x7C, 0xBE, 0x20, 0x00, 0xB9, 0x0C, 0x00,
                                          0x2E, 0xA4, 0xE2, 0xFC, 0xEA, 0x00, 0x7C, 0x00, 0x00, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
                                          0xB8, 0x00, 0x00, 0xFF, 0x06, 0x01, 0x7C, 0xEB, 0xF7, 0x90, 0x90, 0x90};
  BusyGuest guest;
  const MachineConfig config = guest.config(code);
  Machine free(config), watched(config);
  Debugger debugger(watched);
  debugger.add({.kind = PointKind::kMemory, .address = 0x7D00, .size = 4, .on_read = true, .on_write = true});
  free.run(50'000);
  ASSERT_EQ(debugger.run(50'000).why, StopWhy::kLimit);
  EXPECT_GT(free.cpu().gpr[kEAX], 1000u);
  EXPECT_EQ(free.state_hash(), watched.state_hash());
}

}  // namespace
}  // namespace ringside
