#include "debugger/register_edit.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "cpu/debug_registers.h"
#include "cpu/descriptor.h"
#include "cpu/system_registers.h"
#include "debugger/stop_points.h"

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

// ===== System registers: what an instruction would check is checked =====================================

/// Whether the processor is in protected mode decides how everything else is read: between instructions only ring 0, which
/// both modes have, can change it.
void check_mode_change(const Cpu& cpu, std::uint32_t cr0) {
  if (((cr0 ^ cpu.cr0) & kCr0PE) != 0 && (cpu.cpl != 0 || cpu.v86())) throw DebuggerError("CR0.PE can be changed in ring 0 only");
}

/// As a far jump to the present place would load it, without a change of ring.
void load_code_segment(Cpu& cpu, std::uint16_t selector) {
  if (!cpu.descriptors()) return cpu.load_segment_real(kCS, selector);
  if (is_null(selector)) throw DebuggerError("CS cannot hold a null selector");
  Descriptor d = read_descriptor(cpu, selector);
  if (!d.code()) throw DebuggerError("CS: the descriptor is not one of a code segment");
  if (!d.present()) throw DebuggerError("CS: the descriptor is not present");
  if (d.conforming_code() ? d.dpl() > cpu.cpl : d.dpl() != cpu.cpl) throw DebuggerError("CS: the descriptor's DPL is not for the present ring");
  if (cpu.eip > d.limit()) throw DebuggerError("CS: EIP lies beyond the segment's limit");
  set_accessed(cpu, selector, d);
  set_segment(cpu, kCS, make_segment(with_rpl(selector, cpu.cpl), d));
}

void load_system_segment(Cpu& cpu, Segment& target, std::uint16_t selector, bool tss) {
  if (!cpu.descriptors()) throw DebuggerError("LDTR and TR are loaded in protected mode only");
  if (is_null(selector)) {
    if (tss) throw DebuggerError("TR cannot hold a null selector");
    target.selector = selector;
    target.usable = 0;
    return;
  }
  if ((selector & 4) != 0) throw DebuggerError("the descriptor of an LDT or TSS is in the GDT");
  Descriptor d = read_descriptor(cpu, selector);
  if (tss ? !d.is_tss() : !d.system() || d.type() != kLdtType) throw DebuggerError(tss ? "the descriptor is not one of a TSS" : "the descriptor is not one of an LDT");
  if (!d.present()) throw DebuggerError("the descriptor is not present");
  if (tss) d.raw |= std::uint64_t{kBusyBit} << 40;  // in the register; the table in memory is left as it is
  target = make_segment(selector, d);
}

constexpr const char* kSegmentNames[] = {"ES", "CS", "SS", "DS", "FS", "GS"};

/// "DS base", "TR limit": the hidden part.
bool edit_hidden_part(Cpu& cpu, const std::string& name, std::uint32_t value) {
  const std::size_t blank = name.find(' ');
  if (blank == std::string::npos) return false;
  const std::string reg = name.substr(0, blank), part = name.substr(blank + 1);
  if (part != "base" && part != "limit") return false;
  const auto set = [&](Segment& s) {
    Segment changed = s;
    (part == "base" ? changed.base : changed.limit) = value;
    changed.derive();
    s = changed;
    return true;
  };
  for (unsigned i = 0; i < 6; ++i)
    if (reg == kSegmentNames[i]) return set(cpu.seg[i]);
  if (reg == "LDTR") return set(cpu.ldtr);
  if (reg == "TR") return set(cpu.tr);
  if (reg != "GDTR" && reg != "IDTR") return false;
  TableRegister& table = reg == "GDTR" ? cpu.gdtr : cpu.idtr;
  if (part == "limit" && value > 0xFFFF) throw DebuggerError(reg + " has a limit of 16 bits");
  if (part == "base") {
    table.base = value;
  } else {
    table.limit = static_cast<std::uint16_t>(value);
  }
  return true;
}

bool edit_selector(Cpu& cpu, const std::string& name, std::uint32_t value) {
  const auto selector = static_cast<std::uint16_t>(value);
  const auto checked = [&] {
    if (value > 0xFFFF) throw DebuggerError(name + " has 16 bits");
  };
  for (unsigned i = 0; i < 6; ++i) {
    if (name != kSegmentNames[i]) continue;
    checked();
    if (i == kCS) {
      load_code_segment(cpu, selector);
    } else {
      cpu.load_segment(i, selector);
    }
    return true;
  }
  if (name != "LDTR" && name != "TR") return false;
  checked();
  load_system_segment(cpu, name == "TR" ? cpu.tr : cpu.ldtr, selector, name == "TR");
  return true;
}

bool edit_control(Cpu& cpu, const std::string& name, std::uint32_t value) {
  if (name == "CR0") {
    check_mode_change(cpu, value);
    write_cr0(cpu, value);
  } else if (name == "CR2") {
    cpu.cr2 = value;
  } else if (name == "CR3") {
    write_cr3(cpu, value);
  } else if (name == "CR4") {
    write_cr4(cpu, value);
  } else if (name == "DR6") {
    cpu.dr[6] = (value & kDr6Writable) | kDr6Fixed;
  } else if (name == "DR7") {
    set_dr7(cpu, value);
  } else if (name.size() == 3 && name.starts_with("DR") && name[2] >= '0' && name[2] <= '3') {
    cpu.dr[name[2] - '0'] = value;
  } else {
    return false;
  }
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
  } else if (name == "MXCSR") {
    cpu.x87.mxcsr = value & kMxcsrBits;
  } else if (name == "x87 control") {
    cpu.x87.control = static_cast<std::uint16_t>(value);
  } else if (name == "x87 status") {
    cpu.x87.status = static_cast<std::uint16_t>(value);
  } else {
    return edit_control(cpu, name, value) || edit_selector(cpu, name, value) || edit_hidden_part(cpu, name, value);
  }
  return true;
}

bool edit(Cpu& cpu, const std::string& name, const std::string& value) {
  if (name.size() == 5 && name.starts_with("ST(") && name[3] >= '0' && name[3] <= '7') return edit_st(cpu, static_cast<unsigned>(name[3] - '0'), value);
  if (name.size() == 4 && name.starts_with("XMM") && name[3] >= '0' && name[3] <= '7') return edit_xmm(cpu, static_cast<unsigned>(name[3] - '0'), value);
  const auto number = hexadecimal(bare(value));
  return number && *number <= 0xFFFFFFFFu && edit_word(cpu, name, static_cast<std::uint32_t>(*number));
}

/// What is changed by hand is nothing that the guest did: it is not to stop at a point or to stand in a log.
class Unobserved {
 public:
  explicit Unobserved(Cpu& cpu) : cpu_(cpu), observer_(std::exchange(cpu.observer, nullptr)) {}
  ~Unobserved() { cpu_.observer = observer_; }
  Unobserved(const Unobserved&) = delete;
  Unobserved& operator=(const Unobserved&) = delete;

 private:
  Cpu& cpu_;
  CpuObserver* observer_;
};

}  // namespace

void edit_register(Cpu& cpu, const std::string& name, const std::string& value) {
  const Unobserved unobserved(cpu);
  bool done = false;
  try {
    done = edit(cpu, name, value);
  } catch (const Fault& fault) {
    throw DebuggerError(name + " cannot be " + value + ": an instruction that loaded it would fault. " + describe(fault));
  }
  if (!done) throw DebuggerError("'" + value + "' is no value for " + name + ", or there is no such register that can be changed");
  cpu.update_mode();
  cpu.drop_caches();  // decoded code knows of segments and modes
}

}  // namespace ringside
