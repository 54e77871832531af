// The stack and its frames; decoded blocks.
#include <algorithm>
#include <array>

#include "debugger/inspect/trap_views.h"
#include "cpu/block_cache.h"
#include "cpu/opcodes.h"
#include "debugger/inspect/listing.h"
#include "debugger/inspect/memory_views.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"
#include "debugger/instruction_kind.h"

namespace ringside {
namespace {

constexpr unsigned kMostFrames = 64;
constexpr unsigned kMostBlocks = 200;

/// A word of the stack begins the frame of this trap.
const KnownTrap* trap_frame_at(const Session& session, std::uint16_t ss, std::uint32_t esp) {
  const std::deque<KnownTrap>& traps = session.traps().traps();
  unsigned looked = 0;
  for (auto t = traps.rbegin(); t != traps.rend() && looked < 200; ++t, ++looked)
    if (has_vector(t->event.kind) && t->frame_words != 0 && t->ss == ss && t->esp == esp && t->moment < session.machine().moment()) return &*t;
  return nullptr;
}

/// Frames as the chain of saved frame pointers has them.
void add_frames(Document& document, const Session& session) {
  const Cpu& cpu = session.machine().cpu();
  const bool wide = cpu.seg[kCS].big != 0;
  Table& table = document.table("Frames", {"", "frame", "at", "function"});
  const std::uint32_t here = cpu.seg[kCS].base + cpu.eip;
  table.add({label("0"), dim(""), plain(hex32(here), "", {LinkKind::kCode, here}), plain(session.names().name_of(here))});
  if (!wide) return;
  std::uint32_t frame = cpu.gpr[kEBP];
  for (unsigned i = 1; i < kMostFrames; ++i) {
    std::array<std::uint32_t, 2> words{};
    if (frame == 0 || (frame & 3) != 0 || peek_span(cpu, cpu.seg[kSS].base + frame, words.data(), 8) != 8) break;
    if (words[1] == 0) break;
    table.add({label(std::to_string(i)), dim(hex32(frame)), plain(hex32(words[1]), "", {LinkKind::kCode, words[1]}), plain(session.names().name_of(words[1]))});
    if (words[0] <= frame) break;  // callers lie higher; all else is no chain
    frame = words[0];
  }
}

const char* operation_name(const Op& op) {
  const OpcodeRow& row = opcode_rows()[row_of(op.id)];
  return row.mnemonic != nullptr ? row.mnemonic : "(undefined)";
}

void add_block(Document& document, const Session& session, const Block& block) {
  const Cpu& cpu = session.machine().cpu();
  const PhysAddr physical = PhysAddr{block.phys_page} << kPageShift | (block.linear & (kPageSize - 1));
  std::string title = hex32(block.linear) + ", physical " + hex_physical(physical) + format(", %u instructions, %u bytes, ", block.length, block.bytes);
  title += block.cold == 0 ? "hot" : format("warm after %u more entries", block.cold);
  const std::string name = session.names().name_of(block.linear);
  Table& table = document.table((name.empty() ? "" : name + ": ") + title, {});
  for (unsigned i = 0; i < block.length; ++i) {
    const Op& op = block.ops[i];
    std::array<std::uint8_t, 15> code{};
    const std::uint32_t linear = block.linear + (op.eip - block.eip);
    const std::size_t size = std::min<std::size_t>(op.length, code.size());
    cpu.memory.peek(physical + (op.eip - block.eip), code.data(), size);
    std::string bytes;
    for (std::size_t b = 0; b < size; ++b) bytes += hex8(code[b]);
    std::string detail = (op.flags & kMemory) != 0 ? "memory operand" : "";
    if ((op.flags & (kRep | kRepne)) != 0) detail += detail.empty() ? "repeated" : ", repeated";
    table.add({plain(hex32(linear), "", {LinkKind::kCode, linear}), dim(bytes), plain(operation_name(op), "The decoded operation"), dim(detail)});
  }
}

}  // namespace

Document view_stack(const Session& session, unsigned words) {
  Document document;
  const Cpu& cpu = session.machine().cpu();
  add_frames(document, session);
  const unsigned width = cpu.seg[kSS].big != 0 ? 4 : 2;
  const std::uint32_t top = cpu.gpr[kESP] & cpu.stack_mask();
  const std::uint16_t ss = cpu.seg[kSS].selector;
  Table& table = document.table("Stack", {"address", "value", "seems to be"});
  std::array<const char*, 12> field{};
  unsigned fields = 0, at = 0;
  for (unsigned i = 0; i < words; ++i) {
    const std::uint32_t offset = (top + i * width) & cpu.stack_mask();
    std::uint32_t value = 0;
    if (peek_span(cpu, cpu.seg[kSS].base + offset, &value, width) != width) {
      table.add({dim(logical(ss, offset)), dim("cannot be read")});
      break;
    }
    std::string meaning;
    Link link;
    if (const KnownTrap* trap = trap_frame_at(session, ss, offset)) {
      fields = at = 0;
      if (trap->fault && !trap->real_mode && has_error_code(trap->fault->vector)) field[fields++] = "error code";
      for (const char* name : {"EIP", "CS", "EFLAGS"}) field[fields++] = name;
      if (trap->event.from_cpl > trap->event.to_cpl)
        for (const char* name : {"ESP", "SS"}) field[fields++] = name;
      table.add({toned("frame of " + trap_name(trap->event), Tone::kWarning)});
    }
    if (at < fields) {
      meaning = field[at++];
    } else {
      const std::uint32_t linear = cpu.seg[kCS].base + value;
      const std::string name = session.names().name_of(linear);
      if (width == 4 && follows_call(cpu, linear) && !name.empty()) {
        meaning = "returns to " + name;
        link = {LinkKind::kCode, linear};
      } else if (!name.empty() && width == 4) {
        meaning = name;
      }
    }
    const bool frame_pointer = offset == (cpu.gpr[kEBP] & cpu.stack_mask());
    if (frame_pointer) meaning = "saved frame pointer (EBP is here)" + (meaning.empty() ? "" : ", " + meaning);
    table.add({dim(logical(ss, offset)), plain(width == 4 ? hex32(value) : hex16(static_cast<std::uint16_t>(value)), "", link), plain(meaning)});
  }
  return document;
}

Document view_blocks(const Session& session, std::optional<std::uint32_t> linear) {
  Document document;
  const Cpu& cpu = session.machine().cpu();
  const std::uint32_t at = linear.value_or(cpu.seg[kCS].base + cpu.eip);
  document.say(format("%zu pages of guest memory have decoded code, ", cpu.blocks->pages()) + size_text(cpu.blocks->bytes_used()) +
               " of the cache are in use. A block ends at a jump that is always taken, at the page's end, or where the mode may change.");
  PhysAddr physical = at;
  if (cpu.paging() && !cpu.peek_translate(at, physical)) {
    document.say("The page of " + hex32(at) + " is not mapped.", Tone::kWarning);
    return document;
  }
  physical &= cpu.memory.a20_mask();
  const Block* block = cpu.blocks->first_in_page(static_cast<std::uint32_t>(physical >> kPageShift));
  if (block == nullptr) document.say("No code of the page at " + hex32(at & ~(kPageSize - 1)) + " has been decoded, or what there was has been written over. Single steps decode nothing.", Tone::kDim);
  std::vector<const Block*> blocks;
  for (; block != nullptr && blocks.size() < kMostBlocks; block = block->next_in_page)
    if (block->count != Block::kDead) blocks.push_back(block);
  std::sort(blocks.begin(), blocks.end(), [](const Block* a, const Block* b) { return a->linear < b->linear; });
  for (const Block* b : blocks) add_block(document, session, *b);
  return document;
}

}  // namespace ringside
