#include "debugger/symbols.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

#include "bios/rom_images.h"
#include "debugger/symbols_elf.h"
#include "machine/errors.h"
#include "machine/host_file.h"

namespace ringside {
namespace {

/// How far a symbol without a size reaches, at most.
constexpr std::uint32_t kReach = 0x10000;
constexpr std::size_t kLongestName = 4096;

std::string base_name(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

bool parse_hex(std::string_view word, std::uint64_t& value) {
  if (word.starts_with("0x")) word.remove_prefix(2);
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
  return error == std::errc() && end == word.data() + word.size() && !word.empty();
}

std::string_view next_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  const std::size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

}  // namespace

// ===== Reading =========================================================================================

std::uint32_t Symbols::intern(const std::string& name) {
  const auto [at, fresh] = text_numbers_.try_emplace(name, static_cast<std::uint32_t>(texts_.size()));
  if (fresh) texts_.push_back(name);
  return at->second;
}

std::uint32_t Symbols::file_number(const std::string& name) {
  const auto [at, fresh] = file_numbers_.try_emplace(name, static_cast<std::uint32_t>(files_.size()));
  if (fresh) files_.push_back(name);
  return at->second + 1;
}

void Symbols::add(std::uint32_t address, std::uint32_t size, const std::string& name, bool code) {
  if (symbols_.size() >= kMaxSymbols) throw FileError("there are more than " + std::to_string(kMaxSymbols) + " symbols");
  symbols_.push_back({address, size, intern(name.substr(0, kLongestName)), loads_, code});
}

void Symbols::index() {
  // Of several symbols at one address, the last before it in this order is shown: a function with a size.
  std::stable_sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
    if (a.address != b.address) return a.address < b.address;
    return std::pair(a.code, a.size != 0) < std::pair(b.code, b.size != 0);
  });
  // At one address the end of a sequence comes before the beginning of the next.
  std::stable_sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
    return a.address != b.address ? a.address < b.address : (a.file == 0 && b.file != 0);
  });
  addresses_.clear();
  for (const Symbol& s : symbols_) {
    const auto [at, fresh] = addresses_.try_emplace(texts_[s.name], s.load, s.address);
    if (!fresh && at->second.first < s.load) at->second = {s.load, s.address};
  }
  ++loads_;
}

void Symbols::load_map(std::string_view text, const std::string& source, std::uint32_t bias) {
  Symbols changed = *this;
  std::size_t taken = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::uint64_t address = 0;
    if (!parse_hex(next_word(line), address) || address > 0xFFFFFFFF) continue;
    std::string_view name = next_word(line);
    char type = 't';
    if (name.size() == 1) {
      const std::string_view behind = next_word(line);
      if (!behind.empty()) {
        type = name[0];
        name = behind;
      }
    }
    if (name.empty()) continue;
    const bool code = std::strchr("tTwWiI", type) != nullptr;
    changed.add(static_cast<std::uint32_t>(address) + bias, 0, std::string(name), code);
    ++taken;
  }
  if (taken == 0) throw FileError("symbols '" + source + "': neither an ELF file nor a list of addresses and names");
  changed.index();
  *this = std::move(changed);
}

void Symbols::load_bytes(std::span<const std::uint8_t> bytes, const std::string& source, std::uint32_t bias) {
  if (bytes.size() < 4 || std::memcmp(bytes.data(), "\177ELF", 4) != 0) {
    load_map({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, source, bias);
    return;
  }
  Symbols changed = *this;
  ElfSymbols(changed, source, bias).read(bytes);
  changed.index();
  *this = std::move(changed);
}

void Symbols::load(const std::string& path, std::uint32_t bias) {
  const std::vector<std::uint8_t> bytes = read_file(path, "symbols", kMaxFile);
  load_bytes(bytes, path, bias);
}

void Symbols::load_bios() { load_map(bios_symbol_map(), "BIOS"); }

void Symbols::clear() { *this = Symbols(); }

// ===== Asking ==========================================================================================

const Symbol* Symbols::nearest(std::uint32_t linear) const {
  auto at = std::upper_bound(symbols_.begin(), symbols_.end(), linear,
                             [](std::uint32_t a, const Symbol& s) { return a < s.address; });
  // Inside a sized symbol that begins further below, labels in it do not count.
  for (unsigned looked = 0; at != symbols_.begin() && looked < 64; ++looked) {
    --at;
    const std::uint32_t offset = linear - at->address;
    if (offset >= kReach && at->size == 0) return nullptr;
    if (at->size == 0 || offset < at->size) return &*at;
    if (offset >= kReach) return nullptr;
  }
  return nullptr;
}

std::string Symbols::name_of(std::uint32_t linear) const {
  const Symbol* s = nearest(linear);
  if (s == nullptr) return "";
  char offset[16] = "";
  if (linear != s->address) std::snprintf(offset, sizeof(offset), "+0x%x", linear - s->address);
  return texts_[s->name] + offset;
}

std::string Symbols::label_at(std::uint32_t linear) const {
  const Symbol* s = nearest(linear);
  return s != nullptr && s->address == linear ? texts_[s->name] : "";
}

const Symbol* Symbols::function_at(std::uint32_t linear) const {
  const Symbol* s = nearest(linear);
  return s != nullptr && s->code ? s : nullptr;
}

std::optional<SourcePlace> Symbols::source_of(std::uint32_t linear) const {
  const auto after = std::upper_bound(lines_.begin(), lines_.end(), linear,
                                      [](std::uint32_t a, const Line& l) { return a < l.address; });
  if (after == lines_.begin()) return std::nullopt;
  const Line& line = *std::prev(after);
  if (line.file == 0) return std::nullopt;
  return SourcePlace{files_[line.file - 1], line.line};
}

std::string Symbols::place_of(std::uint32_t linear) const {
  std::string text = name_of(linear);
  const auto source = source_of(linear);
  if (!source) return text;
  return text + (text.empty() ? "(" : " (") + base_name(source->file) + ":" + std::to_string(source->line) + ")";
}

std::optional<std::uint32_t> Symbols::address_of(const std::string& name) const {
  const auto found = addresses_.find(name);
  if (found != addresses_.end()) return found->second.second;
  const std::size_t colon = name.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::uint32_t wanted = 0;
  const char* end = name.data() + name.size();
  if (std::from_chars(name.data() + colon + 1, end, wanted).ptr != end) return std::nullopt;
  const std::string file = name.substr(0, colon);
  const Line* best = nullptr;
  for (const Line& l : lines_) {
    if (l.file == 0 || l.line < wanted || (best != nullptr && l.line >= best->line)) continue;
    const std::string& known = files_[l.file - 1];
    if (known == file || base_name(known) == file) best = &l;
  }
  if (best == nullptr) return std::nullopt;
  return best->address;
}

std::vector<std::string> Symbols::names_with(const std::string& prefix, std::size_t most) const {
  std::vector<std::string> names;
  for (auto at = addresses_.lower_bound(prefix); at != addresses_.end() && names.size() < most; ++at) {
    if (!at->first.starts_with(prefix)) break;
    names.push_back(at->first);
  }
  return names;
}

}  // namespace ringside
