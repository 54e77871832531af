// One panel a chip; what they show is in debugger/inspect.
#include <imgui.h>

#include <algorithm>

#include "debugger/inspect/device_views.h"
#include "debugger/inspect/instruction_mix.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

/// The controllers as lines from the devices to the processor, above their registers.
class PicPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    const auto lines = lines_.ask(*ui.engine, "", [](Session& session) { return pic_lines(session); });
    if (lines != nullptr) draw_lines(ui, *lines);
    draw_document(ui, "registers", probe_.ask(ui, "", [](Session& session) { return view_pic(session); }));
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  // Device, mask as a switch, chip, INTR, processor: a line is lit as far as its request gets.
  void draw_lines(Ui& ui, const PicLines& view) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float line = ImGui::GetTextLineHeight(), glyph = ImGui::CalcTextSize("0").x;
    const float height = line * 8.5f, chip = glyph * 22, wide = glyph * 6, second = glyph * 32;
    const ImU32 off = ImGui::GetColorU32(ImGuiCol_Border), on = tone_colour(ui, Tone::kWarning), text = ImGui::GetColorU32(ImGuiCol_Text);
    for (unsigned i = 0; i < 16; ++i) draw_line(ui, draw, view.lines[i], i, ImVec2(at.x + (i < 8 ? second : 0), at.y + static_cast<float>(i % 8) * line * 1.05f));
    for (const float x : {at.x + chip, at.x + second + chip}) draw.AddRect(ImVec2(x - 1, at.y - 1), ImVec2(x + wide, at.y + height), text);
    // The slave's INT is the master's input 2.
    const float cascade = at.y + 2 * line * 1.05f + line / 2;
    draw.AddLine(ImVec2(at.x + chip + wide, cascade), ImVec2(at.x + second, cascade), view.lines[2].requested || view.lines[2].high ? on : off, 2);
    const float out = at.x + second + chip + wide, wire = at.y + height / 2, box = out + glyph * 5;
    draw.AddLine(ImVec2(out, wire), ImVec2(box, wire), view.intr ? on : off, 2);
    draw.AddText(ImVec2(out + glyph * 0.3f, wire - line * 1.1f), tone_colour(ui, Tone::kDim), "INTR");
    draw.AddRect(ImVec2(box, wire - line * 1.2f), ImVec2(box + glyph * 6, wire + line * 1.2f), text);
    draw.AddText(ImVec2(box + glyph, wire - line), tone_colour(ui, Tone::kPlain), "CPU");
    draw.AddText(ImVec2(box + glyph, wire), tone_colour(ui, view.accepted ? Tone::kGood : Tone::kDim), view.accepted ? "IF=1" : "IF=0");
    ImGui::Dummy(ImVec2(box + glyph * 6 - at.x, height + 2));
    if (ImGui::IsItemHovered())
      ImGui::SetTooltip("The slave on the left, the master in the middle. A request passes its mask (the switch) into the chip;\nthe filled box is in service. The number is the vector that the processor is told.");
  }

  static void draw_line(Ui& ui, ImDrawList& draw, const PicLines::Line& l, unsigned i, ImVec2 at) {
    const float line = ImGui::GetTextLineHeight(), glyph = ImGui::CalcTextSize("0").x;
    const ImU32 off = ImGui::GetColorU32(ImGuiCol_Border), on = tone_colour(ui, Tone::kWarning);
    const float wire = at.y + line / 2, chip = at.x + glyph * 22, gate = at.x + glyph * 18.5f, from = at.x + glyph * 17;
    draw.AddText(at, tone_colour(ui, l.requested || l.in_service ? Tone::kPlain : Tone::kDim), format("%2u %s", i, l.device).c_str());
    const ImU32 behind = l.requested && !l.masked ? on : off;
    draw.AddLine(ImVec2(from, wire), ImVec2(gate, wire), l.high || l.requested ? on : off, 2);
    draw.AddLine(ImVec2(gate, wire), ImVec2(gate + glyph * 2, l.masked ? wire - line * 0.35f : wire), behind, 2);
    draw.AddLine(ImVec2(gate + glyph * 2, wire), ImVec2(chip, wire), behind, 2);
    if (l.in_service) draw.AddRectFilled(ImVec2(chip, at.y + 2), ImVec2(chip + glyph * 2, at.y + line - 2), tone_colour(ui, Tone::kAccent));
    draw.AddText(ImVec2(chip + glyph * 2.6f, at.y), tone_colour(ui, Tone::kDim), format("%02Xh", l.vector).c_str());
  }

  Probe<PicLines> lines_;
  DocumentProbe probe_;
};

/// The display adapter's registers, and its palette and font drawn.
class VgaPanel final : public Panel {
 public:
  struct Looks {
    std::uint32_t attribute[16] = {};
    std::uint32_t dac[256] = {};
    std::uint8_t font[256][16] = {};
    bool graphics = false;
  };

