// What happened when: traps, interrupts, ring changes, control-register and MSR writes, port accesses, by tick,
// so that "back to the previous page fault" is one look-up and one seek.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "cpu/cpu_bus.h"
#include "machine/moment.h"

namespace ringside {

enum class EventKind : std::uint8_t {
  kException,          ///< detail: vector
  kSoftwareInterrupt,  ///< detail: vector
  kExternal,           ///< detail: vector
  kNmi,
  kIret,
  kTaskSwitch,
  kRingChange,         ///< detail: the new CPL; by whatever instruction, interrupt or exception
  kCr0Write,           ///< detail: the new value
  kCr3Write,           ///< detail: the new value
  kCr4Write,           ///< detail: the new value
  kMsrWrite,           ///< detail: number of the MSR
  kPortRead,           ///< detail: port
  kPortWrite,          ///< detail: port
  kCount,
};
const char* event_kind_name(EventKind kind);

constexpr std::uint32_t kind_bit(EventKind kind) { return 1u << static_cast<unsigned>(kind); }

/// Which events are looked for.
struct EventQuery {
  std::uint32_t kinds = 0;               ///< kind_bit()s, any of them
  std::optional<std::uint32_t> detail;   ///< only with this detail
};

/// An event, and the moment just before it: the machine, sought there, is about to do it.
struct IndexedEvent {
  Moment moment;
  EventKind kind = EventKind::kCount;
  std::uint32_t detail = 0;
};

/// Events in the order in which they happened. Sixteen bytes each; accesses of one port at regular distances (a
/// repeated INS, a polling loop) share one entry. Two stores, so that a storm of port accesses does not push the
/// rest out; each forgets its oldest events when it is full.
class EventIndex {
 public:
  explicit EventIndex(std::size_t budget_bytes);

  /// `new_cpl`: the event has changed the ring as well, or (kRingChange) nothing else.
  void add(const IndexedEvent& event, std::optional<unsigned> new_cpl = {});
  /// Forgets all events at or after `moment`: another future begins.
  void truncate(Moment moment);
  void clear();

  /// The last event that began before `moment`, the first that begins after it.
  std::optional<IndexedEvent> previous(Moment moment, const EventQuery& query) const;
  std::optional<IndexedEvent> next(Moment moment, const EventQuery& query) const;
  /// Which of these kinds there are at the ticks from `from` up to `to`, that one excluded.
  std::uint32_t kinds_between(Tick from, Tick to, std::uint32_t kinds) const;

  /// Events of the given kinds before this tick may be missing.
  Tick complete_from(std::uint32_t kinds) const;
  std::uint64_t count(EventKind kind) const { return counts_[static_cast<std::size_t>(kind)]; }
  std::size_t memory_used() const { return traps_.memory_used() + ports_.memory_used(); }

 private:
  /// `repeats` further events follow, each `stride` ticks after the one before. A change of ring that comes with another
  /// event is kept in that one's entry.
  struct Entry {
    std::uint64_t when;  ///< 48 bits tick, 4 bits kind, 4 bits new CPL + 1 or 0, 8 bits step
    std::uint32_t detail;
    std::uint16_t repeats;
    std::uint16_t stride;

    static std::uint64_t pack(const IndexedEvent& event, unsigned ring);
    Tick tick() const { return when >> 16; }
    EventKind kind() const { return static_cast<EventKind>(when >> 12 & 15); }
    unsigned ring() const { return when >> 8 & 15; }
    std::uint32_t step() const { return when & 0xFF; }
    Moment moment() const { return {tick(), step()}; }
    Tick last_tick() const { return tick() + Tick{repeats} * stride; }
    std::uint32_t kinds() const { return kind_bit(kind()) | (ring() != 0 ? kind_bit(EventKind::kRingChange) : 0u); }
    /// The event in it that is asked for.
    std::optional<IndexedEvent> match(const EventQuery& query) const;
  };
  static_assert(sizeof(Entry) == 16);
  static_assert(static_cast<unsigned>(EventKind::kCount) <= 15);
  static constexpr std::size_t kChunkEntries = 4096;
  struct Chunk {
    std::size_t used = 0;
    std::uint32_t kinds = 0;
    Tick last = 0;  ///< tick of the last event in it
    std::array<Entry, kChunkEntries> entries;

    /// Number of the first entry that begins at `moment` or later; `used` where none does. Only the one before it may have
    /// repetitions that reach so far.
    std::size_t first_from(Moment moment) const;
  };

  class Store {
   public:
    explicit Store(std::size_t budget_bytes);
    void add(const IndexedEvent& event, unsigned ring);
    template <typename Lost>
    void truncate(Moment moment, Lost&& lost);
    void clear();
    std::optional<IndexedEvent> previous(Moment moment, const EventQuery& query) const;
    std::optional<IndexedEvent> next(Moment moment, const EventQuery& query) const;
    std::uint32_t kinds_between(Tick from, Tick to, std::uint32_t kinds) const;
    Tick complete_from() const { return complete_from_; }
    std::size_t memory_used() const { return chunks_.size() * sizeof(Chunk); }

   private:
    /// The first chunk that ends at `tick` or later.
    auto chunk_from(Tick tick) const;

    std::size_t max_chunks_;
    std::deque<std::unique_ptr<Chunk>> chunks_;
    Tick complete_from_ = 0;
  };

  void lost(const Entry& entry, std::uint64_t times);

  Store traps_, ports_;
  std::array<std::uint64_t, static_cast<std::size_t>(EventKind::kCount)> counts_{};
};

}  // namespace ringside
