#include <gtest/gtest.h>

#include <stdexcept>

#include "machine/input_log.h"

namespace ringside {
namespace {

InputLog sample() {
  InputLog log;
  log.append({.tick = 0, .kind = InputKind::kDate, .value = -5});
  log.append({.tick = 1'000'000'000'000, .kind = InputKind::kKey, .down = true, .value = 30});
  log.append({.tick = 1'000'000'000'000, .kind = InputKind::kMouse, .value = 3, .dx = -7, .dy = 8, .dz = -1});
  log.append({.tick = 1'000'000'000'001, .kind = InputKind::kSerial, .value = 255});
  return log;
}

TEST(InputLog, SurvivesItsFlatForm) {
  const InputLog log = sample();
  const InputLog copy = InputLog::parse(log.serialize());
  ASSERT_EQ(copy.entries().size(), log.entries().size());
  for (std::size_t i = 0; i < log.entries().size(); ++i) EXPECT_EQ(copy.entries()[i], log.entries()[i]) << i;
}

TEST(InputLog, TicksNeverGoBack) {
  InputLog log = sample();
  EXPECT_THROW(log.append({.tick = 5}), std::logic_error);
}

TEST(InputLog, DamagedBytesAreRefused) {
  const auto good = sample().serialize();
  auto cut = good;
  cut.pop_back();
  EXPECT_THROW(InputLog::parse(cut), StateError);
  auto unknown_kind = good;
  unknown_kind[8] = 200;
  EXPECT_THROW(InputLog::parse(unknown_kind), StateError);
  auto out_of_order = good;
  out_of_order[7] = 0x7F;
  EXPECT_THROW(InputLog::parse(out_of_order), StateError);
}

}  // namespace
}  // namespace ringside
