#include "tests/oracle/simulated.h"

#include <cstring>

#include "cpu/access.h"
#include "cpu/cpu.h"
#include "cpu/fault.h"
#include "cpu/x87/unit.h"
#include "memory/physical_memory.h"
#include "tests/oracle/layout.h"

namespace ringside::oracle {

namespace {

/// Physical addresses. The pages of a case follow from kPagesAt on.
enum Physical : std::uint32_t {
  kGdt = 0x1000, kLdt = 0x2000, kIdt = 0x3000, kTss = 0x4000, kStack0 = 0x6000, kHandler = 0x7000,
  kPageDirectory = 0x8000, kPageTables = 0x10000, kPagesAt = 0x20000,
};
/// The tables' linear addresses: far from all that a case may reach but by chance.
constexpr std::uint32_t kSystem = 0xC0000000;
constexpr std::uint32_t kSystemSize = 0x10000;
constexpr std::uint64_t kMaxTicks = 70000;  ///< a repeated instruction's 65535 iterations, and some more

class NoBus final : public CpuBus {
 public:
  std::uint32_t read_port(std::uint16_t, unsigned) override { return ~0u; }
  void write_port(std::uint16_t, unsigned, std::uint32_t) override {}
  std::uint8_t acknowledge_interrupt() override { return 0; }
  void set_ferr(bool) override {}
};

class CauseCounter final : public CpuObserver {
 public:
  void trap(const TrapEvent& event) override {
    if (event.kind == TrapKind::kException && event.fault != nullptr) ++causes[cause_name(event.fault->cause)];
    if (event.kind == TrapKind::kSoftwareInterrupt) ++causes["INT, INT1, INT3 or INTO as a call"];
  }
  std::map<std::string, std::uint64_t> causes;
};

const CpuModel& newest_model() {
  const CpuModel* model = find_cpu_model("pentium4");
  return model != nullptr ? *model : default_cpu_model();
}

}  // namespace

struct SimulatedProcessor::Inside {
  PhysicalMemory memory{PhysicalMemory::kMinRam};
  NoBus bus;
  Cpu cpu{memory, bus, newest_model()};
  std::array<std::array<std::uint8_t, kPage>, kPages.size()> pristine;
  std::uint64_t count = 0;
  CauseCounter counter;
  bool counting = false;

  Inside();
  void map(std::uint32_t linear, std::uint32_t physical, std::uint32_t rights);
  void begin(const Case& c);
  void load_fpu(const FpuImage& image);
  void finish(const Case& c, Result& result);
  void save_fpu(FpuImage& image) const;
  void collect_changes(const Case& c, Result& result);

