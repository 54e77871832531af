// The debugger's window. It does not exist yet; the command line says so.
#pragma once

namespace ringside {

constexpr const char* kNoWindowYet = "the debugger window comes later; use `ringside run`";

}  // namespace ringside
