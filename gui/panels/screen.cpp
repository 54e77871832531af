// The guest's screen.
#include <SDL.h>
#include <imgui.h>

#include <algorithm>
#include <vector>

#include "debugger/inspect/text.h"
#include "debugger/screen.h"
#include "gui/panel.h"

namespace ringside {
namespace {

/// What the VGA shows, taken as a whole in the machine's thread and drawn in the window's.
struct ScreenState {
  Vga::State vga;
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
  ~ScreenPanel() override {
    if (texture_ != nullptr) SDL_DestroyTexture(texture_);
  }

  void draw(Ui& ui) override {
    const auto state = probe_.ask(*ui.engine, "", [](Session& session) { return ScreenState{session.machine().vga().state()}; }, true);
    if (state != nullptr && probe_.answer().number != number_) {
      number_ = probe_.answer().number;
      mirror_.vga().set_state(state->vga);
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
    if (texture_ == nullptr || width != width_ || height != height_) {
      if (texture_ != nullptr) SDL_DestroyTexture(texture_);
      shown_.clear();
      texture_ = SDL_CreateTexture(ui.renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, static_cast<int>(width), static_cast<int>(height));
      if (texture_ != nullptr) SDL_SetTextureScaleMode(texture_, SDL_ScaleModeLinear);
      width_ = width;
      height_ = height;
    }
    if (pixels == shown_) return;
    shown_ = pixels;
    ++ui.pictures;
    if (texture_ != nullptr) SDL_UpdateTexture(texture_, nullptr, pixels.data(), static_cast<int>(width * 4));
  }

  void draw_controls(Ui& ui) {
    if (ImGui::SmallButton(ui.keyboard_captured ? "Release keys" : "Give keys")) ui.keyboard_captured = !ui.keyboard_captured;
    landmark(ui, "screen/keys");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("All keys go to the guest until Ctrl+Alt");
    ImGui::SameLine();
    if (ImGui::SmallButton("Give mouse")) ui.keyboard_captured = ui.mouse_captured = true;
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Mouse and keys go to the guest until Ctrl+Alt");
    ImGui::SameLine();
    if (ImGui::SmallButton("Paste")) paste(ui);
    landmark(ui, "screen/paste");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Type the clipboard's text on the guest's keyboard");
    ImGui::SameLine();
    if (ImGui::SmallButton("Copy")) SDL_SetClipboardText(text_.c_str());
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("The text screen to the clipboard");
    ImGui::SameLine();
    if (ImGui::GetContentRegionAvail().x < ImGui::GetFontSize() * 11) return ImGui::NewLine();
    ImGui::TextDisabled("%ux%u%s", width_, height_, mirror_.vga().graphics_mode() ? ", graphics" : ", text");
  }

  void draw_picture(Ui& ui) {
    if (texture_ == nullptr) return;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    if (room.x < 16 || room.y < 16) return;
    // A VGA picture fills a tube of four to three, whatever its resolution.
    const float wide = std::min(room.x, room.y * 4 / 3);
    const ImVec2 size(wide, wide * 3 / 4);
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + (room.x - size.x) / 2);
    ImGui::Image(texture_, size);
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

  Probe<ScreenState> probe_;
  Mirror mirror_;
  std::uint64_t number_ = 0;
  SDL_Texture* texture_ = nullptr;
  unsigned width_ = 0, height_ = 0;
  std::vector<std::uint32_t> shown_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Panel> make_screen_panel() { return std::make_unique<ScreenPanel>(); }

}  // namespace ringside
