// A guest for tests of single integer instructions, and the host's own processor to compare with.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Ring 0 in a 32-bit or 16-bit code segment. The segments' bases are 0 and kCodeAt; `data` is an offset
/// that is free for tests in both.
class IntegerMachine {
 public:
  IntegerMachine(How how, bool wide_mode) : g(everything_model(), how), wide(wide_mode) {
    if (wide) {
      g.enter_protected32();
    } else {
      g.enter_protected16();
    }
    start_ = cpu().eip;
    esp_ = cpu().gpr[kESP];
    data = wide ? std::uint32_t{kDataAt} : 0x4000u;
  }

  Guest g;
  bool wide;
  std::uint32_t data;

  Cpu& cpu() { return g.cpu; }
  std::uint32_t data_physical() const { return g.cpu.seg[kDS].base + data; }
  std::uint32_t stack_top() const { return esp_; }
  std::uint32_t code_start() const { return start_; }

  /// Prefix for an operand size of 1, 2 or 4 bytes.
  Bytes operand(unsigned size) const { return size == 1 || (size == 4) == wide ? Bytes{} : Bytes{0x66}; }
  /// Prefix for the address size.
  Bytes address(bool address32) const { return address32 == wide ? Bytes{} : Bytes{0x67}; }
  /// ModR/M byte for [EBX] or [BX].
  std::uint8_t at_ebx(unsigned reg) const { return static_cast<std::uint8_t>(reg << 3 | (wide ? 3 : 7)); }
  static std::uint8_t in_register(unsigned reg, unsigned rm) {
    return static_cast<std::uint8_t>(0xC0 | reg << 3 | rm);
  }

  /// Writes the instructions and a HLT where run() starts.
  void load(const Bytes& bytes) {
    restart();
    std::uint32_t at = cpu().seg[kCS].base + start_;
    for (const std::uint8_t byte : bytes) g.memory.write8(at++, byte);
    g.memory.write8(at, 0xF4);
  }
  /// Runs what was loaded to its HLT (or a fault's handler's), registers as they are.
  void run() {
    restart();
    g.observer.seen.clear();
    g.run(100000);
  }
  void run(const Bytes& bytes) {
    load(bytes);
    run();
  }
  void set_flags(std::uint32_t word) { cpu().flags.set_word(word); }
  std::uint32_t flags() { return cpu().flags.word(); }
  /// EIP of the instruction that ran last, seen from the HLT behind the loaded bytes.
  bool halted_behind(std::size_t bytes) { return cpu().eip == start_ + bytes + 1; }

 private:
  /// After a HLT; after a fault has gone to its handler's segments, back to this mode's.
  void restart() {
    cpu().halted = false;
    cpu().eip = start_;
    if (g.last_fault() == nullptr) return;
    g.observer.seen.clear();
    if (wide) {
      g.enter_protected32();
    } else {
      g.enter_protected16();
    }
  }

  std::uint32_t start_ = 0;
  std::uint32_t esp_ = 0;
};

/// Runs `body` in 16-bit and 32-bit code, stepped and free.
template <typename Body>
void each_mode(Body&& body) {
  for (const bool wide : {false, true}) {
    for (const How how : {How::kStep, How::kRun}) {
      SCOPED_TRACE(std::string(wide ? "32" : "16") + "-bit code, " +
                   (how == How::kStep ? "stepped" : "free"));
      IntegerMachine machine(how, wide);
      body(machine);
    }
  }
}

/// A register after `value` was written to its low part.
template <typename T>
std::uint32_t kept_above(std::uint32_t register_before, T value) {
  if constexpr (sizeof(T) == 4) return value;
  constexpr std::uint32_t mask = (1u << (8 * sizeof(T) % 32)) - 1;
  return (register_before & ~mask) | value;
}

template <typename T>
void store(IntegerMachine& m, std::uint32_t address, T value) {
  for (unsigned i = 0; i < sizeof(T); ++i)
    m.g.memory.write8(address + i, static_cast<std::uint8_t>(value >> (8 * i)));
}

/// Numbers that look random and are the same in every run.
class Numbers {
 public:
  std::uint32_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 32);
  }

 private:
  std::uint64_t state_ = 1;
};

/// Values at which carries and signs change, then others.
inline std::vector<std::uint32_t> operands(unsigned others) {
  std::vector<std::uint32_t> values = {0,      1,          2,          9,          0xF,       0x10,
                                       0x7F,   0x80,       0x81,       0xFF,       0x7FFF,    0x8000,
                                       0xFFFF, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF};
  Numbers numbers;
  for (unsigned i = 0; i < others; ++i) values.push_back(numbers.next());
  return values;
}

#if defined(__x86_64__)
#define RINGSIDE_HOST_FLAGS 1
// Runs `text` on the host with EFLAGS' arithmetic bits from `in`, and takes those it leaves to `out`. The
// stack pointer moves beyond the red zone; the operands must be registers.
#define ON_HOST(text)                                                                                     \
  "lea -128(%%rsp), %%rsp\n\tpush %[in]\n\tpopfq\n\t" text "\n\tpushfq\n\tpop %[out]\n\tlea 128(%%rsp), " \
                                                           "%%rsp"

template <typename T>
struct HostResult {
  T value;
  std::uint32_t flags;
};

inline std::uint64_t host_flags_in(std::uint32_t flags) { return flags | 0x202u; }
inline std::uint32_t host_flags_out(std::uint64_t out) {
  return static_cast<std::uint32_t>(out) & kArithmeticFlags;
}
#endif

}  // namespace ringside::test
