// The counter against a model that takes every clock for itself, as the data sheet describes it.
#include <gtest/gtest.h>

#include <string>

#include "devices/pit_8254.h"
#include "tests/devices/chip_bench.h"

namespace ringside {
namespace {

class ClockedCounter {
 public:
  void control(unsigned rw_bits, unsigned mode_bits, bool bcd_bit) {
    rw = rw_bits;
    mode = mode_bits;
    modulus = bcd_bit ? 10000 : 65536;
    out = mode != 0;
    counting = written = load = trigger = second_byte = strobed = false;
  }
  void write(unsigned byte) {
    if (rw == 1) return complete(byte);
    if (rw == 2) return complete(byte << 8);
    second_byte = !second_byte;
    if (!second_byte) return complete(low | byte << 8);
    low = byte;
    if (mode == 0) out = false;
  }
  void set_gate(bool value) {
    const bool rising = value && !gate;
    gate = value;
    if ((mode == 2 || mode == 3) && !gate) {
      out = true;
      if (counting) load = false;
    }
    if (rising && written && mode != 0 && mode != 4) trigger = true;
    if (!gate && (mode == 2 || mode == 3)) trigger = false;
  }
  void clock() {
    switch (mode) {
      case 0:
        if (load) return begin();
        if (!counting || !gate || second_byte) return;
        if (decrement() == 0) out = true;
        return;
      case 1:
        if (trigger) {
          begin();
          out = false;
          return;
        }
        if (counting && decrement() == 0) out = true;
        return;
      case 2:
        if (load || trigger) return begin();
        if (!counting || !gate) return;
        if (ce == 1) {
          begin();
          out = true;
        } else {
          out = --ce != 1;
        }
        return;
      case 3:
        return clock_square();
      default:
        if (mode == 4 ? load : trigger) {
          begin();
          out = true;
          strobed = false;
          return;
        }
        if (!counting || (mode == 4 && !gate)) return;
        out = !(decrement() == 0 && !strobed);
        strobed = strobed || !out;
        return;
    }
  }
  unsigned shown() const { return ce % modulus; }

  unsigned rw = 3, mode = 0, modulus = 65536;
  bool out = false, gate = true, counting = false;

 private:
  void complete(unsigned count) {
    cr = count;
    written = true;
    if (mode == 0) out = false;
    if (mode == 0 || mode == 4 || ((mode == 2 || mode == 3) && !counting)) load = true;
  }
  unsigned value() const {
    unsigned v = cr;
    if (modulus == 10000) v = (cr >> 12) * 1000 + (cr >> 8 & 15) * 100 + (cr >> 4 & 15) * 10 + (cr & 15);
    return v == 0 ? modulus : v;
  }
  void begin() {
    n = ce = value();
    counting = true;
    load = trigger = false;
  }
  unsigned decrement() { return ce = (ce == 0 ? modulus : ce) - 1; }
  void clock_square() {
    if (load || trigger) {
      begin();
      ce = n & ~1u;
      out = true;
      return;
    }
    if (!counting || !gate) return;
    const bool late = out && (n & 1) != 0;  // an odd count stays high for one clock more
    const bool expired = late ? ce == 0 : ce == 2;
    if (!expired) {
      ce -= 2;
      return;
    }
    out = !out;
    begin();
    ce = n & ~1u;
  }

  bool written = false, load = false, trigger = false, second_byte = false, strobed = false;
  unsigned cr = 0, low = 0, n = 1, ce = 0;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  unsigned below(unsigned n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>(state_ >> 33) % n;
  }

