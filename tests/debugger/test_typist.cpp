#include <gtest/gtest.h>

#include "debugger/typist.h"
#include "machine/errors.h"

namespace ringside {
namespace {

std::string spelled(const std::string& text) {
  std::string out;
  for (const KeyStroke& stroke : keystrokes(text))
    out += (stroke.down ? "+" : "-") + std::string(key_name(stroke.key)) + " ";
  return out;
}

TEST(Typist, LettersAndShift) {
  EXPECT_EQ(spelled("aB"), "+A -A +LeftShift +B -B -LeftShift ");
  EXPECT_EQ(spelled("!"), "+LeftShift +1 -1 -LeftShift ");
}

TEST(Typist, Escapes) {
  EXPECT_EQ(spelled("\\n"), "+Enter -Enter ");
  EXPECT_EQ(spelled("\\\\"), "+Backslash -Backslash ");
  EXPECT_EQ(spelled("\\<"), "+LeftShift +Comma -Comma -LeftShift ");
}

TEST(Typist, NamedKeysAndChords) {
  EXPECT_EQ(spelled("<F1>"), "+F1 -F1 ");
  EXPECT_EQ(spelled("<ctrl-c>"), "+LeftCtrl +C -C -LeftCtrl ");
  EXPECT_EQ(spelled("<ctrl-alt-delete>"), "+LeftCtrl +LeftAlt +Delete -Delete -LeftAlt -LeftCtrl ");
  EXPECT_EQ(spelled("<->"), "+Minus -Minus ");
}

TEST(Typist, WhatNoKeyTypesIsRefused) {
  for (const char* wrong : {"<", "<>", "<nokey>", "<ctrl->", "<ctrl-nokey>", "\x80", "\x01"})
    EXPECT_THROW(keystrokes(wrong), ConfigError) << wrong;
}

TEST(Typist, EveryPrintableCharacterHasAKey) {
  for (char c = ' '; c < 0x7F; ++c) EXPECT_NO_THROW(keystrokes(c == '<' || c == '\\' ? std::string("\\") + c : std::string(1, c))) << c;
}

}  // namespace
}  // namespace ringside
