// Decoded code: blocks with their guest bytes, their operations as the decoder left them, their links, and what
// stores into code have cut off.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "cpu/block_cache.h"
#include "cpu/opcodes.h"
#include "debugger/inspect/memory_views.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr unsigned kMostBlocks = 48;  // the nearest ones
constexpr unsigned kFirstGroupRow = 512;   // see opcode_rows()
constexpr std::uint8_t kNoRegister = 32;  // the slot behind EDI

std::string register_name(std::uint8_t offset, bool byte, bool wide) {
  static constexpr const char* kNames32[] = {"EAX", "ECX", "EDX", "EBX", "ESP", "EBP", "ESI", "EDI"};
  static constexpr const char* kNames16[] = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"};
  static constexpr const char* kLow[] = {"AL", "CL", "DL", "BL"};
  static constexpr const char* kHigh[] = {"AH", "CH", "DH", "BH"};
  if (offset >= kNoRegister) return "-";
  if (byte && offset < 16) return offset % 4 == 1 ? kHigh[offset / 4] : kLow[offset / 4];
  return wide ? kNames32[offset / 4] : kNames16[offset / 4];
}

std::string memory_operand(const Op& op) {
  static constexpr const char* kSegments[] = {"ES", "CS", "SS", "DS", "FS", "GS"};
  const bool wide = (op.flags & kAddress32) != 0;
  std::string text = std::string(op.seg < 6 ? kSegments[op.seg] : "?") + ":[";
  bool any = false;
  if (op.base < kNoRegister) {
    text += register_name(op.base, false, wide);
    any = true;
  }
  if (op.index < kNoRegister) {
    text += (any ? " + " : "") + register_name(op.index, false, wide) + (op.scale != 0 ? format(" * %u", 1u << op.scale) : "");
    any = true;
  }
  if (op.disp != 0 || !any) text += (any ? " + " : "") + format("%X", op.disp);
  return text + "]";
}

std::string operands(const Op& op, const OpcodeRow& row) {
  const std::uint32_t e = row.encoding;
  const bool wide = (op.flags & kOperand32) != 0, memory = (op.flags & kMemory) != 0;
  const bool rm_source = (e & kRmSource) != 0;
  std::vector<std::string> parts;
  if ((e & kModRM) != 0 && (e & (kDstVector | kSrcVector)) == 0) {
    parts.push_back(memory && !rm_source ? memory_operand(op) : register_name(op.dst, (e & kDstByte) != 0, wide));
    const bool in_group = row_of(op.id) >= kFirstGroupRow;  // there the reg field chooses the instruction
    if (!in_group || rm_source) parts.push_back(memory && rm_source ? memory_operand(op) : register_name(op.src, (e & kSrcByte) != 0, wide));
    if (in_group && rm_source) parts.erase(parts.begin());
    std::erase(parts, "-");
  } else if (memory) {
    parts.push_back(memory_operand(op));
  } else if ((e & kRegInOpcode) != 0) {
    parts.push_back(register_name(op.dst, (e & kDstByte) != 0, wide));
  }
  const std::uint32_t immediate = e & kImmMask;
  if (immediate != kImmNone && immediate != kMoffs && immediate != kImmOne && immediate != kRelByte && immediate != kRelFull)
    parts.push_back("#" + format("%X", op.imm));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  if ((op.flags & (kRep | kRepne)) != 0) text += text.empty() ? "repeated" : " (repeated)";
  return text;
}

bool direct_branch(const OpcodeRow& row) {
  const std::uint32_t immediate = row.encoding & kImmMask;
  return immediate == kRelByte || immediate == kRelFull;
}

/// Where an operation goes on, and whether the way is known already.
Cell link_cell(const Cpu& cpu, const Op& op, const Block& block) {
  const std::uint32_t target = block.linear - block.eip + op.target;
  const bool linked = op.link != &cpu.blocks->unresolved && op.link->count != Block::kDead;
  return {(linked ? "linked to " : "goes to ") + hex32(target), linked ? Tone::kGood : Tone::kDim,
          linked ? "The destination's block is known: no look-up is needed." : "The destination is looked up when this is taken for the first time.", {LinkKind::kCode, target}, false};
}

