// What a panel shows, as a value: headings, sentences, tables, registers drawn bit by bit. The window draws it,
// tests read it, and nothing in it refers to the machine any more.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ringside {

enum class Tone : std::uint8_t { kPlain, kDim, kLabel, kGood, kWarning, kBad, kAccent };

/// Where a click on a cell leads.
enum class LinkKind : std::uint8_t {
  kNone,
  kCode,      ///< disassembly at a linear address
  kMemory,    ///< memory at a linear address
  kPhysical,  ///< memory at a physical address
  kWalk,      ///< page walk of a linear address
  kTick,      ///< travel to a tick
  kTrap,      ///< select the trap of that number
  kSelector,  ///< the selector's descriptor
};

struct Link {
  LinkKind kind = LinkKind::kNone;
  std::uint64_t value = 0;
};

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
  std::string tip;       ///< what it means, for whoever asks
  Link link;
  bool changed = false;  ///< differs from the last stop (see mark_changes)
  std::string edit = {}; ///< the register that a double-click changes (see edit_register)
};

inline Cell plain(std::string text, std::string tip = "", Link link = {}) { return {std::move(text), Tone::kPlain, std::move(tip), link, false}; }
inline Cell label(std::string text, std::string tip = "") { return {std::move(text), Tone::kLabel, std::move(tip), {}, false}; }
inline Cell dim(std::string text, std::string tip = "") { return {std::move(text), Tone::kDim, std::move(tip), {}, false}; }
inline Cell toned(std::string text, Tone tone, std::string tip = "") { return {std::move(text), tone, std::move(tip), {}, false}; }

struct Row {
  std::vector<Cell> cells;
  unsigned depth = 0;   ///< indentation in a tree
  bool marked = false;  ///< the present one
};

struct Table {
  std::string title;
  std::vector<std::string> columns;  ///< empty: no heading line
  std::vector<Row> rows;
  bool titled = true;                ///< false: the title is only its name for mark_changes
  void add(std::vector<Cell> cells, unsigned depth = 0) { rows.push_back({std::move(cells), depth, false}); }
};

/// One field of a register or table entry.
struct BitField {
  std::string name;
  unsigned high = 0, low = 0;
  std::uint64_t value = 0;
  std::string meaning;  ///< of this value, in words
  std::string tip;      ///< of the field
  Tone tone = Tone::kPlain;
  bool changed = false;
};

/// A register, descriptor, entry or error code, drawn bit by bit. Fields go from the highest bit down.
struct BitStrip {
  std::string title;
  unsigned width = 32;
  std::uint64_t raw = 0;
  std::vector<BitField> fields;
  std::string edit = {};  ///< the register that a double-click on a bit changes
};

struct Heading {
  std::string text;
};

struct Paragraph {
  std::string text;
  Tone tone = Tone::kPlain;
};

using DocumentPart = std::variant<Heading, Paragraph, Table, BitStrip>;

struct Document {
  std::vector<DocumentPart> parts;

  void heading(std::string text) { parts.emplace_back(Heading{std::move(text)}); }
  void say(std::string text, Tone tone = Tone::kPlain) { parts.emplace_back(Paragraph{std::move(text), tone}); }
  void strip(BitStrip bits) { parts.emplace_back(std::move(bits)); }
  /// The reference is good until the next part is added.
  Table& table(std::string title, std::vector<std::string> columns = {});
  Table& untitled(std::string name, std::vector<std::string> columns = {});
  void append(Document other);

  /// All of it as plain text, a line a row: what tests and the clipboard get.
  std::string text() const;
};

/// Marks cells and fields whose text is not what the same place said in `before`. Rows are known by their first
/// cell, tables and strips by their titles.
void mark_changes(Document& now, const Document& before);

}  // namespace ringside
