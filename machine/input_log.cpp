#include "machine/input_log.h"

#include <stdexcept>

#include "memory/state_visitor.h"

namespace ringside {
namespace {

constexpr std::size_t kEntrySize = 8 + 1 + 1 + 8 + 3 * 4;

void put(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t get(std::span<const std::uint8_t> bytes, std::size_t& at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{bytes[at++]} << (8 * i);
  return value;
}

}  // namespace

void InputLog::append(const Input& input) {
  if (!entries_.empty() && input.tick < entries_.back().tick)
    throw std::logic_error("an input cannot enter before the one that precedes it");
  entries_.push_back(input);
}

void InputLog::truncate(std::size_t count) {
  if (count < entries_.size()) entries_.resize(count);
}

std::vector<std::uint8_t> InputLog::serialize() const {
  std::vector<std::uint8_t> out;
  out.reserve(entries_.size() * kEntrySize);
  for (const Input& input : entries_) {
    put(out, input.tick, 8);
    put(out, static_cast<std::uint8_t>(input.kind), 1);
    put(out, input.down ? 1 : 0, 1);
    put(out, static_cast<std::uint64_t>(input.value), 8);
    for (const std::int32_t delta : {input.dx, input.dy, input.dz}) put(out, static_cast<std::uint32_t>(delta), 4);
  }
  return out;
}

InputLog InputLog::parse(std::span<const std::uint8_t> bytes) {
  if (bytes.size() % kEntrySize != 0) throw StateError("the input log is cut off");
  InputLog log;
  for (std::size_t at = 0; at < bytes.size();) {
    Input input;
    input.tick = get(bytes, at, 8);
    const std::uint64_t kind = get(bytes, at, 1);
    const std::uint64_t down = get(bytes, at, 1);
    if (kind >= static_cast<std::uint64_t>(InputKind::kCount) || down > 1)
      throw StateError("the input log holds an entry of an unknown kind");
    input.kind = static_cast<InputKind>(kind);
    input.down = down != 0;
    input.value = static_cast<std::int64_t>(get(bytes, at, 8));
    input.dx = static_cast<std::int32_t>(get(bytes, at, 4));
    input.dy = static_cast<std::int32_t>(get(bytes, at, 4));
    input.dz = static_cast<std::int32_t>(get(bytes, at, 4));
    if (!log.entries_.empty() && input.tick < log.entries_.back().tick)
      throw StateError("the input log's ticks are not in order");
    log.entries_.push_back(input);
  }
  return log;
}

}  // namespace ringside
