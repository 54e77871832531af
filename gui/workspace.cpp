#include "gui/workspace.h"

#include <imgui.h>

#include <algorithm>

namespace ringside {
namespace {

constexpr float kDivider = 5;
constexpr const char* kMine = "Mine";

}  // namespace

Workspace::Workspace() {
  for (const PanelInfo& info : all_panels()) {
    panels_[info.name] = info.make();
    infos_[info.name] = &info;
  }
  choose("Boot");
}

void Workspace::choose(const std::string& name) {
  std::unique_ptr<LayoutNode> root;
  if (name == kMine) root = parse_layout(mine_, panel_names());
  for (const NamedLayout& layout : named_layouts())
    if (name == layout.name) root = parse_layout(layout.text, panel_names());
  if (root == nullptr) return;
  root_ = std::move(root);
  chosen_ = name;
  bring_actives_ = true;
}

void Workspace::set_mine(const std::string& text) {
  if (parse_layout(text, panel_names()) != nullptr) mine_ = text;
}

bool Workspace::changed() { return std::exchange(changed_, false); }

// Whatever the user moves becomes their own layout; ours stay as they are.
void Workspace::touched() {
  mine_ = layout_text(*root_);
  if (chosen_ != kMine) bring_actives_ = true;
  chosen_ = kMine;
  changed_ = true;
}

void Workspace::show(const std::string& panel) {
  if (panels_.count(panel) == 0) return;
  LayoutNode* leaf = leaf_of(*root_, panel);
  if (leaf == nullptr) {
    leaf = &widest_leaf(*root_);
    leaf->tabs.push_back(panel);
  }
  to_front_ = panel;
}

void Workspace::close(const std::string& panel) { to_close_ = panel; }

bool Workspace::is_open(const std::string& panel) const { return leaf_of(*root_, panel) != nullptr; }

const Panel* Workspace::panel(const std::string& name) const {
  const auto found = panels_.find(name);
  return found == panels_.end() ? nullptr : found->second.get();
}

void Workspace::draw(Ui& ui, Rectangle area) {
  if (!ui.raise.empty()) {
    show(ui.raise);
    ui.raise.clear();
  }
  ids_ = 0;
  const bool bring = bring_actives_;
  draw_node(ui, *root_, area, 0);
  to_front_.clear();
  if (bring) bring_actives_ = false;
  if (!to_close_.empty()) {
    remove_panel(root_, to_close_);
    touched();
    to_close_.clear();
  }
  if (!to_move_.first.empty()) {
    remove_panel(root_, to_move_.first);
    if (LayoutNode* leaf = leaf_of(*root_, to_move_.second)) {
      leaf->tabs.push_back(to_move_.first);
      leaf->active = to_move_.first;
    }
    to_front_ = to_move_.first;
    to_move_ = {};
    touched();
  }
  if (!to_split_.first.empty()) {
    LayoutNode* leaf = leaf_of(*root_, to_split_.first);
    if (leaf != nullptr && leaf->tabs.size() > 1) {
      auto stays = std::make_unique<LayoutNode>();
      stays->tabs = leaf->tabs;
      std::erase(stays->tabs, to_split_.first);
      stays->active = stays->tabs.front();
      auto moved = std::make_unique<LayoutNode>();
      moved->tabs = {to_split_.first};
      moved->active = to_split_.first;
      leaf->tabs.clear();
      leaf->first = std::move(stays);
      leaf->second = std::move(moved);
      leaf->side_by_side = to_split_.second;
      leaf->share = 0.5f;
      touched();
    }
    to_split_ = {};
  }
}

void Workspace::draw_alone(Ui& ui, const std::string& panel, Rectangle area) {
  ImGui::SetNextWindowPos(ImVec2(area.x, area.y));
  ImGui::SetNextWindowSize(ImVec2(area.width, area.height));
  ImGui::Begin("##alone", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
  panels_.at(panel)->draw(ui);
  ImGui::End();
}

void Workspace::draw_node(Ui& ui, LayoutNode& node, Rectangle area, int depth) {
  if (node.leaf()) {
    draw_leaf(ui, node, area);
    return;
  }
  Rectangle first = area, second = area, divider = area;
  if (node.side_by_side) {
    first.width = (area.width - kDivider) * node.share;
    divider.x = area.x + first.width;
    divider.width = kDivider;
    second.x = divider.x + kDivider;
    second.width = area.width - first.width - kDivider;
  } else {
    first.height = (area.height - kDivider) * node.share;
    divider.y = area.y + first.height;
    divider.height = kDivider;
    second.y = divider.y + kDivider;
    second.height = area.height - first.height - kDivider;
  }
  draw_node(ui, *node.first, first, depth + 1);
  draw_node(ui, *node.second, second, depth + 1);
  draw_divider(node, area, divider);
}

void Workspace::draw_divider(LayoutNode& node, Rectangle area, Rectangle divider) {
  ImGui::SetNextWindowPos(ImVec2(divider.x, divider.y));
  ImGui::SetNextWindowSize(ImVec2(std::max(divider.width, 1.0f), std::max(divider.height, 1.0f)));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowMinSize, ImVec2(1, 1));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  const std::string name = "##divider" + std::to_string(ids_++);
  ImGui::Begin(name.c_str(), nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus);
  ImGui::InvisibleButton("drag", ImVec2(divider.width, divider.height));
  if (ImGui::IsItemHovered() || ImGui::IsItemActive())
    ImGui::SetMouseCursor(node.side_by_side ? ImGuiMouseCursor_ResizeEW : ImGuiMouseCursor_ResizeNS);
  if (ImGui::IsItemActive() && ImGui::IsMouseDragging(0, 1)) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float share = node.side_by_side ? (mouse.x - area.x) / area.width : (mouse.y - area.y) / area.height;
    node.share = std::clamp(share, 0.08f, 0.92f);
    touched();
  }
  ImGui::End();
  ImGui::PopStyleVar(3);
}

