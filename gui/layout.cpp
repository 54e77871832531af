#include "gui/layout.h"

#include <algorithm>
#include <cstdlib>

namespace ringside {
namespace {

constexpr int kDeepest = 8;

class Parser {
 public:
  Parser(const std::string& text, const std::vector<std::string>& panels) : text_(text), panels_(panels) {}

  std::unique_ptr<LayoutNode> parse() {
    auto root = node(0);
    skip();
    return at_ == text_.size() ? std::move(root) : nullptr;
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::unique_ptr<LayoutNode> node(int depth) {
    if (depth > kDeepest) return nullptr;
    auto result = std::make_unique<LayoutNode>();
    if (take('[')) return tabs(*result) ? std::move(result) : nullptr;
    if (!take('(')) return nullptr;
    if (take('h')) {
      result->side_by_side = true;
    } else if (!take('v')) {
      return nullptr;
    }
    skip();
    char* end = nullptr;
    const float share = std::strtof(text_.c_str() + at_, &end);
    at_ = static_cast<std::size_t>(end - text_.c_str());
    if (!(share >= 0.05f && share <= 0.95f)) return nullptr;
    result->share = share;
    result->first = node(depth + 1);
    result->second = result->first != nullptr ? node(depth + 1) : nullptr;
    return result->second != nullptr && take(')') ? std::move(result) : nullptr;
  }

  bool tabs(LayoutNode& leaf) {
    const std::size_t end = text_.find(']', at_);
    if (end == std::string::npos) return false;
    std::size_t begin = at_;
    while (begin <= end) {
      const std::size_t bar = std::min(text_.find('|', begin), end);
      add_tab(leaf, text_.substr(begin, bar - begin));
      begin = bar + 1;
    }
    at_ = end + 1;
    if (leaf.active.empty() && !leaf.tabs.empty()) leaf.active = leaf.tabs.front();
    return true;
  }

  void add_tab(LayoutNode& leaf, std::string name) {
    const bool front = !name.empty() && name[0] == '*';
    if (front) name.erase(0, 1);
    if (std::find(panels_.begin(), panels_.end(), name) == panels_.end()) return;
    if (std::find(leaf.tabs.begin(), leaf.tabs.end(), name) != leaf.tabs.end()) return;
    leaf.tabs.push_back(name);
    if (front) leaf.active = name;
  }

  const std::string& text_;
  const std::vector<std::string>& panels_;
  std::size_t at_ = 0;
};

void collect(LayoutNode& node, std::vector<LayoutNode*>& out) {
  if (node.leaf()) {
    out.push_back(&node);
    return;
  }
  collect(*node.first, out);
  collect(*node.second, out);
}

void widest(LayoutNode& node, float area, LayoutNode*& best, float& most) {
  if (node.leaf()) {
    if (area > most) {
      most = area;
      best = &node;
    }
    return;
  }
  widest(*node.first, area * node.share, best, most);
  widest(*node.second, area * (1 - node.share), best, most);
}

/// Leaves without tabs give their room to their neighbours.
std::unique_ptr<LayoutNode> without_empty(std::unique_ptr<LayoutNode> node) {
  if (node == nullptr) return nullptr;
  if (node->leaf()) return node->tabs.empty() ? nullptr : std::move(node);
  node->first = without_empty(std::move(node->first));
  node->second = without_empty(std::move(node->second));
  if (node->first == nullptr) return std::move(node->second);
  if (node->second == nullptr) return std::move(node->first);
  return node;
}

}  // namespace

const std::vector<NamedLayout>& named_layouts() {
  static const std::vector<NamedLayout> kLayouts = {
      {"Boot", "from the first instruction of the BIOS to the kernel",
       "(h 0.45 (v 0.58 [Screen|Serial] [Processor|Segments|Rings|Stack|Statistics]) (v 0.5 [Disassembly] "
       "[Source|Breakpoints|Watch|Log|Help]))"},
      {"Traps", "interrupts, exceptions and rings",
       "(h 0.5 (v 0.5 [Traps] (h 0.5 [Screen|Serial] [Rings])) (v 0.5 [Explained fault] (h 0.58 [Disassembly|Source] "
       "[Processor|Segments|Stack|Descriptors])))"},
      {"Memory", "paging, segmentation and what lies in memory",
       "(h 0.52 (v 0.52 [Page tables|TLB|Descriptors] [Memory|Stack]) (v 0.56 [Page walk|Selector check|Translation cache] (h 0.55 "
       "[Disassembly|Source|Screen] [Processor|Segments|Control])))"},
      {"Devices", "the chips of the board",
       "(h 0.5 (v 0.55 [PIC|PIT|PCI|DMA] [Screen|Serial|Log]) (v 0.5 [Keyboard controller|UART|RTC] (h 0.55 [IDE|VGA] [Processor|Statistics|Disassembly])))"},
  };
  return kLayouts;
}

std::unique_ptr<LayoutNode> parse_layout(const std::string& text, const std::vector<std::string>& panels) {
  return without_empty(Parser(text, panels).parse());
}

std::string layout_text(const LayoutNode& node) {
  if (!node.leaf())
    return std::string("(") + (node.side_by_side ? "h " : "v ") + std::to_string(node.share).substr(0, 5) + " " + layout_text(*node.first) + " " +
           layout_text(*node.second) + ")";
  std::string text = "[";
  for (const std::string& tab : node.tabs) text += (text.size() > 1 ? "|" : "") + std::string(tab == node.active ? "*" : "") + tab;
  return text + "]";
}

std::vector<LayoutNode*> leaves(LayoutNode& root) {
  std::vector<LayoutNode*> all;
  collect(root, all);
  return all;
}

LayoutNode* leaf_of(LayoutNode& root, const std::string& panel) {
  for (LayoutNode* leaf : leaves(root))
    if (std::find(leaf->tabs.begin(), leaf->tabs.end(), panel) != leaf->tabs.end()) return leaf;
  return nullptr;
}

LayoutNode& widest_leaf(LayoutNode& root) {
  LayoutNode* best = nullptr;
  float most = 0;
  widest(root, 1, best, most);
  return *best;
}

void remove_panel(std::unique_ptr<LayoutNode>& root, const std::string& panel) {
  LayoutNode* leaf = leaf_of(*root, panel);
  if (leaf == nullptr) return;
  if (leaf == root.get() && leaf->tabs.size() == 1) return;  // something must be left
  std::erase(leaf->tabs, panel);
  if (leaf->active == panel) leaf->active = leaf->tabs.empty() ? "" : leaf->tabs.front();
  root = without_empty(std::move(root));
}

}  // namespace ringside
