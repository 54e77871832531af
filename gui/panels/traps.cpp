// The trap log, and one trap explained.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "debugger/inspect/text.h"
#include "debugger/inspect/trap_views.h"
#include "gui/panel.h"

namespace ringside {
namespace {

constexpr std::size_t kRows = 2'000;

class TrapsPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    draw_filters(ui);
    const std::string key = format("%d%d%d%d%d/", filter_.exceptions, filter_.interrupts, filter_.software, filter_.returns, filter_.others) + filter_.text;
    const auto rows = probe_.ask(*ui.engine, key, [filter = filter_](Session& session) { return trap_rows(session, filter, kRows); });
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
    const auto box = [&](const char* name, bool& value) {
      ImGui::Checkbox(name, &value);
      landmark(ui, std::string("traps/") + name);
      ImGui::SameLine();
    };
    box("exceptions", filter_.exceptions);
    box("interrupts", filter_.interrupts);
    box("INT n", filter_.software);
    box("IRET", filter_.returns);
    box("other", filter_.others);
    ImGui::SetNextItemWidth(std::max(60.0f, ImGui::GetContentRegionAvail().x));
    ImGui::InputTextWithHint("##text", "contains", &filter_.text);
  }

  void draw_rows(Ui& ui, const std::vector<TrapRow>& rows) {
    if (rows.empty()) {
      ImGui::TextDisabled("Nothing yet.");
      return;
    }
    constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_ScrollX | ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerH;
    if (!ImGui::BeginTable("rows", 6, kFlags)) return;
    ImGui::TableSetupScrollFreeze(0, 1);
    for (const char* name : {"tick", "what", "ring", "from", "to", "why"}) ImGui::TableSetupColumn(name);
    ImGui::TableHeadersRow();
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
    const Tone tone = row.kind == TrapKind::kException ? Tone::kBad : row.kind == TrapKind::kExternal ? Tone::kWarning : Tone::kPlain;
    if (ImGui::Selectable(grouped(row.moment.tick).c_str(), chosen, ImGuiSelectableFlags_SpanAllColumns | ImGuiSelectableFlags_AllowDoubleClick)) {
      ui.trap = row.number;
      ui.raise = "Explained fault";
      if (ImGui::IsMouseDoubleClicked(0)) ui.engine->travel(row.moment);
    }
    landmark(ui, format("trap/%llu", static_cast<unsigned long long>(row.number)));
    if (ui.landmarks.count("trap/" + row.name) == 0) landmark(ui, "trap/" + row.name);
    if (!row.past) {
      ImGui::SameLine();
      ImGui::TextDisabled("(to come)");
    }
    ImGui::TableNextColumn();
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, tone)), "%s", row.name.c_str());
    for (const std::string* words : {&row.rings, &row.from, &row.to, &row.sentence}) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(words->c_str());
    }
    ImGui::PopID();
  }

  Probe<std::vector<TrapRow>> probe_;
  TrapFilter filter_;
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
