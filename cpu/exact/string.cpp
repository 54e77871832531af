// String instructions, SDM Vol. 2: MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS with REP, REPE, REPNE.
//
// One iteration is one tick. Iterations whose memory is plain are done a page's part at a time (spans);
// all others one by one through the exact accesses. Which way is taken, the guest cannot see: the state
// after every iteration is that of the manual, and a repetition may be left and resumed after any of them.
#include <algorithm>
#include <cstring>

#include "cpu/access.h"
#include "cpu/exact.h"
#include "cpu/exact_integer.h"

namespace ringside::exact {

namespace {

/// Elements at consecutive places that need no further check. `first` is the one at the present offset;
/// the others lie above it, or below it while EFLAGS.DF is set.
struct Span {
  std::uint8_t* first = nullptr;
  std::uint64_t count = 0;
};

template <typename T>
T load(const std::uint8_t* place) {
  T value;
  std::memcpy(&value, place, sizeof(T));
  return value;
}

/// What the string instructions share: registers by address size, direction, spans. The op is copied,
/// because an iteration that writes into code may drop the block that holds it.
template <typename T>
class Strings {
 public:
  Strings(Cpu& cpu, const Op& op)
      : cpu_(cpu),
        op_(op),
        mask_((op.flags & kAddress32) != 0 ? 0xFFFFFFFFu : 0xFFFFu),
        down_((cpu.system_flags & kDF) != 0) {}

  Cpu& cpu() const { return cpu_; }
  unsigned source_segment() const { return op_.seg; }
  bool down() const { return down_; }
  std::uint32_t get(Gpr r) const { return cpu_.gpr[r] & mask_; }
  void set(Gpr r, std::uint32_t value) { cpu_.gpr[r] = (cpu_.gpr[r] & ~mask_) | (value & mask_); }
  // (E)SI := (E)SI + n * size, or - if DF = 1
  void advance(Gpr r, std::uint64_t n) {
    const std::uint32_t bytes = static_cast<std::uint32_t>(n) * std::uint32_t{sizeof(T)};
    set(r, down_ ? cpu_.gpr[r] - bytes : cpu_.gpr[r] + bytes);
  }

  Span span(unsigned segment, Gpr r, Access access) const;

  /// `iterate(n)` performs between 1 and n iterations, updates (E)SI and (E)DI, and says how many;
  /// `finished()` is asked after each group.
  template <typename Iterate, typename Finished>
  void repeat(Iterate&& iterate, Finished&& finished);
  template <typename Iterate>
  void repeat(Iterate&& iterate) {
    repeat(iterate, [] { return false; });
  }
  /// CMPS and SCAS: "the EFLAGS value is restored to the state prior to the execution of the instruction" when an
  /// iteration faults, and silicon has it so wherever the repetition is left before its end; the registers keep
  /// what the iterations did.
  template <typename Iterate>
  void repeat_comparing(Iterate&& iterate) {
    const LazyFlags before = cpu_.flags;
    try {
      repeat(iterate, [&] { return condition_failed(); });
    } catch (...) {
      cpu_.flags = before;
      throw;
    }
    if (cpu_.eip == op_.eip) cpu_.flags = before;
  }
  /// REPE ends with ZF = 0, REPNE with ZF = 1.
  bool condition_failed() const { return cpu_.flags.zf() == ((op_.flags & kRepne) != 0); }
  /// REPE goes on while the elements are equal.
  bool while_equal() const { return (op_.flags & kRepne) == 0; }

