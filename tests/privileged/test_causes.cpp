// The privileged kernel raises every fault cause there is, but for the exceptions below; and each that it raises is
// explained: a sentence, an explanation, and the operands of the check.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

#include "debugger/inspect/session.h"
#include "debugger/inspect/trap_views.h"

namespace ringside {
namespace {

struct Unreached {
  Cause cause;
  const char* why;
};
constexpr Unreached kUnreached[] = {
    {Cause::kPfNoExecute, "no processor model has the no-execute bit"},
};

struct Seen {
  std::uint64_t times = 0;
  std::string explained;  ///< what the window shows for the first one
};

/// Port E9h, where the kernel writes its lines.
struct Lines final : ByteSink {
  std::string text;
  void put(std::uint8_t byte) override { text += static_cast<char>(byte); }
};

std::map<Cause, Seen> run_kernel() {
  MachineConfig config;
  config.memory = 32u << 20;
  config.kernel = RINGSIDE_PRIVILEGED_KERNEL;
  config.debug_exit = true;
  SessionOptions options;
  options.history = 0;
  Session session(config, options);
  Lines lines;
  session.machine().set_debugcon_sink(&lines);
  std::map<Cause, Seen> seen;
  std::uint64_t next = 0;
  const auto note = [&](const Fault& fault, std::uint64_t trap) {
    Seen& entry = seen[fault.cause];
    if (entry.times++ == 0) entry.explained = explain_trap(session, trap).text();
  };
  for (unsigned slice = 0; slice < 20'000; ++slice) {
    const Stop stop = session.run_slice(500'000);
    for (; next < session.traps().count(); ++next) {
      const KnownTrap* trap = session.traps().find(next);
      EXPECT_NE(trap, nullptr) << "more traps in a slice than are kept";
      if (trap == nullptr || !trap->fault) continue;
      note(*trap->fault, next);
      // What was met on the way to a double fault's handler has been delivered nowhere else.
      for (const FaultChain::Entry& entry : trap->chain) note(entry.fault, next);
    }
    if (stop.why != StopWhy::kLimit) break;
  }
  session.machine().set_debugcon_sink(nullptr);
  EXPECT_TRUE(lines.text.ends_with("done\n")) << "the kernel has not come to its end";
  return seen;
}

TEST(PrivilegedKernel, RaisesEveryCauseAndEachIsExplained) {
  const std::map<Cause, Seen> seen = run_kernel();
  for (unsigned i = 0; i < static_cast<unsigned>(Cause::kCount); ++i) {
    const auto cause = static_cast<Cause>(i);
    const char* excuse = nullptr;
    for (const Unreached& unreached : kUnreached)
      if (unreached.cause == cause) excuse = unreached.why;
    EXPECT_GT(std::string(cause_sentence(cause)).size(), 10u) << cause_name(cause);
    const std::string explanation = explanation_of(cause);
    EXPECT_GT(explanation.size(), 20u) << cause_name(cause) << " has no explanation";
    const auto found = seen.find(cause);
    if (found == seen.end()) {
      EXPECT_NE(excuse, nullptr) << cause_name(cause) << " was never raised";
      continue;
    }
    EXPECT_EQ(excuse, nullptr) << cause_name(cause) << " was raised, so it needs no excuse";
    EXPECT_NE(found->second.explained.find(cause_sentence(cause)), std::string::npos) << cause_name(cause);
    EXPECT_NE(found->second.explained.find(explanation), std::string::npos) << cause_name(cause);
    if (std::getenv("RINGSIDE_SHOW_EXPLANATIONS") != nullptr)
      std::printf("=== %s (%llu times)\n%s\n", cause_name(cause), static_cast<unsigned long long>(found->second.times),
                  found->second.explained.c_str());
  }
}

}  // namespace
}  // namespace ringside
