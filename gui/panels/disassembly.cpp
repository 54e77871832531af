// The instructions around the present one.
#include <imgui.h>

#include <algorithm>
#include <map>

#include "debugger/inspect/listing.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

/// A listing with what the debugger knows of its lines.
struct MarkedListing {
  Listing listing;
  std::map<std::uint32_t, int> points;
};

class DisassemblyPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    draw_bar(ui);
    const float line = ImGui::GetTextLineHeightWithSpacing();
    ImGui::BeginChild("lines", ImVec2(0, 0), false, ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoScrollbar);
    const auto rows = static_cast<unsigned>(std::clamp(ImGui::GetWindowHeight() / line, 3.0f, 200.0f));
    choose_top(ui, rows);
    const std::uint32_t anchor = top_.value_or(ui.status.code_linear);
    const unsigned before = top_ ? 0 : rows / 4;
    const std::string key = top_ ? hex32(anchor) + "/" + std::to_string(rows) : "here/" + std::to_string(rows);
    const bool follow = !top_;
    const auto answer = probe_.ask(*ui.engine, key, [=](Session& session) {
      const Cpu& cpu = session.machine().cpu();
      const std::uint32_t at = follow ? cpu.seg[kCS].base + cpu.eip : anchor;
      MarkedListing marked{list_code(cpu, at, before, rows, &session.names()), {}};
      for (const ListingLine& l : marked.listing.lines)
        if (const int id = session.debugger().point_at(l.linear); id != 0) marked.points[l.linear] = id;
      return marked;
    });
    if (answer != nullptr) draw_lines(ui, *answer, rows);
    scroll(answer.get());
    ImGui::EndChild();
  }

  std::string text() const override {
    const auto answer = probe_.last();
    if (answer == nullptr) return "";
    std::string all;
    for (const ListingLine& l : answer->listing.lines) {
      if (!l.label.empty()) all += l.label + ":\n";
      all += (l.current ? "> " : "  ") + std::string(answer->points.count(l.linear) != 0 ? "* " : "  ") + logical(answer->listing.cs, l.eip) + "  " +
             l.bytes + "  " + l.text + (l.note.empty() ? "" : "  ; " + l.note) + "\n";
    }
    return all;
  }

 private:
  void draw_bar(Ui& ui) {
    if (address_field(ui, "address", typed_, wanted_)) {
      top_ = wanted_;
      was_asked_ = ui.code_address;
    }
    ImGui::SameLine();
    if (!top_) ImGui::BeginDisabled();
    const bool back = ImGui::SmallButton("Follow EIP");
    if (!top_) ImGui::EndDisabled();
    landmark(ui, "disassembly/follow");
    if (back) {
      top_.reset();
      ui.code_address.reset();
      was_asked_.reset();
    }
  }

  /// Somebody clicked an address elsewhere, or the machine has moved on.
  void choose_top(Ui& ui, unsigned) {
    if (ui.code_address != was_asked_) {
      was_asked_ = ui.code_address;
      top_ = ui.code_address;
    }
    if (ui.status.stops == stops_) return;
    stops_ = ui.status.stops;
    top_.reset();
    ui.code_address.reset();
    was_asked_.reset();
    ui.code_cursor = ui.status.code_linear;
  }

  void draw_lines(Ui& ui, const MarkedListing& marked, unsigned rows) {
    const Listing& listing = marked.listing;
    const float line = ImGui::GetTextLineHeightWithSpacing();
    const float glyph = ImGui::CalcTextSize("0").x;
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    std::map<std::uint32_t, float> heights;
    float y = origin.y;
    unsigned shown = 0;
    for (const ListingLine& l : listing.lines) {
      if (shown >= rows) break;
      if (!l.label.empty()) {
        draw.AddText(ImVec2(origin.x + glyph * 3, y), tone_colour(ui, Tone::kAccent), (l.label + ":").c_str());
        y += line;
        ++shown;
      }
      if (shown >= rows) break;
      draw_line(ui, marked, l, ImVec2(origin.x, y), width, glyph, line);
      heights[l.linear] = y + line / 2;
      y += line;
      ++shown;
    }
    draw_arrows(ui, listing, heights, origin.x + glyph * 2.2f, glyph);
  }

  void draw_line(Ui& ui, const MarkedListing& marked, const ListingLine& l, ImVec2 at, float width, float glyph, float line) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 end(at.x + width, at.y + line);
    if (l.current) draw.AddRectFilled(at, end, ImGui::GetColorU32(ImGuiCol_Header));
    if (l.linear == ui.code_cursor) draw.AddRect(at, end, ImGui::GetColorU32(ImGuiCol_ButtonActive));
    const auto point = marked.points.find(l.linear);
    const ImVec2 centre(at.x + glyph, at.y + line / 2);
    if (point != marked.points.end()) draw.AddCircleFilled(centre, line * 0.3f, tone_colour(ui, Tone::kBad));
    if (l.current) draw.AddText(ImVec2(at.x + glyph * 2.6f, at.y), tone_colour(ui, Tone::kWarning), ">");
    float x = at.x + glyph * 4;
    const auto put = [&](const std::string& words, Tone tone, float columns) {
      draw.AddText(ImVec2(x, at.y), tone_colour(ui, tone), words.c_str());
      x += columns * glyph;
    };
    put(logical(marked.listing.cs, l.eip), Tone::kDim, 14.5f);
    const bool room = width > glyph * 64;
    if (room) put(l.bytes.size() > 16 ? l.bytes.substr(0, 15) + "." : l.bytes, Tone::kDim, 17);
    std::string words = l.text;
    if (l.taken) words += *l.taken ? "   (will jump)" : "   (will not jump)";
    put(words, l.readable ? Tone::kPlain : Tone::kBad, static_cast<float>(words.size()) + 2);
    if (!l.note.empty()) put("; " + l.note, Tone::kDim, 1);
    click(ui, l, at, width, glyph, line);
  }

  void click(Ui& ui, const ListingLine& l, ImVec2 at, float width, float glyph, float line) {
    ui.landmarks["line/" + hex32(l.linear)] = {at.x + glyph * 4, at.y, width - glyph * 4, line};
    ui.landmarks["margin/" + hex32(l.linear)] = {at.x, at.y, glyph * 2, line};
    if (!ImGui::IsWindowHovered() || !ImGui::IsMouseHoveringRect(at, ImVec2(at.x + width, at.y + line))) return;
    const bool margin = ImGui::GetIO().MousePos.x < at.x + glyph * 2.5f;
    if (margin) ImGui::SetTooltip("Click: set or remove a breakpoint at %08X", l.linear);
    if (ImGui::IsMouseClicked(0)) {
      ui.code_cursor = l.linear;
      if (margin) ui.engine->post([linear = l.linear](Session& session) { session.toggle_breakpoint(linear); });
    }
    if (ImGui::IsMouseDoubleClicked(0) && !margin && l.target) top_ = *l.target;
  }

  void draw_arrows(Ui& ui, const Listing& listing, const std::map<std::uint32_t, float>& heights, float x, float glyph) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (const ListingLine& l : listing.lines) {
      if (!l.target) continue;
      const auto from = heights.find(l.linear);
      const auto to = heights.find(*l.target);
      if (from == heights.end() || to == heights.end()) continue;
      const ImU32 colour = tone_colour(ui, l.current ? Tone::kWarning : Tone::kDim);
      const float reach = glyph * 0.8f;
      draw.AddLine(ImVec2(x + reach, from->second), ImVec2(x, from->second), colour);
      draw.AddLine(ImVec2(x, from->second), ImVec2(x, to->second), colour);
      draw.AddLine(ImVec2(x, to->second), ImVec2(x + reach, to->second), colour);
      draw.AddTriangleFilled(ImVec2(x + reach + 3, to->second), ImVec2(x + reach - 2, to->second - 3), ImVec2(x + reach - 2, to->second + 3), colour);
    }
  }

  void scroll(const MarkedListing* marked) {
    const float wheel = ImGui::GetIO().MouseWheel;
    if (marked == nullptr || marked->listing.lines.empty() || wheel == 0 || !ImGui::IsWindowHovered()) return;
    const std::vector<ListingLine>& lines = marked->listing.lines;
    if (wheel < 0) {
      top_ = lines[std::min<std::size_t>(3, lines.size() - 1)].linear;
    } else {
      top_ = marked->listing.earlier;
    }
  }

  Probe<MarkedListing> probe_;
  std::optional<std::uint32_t> top_;
  std::optional<std::uint32_t> was_asked_;
  std::uint64_t stops_ = 0;
  std::string typed_;
  std::uint32_t wanted_ = 0;
};

}  // namespace

std::unique_ptr<Panel> make_disassembly_panel() { return std::make_unique<DisassemblyPanel>(); }

}  // namespace ringside
