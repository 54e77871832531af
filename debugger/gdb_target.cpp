#include "debugger/gdb_target.h"

#include <array>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "debugger/gdb_packets.h"
#include "debugger/register_edit.h"
#include "debugger/stop_points.h"

namespace ringside::gdb {
namespace {

/// EFLAGS without VM, which decides how everything else is read; it is left to the guest.
constexpr std::uint32_t kWritableFlags = 0x003F7FD5 & ~std::uint32_t{kVM};

using Bytes = std::vector<std::uint8_t>;

struct Register {
  std::string name;
  unsigned bits;
  std::string type;
  std::string group;
  std::function<Bytes(const Cpu&)> value;
};

struct Feature {
  std::string name;
  std::string types;  ///< XML before the registers
  std::vector<Register> registers;
};

Bytes little(std::uint64_t value, unsigned bits) {
  Bytes bytes;
  for (unsigned i = 0; i < bits; i += 8) bytes.push_back(static_cast<std::uint8_t>(value >> i));
  return bytes;
}

template <typename F>
Register integer(const std::string& name, unsigned bits, const std::string& type, const std::string& group, F value) {
  return {name, bits, type, group, [value, bits](const Cpu& cpu) { return little(value(cpu), bits); }};
}

constexpr const char* kSegmentNames[] = {"es", "cs", "ss", "ds", "fs", "gs"};
constexpr const char* kEflags =
    "<flags id=\"i386_eflags\" size=\"4\">"
    "<field name=\"CF\" start=\"0\" end=\"0\"/><field name=\"\" start=\"1\" end=\"1\"/><field name=\"PF\" start=\"2\" end=\"2\"/>"
    "<field name=\"AF\" start=\"4\" end=\"4\"/><field name=\"ZF\" start=\"6\" end=\"6\"/><field name=\"SF\" start=\"7\" end=\"7\"/>"
    "<field name=\"TF\" start=\"8\" end=\"8\"/><field name=\"IF\" start=\"9\" end=\"9\"/><field name=\"DF\" start=\"10\" end=\"10\"/>"
    "<field name=\"OF\" start=\"11\" end=\"11\"/><field name=\"NT\" start=\"14\" end=\"14\"/><field name=\"RF\" start=\"16\" end=\"16\"/>"
    "<field name=\"VM\" start=\"17\" end=\"17\"/><field name=\"AC\" start=\"18\" end=\"18\"/><field name=\"VIF\" start=\"19\" end=\"19\"/>"
    "<field name=\"VIP\" start=\"20\" end=\"20\"/><field name=\"ID\" start=\"21\" end=\"21\"/></flags>";
constexpr const char* kVectors =
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/><vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/><vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/><vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
    "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/><field name=\"v2_double\" type=\"v2d\"/>"
    "<field name=\"v16_int8\" type=\"v16i8\"/><field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
    "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>";
constexpr const char* kControls =
    "<flags id=\"i386_cr0\" size=\"4\"><field name=\"PE\" start=\"0\" end=\"0\"/><field name=\"MP\" start=\"1\" end=\"1\"/>"
    "<field name=\"EM\" start=\"2\" end=\"2\"/><field name=\"TS\" start=\"3\" end=\"3\"/><field name=\"ET\" start=\"4\" end=\"4\"/>"
    "<field name=\"NE\" start=\"5\" end=\"5\"/><field name=\"WP\" start=\"16\" end=\"16\"/><field name=\"AM\" start=\"18\" end=\"18\"/>"
    "<field name=\"NW\" start=\"29\" end=\"29\"/><field name=\"CD\" start=\"30\" end=\"30\"/><field name=\"PG\" start=\"31\" end=\"31\"/></flags>"
    "<flags id=\"i386_cr4\" size=\"4\"><field name=\"VME\" start=\"0\" end=\"0\"/><field name=\"PVI\" start=\"1\" end=\"1\"/>"
    "<field name=\"TSD\" start=\"2\" end=\"2\"/><field name=\"DE\" start=\"3\" end=\"3\"/><field name=\"PSE\" start=\"4\" end=\"4\"/>"
    "<field name=\"PAE\" start=\"5\" end=\"5\"/><field name=\"MCE\" start=\"6\" end=\"6\"/><field name=\"PGE\" start=\"7\" end=\"7\"/>"
    "<field name=\"PCE\" start=\"8\" end=\"8\"/><field name=\"OSFXSR\" start=\"9\" end=\"9\"/><field name=\"OSXMMEXCPT\" start=\"10\" end=\"10\"/></flags>";

void add_x87(std::vector<Register>& out) {
  for (unsigned i = 0; i < 8; ++i) {
    out.push_back({"st" + std::to_string(i), 80, "i387_ext", "float", [i](const Cpu& cpu) {
                     const Float80& r = cpu.x87.reg[((cpu.x87.status >> 11 & 7u) + i) & 7];
                     Bytes bytes = little(r.significand, 64);
                     const Bytes high = little(r.sign_exp, 16);
                     bytes.insert(bytes.end(), high.begin(), high.end());
                     return bytes;
                   }});
  }
  const auto control = [&](const char* name, auto value) { out.push_back(integer(name, 32, "int", "float", value)); };
  control("fctrl", [](const Cpu& c) { return c.x87.control; });
  control("fstat", [](const Cpu& c) { return c.x87.status; });
  control("ftag", [](const Cpu& c) { return c.x87.tags; });
  control("fiseg", [](const Cpu& c) { return c.x87.ip_selector; });
  control("fioff", [](const Cpu& c) { return c.x87.ip_offset; });
  control("foseg", [](const Cpu& c) { return c.x87.data_selector; });
  control("fooff", [](const Cpu& c) { return c.x87.data_offset; });
  control("fop", [](const Cpu& c) { return c.x87.opcode; });
}

Feature core_feature() {
  Feature f{"org.gnu.gdb.i386.core", kEflags, {}};
  static constexpr const char* kNames[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
  for (unsigned i = 0; i < 8; ++i)
    f.registers.push_back(integer(kNames[i], 32, i == 4 || i == 5 ? "data_ptr" : "int32", "general", [i](const Cpu& c) { return c.gpr[i]; }));
  f.registers.push_back(integer("eip", 32, "code_ptr", "general", [](const Cpu& c) { return c.seg[kCS].base + c.eip; }));
  f.registers.push_back(integer("eflags", 32, "i386_eflags", "general", [](const Cpu& c) { return c.eflags(); }));
  for (const unsigned s : {kCS, kSS, kDS, kES, kFS, kGS})
    f.registers.push_back(integer(kSegmentNames[s], 32, "int32", "general", [s](const Cpu& c) { return c.seg[s].selector; }));
  add_x87(f.registers);
  return f;
}

Feature sse_feature() {
  Feature f{"org.gnu.gdb.i386.sse", kVectors, {}};
  for (unsigned i = 0; i < 8; ++i) {
    f.registers.push_back({"xmm" + std::to_string(i), 128, "vec128", "vector", [i](const Cpu& cpu) {
                             Bytes bytes = little(cpu.x87.xmm[i][0], 64);
                             const Bytes high = little(cpu.x87.xmm[i][1], 64);
                             bytes.insert(bytes.end(), high.begin(), high.end());
                             return bytes;
                           }});
  }
  f.registers.push_back(integer("mxcsr", 32, "int", "vector", [](const Cpu& c) { return c.x87.mxcsr; }));
  return f;
}

Feature system_feature() {
  Feature f{"org.ringside.i386.system", kControls, {}};
  const auto add = [&](const std::string& name, const std::string& type, auto value, unsigned bits = 32) {
    f.registers.push_back(integer(name, bits, type, "system", value));
  };
  add("ip_offset", "int32", [](const Cpu& c) { return c.eip; });
  add("cpl", "int32", [](const Cpu& c) { return c.cpl; });
  for (const unsigned s : {kCS, kSS, kDS, kES, kFS, kGS}) {
    add(std::string(kSegmentNames[s]) + "_base", "data_ptr", [s](const Cpu& c) { return c.seg[s].base; });
    add(std::string(kSegmentNames[s]) + "_limit", "int32", [s](const Cpu& c) { return c.seg[s].limit; });
  }
  add("cr0", "i386_cr0", [](const Cpu& c) { return c.cr0; });
  add("cr2", "data_ptr", [](const Cpu& c) { return c.cr2; });
  add("cr3", "int32", [](const Cpu& c) { return c.cr3; });
  add("cr4", "i386_cr4", [](const Cpu& c) { return c.cr4; });
  for (const unsigned i : {0u, 1u, 2u, 3u, 6u, 7u}) add("dr" + std::to_string(i), "int32", [i](const Cpu& c) { return c.dr[i]; });
  add("gdt_base", "data_ptr", [](const Cpu& c) { return c.gdtr.base; });
  add("gdt_limit", "int32", [](const Cpu& c) { return c.gdtr.limit; });
  add("idt_base", "data_ptr", [](const Cpu& c) { return c.idtr.base; });
  add("idt_limit", "int32", [](const Cpu& c) { return c.idtr.limit; });
  add("ldtr", "int32", [](const Cpu& c) { return c.ldtr.selector; });
  add("ldt_base", "data_ptr", [](const Cpu& c) { return c.ldtr.base; });
  add("tr", "int32", [](const Cpu& c) { return c.tr.selector; });
  add("tss_base", "data_ptr", [](const Cpu& c) { return c.tr.base; });
  add("efer", "int64", [](const Cpu& c) { return c.msr_efer; }, 64);
  add("tick", "int64", [](const Cpu& c) { return c.ticks(); }, 64);
  return f;
}

const std::vector<Feature>& features() {
  static const std::vector<Feature> all = {core_feature(), sse_feature(), system_feature()};
  return all;
}

const Register* find_register(std::size_t number) {
  for (const Feature& f : features()) {
    if (number < f.registers.size()) return &f.registers[number];
    number -= f.registers.size();
  }
  return nullptr;
}

}  // namespace

std::string target_xml() {
  std::string xml =
      "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\"><architecture>i386</architecture>";
  std::size_t number = 0;
  for (const Feature& f : features()) {
    xml += "<feature name=\"" + f.name + "\">" + f.types;
    for (const Register& r : f.registers)
      xml += "<reg name=\"" + r.name + "\" bitsize=\"" + std::to_string(r.bits) + "\" type=\"" + r.type + "\" group=\"" + r.group +
             "\" regnum=\"" + std::to_string(number++) + "\"/>";
    xml += "</feature>";
  }
  return xml + "</target>";
}

std::size_t register_count() {
  std::size_t count = 0;
  for (const Feature& f : features()) count += f.registers.size();
  return count;
}

std::optional<std::string> register_hex(const Cpu& cpu, std::size_t number) {
  const Register* r = find_register(number);
  if (r == nullptr) return std::nullopt;
  return to_hex(r->value(cpu));
}

std::string all_registers(const Cpu& cpu) {
  std::string text;
  for (const Feature& f : features())
    for (const Register& r : f.registers) text += to_hex(r.value(cpu));
  return text;
}

namespace {

/// "cr0", "ds", "ds_base", "gdt_limit" as register_edit has them.
bool set_named(Cpu& cpu, std::size_t number, std::uint32_t value) {
  const Register* r = find_register(number);
  if (r == nullptr || r->bits != 32) return false;
  std::string name = r->name, part;
  if (const std::size_t bar = name.find('_'); bar != std::string::npos) {
    part = " " + name.substr(bar + 1);
    name.resize(bar);
  }
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (!part.empty() && (name == "GDT" || name == "IDT")) name += "R";
  if (!part.empty() && name == "LDT") name = "LDTR";
  if (!part.empty() && name == "TSS") name = "TR";
  char digits[9];
  std::snprintf(digits, sizeof(digits), "%X", value);
  try {
    edit_register(cpu, name + part, digits);
    return true;
  } catch (const DebuggerError&) {
    return false;
  }
}

}  // namespace

bool set_register(Cpu& cpu, std::size_t number, std::uint32_t value) {
  if (number < 8) {
    cpu.gpr[number] = value;
  } else if (number == kEipNumber) {
    const std::uint32_t offset = value - cpu.seg[kCS].base;
    cpu.eip = cpu.seg[kCS].big != 0 ? offset : offset & 0xFFFF;
  } else if (number == kEflagsNumber) {
    cpu.set_eflags(value, kWritableFlags);
    cpu.update_mode();
  } else {
    return set_named(cpu, number, value);
  }
  return true;
}

}  // namespace ringside::gdb
