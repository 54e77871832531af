#include "gui/main_menu.h"

#include <imgui.h>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

bool item(Ui& ui, const char* name, const char* key, const char* tip, bool selected = false, bool enabled = true) {
  const bool chosen = ImGui::MenuItem(name, key, selected, enabled);
  landmark(ui, std::string("item/") + name);
  if (tip != nullptr && ImGui::IsItemHovered()) ImGui::SetTooltip("%s", tip);
  return chosen;
}

void draw_machine(Ui& ui, Actions& actions, WindowWishes& wishes) {
  if (item(ui, "Open...", nullptr, "A snapshot, a recording, a disk image, or symbols")) actions.ask_open();
  if (item(ui, "Save a snapshot...", nullptr, "The whole machine as it is now, in a file")) actions.ask_snapshot();
  if (item(ui, ui.status.recording.empty() ? "Record..." : "End the recording", nullptr, "Everything that enters the machine, so that the run can be repeated"))
    actions.ask_recording();
  ImGui::Separator();
  if (item(ui, "Type the clipboard's text", "Ctrl+Shift+V", "On the guest's keyboard, in guest time")) actions.type_clipboard();
  if (item(ui, "Copy the text screen", "Ctrl+Shift+C", "To the clipboard")) actions.copy_screen();
  if (item(ui, "Screenshot", "Ctrl+Shift+S", "The guest's screen as a PNG")) actions.screenshot();
  if (item(ui, "Press Ctrl+Alt+Del", nullptr, "In the guest, of course")) actions.control_alt_delete();
  ImGui::Separator();
  if (item(ui, "Full screen", "F11", "The guest's screen and nothing else")) wishes.full_screen = true;
  if (item(ui, "Reset", nullptr, "Power off and on again; breakpoints stay")) actions.ask_reset();
  if (item(ui, "Quit", nullptr, nullptr)) wishes.quit = true;
}

void draw_layout(Ui& ui, Workspace& workspace, WindowWishes& wishes) {
  int number = 1;
  for (const NamedLayout& layout : named_layouts())
    if (item(ui, layout.name, format("Ctrl+%d", number++).c_str(), layout.purpose, workspace.chosen() == layout.name)) workspace.choose(layout.name);
  if (item(ui, "Mine", "Ctrl+5", "What you have moved, kept for the next time. Right-click a tab, or drag the line between two panels, to make it.",
           workspace.chosen() == "Mine", !workspace.mine().empty()))
    workspace.choose("Mine");
  ImGui::Separator();
  if (item(ui, "Dark", nullptr, "Light text on a dark ground, or the other way round", ui.dark)) wishes.other_theme = true;
  if (item(ui, "Larger text", "Ctrl+=", nullptr)) wishes.scale_by = 0.25f;
  if (item(ui, "Smaller text", "Ctrl+-", nullptr)) wishes.scale_by = -0.25f;
}

void draw_panels(Ui& ui, Workspace& workspace) {
  for (const PanelInfo& info : all_panels())
    if (item(ui, info.name, nullptr, info.help, workspace.is_open(info.name))) ui.raise = info.name;
}

}  // namespace

float draw_main_menu(Ui& ui, Actions& actions, Workspace& workspace, WindowWishes& wishes) {
  if (!ImGui::BeginMainMenuBar()) return 0;
  const auto menu = [&](const char* name, auto&& draw) {
    const bool open = ImGui::BeginMenu(name);
    if (open) {
      draw();
      ImGui::EndMenu();
    } else {
      landmark(ui, std::string("menu/") + name);
    }
  };
  menu("Machine", [&] { draw_machine(ui, actions, wishes); });
  menu("Layout", [&] { draw_layout(ui, workspace, wishes); });
  menu("Panels", [&] { draw_panels(ui, workspace); });
  if (ImGui::MenuItem("Help")) ui.raise = "Help";
  landmark(ui, "menu/Help");
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("What each panel shows, and the keys (F1)");
  ImGui::SameLine(0, ImGui::GetFontSize() * 2);
  ImGui::TextDisabled("Layout:");
  const auto button = [&](const char* name, const char* purpose) {
    const bool lit = workspace.chosen() == name;
    if (lit) ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kAccent));
    if (ImGui::MenuItem(name)) workspace.choose(name);
    if (lit) ImGui::PopStyleColor();
    landmark(ui, std::string("layout/") + name);
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", purpose);
  };
  for (const NamedLayout& layout : named_layouts()) button(layout.name, layout.purpose);
  if (!workspace.mine().empty()) button("Mine", "as you have arranged it");
  const float height = ImGui::GetWindowSize().y;
  ImGui::EndMainMenuBar();
  return height;
}

}  // namespace ringside