  static PhysAddr physical(std::size_t page, std::uint32_t linear) {
    return kPagesAt + page * kPage + (linear & (kPage - 1));
  }
  template <typename F>
  static void each_byte(const Bytes& bytes, F&& f) {
    for (const Bytes::Run& run : bytes.runs())
      for (std::uint32_t i = 0; i < run.size; ++i) {
        const int page = page_index(run.linear + i);
        if (page >= 0 && kPages[static_cast<std::size_t>(page)].writable)
          f(static_cast<std::size_t>(page), run.linear + i, bytes.of(run)[i]);
      }
  }
};

SimulatedProcessor::SimulatedProcessor() : in_(std::make_unique<Inside>()) {}
SimulatedProcessor::~SimulatedProcessor() = default;
void SimulatedProcessor::count_causes() { in_->counting = true; }
const std::map<std::string, std::uint64_t>& SimulatedProcessor::causes() const { return in_->counter.causes; }

void SimulatedProcessor::Inside::map(std::uint32_t linear, std::uint32_t physical, std::uint32_t rights) {
  const std::uint32_t slot = kPageDirectory + 4 * (linear >> 22);
  std::uint32_t table = memory.read32(slot) & ~0xFFFu;
  if (table == 0) {
    table = kPageTables;
    while (memory.read32(table + 0xFFC) != 0) table += kPage;  // its last dword marks a table as taken
    memory.write32(table + 0xFFC, 0x1000);
    memory.write32(slot, table | 7);
  }
  const std::uint32_t entry = table + 4 * (linear >> 12 & 0x3FF);
  memory.write32(entry, physical | rights);
}

SimulatedProcessor::Inside::Inside() {
  for (std::size_t i = 0; i < kPages.size(); ++i) {
    map(kPages[i].linear, static_cast<std::uint32_t>(physical(i, 0)), kPages[i].writable ? 7u : 5u);
    for (std::uint32_t o = 0; o < kPage; ++o) {
      pristine[i][o] = background(kPages[i].linear + o);
      memory.write8(physical(i, o), pristine[i][o]);
    }
  }
  for (std::uint32_t p = 0x1000; p < 0x8000; p += kPage) map(kSystem + p, p, 3);
  for (unsigned i = 0; i < kGlobalCount; ++i) memory.write64(kGdt + 8 * i, global_descriptor(i));
  for (unsigned i = 0; i < kLocalCount; ++i) memory.write64(kLdt + 8 * i, raw_descriptor(local_segments()[i]));
  for (unsigned v = 0; v < 256; ++v) {
    // As Linux has it: INT3 and INTO may be called, everything else is refused to INT n.
    const std::uint32_t rights = v == 3 || v == 4 ? 0xEE00 : 0x8E00;
    memory.write32(kIdt + 8 * v, 8u << 16 | (kHandler + v));
    memory.write32(kIdt + 8 * v + 4, kSystem | rights);
  }
  memory.write32(kTss + 4, kSystem + kStack0 + kPage);
  memory.write32(kTss + 8, 0x18);
  memory.write16(kTss + 0x66, 0x68);
  for (unsigned v = 0; v < 256; ++v) memory.write8(kHandler + v, kSentinel);

  cpu.cr0 = kCr0PE | kCr0MP | kCr0ET | kCr0NE | kCr0WP | kCr0AM | kCr0PG;
  cpu.cr4 = kCr4DE | kCr4PSE | kCr4OSFXSR | kCr4OSXMMEXCPT;
  cpu.cr3 = kPageDirectory;
  cpu.gdtr = {kSystem + kGdt, 8 * kGlobalCount - 1};
  cpu.idtr = {kSystem + kIdt, 0x7FF};
  cpu.ldtr.selector = 0x50;
  cpu.ldtr.base = kSystem + kLdt;
  cpu.ldtr.limit = 8 * kLocalCount - 1;
  cpu.tr.selector = 0x40;
  cpu.tr.base = kSystem + kTss;
  cpu.tr.limit = 0x67;
  cpu.tr.access = 0x8B;
  cpu.update_mode();
}

void SimulatedProcessor::Inside::begin(const Case& c) {
  each_byte(c.patches, [&](std::size_t page, std::uint32_t linear, std::uint8_t value) {
    pristine[page][linear & (kPage - 1)] = value;
    memory.write8(physical(page, linear), value);
  });
  const Registers& r = c.registers;
  for (unsigned i = 0; i < 8; ++i) cpu.gpr[i] = r.gpr[i];
  cpu.eip = r.eip;
  for (unsigned i = 0; i < 6; ++i) {
    const SegmentView view = view_of(r.seg[i]);
    Segment& s = cpu.seg[i];
    s = Segment{};
    s.selector = r.seg[i];
    s.base = view.base;
    s.limit = view.limit;
    s.usable = view.usable;
    s.big = view.big;
    s.access = static_cast<std::uint8_t>(kPresent | kDplMask | kNotSystem | kAccessed | (view.code ? kCode : 0) |
                                         (view.expand_down ? kExpandDown : 0) |
                                         (view.writable || (view.code && view.readable) ? kWritable : 0));
    s.derive();
  }
  cpu.halted = cpu.shutdown = false;
  cpu.pending_debug = 0;
  cpu.inhibit_until = 0;
  cpu.inhibit_debug = false;
  cpu.cr2 = 0;
  cpu.dr[6] = 0xFFFF0FF0;
  cpu.pending_link = nullptr;
  cpu.pending_indirect = false;
  load_fpu(c.fpu);
  cpu.set_cpl(3);
  cpu.set_eflags(r.eflags, 0xFFFFFFFF);
  cpu.update_mode();
  if (++count % 16 == 0) cpu.flush_tlb(false);
}

void SimulatedProcessor::Inside::load_fpu(const FpuImage& image) {
  X87State& x = cpu.x87;
  x = X87State{};
  x.control = image.word(FpuImage::kControl);
  x.status = image.word(FpuImage::kStatus);
  x.mxcsr = image.word(FpuImage::kMxcsr);
  const unsigned top = x.status >> 11 & 7u;
  x.tags = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned number = (top + i) & 7;
    const unsigned at = FpuImage::kStack + 16 * i;
    x.reg[number] = {image.quad(at), image.word(at + 8)};
    const bool valid = (image.bytes[FpuImage::kTags] >> number & 1) != 0;
    x.tags = static_cast<std::uint16_t>(x.tags | (valid ? x87::tag_of(x.reg[number]) : x87::kTagEmpty) << 2 * number);
    for (unsigned half = 0; half < 2; ++half) x.xmm[i][half] = image.quad(FpuImage::kXmm + 16 * i + 8 * half);
  }
}