 private:
  std::uint64_t state_;
};

std::uint8_t bcd_byte(Random& random) {
  return static_cast<std::uint8_t>(random.below(10) << 4 | random.below(10));
}

class CounterAgainstClocks : public ::testing::TestWithParam<unsigned> {};

TEST_P(CounterAgainstClocks, EveryClockAgrees) {
  const unsigned mode = GetParam() % 6;
  const bool bcd = GetParam() >= 6;
  for (unsigned seed = 0; seed < 60; ++seed) {
    Random random(seed * 12 + GetParam());
    ClockedCounter model;
    PitCounter chip;
    chip.reset(true);
    bool awake = false;
    std::uint64_t predicted = PitCounter::kNoEdge;
    for (std::uint64_t t = 1; t < 3000; ++t) {
      const bool before = model.out;
      model.clock();
      const bool rose = !before && model.out;
      ASSERT_EQ(chip.advance(t), rose) << "mode " << mode << " seed " << seed << " clock " << t;
      if (rose) {
        ASSERT_EQ(predicted, t) << "an edge that next_edge() did not tell";
      }
      ASSERT_EQ(chip.out(t), model.out) << "mode " << mode << " seed " << seed << " clock " << t;
      if (awake && model.counting) {
        const unsigned n = model.shown();
        const unsigned digits = (n / 1000) << 12 | (n / 100 % 10) << 8 | (n / 10 % 10) << 4 | n % 10;
        ASSERT_EQ(chip.count(t), bcd ? digits : n) << "mode " << mode << " seed " << seed << " clock " << t;
      }
      switch (random.below(awake ? 60 : 2)) {
        case 0:
          if (awake && random.below(4) != 0) break;
          {
            const unsigned rw = 1 + random.below(3);
            model.control(rw, mode, bcd);
            chip.write_control(t, static_cast<std::uint8_t>(rw << 4 | mode << 1 | (bcd ? 1 : 0)));
            awake = true;
          }
          break;
        case 1:
        case 2:
        case 3: {
          if (!awake) break;
          // Small counts, so that much happens, but not the illegal 1.
          std::uint8_t byte = bcd ? bcd_byte(random) : static_cast<std::uint8_t>(random.below(64));
          if (model.rw == 3 || model.rw == 2)
            byte = random.below(3) == 0 ? byte : static_cast<std::uint8_t>(0);
          if (byte == 1) byte = 2;
          model.write(byte);
          chip.write(t, byte);
          break;
        }
        case 4:
        case 5: {
          const bool gate = random.below(2) == 0;
          model.set_gate(gate);
          chip.set_gate(t, gate);
          break;
        }
        default:
          break;
      }
      ASSERT_EQ(chip.out(t), model.out)
          << "after a write, mode " << mode << " seed " << seed << " clock " << t;
      predicted = chip.next_edge();
      ASSERT_GT(predicted, t);
    }
  }
}

TEST_P(CounterAgainstClocks, LazyEqualsEager) {
  const unsigned mode = GetParam() % 6;
  for (unsigned seed = 0; seed < 40; ++seed) {
    Random random(seed * 31 + GetParam());
    PitCounter eager;
    PitCounter lazy;
    for (PitCounter* c : {&eager, &lazy}) {
      c->reset(true);
      c->write_control(0, static_cast<std::uint8_t>(0x30 | mode << 1 | (GetParam() >= 6 ? 1 : 0)));
    }
    bool eager_rose = false;
    for (std::uint64_t t = 0; t < 5000; ++t) {
      eager_rose = eager.advance(t) || eager_rose;
      if (random.below(100) != 0) continue;
      ASSERT_EQ(lazy.advance(t), eager_rose);
      eager_rose = false;
      ASSERT_EQ(lazy.out(t), eager.out(t));
      ASSERT_EQ(lazy.count(t), eager.count(t));
      const auto byte = static_cast<std::uint8_t>(random.below(10) << 4 | random.below(10));
      const bool gate = random.below(3) != 0;
      for (PitCounter* c : {&eager, &lazy}) {
        c->write(t, byte);
        c->set_gate(t, gate);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllModes, CounterAgainstClocks, ::testing::Range(0u, 12u));

}  // namespace
}  // namespace ringside
