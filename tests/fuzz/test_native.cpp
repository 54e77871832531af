// Whole programs: the fast path, the fast path with its caches dropped at every instruction, single steps and observed
// steps must agree with the processor that this test runs on, in state, exceptions and instruction count.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "tests/fuzz/user_program.h"

namespace ringside::test {
namespace {

struct Campaign {
  std::uint64_t first = 1, programs = 200, seconds = 0, limit = 1000;
};

/// RINGSIDE_FUZZ_SEED, RINGSIDE_FUZZ_PROGRAMS and RINGSIDE_FUZZ_SECONDS make a campaign of it, of longer programs.
Campaign campaign() {
  Campaign c;
  if (const char* seed = std::getenv("RINGSIDE_FUZZ_SEED")) c.first = std::strtoull(seed, nullptr, 0);
  if (const char* seconds = std::getenv("RINGSIDE_FUZZ_SECONDS")) c.seconds = std::strtoull(seconds, nullptr, 0), c.programs = ~0ull >> 1;
  if (const char* programs = std::getenv("RINGSIDE_FUZZ_PROGRAMS")) c.programs = std::strtoull(programs, nullptr, 0);
  if (c.programs != 200 || c.seconds != 0) c.limit = 4000;
  return c;
}

constexpr struct {
  How how;
  const char* name;
} kWays[] = {{How::kFast, "fast path"},
             {How::kCachesDropped, "caches dropped at every instruction"},
             {How::kStepped, "single steps"},
             {How::kObserved, "observed single steps"}};

/// Empty where all agree.
std::string compare(const UserProgram& program, std::uint64_t limit, UserEnd& native) {
  UserEnd at_last_event, end;
  run_native_stepped(program, limit, native, at_last_event);
  for (const auto& way : kWays) {
    run_simulated(program, native, way.how, end);
    const std::string found = difference(native, end);
    if (!found.empty()) return std::string(way.name) + ": " + found;
  }
  if (at_last_event.events.empty()) return {};
  // Without TF there is no count, but the last exception must find the same state.
  run_native_free(program, at_last_event.events.size(), end);
  for (UserEvent& event : at_last_event.events) event.count = 0;
  const std::string found = difference(at_last_event, end);
  return found.empty() ? found : "natively without TF: " + found;
}

TEST(WholePrograms, AgreeWithTheHostsProcessor) {
  const std::string obstacle = native_obstacle();
  if (!obstacle.empty()) GTEST_SKIP() << obstacle;
  const bool flat = native_may_be_flat();
  if (!flat) std::printf("This process has memory below 4 GiB: no programs with flat segments.\n");
  const Campaign c = campaign();
  const std::time_t until = std::time(nullptr) + static_cast<std::time_t>(c.seconds);
  std::uint64_t instructions = 0, exceptions = 0, programs = 0, failures = 0;
  for (std::uint64_t seed = c.first; programs < c.programs && failures < 10; ++seed, ++programs) {
    if (c.seconds != 0 && std::time(nullptr) >= until) break;
    const UserProgram program(seed, flat);
    UserEnd native;
    std::string found = compare(program, c.limit, native);
    instructions += native.count;
    exceptions += native.events.size();
    if (found.empty()) continue;
    // The shortest run that shows it.
    std::uint64_t good = 0, bad = native.count;
    while (good + 1 < bad) {
      const std::uint64_t middle = (good + bad) / 2;
      const std::string here = compare(program, middle, native);
      (here.empty() ? good : bad) = middle;
      if (!here.empty()) found = here;
    }
    UserEnd before, unused;
    run_native_stepped(program, good, before, unused);
    char bytes[3 * 16 + 1] = "";
    const std::uint32_t at = before.registers.eip - program.origin;
    for (std::size_t page = 0; page < kUserPages.size(); ++page)
      for (unsigned i = 0; i < 16; ++i)
        if (at + i - kUserPages[page].offset < 0x1000)
          std::snprintf(bytes + 3 * i, 4, "%02x ", before.memory[(page << 12) + (at + i - kUserPages[page].offset)]);
    ADD_FAILURE() << "seed " << seed << (program.flat ? ", flat" : ", segments") << ", instruction " << bad << " at "
                  << std::hex << before.registers.eip << ": " << bytes << "\n" << found;
    ++failures;
  }
  std::printf("%llu programs, %llu instructions, %llu exceptions\n", static_cast<unsigned long long>(programs),
              static_cast<unsigned long long>(instructions), static_cast<unsigned long long>(exceptions));
}

}  // namespace
}  // namespace ringside::test
