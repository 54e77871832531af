// The recording reader, and a replay of what it has read.
#include <cstddef>
#include <cstdint>

#include "debugger/replay.h"
#include "machine/errors.h"
#include "machine/recording.h"
#include "tests/hostile/part_mutator.h"

namespace ringside {
namespace {

constexpr Tick kTicks = 100'000;
constexpr std::uint64_t kMaxRam = 64 << 20;  // more takes time, and is no other code

void replay(Recording& recording) {
  const auto machine = recording.start(recording.header().config);
  if (machine->now() > kNever - kTicks) return;
  const Tick end = machine->now() + kTicks;
  Replay replay(*machine, recording);
  while (replay.work() && machine->now() < end) {
    const StopReason why = machine->run(std::min(replay.next(), end));
    if (why == StopReason::kLimit) continue;
    replay.ended(why);
    return;
  }
}

}  // namespace
}  // namespace ringside

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ringside;
  const MemoryInput in({data, size}, "recording 'fuzz'");
  try {
    Recording recording(in);
    if (recording.header().config.memory > kMaxRam) return 0;
    recording.inputs();
    replay(recording);
    if (recording.has_end_state() && recording.end_header().config.memory <= kMaxRam)
      recording.end_state(recording.end_header().config);
  } catch (const FileError&) {
  } catch (const ConfigError&) {
  } catch (const StateError&) {
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const auto first = ringside::recording_seed();
  return ringside::mutate_parts(ringside::PartFileKind::kRecording, first, data, size, max_size, seed);
}
