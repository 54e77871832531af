// The machine's thread. The window posts jobs and asks questions; the thread does the jobs between two slices of
// the guest's execution and publishes answers as immutable values. Nothing of the machine is touched from outside.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "debugger/gdb_shared.h"
#include "debugger/inspect/session.h"

namespace ringside {

enum class Speed : std::uint8_t {
  kFull,      ///< as fast as the host can; only a halted guest waits for the clock on the wall
  kRealTime,  ///< a guest second is a second
  kSlow,      ///< so many instructions a second, to watch them
};

/// What the window needs in every frame, copied whole.
struct EngineStatus {
  bool running = false;
  bool busy = false;             ///< looking for a place in time
  bool halted = false;
  bool can_go_back = false;
  bool in_past = false;
  bool ask_new_future = false;   ///< an input was held back; see Session::start_new_future
  bool typing = false;
  unsigned cpl = 0;
  Moment moment, end;
  Tick begin = 0;
  std::uint64_t instructions = 0;
  std::uint64_t nanoseconds = 0; ///< guest time
  double mips = 0;
  std::uint32_t code_linear = 0; ///< CS base + EIP
  std::string mode;
  std::string stop;              ///< why it stands, in words
  bool died = false;             ///< triple fault, or halted for ever
  bool gdb = false;              ///< a gdb is attached
  std::string recording;         ///< file that is being recorded to; empty: none
  Tick replay_end = 0;           ///< where the recording that is replayed ends; 0: none is
  std::string message;           ///< the last thing that went wrong, for people
  std::uint64_t message_number = 0;
  std::uint64_t stops = 0;       ///< grows with every stop
};

class Engine {
 public:
  using Job = std::function<void(Session&)>;
  using Query = std::function<std::shared_ptr<const void>(Session&)>;

  /// Builds the machine in the caller's thread, so that what is wrong with its configuration is thrown here. `gdb`: where
  /// gdb may connect; empty: nowhere.
  Engine(const MachineConfig& config, const SessionOptions& options, const std::string& gdb = "");
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  EngineStatus status() const;
  /// As gdb's `target remote` takes it; empty: nobody listens.
  std::string gdb_address() const { return gdb_ != nullptr ? gdb_->address() : ""; }
  /// Grows whenever there is something to show that was not there before: an answer, a stop, a message; and ten times
  /// a second while the machine runs.
  std::uint64_t news() const { return news_; }

  // --- Running -------------------------------------------------------------------------------------------
  void run();
  void pause();
  void act(RunAction action, std::uint32_t address = 0);
  /// Runs, with the machine in view, until this is met or anything else stops; and back to the last time.
  void run_to(const StopPointSpec& spec);
  void run_back_to(const StopPointSpec& spec);
  void travel(Moment moment);
  void set_speed(Speed speed, double slow_rate);
  void power_cycle();
  /// Another machine: what `change` does to the session. Where it throws, the old one stays.
  void replace(std::function<void(Session&)> change, const std::string& what);
  /// Done between two slices; what it throws becomes the status's message. `stands`: the machine was changed by
  /// hand, so all answers are stale.
  void post(Job job);
  /// Input from people goes the same way, and is held back while it would end a known future.
  void input(std::function<bool(Session&)> job);
  void accept_new_future();
  /// The other answer: travels to the end of what is known.
  void return_to_end();

  // --- Looking -------------------------------------------------------------------------------------------
  struct Answer {
    std::shared_ptr<const void> value;  ///< null until the first answer
    std::uint64_t number = 0;           ///< another one with every answer, of whatever slot
    std::uint64_t stop = 0;             ///< EngineStatus::stops when it was given
    bool running = false;
  };
  /// To be called before the questions of a frame: what was not asked for in many frames is forgotten.
  void begin_frame();
  /// The last answer of a question, to be asked again in every frame; `key` says which question it is: another key asks
  /// anew. `every_frame`: at display rate. A question may answer null: nothing has changed.
  Answer ask(const void* slot, const std::string& key, const Query& query, bool every_frame = false);
  /// Marks all questions as to be answered anew.
  void refresh();

  /// For tests: waits until the jobs posted so far are done and the questions answered. Milliseconds.
  bool settle(int timeout);

 private:
  using Clock = std::chrono::steady_clock;
  struct Slot {
    std::string key;
    Query query;
    bool every_frame = false;
    bool stale = true;
    Answer answer;
    std::uint64_t asked = 0;  ///< in which frame
    Clock::duration cost{};
    Clock::time_point answered{};
  };

  void loop();
  void start();
  void do_jobs(std::unique_lock<std::mutex>& lock);
  void run_one_slice();
  void pace(Tick before, std::uint64_t instructions_before, Clock::time_point began);
  void wait_for_the_wall();
  void adapt_slice(Tick ticks, Clock::duration took);
  void publish_status();
  /// True where one of them says something new.
  bool answer_questions(bool all);
  void stand(const Stop& stop);
  void say(const std::string& message);
  void set_interruptible(Debugger* debugger);
  void interrupt();
  void wake();
  void change_machine(const std::function<void(Session&)>& change, Session& session);
  void stop_running(const std::string& why);
  void serve_gdb();
  void do_for_gdb();
  void move_for_gdb();

  std::unique_ptr<Session> session_;  // the thread's own
  std::unique_ptr<SharedGdb> gdb_;    // likewise, but for wake() and address()

  mutable std::mutex mutex_;
  std::condition_variable wake_, settled_;
  std::deque<Job> jobs_;
  std::map<const void*, Slot> slots_;
  std::uint64_t frame_ = 0;
  std::atomic<std::uint64_t> news_{0};
  EngineStatus status_;
  std::atomic<bool> pause_wanted_{false};
  std::mutex interrupt_mutex_;
  Debugger* interruptible_ = nullptr;  // while it runs
  bool quit_ = false;
  bool idle_ = false;

  // The thread's own, too.
  bool running_ = false;
  bool ask_new_future_ = false;
  std::uint64_t stops_ = 1;
  std::optional<Stop> stop_;  ///< where it stands now, if it stopped by itself
  std::string stop_text_ = "powered on; nothing has run yet";
  std::string message_;
  std::uint64_t message_number_ = 0;
  bool died_ = false;
  std::uint64_t answers_ = 0;
  Speed speed_ = Speed::kFull;
  double slow_rate_ = 10;
  Tick slice_ = 100'000;
  double ahead_ns_ = 0;  ///< guest time that came too early
  Clock::time_point last_frame_{}, last_refresh_{}, mips_since_{};
  Clock::duration refresh_cost_{};
  std::uint64_t mips_instructions_ = 0;
  double mips_ = 0;

  std::thread thread_;
};

/// A question with its type. Where the question answers with a shared pointer, null says that nothing has changed.
template <typename T>
class Probe {
 public:
  template <typename F>
  std::shared_ptr<const T> ask(Engine& engine, const std::string& key, F&& question, bool every_frame = false) {
    answer_ = engine.ask(this, key,
                         [question](Session& session) -> std::shared_ptr<const void> {
                           if constexpr (std::is_convertible_v<decltype(question(session)), std::shared_ptr<const T>>) {
                             return question(session);
                           } else {
                             return std::make_shared<const T>(question(session));
                           }
                         },
                         every_frame);
    return std::static_pointer_cast<const T>(answer_.value);
  }
  const Engine::Answer& answer() const { return answer_; }
  std::shared_ptr<const T> last() const { return std::static_pointer_cast<const T>(answer_.value); }

 private:
  Engine::Answer answer_;
};

}  // namespace ringside