void add_block(Document& document, const Session& session, const Block& block) {
  const Cpu& cpu = session.machine().cpu();
  const PhysAddr physical = PhysAddr{block.phys_page} << kPageShift | (block.linear & (kPageSize - 1));
  const std::string name = session.names().name_of(block.linear);
  std::string title = (name.empty() ? hex32(block.linear) : name) + format(": %u instructions, %u bytes, ", block.length, block.bytes);
  title += block.cold == 0 ? "hot" : format("cold: hot after %u more entries", block.cold);
  Table& table = document.table(title, {});
  for (unsigned i = 0; i < block.length; ++i) {
    const Op& op = block.ops[i];
    const OpcodeRow& row = opcode_rows()[row_of(op.id)];
    const std::uint32_t within = op.eip - block.eip;
    std::array<std::uint8_t, 15> code{};
    const std::size_t size = std::min<std::size_t>(op.length, code.size());
    cpu.memory.peek(physical + within, code.data(), size);
    std::string bytes;
    for (std::size_t b = 0; b < size; ++b) bytes += hex8(code[b]);
    const std::string mnemonic = row.mnemonic != nullptr ? row.mnemonic : "(undefined)";
    table.add({plain(hex32(block.linear + within), "Physical address " + hex_physical(physical + within), {LinkKind::kCode, block.linear + within}), dim(bytes),
               plain(mnemonic, (op.flags & kOperand32) != 0 ? "32-bit operands" : "16-bit operands"),
               direct_branch(row) ? link_cell(cpu, op, block) : dim(operands(op, row))});
  }
  const Op& last = block.ops[block.length];
  const bool falls_through = (opcode_rows()[row_of(block.ops[block.length - 1].id)].encoding & kEndsBlock) == 0;
  if (falls_through) table.add({dim("then"), dim(""), dim(""), link_cell(cpu, last, block)});
}

void add_cuts(Document& document, const Session& session, const CacheCounters& counters) {
  if (counters.cut_by_writes == 0) return;
  Table& table = document.table("Blocks that stores into their bytes have cut off, the latest first", {"block", "", "written at", "bytes"});
  const std::uint64_t kept = std::min<std::uint64_t>(counters.cut_by_writes, CacheCounters::kCuts);
  for (std::uint64_t i = 1; i <= std::min<std::uint64_t>(kept, 8); ++i) {
    const CacheCounters::Cut& cut = counters.cuts[(counters.cut_by_writes - i) % CacheCounters::kCuts];
    table.add({plain(hex32(cut.linear), format("%u instructions", cut.instructions), {LinkKind::kCode, cut.linear}), plain(session.names().name_of(cut.linear)),
               plain(hex_physical(cut.written), "Physical address of the store", {LinkKind::kPhysical, cut.written}), dim(std::to_string(cut.size))});
  }
}

}  // namespace

Document view_blocks(const Session& session, std::optional<std::uint32_t> linear) {
  Document document;
  const Cpu& cpu = session.machine().cpu();
  const CacheCounters& counters = cpu.blocks->counters;
  const std::uint32_t at = linear.value_or(cpu.seg[kCS].base + cpu.eip);
  Table& table = document.untitled("Translation cache", {"decoded", "cut by stores", "flushes", "pages", "in use"});
  table.add({plain(grouped(counters.decoded), "Blocks since power-on"), plain(grouped(counters.cut_by_writes), "Blocks whose bytes were written: self-modifying code, loaders, DMA"),
             plain(grouped(counters.flushes), "Times that all blocks were forgotten"), plain(std::to_string(cpu.blocks->pages()), "Pages of guest memory that have decoded code"),
             plain(size_text(cpu.blocks->bytes_used()))});
  add_cuts(document, session, counters);
  PhysAddr physical = at;
  if (cpu.paging() && !cpu.peek_translate(at, physical)) {
    document.say("The page of " + hex32(at) + " is not mapped.", Tone::kWarning);
    return document;
  }
  physical &= cpu.memory.a20_mask();
  std::vector<const Block*> blocks;
  for (const Block* b = cpu.blocks->first_in_page(static_cast<std::uint32_t>(physical >> kPageShift)); b != nullptr; b = b->next_in_page)
    if (b->count != Block::kDead) blocks.push_back(b);
  const std::size_t all = blocks.size();
  if (blocks.size() > kMostBlocks) {
    const auto distance = [at](const Block* b) { return std::abs(static_cast<std::int32_t>(b->linear - at)); };
    std::nth_element(blocks.begin(), blocks.begin() + kMostBlocks, blocks.end(), [&](const Block* a, const Block* b) { return distance(a) < distance(b); });
    blocks.resize(kMostBlocks);
  }
  if (blocks.empty())
    document.say("No code of the page at " + hex32(at & ~(kPageSize - 1)) + " has been decoded, or what there was has been written over. Single steps decode nothing.", Tone::kDim);
  else
    document.say(format("%zu of the %zu blocks of the page at %08X, the nearest ones. A block ends at a jump that is always taken, at the page's end, or where the mode may change.", blocks.size(), all, at & ~(kPageSize - 1)), Tone::kDim);
  std::sort(blocks.begin(), blocks.end(), [](const Block* a, const Block* b) { return a->linear < b->linear; });
  for (const Block* b : blocks) add_block(document, session, *b);
  return document;
}

}  // namespace ringside
