#include "gui/dialogs.h"

#include <imgui.h>
#include <imgui_stdlib.h>

namespace ringside {
namespace {

constexpr const char* kTitle = "Ringside";
constexpr std::size_t kMost = 8;  // of messages; a guest must not be able to pile them up

}  // namespace

void Dialogs::say(const std::string& text) {
  if (waiting_.size() >= kMost) return;
  waiting_.push_back({text, "Close", "", false, nullptr});
}

void Dialogs::ask(const std::string& question, const std::string& yes, std::function<void()> then) {
  waiting_.push_back({question, yes, "", false, [then = std::move(then)](const std::string&) { then(); }});
}

void Dialogs::ask_path(const std::string& question, const std::string& suggestion, const std::string& yes,
                       std::function<void(const std::string&)> then) {
  waiting_.push_back({question, yes, suggestion, true, std::move(then)});
}

void Dialogs::draw(Ui& ui) {
  if (waiting_.empty()) return;
  if (frames_ == 0) ImGui::OpenPopup(kTitle);
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  ImGui::SetNextWindowPos(ImVec2(size.x / 2, size.y / 2), ImGuiCond_Always, ImVec2(0.5f, 0.5f));
  if (!ImGui::BeginPopupModal(kTitle, nullptr, ImGuiWindowFlags_AlwaysAutoResize | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoMove)) return;
  Dialog& dialog = waiting_.front();
  ImGui::PushTextWrapPos(ImGui::GetFontSize() * 40);
  ImGui::TextUnformatted(dialog.text.c_str());
  ImGui::PopTextWrapPos();
  bool entered = false;
  if (dialog.wants_path) {
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 40);
    // The window takes the focus for itself when it appears; the field has it from the second frame on.
    if (frames_ == 1) ImGui::SetKeyboardFocusHere();
    entered = ImGui::InputText("##path", &dialog.path, ImGuiInputTextFlags_EnterReturnsTrue);
    landmark(ui, "dialog/path");
  }
  ++frames_;
  ImGui::Spacing();
  if (draw_buttons(ui, dialog, entered)) {
    ImGui::CloseCurrentPopup();
    const Dialog done = std::move(dialog);
    waiting_.pop_front();
    frames_ = 0;
    (void)done;
  }
  ImGui::EndPopup();
}

// True when it is over.
bool Dialogs::draw_buttons(Ui& ui, Dialog& dialog, bool entered) {
  const bool escape = ImGui::IsKeyPressed(ImGui::GetKeyIndex(ImGuiKey_Escape));
  const bool yes = ImGui::Button(dialog.yes.c_str()) || entered;
  landmark(ui, "dialog/yes");
  if (dialog.then == nullptr) return yes || escape;
  ImGui::SameLine();
  const bool no = ImGui::Button("Cancel");
  landmark(ui, "dialog/no");
  if (yes && !(dialog.wants_path && dialog.path.empty())) {
    const auto then = dialog.then;
    then(dialog.path);  // may ask the next question
    return true;
  }
  return no || escape;
}

}  // namespace ringside
