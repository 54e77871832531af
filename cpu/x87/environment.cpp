// The four layouts of the environment, SDM Vol. 1, "x87 FPU Instruction and Data Pointers" and "Saving the
// x87 FPU's State": 16 or 32 bits by operand size, protected or real by mode (virtual-8086 mode is real).
#include "cpu/x87/environment.h"

#include "cpu/x87/memory_block.h"
#include "cpu/x87/unit.h"

namespace ringside::x87 {
namespace {

struct Layout {
  bool wide;       // 32-bit operand size
  bool selectors;  // selector and offset, not linear addresses
  unsigned unit() const { return wide ? 4 : 2; }
  unsigned size() const { return 7 * unit(); }
};

Layout layout_of(const Cpu& cpu, const Op& op) { return {(op.flags & kOperand32) != 0, cpu.descriptors()}; }

void write_environment(MemoryParts& block, Layout layout, const X87State& s) {
  // Words of the wide form whose upper half means nothing have it all ones.
  const auto word = [&](unsigned n, std::uint32_t value, bool half = true) {
    if (layout.wide) {
      block.write<std::uint32_t>(4 * n, half ? value | 0xFFFF0000u : value);
    } else {
      block.write<std::uint16_t>(2 * n, static_cast<std::uint16_t>(value));
    }
  };
  word(0, s.control);
  word(1, s.status);
  word(2, s.tags);
  if (layout.selectors) {
    word(3, s.ip_offset, false);
    word(4, layout.wide ? s.ip_selector | static_cast<std::uint32_t>(s.opcode) << 16 : s.ip_selector, false);
    word(5, s.data_offset, false);
    word(6, s.data_selector);
    return;
  }
  const std::uint32_t ip = s.ip_offset + (static_cast<std::uint32_t>(s.ip_selector) << 4);
  const std::uint32_t data = s.data_offset + (static_cast<std::uint32_t>(s.data_selector) << 4);
  const std::uint32_t upper = layout.wide ? 0xFFFFu : 0xFu;
  word(3, layout.wide ? ip & 0xFFFF : ip, true);
  word(4, (ip >> 16 & upper) << 12 | s.opcode, false);
  word(5, layout.wide ? data & 0xFFFF : data, true);
  word(6, (data >> 16 & upper) << 12, false);
}

/// Status and tags take effect as they are read, the control word (which is returned) when all has been read: a fault
/// in between shows it, and silicon's order is this one.
std::uint16_t read_environment(MemoryParts& block, Layout layout, X87State& s) {
  const auto word = [&](unsigned n) {
    return layout.wide ? block.read<std::uint32_t>(4 * n) : block.read<std::uint16_t>(2 * n);
  };
  const auto control = static_cast<std::uint16_t>(word(0));
  Unit(s).set_status(static_cast<std::uint16_t>(word(1)));
  Unit(s).set_tags(static_cast<std::uint16_t>(word(2)));
  std::uint32_t words[7] = {};
  for (unsigned n = 3; n < 7; ++n) words[n] = word(n);
  if (layout.selectors) {
    s.ip_offset = words[3];
    s.ip_selector = static_cast<std::uint16_t>(words[4]);
    if (layout.wide) s.opcode = words[4] >> 16 & 0x7FF;
    s.data_offset = words[5];
    s.data_selector = static_cast<std::uint16_t>(words[6]);
    return control;
  }
  const std::uint32_t upper = layout.wide ? 0xFFFFu : 0xFu;
  s.ip_offset = (words[3] & 0xFFFF) | (words[4] >> 12 & upper) << 16;
  s.opcode = words[4] & 0x7FF;
  s.data_offset = (words[5] & 0xFFFF) | (words[6] >> 12 & upper) << 16;
  s.ip_selector = s.data_selector = 0;
  return control;
}

}  // namespace

void store_environment(Cpu& cpu, const Op& op) {
  const Layout layout = layout_of(cpu, op);
  MemoryParts block(cpu, op);
  block.probe_ends(layout.unit(), layout.size(), Access::kWrite);
  write_environment(block, layout, cpu.x87);
  Unit(cpu.x87).set_control(cpu.x87.control | kExceptionMask);
}

void load_environment(Cpu& cpu, const Op& op) {
  const Layout layout = layout_of(cpu, op);
  MemoryParts block(cpu, op);
  block.probe_ends(layout.unit(), layout.size(), Access::kRead);
  Unit(cpu.x87).set_control(read_environment(block, layout, cpu.x87));
}

void save(Cpu& cpu, const Op& op) {
  const Layout layout = layout_of(cpu, op);
  MemoryParts block(cpu, op);
  block.probe_ends(layout.unit(), layout.size() + 80, Access::kWrite);
  write_environment(block, layout, cpu.x87);
  Unit unit(cpu.x87);
  for (unsigned i = 0; i < 8; ++i) {
    const Float80 value = unit.st(i);
    block.write_loose<std::uint64_t>(layout.size() + 10 * i, value.significand);
    block.write_loose<std::uint16_t>(layout.size() + 10 * i + 8, value.sign_exp);
  }
  unit.initialize();
}

void restore(Cpu& cpu, const Op& op) {
  const Layout layout = layout_of(cpu, op);
  MemoryParts block(cpu, op);
  block.probe_ends(layout.unit(), layout.size() + 80, Access::kRead);
  const std::uint16_t control = read_environment(block, layout, cpu.x87);
  Unit unit(cpu.x87);
  for (unsigned i = 0; i < 8; ++i) {
    const auto significand = block.read_loose<std::uint64_t>(layout.size() + 10 * i);
    unit.load_st(i, {significand, block.read_loose<std::uint16_t>(layout.size() + 10 * i + 8)});
  }
  unit.set_control(control);
}

}  // namespace ringside::x87
