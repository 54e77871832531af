// GDB's remote protocol as a face of class Debugger: packets in, packets out, no sockets.
//
// The machine moves only in move(), so that whoever owns it decides when. While the client waits for a stop, what it
// sends is kept back, but for the byte 03h. Points of the client exist in the debugger while the machine moves for it;
// gdb takes its breakpoints away at every stop, and that costs nothing here.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "debugger/commands.h"
#include "debugger/debugger.h"
#include "debugger/gdb_memory.h"
#include "debugger/gdb_packets.h"

namespace ringside {

class GdbStub {
 public:
  /// `refusal_of_edits`: why the client may not change registers and memory; empty: it may. That begins a new history, and
  /// no recording knows it.
  explicit GdbStub(Debugger& debugger, std::string refusal_of_edits = {});
  ~GdbStub();
  GdbStub(const GdbStub&) = delete;
  GdbStub& operator=(const GdbStub&) = delete;

  enum class Client : std::uint8_t { kNone, kAttached, kDetached, kKilled };

  /// A client is there; the machine stands. Nothing of an earlier one is left.
  void attach();
  /// It is gone, in whatever way.
  void leave();
  Client client() const { return client_; }

  void receive(std::span<const std::uint8_t> bytes);
  /// What is to be sent; empties it.
  std::string take_output() { return std::exchange(output_, {}); }

  /// The client waits for the machine to move and to stop.
  bool moving() const { return motion_.has_value(); }
  /// A packet is being answered; what comes meanwhile waits.
  bool busy() const { return busy_; }
  /// ... to run on, rather than to make a step or to go back.
  bool continuing() const { return motion_ == Motion::kContinue; }
  /// Does so: a continuation up to `limit`, everything else as a whole.
  Stop move(Tick limit);
  /// Somebody else has moved the machine for a client that waits, until this.
  void stopped(const Stop& stop);
  /// The client has changed registers, memory or points, or moved the machine, since this was asked last.
  bool take_changed() { return std::exchange(changed_, false); }
  void set_refusal_of_edits(const std::string& reason) { refusal_ = reason; }
  /// True once the client has asked for a running machine to stop, for Debugger::set_poll.
  bool break_asked() const { return break_; }
  /// The whole run is over.
  void exited(int code);

  /// The debugger goes away; and another one comes in its place, for the same client. Nothing else in between.
  void release();
  void take(Debugger& debugger);

  static constexpr std::size_t kMaxPoints = 65'536;

 private:
  enum class Motion : std::uint8_t { kContinue, kStep, kRange, kContinueBack, kStepBack };
  /// Type, address and size as Z and z packets have them.
  using PointKey = std::tuple<unsigned, std::uint64_t, std::uint64_t>;

  void reply(std::string_view text);
  void error(unsigned number);
  void refuse_edit();
  void console(const std::string& text);
  void handle_events();
  void packet(const std::string& text);
  // gdb_stub.cpp
  void resume(std::string_view words);
  void resume_old(char how, std::string_view words);
  void begin_motion(Motion motion);
  Stop step_range();
  void sync_points();
  void stop_reply(const Stop& stop);
  std::string stop_text(const Stop& stop);
  std::string hit_text(const Hit& hit) const;
  void point(bool insert, std::string_view words);
  void begin_edit();
  void end_of_edits();
  // gdb_queries.cpp
  void query(std::string_view words);
  bool simple_query(std::string_view words);
  void supported();
  void transfer(std::string_view words);
  void monitor(std::string_view hex);
  void registers(const std::string& text);
  void memory(const std::string& text);
  bool may_edit() const { return refusal_.empty(); }

  Debugger* debugger_;
  std::unique_ptr<Commands> commands_;
  std::string refusal_;      ///< of changes by hand
  bool tell_refusal_ = false;
  Client client_ = Client::kNone;
  GdbPackets packets_;
  std::vector<GdbPackets::Event> fresh_;
  std::deque<GdbPackets::Event> waiting_;
  std::string output_, last_frame_;
  bool acknowledge_ = true;
  gdb::MemorySpace space_ = gdb::MemorySpace::kLinear;
  std::optional<Motion> motion_;
  std::uint32_t range_begin_ = 0, range_end_ = 0;
  bool break_ = false;
  bool busy_ = false;
  bool edited_ = false;
  bool changed_ = false;
  std::string last_stop_;
  std::map<PointKey, bool> wanted_;
  std::map<PointKey, int> set_;  ///< those that the debugger has
};

}  // namespace ringside