  void draw(Ui& ui) override {
    const auto looks = looks_.ask(*ui.engine, "", [](Session& session) { return look(session); });
    const Document& document = probe_.ask(ui, "", [](Session& session) { return view_vga(session); });
    if (looks != nullptr) draw_looks(*looks);
    draw_document(ui, "registers", document);
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  static Looks look(Session& session) {
    Looks looks;
    const Vga& vga = session.machine().vga();
    const VgaRegisters& r = vga.registers();
    looks.graphics = vga.graphics_mode();
    for (unsigned i = 0; i < 16; ++i) looks.attribute[i] = r.palette_colour(i);
    for (unsigned i = 0; i < 256; ++i) looks.dac[i] = r.dac_colour(i);
    const unsigned base = VgaRegisters::font_offset(r.font_map(false));
    for (unsigned c = 0; c < 256; ++c)
      for (unsigned y = 0; y < 16; ++y) looks.font[c][y] = vga.plane_byte(2, base + c * 32 + y);
    return looks;
  }

  static ImU32 colour(std::uint32_t rgb) { return IM_COL32(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255, 255); }

  static void draw_looks(const Looks& looks) {
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const float box = ImGui::GetFontSize() * 0.7f;
    ImGui::TextUnformatted("Attribute palette and DAC");
    ImVec2 at = ImGui::GetCursorScreenPos();
    for (unsigned i = 0; i < 16; ++i) {
      const float x = at.x + static_cast<float>(i) * box;
      draw.AddRectFilled(ImVec2(x, at.y), ImVec2(x + box - 1, at.y + box - 1), colour(looks.attribute[i]));
    }
    ImGui::Dummy(ImVec2(box * 16, box + 2));
    at = ImGui::GetCursorScreenPos();
    const float small = box * 0.6f;
    for (unsigned i = 0; i < 256; ++i) {
      const float x = at.x + static_cast<float>(i % 32) * small, y = at.y + static_cast<float>(i / 32) * small;
      draw.AddRectFilled(ImVec2(x, y), ImVec2(x + small, y + small), colour(looks.dac[i]));
    }
    ImGui::Dummy(ImVec2(small * 32, small * 8 + 2));
    if (looks.graphics || !ImGui::TreeNode("Font")) return;
    at = ImGui::GetCursorScreenPos();
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_Text);
    for (unsigned c = 0; c < 256; ++c)
      for (unsigned y = 0; y < 16; ++y)
        for (unsigned x = 0; x < 8; ++x) {
          if ((looks.font[c][y] >> (7 - x) & 1) == 0) continue;
          const ImVec2 dot(at.x + static_cast<float>((c % 32) * 10 + x), at.y + static_cast<float>((c / 32) * 18 + y));
          draw.AddRectFilled(dot, ImVec2(dot.x + 1, dot.y + 1), ink);
        }
    ImGui::Dummy(ImVec2(320, 18 * 8));
    ImGui::TreePop();
  }

  Probe<Looks> looks_;
  DocumentProbe probe_;
};

/// Figures, and a mix of instructions that is sampled while the panel is in view.
class StatisticsPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    sampler_.ask(*ui.engine, "", [mix = mix_](Session& session) {
      mix->sample(session);
      return std::shared_ptr<const int>();  // the figures below show it
    }, true);
    if (ui.status.running)
      ImGui::Text("%.0f million instructions a second of this computer's time", ui.status.mips);
    else
      ImGui::TextDisabled("stands");
    draw_document(ui, "figures", probe_.ask(ui, "", [mix = mix_](Session& session) {
      Document document = view_statistics(session);
      document.append(mix->view());
      return document;
    }));
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  std::shared_ptr<InstructionMix> mix_ = std::make_shared<InstructionMix>();  // the machine's thread samples into it
  Probe<int> sampler_;
  DocumentProbe probe_;
};

template <Document (*View)(const Session&)>
std::unique_ptr<Panel> plain_panel() {
  return std::make_unique<DocumentPanel>([](Session& session) { return View(session); });
}

}  // namespace

std::unique_ptr<Panel> make_pic_panel() { return std::make_unique<PicPanel>(); }
std::unique_ptr<Panel> make_pit_panel() { return plain_panel<view_pit>(); }
std::unique_ptr<Panel> make_kbc_panel() { return plain_panel<view_kbc>(); }
std::unique_ptr<Panel> make_uart_panel() { return plain_panel<view_uart>(); }
std::unique_ptr<Panel> make_rtc_panel() { return plain_panel<view_rtc>(); }
std::unique_ptr<Panel> make_ide_panel() { return plain_panel<view_ide>(); }
std::unique_ptr<Panel> make_vga_panel() { return std::make_unique<VgaPanel>(); }
std::unique_ptr<Panel> make_dma_panel() { return plain_panel<view_dma>(); }
std::unique_ptr<Panel> make_pci_panel() { return plain_panel<view_pci>(); }
std::unique_ptr<Panel> make_log_panel() { return plain_panel<view_log>(); }
std::unique_ptr<Panel> make_statistics_panel() { return std::make_unique<StatisticsPanel>(); }

}  // namespace ringside