 private:
  Cpu& cpu_;
  const Op op_;
  const std::uint32_t mask_;
  const bool down_;
};

template <typename T>
Span Strings<T>::span(unsigned segment, Gpr r, Access access) const {
  constexpr std::uint32_t kSize = sizeof(T);
  const Segment& s = cpu_.seg[segment];
  const std::uint32_t offset = get(r);
  const std::uint64_t bound =
      std::min(access == Access::kWrite ? s.write_bound : s.read_bound, std::uint64_t{mask_} + 1);
  if (std::uint64_t{offset} + kSize > bound) return {};
  const std::uint32_t linear = s.base + offset;
  const std::uint32_t in_page = linear & (kPageSize - 1);
  if (in_page > kPageSize - kSize) return {};
  const FastTlbEntry& fast = cpu_.fast_tlb[cpu_.cpl == 3 ? 1 : 0][TlbArray<kDataTlbEntries>::index(linear)];
  if ((access == Access::kWrite ? fast.write_tag : fast.read_tag) != linear - in_page) return {};
  // Possible #AC: leave it to the exact accesses.
  if (linear % kSize != 0 && cpu_.cpl == 3 && (cpu_.cr0 & kCr0AM) != 0 && (cpu_.system_flags & kAC) != 0)
    return {};
  const std::uint64_t count = down_ ? std::min<std::uint64_t>(in_page, offset) / kSize + 1
                                    : std::min<std::uint64_t>(kPageSize - in_page, bound - offset) / kSize;
  return {reinterpret_cast<std::uint8_t*>(fast.addend + linear), count};
}

// WHILE CountReg != 0 DO: the iteration; CountReg := CountReg - 1; IF condition fails THEN exit OD
template <typename T>
template <typename Iterate, typename Finished>
void Strings<T>::repeat(Iterate&& iterate, Finished&& finished) {
  if ((op_.flags & (kRep | kRepne)) == 0) {
    iterate(std::uint64_t{1});
    return;
  }
  std::uint64_t count = get(kECX);
  if (count == 0) return;
  // A trap or interrupt that is due after the next tick comes between two iterations.
  const bool single =
      (cpu_.system_flags & kTF) != 0 || cpu_.debug_active || cpu_.attention || cpu_.interrupts_inhibited();
  std::uint64_t left = single || cpu_.remaining < 1 ? 1 : static_cast<std::uint64_t>(cpu_.remaining);
  for (;;) {
    const std::uint64_t done = iterate(std::min(count, left));
    // At once, so that time and registers are right when a later iteration faults or reaches a port.
    count -= done;
    left -= done;
    set(kECX, static_cast<std::uint32_t>(count));
    cpu_.remaining -= static_cast<std::int64_t>(done);
    if (count == 0 || finished()) break;
    if (left == 0 || cpu_.attention) {
      cpu_.eip = op_.eip;
      break;
    }
  }
  cpu_.remaining += 1;  // the caller counts one tick for the instruction
}

/// Copies as the processor does, element after element: where the destination begins inside the source,
/// what has been written is read again.
template <typename T>
void copy_span(std::uint8_t* destination, const std::uint8_t* source, std::uint64_t count, bool down) {
  const std::uint64_t bytes = count * sizeof(T);
  const auto d = reinterpret_cast<std::uintptr_t>(destination);
  const auto s = reinterpret_cast<std::uintptr_t>(source);
  if (!down) {
    if (d - s >= bytes) {  // also when the destination is below the source
      std::memmove(destination, source, bytes);
    } else {
      for (std::uint64_t i = 0; i < bytes; i += sizeof(T)) {
        const T value = load<T>(source + i);
        std::memcpy(destination + i, &value, sizeof(T));
      }
    }
  } else if (s - d >= bytes) {
    const std::uint64_t below = bytes - sizeof(T);
    std::memmove(destination - below, source - below, bytes);
  } else {
    for (std::uint64_t i = 0; i < bytes; i += sizeof(T)) {
      const T value = load<T>(source - i);
      std::memcpy(destination - i, &value, sizeof(T));
    }
  }
}

template <typename T>
void fill_span(std::uint8_t* lowest, T value, std::uint64_t count) {
  if constexpr (sizeof(T) == 1) {
    std::memset(lowest, value, count);
  } else {
    for (std::uint64_t i = 0; i < count; ++i) std::memcpy(lowest + i * sizeof(T), &value, sizeof(T));
  }
}

/// The pointer to element `i` of a span.
template <typename T>
const std::uint8_t* element(const Span& span, std::uint64_t i, bool down) {
  return down ? span.first - i * sizeof(T) : span.first + i * sizeof(T);
}

/// How many of the first `n` elements of an ascending span are equal to those of another.
template <typename T>
std::uint64_t equal_run(const std::uint8_t* a, const std::uint8_t* b, std::uint64_t n) {
  constexpr std::uint64_t kStep = 8 / sizeof(T);
  std::uint64_t i = 0;
  while (i + kStep <= n && load<std::uint64_t>(a + i * sizeof(T)) == load<std::uint64_t>(b + i * sizeof(T)))
    i += kStep;
  while (i < n && load<T>(a + i * sizeof(T)) == load<T>(b + i * sizeof(T))) ++i;
  return i;
}

/// How many of the first `n` elements of an ascending span differ from `wanted`.
template <typename T>
std::uint64_t different_run(const std::uint8_t* a, T wanted, std::uint64_t n) {
  if constexpr (sizeof(T) == 1) {
    const void* found = n == 0 ? nullptr : std::memchr(a, wanted, n);
    return found == nullptr ? n : static_cast<std::uint64_t>(static_cast<const std::uint8_t*>(found) - a);
  }
  std::uint64_t i = 0;
  while (i < n && load<T>(a + i * sizeof(T)) != wanted) ++i;
  return i;
}

}  // namespace

// DEST := SRC; advance (E)SI and (E)DI
template <typename T>
void movs(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  s.repeat([&](std::uint64_t most) {
    if (most > 1) {
      const Span from = s.span(s.source_segment(), kESI, Access::kRead);
      const Span to = from.count != 0 ? s.span(kES, kEDI, Access::kWrite) : Span{};
      const std::uint64_t n = std::min({most, from.count, to.count});
      if (n != 0) {
        copy_span<T>(to.first, from.first, n, s.down());
        s.advance(kESI, n);
        s.advance(kEDI, n);
        return n;
      }
    }
    cpu.write<T>(kES, s.get(kEDI), cpu.read<T>(s.source_segment(), s.get(kESI)));
    s.advance(kESI, 1);
    s.advance(kEDI, 1);
    return std::uint64_t{1};
  });
}

// temp := SRC1 - SRC2; SetStatusFlags(temp); advance (E)SI and (E)DI
template <typename T>
void cmps(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  const auto iterate = [&](std::uint64_t most) {
    if (most > 1) {
      const Span a = s.span(s.source_segment(), kESI, Access::kRead);
      const Span b = a.count != 0 ? s.span(kES, kEDI, Access::kRead) : Span{};
      const std::uint64_t n = std::min({most, a.count, b.count});
      if (n != 0) {
        std::uint64_t last = !s.down() && s.while_equal() ? equal_run<T>(a.first, b.first, n - 1) : 0;
        while (last + 1 < n && (load<T>(element<T>(a, last, s.down())) ==
                                load<T>(element<T>(b, last, s.down()))) == s.while_equal())
          ++last;
        alu::sub<T>(cpu.flags, load<T>(element<T>(a, last, s.down())),
                    load<T>(element<T>(b, last, s.down())));
        s.advance(kESI, last + 1);
        s.advance(kEDI, last + 1);
        return last + 1;
      }
    }
    const T second = cpu.read<T>(kES, s.get(kEDI));
    const T first = cpu.read<T>(s.source_segment(), s.get(kESI));
    alu::sub<T>(cpu.flags, first, second);
    s.advance(kESI, 1);
    s.advance(kEDI, 1);
    return std::uint64_t{1};
  };
  s.repeat_comparing(iterate);
}

// DEST := AL, AX or EAX; advance (E)DI
template <typename T>
void stos(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  const T value = cpu.reg<T>(4 * kEAX);
  s.repeat([&](std::uint64_t most) {
    if (most > 1) {
      const Span to = s.span(kES, kEDI, Access::kWrite);
      const std::uint64_t n = std::min(most, to.count);
      if (n != 0) {
        fill_span<T>(s.down() ? to.first - (n - 1) * sizeof(T) : to.first, value, n);
        s.advance(kEDI, n);
        return n;
      }
    }
    cpu.write<T>(kES, s.get(kEDI), value);
    s.advance(kEDI, 1);
    return std::uint64_t{1};
  });
}

// AL, AX or EAX := SRC; advance (E)SI. With REP only the last element remains.
template <typename T>
void lods(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  s.repeat([&](std::uint64_t most) {
    if (most > 1) {
      const Span from = s.span(s.source_segment(), kESI, Access::kRead);
      const std::uint64_t n = std::min(most, from.count);
      if (n != 0) {
        cpu.set_reg<T>(4 * kEAX, load<T>(element<T>(from, n - 1, s.down())));
        s.advance(kESI, n);
        return n;
      }
    }
    cpu.set_reg<T>(4 * kEAX, cpu.read<T>(s.source_segment(), s.get(kESI)));
    s.advance(kESI, 1);
    return std::uint64_t{1};
  });
}

// temp := accumulator - SRC; SetStatusFlags(temp); advance (E)DI
template <typename T>
void scas(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  const T wanted = cpu.reg<T>(4 * kEAX);
  const auto iterate = [&](std::uint64_t most) {
    if (most > 1) {
      const Span in = s.span(kES, kEDI, Access::kRead);
      const std::uint64_t n = std::min(most, in.count);
      if (n != 0) {
        std::uint64_t last = !s.down() && !s.while_equal() ? different_run<T>(in.first, wanted, n - 1) : 0;
        while (last + 1 < n && (load<T>(element<T>(in, last, s.down())) == wanted) == s.while_equal()) ++last;
        alu::sub<T>(cpu.flags, wanted, load<T>(element<T>(in, last, s.down())));
        s.advance(kEDI, last + 1);
        return last + 1;
      }
    }
    alu::sub<T>(cpu.flags, wanted, cpu.read<T>(kES, s.get(kEDI)));
    s.advance(kEDI, 1);
    return std::uint64_t{1};
  };
  s.repeat_comparing(iterate);
}

// DEST := I/O port DX; advance (E)DI. The port is read only when nothing can fault any more. Its permission is
// needed even where REP finds a count of 0.
template <typename T>
void ins(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  const std::uint16_t port = cpu.reg<std::uint16_t>(4 * kEDX);
  const auto iterate = [&](std::uint64_t) {
    const Span to = cpu.debug_active ? Span{} : s.span(kES, kEDI, Access::kWrite);
    if (to.count != 0) {
      const T value = static_cast<T>(cpu.bus.read_port(port, sizeof(T)));
      std::memcpy(to.first, &value, sizeof(T));
    } else {
      const Cpu::Place place = cpu.place_for_write(kES, s.get(kEDI), sizeof(T));
      cpu.write_place<T>(place, static_cast<T>(cpu.bus.read_port(port, sizeof(T))));
    }
    if (cpu.debug_active) cpu.note_port_access(port, sizeof(T));
    s.advance(kEDI, 1);
    return std::uint64_t{1};
  };
  check_io_permission(cpu, port, sizeof(T));
  s.repeat(iterate);
}

// I/O port DX := SRC; advance (E)SI
template <typename T>
void outs(Cpu& cpu, const Op& op) {
  Strings<T> s(cpu, op);
  const std::uint16_t port = cpu.reg<std::uint16_t>(4 * kEDX);
  const auto iterate = [&](std::uint64_t) {
    const T value = cpu.read<T>(s.source_segment(), s.get(kESI));
    s.advance(kESI, 1);
    cpu.bus.write_port(port, sizeof(T), value);
    if (cpu.debug_active) cpu.note_port_access(port, sizeof(T));
    return std::uint64_t{1};
  };
  check_io_permission(cpu, port, sizeof(T));
  s.repeat(iterate);
}

#define INSTANTIATE(T)                    \
  template void movs<T>(Cpu&, const Op&); \
  template void cmps<T>(Cpu&, const Op&); \
  template void stos<T>(Cpu&, const Op&); \
  template void lods<T>(Cpu&, const Op&); \
  template void scas<T>(Cpu&, const Op&); \
  template void ins<T>(Cpu&, const Op&);  \
  template void outs<T>(Cpu&, const Op&);
INSTANTIATE(std::uint8_t)
INSTANTIATE(std::uint16_t)
INSTANTIATE(std::uint32_t)

}  // namespace ringside::exact
