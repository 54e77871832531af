#include "debugger/inspect/disassembly_view.h"

#include <algorithm>
#include <set>

#include "cpu/block_cache.h"
#include "debugger/inspect/source_files.h"
#include "debugger/inspect/text.h"

namespace ringside {
namespace {

constexpr unsigned kLanes = 4;

void add_blocks(Disassembly& view, const Cpu& cpu) {
  std::set<std::uint32_t> lines, pages;
  for (const ListingLine& l : view.listing.lines) {
    lines.insert(l.linear);
    PhysAddr physical = l.linear;
    if (l.readable && (!cpu.paging() || cpu.peek_translate(l.linear, physical)))
      pages.insert(static_cast<std::uint32_t>((physical & cpu.memory.a20_mask()) >> kPageShift));
  }
  for (const std::uint32_t page : pages)
    for (const Block* b = cpu.blocks->first_in_page(page); b != nullptr; b = b->next_in_page)
      if (b->count != Block::kDead && lines.count(b->linear) != 0) view.blocks[b->linear] = {b->length, b->cold == 0};
}

void add_source(Disassembly& view, const std::vector<std::string>& roots) {
  const ListingLine* last = nullptr;
  for (const ListingLine& l : view.listing.lines) {
    const bool fresh = l.source && (last == nullptr || l.source != last->source);
    if (l.source) last = &l;
    if (!fresh) continue;
    const std::string words = source_line(*l.source, roots);
    if (!words.empty()) view.source[l.linear] = std::to_string(l.source->line) + "  " + words;
  }
}

/// Short branches lie inside; where two would touch, the longer one goes a lane further out.
void add_arrows(Disassembly& view) {
  std::set<std::uint32_t> shown;
  for (const ListingLine& l : view.listing.lines) shown.insert(l.linear);
  for (const ListingLine& l : view.listing.lines)
    if (l.target && shown.count(*l.target) != 0) view.arrows.push_back({l.linear, *l.target, 0, l.current});
  const auto low = [](const BranchArrow& a) { return std::min(a.from, a.to); };
  const auto high = [](const BranchArrow& a) { return std::max(a.from, a.to); };
  std::stable_sort(view.arrows.begin(), view.arrows.end(), [&](const auto& a, const auto& b) { return high(a) - low(a) < high(b) - low(b); });
  for (std::size_t i = 0; i < view.arrows.size(); ++i) {
    std::set<unsigned> taken;
    for (std::size_t j = 0; j < i; ++j)
      if (low(view.arrows[j]) <= high(view.arrows[i]) && low(view.arrows[i]) <= high(view.arrows[j])) taken.insert(view.arrows[j].lane);
    unsigned lane = 0;
    while (taken.count(lane) != 0) ++lane;
    view.arrows[i].lane = std::min(lane, kLanes - 1);
  }
}

}  // namespace

Disassembly view_disassembly(const Session& session, const DisassemblyRequest& request) {
  const Cpu& cpu = session.machine().cpu();
  const std::uint32_t here = cpu.seg[kCS].base + cpu.eip;
  const unsigned before = request.top ? 0 : request.rows / 4;
  Disassembly view;
  view.listing = list_code(cpu, request.top.value_or(here), before, request.rows, &session.names());
  for (const ListingLine& l : view.listing.lines)
    if (const int id = session.debugger().point_at(l.linear); id != 0) view.points[l.linear] = id;
  add_blocks(view, cpu);
  if (request.source) add_source(view, request.roots);
  add_arrows(view);
  return view;
}

std::string disassembly_text(const Disassembly& view) {
  std::string all;
  for (const ListingLine& l : view.listing.lines) {
    if (!l.label.empty()) all += l.label + ":\n";
    if (const auto source = view.source.find(l.linear); source != view.source.end()) all += "    // " + source->second + "\n";
    all += (l.current ? "> " : "  ") + std::string(view.points.count(l.linear) != 0 ? "* " : "  ") + logical(view.listing.cs, l.eip) + "  " + l.bytes +
           "  " + l.text + (l.note.empty() ? "" : "  ; " + l.note) + "\n";
  }
  return all;
}

}  // namespace ringside
