#include "debugger/file_info.h"

#include <cstdio>
#include <map>

#include "debugger/disk_info.h"
#include "debugger/format_text.h"
#include "machine/recording.h"
#include "machine/snapshot.h"

namespace ringside {
namespace {

unsigned long long number(std::uint64_t value) { return value; }

/// A file's text must not act on the terminal that it is shown on.
std::string plain(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return text;
}

const char* mode_name(DiskMode mode) {
  switch (mode) {
    case DiskMode::kCopyOnWrite: return "cow";
    case DiskMode::kReadWrite: return "rw";
    case DiskMode::kReadOnly: return "ro";
    case DiskMode::kDiscard: return "discard";
  }
  return "";
}

std::string machine_lines(const SnapshotHeader& header) {
  const MachineConfig& config = header.config;
  std::string text = "written by: Ringside " + plain(header.program) + "\n";
  text += format("machine: %llu KiB of RAM, processor ", number(config.memory >> 10)) + plain(config.cpu) +
          format(", %llu instructions a second, seed %llu%s\n", number(config.ips), number(config.seed),
                 config.debug_exit ? ", debug exit" : "");
  if (!config.append.empty()) text += "kernel command line: " + plain(config.append) + "\n";
  static constexpr const char* kDisks[] = {"hda", "hdb", "hdc", "hdd"};
  for (const Medium& medium : header.media) {
    text += "medium " + plain(medium.role) + ": " + (medium.path.empty() ? "built in" : plain(medium.path)) +
            format(", %llu bytes, xxh128 ", number(medium.size)) + plain(medium.hash);
    for (std::size_t i = 0; i < config.disks.size(); ++i)
      if (config.disks[i] && medium.role == kDisks[i]) text += std::string(", mode ") + mode_name(config.disks[i]->mode);
    text += "\n";
  }
  return text;
}

std::string time_lines(const char* what, Tick tick, std::uint64_t instructions, std::uint64_t ips) {
  return format("%s: tick %llu, %llu instructions, %.6f s of guest time\n", what, number(tick), number(instructions),
                ips == 0 ? 0.0 : static_cast<double>(tick) / static_cast<double>(ips));
}

std::string describe_snapshot(const FileInput& in) {
  const Snapshot snapshot(in);
  const SnapshotHeader& header = snapshot.header();
  std::string text = format("kind: snapshot, version %u\n", kPartFileVersion) + machine_lines(header);
  text += time_lines("moment", header.tick, header.instructions, header.config.ips);
  text += "state hash: " + plain(header.state_hash) + "\n";
  text += format("inputs before it: %llu\n", number(header.inputs_taken));
  struct Sizes {
    std::uint64_t bytes = 0, stored = 0;
  };
  std::map<std::string, Sizes> sections;
  PartReader parts(in, PartFileKind::kSnapshot);
  bool complete = false;
  while (const auto part = parts.next()) {
    complete = part->name == kEndOfState;
    Sizes& sizes = sections[plain(part->name)];
    sizes.bytes += part->bytes.size();
    sizes.stored += part->stored_size;
  }
  if (!complete) parts.refuse("is not complete");
  for (const auto& [name, sizes] : sections)
    if (sizes.bytes != 0)
      text += format("section %-16s %10llu bytes, %llu in the file\n", name.c_str(), number(sizes.bytes), number(sizes.stored));
  return text;
}

std::string describe_recording(const FileInput& in) {
  const Recording recording(in);
  const SnapshotHeader& header = recording.header();
  std::string text = format("kind: recording, version %u\n", kPartFileVersion) + machine_lines(header);
  text += time_lines(recording.from_power_on() ? "start: power-on" : "start: state", header.tick, header.instructions, header.config.ips);
  text += "state hash at the start: " + plain(header.state_hash) + "\n";
  text += format("inputs: %llu\nhashes: %llu\n", number(recording.input_count()), number(recording.hash_count()));
  text += time_lines("end", recording.last_tick(), recording.last_instructions(), header.config.ips);
  if (recording.end()) {
    text += "state hash at the end: " + plain(recording.end()->state_hash) + "\n";
    text += format("result: exit code %d, ", recording.end()->exit_code) + plain(recording.end()->message) + "\n";
  } else {
    text += std::string("result: none; it was cut off") + (recording.cut_off() ? " inside a part\n" : "\n");
  }
  text += std::string("state at the end: ") + (recording.has_end_state() ? "yes, for `ringside run --restore`\n" : "no\n");
  return text;
}

}  // namespace

std::string describe_file(const std::string& path) {
  // A file of neither kind is taken for a disk image, which says what is wrong with it.
  const FileInput in(path, "disk image");
  const auto kind = part_file_kind(in);
  if (kind == PartFileKind::kSnapshot) return describe_snapshot(FileInput(path, "snapshot"));
  if (kind == PartFileKind::kRecording) return describe_recording(FileInput(path, "recording"));
  return describe_disk(path);
}

}  // namespace ringside
