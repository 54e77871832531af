// The index against a plain list of the same events.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

#include "machine/event_index.h"

namespace ringside {
namespace {

constexpr std::uint32_t kAllKinds = (1u << static_cast<unsigned>(EventKind::kCount)) - 1;

/// An event, and the ring that it led to.
struct Known {
  IndexedEvent event;
  std::optional<unsigned> ring;

  std::optional<IndexedEvent> match(const EventQuery& query) const {
    const auto is_meant = [&](EventKind kind, std::uint32_t detail) {
      return (query.kinds & kind_bit(kind)) != 0 && (!query.detail || *query.detail == detail);
    };
    if (is_meant(event.kind, event.detail)) return event;
    if (ring && is_meant(EventKind::kRingChange, *ring)) return IndexedEvent{event.moment, EventKind::kRingChange, *ring};
    return std::nullopt;
  }
  std::uint32_t kinds() const { return kind_bit(event.kind) | (ring ? kind_bit(EventKind::kRingChange) : 0); }
};

/// Both, filled alike.
class Pair {
 public:
  explicit Pair(unsigned seed) : random_(seed) {}

  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  Tick end() const { return now_.tick + 1; }

  /// Some events of all kinds, or a row of one kind at regular distances.
  void add_some() {
    if (random(4) == 0) {
      const Tick stride = random(3) == 0 ? random(70'000) + 1 : random(5) + 1;
      const auto kind = static_cast<EventKind>(random(13));
      const auto detail = static_cast<std::uint32_t>(random(3));
      for (std::uint64_t n = random(2000); n-- > 0;) {
        now_ = {now_.tick + stride, 0};
        add({now_, kind, detail}, std::nullopt);
      }
      return;
    }
    for (std::uint64_t n = random(200); n-- > 0;) {
      if (random(3) == 0) ++now_.step;
      else now_ = {now_.tick + random(3) * random(20), now_.step};
      if (random(2) == 0) now_ = {now_.tick + 1, 0};
      std::optional<unsigned> ring;
      if (random(5) == 0) ring = static_cast<unsigned>(random(4));
      add({now_, static_cast<EventKind>(random(12)), static_cast<std::uint32_t>(random(3))}, ring);
    }
  }
  void truncate() {
    const Moment from{now_.tick - std::min(now_.tick, random(3000)), static_cast<std::uint32_t>(random(2))};
    index_.truncate(from);
    std::erase_if(list_, [&](const Known& k) { return k.event.moment >= from; });
    now_ = std::max(list_.empty() ? Moment{} : list_.back().event.moment, from);
  }

  /// Nothing is asked before what the index still knows.
  void ask() {
    EventQuery query{static_cast<std::uint32_t>(random(kAllKinds) + 1), std::nullopt};
    if (random(2) == 0) query.kinds = kind_bit(static_cast<EventKind>(random(13)));
    if (random(3) == 0) query.detail = static_cast<std::uint32_t>(random(4));
    const Tick known = index_.complete_from(query.kinds);
    ASSERT_LE(known, now_.tick + 1);
    const Moment moment{known + random(end() - known + 10), static_cast<std::uint32_t>(random(3))};
    expect_same(index_.next(moment, query), next(moment, query));
    const auto before = previous(moment, query);
    if (before && before->moment.tick >= known) expect_same(index_.previous(moment, query), before);
    const Tick to = moment.tick + random(random(2) == 0 ? 20 : 100'000);
    EXPECT_EQ(index_.kinds_between(moment.tick, to, query.kinds), kinds_between(moment.tick, to) & query.kinds);
    const auto kind = static_cast<EventKind>(random(13));
    EXPECT_EQ(index_.count(kind), static_cast<std::uint64_t>(std::count_if(list_.begin(), list_.end(), [&](const Known& k) {
                return (k.kinds() & kind_bit(kind)) != 0;
              })));
  }
  bool has_forgotten() const { return index_.complete_from(kAllKinds) > 0; }

 private:
  void add(const IndexedEvent& event, std::optional<unsigned> ring) {
    if (event.kind == EventKind::kRingChange) ring.reset();
    index_.add(event, ring);
    list_.push_back({event, ring});
  }
  std::optional<IndexedEvent> next(Moment moment, const EventQuery& query) const {
    auto at = std::upper_bound(list_.begin(), list_.end(), moment, [](Moment m, const Known& k) { return m < k.event.moment; });
    for (; at != list_.end(); ++at)
      if (const auto event = at->match(query)) return event;
    return std::nullopt;
  }
  std::optional<IndexedEvent> previous(Moment moment, const EventQuery& query) const {
    auto at = std::lower_bound(list_.begin(), list_.end(), moment, [](const Known& k, Moment m) { return k.event.moment < m; });
    while (at != list_.begin())
      if (const auto event = (--at)->match(query)) return event;
    return std::nullopt;
  }
  std::uint32_t kinds_between(Tick from, Tick to) const {
    std::uint32_t kinds = 0;
    for (const Known& k : list_)
      if (k.event.moment.tick >= from && k.event.moment.tick < to) kinds |= k.kinds();
    return kinds;
  }
  // Of several at one moment any will do.
  static void expect_same(const std::optional<IndexedEvent>& got, const std::optional<IndexedEvent>& wanted) {
    ASSERT_EQ(got.has_value(), wanted.has_value());
    if (got) EXPECT_EQ(got->moment, wanted->moment);
  }

  std::mt19937_64 random_;
  EventIndex index_{1 << 18};
  std::vector<Known> list_;
  Moment now_{100, 0};
};

TEST(EventIndex, AnswersAsAListWould) {
  bool forgot = false;
  for (unsigned seed = 0; seed < 12; ++seed) {
    Pair pair(seed);
    for (int round = 0; round < 300 && !testing::Test::HasFailure(); ++round) {
      pair.add_some();
      if (pair.random(10) == 0) pair.truncate();
      pair.ask();
    }
    forgot |= pair.has_forgotten();
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
  EXPECT_TRUE(forgot) << "no index was ever full";
}

}  // namespace
}  // namespace ringside