void SimulatedProcessor::Inside::save_fpu(FpuImage& image) const {
  const X87State& x = cpu.x87;
  image.bytes.fill(0);
  image.set_word(FpuImage::kControl, x.control);
  image.set_word(FpuImage::kStatus, x.status);
  image.set_word(FpuImage::kMxcsr, x.mxcsr);
  const unsigned top = x.status >> 11 & 7u;
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned number = (top + i) & 7;
    const unsigned at = FpuImage::kStack + 16 * i;
    image.set_quad(at, x.reg[number].significand);
    image.set_word(at + 8, x.reg[number].sign_exp);
    if ((x.tags >> 2 * number & 3) != x87::kTagEmpty)
      image.bytes[FpuImage::kTags] = static_cast<std::uint8_t>(image.bytes[FpuImage::kTags] | 1u << number);
    for (unsigned half = 0; half < 2; ++half) image.set_quad(FpuImage::kXmm + 16 * i + 8 * half, x.xmm[i][half]);
  }
}

/// Notes what differs from the pristine memory, and puts it back.
void SimulatedProcessor::Inside::collect_changes(const Case& c, Result& result) {
  result.changes.clear();
  for (std::size_t p = 0; p < kPages.size(); ++p) {
    const std::uint8_t* now = memory.ram().data() + physical(p, 0);
    const std::uint8_t* before = pristine[p].data();
    if (!kPages[p].writable || std::memcmp(now, before, kPage) == 0) continue;
    for (std::uint32_t o = 0; o < kPage; ++o) {
      if (now[o] == before[o]) continue;
      std::uint32_t end = o + 1;
      while (end < kPage && now[end] != before[end]) ++end;
      result.changes.add(kPages[p].linear + o, {now + o, end - o});
      memory.write(physical(p, o), before + o, end - o);
      o = end;
    }
  }
  each_byte(c.patches, [&](std::size_t page, std::uint32_t linear, std::uint8_t) {
    pristine[page][linear & (kPage - 1)] = background(linear);
    memory.write8(physical(page, linear), background(linear));
  });
}

/// From the frame that the exception left on the stack of ring 0. The handler of vector n is HLT at byte n of its page.
void SimulatedProcessor::Inside::finish(const Case& c, Result& result) {
  for (unsigned i = 0; i < 8; ++i) result.registers.gpr[i] = cpu.gpr[i];
  for (unsigned i = 0; i < 6; ++i) {
    const std::uint16_t selector = cpu.seg[i].selector;
    result.registers.seg[i] = (selector & ~3u) == 0 ? std::uint16_t{0} : selector;
  }
  result.vector = Result::kTimeout;
  result.error_code = result.cr2 = 0;
  result.registers.eip = cpu.eip;
  result.registers.eflags = cpu.eflags();
  if (cpu.cpl == 0 && cpu.halted) {
    result.vector = static_cast<std::uint8_t>(cpu.eip - (kSystem + kHandler) - 1);
    std::uint32_t frame = cpu.gpr[kESP] - kSystem;
    if (has_error_code(static_cast<Vector>(result.vector))) {
      result.error_code = memory.read32(frame);
      frame += 4;
    }
    result.registers.eip = memory.read32(frame);
    result.registers.seg[kCS] = memory.read16(frame + 4);
    result.registers.eflags = memory.read32(frame + 8);
    result.registers.gpr[kESP] = memory.read32(frame + 12);
    result.registers.seg[kSS] = memory.read16(frame + 16);
  }
  if (result.vector == 14) {
    result.cr2 = cpu.cr2;
    // The system's own pages are absent on silicon.
    if (cpu.cr2 - kSystem < kSystemSize) result.error_code &= ~1u;
  }
  save_fpu(result.fpu);
  collect_changes(c, result);
}

void SimulatedProcessor::run(const Case& c, Executor executor, Result& result) {
  Cpu& cpu = in_->cpu;
  in_->begin(c);
  cpu.observer = in_->counting && executor == Executor::kExact ? &in_->counter : nullptr;
  const std::uint64_t limit = cpu.ticks() + kMaxTicks;
  if (executor == Executor::kFast) {
    cpu.run(limit);
  } else {
    while (!cpu.halted && !cpu.shutdown && cpu.ticks() < limit && cpu.step() == RunExit::kLimit) {
    }
  }
  in_->finish(c, result);
}

}  // namespace ringside::oracle
