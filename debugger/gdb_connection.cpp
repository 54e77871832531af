#include "debugger/gdb_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace ringside {
namespace {

/// A client that reads nothing for so long is given up.
constexpr int kSendMilliseconds = 10'000;

// Without a client's first byte being one of these it is something else that has found the port: a browser, say.
bool of_protocol(std::uint8_t byte) { return byte == '+' || byte == '-' || byte == '$' || byte == 3; }

}  // namespace

GdbConnection::GdbConnection(Debugger& debugger, const std::string& where, const std::string& refusal_of_edits)
    : listener_(where), stub_(debugger, refusal_of_edits) {}

bool GdbConnection::take_client() {
  Socket socket = listener_.accept();
  if (!socket.open() || client_.open()) return false;
  client_ = std::move(socket);
  greeted_ = false;
  stub_.attach();
  return true;
}

bool GdbConnection::read() {
  if (!client_.open()) return false;
  std::array<std::uint8_t, 4096> bytes;
  const ssize_t got = ::recv(client_.fd(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return false;
  if (got <= 0 || (!greeted_ && !of_protocol(bytes[0]))) {
    part();
    return false;
  }
  greeted_ = ever_greeted_ = true;
  stub_.receive(std::span(bytes.data(), static_cast<std::size_t>(got)));
  send();
  return client_.open();
}

void GdbConnection::send() {
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
  if (client_.open() && stub_.client() != GdbStub::Client::kAttached) part();
}

// The stub forgets it when the owner calls GdbStub::leave(), behind what the machine does for it now.
void GdbConnection::part() { client_.close(); }

bool GdbConnection::wants_break() {
  if (!open()) return stub_.moving() || stub_.busy();
  while (read()) {
  }
  return !open() || stub_.break_asked();
}

}  // namespace ringside
