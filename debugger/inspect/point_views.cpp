#include "debugger/inspect/point_views.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

#include "debugger/conditions.h"
#include "debugger/inspect/source_files.h"
#include "debugger/inspect/text.h"
#include "debugger/symbols.h"

namespace ringside {
namespace {

/// The assembler's listing of one of our ROMs: which of its lines made which byte.
struct Listing {
  std::vector<std::string> lines;
  std::map<std::uint32_t, unsigned> by_offset;  // offset in the ROM: line, counted from 1
};

Listing read_listing(const std::string& path) {
  Listing listing;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::replace(line.begin(), line.end(), '\t', ' ');
    listing.lines.push_back(line);
    // "   353 00000085 FA         <1> cli": number, offset, bytes, source.
    unsigned number = 0, offset = 0;
    int end = 0;
    if (std::sscanf(line.c_str(), "%u %8X %n", &number, &offset, &end) != 2 || end < 16 || line.size() < 17) continue;
    listing.by_offset.emplace(offset, static_cast<unsigned>(listing.lines.size()));
  }
  return listing;
}

/// Where the present instruction lies in one of our ROMs, and nothing else is mapped there.
bool show_rom(const Session& session, std::uint32_t linear, SourceView& view) {
  struct Rom {
    std::uint32_t base, size;
    const char* name;
  };
  static constexpr Rom kRoms[] = {{0xF0000, 0x10000, "bios.lst"}, {0xC0000, 0x8000, "vga.lst"}, {0xD0000, 0x400, "kernel_boot.lst"}, {0xFFFF0000, 0x10000, "bios.lst"}};
  if (!session.config().bios.empty() || session.machine().cpu().paging()) return false;
  for (const Rom& rom : kRoms) {
    if (linear - rom.base >= rom.size) continue;
    thread_local std::map<std::string, Listing> read;
    const std::string path = std::string(RINGSIDE_BIOS_LISTINGS "/") + rom.name;
    const auto [at, fresh] = read.try_emplace(rom.name);
    if (fresh) at->second = read_listing(path);
    const Listing& listing = at->second;
    auto place = listing.by_offset.upper_bound(linear - rom.base);
    if (place == listing.by_offset.begin()) return false;
    --place;
    view.file = view.path = rom.name;
    view.line = place->second;
    view.lines = listing.lines;
    return true;
  }
  return false;
}

}  // namespace

std::vector<PointRow> point_rows(const Session& session) {
  std::vector<PointRow> rows;
  for (const StopPoint& point : session.debugger().points()) {
    PointRow row;
    row.id = point.id;
    row.enabled = point.enabled;
    row.hits = point.hits;
    row.what = describe(static_cast<const StopPointSpec&>(point));
    row.condition = point.condition;
    row.has_place = point.kind == PointKind::kInstruction && point.space == AddressSpace::kLinear;
    row.linear = static_cast<std::uint32_t>(point.address);
    if (row.has_place)
      if (const std::string name = session.names().name_of(row.linear); !name.empty()) row.what += "  " + name;
    const Stop& stop = session.last_stop();
    row.last_hit = std::any_of(stop.hits.begin(), stop.hits.end(), [&](const Hit& hit) { return hit.id == point.id; });
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string points_text(const std::vector<PointRow>& rows) {
  std::string text;
  for (const PointRow& row : rows)
    text += std::to_string(row.id) + (row.enabled ? "  " : "  (off) ") + row.what + "  " + std::to_string(row.hits) + " hits" + (row.last_hit ? "  <- stopped here" : "") + "\n";
  return text;
}

std::vector<WatchRow> evaluate_watches(const Session& session, const std::vector<std::string>& expressions) {
  std::vector<WatchRow> rows;
  for (const std::string& text : expressions) {
    WatchRow row{text, std::nullopt, ""};
    try {
      const Expression e = Expression::parse(text, [&](const std::string& name) { return session.names().address_of(name); });
      row.value = e.evaluate(session.machine().cpu());
      if (!row.value) row.error = "memory that it needs cannot be read";
    } catch (const DebuggerError& error) {
      row.error = error.what();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

SourceView view_source(const Session& session, const std::vector<std::string>& roots) {
  SourceView view;
  const Cpu& cpu = session.machine().cpu();
  const std::uint32_t here = cpu.seg[kCS].base + cpu.eip;
  const auto place = session.names().source_of(here);
  if (!place) {
    if (show_rom(session, here, view)) return view;
    const std::string name = session.names().name_of(here);
    view.why_not = "No source line is known for " + hex32(here) + (name.empty() ? "." : " (" + name + ").");
    return view;
  }
  const SourceFile& file = source_file(place->file, roots);
  view.file = file.shown;
  view.line = place->line;
  view.path = file.path;
  if (file.path.empty()) {
    view.why_not = place->file + ", line " + std::to_string(place->line) + ": the file is not here.";
  } else {
    view.lines = file.lines;
  }
  return view;
}

}  // namespace ringside
