// The trap log, and one trap explained.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "debugger/inspect/text.h"
#include "debugger/inspect/trap_views.h"
#include "gui/panel.h"

namespace ringside {
namespace {

constexpr std::size_t kRows = 2'000, kRowsWhileRunning = 100;

class TrapsPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    draw_filters(ui);
    const std::string key = format("%d%d%d%d%d/", filter_.exceptions, filter_.interrupts, filter_.software, filter_.returns, filter_.others) + filter_.text;
    const auto pieces = static_cast<unsigned>(std::clamp(ImGui::GetContentRegionAvail().x / 3, 50.0f, 600.0f));
    const auto line = timeline_.ask(*ui.engine, key + format("/%u", pieces), [filter = filter_, pieces](Session& session) { return trap_timeline(session, filter, pieces); });
    if (line != nullptr) draw_timeline(ui, *line);
    const std::size_t most = ui.status.running ? kRowsWhileRunning : kRows;
    const auto rows = probe_.ask(*ui.engine, key + format("/%zu", most), [filter = filter_, most](Session& session) { return trap_rows(session, filter, most); });
    if (rows != nullptr) draw_rows(ui, *rows);
  }

  std::string text() const override {
    const auto rows = probe_.last();
    if (rows == nullptr) return "";
    std::string all;
    for (const TrapRow& row : *rows) all += row.name + "  " + row.rings + "  " + row.from + "  " + row.sentence + "\n";
    return all;
  }

