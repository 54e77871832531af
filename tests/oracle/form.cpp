#include "tests/oracle/form.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "cpu/opcodes.h"
#include "tests/oracle/case.h"

namespace ringside::oracle {
namespace {

// Left out, because this host's system or a later processor stands between the program and the instruction:
//   SYSENTER, SYSCALL, INT 80h            enter the host's kernel
//   CPUID, RDTSC, RDPMC                   answer with the host's values
//   SGDT SIDT SLDT STR SMSW               UMIP: they fault, and the kernel emulates them
//   IRET with NT                          there is no task switch in IA-32e mode
//   far transfers to selector 30h         64-bit code
//   C4, C5, 62 with a register operand    VEX and EVEX
//   opcodes undefined for us that a later processor has defined
//   66, F2 and F3 where they make a later instruction (TZCNT, POPCNT, CLWB, RDRAND and others)
bool left_out(bool two_byte, unsigned opcode, int reg) {
  if (!two_byte) return false;
  switch (opcode) {
    case 0x00: return reg == 0 || reg == 1;
    case 0x01: return reg == 0 || reg == 1 || reg == 4;
    case 0x31: case 0x33: case 0x34: case 0xA2: case 0x05: case 0x07: return true;
    case 0xAE: return reg == 4 || reg == 5 || reg == 6;  // XSAVE, XRSTOR, XSAVEOPT; the fences are forms of their own
    case 0xC7: return reg != 1;
    default: return false;
  }
}

/// Opcodes that are undefined on every processor, or by decree.
constexpr std::uint8_t kUndefinedTwoByte[] = {0x04, 0x0A, 0x0C, 0x24, 0x25, 0x26, 0x27, 0x36, 0xA6, 0xA7, 0xFF, 0xB9};

constexpr std::uint8_t kChangedByPrefix[] = {0x01, 0x09, 0x1A, 0x1B, 0x1C, 0x1E, 0xAE, 0xB8, 0xBC, 0xBD, 0xC7};

/// SDM Vol. 1, appendix "EFLAGS Cross-Reference": the flags marked undefined.
std::uint32_t undefined_flags(const std::string& name) {
  const auto is = [&](const char* n) { return name == n; };
  if (is("AND") || is("OR") || is("XOR") || is("TEST")) return kAF;
  if (is("AAA") || is("AAS")) return kOF | kSF | kZF | kPF;
  if (is("AAM") || is("AAD")) return kOF | kAF | kCF;
  if (is("DAA") || is("DAS")) return kOF;
  if (is("MUL") || is("IMUL")) return kSF | kZF | kAF | kPF;
  if (is("DIV") || is("IDIV")) return kArithmetic;
  if (is("BSF") || is("BSR")) return kOF | kSF | kAF | kPF | kCF;
  if (is("BT") || is("BTS") || is("BTR") || is("BTC")) return kOF | kSF | kAF | kPF;
  if (is("SHLD") || is("SHRD")) return kArithmetic;
  if (is("ROL") || is("ROR") || is("RCL") || is("RCR")) return kOF;
  if (is("SHL") || is("SHR") || is("SAL") || is("SAR")) return kOF | kAF | kCF;
  return 0;
}

class Collector {
 public:
  std::vector<Form> forms;

  Collector() {
    const auto rows = opcode_rows();
    for (unsigned i = 0; i < 512; ++i) {
      const bool two_byte = i >= 256;
      const auto opcode = static_cast<std::uint8_t>(i);
      if (!two_byte && opcode >= 0xD8 && opcode <= 0xDF) {
        x87(opcode);
        continue;
      }
      if (rows[i].prefixed >= 0) {
        for (unsigned p = 0; p < 4; ++p) simd(rows, static_cast<std::size_t>(rows[i].prefixed) + p, opcode, p);
        continue;
      }
      collect(rows, i, two_byte, opcode);
    }
    std::sort(forms.begin(), forms.end(), [](const Form& a, const Form& b) { return a.key < b.key; });
  }

 private:
  static std::string hex(unsigned value) {
    char text[4];
    std::snprintf(text, sizeof text, "%02X", value & 0xFF);
    return text;
  }
  static bool undefined_row(const OpcodeRow& row) {
    return row.mnemonic == nullptr || std::strcmp(row.mnemonic, "(undefined)") == 0;
  }

  Form make(const OpcodeRow& row, bool two_byte, std::uint8_t opcode, int reg) {
    Form f;
    f.two_byte = two_byte;
    f.opcode = opcode;
    f.reg = static_cast<std::int8_t>(reg);
    f.encoding = row.encoding;
    f.mnemonic = row.mnemonic != nullptr ? row.mnemonic : "(undefined)";
    f.family = Family::kInteger;
    f.key = (two_byte ? "0F" : "") + hex(opcode) + (reg >= 0 ? "/" + std::to_string(reg) : "");
    f.undefined = undefined_flags(f.mnemonic);
    f.no_repeat = two_byte && std::find(std::begin(kChangedByPrefix), std::end(kChangedByPrefix), opcode) !=
                                  std::end(kChangedByPrefix);
    if (!two_byte && (opcode == 0xC4 || opcode == 0xC5 || opcode == 0x62)) f.operand = Form::kMemory;
    return f;
  }

