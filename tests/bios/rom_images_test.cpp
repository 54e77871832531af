// The built ROM images: sizes, signatures, checksums, entry points, tables, fonts and the symbol list.
#include "bios/rom_images.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <sstream>
#include <string>

namespace ringside {
namespace {

using Bytes = std::span<const std::uint8_t>;

unsigned sum(Bytes bytes) {
  unsigned total = 0;
  for (const std::uint8_t byte : bytes) total += byte;
  return total & 0xff;
}

std::uint32_t dword_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16) |
         static_cast<std::uint32_t>(bytes[at + 3]) << 24;
}

unsigned word_at(Bytes bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at] | bytes[at + 1] << 8);
}

std::string text_at(Bytes bytes, std::size_t at, std::size_t length) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) text.push_back(static_cast<char>(bytes[at + i]));
  return text;
}

// The place of a table that starts on a multiple of `step` bytes, as an operating system looks for it.
std::size_t find_table(const std::string& signature, std::size_t step = 16) {
  const Bytes rom = system_bios_image();
  for (std::size_t at = 0; at + signature.size() <= rom.size(); at += step)
    if (text_at(rom, at, signature.size()) == signature) return at;
  ADD_FAILURE() << "no " << signature;
  return 0;
}

std::map<std::string, std::uint32_t> symbols() {
  std::map<std::string, std::uint32_t> result;
  std::istringstream lines{std::string(bios_symbol_map())};
  std::string address, name;
  while (lines >> address >> name) result[name] = static_cast<std::uint32_t>(std::stoul(address, nullptr, 16));
  return result;
}

TEST(SystemBios, Is64KiBWithAJumpAtTheResetVector) {
  const Bytes rom = system_bios_image();
  ASSERT_EQ(rom.size(), 0x10000u);
  EXPECT_EQ(sum(rom), 0u);
  EXPECT_EQ(rom[0xfff0], 0xea);                     // far jump ...
  EXPECT_EQ(dword_at(rom, 0xfff1), 0xf000e05bu);    // ... to F000:E05B
  EXPECT_EQ(rom[0xfffe], 0xfc);                     // model byte
  EXPECT_EQ(kSystemBiosBase + rom.size(), 0x100000u);
}

TEST(SystemBios, Bios32DirectoryHasItsSum) {
  const std::size_t at = find_table("_32_");
  const Bytes table = system_bios_image().subspan(at, 16);
  EXPECT_EQ(sum(table), 0u);
  EXPECT_EQ(dword_at(table, 4), symbols().at("bios32_entry"));
}

TEST(SystemBios, PciInterruptRoutingTable) {
  const std::size_t at = find_table("$PIR");
  const Bytes rom = system_bios_image();
  const unsigned size = word_at(rom, at + 6);
  EXPECT_EQ((size - 32) % 16, 0u);
  EXPECT_EQ(sum(rom.subspan(at, size)), 0u);
  EXPECT_EQ(rom[at + 9], 1 << 3);                   // the router is device 1
}

TEST(SystemBios, AcpiTablesHangTogether) {
  const Bytes rom = system_bios_image();
  const std::size_t rsdp = find_table("RSD PTR ");
  EXPECT_EQ(sum(rom.subspan(rsdp, 20)), 0u);
  const std::size_t rsdt = dword_at(rom, rsdp + 16) - kSystemBiosBase;
  ASSERT_EQ(text_at(rom, rsdt, 4), "RSDT");
  EXPECT_EQ(sum(rom.subspan(rsdt, dword_at(rom, rsdt + 4))), 0u);
  const std::size_t fadt = dword_at(rom, rsdt + 36) - kSystemBiosBase;
  ASSERT_EQ(text_at(rom, fadt, 4), "FACP");
  ASSERT_EQ(dword_at(rom, fadt + 4), 116u);
  EXPECT_EQ(sum(rom.subspan(fadt, 116)), 0u);
  EXPECT_EQ(word_at(rom, fadt + 46), 9u);           // SCI
  EXPECT_EQ(dword_at(rom, fadt + 48), 0xb2u);       // SMI command port
  EXPECT_EQ(dword_at(rom, fadt + 56), 0x600u);      // PM1a event block
  EXPECT_EQ(dword_at(rom, fadt + 64), 0x604u);
  EXPECT_EQ(dword_at(rom, fadt + 76), 0x608u);
  const std::size_t facs = dword_at(rom, fadt + 36) - kSystemBiosBase;
  EXPECT_EQ(text_at(rom, facs, 4), "FACS");
  EXPECT_EQ(facs % 64, 0u);
  const std::size_t dsdt = dword_at(rom, fadt + 40) - kSystemBiosBase;
  ASSERT_EQ(text_at(rom, dsdt, 4), "DSDT");
  EXPECT_EQ(sum(rom.subspan(dsdt, dword_at(rom, dsdt + 4))), 0u);
}

