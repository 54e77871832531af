// The fast path against the reference executor: the same random program must leave the same state after the
// same number of instructions, however it is run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/fuzz/fuzz_guest.h"
#include "tests/fuzz/random_program.h"

namespace ringside::test {
namespace {

/// First tick (in steps of `grain`) at which the ways differ, for the message.
std::string first_difference(const RandomProgram& program, std::uint64_t ticks, Way way) {
  std::uint64_t low = 0, high = ticks;
  while (low + 1 < high) {
    const std::uint64_t middle = (low + high) / 2;
    Runner a(program.code(), program.starts()), b(program.code(), program.starts());
    a.run(middle, Way::kReference);
    b.run(middle, way);
    (a.state() == b.state() ? low : high) = middle;
  }
  Runner a(program.code(), program.starts()), b(program.code(), program.starts());
  Runner before(program.code(), program.starts());
  before.run(low, Way::kReference);
  a.run(high, Way::kReference);
  b.run(high, way);
  return "before: " + before.where() + "\nexact:  " + a.where() + "\nfast:   " + b.where();
}

TEST(Executors, AgreeOnRandomPrograms) {
  // RINGSIDE_FUZZ_SEED and RINGSIDE_FUZZ_PROGRAMS make a campaign of it.
  const char* seed_text = std::getenv("RINGSIDE_FUZZ_SEED");
  const char* count_text = std::getenv("RINGSIDE_FUZZ_PROGRAMS");
  const std::uint64_t first = seed_text != nullptr ? std::strtoull(seed_text, nullptr, 0) : 1;
  const std::uint64_t count = count_text != nullptr ? std::strtoull(count_text, nullptr, 0) : 150;
  constexpr std::uint64_t kTicks = 20000;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const RandomProgram program(seed);
    Runner exact(program.code(), program.starts());
    exact.run(kTicks, Way::kReference);
    for (const Way way : {Way::kFast, Way::kFastNoCopies, Way::kFastDropped}) {
      Runner fast(program.code(), program.starts());
      fast.run(kTicks, way);
      ASSERT_TRUE(exact.state() == fast.state())
          << "seed " << seed << ", way " << static_cast<int>(way) << "\n" << first_difference(program, kTicks, way);
    }
  }
}

}  // namespace
}  // namespace ringside::test
