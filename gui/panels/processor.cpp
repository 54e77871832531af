// Registers.
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
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  DocumentProbe probe_;
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
