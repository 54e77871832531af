#include "debugger/gdb_shared.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

#include "machine/errors.h"

namespace ringside {
namespace {

constexpr int kLongWait = 1000;  // milliseconds; a wait that is over too early costs nothing

}  // namespace

SharedGdb::SharedGdb(Debugger& debugger, const std::string& where)
    : debugger_(&debugger), connection_(debugger, where, ""), wakeup_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (!wakeup_.open()) throw ConfigError("--gdb " + where + ": the host has no descriptor left");
  listen_to_breaks();
}

SharedGdb::~SharedGdb() { release(); }

// While the machine runs for the window, the client's packets wait for the next slice's end. A client that vanishes ends
// what is done for it alone, but not a run, which is the window's too.
void SharedGdb::listen_to_breaks() {
  debugger_->set_poll([this] {
    if (!stub().moving() && !stub().busy()) return false;
    const bool wanted = connection_.wants_break();
    return connection_.open() ? wanted : !stub().continuing();
  });
}

SharedGdb::Wish SharedGdb::serve(const std::string& refusal_of_edits) {
  Wish wish;
  stub().set_refusal_of_edits(refusal_of_edits);
  wish.stand = connection_.take_client();
  while (connection_.read()) {
  }
  if (!connection_.open() && stub().client() != GdbStub::Client::kNone) {
    // Detached, it leaves a machine that runs on, as everywhere; one that has just vanished changes nothing.
    wish.run = stub().client() == GdbStub::Client::kDetached;
    wish.stand = stub().client() == GdbStub::Client::kKilled;
    stub().leave();
  } else if (stub().continuing()) {
    wish.stand = stub().break_asked();
    wish.run = !told_;
  } else {
    wish.move = stub().moving();
  }
  told_ = stub().continuing();
  wish.changed = stub().take_changed();
  return wish;
}

Stop SharedGdb::move() {
  const Stop stop = stub().move(kNever);
  connection_.send();
  return stop;
}

void SharedGdb::stopped(const Stop& stop) {
  told_ = false;
  stub().stopped(stop);
  connection_.send();
}

void SharedGdb::release() {
  if (debugger_ == nullptr) return;
  debugger_->set_poll({});
  stub().release();
  debugger_ = nullptr;
}

void SharedGdb::take(Debugger& debugger) {
  debugger_ = &debugger;
  stub().take(debugger);
  listen_to_breaks();
}

void SharedGdb::wait() {
  wait_readable(std::array{connection_.listener_fd(), connection_.client_fd(), wakeup_.fd()}, kLongWait);
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wakeup_.fd(), &count, sizeof(count));
}

void SharedGdb::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(wakeup_.fd(), &one, sizeof(one));
}

}  // namespace ringside
