// Breakpoints and watched expressions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "debugger/inspect/session.h"

namespace ringside {

struct PointRow {
  int id = 0;
  bool enabled = true;
  bool last_hit = false;  ///< the machine stopped at it just now
  std::uint64_t hits = 0;
  std::string what, condition;
  std::uint32_t linear = 0;
  bool has_place = false;
};
std::vector<PointRow> point_rows(const Session& session);
std::string points_text(const std::vector<PointRow>& rows);

struct WatchRow {
  std::string expression;
  std::optional<std::uint64_t> value;
  std::string error;      ///< why there is no value
};
/// Each expression on its own; nothing is thrown.
std::vector<WatchRow> evaluate_watches(const Session& session, const std::vector<std::string>& expressions);

struct SourceView {
  std::string file;       ///< as the symbols name it
  std::string path;       ///< where it was found, or empty
  unsigned line = 0;      ///< of the present instruction
  std::vector<std::string> lines;
  std::string why_not;    ///< where there is nothing to show
};
/// The source of the present instruction. Files are looked for by their own path and below `roots`.
SourceView view_source(const Session& session, const std::vector<std::string>& roots);

}  // namespace ringside
