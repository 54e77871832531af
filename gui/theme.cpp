#include "gui/theme.h"

#include <SDL.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace ringside {
namespace {

constexpr const char* kFontFile = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";
constexpr float kFontSize = 14;

ImVec4 colour(unsigned rgb, float alpha = 1) {
  return {static_cast<float>(rgb >> 16 & 255) / 255, static_cast<float>(rgb >> 8 & 255) / 255, static_cast<float>(rgb & 255) / 255, alpha};
}

struct ThemeColour {
  ImGuiCol what;
  unsigned dark, light;
  float dark_alpha = 1, light_alpha = 1;
};

/// What differs from ImGui's own dark and light.
constexpr ThemeColour kColours[] = {
    {ImGuiCol_WindowBg, 0x16191E, 0xFBFBFC},
    {ImGuiCol_PopupBg, 0x20242B, 0xFFFFFF, 0.98f, 0.98f},
    {ImGuiCol_Border, 0x39404B, 0xC4CAD2},
    {ImGuiCol_FrameBg, 0x2A303A, 0xE6EAF0},
    {ImGuiCol_FrameBgHovered, 0x363E4A, 0xD6E2F2},
    {ImGuiCol_Button, 0x2C3644, 0xDDE3EB},
    {ImGuiCol_ButtonHovered, 0x3B4A5E, 0xC6D2E2},
    {ImGuiCol_ButtonActive, 0x2E5D92, 0x9CBCE4},
    {ImGuiCol_Header, 0x2C4A6E, 0xBCD6F5, 0.8f, 0.9f},
    {ImGuiCol_HeaderHovered, 0x3A5C85, 0xCFE0F5},
    {ImGuiCol_Tab, 0x20252D, 0xE4E8EE},
    {ImGuiCol_TabActive, 0x2C4A6E, 0xBCD6F5},
    {ImGuiCol_TabHovered, 0x3A5C85, 0xCFE0F5},
    {ImGuiCol_TabUnfocused, 0x20252D, 0xE4E8EE},
    {ImGuiCol_TabUnfocusedActive, 0x2A3F5A, 0xCFDDF0},
    {ImGuiCol_TableHeaderBg, 0x232932, 0xE8ECF2},
    {ImGuiCol_TextDisabled, 0x98A1AD, 0x626A75},
};

}  // namespace

float display_scale(SDL_Window* window) {
  if (const char* wish = std::getenv("RINGSIDE_SCALE")) {
    const float scale = std::strtof(wish, nullptr);
    if (scale >= 0.5f && scale <= 4) return scale;
  }
  float dpi = 96;
  if (SDL_GetDisplayDPI(std::max(SDL_GetWindowDisplayIndex(window), 0), nullptr, &dpi, nullptr) != 0) return 1;
  return std::clamp(std::round(dpi / 96 * 4) / 4, 1.0f, 3.0f);
}

bool load_fonts(float scale) {
  // Latin, Greek, arrows, mathematics, box drawing and symbols: what code page 437 shows.
  static const ImWchar kRanges[] = {0x0020, 0x00FF, 0x0192, 0x0192, 0x0370, 0x03FF, 0x2010, 0x2027, 0x203C, 0x203C,
                                    0x207F, 0x207F, 0x20A7, 0x20A7, 0x2190, 0x21FF, 0x2200, 0x22FF, 0x2310, 0x2321,
                                    0x2500, 0x25FF, 0x2600, 0x266B, 0};
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  ImFontConfig config;
  config.OversampleH = 1;  // glyphs begin on whole pixels, and are copied without scaling
  config.OversampleV = 1;
  config.PixelSnapH = true;
  std::error_code error;
  if (std::filesystem::exists(kFontFile, error) &&
      atlas.AddFontFromFileTTF(kFontFile, std::round(kFontSize * scale), &config, kRanges) != nullptr)
    return true;
  config.SizePixels = std::round(13 * scale);
  atlas.AddFontDefault(&config);
  return false;
}

void apply_theme(bool dark, float scale) {
  ImGuiStyle& style = ImGui::GetStyle();
  style = ImGuiStyle();
  if (dark) {
    ImGui::StyleColorsDark();
  } else {
    ImGui::StyleColorsLight();
  }
  style.AntiAliasedLinesUseTex = false;  // shapes have no texture, so that they can be drawn without one
  style.WindowRounding = 0;
  style.FrameRounding = 3;
  style.TabRounding = 3;
  style.WindowPadding = ImVec2(6, 5);
  style.FramePadding = ImVec2(5, 2);
  style.CellPadding = ImVec2(5, 1);
  style.ItemSpacing = ImVec2(6, 3);
  style.ScrollbarSize = 12;
  style.WindowBorderSize = 1;
  for (const ThemeColour& c : kColours) style.Colors[c.what] = colour(dark ? c.dark : c.light, dark ? c.dark_alpha : c.light_alpha);
  style.ScaleAllSizes(scale);
  style.WindowBorderSize = 1;
}

}  // namespace ringside
