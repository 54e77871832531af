// The guest's screen.
#include <SDL.h>
#include <imgui.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "debugger/inspect/text.h"
#include "debugger/screen.h"
#include "gui/painter.h"
#include "gui/panel.h"

namespace ringside {
namespace {

/// What the VGA shows, taken as a whole in the machine's thread and drawn in the window's. Most looks at a screen find
/// nothing new.
class LastState {
 public:
  /// Null where it is what it was.
  std::shared_ptr<const Vga::State> of(const Vga& vga) {
    if (!lost_.exchange(false) && state_ != nullptr && *state_ == vga.state()) return nullptr;
    return state_ = std::make_shared<const Vga::State>(vga.state());
  }
  /// The answer did not arrive; from the other thread.
  void lost() { lost_ = true; }

 private:
  std::atomic<bool> lost_{false};
  std::shared_ptr<const Vga::State> state_;
};

/// A VGA of its own, to draw what the other one's state says.
class Mirror {
 public:
  Vga& vga() { return vga_; }

 private:
  struct Silence final : DeviceLog {
    void lint(const char*, const std::string&) override {}
    void unclaimed_port(std::uint16_t, bool, std::uint32_t) override {}
  };
  struct StoppedClock final : Clock {
    StoppedClock() : Clock(1'000'000) {}
    Tick now() const override { return 0; }
  };
  Silence silence_;
  StoppedClock clock_;
  PortBus ports_{silence_};
  PhysicalMemory memory_{PhysicalMemory::kMinRam};
  EventQueue events_{clock_};
  Vga vga_{ports_, memory_, events_, silence_};
};

class ScreenPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    const auto state = probe_.ask(*ui.engine, "", [last = last_](Session& session) { return last->of(session.machine().vga()); }, true);
    if (state == nullptr) {
      last_->lost();
    } else if (state != state_) {
      state_ = state;
      mirror_.vga().set_state(*state_);
      repaint(ui);
    }
    if (!ui.full_screen) draw_controls(ui);
    draw_picture(ui);
  }

  std::string text() const override { return text_; }

 private:
  void repaint(Ui& ui) {
    const Vga& vga = mirror_.vga();
    text_ = vga.graphics_mode() ? "(graphics mode)" : screen_text(vga);
    unsigned width = 0, height = 0;
    const std::vector<std::uint32_t> pixels = vga.render(width, height);
    if (width == 0 || height == 0 || width > 4096 || height > 4096) return;
    width_ = width;
    height_ = height;
    if (pixels == shown_) return;
    shown_ = pixels;
    if (picture_ == nullptr) picture_ = ui.painter->make_picture();
    picture_->set(width, height, pixels.data());
  }

  void draw_controls(Ui& ui) {
    if (ImGui::SmallButton(ui.keyboard_captured ? "Release keys" : "Give keys")) ui.keyboard_captured = !ui.keyboard_captured;
    landmark(ui, "screen/keys");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("All keys go to the guest until Ctrl+Alt");
    flow("Give mouse");
    if (ImGui::SmallButton("Give mouse")) ui.keyboard_captured = ui.mouse_captured = true;
    landmark(ui, "screen/mouse");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Mouse and keys go to the guest until Ctrl+Alt");
    flow("Paste");
    if (ImGui::SmallButton("Paste")) paste(ui);
    landmark(ui, "screen/paste");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Type the clipboard's text on the guest's keyboard");
    flow("Copy");
    if (ImGui::SmallButton("Copy")) SDL_SetClipboardText(text_.c_str());
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("The text screen to the clipboard");
    ImGui::SameLine();
    if (ImGui::GetContentRegionAvail().x < ImGui::GetFontSize() * 11) return ImGui::NewLine();
    constexpr unsigned kLeastLines = 50;  // no mode has fewer; before the video BIOS has run, the registers say nothing
    if (height_ < kLeastLines) return ImGui::TextDisabled("not set up yet");
    ImGui::TextDisabled("%ux%u%s", width_, height_, mirror_.vga().graphics_mode() ? ", graphics" : ", text");
  }

  void draw_picture(Ui& ui) {
    if (picture_ == nullptr || picture_->id() == nullptr) return;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 16 || room.y < 16) return;
    // A VGA picture fills a tube of four to three, whatever its resolution.
    const float wide = std::min(room.x, room.y * 4 / 3);
    const ImVec2 size(wide, wide * 3 / 4);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + (room.x - size.x) / 2);
    ImGui::Image(picture_->id(), size);
    landmark(ui, "screen");
    if (ImGui::IsItemClicked()) ui.keyboard_captured = true;
    if (!ui.keyboard_captured) return;
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    ImGui::GetWindowDrawList()->AddRect(ImVec2(low.x - 2, low.y - 2), ImVec2(high.x + 2, high.y + 2), tone_colour(ui, Tone::kWarning), 0, 0, 2);
  }

  static void paste(Ui& ui) {
    char* clipboard = SDL_GetClipboardText();
    if (clipboard == nullptr) return;
    ui.engine->input([words = std::string(clipboard)](Session& session) { return session.type(words); });
    SDL_free(clipboard);
  }

  std::shared_ptr<LastState> last_ = std::make_shared<LastState>();  // the machine's thread compares with it
  Probe<Vga::State> probe_;
  std::shared_ptr<const Vga::State> state_;
  Mirror mirror_;
  std::unique_ptr<Picture> picture_;
  unsigned width_ = 0, height_ = 0;
  std::vector<std::uint32_t> shown_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Panel> make_screen_panel() { return std::make_unique<ScreenPanel>(); }

}  // namespace ringside
