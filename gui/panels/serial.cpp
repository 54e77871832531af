// COM1.
#include <imgui.h>
#include <imgui_stdlib.h>

#include "gui/panel.h"

namespace ringside {
namespace {

constexpr std::size_t kShown = 64 * 1024;

/// Printable text: control sequences of terminals left out.
std::string readable(const std::string& raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '\x1b' && i + 1 < raw.size() && raw[i + 1] == '[') {
      i += 2;
      while (i < raw.size() && !(raw[i] >= '@' && raw[i] <= '~')) ++i;
    } else if (c == '\b') {
      if (!text.empty() && text.back() != '\n') text.pop_back();
    } else if (c == '\n' || c == '\t' || (c >= ' ' && c < 0x7F)) {
      text += c;
    }
  }
  return text;
}

class SerialPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    const auto raw = probe_.ask(*ui.engine, "", [](Session& session) {
      const std::string& kept = session.serial().kept();
      return kept.size() > kShown ? kept.substr(kept.size() - kShown) : kept;
    });
    if (raw != nullptr && probe_.answer().number != number_) {
      number_ = probe_.answer().number;
      text_ = readable(*raw);
    }
    const float below = ImGui::GetFrameHeightWithSpacing();
    ImGui::BeginChild("output", ImVec2(0, -below), false, ImGuiWindowFlags_HorizontalScrollbar);
    const bool at_end = ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - 1;
    ImGui::TextUnformatted(text_.c_str(), text_.c_str() + text_.size());
    if (at_end) ImGui::SetScrollHereY(1);
    ImGui::EndChild();
    ImGui::SetNextItemWidth(-ImGui::GetFontSize() * 4);
    const bool entered = ImGui::InputTextWithHint("##line", "type a line for the guest", &line_, ImGuiInputTextFlags_EnterReturnsTrue);
    landmark(ui, "serial/line");
    ImGui::SameLine();
    if (ImGui::Button("Send") || entered) {
      ui.engine->input([bytes = line_ + "\r"](Session& session) { return session.serial_input(bytes); });
      line_.clear();
      ImGui::SetKeyboardFocusHere(-1);
    }
  }
  std::string text() const override { return text_; }

 private:
  Probe<std::string> probe_;
  std::uint64_t number_ = 0;
  std::string text_, line_;
};

}  // namespace

std::unique_ptr<Panel> make_serial_panel() { return std::make_unique<SerialPanel>(); }

}  // namespace ringside
