#include <gtest/gtest.h>

#include "debugger/scenario.h"
#include "machine/errors.h"

namespace ringside {
namespace {

TEST(Scenario, LinesCommentsAndArguments) {
  const auto actions = parse_scenario("# comment\n\n  wait-serial login#\r\nsend-serial root\\n\nrun 1000\nquit\n", "s");
  ASSERT_EQ(actions.size(), 4u);
  EXPECT_EQ(actions[0].kind, ActionKind::kWaitSerial);
  EXPECT_EQ(actions[0].argument, "login#");  // a # inside a line belongs to it
  EXPECT_EQ(actions[0].line, 3u);
  EXPECT_EQ(actions[1].bytes, "root\n");
  EXPECT_EQ(actions[2].count, 1000u);
  EXPECT_EQ(actions[3].kind, ActionKind::kQuit);
}

TEST(Scenario, Escapes) {
  EXPECT_EQ(parse_scenario("send-serial a\\x41\\t\\r\\e\\\\", "s")[0].bytes, "aA\t\r\x1B\\");
  EXPECT_EQ(parse_scenario("send-serial \\xZZ", "s")[0].bytes, "xZZ");
}

TEST(Scenario, MistakesNameTheirLine) {
  for (const char* wrong : {"hash\nfly", "hash\nwait-serial", "hash\nwait-serial (", "hash\nrun many", "hash\nquit now",
                            "hash\nexpect-hash 12", "hash\ntype <nokey>", "hash\nsnapshot", "hash\nrun 99999999999999999999999"}) {
    try {
      parse_scenario(wrong, "s");
      ADD_FAILURE() << wrong;
    } catch (const ConfigError& error) {
      EXPECT_EQ(std::string(error.what()).find("script 's' line 2"), 0u) << error.what();
      EXPECT_EQ(std::string(error.what()).find("line 2", 20), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace ringside
