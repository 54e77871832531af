// A socket at which gdb connects, the client that has come, and the stub that it talks to: what a headless run and a window
// share. Nothing in here waits, but for a client that does not read.
#pragma once

#include <string>

#include "debugger/gdb_listener.h"
#include "debugger/gdb_stub.h"

namespace ringside {

class GdbConnection {
 public:
  /// Listens. Throws ConfigError.
  GdbConnection(Debugger& debugger, const std::string& where, const std::string& refusal_of_edits);

  const std::string& address() const { return listener_.address(); }
  GdbStub& stub() { return stub_; }
  const GdbStub& stub() const { return stub_; }
  bool open() const { return client_.open(); }
  /// Somebody has spoken gdb's protocol, at some time.
  bool greeted() const { return ever_greeted_; }

  /// One at a time; another one is told so by the end of its connection. True where one has come.
  bool take_client();
  /// Reads what is there, and answers it. False: nothing was, or the client has gone.
  bool read();
  /// Sends what the stub has to say.
  void send();
  /// For Debugger::set_poll, while the machine moves for the client.
  bool wants_break();

  int listener_fd() const { return listener_.fd(); }
  int client_fd() const { return client_.fd(); }

 private:
  void part();

  GdbListener listener_;
  GdbStub stub_;
  Socket client_;
  bool greeted_ = false;  ///< the client's first byte was one of the protocol
  bool ever_greeted_ = false;
};

}  // namespace ringside
