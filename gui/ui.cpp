#include "gui/ui.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <charconv>

#include "debugger/inspect/text.h"
#include "debugger/register_edit.h"

namespace ringside {
namespace {

ImU32 rgb(unsigned value) { return IM_COL32(value >> 16 & 255, value >> 8 & 255, value & 255, 255); }

/// The register that is being changed by hand. One at a time.
struct Editing {
  std::string name, value;
  bool begins = false;
};
Editing editing;

void change_register(Ui& ui, const std::string& name, const std::string& value) {
  ui.engine->post([name, value](Session& session) {
    edit_register(session.machine().cpu(), name, value);  // what it cannot be is said in a dialog
    session.edited();
  });
}

void draw_edit(Ui& ui) {
  if (editing.begins) ImGui::OpenPopup("edit");
  const bool begins = editing.begins;
  editing.begins = false;
  if (!ImGui::BeginPopup("edit")) return;
  ImGui::TextUnformatted(("New value of " + editing.name).c_str());
  if (begins) ImGui::SetKeyboardFocusHere();
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 18);
  const bool entered = ImGui::InputText("##value", &editing.value, ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  landmark(ui, "edit/value");
  if (entered) {
    change_register(ui, editing.name, editing.value);
    ImGui::CloseCurrentPopup();
  }
  ImGui::EndPopup();
}

bool asked_to_edit(Ui& ui, const std::string& name) {
  return !name.empty() && !ui.status.running && ImGui::IsMouseDoubleClicked(0);
}

/// Panels scroll sideways where tables are wide; sentences end at the window's edge all the same.
void push_wrap() { ImGui::PushTextWrapPos(ImGui::GetWindowContentRegionMax().x); }

void wrapped(const std::string& text, ImU32 colour) {
  push_wrap();
  ImGui::PushStyleColor(ImGuiCol_Text, colour);
  ImGui::TextUnformatted(text.c_str());
  ImGui::PopStyleColor();
  ImGui::PopTextWrapPos();
}

void draw_cell(Ui& ui, const Cell& cell, int id) {
  if (cell.changed) ImGui::TableSetBgColor(ImGuiTableBgTarget_CellBg, changed_colour(ui));
  ImGui::PushStyleColor(ImGuiCol_Text, tone_colour(ui, cell.link.kind != LinkKind::kNone && cell.tone == Tone::kPlain ? Tone::kAccent : cell.tone));
  ImGui::TextUnformatted(cell.text.c_str());
  ImGui::PopStyleColor();
  if (!cell.edit.empty()) landmark(ui, "edit/" + cell.edit);
  if (ImGui::IsItemHovered()) {
    if (asked_to_edit(ui, cell.edit)) editing = {cell.edit, cell.text, true};
    if (!cell.tip.empty()) draw_tip(cell.tip.c_str());
    if (cell.link.kind != LinkKind::kNone) {
      ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
      if (ImGui::IsItemClicked()) ui.follow(cell.link);
    }
  }
  (void)id;
}

void draw_row(Ui& ui, const Row& row, int number) {
  ImGui::TableNextRow();
  if (row.marked) ImGui::TableSetBgColor(ImGuiTableBgTarget_RowBg0, ImGui::GetColorU32(ImGuiCol_Header));
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    if (!ImGui::TableSetColumnIndex(static_cast<int>(i))) continue;
    const float indent = i == 0 ? static_cast<float>(row.depth) * ImGui::GetFontSize() : 0;
    if (indent > 0) ImGui::Indent(indent);
    draw_cell(ui, row.cells[i], number);
    if (indent > 0) ImGui::Unindent(indent);
  }
}

}  // namespace

void Ui::follow(const Link& link) {
  const auto address = static_cast<std::uint32_t>(link.value);
  switch (link.kind) {
    case LinkKind::kNone: break;
    case LinkKind::kCode:
      code_address = address;
      raise = "Disassembly";
      break;
    case LinkKind::kMemory:
    case LinkKind::kPhysical:
      memory_address = address;
      memory_physical = link.kind == LinkKind::kPhysical;
      ++memory_request;
      raise = "Memory";
      break;
    case LinkKind::kWalk:
      walk_address = address;
      ++walk_request;
      raise = "Page walk";
      break;
    case LinkKind::kTick: engine->travel({link.value, 0}); break;
    case LinkKind::kTrap:
      trap = link.value;
      raise = "Traps";
      break;
    case LinkKind::kSelector:
      selector = static_cast<std::uint16_t>(link.value);
      ++selector_request;
      raise = "Descriptors";
      break;
  }
}

void landmark(Ui& ui, const std::string& name) {
  const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
  ui.landmarks[name] = {low.x, low.y, high.x - low.x, high.y - low.y};
}

