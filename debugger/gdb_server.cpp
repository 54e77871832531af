#include "debugger/gdb_server.h"

#include <algorithm>
#include <array>

#include "machine/errors.h"

namespace ringside {
namespace {

constexpr int kIdleMilliseconds = 50;
constexpr Tick kPastSlice = 10'000'000;

}  // namespace

GdbServer::GdbServer(Debugger& debugger, const std::string& where, const std::string& refusal_of_edits)
    : debugger_(debugger), connection_(debugger, where, refusal_of_edits) {
  debugger_.set_poll([this] { return connection_.wants_break(); });
}

GdbServer::~GdbServer() { debugger_.set_poll({}); }

StopReason GdbServer::run(Tick limit) {
  connection_.take_client();
  while (connection_.read()) {
  }
  if (attached() && stub().moving()) {
    stub().move(in_past() ? std::max(limit, past_limit()) : limit);
    connection_.send();
    if (attached()) return stub().moving() ? StopReason::kLimit : StopReason::kRequested;
  }
  killed_ = stub().client() == GdbStub::Client::kKilled;
  if (killed_) return StopReason::kRequested;
  if (!attached()) stub().leave();
  if (!connection_.greeted() || attached()) {
    wait_readable(std::array{connection_.listener_fd(), connection_.client_fd()}, kIdleMilliseconds);
    return StopReason::kRequested;
  }
  return debugger_.time() != nullptr ? debugger_.time()->run(limit) : debugger_.machine().run(limit);
}

// The owner's limits are those of its own course, which ends where the past ends.
Tick GdbServer::past_limit() const { return std::min(debugger_.machine().now() + kPastSlice, debugger_.time()->end().tick + 1); }

void GdbServer::exited(int code) {
  if (!attached()) return;
  stub().exited(code);
  connection_.send();
}

// ===== GdbRun ===========================================================================================

GdbRun::GdbRun(Machine& machine, const Options& options) {
  HistoryOptions history;
  history.budget = options.history;
  try {
    if (options.history != 0) time_ = std::make_unique<TimeTravel>(machine, history);
  } catch (const ConfigError&) {
    // What a disk in mode rw was given cannot be taken back; then there is no way back for gdb either.
  }
  debugger_ = std::make_unique<Debugger>(machine, time_.get());
  debugger_->set_course(options.course);
  try {
    if (!machine.config().kernel.empty()) debugger_->load_symbols(machine.config().kernel);
  } catch (const FileError&) {
    // A kernel without names: gdb may have them from elsewhere.
  }
  server_ = std::make_unique<GdbServer>(*debugger_, options.where, options.refusal_of_edits);
}

}  // namespace ringside
