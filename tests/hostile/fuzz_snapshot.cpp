// The snapshot reader, and what a machine does with a state that nobody has ever been in: whoever makes a hostile
// snapshot gives it the right hashes too.
#include <cstddef>
#include <cstdint>

#include "machine/errors.h"
#include "machine/snapshot.h"
#include "machine/state_parts.h"
#include "tests/hostile/part_mutator.h"

namespace ringside {
namespace {

constexpr Tick kTicks = 20'000;
constexpr std::uint64_t kMaxRam = 64 << 20;  // more takes time, and is no other code

void restore(const MemoryInput& in) {
  Snapshot snapshot(in);
  if (snapshot.header().config.memory > kMaxRam) return;
  snapshot.restore(snapshot.header().config)->run(snapshot.header().tick + kTicks);
}

void load_whatever_it_is(const MemoryInput& in) {
  PartReader parts(in, PartFileKind::kSnapshot);
  parts.next();
  Machine machine(small_machine());
  for (;;) {
    const std::uint64_t position = parts.position();
    const std::uint32_t number = parts.number();
    const auto part = parts.next();
    if (part && part->name == "inputs") continue;
    parts.seek(position, number);
    break;
  }
  StatePartReader reader(parts);
  machine.load(reader, 0);
  if (machine.now() < kNever - kTicks) machine.run(machine.now() + kTicks);
  machine.state_hash();
}

}  // namespace
}  // namespace ringside

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ringside::MemoryInput in({data, size}, "snapshot 'fuzz'");
  for (const auto use : {ringside::restore, ringside::load_whatever_it_is}) {
    try {
      use(in);
    } catch (const ringside::FileError&) {
    } catch (const ringside::ConfigError&) {
    } catch (const ringside::StateError&) {
    }
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  static const auto first = ringside::snapshot_seed();
  return ringside::mutate_parts(ringside::PartFileKind::kSnapshot, first, data, size, max_size, seed);
}