std::uint32_t tone_colour(const Ui& ui, Tone tone) {
  switch (tone) {
    case Tone::kPlain: return ui.dark ? rgb(0xE6E8EB) : rgb(0x1B1E23);
    case Tone::kDim: return ui.dark ? rgb(0x9AA2AD) : rgb(0x626A75);
    case Tone::kLabel: return ui.dark ? rgb(0xB9C4D6) : rgb(0x3A4658);
    case Tone::kGood: return ui.dark ? rgb(0x7FD99A) : rgb(0x14733A);
    case Tone::kWarning: return ui.dark ? rgb(0xF0C060) : rgb(0x8A5A00);
    case Tone::kBad: return ui.dark ? rgb(0xFF8A80) : rgb(0xB3261E);
    case Tone::kAccent: return ui.dark ? rgb(0x86BFFF) : rgb(0x0B57A8);
  }
  return rgb(0x808080);
}

std::uint32_t changed_colour(const Ui& ui) { return ui.dark ? IM_COL32(150, 90, 0, 130) : IM_COL32(255, 205, 90, 170); }

void flow(float width) {
  ImGui::SameLine();
  if (ImGui::GetContentRegionAvail().x < width) ImGui::NewLine();
}

// As wide as a check box, which is wider than a button.
void flow(const char* words) { flow(ImGui::CalcTextSize(words).x + ImGui::GetFrameHeight() + ImGui::GetStyle().ItemInnerSpacing.x); }

void draw_tip(const char* text) {
  ImGui::BeginTooltip();
  ImGui::PushTextWrapPos(ImGui::GetFontSize() * 32);
  ImGui::TextUnformatted(text);
  ImGui::PopTextWrapPos();
  ImGui::EndTooltip();
}

void draw_hint(const char* text) {
  ImGui::SameLine();
  ImGui::TextDisabled("(?)");
  if (ImGui::IsItemHovered()) draw_tip(text);
}

void draw_table(Ui& ui, const char* name, const Table& table) {
  std::size_t columns = table.columns.size();
  for (const Row& row : table.rows) columns = std::max(columns, row.cells.size());
  if (columns == 0) return;
  if (table.titled && !table.title.empty()) {
    ImGui::Spacing();
    wrapped(table.title, tone_colour(ui, Tone::kAccent));
  }
  ImGuiTableFlags flags = ImGuiTableFlags_SizingFixedFit | ImGuiTableFlags_NoHostExtendX | ImGuiTableFlags_NoKeepColumnsVisible;
  if (!table.columns.empty()) flags |= ImGuiTableFlags_BordersInnerH;
  if (!ImGui::BeginTable(name, static_cast<int>(columns), flags)) return;
  if (!table.columns.empty()) {
    for (const std::string& column : table.columns) ImGui::TableSetupColumn(column.c_str());
    ImGui::TableHeadersRow();
  }
  ImGuiListClipper clipper;
  clipper.Begin(static_cast<int>(table.rows.size()));
  while (clipper.Step())
    for (int i = clipper.DisplayStart; i < clipper.DisplayEnd; ++i) draw_row(ui, table.rows[static_cast<std::size_t>(i)], i);
  ImGui::EndTable();
}

namespace {

void edit_field(Ui& ui, const BitStrip& strip, const BitField& field) {
  if (field.high == field.low) {
    change_register(ui, strip.edit, format("%llX", static_cast<unsigned long long>(strip.raw ^ std::uint64_t{1} << field.low)));
  } else {
    editing = {strip.edit, format("%llX", static_cast<unsigned long long>(strip.raw)), true};
  }
}

}  // namespace

