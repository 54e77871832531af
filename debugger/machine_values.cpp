#include "debugger/machine_values.h"

#include <algorithm>
#include <iterator>

namespace ringside {
namespace {

enum RegisterGroup : std::uint32_t {
  kGroup32, kGroup16, kGroup8, kGroupFlag, kGroupSelector, kGroupBase, kGroupLimit, kGroupControl, kGroupDebug, kGroupOther,
};
enum OtherRegister : std::uint32_t {
  kOtherEip, kOtherEflags, kOtherCpl, kOtherTick, kOtherGdtBase, kOtherGdtLimit, kOtherIdtBase, kOtherIdtLimit, kOtherTr, kOtherLdtr,
  kOtherIp,
};
struct Register {
  const char* name;
  RegisterGroup group;
  std::uint32_t number;
};
constexpr Register kRegisters[] = {
    {"eax", kGroup32, 0}, {"ecx", kGroup32, 1}, {"edx", kGroup32, 2}, {"ebx", kGroup32, 3},
    {"esp", kGroup32, 4}, {"ebp", kGroup32, 5}, {"esi", kGroup32, 6}, {"edi", kGroup32, 7},
    {"ax", kGroup16, 0},  {"cx", kGroup16, 1},  {"dx", kGroup16, 2},  {"bx", kGroup16, 3},
    {"sp", kGroup16, 4},  {"bp", kGroup16, 5},  {"si", kGroup16, 6},  {"di", kGroup16, 7},
    {"al", kGroup8, 0},   {"cl", kGroup8, 1},   {"dl", kGroup8, 2},   {"bl", kGroup8, 3},
    {"ah", kGroup8, 4},   {"ch", kGroup8, 5},   {"dh", kGroup8, 6},   {"bh", kGroup8, 7},
    {"cf", kGroupFlag, 0}, {"pf", kGroupFlag, 2}, {"af", kGroupFlag, 4}, {"zf", kGroupFlag, 6},
    {"sf", kGroupFlag, 7}, {"tf", kGroupFlag, 8}, {"if", kGroupFlag, 9}, {"df", kGroupFlag, 10},
    {"of", kGroupFlag, 11}, {"nt", kGroupFlag, 14}, {"vm", kGroupFlag, 17}, {"ac", kGroupFlag, 18},
    {"es", kGroupSelector, 0}, {"cs", kGroupSelector, 1}, {"ss", kGroupSelector, 2},
    {"ds", kGroupSelector, 3}, {"fs", kGroupSelector, 4}, {"gs", kGroupSelector, 5},
    {"esbase", kGroupBase, 0}, {"csbase", kGroupBase, 1}, {"ssbase", kGroupBase, 2},
    {"dsbase", kGroupBase, 3}, {"fsbase", kGroupBase, 4}, {"gsbase", kGroupBase, 5},
    {"eslimit", kGroupLimit, 0}, {"cslimit", kGroupLimit, 1}, {"sslimit", kGroupLimit, 2},
    {"dslimit", kGroupLimit, 3}, {"fslimit", kGroupLimit, 4}, {"gslimit", kGroupLimit, 5},
    {"cr0", kGroupControl, 0}, {"cr2", kGroupControl, 2}, {"cr3", kGroupControl, 3}, {"cr4", kGroupControl, 4},
    {"dr0", kGroupDebug, 0}, {"dr1", kGroupDebug, 1}, {"dr2", kGroupDebug, 2}, {"dr3", kGroupDebug, 3},
    {"dr6", kGroupDebug, 6}, {"dr7", kGroupDebug, 7},
    {"eip", kGroupOther, kOtherEip}, {"pc", kGroupOther, kOtherEip}, {"ip", kGroupOther, kOtherIp},
    {"eflags", kGroupOther, kOtherEflags}, {"flags", kGroupOther, kOtherEflags},
    {"cpl", kGroupOther, kOtherCpl}, {"tick", kGroupOther, kOtherTick},
    {"gdtbase", kGroupOther, kOtherGdtBase}, {"gdtlimit", kGroupOther, kOtherGdtLimit},
    {"idtbase", kGroupOther, kOtherIdtBase}, {"idtlimit", kGroupOther, kOtherIdtLimit},
    {"tr", kGroupOther, kOtherTr}, {"ldtr", kGroupOther, kOtherLdtr},
};

std::uint64_t other_register(const Cpu& cpu, std::uint32_t number) {
  switch (number) {
    case kOtherEip: return cpu.eip;
    case kOtherIp: return cpu.eip & 0xFFFF;
    case kOtherEflags: return cpu.eflags();
    case kOtherCpl: return cpu.cpl;
    case kOtherTick: return cpu.ticks();
    case kOtherGdtBase: return cpu.gdtr.base;
    case kOtherGdtLimit: return cpu.gdtr.limit;
    case kOtherIdtBase: return cpu.idtr.base;
    case kOtherIdtLimit: return cpu.idtr.limit;
    case kOtherTr: return cpu.tr.selector;
    default: return cpu.ldtr.selector;
  }
}

}  // namespace

std::optional<std::uint32_t> register_number(const std::string& name) {
  for (std::uint32_t i = 0; i < std::size(kRegisters); ++i)
    if (name == kRegisters[i].name) return i;
  return std::nullopt;
}

std::uint64_t register_value(const Cpu& cpu, std::uint32_t number) {
  const Register& r = kRegisters[number];
  switch (r.group) {
    case kGroup32: return cpu.gpr[r.number];
    case kGroup16: return cpu.gpr[r.number] & 0xFFFF;
    case kGroup8: return cpu.gpr[r.number & 3] >> (r.number >= 4 ? 8 : 0) & 0xFF;
    case kGroupFlag: return cpu.eflags() >> r.number & 1;
    case kGroupSelector: return cpu.seg[r.number].selector;
    case kGroupBase: return cpu.seg[r.number].base;
    case kGroupLimit: return cpu.seg[r.number].limit;
    case kGroupControl: {
      const std::uint32_t values[] = {cpu.cr0, 0, cpu.cr2, cpu.cr3, cpu.cr4};
      return values[r.number];
    }
    case kGroupDebug: return cpu.dr[r.number];
    case kGroupOther: break;
  }
  return other_register(cpu, r.number);
}

bool peek_linear(const Cpu& cpu, std::uint32_t linear, void* out, std::size_t size) {
  auto* bytes = static_cast<std::uint8_t*>(out);
  while (size != 0) {
    const std::size_t part = std::min<std::size_t>(size, kPageSize - (linear & (kPageSize - 1)));
    PhysAddr physical = 0;
    if (!cpu.peek_translate(linear, physical)) return false;
    physical &= cpu.memory.a20_mask();
    cpu.memory.peek(physical, bytes, part);
    bytes += part;
    linear += static_cast<std::uint32_t>(part);
    size -= part;
  }
  return true;
}

}  // namespace ringside
