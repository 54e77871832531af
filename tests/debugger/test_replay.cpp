// Recordings that differ: which interval, which tick and which part of the state are named.
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <functional>

#include "debugger/replay_narrow.h"
#include "debugger/run_control.h"
#include "machine/errors.h"
#include "machine/little_endian.h"
#include "machine/recording.h"
#include "tests/debugger/faulty_machine.h"
#include "tests/machine/busy_guest.h"

namespace ringside {
namespace {

constexpr Tick kEnd = 300'000;
constexpr Tick kHashEvery = 20'000;

using Bytes = std::vector<std::uint8_t>;
/// A record of the log, to be changed: what kind it is, and its bytes.
using Change = std::function<void(Record::Kind kind, std::span<std::uint8_t> record)>;

std::size_t size_of(std::span<const std::uint8_t> at) {
  switch (static_cast<Record::Kind>(at[0])) {
    case Record::Kind::kInput: return 1 + 30;
    case Record::Kind::kParts: return 1 + 24 + 4 * static_cast<std::size_t>(std::popcount(get_little_endian(at.data() + 17, 8)));
    case Record::Kind::kAll: return 1 + 22 + 8 * (get_little_endian(at.data() + 17, 2) + get_little_endian(at.data() + 19, 4));
    case Record::Kind::kBack: return 1 + 16;
  }
  return at.size();
}

/// The file with its records changed, and its checksums right.
Bytes changed(const Bytes& bytes, const Change& change) {
  const MemoryInput in(bytes, "recording");
  PartReader reader(in, PartFileKind::kRecording);
  MemoryOutput out;
  PartWriter writer(out, PartFileKind::kRecording);
  while (auto part = reader.next()) {
    if (part->name == "log") {
      std::span<std::uint8_t> rest(part->bytes);
      while (!rest.empty()) {
        const std::size_t size = size_of(rest);
        change(static_cast<Record::Kind>(rest[0]), rest.first(size));
        rest = rest.subspan(size);
      }
    }
    writer.add(part->name, part->bytes, part->encoding);
  }
  return out.bytes();
}

class ReplayTest : public testing::Test {
 protected:
  /// The busy guest with three bytes on its serial line; with a mistake, if one is named.
  Bytes recording(const std::string& fault = "", Tick from = 0) {
    const TemporaryFile file;
    RunOptions options;
    options.serial = "none";
    options.record = file.path();
    options.max_instructions = 150'000;
    options.hash_intervals.parts = kHashEvery;
    RunControl control(config_, options);
    std::optional<Mistake> mistake;
    if (!fault.empty()) mistake.emplace(control.machine(), fault, from);
    for (const char c : std::string("abc")) control.machine().serial(static_cast<std::uint8_t>(c));
    control.write_results(control.run());
    return file.content();
  }
  struct Result {
    RunOutcome outcome;
    std::optional<ReplayDifference> difference;
    std::string narrowed;  ///< or why it could not be
  };
  static Result replay(const Bytes& bytes, const std::string& with) {
    const TemporaryFile file(bytes);
    RunOptions options;
    options.serial = "none";
    RunControl control(RunOrigin::replayed(file.path()), options);
    Result result{control.run(), control.replay_difference(), ""};
    if (!result.difference) return result;
    try {
      result.narrowed = narrow_difference(file.path(), with, *result.difference);
    } catch (const FileError& error) {
      result.narrowed = error.what();
    }
    return result;
  }
  /// The first tick at which the machine with the mistake has another state than one without.
  Tick first_bad_tick(const std::string& fault, Tick from) {
    Machine good(config_), bad(config_);
    const Mistake mistake(bad, fault, from);
    for (Machine* machine : {&good, &bad})
      for (const char c : std::string("abc")) machine->serial(static_cast<std::uint8_t>(c));
    good.run(from);
    bad.run(from);
    while (good.now() < kEnd && good.state_hash() == bad.state_hash()) {
      good.run(good.now() + 1);
      bad.run(good.now());
    }
    return good.now();
  }
  void narrows(const std::string& fault, Tick from, const std::string& part) {
    setenv("RINGSIDE_FAULT", (fault + " " + std::to_string(from)).c_str(), 1);
    const Tick tick = first_bad_tick(fault, from);
    ASSERT_LT(tick, kEnd);
    const Result result = replay(recording(fault, from), RINGSIDE_FAULTY_PROGRAM);
    EXPECT_EQ(result.outcome.exit_code, kExitDiffers) << result.outcome.message;
    ASSERT_TRUE(result.difference);
    EXPECT_LT(result.difference->good, tick);
    EXPECT_GE(result.difference->bad, tick);
    EXPECT_NE(result.narrowed.find("first tick that differs is " + std::to_string(tick) + "; at tick " + std::to_string(tick - 1) + " all was equal"),
              std::string::npos)
        << result.narrowed << "instead of tick " << tick;
    EXPECT_NE(result.narrowed.find("there: part of the state that differs: " + part), std::string::npos) << result.narrowed;
  }

