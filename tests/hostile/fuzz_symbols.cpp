// Symbols and lines of a kernel: an ELF file with DWARF, or a map as `nm` writes it. Any bytes are one, or a FileError.
#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "debugger/symbols.h"
#include "machine/errors.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr char kMap[] = "00100000 T _start\nc0101234 t schedule\nC0105000 B ticks\n000FE05B reset\n";
constexpr char kNames[] = "\0.symtab\0.strtab\0.debug_info\0.debug_abbrev\0.debug_line";
/// One compilation unit without children: a name and the place of its lines.
constexpr std::uint8_t kAbbreviations[] = {1, 0x11, 0, 0x03, 0x08, 0x10, 0x17, 0, 0, 0};
constexpr std::uint8_t kInformation[] = {13, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1, 'a', 0, 0, 0, 0};
/// A line program of version 2: file a.c, address 100000h, lines 1 and 3.
constexpr std::uint8_t kLines[] = {
    52, 0, 0, 0, 2, 0, 26, 0, 0, 0, 1, 1, 0xFB, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 'a', '.', 'c', 0, 0, 0, 0, 0,
    0, 5, 2, 0, 0, 16, 0, 0x13, 2, 4, 3, 2, 1, 2, 4, 0, 1, 1, 0, 0};

template <typename T>
void append(std::vector<std::uint8_t>& out, const T& value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof(value));
}

/// The smallest file that has all that is read: two symbols, and a line table with what leads to it.
std::vector<std::uint8_t> elf_seed() {
  std::vector<std::uint8_t> body;
  Elf32_Shdr sections[6] = {};
  const auto section = [&](unsigned number, unsigned name, unsigned type, const void* data, std::size_t size) {
    sections[number] = {.sh_name = name, .sh_type = type, .sh_flags = 0, .sh_addr = 0,
                        .sh_offset = static_cast<Elf32_Off>(sizeof(Elf32_Ehdr) + body.size()),
                        .sh_size = static_cast<Elf32_Word>(size), .sh_link = 0, .sh_info = 0, .sh_addralign = 1, .sh_entsize = 0};
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    body.insert(body.end(), bytes, bytes + size);
  };
  const Elf32_Sym symbols[] = {{}, {1, 0x100000, 16, ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1}, {10, 0x100010, 4, ELF32_ST_INFO(STB_LOCAL, STT_OBJECT), 0, 1}};
  section(1, 1, SHT_SYMTAB, symbols, sizeof(symbols));
  sections[1].sh_link = 2;
  sections[1].sh_entsize = sizeof(Elf32_Sym);
  section(2, 9, SHT_STRTAB, kNames, sizeof(kNames));
  section(3, 17, SHT_PROGBITS, kInformation, sizeof(kInformation));
  section(4, 29, SHT_PROGBITS, kAbbreviations, sizeof(kAbbreviations));
  section(5, 43, SHT_PROGBITS, kLines, sizeof(kLines));
  Elf32_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_386;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf32_Ehdr);
  header.e_shoff = static_cast<Elf32_Off>(sizeof(header) + body.size());
  header.e_shentsize = sizeof(Elf32_Shdr);
  header.e_shnum = 6;
  header.e_shstrndx = 2;
  std::vector<std::uint8_t> file;
  append(file, header);
  file.insert(file.end(), body.begin(), body.end());
  append(file, sections);
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ringside::Symbols symbols;
  try {
    symbols.load_bytes(std::span(data, size), "fuzz", 0x1000);
  } catch (const ringside::FileError&) {
    return 0;  // said in words
  }
  for (const std::uint32_t address : {0u, 0x101000u, 0x101004u, 0xFFFFFFFFu}) {
    symbols.place_of(address);
    symbols.function_at(address);
  }
  symbols.address_of("a.c:2");
  symbols.names_with("s", 10);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  if (size < 2 || seed % 512 == 0) {
    static const std::vector<std::uint8_t> elf = elf_seed();
    const bool map = seed / 512 % 8 == 0;
    size = std::min(map ? sizeof(kMap) - 1 : elf.size(), max_size);
    std::memcpy(data, map ? static_cast<const void*>(kMap) : elf.data(), size);
  }
  return LLVMFuzzerMutate(data, size, max_size);
}
