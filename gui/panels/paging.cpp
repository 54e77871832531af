// Page tables, the walk of an address, the TLBs.
#include <imgui.h>

#include "debugger/inspect/page_tables.h"
#include "debugger/inspect/text.h"
#include "gui/panel.h"

namespace ringside {
namespace {

Document tree(Session& session) { return view_page_tree(page_tree(session.machine().cpu())); }
Document tlb(Session& session) { return view_tlb(session.machine().cpu()); }

class WalkPanel final : public Panel {
 public:
  void draw(Ui& ui) override {
    if (wanted_.linear == 0 && typed_.empty()) {
      wanted_.linear = ui.status.code_linear;
      typed_ = hex32(wanted_.linear);
    }
    if (ui.walk_request != request_) {
      request_ = ui.walk_request;
      wanted_.linear = ui.walk_address;
      typed_ = hex32(wanted_.linear);
    }
    address_field(ui, "linear address", typed_, wanted_.linear);
    static const char* const kAccess[] = {"read", "write", "fetch"};
    flow(ImGui::GetFontSize() * 5);
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 5);
    int access = static_cast<int>(wanted_.access);
    if (ImGui::Combo("##access", &access, kAccess, 3)) wanted_.access = static_cast<Access>(access);
    landmark(ui, "walk/access");
    flow(ImGui::GetFontSize() * 5);
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 5);
    static const char* const kRings[] = {"CPL 0", "CPL 1", "CPL 2", "CPL 3"};
    int cpl = static_cast<int>(wanted_.cpl);
    if (ImGui::Combo("##cpl", &cpl, kRings, 4)) wanted_.cpl = static_cast<unsigned>(cpl);
    landmark(ui, "walk/cpl");
    const std::string key = hex32(wanted_.linear) + format("/%d/%d", access, cpl);
    draw_document(ui, "walk", probe_.ask(ui, key, [wanted = wanted_](Session& session) { return view_walk(session.machine().cpu(), wanted); }));
  }
  std::string text() const override { return probe_.document().text(); }

 private:
  DocumentProbe probe_;
  WalkRequest wanted_;
  std::string typed_;
  unsigned long request_ = 0;
};

}  // namespace

std::unique_ptr<Panel> make_page_tables_panel() { return std::make_unique<DocumentPanel>(tree); }
std::unique_ptr<Panel> make_page_walk_panel() { return std::make_unique<WalkPanel>(); }
std::unique_ptr<Panel> make_tlb_panel() { return std::make_unique<DocumentPanel>(tlb); }

}  // namespace ringside
