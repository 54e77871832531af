#include "debugger/symbols_elf.h"

#include <elfutils/libdw.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "machine/errors.h"

namespace ringside {
namespace {

/// Compressed debug sections may not claim to be larger than this, all together.
constexpr std::uint64_t kMaxUnpacked = std::uint64_t{1} << 30;
constexpr std::size_t kMaxSections = 65'536;
constexpr std::size_t kMaxUnits = 1'000'000;

struct ElfCloser {
  void operator()(Elf* elf) const { elf_end(elf); }
};
struct DwarfCloser {
  void operator()(Dwarf* dwarf) const { dwarf_end(dwarf); }
};

}  // namespace

void ElfSymbols::fail(const std::string& why) const { throw FileError("symbols '" + source_ + "': " + why); }

void ElfSymbols::read(std::span<const std::uint8_t> bytes) {
  elf_version(EV_CURRENT);
  // libelf writes into its memory while it converts: a copy of our own.
  std::vector<char> image(bytes.begin(), bytes.end());
  const std::unique_ptr<Elf, ElfCloser> elf(elf_memory(image.data(), image.size()));
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF) fail("no ELF file that can be read");
  GElf_Ehdr header;
  if (gelf_getehdr(elf.get(), &header) == nullptr) fail("the ELF header cannot be read");
  if (header.e_machine != EM_386 && header.e_machine != EM_IAMCU) fail("an ELF file for another processor than the x86 in 32-bit mode");
  check_sections(elf.get(), image.size());
  const std::size_t before = out_.count();
  read_symbols(elf.get());
  const std::unique_ptr<Dwarf, DwarfCloser> dwarf(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr));
  if (dwarf != nullptr) read_lines(dwarf.get());
  if (out_.count() == before && out_.line_count() == 0) fail("the ELF file holds no symbols");
}

// What the library would trust: sizes that a file claims and does not have.
void ElfSymbols::check_sections(Elf* elf, std::size_t file_size) const {
  std::size_t count = 0;
  if (elf_getshdrnum(elf, &count) != 0 || count > kMaxSections) fail("the section headers cannot be read");
  std::uint64_t unpacked = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Elf_Scn* section = elf_getscn(elf, i);
    GElf_Shdr header;
    if (section == nullptr || gelf_getshdr(section, &header) == nullptr) fail("a section header cannot be read");
    if (header.sh_type == SHT_NOBITS || header.sh_type == SHT_NULL) continue;
    if (header.sh_offset > file_size || header.sh_size > file_size - header.sh_offset) fail("a section reaches beyond the file's end");
    GElf_Chdr packed;
    if ((header.sh_flags & SHF_COMPRESSED) != 0 && gelf_getchdr(section, &packed) != nullptr) unpacked += std::min<std::uint64_t>(packed.ch_size, kMaxUnpacked + 1);
    if (unpacked > kMaxUnpacked) fail("its compressed sections are too large");
  }
}

void ElfSymbols::read_symbols(Elf* elf) {
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) continue;
    const auto count = static_cast<int>(std::min<std::uint64_t>(data->d_size / sizeof(Elf32_Sym), Symbols::kMaxSymbols));
    for (int i = 0; i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, i, &symbol) == nullptr) break;
      const unsigned type = GELF_ST_TYPE(symbol.st_info);
      const bool wanted = type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE || type == STT_GNU_IFUNC;
      if (!wanted || symbol.st_shndx == SHN_UNDEF) continue;
      // Absolute values are constants, not places.
      if (symbol.st_shndx == SHN_ABS && type == STT_NOTYPE) continue;
      const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
      if (name == nullptr || name[0] == '\0') continue;
      GElf_Shdr place{};
      Elf_Scn* holder = symbol.st_shndx < SHN_LORESERVE ? elf_getscn(elf, symbol.st_shndx) : nullptr;
      const bool executable = holder != nullptr && gelf_getshdr(holder, &place) != nullptr && (place.sh_flags & SHF_EXECINSTR) != 0;
      out_.add(static_cast<std::uint32_t>(symbol.st_value) + bias_, static_cast<std::uint32_t>(symbol.st_size),
               std::string(name, strnlen(name, 4096)), type == STT_FUNC || executable);
    }
  }
}

void ElfSymbols::add_line(std::uint64_t address, const char* file, int line, bool end) {
  if (address > 0xFFFFFFFF || line < 0) return;
  if (out_.lines_.size() >= Symbols::kMaxLines) fail("there are too many source lines");
  const std::uint32_t number = end || file == nullptr ? 0 : out_.file_number(std::string(file, strnlen(file, 4096)));
  out_.lines_.push_back({static_cast<std::uint32_t>(address) + bias_, number, static_cast<std::uint32_t>(line)});
}

void ElfSymbols::read_lines(Dwarf* dwarf) {
  Dwarf_CU* unit = nullptr;
  for (std::size_t seen = 0; seen < kMaxUnits; ++seen) {
    Dwarf_Die die, skeleton;
    std::uint8_t type = 0;
    if (dwarf_get_units(dwarf, unit, &unit, nullptr, &type, &die, &skeleton) != 0) return;
    Dwarf_Lines* lines = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrclines(&die, &lines, &count) != 0) continue;
    for (std::size_t i = 0; i < count; ++i) {
      Dwarf_Line* row = dwarf_onesrcline(lines, i);
      Dwarf_Addr address = 0;
      int line = 0;
      bool end = false;
      if (row == nullptr || dwarf_lineaddr(row, &address) != 0 || dwarf_lineno(row, &line) != 0) continue;
      if (dwarf_lineendsequence(row, &end) != 0) end = false;
      // Line 0 is code that no line of the source stands for.
      add_line(address, line == 0 ? nullptr : dwarf_linesrc(row, nullptr, nullptr), line, end);
    }
  }
}

}  // namespace ringside
