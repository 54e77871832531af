// The panels on the window: a tree of splits, tabs in its leaves, dividers to drag.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "gui/layout.h"
#include "gui/panel.h"

namespace ringside {

class Workspace {
 public:
  Workspace();
  /// "Boot", "Traps", "Memory", "Devices", or "Mine".
  void choose(const std::string& name);
  const std::string& chosen() const { return chosen_; }
  /// Opens the panel where it is not open, and brings it to the front.
  void show(const std::string& panel);
  void close(const std::string& panel);
  bool is_open(const std::string& panel) const;

  void draw(Ui& ui, Rectangle area);
  /// One panel and nothing else.
  void draw_alone(Ui& ui, const std::string& panel, Rectangle area);
  const Panel* panel(const std::string& name) const;

  /// The user's own layout as text, and whether it has changed since it was taken last.
  std::string mine() const { return mine_; }
  void set_mine(const std::string& text);
  bool changed();

 private:
  void draw_node(Ui& ui, LayoutNode& node, Rectangle area, int depth);
  void draw_leaf(Ui& ui, LayoutNode& leaf, Rectangle area);
  void draw_tab_menu(Ui& ui, LayoutNode& leaf, const std::string& name);
  void draw_divider(LayoutNode& node, Rectangle area, Rectangle divider);
  void touched();

  std::map<std::string, std::unique_ptr<Panel>> panels_;
  std::map<std::string, const PanelInfo*> infos_;
  std::unique_ptr<LayoutNode> root_;
  std::string chosen_;
  std::string mine_;
  bool changed_ = false;
  bool bring_actives_ = true;  ///< tab bars are new: their front tabs must be chosen
  std::string to_front_;
  std::string to_close_;
  std::pair<std::string, std::string> to_move_;  // panel, next to which panel
  std::pair<std::string, bool> to_split_;        // panel into a new leaf, side by side or below
  int ids_ = 0;
};

}  // namespace ringside
