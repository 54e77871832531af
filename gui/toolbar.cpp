#include "gui/toolbar.h"

#include <SDL.h>
#include <imgui.h>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

void run_to_trap(Engine& engine) {
  StopPointSpec spec;
  spec.kind = PointKind::kVector;
  engine.run_to(spec);
}

void run_to_address(Engine& engine, std::uint32_t linear) {
  StopPointSpec spec;
  spec.kind = PointKind::kInstruction;
  spec.address = linear;
  engine.run_to(spec);
}

/// Buttons that do not fit go into another line.
void make_room(float width) {
  if (ImGui::GetCursorPosX() + width > ImGui::GetWindowContentRegionMax().x) ImGui::NewLine();
}

bool button(Ui& ui, const char* text, const char* tip, bool enabled, bool lit = false) {
  make_room(ImGui::CalcTextSize(text).x + ImGui::GetStyle().FramePadding.x * 2);
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
  ImGui::SameLine(0, ImGui::GetFontSize() * 0.7f);
}

bool still(const EngineStatus& s) { return !s.running && !s.busy; }

}  // namespace

void Toolbar::draw(Ui& ui, Actions& actions) {
  Engine& engine = *ui.engine;
  const EngineStatus& s = ui.status;
  draw_steps_back(ui);
  gap();
  if (s.running || s.busy) {
    if (button(ui, "Pause", "Stop between two instructions (F6)", true, true)) engine.pause();
  } else if (button(ui, " Run ", "Run (F5)", !s.ask_new_future)) {
    engine.run();
  }
  gap();
  draw_steps(ui);
  gap();
  if (button(ui, "Reset", "From the beginning: power off and on again, or back to the start of the snapshot or recording. Breakpoints stay", true))
    actions.ask_reset();
  if (button(ui, "Snapshot", "The whole machine as it is now, in a file", true)) actions.ask_snapshot();
  const bool recording = !s.recording.empty();
  if (button(ui, "Record", recording ? "Ends the recording" : "Everything that enters the machine from here on, so that the run can be repeated", true, recording))
    actions.ask_recording();
  gap();
  draw_speed(ui);
}

void Toolbar::draw_steps_back(Ui& ui) {
  Engine& engine = *ui.engine;
  const bool back = still(ui.status) && ui.status.can_go_back;
  if (button(ui, "|<", "Run back to the previous stop point (Shift+F5)", back)) engine.act(RunAction::kRunBack);
  draw_milestones(ui, true);
  if (button(ui, "<Cursor", "Back to when the selected line was about to run (Shift+F4)", back)) engine.act(RunAction::kRunBackTo, ui.code_cursor);
  if (button(ui, "<Trap", "Back to the previous interrupt or exception (Shift+F12)", back)) engine.act(RunAction::kPreviousTrap);
  if (button(ui, "<Out", "Back to what called or interrupted this (Shift+F10)", back)) engine.act(RunAction::kStepBackOut);
  if (button(ui, "<Over", "Step back over a call (Shift+F8)", back)) engine.act(RunAction::kStepBackOver);
  if (button(ui, "<Step", "One instruction back (Shift+F7)", back)) engine.act(RunAction::kStepBack);
}

void Toolbar::draw_steps(Ui& ui) {
  Engine& engine = *ui.engine;
  const bool ready = still(ui.status);
  if (button(ui, "Step>", "One instruction, or one interrupt or fault delivered (F7)", ready)) engine.act(RunAction::kStep);
  if (button(ui, "Over>", "One instruction; calls and software interrupts are run through (F8)", ready)) engine.act(RunAction::kStepOver);
  if (button(ui, "Out>", "Until the present function or handler has returned (F10)", ready)) engine.act(RunAction::kStepOut);
  if (button(ui, "Trap>", "Run to the next interrupt or exception (F12)", ready)) run_to_trap(engine);
  if (button(ui, "Cursor>", "Run to the line selected in Disassembly (F4)", ready)) run_to_address(engine, ui.code_cursor);
  draw_milestones(ui, false);
}

void Toolbar::draw_milestones(Ui& ui, bool back) {
  const bool ready = still(ui.status) && (!back || ui.status.can_go_back);
  const char* title = back ? "<To..." : "To...>";
  if (button(ui, title, back ? "Back to the last time that something happened" : "Run to the boot sector, protected mode, paging, ring 3, a fault, ...", ready))
    ImGui::OpenPopup(title);
  if (!ImGui::BeginPopup(title)) return;
  ImGui::TextDisabled("%s", back ? "Back to the last:" : "Run to the next:");
  const auto known = places_.ask(*ui.engine, "", [](Session& session) { return milestones(session.options()); });
  if (known != nullptr)
    for (const Milestone& place : *known) {
      if (ImGui::MenuItem(place.name.c_str())) {
        if (back) {
          ui.engine->run_back_to(place.point);
        } else {
          ui.engine->run_to(place.point);
        }
      }
      landmark(ui, "to/" + place.name);
      if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", place.tip.c_str());
      if (place.group_ends) ImGui::Separator();
    }
  ImGui::EndPopup();
}

void Toolbar::draw_speed(Ui& ui) {
  static const char* const kNames[] = {"full speed", "real time", "slow"};
  const float width = ImGui::GetFontSize() * 7.5f;
  make_room(width);
  ImGui::SetNextItemWidth(width);
  bool changed = false;
  const bool open = ImGui::BeginCombo("##speed", kNames[speed_]);
  landmark(ui, "toolbar/speed");
  if (open) {
    for (int i = 0; i < 3; ++i) {
      if (ImGui::Selectable(kNames[i], i == speed_)) {
        speed_ = i;
        changed = true;
      }
      landmark(ui, std::string("speed/") + kNames[i]);
    }
    ImGui::EndCombo();
  } else if (ImGui::IsItemHovered()) {
    ImGui::SetTooltip("Full speed, a guest second in a second, or slow enough to watch");
  }
  if (speed_ == 2) {
    ImGui::SameLine();
    make_room(width);
    ImGui::SetNextItemWidth(width);
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
    case SDL_SCANCODE_F4:
      if (shift) return act(RunAction::kRunBackTo, RunAction::kRunBackTo, ui.code_cursor);
      if (still(s)) run_to_address(engine, ui.code_cursor);
      return true;
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
    case SDL_SCANCODE_F12:
      if (shift) return act(RunAction::kPreviousTrap, RunAction::kPreviousTrap);
      if (still(s)) run_to_trap(engine);
      return true;
    default: return false;
  }
}

}  // namespace ringside
