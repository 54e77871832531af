#include "tests/oracle/compare.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "tests/oracle/layout.h"

namespace ringside::oracle {
namespace {

constexpr const char* kRegisterNames[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
constexpr const char* kSegmentNames[6] = {"es", "cs", "ss", "ds", "fs", "gs"};

[[gnu::format(printf, 2, 3)]] void append(std::string& out, const char* format, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  out += line;
}

void append_registers(std::string& out, const Registers& r) {
  for (unsigned i = 0; i < 8; ++i) append(out, "%s %08X ", kRegisterNames[i], r.gpr[i]);
  append(out, "eip %08X eflags %08X", r.eip, r.eflags);
  for (unsigned i = 0; i < 6; ++i) append(out, " %s %04X", kSegmentNames[i], r.seg[i]);
  out += '\n';
}

void append_bytes(std::string& out, const Bytes& bytes) {
  for (const Bytes::Run& run : bytes.runs()) {
    append(out, "  [%08X]", run.linear);
    unsigned shown = 0;
    for (const std::uint8_t b : bytes.of(run)) {
      if (++shown > 64) {
        out += " ...";
        break;
      }
      append(out, " %02X", b);
    }
    out += '\n';
  }
}

void append_fpu(std::string& out, const FpuImage& f) {
  if (f == FpuImage::initial()) return;
  append(out, "  fcw %04X fsw %04X tags %02X mxcsr %04X\n ", f.word(0), f.word(2), f.bytes[4], f.word(24));
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned at = FpuImage::kStack + 16 * i;
    append(out, " st%u %04X:%016llX", i, f.word(at + 8), static_cast<unsigned long long>(f.quad(at)));
    if (i == 3) out += "\n ";
  }
  out += "\n ";
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned at = FpuImage::kXmm + 16 * i;
    append(out, " xmm%u %016llX%016llX", i, static_cast<unsigned long long>(f.quad(at + 8)),
           static_cast<unsigned long long>(f.quad(at)));
    if (i == 3) out += "\n ";
  }
  out += '\n';
}

bool same_bytes(const FpuImage& a, const FpuImage& b, unsigned from, unsigned to) {
  return std::memcmp(a.bytes.data() + from, b.bytes.data() + from, to - from) == 0;
}

/// The numbers are neighbours (or the same).
bool within_one_ulp(const FpuImage& a, const FpuImage& b, unsigned at) {
  if (a.word(at + 8) >> 15 != b.word(at + 8) >> 15) return false;
  // One step of the significand, or from the largest to the smallest of the next exponent.
  const auto steps = static_cast<std::int64_t>(a.quad(at) - b.quad(at));
  // Denormals have the scale of the smallest exponent.
  const auto scale = [at](const FpuImage& f) { return std::max(f.word(at + 8) & 0x7FFF, 1); };
  const int exponents = scale(a) - scale(b);
  if (exponents == 0) return steps >= -1 && steps <= 1;
  constexpr std::uint64_t kSmallest = std::uint64_t{1} << 63;
  const std::uint64_t upper = exponents > 0 ? a.quad(at) : b.quad(at), lower = exponents > 0 ? b.quad(at) : a.quad(at);
  return (exponents == 1 || exponents == -1) && upper == kSmallest && lower == ~std::uint64_t{0};
}

bool only_ulps(const FpuImage& a, const FpuImage& b) {
  constexpr unsigned kC1 = 0x200;
  if (a.word(FpuImage::kControl) != b.word(FpuImage::kControl)) return false;
  if (((a.word(FpuImage::kStatus) ^ b.word(FpuImage::kStatus)) & ~kC1) != 0) return false;
  for (unsigned i = 0; i < 8; ++i)
    if (!within_one_ulp(a, b, FpuImage::kStack + 16 * i)) return false;
  return true;
}

}  // namespace

