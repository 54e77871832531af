#include "tests/oracle/shrink.h"

#include <cstdarg>
#include <cstdio>

#include "tests/oracle/layout.h"

namespace ringside::oracle {
namespace {

class Shrinker {
 public:
  Shrinker(const Case& c, const Shows& shows) : best_(c), shows_(shows) {}

  Case run() {
    for (bool better = true; better;) {
      better = false;
      for (std::size_t i = 0; i + 1 < best_.patches.runs().size(); ++i) better |= without_run(i);
      for (unsigned i = 0; i < best_.code_size; ++i) better |= without_code_byte(i);
      better |= simpler_registers();
      better |= simpler_fpu();
    }
    return best_;
  }

 private:
  bool accept(Case&& c) {
    if (!shows_(c)) return false;
    best_ = std::move(c);
    return true;
  }

  bool without_run(std::size_t skipped) {
    Case c = best_;
    c.patches.clear();
    const auto runs = best_.patches.runs();
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (i != skipped) c.patches.add(runs[i].linear, best_.patches.of(runs[i]));
    return accept(std::move(c));
  }

  bool without_code_byte(unsigned skipped) {
    const auto runs = best_.patches.runs();
    if (runs.empty() || runs.back().size != best_.code_size || best_.code_size < 2) return false;
    Case c = best_;
    c.patches.clear();
    for (std::size_t i = 0; i + 1 < runs.size(); ++i) c.patches.add(runs[i].linear, best_.patches.of(runs[i]));
    const auto code = best_.patches.of(runs.back());
    std::vector<std::uint8_t> bytes(code.begin(), code.end());
    bytes.erase(bytes.begin() + skipped);
    c.patches.add(runs.back().linear, bytes);
    c.code_size = static_cast<std::uint8_t>(bytes.size());
    return accept(std::move(c));
  }

  /// Tries a value for a field of the best case.
  template <typename T, typename V>
  bool try_value(T Registers::*field, V value) {
    if (best_.registers.*field == static_cast<T>(value)) return false;
    Case c = best_;
    c.registers.*field = static_cast<T>(value);
    return accept(std::move(c));
  }

  bool simpler_registers() {
    bool better = try_value(&Registers::eflags, 2u | kIF);
    for (std::uint32_t bit = 1; bit < 1u << 22; bit <<= 1)
      if ((best_.registers.eflags & bit) != 0 && (bit & (2u | kIF | kTF)) == 0)
        better |= try_value(&Registers::eflags, best_.registers.eflags & ~bit);
    for (unsigned i = 0; i < 8; ++i)
      for (const std::uint32_t value : {0u, 1u, best_.registers.gpr[i] & 0xFFFF, best_.registers.gpr[i] & 0xFF}) {
        if (best_.registers.gpr[i] <= value) break;
        Case c = best_;
        c.registers.gpr[i] = value;
        // Silicon can only be given some upper halves of ESP.
        if (i == kESP && !view_of(c.registers.seg[kSS]).big) continue;
        better |= accept(std::move(c));
      }
    for (const unsigned i : {kES, kDS, kFS, kGS}) {
      if (best_.registers.seg[i] == kFlatData) continue;
      Case c = best_;
      c.registers.seg[i] = kFlatData;
      better |= accept(std::move(c));
    }
    return better;
  }

  bool simpler_fpu() {
    const FpuImage initial = FpuImage::initial();
    if (best_.fpu == initial) return false;
    Case c = best_;
    c.fpu = initial;
    if (accept(std::move(c))) return true;
    bool better = false;
    for (unsigned i = 0; i < FpuImage::kSize; i += 8) {
      if (best_.fpu.quad(i) == initial.quad(i)) continue;
      c = best_;
      c.fpu.set_quad(i, initial.quad(i));
      better |= accept(std::move(c));
    }
    return better;
  }

  Case best_;
  const Shows& shows_;
};

[[gnu::format(printf, 2, 3)]] void append(std::string& out, const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  out += line;
}

void append_registers(std::string& out, const char* of, const Registers& r) {
  append(out, "  %s.registers = {{", of);
  for (unsigned i = 0; i < 8; ++i) append(out, "%s0x%X", i == 0 ? "" : ", ", r.gpr[i]);
  append(out, "}, 0x%X, 0x%X, {", r.eip, r.eflags);
  for (unsigned i = 0; i < 6; ++i) append(out, "%s0x%X", i == 0 ? "" : ", ", r.seg[i]);
  out += "}};\n";
}

void append_bytes(std::string& out, const char* of, const Bytes& bytes) {
  for (const Bytes::Run& run : bytes.runs()) {
    append(out, "  add(%s, 0x%X, \"", of, run.linear);
    for (const std::uint8_t b : bytes.of(run)) append(out, "%02X ", b);
    if (run.size != 0) out.pop_back();
    out += "\");\n";
  }
}

void append_fpu(std::string& out, const char* of, const FpuImage& image, const FpuImage& from) {
  for (unsigned i = 0; i < FpuImage::kSize; i += 8)
    if (image.quad(i) != from.quad(i))
      append(out, "  %s.fpu.set_quad(%u, 0x%llX);\n", of, i, static_cast<unsigned long long>(image.quad(i)));
}

}  // namespace

Case shrunk(const Case& c, const Shows& shows) { return Shrinker(c, shows).run(); }

std::string as_test(const std::string& name, const Case& c, const Result& silicon) {
  std::string out = "TEST(Findings, " + name + ") {\n  Case c;\n";
  append_registers(out, "c", c.registers);
  append_fpu(out, "c", c.fpu, FpuImage::initial());
  append_bytes(out, "c.patches", c.patches);
  out += "  Result silicon = untouched(c);\n";
  append(out, "  silicon.vector = %u;\n", silicon.vector);
  if (silicon.error_code != 0) append(out, "  silicon.error_code = 0x%X;\n", silicon.error_code);
  if (silicon.cr2 != 0) append(out, "  silicon.cr2 = 0x%X;\n", silicon.cr2);
  append_registers(out, "silicon", silicon.registers);
  append_fpu(out, "silicon", silicon.fpu, c.fpu);
  append_bytes(out, "silicon.changes", silicon.changes);
  return out + "  expect(c, silicon);\n}\n";
}

}  // namespace ringside::oracle
