#include <gtest/gtest.h>

#include "debugger/pattern.h"
#include "machine/errors.h"

namespace ringside {
namespace {

void put(OutputText& text, const std::string& bytes) {
  for (const char c : bytes) text.put(static_cast<std::uint8_t>(c));
}

TEST(Pattern, WrongExpressionsAreRefused) {
  EXPECT_THROW(Pattern("(", "--until-serial"), ConfigError);
  EXPECT_THROW(Pattern("[z-a]", "--until-serial"), ConfigError);
  EXPECT_THROW(Pattern("a{3333333333333333333331,5}", "--until-serial"), ConfigError);
  EXPECT_THROW(Pattern("a{1,33333333333333333333}", "--until-serial"), ConfigError);
  EXPECT_THROW(Pattern("(a)\\33333333333333333333", "--until-serial"), ConfigError);
  EXPECT_TRUE(Pattern("a{2,9} 1234567890{1}", "--until-serial").find("aaa 1234567890"));
}

TEST(Pattern, LinesHaveBeginningsAndEnds) {
  const std::string text = "first line\nlogin: \nlast";
  EXPECT_TRUE(Pattern("^login: $", "").find(text));
  EXPECT_FALSE(Pattern("^line$", "").find(text));
  EXPECT_FALSE(Pattern("^ogin", "").find(text, 12));  // what lies before the beginning still counts
}

TEST(Pattern, FindsTheEndOfTheMatch) {
  EXPECT_EQ(Pattern("b+", "").find("aabbbcc"), 5u);
  EXPECT_EQ(Pattern("b+", "").find("aabbbcc", 5), std::nullopt);
}

TEST(Pattern, LongTextsAreSearchedInWindows) {
  const std::string text = std::string(100'000, 'x') + "needle";
  EXPECT_EQ(Pattern("needle", "").find(text), text.size());
  // A greedy pattern over a hostile guest's endless line must not exhaust the stack.
  EXPECT_TRUE(Pattern("(x|y)*", "").find(text));
  EXPECT_FALSE(Pattern("x*z", "").find(text));
}

TEST(OutputWatch, SeesMatchesAcrossLooks) {
  OutputText text;
  OutputWatch watch(Pattern("ready", ""), 0);
  put(text, "not re");
  EXPECT_FALSE(watch.look(text));
  put(text, "ady yet");
  EXPECT_EQ(watch.look(text), 9u);
}

TEST(OutputWatch, LooksOnlyBehindItsBeginning) {
  OutputText text;
  put(text, "prompt# ");
  OutputWatch watch(Pattern("prompt#", ""), text.end());
  EXPECT_FALSE(watch.look(text));
  put(text, "command\nprompt# ");
  EXPECT_TRUE(watch.look(text));
}

TEST(OutputWatch, SurvivesALotOfOutput) {
  OutputText text;
  OutputWatch watch(Pattern("^end$", ""), 0);
  for (int i = 0; i < 200'000; ++i) put(text, "line\n");
  EXPECT_FALSE(watch.look(text));
  put(text, "end\n");
  EXPECT_EQ(watch.look(text), 1'000'003u);
}

}  // namespace
}  // namespace ringside
