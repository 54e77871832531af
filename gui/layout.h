// How the window is divided: a tree of splits whose leaves hold panels as tabs, so that panels never overlap. Four
// layouts of ours, and the user's own as a line of text.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace ringside {

struct LayoutNode {
  // A split of two, or a leaf with tabs.
  std::unique_ptr<LayoutNode> first, second;
  bool side_by_side = false;         ///< else one above the other
  float share = 0.5f;                ///< of the first
  std::vector<std::string> tabs;
  std::string active;                ///< the tab in front

  bool leaf() const { return first == nullptr; }
};

struct NamedLayout {
  const char* name;
  const char* purpose;
  const char* text;  ///< as parse_layout takes it
};
/// Boot, Traps, Memory, Devices.
const std::vector<NamedLayout>& named_layouts();

/// "(h 0.5 (v 0.6 [Screen|Serial] [Stack]) [Disassembly])": h is side by side, v one above the other; the first
/// tab of a leaf is in front, unless one has a `*`. Null for what is no layout; unknown panels are left out.
std::unique_ptr<LayoutNode> parse_layout(const std::string& text, const std::vector<std::string>& panels);
std::string layout_text(const LayoutNode& node);

LayoutNode* leaf_of(LayoutNode& root, const std::string& panel);
/// The leaf with the most room, for a panel that is nowhere.
LayoutNode& widest_leaf(LayoutNode& root);
void remove_panel(std::unique_ptr<LayoutNode>& root, const std::string& panel);
std::vector<LayoutNode*> leaves(LayoutNode& root);

}  // namespace ringside