void Workspace::draw_leaf(Ui& ui, LayoutNode& leaf, Rectangle area) {
  ImGui::SetNextWindowPos(ImVec2(area.x, area.y));
  ImGui::SetNextWindowSize(ImVec2(area.width, area.height));
  const std::string name = "##leaf" + std::to_string(ids_++);
  ImGui::Begin(name.c_str(), nullptr,
               ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoCollapse |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollbar |
                   ImGuiWindowFlags_NoScrollWithMouse);
  if (ImGui::BeginTabBar(("tabs" + chosen_).c_str(), ImGuiTabBarFlags_FittingPolicyScroll | ImGuiTabBarFlags_TabListPopupButton)) {
    const std::vector<std::string> tabs = leaf.tabs;
    for (const std::string& tab : tabs) {
      const PanelInfo& info = *infos_.at(tab);
      const bool front = to_front_ == tab || (bring_actives_ && to_front_.empty() && leaf.active == tab);
      const bool selected = ImGui::BeginTabItem(tab.c_str(), nullptr, front ? ImGuiTabItemFlags_SetSelected : 0);
      landmark(ui, "tab/" + tab);
      if (ImGui::IsItemHovered()) draw_tip(info.help);
      if (ImGui::BeginPopupContextItem()) {
        draw_tab_menu(ui, leaf, tab);
        ImGui::EndPopup();
      }
      if (!selected) continue;
      leaf.active = tab;
      ImGui::BeginChild("panel", ImVec2(0, 0), false, ImGuiWindowFlags_HorizontalScrollbar);
      const ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
      ui.landmarks["panel/" + tab] = {at.x, at.y, size.x, size.y};
      panels_.at(tab)->draw(ui);
      ImGui::EndChild();
      ImGui::EndTabItem();
    }
    ImGui::EndTabBar();
  }
  ImGui::End();
}

void Workspace::draw_tab_menu(Ui& ui, LayoutNode& leaf, const std::string& name) {
  const auto item = [&](const char* words) {
    const bool chosen = ImGui::MenuItem(words);
    landmark(ui, std::string("tab-menu/") + words);
    return chosen;
  };
  if (item("Close")) to_close_ = name;
  if (item("Copy as text")) ImGui::SetClipboardText(panels_.at(name)->text().c_str());
  if (leaf.tabs.size() > 1) {
    if (item("Split off to the right")) to_split_ = {name, true};
    if (item("Split off below")) to_split_ = {name, false};
  }
  if (!ImGui::BeginMenu("Move beside")) return;
  for (LayoutNode* other : leaves(*root_))
    if (other != &leaf && !other->active.empty() && ImGui::MenuItem(other->active.c_str())) to_move_ = {name, other->active};
  ImGui::EndMenu();
}

}  // namespace ringside