// One box a field: its name above, its value below; what is not zero stands out.
void draw_strip(Ui& ui, const BitStrip& strip) {
  const ImU32 label_colour = tone_colour(ui, Tone::kLabel), dim = tone_colour(ui, Tone::kDim);
  ImGui::PushStyleColor(ImGuiCol_Text, label_colour);
  ImGui::Text("%s", strip.title.c_str());
  ImGui::PopStyleColor();
  ImGui::SameLine();
  ImGui::Text("%0*llX", static_cast<int>((strip.width + 3) / 4), static_cast<unsigned long long>(strip.raw));
  ImDrawList& draw = *ImGui::GetWindowDrawList();
  const float line = ImGui::GetTextLineHeight();
  const float glyph = ImGui::CalcTextSize("0").x;
  const float right_edge = ImGui::GetWindowPos().x + ImGui::GetWindowContentRegionMax().x;
  float x = ImGui::GetCursorScreenPos().x;
  float y = ImGui::GetCursorScreenPos().y;
  const float left = x;
  const float height = line * 2 + 6;
  for (const BitField& field : strip.fields) {
    const bool single = field.high == field.low;
    const std::string value = single ? std::to_string(field.value) : format("%llX", static_cast<unsigned long long>(field.value));
    const std::string bits = single ? std::to_string(field.high) : format("%u:%u", field.high, field.low);
    const float width = std::max({ImGui::CalcTextSize(field.name.c_str()).x, ImGui::CalcTextSize(value.c_str()).x}) + glyph;
    if (x + width > right_edge && x > left) {
      x = left;
      y += height + 3;
    }
    const ImVec2 low(x, y), high(x + width, y + height);
    const bool set = field.value != 0;
    if (field.changed) draw.AddRectFilled(low, high, changed_colour(ui), 3);
    if (set && !field.changed) draw.AddRectFilled(low, high, ImGui::GetColorU32(ImGuiCol_FrameBg), 3);
    draw.AddRect(low, high, ImGui::GetColorU32(ImGuiCol_Border), 3);
    const auto centred = [&](const std::string& text, float at, ImU32 colour) {
      draw.AddText(ImVec2(x + (width - ImGui::CalcTextSize(text.c_str()).x) / 2, at), colour, text.c_str());
    };
    centred(field.name, y + 2, set ? tone_colour(ui, field.tone == Tone::kPlain ? Tone::kAccent : field.tone) : dim);
    centred(value, y + line + 3, set ? tone_colour(ui, Tone::kPlain) : dim);
    if (ImGui::IsMouseHoveringRect(low, high) && ImGui::IsWindowHovered()) {
      ImGui::BeginTooltip();
      ImGui::PushTextWrapPos(ImGui::GetFontSize() * 30);
      ImGui::Text("%s, %s %s", field.name.c_str(), single ? "bit" : "bits", bits.c_str());
      if (!field.meaning.empty()) ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(tone_colour(ui, Tone::kAccent)), "%s", field.meaning.c_str());
      ImGui::TextUnformatted(field.tip.c_str());
      if (!strip.edit.empty() && !ui.status.running) ImGui::TextDisabled(single ? "Double-click to turn it over." : "Double-click to change the register.");
      ImGui::PopTextWrapPos();
      ImGui::EndTooltip();
      if (asked_to_edit(ui, strip.edit)) edit_field(ui, strip, field);
    }
    if (!strip.edit.empty()) ui.landmarks["edit/" + strip.edit + "." + field.name] = {low.x, low.y, width, height};
    x += width + 2;
  }
  ImGui::SetCursorScreenPos(ImVec2(left, y + height + 4));
  ImGui::Dummy(ImVec2(1, 1));
  std::string words;
  for (const BitField& field : strip.fields)
    if (!field.meaning.empty()) words += (words.empty() ? "" : "; ") + field.meaning;
  if (!words.empty()) wrapped(words, dim);
}

void draw_document(Ui& ui, const char* name, const Document& document) {
  ImGui::PushID(name);
  int number = 0;
  for (const DocumentPart& part : document.parts) {
    ImGui::PushID(number++);
    if (const auto* heading = std::get_if<Heading>(&part)) {
      ImGui::Spacing();
      wrapped(heading->text, tone_colour(ui, Tone::kAccent));
      ImGui::Separator();
    } else if (const auto* paragraph = std::get_if<Paragraph>(&part)) {
      wrapped(paragraph->text, tone_colour(ui, paragraph->tone));
    } else if (const auto* table = std::get_if<Table>(&part)) {
      draw_table(ui, "table", *table);
    } else if (const auto* strip = std::get_if<BitStrip>(&part)) {
      draw_strip(ui, *strip);
    }
    ImGui::PopID();
  }
  if (editing.begins || !editing.name.empty()) draw_edit(ui);
  ImGui::PopID();
}

bool address_field(Ui& ui, const char* label, std::string& text, std::uint32_t& address) {
  ImGui::SetNextItemWidth(ImGui::GetFontSize() * 6.5f);
  const bool entered = ImGui::InputText(label, &text, ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  landmark(ui, std::string("field/") + label);
  if (!entered) return false;
  std::string digits = text;
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
  if (!digits.empty() && (digits.back() == 'h' || digits.back() == 'H')) digits.pop_back();
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  address = value;
  return true;
}

void DocumentProbe::take(std::shared_ptr<const Document> answer, const std::string& key) {
  const Engine::Answer& a = probe_.answer();
  if (answer == nullptr || a.number == number_) return;
  number_ = a.number;
  const bool same_question = key == key_;
  if (a.stop != stop_ || !same_question) {
    // At a new stop the one before becomes what is compared with.
    before_ = same_question ? std::move(shown_) : Document{};
    stop_ = a.stop;
    key_ = key;
  }
  shown_ = *answer;
  if (!a.running) mark_changes(shown_, before_);
}

}  // namespace ringside
