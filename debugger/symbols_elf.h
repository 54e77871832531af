// Symbols and lines of an ELF file, through libelf and libdw.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "debugger/symbols.h"

struct Elf;
struct Dwarf;

namespace ringside {

class ElfSymbols {
 public:
  ElfSymbols(Symbols& out, const std::string& source, std::uint32_t bias) : out_(out), source_(source), bias_(bias) {}

  /// Throws FileError.
  void read(std::span<const std::uint8_t> bytes);

 private:
  [[noreturn]] void fail(const std::string& why) const;
  void check_sections(Elf* elf, std::size_t file_size) const;
  void read_symbols(Elf* elf);
  void read_lines(Dwarf* dwarf);
  void add_line(std::uint64_t address, const char* file, int line, bool end);

  Symbols& out_;
  const std::string& source_;
  std::uint32_t bias_;
};

}  // namespace ringside