 private:
  void draw_filters(Ui& ui) {
    bool first = true;
    for (const auto& [name, value] : {std::pair{"exceptions", &filter_.exceptions}, std::pair{"interrupts", &filter_.interrupts}, std::pair{"INT n", &filter_.software},
                                      std::pair{"IRET", &filter_.returns}, std::pair{"other", &filter_.others}}) {
      if (!std::exchange(first, false)) flow(name);
      ImGui::Checkbox(name, value);
      landmark(ui, std::string("traps/") + name);
    }
    flow(ImGui::GetFontSize() * 5);
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x);
    ImGui::InputTextWithHint("##text", "contains", &filter_.text);
  }

  // Each piece of time as a stack of what happened in it, by logarithm, so that one fault is seen beside thousands of
  // interrupts.
  void draw_timeline(Ui& ui, const TrapTimeline& line) {
    if (line.pieces.empty()) return;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 size(ImGui::GetContentRegionAvail().x, ImGui::GetTextLineHeight() * 2);
    draw.AddRectFilled(at, ImVec2(at.x + size.x, at.y + size.y), ImGui::GetColorU32(ImGuiCol_FrameBg));
    const float step = size.x / static_cast<float>(line.pieces.size());
    for (std::size_t i = 0; i < line.pieces.size(); ++i) {
      const TrapTimeline::Piece& piece = line.pieces[i];
      float y = at.y + size.y;
      const float x = at.x + static_cast<float>(i) * step;
      const auto stack = [&](unsigned count, Tone tone) {
        if (count == 0) return;
        const float height = std::min(size.y / 3, 3 + std::log2(static_cast<float>(count)) * 2);
        draw.AddRectFilled(ImVec2(x, y - height), ImVec2(x + std::max(step - 1, 2.0f), y), tone_colour(ui, tone));
        y -= height;
      };
      stack(piece.interrupts, Tone::kWarning);
      stack(piece.software + piece.others, Tone::kAccent);
      stack(piece.exceptions, Tone::kBad);
    }
    const float now = at.x + size.x * static_cast<float>(static_cast<double>(line.present - line.begin) / static_cast<double>(line.end - line.begin));
    draw.AddLine(ImVec2(now, at.y), ImVec2(now, at.y + size.y), tone_colour(ui, Tone::kPlain), 2);
    ImGui::InvisibleButton("timeline", size);
    landmark(ui, "traps/timeline");
    if (!ImGui::IsItemHovered()) return;
    const float share = (ImGui::GetIO().MousePos.x - at.x) / size.x;
    const auto under = std::min(static_cast<std::size_t>(std::max(share, 0.0f) * static_cast<float>(line.pieces.size())), line.pieces.size() - 1);
    const TrapTimeline::Piece& piece = line.pieces[under];
    ImGui::SetTooltip("%u exceptions, %u interrupts, %u INT n, %u others%s", piece.exceptions, piece.interrupts, piece.software, piece.others,
                      piece.first ? "\nClick: travel to the first of them" : "");
    if (ImGui::IsItemClicked() && piece.first) {
      ui.trap = piece.first;
      ui.engine->travel(piece.moment);
    }
  }

  void draw_rows(Ui& ui, const std::vector<TrapRow>& rows) {
    if (rows.empty()) {
      ImGui::TextDisabled("Nothing yet.");
      return;
    }
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH;
    if (!ImGui::BeginTable("rows", 6, kFlags)) return;
    ImGui::TableSetupScrollFreeze(0, 1);
    for (const char* name : {"tick", "what", "ring", "from", "why", "to"}) ImGui::TableSetupColumn(name);
    ImGui::TableHeadersRow();
    // Where the machine stands in its past, the rows around that moment come into view.
    if (stops_ != ui.status.stops || ImGui::IsWindowAppearing()) {
      stops_ = ui.status.stops;
      scroll_frames_ = 3;
    }
    if (scroll_frames_ > 0 && !ui.status.running) {
      --scroll_frames_;
      const auto past = std::find_if(rows.begin(), rows.end(), [](const TrapRow& row) { return row.past; });
      const float above = static_cast<float>(past - rows.begin()) - 3;
      ImGui::SetScrollY(std::max(0.0f, above * (ImGui::GetTextLineHeight() + ImGui::GetStyle().CellPadding.y * 2)));
    }
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(rows.size()));
    while (clipper.Step())
      for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) draw_row(ui, rows[static_cast<std::size_t>(i)]);
    ImGui::EndTable();
  }

  void draw_row(Ui& ui, const TrapRow& row) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushID(static_cast<int>(row.number));
    const bool chosen = ui.trap == row.number;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float tick_width = ImGui::GetContentRegionAvail().x;
    const Tone tone = row.kind == TrapKind::kException ? Tone::kBad : row.kind == TrapKind::kExternal ? Tone::kWarning : Tone::kPlain;
    ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kAccent));
    const bool clicked = ImGui::Selectable(grouped(row.moment.tick).c_str(), chosen, ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowDoubleClick);
    ImGui::PopStyleColor();
    const bool on_tick = ImGui::GetIO().MousePos.x < at.x + tick_width;
    if (ImGui::IsItemHovered()) ImGui::SetTooltip(on_tick ? "Click: travel to the moment just before it" : "Click: explain it. Double-click: travel there, too.");
    if (clicked) {
      ui.trap = row.number;
      ui.raise = "Explained fault";
      if (on_tick || ImGui::IsMouseDoubleClicked(0)) ui.engine->travel(row.moment);
    }
    ui.landmarks["travel/" + std::to_string(row.number)] = {at.x, at.y, 20, ImGui::GetTextLineHeight()};
    landmark(ui, format("trap/%llu", static_cast<unsigned long long>(row.number)));
    ui.landmarks["trap at/" + row.from] = {at.x + tick_width, at.y, 40, ImGui::GetTextLineHeight()};
    if (ui.landmarks.count("trap/" + row.name) == 0) landmark(ui, "trap/" + row.name);
    if (!row.past) {
      ImGui::SameLine();
      ImGui::TextDisabled("later");
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("It lies in the known future");
    }
    ImGui::TableNextColumn();
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, tone)), "%s", row.name.c_str());
    for (const std::string* words : {&row.rings, &row.from, &row.sentence, &row.to}) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(words->c_str());
    }
    ImGui::PopID();
  }

  Probe<std::vector<TrapRow>> probe_;
  Probe<TrapTimeline> timeline_;
  TrapFilter filter_;
  std::uint64_t stops_ = 0;
  int scroll_frames_ = 0;
};

class FaultPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    if (ui.trap) {
      if (ImGui::SmallButton("Show the latest exception")) ui.trap.reset();
      landmark(ui, "fault/latest");
    }
    const std::optional<std::uint64_t> chosen = ui.trap;
    const std::string key = chosen ? std::to_string(*chosen) : "latest";
    draw_document(ui, "fault", probe_.ask(ui, key, [chosen](Session& session) { return view_explained_fault(session, chosen); }));
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  DocumentProbe probe_;
};

}  // namespace

std::unique_ptr<Panel> make_traps_panel() { return std::make_unique<TrapsPanel>(); }
std::unique_ptr<Panel> make_fault_panel() { return std::make_unique<FaultPanel>(); }

}  // namespace ringside
