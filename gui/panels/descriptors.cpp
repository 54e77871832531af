// Descriptor tables, and "what if".
#include <imgui.h>
#include <imgui_stdlib.h>

#include <optional>

#include "debugger/inspect/descriptor_views.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

class DescriptorsPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    if (ui.selector_request != request_) {
      request_ = ui.selector_request;
      chosen_ = ui.selector;
      table_ = (ui.selector & 4) != 0 ? 1 : 0;
    }
    static const char* const kNames[] = {"GDT", "LDT", "IDT", "TSS"};
    for (int i = 0; i < 4; ++i) {
      ImGui::RadioButton(kNames[i], &table_, i);
      landmark(ui, std::string("descriptors/") + kNames[i]);
      ImGui::SameLine();
    }
    ImGui::NewLine();
    const auto which = static_cast<DescriptorTable>(table_);
    if (table_ < 2) {
      const std::string key = chosen_ ? hex16(*chosen_) : "CS";
      draw_document(ui, "one", one_.ask(ui, key, [chosen = chosen_](Session& session) {
        const Cpu& cpu = session.machine().cpu();
        return view_descriptor(cpu, chosen.value_or(cpu.seg[kCS].selector));
      }));
    }
    draw_document(ui, "table", probe_.ask(ui, kNames[table_], [which](Session& session) {
      return view_descriptor_table(session.machine().cpu(), which, &session.names());
    }));
  }
  std::string text() const override { return one_.document().text() + probe_.document().text(); }

 private:
  DocumentProbe probe_, one_;
  int table_ = 0;
  std::optional<std::uint16_t> chosen_;  // none: what CS holds
  unsigned long request_ = 0;
};

class SelectorPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    static const char* const kUses[] = {"load into DS, ES, FS, GS", "load into SS", "far jump", "far call", "INT n"};
    static const char* const kRings[] = {"CPL 0", "CPL 1", "CPL 2", "CPL 3"};
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 13);
    ImGui::Combo("##use", &use_, kUses, 5);
    ImGui::SameLine();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 5);
    ImGui::Combo("##cpl", &cpl_, kRings, 4);
    std::uint32_t value = 0;
    if (address_field(ui, use_ == 4 ? "vector" : "selector", typed_, value)) selector_ = static_cast<std::uint16_t>(value);
    const SelectorQuestion question{selector_, static_cast<unsigned>(cpl_), static_cast<SelectorUse>(use_)};
    draw_document(ui, "answer", probe_.ask(ui, format("%d/%d/%04X", use_, cpl_, selector_), [question](Session& session) {
      return view_selector_check(session.machine().cpu(), question);
    }));
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  DocumentProbe probe_;
  int use_ = 0, cpl_ = 3;
  std::uint16_t selector_ = 0x10;
  std::string typed_ = "0010";
};

}  // namespace

std::unique_ptr<Panel> make_descriptors_panel() { return std::make_unique<DescriptorsPanel>(); }
std::unique_ptr<Panel> make_selector_panel() { return std::make_unique<SelectorPanel>(); }

}  // namespace ringside