  void collect(std::span<const OpcodeRow> rows, std::size_t number, bool two_byte, std::uint8_t opcode) {
    const OpcodeRow& row = rows[number];
    const bool by_reg = two_byte && (opcode == 0x00 || opcode == 0x01 || opcode == 0xAE);
    if (row.group >= 0) {
      for (int reg = 0; reg < 8; ++reg)
        add(rows[static_cast<std::size_t>(row.group + reg)], two_byte, opcode, reg);
    } else if (by_reg) {
      for (int reg = 0; reg < 8; ++reg) add(row, two_byte, opcode, reg);
    } else {
      add(row, two_byte, opcode, -1);
    }
  }

  void add(const OpcodeRow& row, bool two_byte, std::uint8_t opcode, int reg) {
    if (left_out(two_byte, opcode, reg)) return;
    if (!two_byte && opcode == 0x0F) return;
    if (undefined_row(row) && reg < 0) {
      if (!two_byte || std::find(std::begin(kUndefinedTwoByte), std::end(kUndefinedTwoByte), opcode) ==
                           std::end(kUndefinedTwoByte))
        return;
    }
    if (!two_byte && (opcode == 0xC6 || opcode == 0xC7) && reg == 7) return;  // XABORT, XBEGIN
    Form f = make(row, two_byte, opcode, reg);
    if (two_byte && opcode == 0xB9) f.encoding |= kModRM;
    if (two_byte && opcode == 0x01) {
      if (reg != 6) f.operand = Form::kMemory;  // the register forms are later processors' instructions
      f.family = Family::kSystem;
    }
    if (two_byte && opcode == 0xAE) {
      f.operand = Form::kMemory;
      f.family = Family::kSimd;
    }
    if (two_byte && opcode == 0xC7) f.operand = Form::kMemory;
    forms.push_back(f);
  }

  void simd(std::span<const OpcodeRow> rows, std::size_t number, std::uint8_t opcode, unsigned prefix) {
    static constexpr std::uint8_t kPrefix[4] = {0, 0x66, 0xF3, 0xF2};
    const OpcodeRow& row = rows[number];
    const auto one = [&](const OpcodeRow& r, int reg) {
      if (undefined_row(r) || left_out(true, opcode, reg)) return;
      Form f = make(r, true, opcode, reg);
      f.family = Family::kSimd;
      f.mandatory = kPrefix[prefix];
      f.no_repeat = true;
      if (prefix != 0) f.key = hex(kPrefix[prefix]) + f.key;
      forms.push_back(f);
    };
    if (opcode == 0xAE) {
      if (!undefined_row(row)) group15(row);
    } else if (row.group >= 0) {
      for (int reg = 0; reg < 8; ++reg) one(rows[static_cast<std::size_t>(row.group + reg)], reg);
    } else {
      one(row, -1);
    }
  }

  /// FXSAVE, FXRSTOR, LDMXCSR, STMXCSR and CLFLUSH in memory; the fences and what is undefined in registers.
  void group15(const OpcodeRow& row) {
    static constexpr const char* kNames[8] = {"FXSAVE", "FXRSTOR", "LDMXCSR", "STMXCSR", "", "LFENCE", "MFENCE", "CLFLUSH"};
    for (int reg = 0; reg < 8; ++reg) {
      for (const bool memory : {true, false}) {
        if (memory ? left_out(true, 0xAE, reg) : reg == 4) continue;
        Form f = make(row, true, 0xAE, reg);
        f.mnemonic = memory || reg == 5 || reg == 6 ? kNames[reg] : reg == 7 ? "SFENCE" : "(undefined)";
        f.family = Family::kSimd;
        f.no_repeat = true;
        f.operand = memory ? Form::kMemory : Form::kRegister;
        f.key += memory ? "m" : "r";
        forms.push_back(f);
      }
    }
  }

  /// A form for each memory operation and each register operation; the eight of a stack register together.
  void x87(std::uint8_t opcode) {
    Form f;
    f.opcode = opcode;
    f.mnemonic = "x87";
    f.family = Family::kFloat;
    f.encoding = kModRM;
    for (unsigned reg = 0; reg < 8; ++reg) {
      f.reg = static_cast<std::int8_t>(reg);
      const bool later = opcode != 0xD9 && reg == 1 && (opcode & 1) != 0;  // FISTTP
      if (!later) {
        f.operand = Form::kMemory;
        f.modrm = -1;
        f.key = hex(opcode) + "/" + std::to_string(reg) + "m";
        forms.push_back(f);
      }
      f.operand = Form::kRegister;
      const bool each = (opcode == 0xD9 && reg >= 4) || (opcode == 0xDB && reg == 4) || (opcode == 0xDA && reg == 5) ||
                        (opcode == 0xDE && reg == 3) || (opcode == 0xDF && reg == 4);
      for (unsigned rm = 0; rm < 8; ++rm) {
        f.modrm = each ? static_cast<int>(0xC0 | reg << 3 | rm) : -1;
        f.key = each ? hex(opcode) + hex(static_cast<unsigned>(f.modrm)) : hex(opcode) + "/" + std::to_string(reg) + "r";
        forms.push_back(f);
        if (!each) break;
      }
    }
  }
};

}  // namespace

std::span<const Form> all_forms() {
  static const Collector collector;
  return collector.forms;
}

const Form* find_form(const std::string& key) {
  for (const Form& f : all_forms())
    if (f.key == key) return &f;
  return nullptr;
}

std::vector<std::string> family_names() { return {"integer", "x87", "simd"}; }

bool in_family(const Form& form, const std::string& name) {
  switch (form.family) {
    case Family::kInteger:
    case Family::kSystem: return name.empty() || name == "integer";
    case Family::kFloat: return name.empty() || name == "x87";
    case Family::kSimd: return name.empty() || name == "simd";
  }
  return false;
}

}  // namespace ringside::oracle
