// Names and source lines of guest code: from ELF files (symbol table, DWARF line table), from maps as `nm` writes them,
// and from the BIOS's own map.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "debugger/inspect/naming.h"

namespace ringside {

struct Symbol {
  std::uint32_t address = 0;
  std::uint32_t size = 0;  ///< 0: unknown; it reaches to the next one
  std::uint32_t name = 0;  ///< see Symbols::text
  std::uint32_t load = 0;  ///< which file it came from, in order of loading
  bool code = false;
};

class Symbols final : public Naming {
 public:
  Symbols() = default;

  /// An ELF file or a map; `bias` is added to its addresses. Throws FileError, and then nothing has changed.
  void load(const std::string& path, std::uint32_t bias = 0);
  /// Lines "ADDRESS name" or "ADDRESS type name", in hexadecimal, as `nm`, System.map and the BIOS have them. Throws
  /// FileError where no line is one.
  void load_map(std::string_view text, const std::string& source, std::uint32_t bias = 0);
  /// For both, from memory: ELF by its magic, else a map.
  void load_bytes(std::span<const std::uint8_t> bytes, const std::string& source, std::uint32_t bias = 0);
  /// The names of our own BIOS.
  void load_bios();
  void clear();

  // --- Naming ------------------------------------------------------------------------------------------
  /// "schedule+0x12"; nothing where no symbol is near.
  std::string name_of(std::uint32_t linear) const override;
  std::string label_at(std::uint32_t linear) const override;
  std::optional<SourcePlace> source_of(std::uint32_t linear) const override;
  /// A symbol's name, or "file.c:120": the first code of that line (or of the next one that has any).
  std::optional<std::uint32_t> address_of(const std::string& name) const override;

  /// "schedule+0x12 (task.c:45)", as far as it is known.
  std::string place_of(std::uint32_t linear) const;
  /// The function that holds this address.
  const Symbol* function_at(std::uint32_t linear) const;
  const std::string& text(std::uint32_t name) const { return texts_[name]; }
  std::size_t count() const { return symbols_.size(); }
  std::size_t line_count() const { return lines_.size(); }
  const std::vector<std::string>& files() const { return files_; }
  /// Names that begin with `prefix`, at most `most`, for completion.
  std::vector<std::string> names_with(const std::string& prefix, std::size_t most) const;

  static constexpr std::uint64_t kMaxFile = std::uint64_t{1} << 30;
  static constexpr std::size_t kMaxSymbols = 4'000'000;
  static constexpr std::size_t kMaxLines = 16'000'000;

  /// A row of the line table; `file` 0 ends a sequence.
  struct Line {
    std::uint32_t address = 0;
    std::uint32_t file = 0;  ///< index into files(), plus 1
    std::uint32_t line = 0;
  };

 private:
  friend class ElfSymbols;
  std::uint32_t intern(const std::string& name);
  void add(std::uint32_t address, std::uint32_t size, const std::string& name, bool code);
  std::uint32_t file_number(const std::string& name);
  void index();
  const Symbol* nearest(std::uint32_t linear) const;

  std::vector<Symbol> symbols_;  // by address
  std::vector<Line> lines_;      // by address
  std::vector<std::string> texts_, files_;
  std::unordered_map<std::string, std::uint32_t> text_numbers_, file_numbers_;
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> addresses_;  // name -> load, address; the last load counts
  std::uint32_t loads_ = 0;
};

}  // namespace ringside
