#include "machine/event_index.h"

#include <algorithm>

namespace ringside {
namespace {

constexpr std::uint32_t kPortKinds = kind_bit(EventKind::kPortRead) | kind_bit(EventKind::kPortWrite);
constexpr std::uint32_t kMaxStep = 255;
constexpr std::uint16_t kMaxRepeats = 0xFFFF;
constexpr Tick kMaxStride = 0xFFFF;

}  // namespace

const char* event_kind_name(EventKind kind) {
  switch (kind) {
    case EventKind::kException: return "exception";
    case EventKind::kSoftwareInterrupt: return "software-interrupt";
    case EventKind::kExternal: return "external-interrupt";
    case EventKind::kNmi: return "nmi";
    case EventKind::kIret: return "iret";
    case EventKind::kTaskSwitch: return "task-switch";
    case EventKind::kRingChange: return "ring-change";
    case EventKind::kCr0Write: return "cr0-write";
    case EventKind::kCr3Write: return "cr3-write";
    case EventKind::kCr4Write: return "cr4-write";
    case EventKind::kMsrWrite: return "msr-write";
    case EventKind::kPortRead: return "port-read";
    case EventKind::kPortWrite: return "port-write";
    case EventKind::kCount: break;
  }
  return "unknown";
}

// ===== A store =========================================================================================

EventIndex::Store::Store(std::size_t budget_bytes)
    : max_chunks_(std::max<std::size_t>(budget_bytes / sizeof(Chunk), 2)) {}

std::uint64_t EventIndex::Entry::pack(const IndexedEvent& event, unsigned ring) {
  return event.moment.tick << 16 | std::uint64_t{static_cast<unsigned>(event.kind)} << 12 | ring << 8 |
         std::min(event.moment.step, kMaxStep);
}

std::optional<IndexedEvent> EventIndex::Entry::match(const EventQuery& query) const {
  if ((query.kinds >> static_cast<unsigned>(kind()) & 1) != 0 && (!query.detail || *query.detail == detail))
    return IndexedEvent{moment(), kind(), detail};
  if (ring() != 0 && (query.kinds & kind_bit(EventKind::kRingChange)) != 0 &&
      (!query.detail || *query.detail == ring() - 1))
    return IndexedEvent{moment(), EventKind::kRingChange, ring() - 1};
  return std::nullopt;
}

void EventIndex::Store::add(const IndexedEvent& event, unsigned ring) {
  const std::uint64_t when = Entry::pack(event, ring);
  Chunk* chunk = chunks_.empty() ? nullptr : chunks_.back().get();
  if (chunk != nullptr) {
    Entry& last = chunk->entries[chunk->used - 1];
    const Tick distance = event.moment.tick - chunk->last;
    const bool like_it = ((last.when ^ when) & 0xFFFF) == 0 && last.detail == event.detail && event.moment.step == 0 &&
                         ring == 0 && distance > 0 && distance <= kMaxStride;
    if (like_it && last.repeats < kMaxRepeats && (last.repeats == 0 || last.stride == distance)) {
      last.stride = static_cast<std::uint16_t>(distance);
      ++last.repeats;
      chunk->last = event.moment.tick;
      return;
    }
  }
  if (chunk == nullptr || chunk->used == kChunkEntries) {
    if (chunks_.size() == max_chunks_) {
      complete_from_ = chunks_.front()->last + 1;
      chunks_.pop_front();
    }
    chunk = chunks_.emplace_back(new Chunk).get();
  }
  chunk->entries[chunk->used++] = {when, event.detail, 0, 0};
  chunk->kinds |= chunk->entries[chunk->used - 1].kinds();
  chunk->last = event.moment.tick;
}

std::size_t EventIndex::Chunk::first_from(Moment moment) const {
  const auto end = entries.begin() + static_cast<std::ptrdiff_t>(used);
  return static_cast<std::size_t>(std::partition_point(entries.begin(), end, [moment](const Entry& e) { return e.moment() < moment; }) -
                                  entries.begin());
}

auto EventIndex::Store::chunk_from(Tick tick) const {
  return std::partition_point(chunks_.begin(), chunks_.end(), [tick](const auto& chunk) { return chunk->last < tick; });
}

template <typename Lost>
void EventIndex::Store::truncate(Moment moment, Lost&& lost) {
  while (!chunks_.empty()) {
    Chunk& chunk = *chunks_.back();
    while (chunk.used > 0) {
      Entry& entry = chunk.entries[chunk.used - 1];
      if (entry.moment() >= moment) {
        lost(entry, entry.repeats + 1u);
        --chunk.used;
        continue;
      }
      // It begins before; its repetitions may not. They are all at step 0.
      if (entry.repeats > 0) {
        const Tick room = moment.tick - entry.tick() - (moment.step == 0 ? 1 : 0);
        const std::uint64_t kept = std::min<std::uint64_t>(entry.repeats, room / entry.stride);
        lost(entry, entry.repeats - kept);
        entry.repeats = static_cast<std::uint16_t>(kept);
      }
      chunk.last = entry.last_tick();
      chunk.kinds = 0;
      for (std::size_t i = 0; i < chunk.used; ++i) chunk.kinds |= chunk.entries[i].kinds();
      return;
    }
    chunks_.pop_back();
  }
}

void EventIndex::Store::clear() {
  chunks_.clear();
  complete_from_ = 0;
}

std::optional<IndexedEvent> EventIndex::Store::previous(Moment moment, const EventQuery& query) const {
  for (auto at = chunks_.rbegin(); at != chunks_.rend(); ++at) {
    const Chunk& chunk = **at;
    if ((chunk.kinds & query.kinds) == 0 || chunk.entries[0].tick() > moment.tick) continue;
    for (std::size_t i = chunk.first_from(moment); i-- > 0;) {
      const Entry& entry = chunk.entries[i];
      auto event = entry.match(query);
      if (!event) continue;
      if (entry.repeats > 0) {
        const Tick room = moment.tick - entry.tick() - (moment.step == 0 ? 1 : 0);
        event->moment.tick += std::min<Tick>(entry.repeats, room / entry.stride) * entry.stride;
      }
      return event;
    }
  }
  return std::nullopt;
}

std::optional<IndexedEvent> EventIndex::Store::next(Moment moment, const EventQuery& query) const {
  for (auto at = chunk_from(moment.tick); at != chunks_.end(); ++at) {
    const Chunk& chunk = **at;
    if ((chunk.kinds & query.kinds) == 0) continue;
    const std::size_t from = chunk.first_from(moment);
    for (std::size_t i = from - (from > 0 ? 1 : 0); i < chunk.used; ++i) {
      const Entry& entry = chunk.entries[i];
      auto event = entry.match(query);
      if (!event) continue;
      if (event->moment > moment) return event;
      if (entry.repeats == 0) continue;
      const Tick passed = (moment.tick - entry.tick()) / entry.stride + 1;
      if (passed > entry.repeats) continue;
      event->moment.tick += passed * entry.stride;
      return event;
    }
  }
  return std::nullopt;
}

std::uint32_t EventIndex::Store::kinds_between(Tick from, Tick to, std::uint32_t kinds) const {
  std::uint32_t found = 0;
  for (auto at = chunk_from(from); at != chunks_.end() && (found & kinds) != kinds; ++at) {
    const Chunk& chunk = **at;
    const Tick first = chunk.entries[0].tick();
    if (first >= to) break;
    if ((chunk.kinds & kinds & ~found) == 0) continue;
    if (first >= from && chunk.last < to) {
      found |= chunk.kinds;
      continue;
    }
    const std::size_t begin = chunk.first_from({from, 0}), end = chunk.first_from({to, 0});
    if (begin > 0) {
      const Entry& before = chunk.entries[begin - 1];
      const auto first_repetition = [&] { return (from - before.tick() + before.stride - 1) / before.stride; };
      if (before.last_tick() >= from && before.tick() + first_repetition() * before.stride < to) found |= before.kinds();
    }
    for (std::size_t i = begin; i < end && (found & kinds) != kinds; ++i) found |= chunk.entries[i].kinds();
  }
  return found & kinds;
}

// ===== Both ============================================================================================

EventIndex::EventIndex(std::size_t budget_bytes) : traps_(budget_bytes / 2), ports_(budget_bytes / 2) {}

void EventIndex::add(const IndexedEvent& event, std::optional<unsigned> new_cpl) {
  ++counts_[static_cast<std::size_t>(event.kind)];
  unsigned ring = 0;
  if (new_cpl && event.kind != EventKind::kRingChange) {
    ring = (*new_cpl & 3) + 1;
    ++counts_[static_cast<std::size_t>(EventKind::kRingChange)];
  }
  ((kind_bit(event.kind) & kPortKinds) != 0 ? ports_ : traps_).add(event, ring);
}

void EventIndex::lost(const Entry& entry, std::uint64_t times) {
  counts_[static_cast<std::size_t>(entry.kind())] -= times;
  if (entry.ring() != 0) counts_[static_cast<std::size_t>(EventKind::kRingChange)] -= times;
}

void EventIndex::truncate(Moment moment) {
  const auto forget = [this](const Entry& entry, std::uint64_t times) { lost(entry, times); };
  traps_.truncate(moment, forget);
  ports_.truncate(moment, forget);
}

void EventIndex::clear() {
  traps_.clear();
  ports_.clear();
  counts_ = {};
}

std::optional<IndexedEvent> EventIndex::previous(Moment moment, const EventQuery& query) const {
  auto trap = traps_.previous(moment, query);
  auto port = ports_.previous(moment, query);
  if (!trap || (port && port->moment >= trap->moment)) return port;
  return trap;
}

std::optional<IndexedEvent> EventIndex::next(Moment moment, const EventQuery& query) const {
  auto trap = traps_.next(moment, query);
  auto port = ports_.next(moment, query);
  if (!trap || (port && port->moment < trap->moment)) return port;
  return trap;
}

std::uint32_t EventIndex::kinds_between(Tick from, Tick to, std::uint32_t kinds) const {
  return traps_.kinds_between(from, to, kinds & ~kPortKinds) | ports_.kinds_between(from, to, kinds & kPortKinds);
}

Tick EventIndex::complete_from(std::uint32_t kinds) const {
  Tick from = 0;
  if ((kinds & kPortKinds) != 0) from = std::max(from, ports_.complete_from());
  if ((kinds & ~kPortKinds) != 0) from = std::max(from, traps_.complete_from());
  return from;
}

}  // namespace ringside
