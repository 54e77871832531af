#include "gui/panel.h"

namespace ringside {

#define PANEL(name, maker, help) std::unique_ptr<Panel> maker();
#include "gui/panels/panels.def"
#undef PANEL

const std::vector<PanelInfo>& all_panels() {
  static const std::vector<PanelInfo> kPanels = {
#define PANEL(name, maker, help) {name, help, maker},
#include "gui/panels/panels.def"
#undef PANEL
  };
  return kPanels;
}

std::vector<std::string> panel_names() {
  std::vector<std::string> names;
  for (const PanelInfo& info : all_panels()) names.emplace_back(info.name);
  return names;
}

}  // namespace ringside
