// Which values of a finished case are open: the registers and operands that nothing else of it depends on.
#include "cpu/x87/unit.h"
#include "tests/oracle/builder.h"

namespace ringside::oracle {
namespace {

Open::Kind kind_of(x87::MemoryFormat format) {
  switch (format) {
    case x87::MemoryFormat::kFloat32: return Open::kFloat32;
    case x87::MemoryFormat::kFloat64: return Open::kFloat64;
    case x87::MemoryFormat::kInt16:
    case x87::MemoryFormat::kInt32:
    case x87::MemoryFormat::kInt64: return Open::kNumber;
    default: return Open::kFixed;
  }
}

}  // namespace

Open::Kind Builder::lane_kind() const {
  const unsigned n = form_.opcode;
  const bool integers = (n >= 0x60 && n <= 0x7F) || n >= 0xC4;
  if (integers) return random_kind_ == 0 ? Open::kBits : Open::kNumber;
  return form_.mandatory == 0x66 || form_.mandatory == 0xF2 ? Open::kFloat64 : Open::kFloat32;
}

void Builder::open_values() {
  random_kind_ = random_.below(4);
  Open& open = case_.open;
  for (unsigned r = 0; r < 8; ++r) {
    const bool meant = r == kESP || pinned(r) || (addressed_ >> r & 1) != 0 || gpr(r) != first_[r];
    if (!meant) open.registers = static_cast<std::uint8_t>(open.registers | 1u << r);
  }
  open.flags = true;
  if (memory_) {
    Open::Kind kind = Open::kFixed;
    if (form_.family == Family::kFloat)
      kind = kind_of(x87::memory_form(form_.opcode & 7u, static_cast<unsigned>(form_.reg)).format);
    else if (form_.family == Family::kSimd)
      kind = number() != 0x1AE ? lane_kind() : Open::kFixed;
    else if (operand_open_)
      kind = Open::kNumber;
    open_operand(kind);
  }
  if (form_.family != Family::kFloat && form_.family != Family::kSimd) return;
  const bool simd = form_.family == Family::kSimd;
  // Of the x87's registers the first two are often meant to be close to one another.
  open.stack = simd || random_.one_in(2) ? 0xFF : 0xFC;
  open.stack_kind = simd ? lane_kind() : Open::kFloat80;
  if (simd) {
    open.xmm = 0xFF;
    open.xmm_kind = lane_kind();
  }
}

void Builder::open_operand(Open::Kind kind) {
  if (kind == Open::kFixed) return;
  const std::uint32_t linear = view(segment_).base + offset_;
  const auto runs = case_.patches.runs();
  case_.open.memory.assign(runs.size(), Open::kFixed);
  // The last run is the code.
  for (std::size_t i = 0; i + 1 < runs.size(); ++i)
    if (runs[i].linear - linear < 16 && runs[i].size <= 8) case_.open.memory[i] = kind;
}

}  // namespace ringside::oracle
