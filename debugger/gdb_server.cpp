#include "debugger/gdb_server.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "machine/errors.h"

namespace ringside {
namespace {

constexpr int kIdleMilliseconds = 50;
constexpr Tick kPastSlice = 10'000'000;
/// A client that reads nothing for so long is given up.
constexpr int kSendMilliseconds = 10'000;

// Without a client's first byte being one of these it is something else that has found the port: a browser, say.
bool of_protocol(std::uint8_t byte) { return byte == '+' || byte == '-' || byte == '$' || byte == 3; }

}  // namespace

GdbServer::GdbServer(Debugger& debugger, const std::string& where, const std::string& refusal_of_edits)
    : debugger_(debugger), listener_(where), stub_(debugger, refusal_of_edits) {
  debugger_.set_poll([this] { return client_wants_break(); });
}

GdbServer::~GdbServer() { debugger_.set_poll({}); }

StopReason GdbServer::run(Tick limit) {
  take_clients();
  if (!client_.open()) stub_.leave();
  while (client_.open() && read_client()) {
  }
  if (killed_) return StopReason::kRequested;
  if (client_.open() && stub_.moving()) {
    stub_.move(in_past() ? std::max(limit, past_limit()) : limit);
    send_output();
    if (!client_.open()) stub_.leave();
    return client_.open() && !stub_.moving() ? StopReason::kRequested : StopReason::kLimit;
  }
  if (waits_for_first_ || client_.open()) {
    wait_readable(std::array{listener_.fd(), client_.fd()}, kIdleMilliseconds);
    return StopReason::kRequested;
  }
  return debugger_.time() != nullptr ? debugger_.time()->run(limit) : debugger_.machine().run(limit);
}

// The owner's limits are those of its own course, which ends where the past ends.
Tick GdbServer::past_limit() const { return std::min(debugger_.machine().now() + kPastSlice, debugger_.time()->end().tick + 1); }

// One at a time; another one is told so by the end of its connection.
void GdbServer::take_clients() {
  Socket socket = listener_.accept();
  if (!socket.open() || client_.open()) return;
  client_ = std::move(socket);
  greeted_ = false;
  stub_.attach();
}

bool GdbServer::read_client() {
  std::array<std::uint8_t, 4096> bytes;
  const ssize_t got = ::recv(client_.fd(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
  if (got <= 0) {
    part();
    return false;
  }
  if (!greeted_ && !of_protocol(bytes[0])) {
    part();
    return false;
  }
  greeted_ = true;
  waits_for_first_ = false;
  stub_.receive(std::span(bytes.data(), static_cast<std::size_t>(got)));
  send_output();
  return true;
}

void GdbServer::send_output() {
  const std::string output = stub_.take_output();
  for (std::size_t sent = 0; sent < output.size() && client_.open();) {
    const ssize_t now = ::send(client_.fd(), output.data() + sent, output.size() - sent, MSG_NOSIGNAL);
    if (now > 0) {
      sent += static_cast<std::size_t>(now);
      continue;
    }
    pollfd writable{.fd = client_.fd(), .events = POLLOUT, .revents = 0};
    const bool full = now < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
    if (!full || ::poll(&writable, 1, kSendMilliseconds) == 0) return part();
  }
  if (stub_.client() == GdbStub::Client::kKilled) killed_ = true;
  if (stub_.client() != GdbStub::Client::kAttached) part();
}

// In the middle of its wish the stub forgets it later: see run().
void GdbServer::part() {
  client_.close();
  if (!stub_.moving() && !stub_.busy()) stub_.leave();
}

// Asked while the machine moves for the client.
bool GdbServer::client_wants_break() {
  if (!client_.open()) return stub_.moving() || stub_.busy();
  while (client_.open() && read_client()) {
  }
  return !client_.open() || stub_.break_asked();
}

void GdbServer::exited(int code) {
  if (!client_.open()) return;
  stub_.exited(code);
  send_output();
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
