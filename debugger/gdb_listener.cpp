#include "debugger/gdb_listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "machine/errors.h"

namespace ringside {
namespace {

[[noreturn]] void fail(const std::string& where, const std::string& why) { throw ConfigError("--gdb " + where + ": " + why); }

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK); }

/// Of a socket that is bound, as numbers.
std::string name_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
  const bool six = address.ss_family == AF_INET6;
  return (six ? "[" : "") + std::string(host) + (six ? "]:" : ":") + port;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

void Socket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

GdbListener::GdbListener(const std::string& where) {
  if (where.starts_with("unix:")) {
    listen_unix(where.substr(5));
  } else {
    listen_tcp(where);
  }
  set_nonblocking(socket_.fd());
  fcntl(socket_.fd(), F_SETFD, FD_CLOEXEC);
  if (::listen(socket_.fd(), 1) != 0) fail(where, std::strerror(errno));
}

GdbListener::~GdbListener() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void GdbListener::listen_tcp(const std::string& where) {
  const std::size_t colon = where.rfind(':');
  const std::string port = colon == std::string::npos ? where : where.substr(colon + 1);
  std::string host = colon == std::string::npos ? "127.0.0.1" : where.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos || std::stoi(port) > 65535)
    fail(where, "'" + port + "' is no port; it takes [HOST:]PORT or unix:PATH");
  if (host.empty()) fail(where, "HOST is empty; 0.0.0.0 is every interface");

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list); error != 0) fail(where, gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  int reason = 0;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    Socket socket(::socket(a->ai_family, a->ai_socktype, a->ai_protocol));
    const int on = 1;
    if (socket.open()) setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (socket.open() && bind(socket.fd(), a->ai_addr, a->ai_addrlen) == 0) {
      socket_ = std::move(socket);
      address_ = name_of(socket_.fd());
      return;
    }
    reason = errno;
  }
  fail(where, std::strerror(reason));
}

// A socket that a run which was killed has left behind is taken over; anything else of that name is not touched.
void GdbListener::listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) fail("unix:" + path, "a path of 1 to 107 bytes is needed");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const auto* name = reinterpret_cast<const sockaddr*>(&address);
  socket_ = Socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  int result = bind(socket_.fd(), name, sizeof(address));
  if (result != 0 && errno == EADDRINUSE) {
    struct stat status{};
    const Socket probe(::socket(AF_UNIX, SOCK_STREAM, 0));
    const bool stale = stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode) &&
                       connect(probe.fd(), name, sizeof(address)) != 0 && errno == ECONNREFUSED;
    if (!stale) fail("unix:" + path, "there is such a file, or somebody listens there");
    ::unlink(path.c_str());
    result = bind(socket_.fd(), name, sizeof(address));
  }
  if (result != 0) fail("unix:" + path, std::strerror(errno));
  path_ = address_ = path;
}

Socket GdbListener::accept() {
  Socket client(::accept(socket_.fd(), nullptr, nullptr));
  if (!client.open()) return client;
  set_nonblocking(client.fd());
  fcntl(client.fd(), F_SETFD, FD_CLOEXEC);
  const int on = 1;
  setsockopt(client.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // of a Unix socket: refused, and not needed
  return client;
}

void wait_readable(std::span<const int> descriptors, int milliseconds) {
  std::vector<pollfd> list;
  for (const int fd : descriptors) list.push_back({.fd = fd, .events = POLLIN, .revents = 0});
  ::poll(list.data(), list.size(), milliseconds);
}

}  // namespace ringside
