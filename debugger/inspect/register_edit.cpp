// Registers changed by hand.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "debugger/inspect/processor_view.h"

namespace ringside {
namespace {

constexpr const char* kGprNames[] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
constexpr std::uint32_t kEditableFlags = 0x003F7FD5 & ~std::uint32_t{kVM};  // VM decides how all else is read: the guest's affair
constexpr std::uint32_t kMxcsrBits = 0xFFFF;

/// Digits without what people write around them: blanks, "0x", "h".
std::string bare(const std::string& text) {
  std::string digits;
  for (const char c : text)
    if (c != ' ' && c != '_') digits += c;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
  if (!digits.empty() && (digits.back() == 'h' || digits.back() == 'H')) digits.pop_back();
  return digits;
}

std::optional<std::uint64_t> hexadecimal(const std::string& digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

Float80 from_number(long double number) {
  Float80 result;
  if (std::signbit(number)) result.sign_exp = 0x8000;
  number = std::fabs(number);
  if (std::isnan(number)) return {0xC000000000000000ull, 0x7FFF};
  if (std::isinf(number)) return {0x8000000000000000ull, static_cast<std::uint16_t>(result.sign_exp | 0x7FFF)};
  if (number == 0) return result;
  int exponent = 0;
  const long double fraction = std::frexp(number, &exponent);  // in [0.5, 1)
  result.significand = static_cast<std::uint64_t>(std::ldexp(fraction, 64));
  result.sign_exp = static_cast<std::uint16_t>(result.sign_exp | std::clamp(exponent + 16382, 1, 0x7FFE));
  return result;
}

/// "3.25", or "4000 D000000000000000".
std::optional<Float80> float80(const std::string& text) {
  const std::size_t blank = text.find(' ');
  if (blank != std::string::npos) {
    const auto head = hexadecimal(bare(text.substr(0, blank))), significand = hexadecimal(bare(text.substr(blank)));
    if (!head || !significand || *head > 0xFFFF) return std::nullopt;
    return Float80{*significand, static_cast<std::uint16_t>(*head)};
  }
  char* end = nullptr;
  const long double number = std::strtold(text.c_str(), &end);
  if (text.empty() || *end != 0) return std::nullopt;
  return from_number(number);
}

unsigned tag_of(const Float80& value) {
  const unsigned exponent = value.sign_exp & 0x7FFF;
  if (exponent == 0x7FFF || (exponent == 0 && value.significand != 0)) return 2;
  if (exponent == 0) return 1;
  return value.significand >> 63 != 0 ? 0 : 2;
}

bool edit_st(Cpu& cpu, unsigned i, const std::string& text) {
  const auto value = float80(text);
  if (!value) return false;
  const unsigned physical = ((cpu.x87.status >> 11 & 7) + i) & 7;
  cpu.x87.reg[physical] = *value;
  cpu.x87.tags = static_cast<std::uint16_t>((cpu.x87.tags & ~(3u << 2 * physical)) | tag_of(*value) << 2 * physical);
  return true;
}

bool edit_xmm(Cpu& cpu, unsigned i, const std::string& text) {
  std::string digits = bare(text);
  if (digits.size() > 32) return false;
  digits.insert(0, 32 - digits.size(), '0');
  const auto high = hexadecimal(digits.substr(0, 16)), low = hexadecimal(digits.substr(16));
  if (!high || !low) return false;
  cpu.x87.xmm[i][1] = *high;
  cpu.x87.xmm[i][0] = *low;
  return true;
}

bool edit_word(Cpu& cpu, const std::string& name, std::uint32_t value) {
  for (unsigned i = 0; i < 8; ++i) {
    if (name != kGprNames[i]) continue;
    cpu.gpr[i] = value;
    return true;
  }
  if (name == "EIP") {
    cpu.eip = cpu.seg[kCS].big != 0 ? value : value & 0xFFFF;
  } else if (name == "EFLAGS") {
    cpu.set_eflags(value, kEditableFlags);
    cpu.update_mode();
  } else if (name == "CR2") {
    cpu.cr2 = value;
  } else if (name == "MXCSR") {
    cpu.x87.mxcsr = value & kMxcsrBits;
  } else if (name == "x87 control") {
    cpu.x87.control = static_cast<std::uint16_t>(value);
  } else if (name == "x87 status") {
    cpu.x87.status = static_cast<std::uint16_t>(value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool edit_register(Cpu& cpu, const std::string& name, const std::string& value) {
  if (name.size() == 5 && name.starts_with("ST(") && name[3] >= '0' && name[3] <= '7') return edit_st(cpu, static_cast<unsigned>(name[3] - '0'), value);
  if (name.size() == 4 && name.starts_with("XMM") && name[3] >= '0' && name[3] <= '7') return edit_xmm(cpu, static_cast<unsigned>(name[3] - '0'), value);
  const auto number = hexadecimal(bare(value));
  return number && *number <= 0xFFFFFFFFu && edit_word(cpu, name, static_cast<std::uint32_t>(*number));
}

}  // namespace ringside
