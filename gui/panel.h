// A panel: one file in gui/panels/ and one line in panels.def.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gui/ui.h"

namespace ringside {

class Panel {
 public:
  virtual ~Panel() = default;
  /// Asks its questions and draws their answers, inside a window of ImGui's.
  virtual void draw(Ui& ui) = 0;
  /// What it showed last, as text: for tests and for "copy".
  virtual std::string text() const = 0;
};

/// A panel that is one document.
class DocumentPanel : public Panel {
 public:
  using Question = Document (*)(Session&);
  explicit DocumentPanel(Question question) : question_(question) {}
  void draw(Ui& ui) override { draw_document(ui, "document", probe_.ask(ui, "", question_)); }
  std::string text() const override { return probe_.document().text(); }

 private:
  Question question_;
  DocumentProbe probe_;
};

struct PanelInfo {
  const char* name;
  const char* help;  ///< two sentences
  std::unique_ptr<Panel> (*make)();
};
/// All of them, in the order of the menu.
const std::vector<PanelInfo>& all_panels();
std::vector<std::string> panel_names();

}  // namespace ringside
