#include "cpu/fast/block_code.h"

#include <sys/mman.h>

#include <array>
#include <cstring>

#include "cpu/fast/fast.h"
#include "memory/host_pages.h"

namespace ringside::fast {
namespace {

/// Copies jump to functions of this program with 32-bit displacements, so they must lie near.
std::uint8_t* memory_near(const void* code, std::size_t bytes) {
#if defined(__x86_64__) && RINGSIDE_THREADED
  constexpr std::uintptr_t kReach = std::uintptr_t{1} << 30, kStep = std::uintptr_t{1} << 25;
  const auto from = reinterpret_cast<std::uintptr_t>(code) & ~(kStep - 1);
  for (std::uintptr_t distance = kStep * 2; distance < kReach; distance += kStep) {
    for (const std::uintptr_t at : {from + distance, from - distance}) {
      if (at > from && distance > from && at - from != distance) continue;  // below address 0
      void* const got = ::mmap(reinterpret_cast<void*>(at), bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
      if (got == reinterpret_cast<void*>(at)) {
        prefer_huge_pages(got, bytes);
        return static_cast<std::uint8_t*>(got);
      }
      if (got != MAP_FAILED) ::munmap(got, bytes);
    }
  }
#else
  (void)code, (void)bytes;
#endif
  return nullptr;
}

/// Where the parts of one op's template were put.
struct Copy {
  const HandlerTemplate* source = nullptr;
  std::uint8_t* main = nullptr;
  std::uint8_t* side = nullptr;
};

constexpr unsigned kMostOps = 65;  // a block's 64 and the one that continues

/// The constant that a fixup stands for, from the op that it belongs to.
std::uint32_t field_of(const Op& op, const Fixup& fixup) {
  const std::uint8_t* const at = reinterpret_cast<const std::uint8_t*>(&op) + fixup.target;
  switch (fixup.kind) {
    case Fixup::Kind::kDword: return load<std::uint32_t>(at);
    case Fixup::Kind::kZeroWord: return load<std::uint16_t>(at);
    default: return *at;
  }
}

std::uint32_t displacement_of(const Fixup& fixup, const std::uint8_t* at, const Copy& copy, const Copy* next) {
  const std::uint8_t* to = reinterpret_cast<const std::uint8_t*>(fixup.target);
  if (fixup.kind == Fixup::Kind::kMain) to = copy.main + fixup.target;
  if (fixup.kind == Fixup::Kind::kSide) to = copy.side + fixup.target;
  if (fixup.kind == Fixup::Kind::kNext) to = next->main;
  return static_cast<std::uint32_t>(to - (at + fixup.offset + sizeof(std::uint32_t) + fixup.tail));
}

void apply(const TemplatePart& part, std::uint8_t* at, const Op& op, const Copy& copy, const Copy* next) {
  for (const Fixup& fixup : part.fixups) {
    const bool field = fixup.kind >= Fixup::Kind::kByte;
    std::uint32_t value = field ? field_of(op, fixup) : displacement_of(fixup, at, copy, next);
    if (fixup.kind == Fixup::Kind::kOffset) value += load<std::uint32_t>(at + fixup.offset);
    std::memcpy(at + fixup.offset, &value, fixup.kind == Fixup::Kind::kByte ? 1 : sizeof value);
  }
}

/// The ops of a block whose handlers follow each other in a copy.
unsigned steps_of(const Block& block, unsigned index, const HandlerTemplate& t) {
  if (t.step != 0) return t.step;
  // An op that the reference executor does, or a handler that is not copied, comes back to the next op.
  return index + 1 < block.length || block.ops[index].handler == exact_op ? 1 : 0;
}

}  // namespace

BlockCode::BlockCode() : memory_(memory_near(reinterpret_cast<const void*>(exact_op), kBytes)) {}

BlockCode::~BlockCode() {
  if (memory_ != nullptr) ::munmap(memory_, kBytes);
}

void BlockCode::clear() {
  used_ = 0;
  full_ = false;
}

const HandlerTemplate& BlockCode::template_of(Handler handler, Passed wanted) {
  auto& made = templates_[wanted];
  const auto found = made.find(handler);
  if (found != made.end()) return found->second;
  return made.emplace(handler, make_template(handler, wanted)).first->second;
}

void BlockCode::copy(Block& block) {
  std::array<Copy, kMostOps> copies;
  std::array<std::uint8_t, kMostOps> chain;  // the ops whose handlers run, in order
  unsigned links = 0;
  for (unsigned i = 0; i <= block.length;) {
    const HandlerTemplate& t = template_of(block.ops[i].handler, kPassedAll);
    copies[i].source = &t;
    chain[links++] = static_cast<std::uint8_t>(i);
    const unsigned step = steps_of(block, i, t);
    if (step == 0) break;
    i += step;
  }
  // Backwards: what an op has to hand on is what the next one needs.
  std::size_t main_size = 0, side_size = 0;
  Passed wanted = kPassedAll;
  while (links-- != 0) {
    Copy& c = copies[chain[links]];
    c.source = &template_of(block.ops[chain[links]].handler, wanted);
    wanted = c.source->needs;
    main_size += c.source->main.code.size();
    side_size += c.source->side.code.size();
  }
  if (used_ + main_size + side_size > kBytes) {
    full_ = true;
    return;
  }
  std::uint8_t* main = memory_ + used_;
  std::uint8_t* side = main + main_size;
  used_ += main_size + side_size;
  for (unsigned i = 0; i <= block.length; ++i) {
    Copy& c = copies[i];
    if (c.source == nullptr) continue;
    c.main = main, c.side = side;
    if (!c.source->main.code.empty()) std::memcpy(main, c.source->main.code.data(), c.source->main.code.size());
    if (!c.source->side.code.empty()) std::memcpy(side, c.source->side.code.data(), c.source->side.code.size());
    main += c.source->main.code.size();
    side += c.source->side.code.size();
  }
  for (unsigned i = 0; i <= block.length; ++i) {
    const Copy& c = copies[i];
    if (c.source == nullptr) continue;
    const Copy* const next = c.source->step != 0 ? &copies[i + c.source->step] : nullptr;
    apply(c.source->main, c.main, block.ops[i], c, next);
    apply(c.source->side, c.side, block.ops[i], c, next);
    block.ops[i].handler = reinterpret_cast<Handler>(c.main);
  }
}

namespace {

Block* block_of_first(const Op* op) {
  return reinterpret_cast<Block*>(reinterpret_cast<std::uint8_t*>(const_cast<Op*>(op)) - offsetof(Block, ops));
}

/// Out of line, and not a handler: it may keep a frame.
void warmed_up(FAST_ARGS) {
  Block* const block = block_of_first(op);
  Op* const first = &block->ops[0];
  first->handler = block->first;
  cpu->blocks->copy_handlers(*block);
  FAST_NEXT(first);
}

}  // namespace

void count_entry(FAST_ARGS) {
  Block* const block = block_of_first(op);
  if (--block->cold == 0) RINGSIDE_TAIL warmed_up(FAST_PASS(op));
  RINGSIDE_TAIL block->first(FAST_PASS(op));
}

}  // namespace ringside::fast
