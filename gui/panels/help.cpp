// What the panels are for, and the keys.
#include <imgui.h>

#include "gui/panel.h"

namespace ringside {
namespace {

constexpr std::pair<const char*, const char*> kKeys[] = {
    {"F5", "run"},
    {"F6", "pause"},
    {"F7", "step: one instruction, interrupt or fault"},
    {"F8", "step over calls and software interrupts"},
    {"F10", "step out of the function or handler"},
    {"F4", "run to the selected line"},
    {"F12", "run to the next trap"},
    {"Shift + one of these", "the same, backwards in time"},
    {"F9", "breakpoint at the selected line"},
    {"F1, F11", "this page; full screen"},
    {"Ctrl+1 to Ctrl+4, Ctrl+5", "layouts; your own layout"},
    {"Ctrl+= and Ctrl+-", "larger and smaller text"},
    {"Ctrl+Alt", "takes the keyboard and mouse back from the guest"},
};

class HelpPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    ImGui::PushTextWrapPos(ImGui::GetWindowContentRegionMax().x);
    ImGui::TextUnformatted("Ringside runs a whole PC and shows what it does. The machine stands at its first instruction until you let it run; everything on this window shows the moment that the bar below points at, and Shift turns each step round.");
    ImGui::Spacing();
    const float right = ImGui::GetWindowContentRegionMax().x;
    if (ImGui::BeginTable("keys", 2, ImGuiTableFlags_SizingFixedFit)) {
      for (const auto& [key, meaning] : kKeys) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, Tone::kAccent)), "%s", key);
        ImGui::TableNextColumn();
        ImGui::PushTextWrapPos(right);
        ImGui::TextUnformatted(meaning);
        ImGui::PopTextWrapPos();
      }
      ImGui::EndTable();
    }
    ImGui::Separator();
    for (const PanelInfo& info : all_panels()) {
      ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, Tone::kAccent)), "%s", info.name);
      if (ImGui::IsItemClicked()) ui.raise = info.name;
      ImGui::TextUnformatted(info.help);
    }
    ImGui::PopTextWrapPos();
  }
  std::string text() const override {
    std::string all;
    for (const auto& [key, meaning] : kKeys) all += std::string(key) + ": " + meaning + "\n";
    for (const PanelInfo& info : all_panels()) all += std::string(info.name) + ": " + info.help + "\n";
    return all;
  }
};

}  // namespace

std::unique_ptr<Panel> make_help_panel() { return std::make_unique<HelpPanel>(); }

}  // namespace ringside
