// gdb beside a window: both move the same machine, and each sees where the other has brought it. The window's machine
// thread owns this and does what the client wishes; whoever may come, nobody waits for gdb.
//
// A client that comes finds the machine standing. It waits for a stop after `continue`; whatever stops the machine then -
// its own points, the window's, Pause, a step in the window - is told to it. While it does not wait, the window moves the
// machine without it: the protocol has no word for that, and gdb shows what it has read before.
#pragma once

#include <string>

#include "debugger/gdb_connection.h"

namespace ringside {

class SharedGdb {
 public:
  /// Listens. Throws ConfigError, and takes the debugger's poll function.
  SharedGdb(Debugger& debugger, const std::string& where);
  ~SharedGdb();
  SharedGdb(const SharedGdb&) = delete;
  SharedGdb& operator=(const SharedGdb&) = delete;

  const std::string& address() const { return connection_.address(); }
  bool attached() const { return connection_.open(); }

  /// What the machine is to do for the client.
  struct Wish {
    bool stand = false;    ///< stop, where it runs
    bool run = false;      ///< run on, until anything stops it
    bool move = false;     ///< what move() does
    bool changed = false;  ///< something was changed, or moved, by the client already
  };
  /// Between two slices of running: takes clients, reads and answers. `refusal_of_edits` as GdbStub has it.
  Wish serve(const std::string& refusal_of_edits);
  /// A step, or a search backwards, as a whole.
  Stop move();
  /// The client waits for a machine that runs.
  bool waits() const { return stub().continuing(); }
  /// It has stopped. Only where waits() is true.
  void stopped(const Stop& stop);

  /// Another machine takes the place of this one: before, and after.
  void release();
  void take(Debugger& debugger);

  /// Until a client says something, or wake().
  void wait();
  /// From any thread.
  void wake();

 private:
  GdbStub& stub() { return connection_.stub(); }
  const GdbStub& stub() const { return connection_.stub(); }
  void listen_to_breaks();

  Debugger* debugger_;
  GdbConnection connection_;
  Socket wakeup_;      ///< an eventfd
  bool told_ = false;  ///< the owner knows that the client waits
};

}  // namespace ringside