TEST(SystemBios, SmbiosEntryPoint) {
  const Bytes rom = system_bios_image();
  const std::size_t at = find_table("_SM_");
  EXPECT_EQ(sum(rom.subspan(at, 0x1f)), 0u);
  EXPECT_EQ(text_at(rom, at + 16, 5), "_DMI_");
  EXPECT_EQ(sum(rom.subspan(at + 16, 15)), 0u);
}

TEST(OptionRoms, HaveSignatureLengthAndSum) {
  for (const Bytes rom : {vga_bios_image(), kernel_boot_rom_image()}) {
    ASSERT_GE(rom.size(), 512u);
    EXPECT_EQ(word_at(rom, 0), 0xaa55u);
    EXPECT_EQ(rom[2] * 512u, rom.size());
    EXPECT_EQ(sum(rom), 0u);
    EXPECT_TRUE(rom[3] == 0xe9 || rom[3] == 0xeb);  // a jump
  }
}

TEST(KernelBootRom, ParameterBlockIsWhereTheBoardFillsItIn) {
  const Bytes rom = kernel_boot_rom_image();
  EXPECT_EQ(text_at(rom, kKernelBootParameters, 4), "RSKB");
  EXPECT_EQ(dword_at(rom, kKernelBootParameters + 4), 0u);
  EXPECT_EQ(symbols().at("kernel_boot_magic"), kKernelBootRomBase + kKernelBootParameters);
  EXPECT_EQ(symbols().at("kernel_boot_eax"), kKernelBootRomBase + kKernelBootParameters + 20);
}

TEST(VgaBios, FontsAreComplete) {
  const auto names = symbols();
  const Bytes rom = vga_bios_image();
  for (const auto& [name, height] : {std::pair{"font_8x8", 8u}, {"font_8x14", 14u}, {"font_8x16", 16u}}) {
    const std::size_t font = names.at(name) - kVgaBiosBase;
    std::map<std::string, unsigned> seen;
    for (unsigned code = 0x20; code < 0xe0; ++code) {
      const std::string shape = text_at(rom, font + code * height, height);
      const bool blank = shape == std::string(height, '\0');
      EXPECT_EQ(blank, code == 0x20) << name << ' ' << code;
      if (code < 0x7f) {
        EXPECT_TRUE(seen.emplace(shape, code).second) << name << ' ' << code << " looks like " << seen[shape];
      }
    }
    EXPECT_EQ(text_at(rom, font + 0xdb * height, height), std::string(height, '\xff'));
  }
}

TEST(SymbolMap, NamesWhatADebuggerWantsToFind) {
  const auto names = symbols();
  EXPECT_EQ(names.at("reset_vector"), 0xffff0u);
  EXPECT_EQ(names.at("reset_entry"), 0xfe05bu);
  EXPECT_EQ(names.at("vga_rom"), 0xc0000u);
  EXPECT_EQ(names.at("kernel_boot_rom"), 0xd0000u);
  for (const char* name : {"post", "int13_disk", "int15_system", "irq0_timer", "int10_video", "kernel_boot_start"})
    EXPECT_TRUE(names.contains(name)) << name;
}

}  // namespace
}  // namespace ringside
