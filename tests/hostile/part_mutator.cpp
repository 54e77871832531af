#include "tests/hostile/part_mutator.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "machine/errors.h"
#include "machine/recording.h"
#include "machine/snapshot.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace ringside {
namespace {

constexpr std::size_t kRoomInPart = 512;
constexpr std::size_t kMaxUnpacked = 2 << 20;

// A part's bytes with some of them changed. Of a large part a window is: the mutator moves what lies behind.
void mutate_bytes(std::vector<std::uint8_t>& bytes, std::mt19937& random) {
  const std::size_t window = std::min<std::size_t>(bytes.size(), 256 + random() % 1024);
  const std::size_t at = bytes.size() == window ? 0 : random() % (bytes.size() - window);
  std::vector<std::uint8_t> piece(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + window));
  piece.resize(std::max<std::size_t>(window, 1) + (random() % 4 == 0 ? kRoomInPart : 0));
  const std::size_t size = LLVMFuzzerMutate(piece.data(), std::max<std::size_t>(window, 1), piece.size());
  piece.resize(size);
  bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + window));
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
}

void mutate_list(std::vector<Part>& parts, std::mt19937& random) {
  const std::size_t i = random() % parts.size(), j = random() % parts.size();
  switch (random() % 16) {
    case 0: parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i)); break;
    case 1: parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(i), Part(parts[j])); break;
    case 2: std::swap(parts[i], parts[j]); break;
    case 3: parts[i].name = parts[j].name; break;
    case 4: parts[i].encoding = parts[i].encoding == PartEncoding::kPlain ? PartEncoding::kZlib : PartEncoding::kPlain; break;
    default: mutate_bytes(parts[i].bytes, random);
  }
}

std::vector<std::uint8_t> with_form(PartFileKind kind, const std::uint8_t* data, std::size_t size, std::mt19937& random) {
  const MemoryInput in({data, size}, "fuzz");
  std::vector<Part> parts;
  try {
    PartReader reader(in, kind);
    std::size_t unpacked = 0;
    while (auto part = reader.next()) {
      unpacked += part->bytes.size();
      if (unpacked > kMaxUnpacked) return {};
      parts.push_back(std::move(*part));
    }
  } catch (const FileError&) {
    return {};
  }
  if (parts.empty()) return {};
  mutate_list(parts, random);
  MemoryOutput out;
  PartWriter writer(out, kind);
  for (const Part& part : parts)
    if (part.bytes.size() <= kMaxPartSize) writer.add(part.name, part.bytes, part.encoding);
  return out.bytes();
}

void work(Machine& machine) {
  machine.run(20'000);
  machine.key(KeyCode{}, true);
  machine.serial('a');
  machine.run(30'000);
}

}  // namespace

MachineConfig small_machine() {
  MachineConfig config;
  config.memory = 1 << 20;
  return config;
}

std::vector<std::uint8_t> snapshot_seed() {
  Machine machine(small_machine());
  work(machine);
  MemoryOutput out;
  PartWriter parts(out, PartFileKind::kSnapshot);
  parts.add("header", snapshot_header_text(machine));
  write_inputs(machine, parts);
  write_state(machine, parts);
  return out.bytes();
}

std::vector<std::uint8_t> recording_seed() {
  Machine machine(small_machine());
  MemoryOutput out;
  Recorder recorder(machine, out, Recorder::Start::kPowerOn, {.parts = 5'000, .all = 20'000});
  for (Tick tick = 5'000; tick <= 60'000; tick += 5'000) {
    machine.run(tick);
    if (tick == 15'000) machine.serial('x');
    if (tick == 25'000) machine.mouse(1, 2, 0, 1);
    recorder.look();
  }
  recorder.end({.tick = machine.now(),
                .instructions = machine.instructions(),
                .state_hash = machine.state_hash(),
                .stop_reason = "max-instructions",
                .message = "the end",
                .exit_code = 0,
                .died = false},
               true);
  return out.bytes();
}

std::size_t mutate_parts(PartFileKind kind, const std::vector<std::uint8_t>& first, std::uint8_t* data, std::size_t size,
                         std::size_t max_size, unsigned seed) {
  std::mt19937 random(seed);
  if ((size < 16 || random() % 512 == 0) && first.size() <= max_size) {
    std::memcpy(data, first.data(), first.size());
    size = first.size();
  }
  if (random() % 16 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const auto changed = with_form(kind, data, size, random);
  if (changed.empty() || changed.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, changed.data(), changed.size());
  return changed.size();
}

}  // namespace ringside