  BusyGuest guest_;
  MachineConfig config_ = guest_.config();
};

TEST_F(ReplayTest, WhatWasRecordedHereIsEqual) {
  const Result result = replay(recording(), RINGSIDE_FAULTY_PROGRAM);
  EXPECT_EQ(result.outcome.exit_code, kExitOk) << result.outcome.message;
  EXPECT_EQ(result.outcome.stop_reason, "replay-end");
}

TEST_F(ReplayTest, AMachineThatDiffersInItsMemoryIsNarrowedToTheTick) { narrows("ram", 60'123, "RAM 00000000h..000FFFFFh"); }
TEST_F(ReplayTest, AMachineThatDiffersInARegisterIsNarrowedToTheTick) { narrows("cpu", 99'001, "cpu"); }

// The recording's own program finds no difference where there is one: that is told, and not guessed.
TEST_F(ReplayTest, AnotherProgramThanTheRecordingsIsFoundOut) {
  setenv("RINGSIDE_FAULT", "cpu 999999999", 1);  // long after the recording's end
  const Result result = replay(recording("cpu", 99'001), RINGSIDE_FAULTY_PROGRAM);
  EXPECT_EQ(result.outcome.exit_code, kExitDiffers);
  EXPECT_NE(result.narrowed.find("does not replay the recording either"), std::string::npos) << result.narrowed;
  const Result nothing = replay(recording("cpu", 99'001), "/no/such/program");
  EXPECT_NE(nothing.narrowed.find("/no/such/program"), std::string::npos) << nothing.narrowed;
}

TEST_F(ReplayTest, ADamagedHashIsFoundInItsInterval) {
  Tick at = 0;
  unsigned count = 0;
  const Bytes bytes = changed(recording(), [&](Record::Kind kind, std::span<std::uint8_t> record) {
    if (kind != Record::Kind::kParts || ++count != 3) return;
    at = get_little_endian(record.data() + 1, 8);
    record[25] ^= 1;  // of the first part that has changed: the processor
  });
  ASSERT_EQ(count >= 3, true);
  const Result result = replay(bytes, RINGSIDE_FAULTY_PROGRAM);
  EXPECT_EQ(result.outcome.exit_code, kExitDiffers);
  ASSERT_TRUE(result.difference);
  EXPECT_EQ(result.difference->bad, at);
  EXPECT_EQ(result.difference->details, std::vector<std::string>{"part of the state that differs: cpu"});
  EXPECT_NE(result.difference->interval.find(" to " + std::to_string(at) + ")"), std::string::npos) << result.difference->interval;
}

TEST_F(ReplayTest, AnInputThatCameLaterIsFoundAtTheNextHash) {
  Tick first_hash = 0;
  const Bytes bytes = changed(recording(), [&](Record::Kind kind, std::span<std::uint8_t> record) {
    if (kind != Record::Kind::kInput && first_hash == 0) first_hash = get_little_endian(record.data() + 1, 8);
    if (kind != Record::Kind::kInput || first_hash != 0) return;
    std::vector<std::uint8_t> tick;
    put_little_endian(tick, 15'000, 8);
    std::copy(tick.begin(), tick.end(), record.begin() + 1);
  });
  ASSERT_GE(first_hash, 15'000u);
  const Result result = replay(bytes, RINGSIDE_FAULTY_PROGRAM);
  EXPECT_EQ(result.outcome.exit_code, kExitDiffers) << result.outcome.message;
  ASSERT_TRUE(result.difference);
  EXPECT_EQ(result.difference->bad, first_hash);
  EXPECT_FALSE(result.difference->details.empty());
}

}  // namespace
}  // namespace ringside
