// Snapshots: what is written comes back in a fresh machine, and nothing else is taken for one.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "machine/errors.h"
#include "machine/snapshot.h"
#include "tests/machine/busy_guest.h"
#include "tests/machine/temporary_folder.h"

namespace ringside {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class SnapshotTest : public testing::Test {
 protected:
  std::string message_of(const Bytes& bytes, const MachineConfig& config) {
    const MemoryInput in(bytes, "snapshot 's'");
    try {
      Snapshot(in).restore(config);
    } catch (const FileError& error) {
      return error.what();
    }
    return "";
  }
  Bytes snapshot_at(const MachineConfig& config, Tick tick) {
    Machine machine(config);
    machine.run(tick);
    const std::string path = folder_.file("s.snap");
    write_snapshot(machine, path);
    return contents(path);
  }

  BusyGuest guest_;
  TemporaryFolder folder_;
};

TEST_F(SnapshotTest, ARestoredMachineGoesOnAsIfNothingHadBeen) {
  const MachineConfig config = guest_.config();
  Machine whole(config);
  whole.run(400'000);
  for (const Tick at : {Tick{0}, Tick{1}, Tick{37}, Tick{50'001}, Tick{123'456}}) {
    const Bytes bytes = snapshot_at(config, at);
    const MemoryInput in(bytes, "s");
    Snapshot snapshot(in);
    EXPECT_EQ(snapshot.header().tick, at);
    EXPECT_EQ(normal_form(snapshot.header().config), normal_form(config));
    auto machine = snapshot.restore(snapshot.header().config);
    machine->run(400'000);
    EXPECT_EQ(machine->state_hash(), whole.state_hash()) << at;
    EXPECT_EQ(machine->instructions(), whole.instructions()) << at;
  }
}

TEST_F(SnapshotTest, WhatHadEnteredAtItsTickDoesNotEnterAgain) {
  const MachineConfig config = guest_.config();
  Machine machine(config);
  machine.run(10'000);
  machine.key(KeyCode::kA, true);
  machine.serial('x');
  const std::string path = folder_.file("s.snap");
  write_snapshot(machine, path);
  const FileInput in(path, "snapshot");
  auto again = Snapshot(in).restore(config);
  EXPECT_EQ(again->inputs_taken(), 3u);
  machine.run(500'000);
  again->run(500'000);
  EXPECT_EQ(again->state_hash(), machine.state_hash());
  EXPECT_TRUE(again->serial('y'));  // it lives on, it does not replay
}

TEST_F(SnapshotTest, JitterGoesOn) {
  MachineConfig config = guest_.config();
  config.seed = 7;
  Machine whole(config);
  whole.run(3'000'000);
  const Bytes bytes = snapshot_at(config, 1'000'000);
  const MemoryInput in(bytes, "s");
  auto machine = Snapshot(in).restore(config);
  machine->run(3'000'000);
  EXPECT_EQ(machine->state_hash(), whole.state_hash());
}

TEST_F(SnapshotTest, WrittenSectorsAreInIt) {
  const TemporaryFile image(Bytes(64 * 512, 0xAB));
  MachineConfig config = guest_.config(BusyGuest::kWriteASector);
  config.disks[0] = DiskConfig{image.path(), DiskMode::kCopyOnWrite};
  Machine machine(config);
  machine.run(1'000'000);
  const std::string hash = machine.state_hash();
  const std::string path = folder_.file("s.snap");
  write_snapshot(machine, path);
  const FileInput in(path, "snapshot");
  EXPECT_EQ(Snapshot(in).restore(config)->state_hash(), hash);

  std::ofstream(image.path(), std::ios::binary | std::ios::in) << "changed";
  EXPECT_NE(message_of(contents(path), config).find("hda"), std::string::npos);
  EXPECT_NE(message_of(contents(path), config).find("is not what it was"), std::string::npos);
}

TEST_F(SnapshotTest, EveryTruncationIsAnswered) {
  const MachineConfig config = guest_.config();
  const Bytes bytes = snapshot_at(config, 1'000);
  for (std::size_t size = 0; size < bytes.size(); size += size < 200 ? 13 : bytes.size() / 23 + 1)
    EXPECT_NE(message_of(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), config), "") << size;
  EXPECT_EQ(message_of(bytes, config), "");
}

TEST_F(SnapshotTest, EveryDamageIsFound) {
  const MachineConfig config = guest_.config();
  const Bytes bytes = snapshot_at(config, 1'000);
  for (std::size_t at = 0; at < bytes.size(); at += bytes.size() / 37 + 1) {
    Bytes damaged = bytes;
    damaged[at] ^= 0x10;
    EXPECT_NE(message_of(damaged, config), "") << at;
  }
}

TEST_F(SnapshotTest, AnotherVersionIsNamed) {
  const MachineConfig config = guest_.config();
  Bytes bytes = snapshot_at(config, 0);
  bytes[12] = 99;
  EXPECT_NE(message_of(bytes, config).find("version 99"), std::string::npos);
  bytes[8] = 'R', bytes[9] = 'E', bytes[10] = 'C', bytes[11] = 'O';
  EXPECT_NE(message_of(bytes, config).find("another kind"), std::string::npos);
  EXPECT_NE(message_of(Bytes(1000, 7), config).find("is not a snapshot"), std::string::npos);
}

// The parts are in order and whole, but their content is not this machine's.
TEST_F(SnapshotTest, AWellFormedFileWithAnotherStateIsRefused) {
  const MachineConfig config = guest_.config();
  Machine machine(config);
  const auto file_with = [&](auto change) {
    nlohmann::ordered_json header = snapshot_header_json(machine);
    change(header);
    MemoryOutput out;
    PartWriter parts(out, PartFileKind::kSnapshot);
    parts.add("header", header.dump());
    write_inputs(machine, parts);
    write_state(machine, parts);
    return out.bytes();
  };
  EXPECT_EQ(message_of(file_with([](auto&) {}), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h["state_hash"] = "00"; }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h["tick"] = 5; }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h["inputs"] = 1'000'000'000; }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h["media"] = "none"; }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h["media"].erase(0); }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h.erase("machine"); }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h["machine"]["memory"] = "much"; }), config), "");
  EXPECT_NE(message_of(file_with([](auto& h) { h = {1, 2}; }), config), "");
  MachineConfig larger = config;
  larger.memory *= 2;
  EXPECT_NE(message_of(file_with([](auto&) {}), larger), "");
}

TEST_F(SnapshotTest, AFileThatCannotBeWrittenIsLeftAlone) {
  Machine machine(guest_.config());
  EXPECT_THROW(write_snapshot(machine, folder_.path()), FileError);
  EXPECT_THROW(write_snapshot(machine, "/nonexistent/s.snap"), FileError);
  EXPECT_THROW(write_snapshot(machine, "/dev/null"), FileError);
  write_snapshot(machine, folder_.file("s.snap"));
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) files += entry.exists() ? 1u : 0u;
  EXPECT_EQ(files, 1u);  // no temporary file is left
}

}  // namespace
}  // namespace ringside
