// Registers.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <charconv>

#include "debugger/inspect/processor_view.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

class ProcessorPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    const Document& document = probe_.ask(ui, "", [](Session& session) {
      Document all = view_general_registers(session.machine().cpu());
      all.append(view_flags(session.machine().cpu()));
      return all;
    });
    draw_document(ui, "registers", document);
    if (!ui.status.running) draw_editor(ui);
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  void draw_editor(Ui& ui) {
    static const char* const kNames[] = {"EAX", "EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "ESP", "EIP", "EFLAGS", "CR2"};
    ImGui::Spacing();
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 5);
    ImGui::Combo("##register", &chosen_, kNames, static_cast<int>(std::size(kNames)));
    landmark(ui, "processor/register");
    ImGui::SameLine();
    std::uint32_t value = 0;
    ImGui::PushID("value");
    const bool entered = address_field(ui, "new value", value_, value);
    ImGui::PopID();
    if (!entered) return;
    ui.engine->post([name = std::string(kNames[chosen_]), value](Session& session) {
      if (edit_register(session.machine().cpu(), name, value)) session.edited();
    });
  }

  DocumentProbe probe_;
  int chosen_ = 0;
  std::string value_;
};

Document segments(Session& session) { return view_segments(session.machine().cpu()); }

Document control(Session& session) {
  Document all = view_control_registers(session.machine().cpu());
  all.append(view_debug_registers(session.machine().cpu()));
  return all;
}

Document floating_point(Session& session) {
  Document all = view_x87(session.machine().cpu());
  all.append(view_sse(session.machine().cpu()));
  return all;
}

}  // namespace

std::unique_ptr<Panel> make_processor_panel() { return std::make_unique<ProcessorPanel>(); }
std::unique_ptr<Panel> make_segments_panel() { return std::make_unique<DocumentPanel>(segments); }
std::unique_ptr<Panel> make_control_panel() { return std::make_unique<DocumentPanel>(control); }
std::unique_ptr<Panel> make_float_panel() { return std::make_unique<DocumentPanel>(floating_point); }

}  // namespace ringside
