// The instructions around the present one.
#include <imgui.h>

#include <algorithm>
#include <map>
#include <vector>

#include "debugger/inspect/disassembly_view.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

constexpr float kTextAt = 5.5f;  // in columns: breakpoints and arrows stand before it

class DisassemblyPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    draw_bar(ui);
    const float line = ImGui::GetTextLineHeightWithSpacing();
    ImGui::BeginChild("lines", ImVec2(0, 0), false, ImGuiWindowFlags_NoScrollWithMouse | ImGuiWindowFlags_NoScrollbar);
    const auto rows = static_cast<unsigned>(std::clamp(ImGui::GetWindowHeight() / line, 3.0f, 200.0f));
    choose_top(ui);
    const std::string key = (top_ ? hex32(*top_) : std::string("here")) + "/" + std::to_string(rows) + (source_ ? "s" : "");
    const DisassemblyRequest request{top_, rows, source_, {RINGSIDE_SOURCE_ROOT, "."}};
    const auto answer = probe_.ask(*ui.engine, key, [request](Session& session) { return view_disassembly(session, request); });
    if (answer != nullptr) draw_lines(ui, *answer, rows);
    scroll(answer.get());
    ImGui::EndChild();
  }

  std::string text() const override {
    const auto answer = probe_.last();
    return answer == nullptr ? "" : disassembly_text(*answer);
  }

 private:
  void draw_bar(Ui& ui) {
    if (address_field(ui, "address", typed_, wanted_)) {
      top_ = wanted_;
      was_asked_ = ui.code_address;
    }
    flow("Follow EIP");
    if (!top_) ImGui::BeginDisabled();
    const bool back = ImGui::SmallButton("Follow EIP");
    if (!top_) ImGui::EndDisabled();
    landmark(ui, "disassembly/follow");
    if (back) {
      top_.reset();
      ui.code_address.reset();
      was_asked_.reset();
    }
    flow("source");
    ImGui::Checkbox("source", &source_);
    landmark(ui, "disassembly/source");
  }

  /// Somebody clicked an address elsewhere, or the machine has moved on.
  void choose_top(Ui& ui) {
    if (ui.code_address != was_asked_) {
      was_asked_ = ui.code_address;
      top_ = ui.code_address;
    }
    if (ui.status.stops == stops_) return;
    stops_ = ui.status.stops;
    top_.reset();
    ui.code_address.reset();
    was_asked_.reset();
    ui.code_cursor = ui.status.code_linear;
  }

  void draw_lines(Ui& ui, const Disassembly& view, unsigned rows) {
    const float line = ImGui::GetTextLineHeightWithSpacing();
    const float glyph = ImGui::CalcTextSize("0").x;
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    std::map<std::uint32_t, float> heights;
    std::vector<Piece> pieces = pieces_of(view);
    // What follows EIP keeps EIP in sight, whatever stands above it.
    std::size_t first = 0;
    if (!top_)
      for (std::size_t i = 0; i < pieces.size(); ++i)
        if (pieces[i].line != nullptr && pieces[i].line->current) first = i > rows / 3 ? i - rows / 3 : 0;
    float y = origin.y;
    for (std::size_t i = first; i < pieces.size() && i < first + rows; ++i, y += line) {
      const Piece& piece = pieces[i];
      if (piece.line == nullptr) {
        draw.AddText(ImVec2(origin.x + glyph * (piece.label ? kTextAt : kTextAt + 2), y), tone_colour(ui, piece.label ? Tone::kAccent : Tone::kGood), piece.words.c_str());
        continue;
      }
      draw_line(ui, view, *piece.line, ImVec2(origin.x, y), width, glyph, line);
      heights[piece.line->linear] = y + line / 2;
    }
    draw_arrows(ui, view, heights, origin.x, glyph);
  }

  /// A row of the panel: an instruction, or what stands above one.
  struct Piece {
    const ListingLine* line = nullptr;
    std::string words;
    bool label = false;
  };
  static std::vector<Piece> pieces_of(const Disassembly& view) {
    std::vector<Piece> pieces;
    for (const ListingLine& l : view.listing.lines) {
      if (!l.label.empty()) pieces.push_back({nullptr, l.label + ":", true});
      if (const auto source = view.source.find(l.linear); source != view.source.end()) pieces.push_back({nullptr, source->second, false});
      pieces.push_back({&l, "", false});
    }
    return pieces;
  }

  void draw_line(Ui& ui, const Disassembly& view, const ListingLine& l, ImVec2 at, float width, float glyph, float line) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 end(at.x + width, at.y + line);
    if (l.current) draw.AddRectFilled(at, end, ImGui::GetColorU32(ImGuiCol_Header));
    if (l.linear == ui.code_cursor) draw.AddRect(at, end, ImGui::GetColorU32(ImGuiCol_ButtonActive));
    const ImVec2 centre(at.x + glyph, at.y + line / 2);
    if (view.points.count(l.linear) != 0) draw.AddCircleFilled(centre, line * 0.3f, tone_colour(ui, Tone::kBad));
    // A block's first instruction has a line above it, a hot one's in another colour.
    const auto block = view.blocks.find(l.linear);
    if (block != view.blocks.end())
      draw.AddLine(ImVec2(at.x + glyph * kTextAt, at.y), ImVec2(at.x + glyph * (kTextAt + 13), at.y), tone_colour(ui, block->second.hot ? Tone::kWarning : Tone::kDim));
    float x = at.x + glyph * kTextAt;
    const auto put = [&](const std::string& words, Tone tone, float columns) {
      draw.AddText(ImVec2(x, at.y), tone_colour(ui, tone), words.c_str());
      x += columns * glyph;
    };
    put(logical(view.listing.cs, l.eip), l.current ? Tone::kWarning : Tone::kDim, 14.5f);
    const bool room = width > glyph * 66;
    if (room) put(l.bytes.size() > 16 ? l.bytes.substr(0, 15) + "." : l.bytes, Tone::kDim, 17);
    std::string words = l.text;
    if (l.taken) words += *l.taken ? "   (will jump)" : "   (will not jump)";
    put(words, l.readable ? Tone::kPlain : Tone::kBad, static_cast<float>(words.size()) + 2);
    if (!l.note.empty()) put("; " + l.note, Tone::kDim, 1);
    click(ui, view, l, at, width, glyph, line);
  }

  void click(Ui& ui, const Disassembly& view, const ListingLine& l, ImVec2 at, float width, float glyph, float line) {
    ui.landmarks["line/" + hex32(l.linear)] = {at.x + glyph * kTextAt, at.y, width - glyph * kTextAt, line};
    ui.landmarks["margin/" + hex32(l.linear)] = {at.x, at.y, glyph * 2, line};
    if (!ImGui::IsWindowHovered() || !ImGui::IsMouseHoveringRect(at, ImVec2(at.x + width, at.y + line))) return;
    const float x = ImGui::GetIO().MousePos.x - at.x;
    const bool margin = x < glyph * 2.5f;
    const auto block = view.blocks.find(l.linear);
    if (margin) {
      ImGui::SetTooltip("Click: set or remove a breakpoint at %08X", l.linear);
    } else if (block != view.blocks.end() && x > glyph * kTextAt && x < glyph * (kTextAt + 13)) {
      ImGui::SetTooltip("A decoded block of %u instructions begins here%s.", block->second.instructions, block->second.hot ? "; it is hot" : "");
    } else if (l.target && x > glyph * (kTextAt + 13)) {
      ImGui::SetTooltip("Double-click: look at %08X", *l.target);
    }
    if (ImGui::IsMouseClicked(0)) {
      ui.code_cursor = l.linear;
      if (margin) ui.engine->post([linear = l.linear](Session& session) { session.toggle_breakpoint(linear); });
    }
    if (ImGui::IsMouseDoubleClicked(0) && !margin && l.target) top_ = *l.target;
  }

  static void draw_arrows(Ui& ui, const Disassembly& view, const std::map<std::uint32_t, float>& heights, float left, float glyph) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    for (const BranchArrow& arrow : view.arrows) {
      const auto from = heights.find(arrow.from);
      const auto to = heights.find(arrow.to);
      if (from == heights.end() || to == heights.end()) continue;
      const ImU32 colour = tone_colour(ui, arrow.current ? Tone::kWarning : Tone::kDim);
      const float right = left + glyph * (kTextAt - 0.5f), x = right - glyph * (0.9f + 0.6f * static_cast<float>(arrow.lane));
      draw.AddLine(ImVec2(right, from->second), ImVec2(x, from->second), colour);
      draw.AddLine(ImVec2(x, from->second), ImVec2(x, to->second), colour);
      draw.AddLine(ImVec2(x, to->second), ImVec2(right - 3, to->second), colour);
      draw.AddTriangleFilled(ImVec2(right, to->second), ImVec2(right - 5, to->second - 3), ImVec2(right - 5, to->second + 3), colour);
    }
  }

  void scroll(const Disassembly* view) {
    const float wheel = ImGui::GetIO().MouseWheel;
    if (view == nullptr || view->listing.lines.empty() || wheel == 0 || !ImGui::IsWindowHovered()) return;
    const std::vector<ListingLine>& lines = view->listing.lines;
    if (wheel < 0) {
      top_ = lines[std::min<std::size_t>(3, lines.size() - 1)].linear;
    } else {
      top_ = view->listing.earlier;
    }
  }

  Probe<Disassembly> probe_;
  std::optional<std::uint32_t> top_;
  std::optional<std::uint32_t> was_asked_;
  std::uint64_t stops_ = 0;
  std::string typed_;
  bool source_ = true;
  std::uint32_t wanted_ = 0;
};

}  // namespace

std::unique_ptr<Panel> make_disassembly_panel() { return std::make_unique<DisassemblyPanel>(); }

}  // namespace ringside
