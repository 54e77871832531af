#include "gui/time_bar.h"

#include <imgui.h>

#include <algorithm>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

ImU32 ring_colour(unsigned ring) {
  static constexpr ImU32 kColours[] = {IM_COL32(70, 120, 190, 255), IM_COL32(130, 110, 190, 255), IM_COL32(190, 130, 70, 255), IM_COL32(80, 165, 100, 255)};
  return kColours[ring & 3];
}

}  // namespace

float TimeBarView::height() const { return ImGui::GetFontSize() + 3 + ImGui::GetTextLineHeightWithSpacing() + ImGui::GetStyle().ItemSpacing.y + ImGui::GetStyle().WindowPadding.y * 2; }

void TimeBarView::draw(Ui& ui, float width) {
  const auto bar = probe_.ask(*ui.engine, "", [](Session& session) { return time_bar(session, 240); });
  const EngineStatus& s = ui.status;
  const float line = ImGui::GetFontSize();
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float track = line * 0.5f;
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  ImGui::InvisibleButton("time", ImVec2(width, track * 2 + 3));
  landmark(ui, "time bar");
  const bool hovered = ImGui::IsItemHovered();
  draw.AddRectFilled(at, ImVec2(at.x + width, at.y + track * 2 + 2), ImGui::GetColorU32(ImGuiCol_FrameBg));
  const Tick begin = s.begin, end = std::max(s.end.tick, s.moment.tick);
  const double span = static_cast<double>(std::max<Tick>(end - begin, 1));
  if (bar != nullptr && !bar->pieces.empty()) {
    // The pieces are of a moment ago: their end is not quite the present end.
    const double scale = static_cast<double>(bar->end - bar->begin) / span;
    const double from = (static_cast<double>(bar->begin) - static_cast<double>(begin)) / span;
    const auto count = static_cast<double>(bar->pieces.size());
    for (std::size_t i = 0; i < bar->pieces.size(); ++i) {
      const TimeBar::Piece& piece = bar->pieces[i];
      const float left = at.x + static_cast<float>(from + static_cast<double>(i) / count * scale) * width;
      const float right = at.x + static_cast<float>(from + static_cast<double>(i + 1) / count * scale) * width;
      draw.AddRectFilled(ImVec2(left, at.y + 1), ImVec2(right, at.y + track), ring_colour(piece.ring));
      const float low = at.y + track + 2, third = track / 3;
      if (piece.interrupt) draw.AddRectFilled(ImVec2(left, low), ImVec2(right, low + third), IM_COL32(220, 190, 80, 255));
      if (piece.software) draw.AddRectFilled(ImVec2(left, low + third), ImVec2(right, low + 2 * third), IM_COL32(120, 180, 240, 255));
      if (piece.exception) draw.AddRectFilled(ImVec2(left, low + 2 * third), ImVec2(right, low + 3 * third), IM_COL32(240, 100, 90, 255));
    }
  }
  const float here = at.x + static_cast<float>(static_cast<double>(s.moment.tick - std::min(begin, s.moment.tick)) / span) * width;
  draw.AddRectFilled(ImVec2(here - 1.5f, at.y - 2), ImVec2(here + 1.5f, at.y + track * 2 + 4), tone_colour(ui, Tone::kPlain));
  if (hovered && s.can_go_back) {
    const double share = std::clamp((ImGui::GetIO().MousePos.x - at.x) / width, 0.0f, 1.0f);
    const Tick tick = begin + static_cast<Tick>(share * span);
    ImGui::SetTooltip("Travel to tick %s\nupper track: the ring (blue 0, green 3); lower: interrupts (yellow),\nsoftware interrupts (blue), exceptions (red)", grouped(tick).c_str());
    if (ImGui::IsMouseClicked(0)) dragging_ = true;
    if (dragging_ && ImGui::IsMouseReleased(0)) ui.engine->travel({tick, 0});
  }
  if (ImGui::IsMouseReleased(0)) dragging_ = false;
  std::string text = "tick " + grouped(s.moment.tick) + "   guest time " + time_text(s.nanoseconds);
  if (!s.can_go_back) text += "   no history: travel back is off";
  if (s.in_past) text += "   in the past; the known future ends at " + grouped(s.end.tick);
  if (s.gdb) text += "   gdb is attached";
  const std::string right = s.running ? format("running, %.0f MIPS, ", s.mips) + s.mode + format(", ring %u", s.cpl)
                            : s.busy  ? std::string("looking for the place; Pause gives up")
                                      : s.mode + format(", ring %u", s.cpl);
  // The last to go where there is little room.
  const std::string instructions = "   instructions " + grouped(s.instructions);
  if (ImGui::CalcTextSize((text + instructions + right).c_str()).x + line * 2 < width) text += instructions;
  ImGui::TextUnformatted(text.c_str());
  ImGui::SameLine(std::max(ImGui::CalcTextSize(text.c_str()).x + line * 2, width - ImGui::CalcTextSize(right.c_str()).x));
  ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, s.running ? Tone::kGood : Tone::kAccent));
  ImGui::TextUnformatted(right.c_str());
  ImGui::PopStyleColor();
  landmark(ui, "status");
}

}  // namespace ringside
