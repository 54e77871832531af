#include "debugger/inspect/memory_views.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "debugger/inspect/listing.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr std::size_t kPiece = kPageSize;

/// The bytes of one page's part; 0 where nothing can be read.
std::size_t read_piece(const Session& session, std::uint64_t address, bool physical, void* out, std::size_t size) {
  const Machine& machine = session.machine();
  if (!physical) return peek_span(machine.cpu(), static_cast<std::uint32_t>(address), out, size);
  if (address >= PhysicalMemory::kSpan) return 0;
  machine.memory().peek(address, out, size);
  return size;
}

std::uint64_t end_of_search(const Session& session, bool physical) {
  return physical ? session.machine().memory().ram_size() : PhysicalMemory::kSpan;
}

}  // namespace

MemoryPage view_memory(const Session& session, std::uint64_t address, bool physical, unsigned lines) {
  MemoryPage page;
  page.physical = physical;
  for (unsigned i = 0; i < lines; ++i) {
    MemoryLine line;
    line.address = (address & ~std::uint64_t{15}) + i * 16;
    if (line.address >= PhysicalMemory::kSpan) break;
    line.bytes.resize(16);
    // 16 aligned bytes lie on one page.
    if (read_piece(session, line.address, physical, line.bytes.data(), 16) == 16) line.readable = 0xFFFF;
    page.lines.push_back(std::move(line));
  }
  return page;
}

std::string memory_text(const MemoryPage& page) {
  std::string text;
  for (const MemoryLine& line : page.lines) {
    text += hex_physical(line.address) + " ";
    std::string letters;
    for (std::size_t i = 0; i < line.bytes.size(); ++i) {
      const bool readable = (line.readable >> i & 1) != 0;
      text += readable ? " " + hex8(line.bytes[i]) : " --";
      letters += readable && line.bytes[i] >= 0x20 && line.bytes[i] < 0x7F ? static_cast<char>(line.bytes[i]) : '.';
    }
    text += "  " + letters + "\n";
  }
  return text;
}

std::vector<std::uint8_t> search_bytes(const std::string& words) {
  if (words.size() >= 2 && words.front() == '"') {
    const std::string text = words.substr(1, words.back() == '"' ? words.size() - 2 : std::string::npos);
    return {text.begin(), text.end()};
  }
  std::vector<std::uint8_t> bytes;
  std::string digits;
  for (const char c : words)
    if (c != ' ') digits += c;
  if (digits.empty() || digits.size() % 2 != 0) return {};
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    std::uint8_t value = 0;
    const auto [end, error] = std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    if (error != std::errc() || end != digits.data() + i + 2) return {};
    bytes.push_back(value);
  }
  return bytes;
}

std::optional<std::uint64_t> search_memory(const Session& session, std::span<const std::uint8_t> wanted, std::uint64_t from, bool physical) {
  if (wanted.empty() || wanted.size() > kPiece) return std::nullopt;
  const std::uint64_t end = end_of_search(session, physical);
  std::vector<std::uint8_t> window;  // ends with the last page read, begins with what may be a match's head
  std::uint64_t at = from;
  while (at < end) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(kPiece - at % kPiece, end - at));
    const std::size_t kept = window.size();
    window.resize(kept + size);
    if (read_piece(session, at, physical, window.data() + kept, size) != size) {
      window.clear();
    } else {
      const auto found = std::search(window.begin(), window.end(), wanted.begin(), wanted.end());
      if (found != window.end()) return at - kept + static_cast<std::uint64_t>(found - window.begin());
      if (window.size() >= wanted.size()) window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(wanted.size() - 1));
    }
    at += size;
  }
  return std::nullopt;
}

bool edit_memory(Session& session, std::uint64_t address, bool physical, std::uint8_t value) {
  Machine& machine = session.machine();
  PhysAddr place = address;
  if (!physical && !machine.cpu().peek_translate(static_cast<std::uint32_t>(address), place)) return false;
  if (machine.memory().page(place & machine.memory().a20_mask()).write == nullptr) return false;
  session.edited();
  machine.memory().write(place, &value, 1);
  return true;
}

}  // namespace ringside
