// Breakpoints, watched expressions, source.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>

#include "debugger/commands.h"
#include "debugger/inspect/point_views.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

constexpr const char* kPointHelp =
    "exec ADDRESS      an instruction, by address or symbol\n"
    "read, write, access ADDRESS [SIZE]   memory; [phys] before the address: physical\n"
    "port 3f8-3ff      ports\n"
    "vector 14         an exception or interrupt\n"
    "ring 3            the privilege level becomes 3\n"
    "cr 0, msr 1b      a control register or MSR is written\n"
    "task              a task switch\n"
    "tick 1000000      a moment\n"
    "screen, serial TEXT   output that matches a pattern\n"
    "... if CONDITION  such as: if eax == 5 && [esp+4] > 0";

class BreakpointsPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    ImGui::SetNextItemWidth(-ImGui::GetFontSize() * 6);
    const bool entered = ImGui::InputTextWithHint("##point", "exec kernel_main if eax == 5", &words_, ImGuiInputTextFlags_EnterReturnsTrue);
    landmark(ui, "breakpoints/line");
    draw_hint(kPointHelp);
    ImGui::SameLine();
    if ((ImGui::SmallButton("Add") || entered) && !words_.empty()) {
      ui.engine->post([words = words_](Session& session) { session.debugger().add(parse_point(session.debugger(), words)); });
      words_.clear();
    }
    const auto rows = probe_.ask(*ui.engine, "", [](Session& session) { return point_rows(session); });
    if (rows == nullptr) return;
    if (rows->empty()) {
      ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kDim));
      ImGui::TextWrapped("None. Click in Disassembly's margin or on a byte in Memory, or type one above.");
      ImGui::PopStyleColor();
    }
    for (const PointRow& row : *rows) draw_row(ui, row);
  }
  std::string text() const override {
    const auto rows = probe_.last();
    return rows == nullptr ? "" : points_text(*rows);
  }

 private:
  static void draw_row(Ui& ui, const PointRow& row) {
    ImGui::PushID(row.id);
    bool enabled = row.enabled;
    if (ImGui::Checkbox("##on", &enabled)) ui.engine->post([id = row.id, enabled](Session& session) { session.debugger().set_enabled(id, enabled); });
    ImGui::SameLine();
    if (ImGui::SmallButton("x")) ui.engine->post([id = row.id](Session& session) { session.debugger().remove(id); });
    landmark(ui, "breakpoints/remove");
    ImGui::SameLine();
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, row.last_hit ? Tone::kBad : row.enabled ? Tone::kPlain : Tone::kDim)), "%d  %s",
                       row.id, row.what.c_str());
    if (row.has_place && ImGui::IsItemClicked()) ui.follow({LinkKind::kCode, row.linear});
    ImGui::SameLine();
    ImGui::TextDisabled("%llu hits", static_cast<unsigned long long>(row.hits));
    ImGui::PopID();
  }

  Probe<std::vector<PointRow>> probe_;
  std::string words_;
};

class WatchPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    ImGui::SetNextItemWidth(-ImGui::GetFontSize() * 3);
    const bool entered = ImGui::InputTextWithHint("##watch", "eax, [esp+4], word[ds:esi], ticks", &words_, ImGuiInputTextFlags_EnterReturnsTrue);
    landmark(ui, "watch/line");
    draw_hint("Registers, symbols, numbers and memory: [address] is a dword, byte[...], word[...] and qword[...] the others; [phys:...] is physical.");
    if (entered && !words_.empty() && expressions_.size() < 100) {
      expressions_.push_back(words_);
      words_.clear();
    }
    std::string key;
    for (const std::string& e : expressions_) key += e + "\n";
    document_ = &probe_.ask(ui, key, [expressions = expressions_](Session& session) { return tell(session, expressions); });
    draw_document(ui, "values", *document_);
    for (std::size_t i = 0; i < expressions_.size(); ++i) {
      ImGui::PushID(static_cast<int>(i));
      if (ImGui::SmallButton(("x " + expressions_[i]).c_str())) {
        expressions_.erase(expressions_.begin() + static_cast<std::ptrdiff_t>(i));
        ImGui::PopID();
        break;
      }
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("Watch %s no longer", expressions_[i].c_str());
      ImGui::PopID();
      ImGui::SameLine();
    }
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  static Document tell(Session& session, const std::vector<std::string>& expressions) {
    Document document;
    Table& table = document.table("", {"expression", "hexadecimal", "decimal"});
    for (const WatchRow& row : evaluate_watches(session, expressions)) {
      if (row.value) {
        table.add({label(row.expression), plain(format("%llX", static_cast<unsigned long long>(*row.value)), "", {LinkKind::kMemory, *row.value}),
                   dim(std::to_string(*row.value))});
      } else {
        table.add({label(row.expression), toned(row.error, Tone::kBad)});
      }
    }
    return document;
  }

  DocumentProbe probe_;
  const Document* document_ = nullptr;
  std::vector<std::string> expressions_ = {"eax", "[esp]"};
  std::string words_;
};

class SourcePanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    const auto view = probe_.ask(*ui.engine, "", [](Session& session) { return view_source(session, {RINGSIDE_SOURCE_ROOT, "."}); });
    if (view == nullptr) return;
    if (!view->why_not.empty()) {
      ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kDim));
      ImGui::TextWrapped("%s", view->why_not.c_str());
      ImGui::PopStyleColor();
      return;
    }
    ImGui::TextDisabled("%s, line %u", view->file.c_str(), view->line);
    ImGui::BeginChild("lines", ImVec2(0, 0), false, ImGuiWindowFlags_HorizontalScrollbar);
    const float line = ImGui::GetTextLineHeightWithSpacing();
    if (view->file != file_ || view->line != line_ || ImGui::IsWindowAppearing()) {
      file_ = view->file;
      line_ = view->line;
      scroll_frames_ = 3;  // the first frames of a list do not know its length yet
    }
    if (scroll_frames_ > 0) {
      --scroll_frames_;
      ImGui::SetScrollY(std::max(0.0f, (static_cast<float>(view->line) - 1) * line - ImGui::GetWindowHeight() / 3));
    }
    ImGuiListClipper clipper;
    clipper.Begin(static_cast<int>(view->lines.size()), line);
    while (clipper.Step())
      for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) draw_line(ui, *view, i);
    ImGui::EndChild();
  }
  std::string text() const override {
    const auto view = probe_.last();
    if (view == nullptr) return "";
    if (!view->why_not.empty()) return view->why_not;
    const std::string line = view->line != 0 && view->line <= view->lines.size() ? view->lines[view->line - 1] : "";
    return view->file + ":" + std::to_string(view->line) + ": " + line;
  }

 private:
  static void draw_line(Ui& ui, const SourceView& view, int i) {
    const bool here = static_cast<unsigned>(i) + 1 == view.line;
    if (here) {
      const ImVec2 at = ImGui::GetCursorScreenPos();
      ImGui::GetWindowDrawList()->AddRectFilled(at, ImVec2(at.x + ImGui::GetWindowWidth() + 2000, at.y + ImGui::GetTextLineHeightWithSpacing()), ImGui::GetColorU32(ImGuiCol_Header));
    }
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, Tone::kDim)), "%4d", i + 1);
    ImGui::SameLine();
    ImGui::TextUnformatted(view.lines[static_cast<std::size_t>(i)].c_str());
  }

  Probe<SourceView> probe_;
  std::string file_;
  unsigned line_ = 0;
  int scroll_frames_ = 0;
};

}  // namespace

std::unique_ptr<Panel> make_breakpoints_panel() { return std::make_unique<BreakpointsPanel>(); }
std::unique_ptr<Panel> make_watch_panel() { return std::make_unique<WatchPanel>(); }
std::unique_ptr<Panel> make_source_panel() { return std::make_unique<SourcePanel>(); }

}  // namespace ringside
