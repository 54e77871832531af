// The rings, drawn as rings.
#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "debugger/inspect/text.h"
#include "debugger/inspect/trap_views.h"
#include "gui/panel.h"

namespace ringside {
namespace {

constexpr std::size_t kListed = 60;
constexpr float kPi = 3.14159265f;

class RingsPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    const auto view = probe_.ask(*ui.engine, "", [](Session& session) { return view_rings(session, kListed); });
    if (view == nullptr) return;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float size = std::clamp(std::min(room.x * 0.4f, room.y * 0.62f), 90.0f, 330.0f);
    draw_rings(ui, *view, size);
    draw_counts(ui, *view);
    draw_document(ui, "latest", rings_document(*view));
  }

  std::string text() const override {
    const auto view = probe_.last();
    return view == nullptr ? "" : format("ring %u\n", view->cpl) + ring_ways_document(*view).text() + rings_document(*view).text();
  }

 private:
  void draw_rings(Ui& ui, const RingView& view, float size) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const ImVec2 centre(at.x + size / 2, at.y + size / 2);
    const float step = size / 2 / 4;
    for (unsigned ring = 4; ring-- > 0;) {
      const float radius = step * static_cast<float>(ring + 1) - 1;
      const bool lit = ring == view.cpl;
      const ImU32 fill = lit ? (ui.dark ? IM_COL32(44, 94, 152, 255) : IM_COL32(150, 195, 245, 255)) : ImGui::GetColorU32(ring % 2 == 0 ? ImGuiCol_FrameBg : ImGuiCol_WindowBg);
      draw.AddCircleFilled(centre, radius, fill, 64);
      draw.AddCircle(centre, radius, ImGui::GetColorU32(ImGuiCol_Border), 64);
      const std::string name = std::to_string(ring);
      const float y = ring == 0 ? centre.y - ImGui::GetFontSize() / 2 : centre.y - radius + (step - ImGui::GetFontSize()) / 2;
      if (ring != view.cpl && step < ImGui::GetFontSize()) continue;  // no room for a number
      draw.AddText(ImVec2(centre.x - ImGui::CalcTextSize(name.c_str()).x / 2, y), tone_colour(ui, lit ? Tone::kPlain : Tone::kDim), name.c_str());
    }
    draw_latest(ui, view, centre, step);
    ImGui::Dummy(ImVec2(size, size));
    landmark(ui, "rings");
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("Ring 0 is the kernel's, ring 3 the programs'. Lit: where the processor is now.\nArrows: the latest changes, the newest brightest.");
    ImGui::SameLine();
  }

  // The last few changes as arrows around the rings, the newest at three o'clock.
  void draw_latest(Ui& ui, const RingView& view, ImVec2 centre, float step) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const std::size_t count = std::min<std::size_t>(view.latest.size(), 8);
    for (std::size_t i = 0; i < count; ++i) {
      const RingView::Step& s = view.latest[i];
      const float angle = static_cast<float>(i) * kPi / 7 + 0.15f;
      const auto on = [&](unsigned ring) {
        const float radius = step * (static_cast<float>(ring) + 0.5f);
        return ImVec2(centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle));
      };
      const ImVec2 from = on(s.from_ring), to = on(s.to_ring);
      ImVec4 colour = ImGui::ColorConvertU32ToFloat4(tone_colour(ui, s.to_ring < s.from_ring ? Tone::kWarning : Tone::kGood));
      colour.w = 1.0f - static_cast<float>(i) * 0.1f;
      const ImU32 ink = ImGui::ColorConvertFloat4ToU32(colour);
      draw.AddLine(from, to, ink, 2);
      draw.AddCircleFilled(to, 4, ink);
    }
  }

  void draw_counts(Ui& ui, const RingView& view) {
    ImGui::BeginGroup();
    ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, Tone::kAccent));
    ImGui::Text("ring %u%s", view.cpl, view.v86 ? ", virtual-8086" : "");
    ImGui::PopStyleColor();
    draw_document(ui, "ways", ring_ways_document(view));
    ImGui::EndGroup();
  }

  Probe<RingView> probe_;
};

}  // namespace

std::unique_ptr<Panel> make_rings_panel() { return std::make_unique<RingsPanel>(); }

}  // namespace ringside
