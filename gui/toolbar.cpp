#include "gui/toolbar.h"

#include <SDL.h>
#include <imgui.h>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

bool button(Ui& ui, const char* text, const char* tip, bool enabled, bool lit = false) {
  if (!enabled) ImGui::BeginDisabled();
  if (lit) ImGui::PushStyleColor(ImGuiCol_Button, ImGui::GetStyleColorVec4(ImGuiCol_ButtonActive));
  const bool pressed = ImGui::Button(text);
  if (lit) ImGui::PopStyleColor();
  if (!enabled) ImGui::EndDisabled();
  landmark(ui, std::string("toolbar/") + text);
  if (ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) ImGui::SetTooltip("%s", tip);
  ImGui::SameLine(0, ImGui::GetStyle().ItemSpacing.x * 0.5f);
  return pressed && enabled;
}

void gap() {
  ImGui::SameLine(0, ImGui::GetFontSize() * 0.8f);
}

}  // namespace

void Toolbar::draw(Ui& ui) {
  Engine& engine = *ui.engine;
  const EngineStatus& s = ui.status;
  const bool still = !s.running && !s.busy;
  const bool back = still && s.can_go_back;
  const std::uint32_t cursor = ui.code_cursor;
  if (button(ui, "|<", "Run back to the previous stop point (Shift+F5)", back)) engine.act(RunAction::kRunBack);
  if (button(ui, "<Out", "Back to what called or interrupted this (Shift+F10)", back)) engine.act(RunAction::kStepBackOut);
  if (button(ui, "<Over", "Step back over a call (Shift+F8)", back)) engine.act(RunAction::kStepBackOver);
  if (button(ui, "<Step", "One instruction back (Shift+F7)", back)) engine.act(RunAction::kStepBack);
  gap();
  if (s.running || s.busy) {
    if (button(ui, "Pause", "Stop between two instructions (F6)", true, true)) engine.pause();
  } else if (button(ui, "Run", "Run (F5)", !s.ask_new_future)) {
    engine.run();
  }
  gap();
  if (button(ui, "Step>", "One instruction, or one interrupt or fault delivered (F7)", still)) engine.act(RunAction::kStep);
  if (button(ui, "Over>", "One instruction; calls and software interrupts are run through (F8)", still)) engine.act(RunAction::kStepOver);
  if (button(ui, "Out>", "Until the present function or handler has returned (F10)", still)) engine.act(RunAction::kStepOut);
  gap();
  if (button(ui, "<Trap", "Back to the previous interrupt or exception (Shift+F12)", back)) engine.act(RunAction::kPreviousTrap);
  if (button(ui, "Trap>", "Run to the next interrupt or exception (F12)", still)) engine.act(RunAction::kNextTrap);
  if (button(ui, "<Cursor", "Back to when the selected line was about to run (Shift+F4)", back)) engine.act(RunAction::kRunBackTo, cursor);
  if (button(ui, "Cursor>", "Run to the line selected in Disassembly (F4)", still)) engine.act(RunAction::kRunTo, cursor);
  gap();
  if (button(ui, "Reset", "Power off and on again; breakpoints stay", true)) engine.power_cycle();
  gap();
  draw_speed(ui);
}

void Toolbar::draw_speed(Ui& ui) {
  static const char* const kNames[] = {"full speed", "real time", "slow"};
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 7);
  bool changed = ImGui::Combo("##speed", &speed_, kNames, 3);
  landmark(ui, "toolbar/speed");
  if (ImGui::IsItemHovered()) ImGui::SetTooltip("Full speed, a guest second in a second, or slow enough to watch");
  if (speed_ == 2) {
    ImGui::SameLine();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 8);
    changed |= ImGui::SliderFloat("##rate", &slow_rate_, 1, 2000, "%.0f/s", ImGuiSliderFlags_Logarithmic);
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Instructions a second");
  }
  if (changed) ui.engine->set_speed(static_cast<Speed>(speed_), slow_rate_);
}

bool debugger_key(Ui& ui, int scancode, bool shift, bool control) {
  Engine& engine = *ui.engine;
  const EngineStatus& s = ui.status;
  if (control) return false;
  const auto act = [&](RunAction forwards, RunAction back, std::uint32_t address = 0) {
    if (s.running || s.busy) return true;
    if (!shift) engine.act(forwards, address);
    if (shift && s.can_go_back) engine.act(back, address);
    return true;
  };
  switch (scancode) {
    case SDL_SCANCODE_F4: return act(RunAction::kRunTo, RunAction::kRunBackTo, ui.code_cursor);
    case SDL_SCANCODE_F5:
      if (shift) return act(RunAction::kRunBack, RunAction::kRunBack);
      if (!s.running && !s.ask_new_future) engine.run();
      return true;
    case SDL_SCANCODE_F6: engine.pause(); return true;
    case SDL_SCANCODE_F7: return act(RunAction::kStep, RunAction::kStepBack);
    case SDL_SCANCODE_F8: return act(RunAction::kStepOver, RunAction::kStepBackOver);
    case SDL_SCANCODE_F9: {
      const std::uint32_t cursor = ui.code_cursor;
      engine.post([cursor](Session& session) { session.toggle_breakpoint(cursor); });
      return true;
    }
    case SDL_SCANCODE_F10: return act(RunAction::kStepOut, RunAction::kStepBackOut);
    case SDL_SCANCODE_F12: return act(RunAction::kNextTrap, RunAction::kPreviousTrap);
    default: return false;
  }
}

}  // namespace ringside
