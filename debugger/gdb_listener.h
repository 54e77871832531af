// Where gdb connects: a TCP port, of the loopback interface unless told otherwise, or a Unix socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace ringside {

/// A file descriptor that is closed.
class Socket {
 public:
  explicit Socket(int fd = -1) : fd_(fd) {}
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Socket& operator=(Socket&& other) noexcept;
  int fd() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void close();

 private:
  int fd_;
};

class GdbListener {
 public:
  /// `[HOST:]PORT` or `unix:PATH`; port 0 is one that the system chooses. Throws ConfigError, naming --gdb.
  explicit GdbListener(const std::string& where);
  ~GdbListener();
  GdbListener(const GdbListener&) = delete;
  GdbListener& operator=(const GdbListener&) = delete;

  /// A client that is waiting, or none. Never waits.
  Socket accept();
  /// As gdb's `target remote` takes it: "127.0.0.1:1234", or a path.
  const std::string& address() const { return address_; }
  int fd() const { return socket_.fd(); }

 private:
  void listen_tcp(const std::string& where);
  void listen_unix(const std::string& path);

  Socket socket_;
  std::string address_;
  std::string path_;  ///< of a Unix socket, to be removed
};

/// Waits until one of them has something to read, or an end, or the time is over.
void wait_readable(std::span<const int> descriptors, int milliseconds);

}  // namespace ringside
