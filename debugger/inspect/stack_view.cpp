// The stack and its frames.
#include <algorithm>
#include <array>

#include "debugger/inspect/listing.h"
#include "debugger/inspect/memory_views.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/text.h"
#include "debugger/inspect/trap_views.h"
#include "debugger/instruction_kind.h"

namespace ringside {
namespace {

constexpr unsigned kMostFrames = 64;

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

}  // namespace ringside