std::uint32_t differences(const Case& c, const Result& a, const Result& b, std::uint32_t& flags) {
  std::uint32_t bits = 0;
  if (a.vector != b.vector) bits |= kDiffVector;
  if (a.error_code != b.error_code) bits |= kDiffErrorCode;
  if (a.cr2 != b.cr2) bits |= kDiffCr2;
  if (a.registers.eip != b.registers.eip) bits |= kDiffEip;
  flags = (a.registers.eflags ^ b.registers.eflags) & ~c.ignored_flags;
  if (flags != 0) bits |= kDiffFlags;
  for (unsigned i = 0; i < 8; ++i)
    if (a.registers.gpr[i] != b.registers.gpr[i] && (c.ignored_registers >> i & 1) == 0) bits |= kDiffRegisters;
  if (a.registers.seg != b.registers.seg) bits |= kDiffSegments;
  if (!(a.changes == b.changes)) bits |= kDiffMemory;
  if (a.fpu == b.fpu) return bits;
  const bool status = !same_bytes(a.fpu, b.fpu, 0, 4), stack = !same_bytes(a.fpu, b.fpu, FpuImage::kStack, FpuImage::kXmm);
  if ((status || stack) && only_ulps(a.fpu, b.fpu)) bits |= kDiffUlp;
  else bits |= (status ? kDiffStatus : 0u) | (stack ? kDiffStack : 0u);
  if (!same_bytes(a.fpu, b.fpu, 4, 5)) bits |= kDiffTags;
  if (!same_bytes(a.fpu, b.fpu, FpuImage::kXmm, FpuImage::kSize)) bits |= kDiffXmm;
  if (!same_bytes(a.fpu, b.fpu, FpuImage::kMxcsr, FpuImage::kMxcsr + 4)) bits |= kDiffMxcsr;
  return bits;
}

bool ran_into_data(const Case& c, const Result& silicon) {
  if (silicon.vector == 1) return false;
  const std::uint32_t linear = view_of(silicon.registers.seg[kCS]).base + silicon.registers.eip;
  // Its own code may have been overwritten by the instruction before.
  for (const Bytes::Run& run : silicon.changes.runs())
    if (run.linear - c.code_at < c.code_size || c.code_at - run.linear < run.size) return true;
  if (linear - c.code_at < c.code_size) return false;
  const int page = page_index(linear);
  return page >= 0 && !kPages[static_cast<std::size_t>(page)].code;
}

bool fetched_beyond_fifteen(const Result& silicon) {
  if (silicon.vector != 14) return false;
  const std::uint32_t linear = view_of(silicon.registers.seg[kCS]).base + silicon.registers.eip;
  return silicon.cr2 % kPage == 0 && silicon.cr2 - linear - 15 < 16;
}

bool may_call_the_host(const Case& c) {
  if (c.patches.runs().empty()) return false;
  const auto code = c.patches.of(c.patches.runs().back());
  for (std::size_t i = 0; i + 1 < code.size(); ++i) {
    if (code[i] == 0xCD && code[i + 1] == 0x80) return true;
    if (code[i] != 0x0F) continue;
    const unsigned modrm = i + 2 < code.size() ? code[i + 2] : 0u, reg = modrm >> 3 & 7;
    switch (code[i + 1]) {
      case 0x05: case 0x34: case 0x31: case 0x33: case 0xA2: return true;  // SYSCALL SYSENTER RDTSC RDPMC CPUID
      case 0x00: if (reg < 2) return true; break;                         // SLDT STR
      case 0x01: if (reg < 2 || reg == 4) return true; break;             // SGDT SIDT SMSW
      default: break;
    }
  }
  return false;
}

std::string describe_differences(std::uint32_t bits, std::uint32_t flags) {
  static constexpr const char* kNames[] = {"vector", "error", "cr2", "eip", "flags", "registers", "segments",
                                           "memory", "st",    "fsw", "xmm", "mxcsr", "tags",     "ulp"};
  std::string out;
  for (unsigned i = 0; i < std::size(kNames); ++i)
    if ((bits >> i & 1) != 0) out += (out.empty() ? "" : " ") + std::string(kNames[i]);
  if (flags != 0) append(out, " (eflags %X)", flags);
  return out;
}

std::string listed_differences(std::uint32_t bits) {
  std::string out = describe_differences(bits, 0);
  std::replace(out.begin(), out.end(), ' ', ',');
  return out;
}

std::string describe(const Case& c) {
  std::string out = "code";
  for (const Bytes::Run& run : c.patches.runs())
    if (run.linear == c.code_at && run.size == c.code_size)
      for (const std::uint8_t b : c.patches.of(run)) append(out, " %02X", b);
  append(out, " at linear %08X\n  ", c.code_at);
  append_registers(out, c.registers);
  append_fpu(out, c.fpu);
  append_bytes(out, c.patches);
  return out;
}

std::string describe(const Result& r) {
  std::string out;
  append(out, "vector %u error %X cr2 %08X\n  ", r.vector, r.error_code, r.cr2);
  append_registers(out, r.registers);
  append_fpu(out, r.fpu);
  append_bytes(out, r.changes);
  return out;
}

}  // namespace ringside::oracle
