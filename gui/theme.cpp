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
  ImVec4* c = style.Colors;
  if (dark) {
    c[ImGuiCol_WindowBg] = colour(0x16191E);
    c[ImGuiCol_PopupBg] = colour(0x20242B, 0.98f);
    c[ImGuiCol_Border] = colour(0x39404B);
    c[ImGuiCol_FrameBg] = colour(0x2A303A);
    c[ImGuiCol_FrameBgHovered] = colour(0x363E4A);
    c[ImGuiCol_Button] = colour(0x2C3644);
    c[ImGuiCol_ButtonHovered] = colour(0x3B4A5E);
    c[ImGuiCol_ButtonActive] = colour(0x2E5D92);
    c[ImGuiCol_Header] = colour(0x2C4A6E, 0.8f);
    c[ImGuiCol_HeaderHovered] = colour(0x3A5C85);
    c[ImGuiCol_Tab] = colour(0x20252D);
    c[ImGuiCol_TabActive] = colour(0x2C4A6E);
    c[ImGuiCol_TabHovered] = colour(0x3A5C85);
    c[ImGuiCol_TabUnfocused] = colour(0x20252D);
    c[ImGuiCol_TabUnfocusedActive] = colour(0x2A3F5A);
    c[ImGuiCol_TableHeaderBg] = colour(0x232932);
    c[ImGuiCol_TextDisabled] = colour(0x98A1AD);
  } else {
    c[ImGuiCol_WindowBg] = colour(0xFBFBFC);
    c[ImGuiCol_Border] = colour(0xC4CAD2);
    c[ImGuiCol_FrameBg] = colour(0xE6EAF0);
    c[ImGuiCol_Button] = colour(0xDDE3EB);
    c[ImGuiCol_ButtonHovered] = colour(0xC6D2E2);
    c[ImGuiCol_ButtonActive] = colour(0x9CBCE4);
    c[ImGuiCol_Header] = colour(0xBCD6F5, 0.9f);
    c[ImGuiCol_Tab] = colour(0xE4E8EE);
    c[ImGuiCol_TabActive] = colour(0xBCD6F5);
    c[ImGuiCol_TabHovered] = colour(0xCFE0F5);
    c[ImGuiCol_TabUnfocused] = colour(0xE4E8EE);
    c[ImGuiCol_TabUnfocusedActive] = colour(0xCFDDF0);
    c[ImGuiCol_TableHeaderBg] = colour(0xE8ECF2);
    c[ImGuiCol_TextDisabled] = colour(0x626A75);
  }
  style.ScaleAllSizes(scale);
  style.WindowBorderSize = 1;
}

}  // namespace ringside
