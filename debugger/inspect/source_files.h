// Source files on the host, as symbols name them.
#pragma once

#include <string>
#include <vector>

#include "debugger/inspect/naming.h"

namespace ringside {

struct SourceFile {
  std::string path;   ///< where it was found; empty: nowhere
  std::string shown;  ///< its name below the root that it was found in
  std::vector<std::string> lines;
};

/// Looked for by its own name, and by the tails of its name below each root. Read once; one thread only.
const SourceFile& source_file(const std::string& name, const std::vector<std::string>& roots);
/// One line of it without its indentation; empty where there is none.
std::string source_line(const SourcePlace& place, const std::vector<std::string>& roots);

}  // namespace ringside
