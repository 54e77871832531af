#include "debugger/inspect/text.h"

namespace ringside {

std::string hex8(std::uint8_t value) { return format("%02X", value); }
std::string hex16(std::uint16_t value) { return format("%04X", value); }
std::string hex32(std::uint32_t value) { return format("%08X", value); }

std::string hex_physical(std::uint64_t value) { return format("%08llX", static_cast<unsigned long long>(value)); }

std::string logical(std::uint16_t selector, std::uint32_t offset) { return hex16(selector) + ":" + hex32(offset); }

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string size_text(std::uint64_t bytes) {
  static constexpr struct {
    unsigned shift;
    const char* unit;
  } kUnits[] = {{30, "GiB"}, {20, "MiB"}, {10, "KiB"}};
  for (const auto& u : kUnits)
    if (bytes >> u.shift != 0 && (bytes & ((std::uint64_t{1} << u.shift) - 1)) == 0)
      return std::to_string(bytes >> u.shift) + " " + u.unit;
  return grouped(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string time_text(std::uint64_t nanoseconds) {
  const double ns = static_cast<double>(nanoseconds);
  if (nanoseconds < 1'000) return format("%llu ns", static_cast<unsigned long long>(nanoseconds));
  if (nanoseconds < 1'000'000) return format("%.2f us", ns / 1e3);
  if (nanoseconds < 1'000'000'000) return format("%.2f ms", ns / 1e6);
  return format("%.3f s", ns / 1e9);
}

}  // namespace ringside
