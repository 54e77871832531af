#include "cpu/block_cache.h"

#include <algorithm>
#include <cstring>

#include "cpu/cpu.h"
#include "cpu/debug_marks.h"
#include "cpu/decode.h"
#include "cpu/fast/fast.h"

namespace ringside {

BlockCache::BlockCache(Cpu& cpu) : cpu_(cpu), arena_(kArenaBytes), hash_(kHashSlots, nullptr) {
  unresolved.count = Block::kDead;
  unresolved_return.link = &unresolved;
  unresolved_return.target = 0;
  flush();
  cpu_.memory.set_listener(this);
}

BlockCache::~BlockCache() { cpu_.memory.set_listener(nullptr); }

void BlockCache::mapping_changed() { cpu_.drop_caches(); }

void BlockCache::writes_forgotten() { cpu_.drop_all_fast_writes(); }

void BlockCache::set_copying(bool on, std::uint32_t warm_after) {
  copying_ = on;
  warm_after_ = warm_after;
  flush();
}

void BlockCache::flush() {
  ++counters.flushes;
  used_ = 0;
  code_.clear();
  std::fill(hash_.begin(), hash_.end(), nullptr);
  pages_.clear();
  cpu_.memory.clear_all_code_marks();
  forget_paths();
}

void BlockCache::forget_paths() {
  jump_cache.fill({0, &unresolved});
  return_stack.fill(&unresolved_return);
  cpu_.pending_link = nullptr;
  cpu_.pending_indirect = false;
  cpu_.attention = true;
}

std::uint32_t BlockCache::limit_number(std::uint32_t limit) {
  const auto found = std::find(limits_.begin(), limits_.end(), limit);
  if (found != limits_.end()) return static_cast<std::uint32_t>(found - limits_.begin());
  if (limits_.size() == 0xFFFF) {  // a guest that makes up limits: start over
    limits_.clear();
    flush();
  }
  limits_.push_back(limit);
  return static_cast<std::uint32_t>(limits_.size() - 1);
}

std::size_t BlockCache::hash(PhysAddr address, std::uint32_t linear, std::uint32_t mode) {
  std::uint64_t h = (address ^ std::uint64_t{linear} << 20 ^ std::uint64_t{mode} << 44) * 0x9E3779B97F4A7C15ull;
  return static_cast<std::size_t>(h >> 48) & (kHashSlots - 1);
}

Block* BlockCache::find() {
  const Segment& cs = cpu_.seg[kCS];
  if (cpu_.eip > cs.limit) return nullptr;  // the uncached path raises #GP
  const std::uint32_t linear = cs.base + cpu_.eip;
  const PhysAddr address = cpu_.translate(linear, Access::kExecute, cpu_.cpl == 3) & cpu_.memory.a20_mask();
  const std::size_t slot = hash(address, linear, cpu_.mode);
  for (Block* b = hash_[slot]; b != nullptr; b = b->next_in_hash) {
    if (b->linear == linear && b->eip == cpu_.eip && b->mode == cpu_.mode &&
        b->phys_page == address >> kPageShift && b->count != Block::kDead)
      return b;
  }
  Block* block = decode_block(address, linear);
  if (block != nullptr) {
    const std::size_t again = hash(address, linear, cpu_.mode);
    block->next_in_hash = hash_[again];
    hash_[again] = block;
  }
  return block;
}

Block* BlockCache::allocate(unsigned ops) {
  const std::size_t size = sizeof(Block) + ops * sizeof(Op);
  if (used_ + size > kArenaBytes || code_.full()) flush();
  auto* block = reinterpret_cast<Block*>(arena_.as<std::uint8_t>() + used_);
  std::memset(static_cast<void*>(block), 0, sizeof(Block));
  return block;
}

Block* BlockCache::decode_block(PhysAddr address, std::uint32_t linear) {
  const PhysicalMemory::Page& page = cpu_.memory.page(address);
  if (page.read == nullptr) return nullptr;  // code in MMIO or in nothing: fetched anew every time
  const auto offset = static_cast<std::uint32_t>(address & (kPageSize - 1));
  const std::uint8_t* bytes = page.read + offset;
  const std::uint64_t limit_left = std::uint64_t{cpu_.seg[kCS].limit} - cpu_.eip + 1;
  const auto available = static_cast<std::uint32_t>(std::min<std::uint64_t>(kPageSize - offset, limit_left));

  const DebugMarks* marks = cpu_.marks;
  Block* block = allocate(kMaxBlockOps + 1);
  std::uint32_t position = 0;
  unsigned count = 0;
  bool ended = false;
  while (count < kMaxBlockOps && !ended) {
    // A marked instruction is never kept: the run loop meets it, and asks the debugger.
    if (marks != nullptr && marks->code_at(linear + position, cpu_.eip + position, address + position)) break;
    Op& op = block->ops[count];
    const Decoded d = decode(bytes + position, available - position, cpu_.mode, cpu_.eip + position, cpu_.model, op);
    if (d.status != Decoded::kOk) break;
    // An instruction that touches the next page's first byte or the limit is left to the uncached path.
    if (d.direct_branch) op.link = &unresolved;
    // A branch beyond the limit faults, which is the reference executor's affair.
    const bool faults = d.direct_branch && op.target > cpu_.seg[kCS].limit;
    op.handler = faults ? fast::exact_op : fast::select(op, linear + position, cpu_.mode);
    position += op.length;
    ++count;
    ended = d.ends_block;
  }
  if (count == 0) return nullptr;
  ++counters.decoded;
  block->eip = cpu_.eip;
  block->linear = linear;
  block->linear_page = linear & ~(kPageSize - 1);
  block->mode = cpu_.mode;
  block->phys_page = static_cast<std::uint32_t>(address >> kPageShift);
  block->bytes = position;
  finish_block(block, count, cpu_.eip + position);
  Block*& first = pages_[block->phys_page];
  block->next_in_page = first;
  first = block;
  const bool fresh_page = cpu_.memory.code_marks(address) == 0;
  cpu_.memory.mark_code(address, position);
  if (fresh_page) cpu_.drop_fast_writes(block->phys_page);
  return block;
}

void BlockCache::finish_block(Block* block, unsigned count, std::uint32_t next_eip) {
  block->count = count;
  block->length = count;
  for (unsigned i = 0; i < count; ++i) block->ops[i].remaining = static_cast<std::uint8_t>(count - i);
  Op& last = block->ops[count];
  last = Op{};
  last.eip = last.target = next_eip;
  last.link = &unresolved;
  last.handler = fast::continue_handler(block->linear + block->bytes, block->linear);
  used_ += sizeof(Block) + count * sizeof(Op);
  fast::forward_results(block);
  fast::fuse(block);
  block->first = block->ops[0].handler;
  block->cold = warm_after_;
  if (copying_ && code_.available()) block->ops[0].handler = fast::count_entry;
}

void BlockCache::kill(Block* block) {
  block->count = Block::kDead;
  const PhysAddr address = static_cast<PhysAddr>(block->phys_page) << kPageShift | (block->linear & (kPageSize - 1));
  Block** link = &hash_[hash(address, block->linear, block->mode)];
  while (*link != nullptr && *link != block) link = &(*link)->next_in_hash;
  if (*link == block) *link = block->next_in_hash;
  cpu_.attention = true;
}

void BlockCache::code_written(PhysAddr address, std::uint32_t size) {
  const auto page = static_cast<std::uint32_t>(address >> kPageShift);
  const auto found = pages_.find(page);
  if (found == pages_.end()) return;
  // Whole chunks go, so that their marks can go too.
  const std::uint32_t begin = static_cast<std::uint32_t>(address & (kPageSize - 1)) >> kCodeChunkShift << kCodeChunkShift;
  const std::uint32_t end =
      (((static_cast<std::uint32_t>(address & (kPageSize - 1)) + size - 1) >> kCodeChunkShift) + 1) << kCodeChunkShift;
  std::uint32_t still_marked = 0;
  Block** link = &found->second;
  while (*link != nullptr) {
    Block* b = *link;
    const std::uint32_t from = b->linear & (kPageSize - 1), to = from + b->bytes;
    if (from < end && to > begin) {
      counters.cuts[counters.cut_by_writes++ % CacheCounters::kCuts] = {address, size, b->linear, b->length};
      kill(b);
      *link = b->next_in_page;
      continue;
    }
    for (std::uint32_t c = from >> kCodeChunkShift; c <= (to - 1) >> kCodeChunkShift; ++c) still_marked |= 1u << c;
    link = &b->next_in_page;
  }
  if (found->second == nullptr) pages_.erase(found);
  cpu_.memory.clear_code_marks(static_cast<PhysAddr>(page) << kPageShift, ~still_marked);
}

void BlockCache::cut_marked(const DebugMarks& marks) {
  for (auto& [page, first] : pages_) {
    for (Block** link = &first; *link != nullptr;) {
      Block* b = *link;
      const PhysAddr address = static_cast<PhysAddr>(page) << kPageShift | (b->linear & (kPageSize - 1));
      if (marks.code_in(b->linear, b->eip, address, b->bytes)) {
        kill(b);
        *link = b->next_in_page;
      } else {
        link = &b->next_in_page;
      }
    }
  }
}

}  // namespace ringside
