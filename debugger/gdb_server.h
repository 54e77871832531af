// gdb at a running machine: takes a client, moves the machine as it asks, and lets the machine run on when it has gone.
//
// The machine's owner calls run() instead of Machine::run(). Before the first client has come, and while one holds the
// machine, run() comes back every few hundredths of a second of host time with kRequested, so that the owner can look
// at its own limits.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "debugger/debugger.h"
#include "debugger/gdb_connection.h"
#include "machine/time_travel.h"

namespace ringside {

class GdbServer {
 public:
  /// Listens. Throws ConfigError. Takes the debugger's poll function.
  GdbServer(Debugger& debugger, const std::string& where, const std::string& refusal_of_edits);
  ~GdbServer();
  GdbServer(const GdbServer&) = delete;
  GdbServer& operator=(const GdbServer&) = delete;

  const std::string& address() const { return connection_.address(); }
  /// Machine::run. Nothing else may move the machine while holds() is true.
  StopReason run(Tick limit);
  /// A client has the machine in its hand: it stands, or stands in the past, or nobody has come yet.
  bool holds() const { return !connection_.greeted() || (attached() && (!stub().moving() || in_past())); }
  bool killed() const { return killed_; }
  bool attached() const { return connection_.open(); }
  /// The run has ended: says so to the client.
  void exited(int code);

 private:
  bool in_past() const { return debugger_.time() != nullptr && debugger_.time()->in_past(); }
  Tick past_limit() const;
  GdbStub& stub() { return connection_.stub(); }
  const GdbStub& stub() const { return connection_.stub(); }

  Debugger& debugger_;
  GdbConnection connection_;
  bool killed_ = false;
};

/// A headless machine with all that gdb needs: history, a debugger with the kernel's symbols, a server.
class GdbRun {
 public:
  struct Options {
    std::string where;
    std::size_t history = std::size_t{512} << 20;  ///< 0: none
    std::string refusal_of_edits;                  ///< why a client may not change registers and memory; empty: it may
    Course* course = nullptr;                      ///< of a replay
  };
  /// Throws ConfigError.
  GdbRun(Machine& machine, const Options& options);

  StopReason run(Tick limit) { return server_->run(limit); }
  bool holds() const { return server_->holds(); }
  bool killed() const { return server_->killed(); }
  bool attached() const { return server_->attached(); }
  bool in_past() const { return time_ != nullptr && time_->in_past(); }
  void exited(int code) { server_->exited(code); }
  /// For listeners during the run: run() comes back at this tick.
  void pause() { debugger_->pause(); }
  const std::string& address() const { return server_->address(); }

 private:
  std::unique_ptr<TimeTravel> time_;
  std::unique_ptr<Debugger> debugger_;
  std::unique_ptr<GdbServer> server_;
};

}  // namespace ringside
