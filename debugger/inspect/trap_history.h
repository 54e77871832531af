// The traps of a machine's known life, each with what can only be seen at that moment: the frame that was pushed
// and the gate that was used. Follows time travel: what is lived again is not counted again.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "cpu/cpu_bus.h"
#include "machine/machine.h"

namespace ringside {

/// By what means control was transferred.
enum class TrapWay : std::uint8_t { kException, kSoftware, kExternal, kNmi, kIret, kTaskSwitch, kCallGate, kFarReturn, kSysenter, kSysexit, kCount };
/// "INT n", "exception", "IRQ", "call gate", ...
const char* trap_way_name(TrapWay way);

struct KnownTrap {
  std::uint64_t number = 0;      ///< counted from power-on
  Moment moment;                 ///< just before it, as far as known
  TrapEvent event{};             ///< event.fault is null; see `fault`
  TrapWay way{};
  std::optional<Fault> fault;
  bool real_mode = false;
  bool gate32 = true;
  bool pae = false;              ///< which tables a page fault walked
  std::vector<FaultChain::Entry> chain;  ///< of a double fault: what led to it, and itself last
  std::uint64_t gate = 0;        ///< the IDT entry, or the four bytes of real mode's table
  std::uint32_t cr2 = 0;
  std::uint16_t ss = 0;          ///< of the handler's stack
  std::uint32_t esp = 0;
  std::uint8_t frame_words = 0;  ///< of `frame`, that could be read
  std::array<std::uint32_t, 10> frame{};  ///< from the top of the stack; 16-bit gates: in 16 bits each
};

bool has_vector(TrapKind kind);

class TrapHistory final : public CpuObserver {
 public:
  static constexpr std::size_t kKept = 16'384;

  explicit TrapHistory(Machine& machine);
  ~TrapHistory() override;
  TrapHistory(const TrapHistory&) = delete;
  TrapHistory& operator=(const TrapHistory&) = delete;

  void trap(const TrapEvent& event) override;
  /// Forgets what lies at or beyond `from`: another future begins.
  void truncate(Moment from);

  const std::deque<KnownTrap>& traps() const { return traps_; }
  const KnownTrap* find(std::uint64_t number) const;
  std::uint64_t count() const { return next_number_; }
  std::uint64_t count_of(TrapKind kind) const { return by_kind_[static_cast<std::size_t>(kind)]; }
  /// Exceptions, interrupts of devices, or INT n, of that vector.
  std::uint64_t count_of_vector(TrapKind kind, unsigned vector) const { return by_vector_[static_cast<std::size_t>(kind)][vector & 0xFF]; }
  /// Transitions between rings, [from][to].
  std::uint64_t transitions(unsigned from, unsigned to) const;
  std::uint64_t transitions(unsigned from, unsigned to, TrapWay way) const { return rings_[from & 3][to & 3][static_cast<std::size_t>(way)]; }

 private:
  TrapWay way_of(const TrapEvent& event) const;
  void count(const KnownTrap& trap, std::uint64_t by);
  void note_frame(KnownTrap& trap) const;

  Machine& machine_;
  std::deque<KnownTrap> traps_;
  std::uint64_t next_number_ = 0;
  static constexpr std::size_t kKinds = 7, kWays = static_cast<std::size_t>(TrapWay::kCount);
  std::array<std::uint64_t, kKinds> by_kind_{};
  std::array<std::array<std::uint64_t, 256>, kKinds> by_vector_{};
  std::array<std::array<std::array<std::uint64_t, kWays>, 4>, 4> rings_{};
};

}  // namespace ringside
