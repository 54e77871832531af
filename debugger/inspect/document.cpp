#include "debugger/inspect/document.h"

#include <map>

#include "debugger/inspect/text.h"

namespace ringside {
namespace {

struct TextWriter {
  std::string& out;

  void operator()(const Heading& heading) const { out += "== " + heading.text + "\n"; }
  void operator()(const Paragraph& paragraph) const { out += paragraph.text + "\n"; }
  void operator()(const Table& table) const {
    if (!table.title.empty()) out += "-- " + table.title + "\n";
    line(table.columns, [](const std::string& text) { return text; });
    for (const Row& row : table.rows) {
      out.append(row.depth * std::size_t{2}, ' ');
      if (row.marked) out += "> ";
      line(row.cells, [](const Cell& cell) { return cell.text; });
    }
  }
  void operator()(const BitStrip& strip) const {
    out += strip.title + " = " + format("%0*llX", static_cast<int>((strip.width + 3) / 4), static_cast<unsigned long long>(strip.raw)) + "\n";
    for (const BitField& field : strip.fields) {
      out += "  " + field.name + format(" = %llX", static_cast<unsigned long long>(field.value));
      out += (field.meaning.empty() ? "" : ": " + field.meaning) + "\n";
    }
  }

  template <typename Items, typename TextOf>
  void line(const Items& items, TextOf&& text_of) const {
    if (items.empty()) return;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out += "  ";
      out += text_of(item);
      first = false;
    }
    out += "\n";
  }
};

void mark_table(Table& now, const Table& before) {
  std::map<std::string, const Row*> rows;
  for (const Row& row : before.rows)
    if (!row.cells.empty()) rows.emplace(row.cells[0].text, &row);
  for (Row& row : now.rows) {
    if (row.cells.empty()) continue;
    const auto found = rows.find(row.cells[0].text);
    if (found == rows.end()) continue;
    const Row& old = *found->second;
    for (std::size_t i = 1; i < row.cells.size() && i < old.cells.size(); ++i)
      row.cells[i].changed = row.cells[i].text != old.cells[i].text;
  }
}

void mark_strip(BitStrip& now, const BitStrip& before) {
  for (std::size_t i = 0; i < now.fields.size() && i < before.fields.size(); ++i)
    now.fields[i].changed = now.fields[i].name == before.fields[i].name && now.fields[i].value != before.fields[i].value;
}

}  // namespace

Table& Document::table(std::string title, std::vector<std::string> columns) {
  parts.emplace_back(Table{std::move(title), std::move(columns), {}});
  return std::get<Table>(parts.back());
}

Table& Document::untitled(std::string name, std::vector<std::string> columns) {
  Table& added = table(std::move(name), std::move(columns));
  added.titled = false;
  return added;
}

void Document::append(Document other) {
  for (DocumentPart& part : other.parts) parts.push_back(std::move(part));
}

std::string Document::text() const {
  std::string out;
  for (const DocumentPart& part : parts) std::visit(TextWriter{out}, part);
  return out;
}

void mark_changes(Document& now, const Document& before) {
  std::map<std::string, const Table*> tables;
  std::map<std::string, const BitStrip*> strips;
  for (const DocumentPart& part : before.parts) {
    if (const auto* table = std::get_if<Table>(&part)) tables.emplace(table->title, table);
    if (const auto* strip = std::get_if<BitStrip>(&part)) strips.emplace(strip->title, strip);
  }
  for (DocumentPart& part : now.parts) {
    if (auto* table = std::get_if<Table>(&part)) {
      if (const auto found = tables.find(table->title); found != tables.end()) mark_table(*table, *found->second);
    } else if (auto* strip = std::get_if<BitStrip>(&part)) {
      if (const auto found = strips.find(strip->title); found != strips.end()) mark_strip(*strip, *found->second);
    }
  }
}

}  // namespace ringside
